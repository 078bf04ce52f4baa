"""Each verb: what goes out, and what the answer becomes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.helpers.clients import OFFERS, SELECTS, Conversing, fired, flag_lines
from twisted_imapc.client import (
    Alert,
    Bad,
    ConnectionGone,
    MailboxInfo,
    MalformedAnswer,
    MessageGone,
    No,
    NotFound,
    Numbers,
    Raw,
    SearchResult,
    Stale,
    Status,
    Stored,
    UIDSet,
    Unsupported,
)

OLD = b"IMAP4rev1"


def ask(talk: Any, call: Any, before: bytes = b"", tail: bytes = b"OK done") -> tuple[Any, Any]:
    """The line that goes out, and the outcome."""
    firings = fired(call(talk.client))
    lines = talk.answer(before, tail)
    return lines[-1] if lines else None, firings[0] if firings else None


# ---- Mailboxes ---------------------------------------------------------------


def test_select(talk: Any) -> None:
    mailbox = talk.client.mailbox
    assert (mailbox.name, mailbox.exists, mailbox.recent, mailbox.uidNext) == ("INBOX", 3, 0, 10)
    assert (mailbox.uidValidity, mailbox.readOnly, mailbox.selected) == (7, False, True)
    assert mailbox.flags == {"\\Answered", "\\Seen"}
    assert (mailbox.permanentFlags, mailbox.anyFlag) == ({"\\Seen"}, True)
    assert talk.client.state == "selected"
    line, same = ask(talk, lambda c: c.select("Entwürfe", readOnly=True, condstore=True))
    assert line == b"EXAMINE Entw&APw-rfe (CONDSTORE)"
    assert same is talk.client.mailbox and same.readOnly and not mailbox.selected


def test_a_select_that_fails_leaves_nothing_selected(talk: Any) -> None:
    mailbox = talk.client.mailbox
    _, outcome = ask(talk, lambda c: c.select("x"), tail=b"NO [NONEXISTENT] no such mailbox")
    assert isinstance(outcome, NotFound)
    assert str(outcome) == 'SELECT "x": NO [NONEXISTENT] no such mailbox'
    assert talk.client.mailbox is None and not mailbox.selected
    assert talk.client.state == "authenticated"


def test_what_comes_before_closed_is_the_old_mailboxs(talk: Any) -> None:
    events: list[Any] = []
    talk.client.listen(events.append)
    old = talk.client.mailbox
    before = b"* 4 EXISTS\r\n* 2 EXPUNGE\r\n* OK [CLOSED] x\r\n" + SELECTS % (8, 90)
    _, new = ask(talk, lambda c: c.select("x"), before)
    assert (old.exists, new.exists, new.uidNext) == (3, 8, 90)
    assert [type(event).__name__ for event in events] == ["Exists", "Expunged"]


def test_alerts_during_select_are_told(talk: Any) -> None:
    events: list[Any] = []
    talk.client.listen(events.append, Alert)
    ask(talk, lambda c: c.select("x"), b"* OK [ALERT] Disk failing\r\n")
    assert events == [Alert("Disk failing")]


def test_unselect(talk: Any) -> None:
    assert ask(talk, lambda c: c.unselect()) == (b"UNSELECT", None)
    assert talk.client.mailbox is None and talk.client.state == "authenticated"
    talk.select()
    assert ask(talk, lambda c: c.unselect(expunge=True)) == (b"CLOSE", None)


def test_unselect_where_there_is_none() -> None:
    talk = Conversing(OLD)
    talk.select()
    line, outcome = ask(talk, lambda c: c.unselect())
    assert line is None and isinstance(outcome, Unsupported)
    assert (outcome.capability, talk.client.state) == ("UNSELECT", "selected")


def test_newest(talk: Any) -> None:
    assert str(talk.client.mailbox.newest(2)) == "2:3"
    assert str(talk.client.mailbox.newest(9)) == "1:3"


STATUSES = b'* STATUS %b (MESSAGES 3 UNSEEN 1 SIZE 99 APPENDLIMIT NIL MAILBOXID (Fx) X-NEW "a")\r\n'


def test_status(talk: Any) -> None:
    line, outcome = ask(talk, lambda c: c.status("Old mail", "messages"), STATUSES % b'"Old mail"')
    assert line == b'STATUS "Old mail" (MESSAGES)'
    assert outcome == Status(
        "Old mail", messages=3, unseen=1, size=99, mailboxId="Fx", others={"X-NEW": "a"}
    )
    line, _ = ask(talk, lambda c: c.status("x"))
    assert line == b"STATUS x (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"


def test_statuses_are_told_apart_by_name(talk: Any) -> None:
    firings = [fired(talk.client.status(name, "MESSAGES")) for name in ("a", "b", "inbox")]
    tags = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(
        b"* STATUS INBOX (MESSAGES 3)\r\n* STATUS b (MESSAGES 2)\r\n* STATUS a (MESSAGES 1)\r\n"
    )
    talk.say(b"".join(tag + b" OK x\r\n" for tag in reversed(tags)))
    assert [(one[0].name, one[0].messages) for one in firings] == [("a", 1), ("b", 2), ("inbox", 3)]


LISTS = (
    b'* LIST (\\HasChildren \\Subscribed) "/" Work\r\n'
    b'* LIST (\\sent \\hasnochildren) "/" "Sent mail"\r\n'
    b'* LIST (\\NonExistent) NIL Gone (CHILDINFO ("SUBSCRIBED"))\r\n'
)


def test_list(talk: Any) -> None:
    line, outcome = ask(talk, lambda c: c.list(), LISTS)
    assert line == b'LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)'
    work, sent, gone = outcome
    assert (work.name, work.delimiter, work.children, work.subscribed) == ("Work", "/", True, True)
    assert (sent.specialUse, sent.children, sent.subscribed) == ("\\Sent", False, False)
    assert (gone.selectable, gone.delimiter, gone.children) == (False, None, None)
    assert gone.extended == {"CHILDINFO": ("SUBSCRIBED",)}
    line, _ = ask(talk, lambda c: c.list("%", "a/", subscribed=True))
    assert line == b'LIST (SUBSCRIBED) "a/" "%" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)'


def test_a_status_by_another_name_is_no_answer_for_who_has_one(talk: Any) -> None:
    """The server has its own way of writing the second name, and nobody asks for c."""
    firings = [fired(talk.client.status(name, "MESSAGES")) for name in ("a", "b/")]
    events: list[Any] = []
    talk.client.listen(events.append)
    talk.answer(
        b"* STATUS a (MESSAGES 1)\r\n* STATUS b (MESSAGES 2)\r\n* STATUS c (MESSAGES 3)\r\n"
    )
    assert [one[0].messages for one in firings] == [1, 2]
    assert [(one.status.name, one.status.messages) for one in events] == [("c", 3)]


def test_list_with_status(talk: Any) -> None:
    before = LISTS + b"* STATUS Work (MESSAGES 7)\r\n"
    line, outcome = ask(talk, lambda c: c.list(status=["messages"]), before)
    assert line is not None and line.endswith(b"SPECIAL-USE STATUS (MESSAGES))")
    assert [one.status and one.status.messages for one in outcome] == [7, None, None]


def test_list_of_an_old_server() -> None:
    talk = Conversing(OLD)
    lines = b'* LSUB () "/" a\r\n'
    line, outcome = ask(talk, lambda c: c.list(subscribed=True), lines)
    assert line == b'LSUB "" "*"'
    assert outcome == [MailboxInfo("a", "/", frozenset(), subscribed=True)]
    assert ask(talk, lambda c: c.list(), b"* LIST () NIL a\r\n")[1][0].subscribed is None


def test_status_of_an_old_server_is_asked_one_by_one() -> None:
    talk = Conversing(OLD)
    firings = fired(talk.client.list(status=["MESSAGES"]))
    talk.answer(b'* LIST () "/" a\r\n* LIST (\\Noselect) "/" b\r\n* LIST () "/" c\r\n')
    assert talk.answer(b"* STATUS c (MESSAGES 3)\r\n* STATUS a (MESSAGES 1)\r\n") == [
        b"STATUS a (MESSAGES)",
        b"STATUS c (MESSAGES)",
    ]
    assert [one.status and one.status.messages for one in firings[0]] == [1, None, 3]


@pytest.mark.parametrize("status", [b"NO [NOPERM] no", b"BAD no"])
def test_a_status_that_is_refused_costs_no_list(status: bytes) -> None:
    talk = Conversing(OLD)
    firings = fired(talk.client.list(status=["MESSAGES"]))
    # Nobody can ask for the last of these.
    talk.answer(b'* LIST () "/" a\r\n* LIST () "/" b\r\n* LIST () "/" {2}\r\nc\0\r\n')
    a, b = talk.heard()
    talk.say(b"%b %b\r\n* STATUS b (MESSAGES 3)\r\n%b OK\r\n" % (a[:4], status, b[:4]))
    assert [one.name for one in firings[0]] == ["a", "b", "c\0"]
    assert [one.status and one.status.messages for one in firings[0]] == [None, 3, None]


def test_a_loss_costs_a_list_with_status() -> None:
    talk = Conversing(OLD)
    firings = fired(talk.client.list(status=["MESSAGES"]))
    talk.answer(b'* LIST () "/" a\r\n* LIST () "/" b\r\n')
    talk.say(b"* STATUS a (MESSAGES 3)\r\n%b OK\r\n" % talk.heard()[0][:4])
    talk.lose()
    assert isinstance(firings[0], ConnectionGone)
    assert [one.status.messages for one in firings[0].result] == [3]


# ---- Messages ----------------------------------------------------------------


def test_search(talk: Any) -> None:
    before = b'* ESEARCH (TAG "%b") UID ALL 2,4:7\r\n'
    firings = fired(talk.client.search("SINCE", date(2024, 1, 1), "UNSEEN"))
    (line,) = talk.heard()
    tag, _, rest = line.partition(b" ")
    assert rest == b"UID SEARCH RETURN (ALL) SINCE 1-Jan-2024 UNSEEN"
    talk.say(before % tag + tag + b" OK done\r\n")
    assert firings == [UIDSet("2,4:7")]


def test_searches_are_told_apart_by_tag(talk: Any) -> None:
    firings = [fired(talk.client.search(word)) for word in ("SEEN", "UNSEEN")]
    one, other = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(b'* ESEARCH (TAG "%b") UID ALL 9\r\n* ESEARCH (TAG "%b") UID\r\n' % (other, one))
    talk.say(b"%b OK x\r\n%b OK x\r\n" % (other, one))
    assert firings == [[UIDSet()], [UIDSet([9])]]


def test_what_search_returns(talk: Any) -> None:
    firings = fired(talk.client.search("ALL", returning=["min", "MAX", "COUNT"]))
    (line,) = talk.heard()
    tag = line.split(b" ")[0]
    assert line.endswith(b"RETURN (MIN MAX COUNT) ALL")
    talk.say(b'* ESEARCH (TAG "%b") UID MIN 2 MAX 9 COUNT 4 MODSEQ 77\r\n%b OK x\r\n' % (tag, tag))
    assert firings == [SearchResult(None, 2, 9, 4, None, 77)]
    line, outcome = ask(talk, lambda c: c.search(returning=["SAVE"]))
    assert isinstance(outcome, Unsupported) and line is None
    with pytest.raises(ValueError):
        talk.client.search("ALL", returning=["EVERYTHING"])
    with pytest.raises(TypeError):
        talk.client.search("ALL", returning="ALL")


def test_search_of_an_old_server() -> None:
    talk = Conversing(OLD)
    line, outcome = ask(talk, lambda c: c.search("SEEN"), b"* SEARCH 9 2 3\r\n* SEARCH 4\r\n")
    assert (line, outcome) == (b"UID SEARCH SEEN", UIDSet("2:4,9"))
    _, outcome = ask(talk, lambda c: c.search("SEEN", returning=["MIN"]))
    assert isinstance(outcome, Unsupported)


@pytest.mark.parametrize("offers", [OFFERS, OLD])
def test_a_search_of_a_long_set_is_several(offers: bytes) -> None:
    talk = Conversing(offers, maxCommandLength=200)
    firings = fired(talk.client.search("UNSEEN", UIDSet(range(1, 201, 2))))
    asked = UIDSet()
    while lines := talk.heard():
        for line in lines:
            tag, _, rest = line.partition(b" ")
            before, _, text = rest.partition(b" UNSEEN UID ")
            assert len(line) <= 200
            asked |= UIDSet(text.decode())
            found = str(UIDSet(text.decode()).first).encode()
            if before == b"UID SEARCH":
                talk.say(b"* SEARCH %b\r\n" % found)
            else:
                assert before == b"UID SEARCH RETURN (ALL)"
                talk.say(b'* ESEARCH (TAG "%b") UID ALL %b\r\n' % (tag, found))
            talk.say(tag + b" OK done\r\n")
    assert asked == UIDSet(range(1, 201, 2))
    assert firings[0] - asked == UIDSet() and 3 < len(firings[0]) < 10


def test_a_search_in_parts_fails_with_the_first_that_fails(talk: Any) -> None:
    talk.client.maxCommandLength = 200
    firings = fired(talk.client.search(UIDSet(range(1, 201, 2))))
    talk.answer(tail=b"NO [INUSE] not now")
    assert isinstance(firings[0], No) and firings[0].code == "INUSE"


def test_a_search_reads_an_iterator_once(talk: Any) -> None:
    line, _ = ask(
        talk,
        lambda c: c.search(
            "UID", (uid for uid in (1, 2, 4)), "NOT", ["UID", iter([9])], Raw("X-NEW", iter([5]))
        ),
    )
    assert line is not None and line.endswith(b" UID 1:2,4 NOT (UID 9) X-NEW 5")


def test_what_is_returned_may_be_an_iterator(talk: Any) -> None:
    line, _ = ask(talk, lambda c: c.search(Numbers(7), returning=iter(["MIN", "MAX"])))
    assert line == b"UID SEARCH RETURN (MIN MAX) 7"


def test_a_search_that_cannot_be_split_goes_out_as_it_is(talk: Any) -> None:
    """Servers that take more than maxCommandLength are many."""
    talk.client.maxCommandLength = 200
    odd = UIDSet(range(1, 201, 2))
    for call in (
        lambda c: c.search("NOT", odd),
        lambda c: c.search(odd, returning=["COUNT"]),
        lambda c: c.search(odd, returning=[]),
    ):
        line, _ = ask(talk, call)
        assert str(odd).encode() in line
    with pytest.raises(ValueError):
        talk.client.search(odd, "NO SUCH KEY")
    assert talk.heard() == []


def test_a_literal_waits_for_its_plus() -> None:
    talk = Conversing(OLD)
    firings = fired(talk.client.search("SUBJECT", "jörg", "SEEN"))
    talk.client.noop()
    assert talk.heard() == [b"0001 UID SEARCH CHARSET UTF-8 SUBJECT {5}"]
    talk.say(b"+ go\r\n")
    assert talk.heard() == [b"j\xc3\xb6rg SEEN", b"0002 NOOP"]
    talk.say(b"* SEARCH 7\r\n0001 OK x\r\n")
    assert firings == [UIDSet([7])]


def test_a_literal_that_is_refused() -> None:
    talk = Conversing(OLD)
    firings = fired(talk.client.search("SUBJECT", "jörg"))
    talk.client.noop()
    talk.heard()
    talk.say(b"0001 NO [BADCHARSET (US-ASCII)] no\r\n")
    assert isinstance(firings[0], No) and firings[0].code == "BADCHARSET"
    assert firings[0].arguments == (("US-ASCII",),)
    assert talk.heard() == [b"0002 NOOP"]


def test_store(talk: Any) -> None:
    line, outcome = ask(talk, lambda c: c.store([1, 2, 7], add=["\\Seen", "x"]))
    assert line == b"UID STORE 1:2,7 +FLAGS.SILENT (\\Seen x)"
    assert outcome == Stored({}, UIDSet())
    line, _ = ask(talk, lambda c: c.store(1, remove=[], item="X-GM-LABELS"))
    assert line == b"UID STORE 1 -X-GM-LABELS.SILENT ()"
    line, outcome = ask(
        talk, lambda c: c.store("1:3", replace=["a"], silent=False), flag_lines(range(1, 4), b"a")
    )
    assert line == b"UID STORE 1:3 FLAGS (a)"
    assert [(uid, one.flags) for uid, one in outcome.messages.items()] == [
        (uid, {"a"}) for uid in (1, 2, 3)
    ]


def test_store_that_finds_changes(talk: Any) -> None:
    line, outcome = ask(
        talk,
        lambda c: c.store("1:9", add=["a"], unchangedSince=77),
        b"* 1 FETCH (UID 1 MODSEQ (80))\r\n",
        b"OK [MODIFIED 7,9] done",
    )
    assert line == b"UID STORE 1:9 (UNCHANGEDSINCE 77) +FLAGS.SILENT (a)"
    assert outcome == Stored({}, UIDSet([7, 9]))


def test_long_sets_are_split() -> None:
    talk = Conversing(maxCommandLength=200)
    talk.select()
    uids = range(1, 400, 2)
    firings = fired(talk.client.store(uids, add=["x"], unchangedSince=1))
    parts: list[bytes] = []
    while not firings:
        parts += talk.answer(tail=b"OK [MODIFIED %d] x" % (len(parts) + 1))
    assert len(parts) > 5 and all(len(part) <= 200 for part in parts)
    asked = UIDSet(b",".join(part.split(b" ")[2] for part in parts).decode())
    assert asked == UIDSet(uids)
    assert firings[0].modified == UIDSet(range(1, len(parts) + 1))


def test_what_another_does_during_a_silent_store_is_told(talk: Any) -> None:
    events: list[Any] = []
    talk.client.listen(events.append)
    for messages in ("1:3", Numbers("1:3")):
        _, outcome = ask(
            talk,
            lambda c, m=messages: c.store(m, add=["a"], unchangedSince=9),
            b"* 1 FETCH (UID 1 MODSEQ (12))\r\n"
            b"* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (13))\r\n"
            b"* 3 FETCH (UID 3 MODSEQ (14))\r\n",
        )
        assert outcome == Stored({}, UIDSet())
        (event,) = events
        assert (event.message.uid, event.message.flags) == (2, {"\\Seen"})
        events.clear()


@pytest.mark.parametrize("goes", ["first", "last", "lost"])
def test_a_store_in_parts_of_which_one_fails(goes: str) -> None:
    """What the others gave is no secret."""
    talk = Conversing(maxCommandLength=110)
    talk.select()
    firings = fired(talk.client.store(range(1, 21, 2), add=["x"], silent=False, unchangedSince=5))
    (line,) = talk.heard()
    refusal = b"%b NO [EXPUNGEISSUED] x\r\n"
    tail = refusal if goes == "first" else b"%b OK [MODIFIED 1] x\r\n"
    talk.say(flag_lines([3]) + tail % line[:4])
    assert firings == []
    (line,) = talk.heard()
    if goes == "lost":
        talk.lose()
    else:
        tail = refusal if goes == "last" else b"%b OK [MODIFIED 19] x\r\n"
        talk.say(flag_lines([17]) + tail % line[:4])
    (error,) = firings
    assert isinstance(error, ConnectionGone if goes == "lost" else MessageGone)
    assert list(error.result.messages) == ([17] if goes == "first" else [3])
    assert error.result.modified == UIDSet([19] if goes == "first" else [1])


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"add": ["x"], "remove": ["x"]},
        {"add": "Seen"},
        {"add": [7]},
    ],
)
def test_store_wants_one_list_of_flags(talk: Any, arguments: Any) -> None:
    with pytest.raises(TypeError):
        talk.client.store(1, **arguments)
    assert talk.heard() == []


@pytest.mark.parametrize("flag", ["a b", "", "a\r\nb", "(", "é", "\\", "a\\b"])
def test_what_is_no_flag(talk: Any, flag: str) -> None:
    with pytest.raises(ValueError):
        talk.client.store(1, add=[flag])
    with pytest.raises(ValueError):
        talk.client.store(1, add=["x"], item="FLAGS (x)")
    assert talk.heard() == []


def test_nothing_is_sent_for_no_messages(talk: Any) -> None:
    assert fired(talk.client.store([], add=["x"])) == [Stored({}, UIDSet())]
    assert fired(talk.client.fetch([], "FLAGS").all()) == [[]]
    assert talk.heard() == []


def test_numbers_are_stale_behind_an_expunge(talk: Any) -> None:
    """Also where the EXPUNGE comes while the command waits in the queue."""
    old = Numbers("1:2")
    talk.say(b"* 1 EXPUNGE\r\n")
    for call in (
        lambda c: c.store(old, add=["x"]),
        lambda c: c.search(old),
        lambda c: c.fetch(old, "FLAGS").all(),
        lambda c: c.search("NOT", (old,)),
    ):
        line, outcome = ask(talk, call)
        assert line is None and isinstance(outcome, Stale)
    talk.client.noop()
    firings = fired(talk.client.store(Numbers("1"), add=["x"]))
    assert talk.answer(b"* 1 EXPUNGE\r\n") == [b"NOOP"]
    assert talk.heard() == [] and isinstance(firings[0], Stale)
    line, _ = ask(talk, lambda c: c.store(Numbers("1"), add=["x"]))
    assert line == b"STORE 1 +FLAGS.SILENT (x)"


def test_fetch_one(talk: Any) -> None:
    _, outcome = ask(talk, lambda c: c.fetchOne(7, "FLAGS"), flag_lines([7]))
    assert outcome.uid == 7
    assert ask(talk, lambda c: c.fetchOne(8, "FLAGS"))[1] is None


# ---- What goes wrong ---------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (b"COUNT", "ESEARCH: COUNT has no value"),
        (b"COUNT x", "ESEARCH: COUNT is no number"),
        (b"MIN -1", "ESEARCH: MIN is no number"),
        (b"MAX (1 2)", "ESEARCH: MAX is no number"),
        (b"MODSEQ NIL", "ESEARCH: MODSEQ is no number"),
        (b"PARTIAL 1", "ESEARCH: PARTIAL is no list of two"),
    ],
)
def test_what_is_wrong_with_an_esearch_is_told_in_words(talk: Any, told: bytes, why: str) -> None:
    before = b'* ESEARCH (TAG "0002") UID ALL 1 %b\r\n' % told
    _, outcome = ask(talk, lambda c: c.search("SEEN"), before)
    assert isinstance(outcome, MalformedAnswer) and str(outcome) == why


def test_what_nobody_knows_in_an_esearch_is_ignored(talk: Any) -> None:
    """RFC 9051, search-return-data: later ones may have any form."""
    before = b'* ESEARCH (TAG "0002") UID RELEVANCY (4 99) X-NEW y ALL 1,3\r\n'
    assert ask(talk, lambda c: c.search("SEEN"), before)[1] == UIDSet("1,3")


@pytest.mark.parametrize(
    ("call", "wire"),
    [
        (lambda c: c.status("x"), b"* STATUS x (MESSAGES\r\n"),
        (lambda c: c.list(), b"* LIST (\r\n"),
        (lambda c: c.search("SEEN"), b"* SEARCH 1 x\r\n"),
        (lambda c: c.search("SEEN"), b'* ESEARCH (TAG "0002") UID ALL x\r\n'),
        (lambda c: c.search("SEEN"), b'* ESEARCH (TAG "0002") UID ALL\r\n'),
    ],
)
def test_a_malformed_answer_fails_its_command(talk: Any, call: Any, wire: bytes) -> None:
    _, outcome = ask(talk, call, wire)
    assert isinstance(outcome, MalformedAnswer)
    assert not talk.isLost
    assert ask(talk, lambda c: c.noop()) == (b"NOOP", None)


def test_bad(talk: Any) -> None:
    _, outcome = ask(talk, lambda c: c.noop(), tail=b"BAD " + b"x" * 600)
    assert isinstance(outcome, Bad) and (outcome.status, outcome.command) == ("BAD", "NOOP")
    assert len(str(outcome)) < 520


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.select("a\r\nb"),
        lambda c: c.status("a", "MESSAGES)"),
        lambda c: c.list("a\r\n"),
        lambda c: c.list(status=["x y"]),
        lambda c: c.search("SUBJECT", "a\r\nb"),
        lambda c: c.login("a\r\nb", "x"),
        lambda c: c.login("a", "x\0"),
        lambda c: c.fetch("1 2", "FLAGS"),
        lambda c: c.fetch(1, "FLAGS\r\n"),
        lambda c: c.fetch(1),
    ],
)
def test_nothing_breaks_out_of_its_line(talk: Any, call: Any) -> None:
    with pytest.raises(ValueError):
        call(talk.client)
    assert talk.heard() == []


@pytest.mark.parametrize("code", [b"MAILBOXID ()", b"MAILBOXID NIL", b"MAILBOXID"])
def test_a_mailbox_id_that_is_none(talk: Any, code: bytes) -> None:
    talk.say(b"* OK [%b] x\r\n" % code)
    _, done = ask(talk, lambda c: c.select("b"), b"* OK [%b] x\r\n" % code, b"OK [%b] x" % code)
    assert not talk.isLost and done.selected and done.mailboxId is None


@pytest.mark.parametrize("values", [b" 5:*", b" (1 2)", b" NIL", b" x", b""])
def test_modified_without_a_set(talk: Any, values: bytes) -> None:
    _, done = ask(
        talk,
        lambda c: c.store("1:5", add=["x"], silent=False, unchangedSince=4),
        flag_lines([1]),
        b"OK [MODIFIED%b] x" % values,
    )
    assert isinstance(done, MalformedAnswer) and b"MODIFIED" in done.wire
    assert list(done.result.messages) == [1] and not talk.isLost


def test_statuses_of_an_inbox_in_any_case(talk: Any) -> None:
    other, inbox = fired(talk.client.status("x")), fired(talk.client.status("inbox"))
    tags = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(b"* STATUS inbox (MESSAGES 7)\r\n* STATUS x (MESSAGES 1)\r\n")
    talk.say(b"".join(b"%b OK x\r\n" % tag for tag in tags))
    assert (other[0].messages, inbox[0].messages) == (1, 7)


def test_an_esearch_with_a_foreign_tag_is_no_result(talk: Any) -> None:
    _, done = ask(talk, lambda c: c.search("SEEN"), b'* ESEARCH (TAG "0FFF") UID ALL 1:9\r\n')
    assert done == UIDSet()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda c: c.search("SEEN", returning=[5]), TypeError),
        (lambda c: c.store("1", add=["x"], unchangedSince=-1), ValueError),
        (lambda c: c.store("1", add=["x"], unchangedSince="1"), TypeError),
        (lambda c: c.store("1", add=["x"], unchangedSince=2**63), ValueError),
        (lambda c: c.fetch("1", "FLAGS", changedSince=-1), ValueError),
        (lambda c: c.fetch("1", "FLAGS", changedSince=1.5), TypeError),
        (lambda c: c.fetch("1", "FLAGS", window=-1), ValueError),
        (lambda c: c.fetch("1", "FLAGS", window="1"), TypeError),
        (lambda c: c.fetchOne("1:*", "FLAGS"), TypeError),
        (lambda c: c.fetchOne([1, 2], "FLAGS"), TypeError),
        (lambda c: c.fetchOne(Numbers(1), "FLAGS"), TypeError),
        (lambda c: c.list(status="MESSAGES"), TypeError),
        (lambda c: c.listen(5), TypeError),
        (lambda c: c.listen(print, 5), TypeError),
        (lambda c: c.events("Exists"), TypeError),
        (lambda c: c.authenticate("PLAIN"), TypeError),
        (lambda c: c.authenticate(None), TypeError),
        (lambda c: c.authenticate(Called("X\r\n1 NOOP")), ValueError),
        (lambda c: c.authenticate(Called("")), ValueError),
        (lambda c: c.authenticate(Called(b"PLAIN")), TypeError),
        (lambda c: c.login("joe", token=5), TypeError),
        (lambda c: c.login("joe", token=b"tok"), TypeError),
    ],
)
def test_what_is_no_argument_is_said_at_once(talk: Any, call: Any, kind: Any) -> None:
    with pytest.raises(kind):
        call(talk.client)
    assert talk.heard() == []


class Called:
    """A mechanism of this name."""

    initial = None

    def __init__(self, name: Any) -> None:
        self.name = name


def test_the_newest_of_one_mailbox_are_none_of_another(talk: Any) -> None:
    newest = talk.client.mailbox.newest(1)
    talk.select(50, 60, "Other")
    ours = talk.client.mailbox.newest(1)
    done, other = fired(talk.client.store(newest, add=["x"])), fired(talk.client.search(newest))
    assert talk.heard() == [] and [type(one[0]) for one in (done, other)] == [Stale, Stale]
    assert ask(talk, lambda c: c.store(ours, add=["x"]))[0] == b"STORE 50 +FLAGS.SILENT (x)"


def test_keywords_in_any_case(talk: Any) -> None:
    tag = b"%04X" % talk.client._pipeline._tagID
    _, done = ask(talk, lambda c: c.search("SEEN"), b'* esearch (tag "%b") uid all 1:3\r\n' % tag)
    assert done == UIDSet("1:3")
    _, done = ask(talk, lambda c: c.search("SEEN"), b"* search 1 2\r\n")
    assert done == UIDSet("1:2")
    _, done = ask(
        talk,
        lambda c: c.store("1:5", add=["x"], unchangedSince=4),
        tail=b"ok [modified 5] x",
    )
    assert done.modified == UIDSet("5")


@pytest.mark.parametrize("flags", [b"NIL", b"()", b""])
def test_no_flags_at_all(talk: Any, flags: bytes) -> None:
    talk.say(b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] x\r\n" % (flags, flags))
    mailbox = talk.client.mailbox
    assert "None" not in mailbox.flags | mailbox.permanentFlags


def test_an_answer_before_all_of_it_was_sent() -> None:
    """An empty result would be a lie."""
    talk = Conversing(OLD)
    _, done = ask(talk, lambda c: c.search("SUBJECT", "ü"))
    assert isinstance(done, MalformedAnswer)
    assert ask(talk, lambda c: c.noop()) == (b"NOOP", None)
