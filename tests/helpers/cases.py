"""For each public method that talks to the server: calls, and what the server answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from hypothesis import strategies as st
from twisted.internet.ssl import CertificateOptions
from twisted.mail import imap4
from twisted.mail.imap4 import Command, MessageSet

from tests.helpers.grammar import (
    TAME,
    Keyword,
    Line,
    Style,
    answers,
    asides,
    capabilities,
    capability_lines,
    conditions,
    contents,
    counts,
    fetch_lines,
    flags_lines,
    list_lines,
    mailboxes,
    namespace_lines,
    numbers,
    octets_of,
    search_lines,
    status_lines,
    texts,
)
from tests.helpers.rig import Call, MemoryTransport, TLSMemoryTransport

JUNK = [b"\r\n", b"", b"completed, by the way\r\n", b""]


@dataclass
class Case:
    """A call, what the server answers, and what is known about the answer."""

    calls: list[Call]
    lines: list[Line]
    # Which spellings this command's result does not show.
    styles: tuple[str, ...] = ("lower", "escapes", "plus", "bare_lf", "junk", "last_literal")
    prepare: Callable[[Any], object] | None = None
    transport: Callable[[], MemoryTransport] = MemoryTransport

    def wire(self, style: Style = TAME) -> bytes:
        lines = [line.spell(style) for line in self.lines]
        if style.junk:
            lines = [JUNK[i % len(JUNK)] + line for i, line in enumerate(lines)]
        return b"".join(lines)


# ---- The commands ----------------------------------------------------------

# How a result shows the spelling: words of the wire come out as they were.
AS_SENT = ("plus", "bare_lf", "junk", "last_literal")
sets = st.sampled_from(["1", "1:*", "2,4:7", MessageSet(3, 9), MessageSet(5)])
with_uid = st.booleans()


def _fetch(name: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        messages, uid = draw(sets), draw(with_uid)
        call: Call = lambda c: getattr(c, name)(messages, uid=uid)  # noqa: E731
        return Case([call], draw(answers(fetch_lines(), asides())))

    return case()


@st.composite
def _fetch_specific(draw: st.DrawFn) -> Case:
    messages = draw(sets)
    options: dict[str, Any] = {}
    kind = draw(st.sampled_from([None, "HEADER", "TEXT", "MIME", "HEADER.FIELDS",
                                 "HEADER.FIELDS.NOT"]))  # fmt: skip
    if kind is not None:
        options["headerType"] = kind
    if kind == "MIME" or draw(st.booleans()):
        options["headerNumber"] = draw(st.sampled_from([1, 12, (2, 1, 3), [1]]))
    if kind in ("HEADER.FIELDS", "HEADER.FIELDS.NOT") and draw(st.booleans()):
        options["headerArgs"] = draw(st.lists(st.sampled_from(["Subject", "X-A"]), max_size=2))
    if draw(st.booleans()):
        options["peek"] = draw(st.sampled_from([True, False, 1, None]))
    if draw(st.booleans()):
        options["offset"], options["length"] = draw(numbers), draw(numbers)
    options["uid"] = draw(with_uid)
    call: Call = lambda c: c.fetchSpecific(messages, **options)  # noqa: E731
    return Case([call], draw(answers(fetch_lines(), asides())))


def _store(name: str) -> st.SearchStrategy[Case]:
    @st.composite
    def case(draw: st.DrawFn) -> Case:
        messages, uid, silent = draw(sets), draw(with_uid), draw(st.booleans())
        names = draw(st.lists(st.sampled_from(["\\Seen", "\\Deleted", "$Junk"]), max_size=3))
        call: Call = lambda c: getattr(c, name)(messages, names, silent, uid)  # noqa: E731
        return Case([call], draw(answers(fetch_lines(), asides())))

    return case()


def _plain(call: Callable[[st.DrawFn], Call]) -> st.SearchStrategy[Case]:
    """A command whose result is its Command's tuple: everything is seen in it."""

    @st.composite
    def case(draw: st.DrawFn) -> Case:
        return Case([call(draw)], draw(answers(aside=asides())), AS_SENT)

    return case()


def _on_mailbox(name: str) -> st.SearchStrategy[Case]:
    def call(draw: st.DrawFn) -> Call:
        mailbox = draw(mailboxes)
        return lambda c: getattr(c, name)(mailbox)

    return _plain(call)


def _rename(draw: st.DrawFn) -> Call:
    old, new = draw(mailboxes), draw(mailboxes)
    return lambda c: c.rename(old, new)


def _copy(draw: st.DrawFn) -> Call:
    messages, mailbox, uid = draw(sets), draw(mailboxes), draw(with_uid)
    return lambda c: c.copy(messages, mailbox, uid)


@st.composite
def _append(draw: st.DrawFn) -> Case:
    mailbox, message = draw(mailboxes), draw(contents)
    names = draw(st.lists(st.sampled_from(["\\Seen", "$Junk"]), max_size=2))
    date = draw(
        st.sampled_from([None, "17-Jul-1996 02:44:25 -0700", b" 1-Jan-2000 00:00:00 +0000"])
    )
    call: Call = lambda c: c.append(mailbox, BytesIO(message), names, date)  # noqa: E731
    lines = draw(answers(aside=asides()))
    if lines[-1].members[0] == Keyword(b"OK"):
        lines.insert(draw(st.integers(0, len(lines) - 1)), Line([draw(texts)], tag=b"+"))
    return Case([call], lines, tuple(set(AS_SENT) - {"junk"}))


@st.composite
def _list(draw: st.DrawFn, name: str = "list") -> Case:
    reference = draw(st.sampled_from(["", "INBOX", "a b/"]))
    wildcard = draw(st.sampled_from(["*", "%", "INBOX.%", "Entw&rfe*", "é*"]))
    call: Call = lambda c: getattr(c, name)(reference, wildcard)  # noqa: E731
    wanted = st.one_of(list_lines(b"LIST"), list_lines(b"LSUB"), list_lines(name.upper().encode()))
    return Case([call], draw(answers(wanted, asides())))


@st.composite
def _status(draw: st.DrawFn) -> Case:
    mailbox = draw(mailboxes)
    names = draw(st.lists(st.sampled_from(["MESSAGES", "UIDNEXT", "UNSEEN"]), max_size=3))
    lines = draw(answers(status_lines(), asides()))
    return Case([lambda c: c.status(mailbox, *names)], lines)


@st.composite
def _search(draw: st.DrawFn) -> Case:
    uid = draw(with_uid)
    queries = draw(
        st.lists(
            st.sampled_from(
                [
                    imap4.Query(all=True),
                    imap4.Query(sorted=1, subject="hi", unseen=True),
                    imap4.Or(imap4.Query(seen=True), imap4.Query(larger=5)),
                    imap4.Not(imap4.Query(header=("X-A", "b"))),
                    imap4.Query(messages=MessageSet(1, 3)),
                ]
            ),
            min_size=1,
            max_size=3,
        )
    )
    return Case([lambda c: c.search(*queries, uid=uid)], draw(answers(search_lines(), asides())))


@st.composite
def _select(draw: st.DrawFn, name: str = "select") -> Case:
    mailbox = draw(mailboxes)
    data = st.one_of(
        counts().filter(lambda line: line.members[1] != Keyword(b"EXPUNGE")),
        flags_lines,
        conditions((b"OK",)),
    )
    aside = asides("counts", "conditions", "flags", "fetch", "mode")
    lines = [replace(line, events=[]) for line in draw(answers(data, aside))]
    return Case([lambda c: getattr(c, name)(mailbox)], lines)


@st.composite
def _capabilities(draw: st.DrawFn) -> Case:
    # Twisted takes words of these for capabilities.
    aside = asides("counts", "fetch", "flags", "list", "search", "status", "namespace",
                   "conditions")  # fmt: skip
    use_cache = draw(st.sampled_from([0, 1, True, False]))
    styles = ("plus", "bare_lf", "junk", "last_literal", "lower")
    lines = draw(answers(capability_lines, aside))
    return Case([lambda c: c.getCapabilities(useCache=use_cache)], lines, styles)


@st.composite
def _logout(draw: st.DrawFn) -> Case:
    lines = draw(answers(aside=asides(), ok=True))
    lines.insert(draw(st.integers(0, len(lines) - 1)), Line([Keyword(b"BYE"), draw(texts)]))
    return Case([lambda c: c.logout()], lines)


@st.composite
def _expunge(draw: st.DrawFn) -> Case:
    return Case([lambda c: c.expunge()], draw(answers(counts(), asides())))


@st.composite
def _namespace(draw: st.DrawFn) -> Case:
    return Case([lambda c: c.namespace()], draw(answers(namespace_lines, asides())))


@st.composite
def _login(draw: st.DrawFn) -> Case:
    user, password = (draw(octets_of(bytes(range(0x20, 0x7F)), 0, 8)) for _ in range(2))
    first = [draw(capability_lines), Line([Keyword(b"OK"), b"done"], tag=b"0001")]
    second = draw(answers(aside=asides()))
    second[-1].tag = b"0002"
    lines = [*first, *second]
    return Case([lambda c: c.login(user, password)], lines, AS_SENT)


@st.composite
def _authentication(draw: st.DrawFn) -> Case:
    scheme = draw(st.sampled_from([b"PLAIN", b"LOGIN", b"CRAM-MD5"]))
    # Twisted folds answers at 76 characters; these stay shorter.
    secret = draw(octets_of(bytes(range(0x21, 0x7F)), 1, 12))

    def prepare(client: Any) -> None:
        client.registerAuthenticator(
            {
                b"PLAIN": imap4.PLAINAuthenticator,
                b"LOGIN": imap4.LOGINAuthenticator,
                b"CRAM-MD5": imap4.CramMD5ClientAuthenticator,
            }[scheme](b"user")
        )

    offered = [word for word in draw(capabilities) if not word.startswith(b"AUTH")]
    lines = [
        Line([Keyword(b"CAPABILITY"), *offered, b"AUTH=" + scheme]),
        Line([Keyword(b"OK"), b"done"], tag=b"0001"),
    ]
    challenges = {
        b"PLAIN": [b""],
        b"LOGIN": [b"VXNlciBOYW1lAA==", b"UGFzc3dvcmQA"],
        b"CRAM-MD5": [b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2U+"],
    }[scheme]
    lines += [Line([challenge], tag=b"+") for challenge in challenges]
    ending = draw(answers(aside=asides()))
    ending[-1].tag = b"0002"
    return Case(
        [lambda c: c.authenticate(secret)],
        [*lines, *ending],
        tuple(set(AS_SENT) - {"junk"}),
        prepare,
    )


@st.composite
def _start_tls(draw: st.DrawFn) -> Case:
    """What startTLS() refuses, and what the server does."""
    offered = draw(st.sampled_from([{}, {b"STARTTLS": None}]))
    lines = [replace(draw(conditions((b"NO", b"BAD"))), tag=b"0001")]
    plain = draw(st.booleans())

    def prepare(client: Any) -> None:
        client._capCache = offered

    context = CertificateOptions()
    return Case(
        [lambda c: c.startTLS(context)],
        [] if plain or not offered else lines,
        prepare=prepare,
        transport=MemoryTransport if plain else TLSMemoryTransport,
    )


class OwnResponses(Command):
    """A user's Command with its own idea of what is a response to it."""

    _1_RESPONSES: Any = (b"X-PUSH", b"ENABLED", b"LIST")
    _2_RESPONSES: Any = (b"VANISHED", b"EXISTS")
    _OK_RESPONSES: Any = (b"ALERT", b"HIGHESTMODSEQ")


@st.composite
def _send_command(draw: st.DrawFn) -> Case:
    cls = draw(st.sampled_from([Command, OwnResponses]))
    args = draw(st.sampled_from([None, b"", b'"raw" args']))
    own = draw(st.sampled_from([None, (b"ID",)]))

    def call(client: Any) -> Any:
        command: Any = cls(b"XTHING", args, wantResponse=(b"ANY",))
        if own is not None:
            command._1_RESPONSES = own
        return client.sendCommand(command)

    return Case([call], draw(answers(aside=asides())), AS_SENT)


FETCHES = [
    "fetchUID", "fetchFlags", "fetchInternalDate", "fetchEnvelope", "fetchBodyStructure",
    "fetchSimplifiedBody", "fetchMessage", "fetchHeaders", "fetchBody", "fetchSize",
    "fetchFull", "fetchAll", "fetchFast",
]  # fmt: skip
STORES = ["setFlags", "addFlags", "removeFlags"]

#: A generator for each public method that talks to the server.
CASES: dict[str, st.SearchStrategy[Case]] = {
    **{name: _fetch(name) for name in FETCHES},
    **{name: _store(name) for name in STORES},
    **{name: _on_mailbox(name) for name in ("create", "delete", "subscribe", "unsubscribe")},
    **{name: _plain(lambda draw, name=name: lambda c: getattr(c, name)())  # type: ignore[misc]
       for name in ("noop", "check", "close")},
    "fetchSpecific": _fetch_specific(),
    "rename": _plain(_rename),
    "copy": _plain(_copy),
    "append": _append(),
    "list": _list("list"),
    "lsub": _list("lsub"),
    "status": _status(),
    "search": _search(),
    "select": _select("select"),
    "examine": _select("examine"),
    "getCapabilities": _capabilities(),
    "logout": _logout(),
    "expunge": _expunge(),
    "namespace": _namespace(),
    "login": _login(),
    "authenticate": _authentication(),
    "startTLS": _start_tls(),
    "sendCommand": _send_command(),
}  # fmt: skip
