"""From the greeting to a login: what is sent, what is not, and what a NO becomes."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import capturedLogs, formatEvent

from tests.helpers.clients import OFFERS, Conversing, fired
from tests.helpers.rig import logged
from twisted_imapc.client import (
    Alert,
    AuthenticationFailed,
    Bad,
    Bye,
    ConnectionGone,
    External,
    Insecure,
    Malformed,
    MalformedAnswer,
    No,
    Notice,
    Plain,
    Unsupported,
)

PLAIN = b64encode(b"\0joe\0secret")


def offering(*words: bytes) -> bytes:
    return b" ".join((b"IMAP4rev1", *words))


def test_the_greeting_may_tell_capabilities() -> None:
    assert "ESEARCH" in Conversing().client.capabilities
    assert Conversing(greeting=b"* OK hi\r\n").client.capabilities == frozenset()
    talk = Conversing(greeting=b"* PREAUTH [CAPABILITY imap4rev1 Idle] hi\r\n")
    assert talk.client.capabilities == {"IMAP4REV1", "IDLE"}
    assert talk.client.state == "authenticated"


@pytest.mark.parametrize(
    ("offers", "line"),
    [
        (offering(b"AUTH=PLAIN", b"SASL-IR"), b"AUTHENTICATE PLAIN " + PLAIN),
        (offering(b"AUTH=PLAIN", b"LOGINDISABLED", b"SASL-IR"), b"AUTHENTICATE PLAIN " + PLAIN),
        (offering(b"AUTH=PLAIN"), b"AUTHENTICATE PLAIN"),
        (offering(b"AUTH=CRAM-MD5"), b'LOGIN "joe" "secret"'),
    ],
)
def test_the_strongest_of_both(offers: bytes, line: bytes) -> None:
    talk = Conversing(offers)
    done = fired(talk.client.login("joe", "secret"))
    assert talk.heard() == [b"0001 " + line]
    if line == b"AUTHENTICATE PLAIN":
        talk.say(b"+ \r\n")
        assert talk.heard() == [PLAIN]
    assert talk.client.state == "unauthenticated"
    talk.say(b"0001 OK [CAPABILITY IMAP4rev1 X] in\r\n")
    assert done == [None] and talk.client.state == "authenticated"
    assert talk.client.capabilities == {"IMAP4REV1", "X"}


def test_capabilities_are_asked_for_where_the_greeting_told_none() -> None:
    talk = Conversing(greeting=b"* OK hi\r\n")
    done = fired(talk.client.login("joe", "secret"))
    assert talk.answer(b"* CAPABILITY " + offering(b"AUTH=PLAIN", b"SASL-IR") + b"\r\n") == [
        b"CAPABILITY"
    ]
    assert talk.answer() == [b"AUTHENTICATE PLAIN " + PLAIN]
    assert done == [None] and talk.client.capabilities == frozenset()


def test_capabilities_on_the_way_count_behind_the_login() -> None:
    talk = Conversing()
    talk.client.login("joe", "secret")
    talk.answer(b"* CAPABILITY IMAP4rev1 IDLE\r\n")
    assert talk.client.capabilities == {"IMAP4REV1", "IDLE"}


def test_where_asking_fails_it_is_asked_once() -> None:
    talk = Conversing(greeting=b"* OK hi\r\n")
    done = fired(talk.client.login("joe", "secret"))
    talk.answer(tail=b"BAD what")
    assert talk.answer(tail=b"NO no") == [b'LOGIN "joe" "secret"']
    assert isinstance(done[0], AuthenticationFailed)


def test_no_login_where_it_is_disabled() -> None:
    talk = Conversing(offering(b"LOGINDISABLED"))
    done = fired(talk.client.login("joe", "secret"))
    assert isinstance(done[0], Unsupported) and talk.heard() == []


def test_what_is_refused_is_not_tried_another_way() -> None:
    talk = Conversing()
    done = fired(talk.client.login("joe", "secret"))
    talk.answer(tail=b"NO [AUTHENTICATIONFAILED] wrong")
    assert isinstance(done[0], AuthenticationFailed)
    assert str(done[0]) == "AUTHENTICATE: NO [AUTHENTICATIONFAILED] wrong"
    assert talk.heard() == [] and talk.client.state == "unauthenticated"


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.login("joe", "secret"),
        lambda c: c.login("joe", token="tok"),
        lambda c: c.authenticate(Plain("joe", "secret")),
        lambda c: c.authenticate(External()),
    ],
)
def test_no_secret_without_tls(call: Any) -> None:
    talk = Conversing(OFFERS + b" AUTH=EXTERNAL", plaintext=False)
    done = fired(call(talk.client))
    assert isinstance(done[0], Insecure) and talk.heard() == []
    assert "secret" not in str(done[0])
    assert fired(talk.client.noop()) == [] and talk.answer() == [b"NOOP"]


def test_under_tls_secrets_may_be_sent() -> None:
    talk = Conversing(plaintext=False)
    talk.transport.startTLS(None)
    assert talk.client.secure
    talk.client.login("joe", "secret")
    assert len(talk.heard()) == 1


def test_trace_tells_no_secret() -> None:
    told: list[bytes] = []
    talk = Conversing(offering(), trace=lambda who, line: told.append(line))
    done = fired(talk.client.login("joe", "secret"))
    talk.answer()
    assert done == [None] and b"secret" not in b"".join(told)
    assert any(b"LOGIN" in line for line in told)


def test_login_wants_one_of_both() -> None:
    talk = Conversing()
    with pytest.raises(TypeError):
        talk.client.login("joe")
    with pytest.raises(TypeError):
        talk.client.login("joe", "secret", token="tok")


def test_external_without_a_name() -> None:
    talk = Conversing(offering(b"AUTH=EXTERNAL", b"SASL-IR"))
    done = fired(talk.client.authenticate(External()))
    assert talk.answer() == [b"AUTHENTICATE EXTERNAL ="] and done == [None]
    talk = Conversing(offering(b"AUTH=EXTERNAL"))
    talk.client.authenticate(External())
    assert talk.heard() == [b"0001 AUTHENTICATE EXTERNAL"]
    talk.say(b"+\r\n")
    assert talk.heard() == [b""]


def test_a_mechanism_that_is_not_offered() -> None:
    talk = Conversing(offering(b"AUTH=PLAIN"))
    done = fired(talk.client.authenticate(External()))
    assert isinstance(done[0], Unsupported) and talk.heard() == []


def test_oauth_and_its_error() -> None:
    talk = Conversing()
    done = fired(talk.client.login("joe", token=lambda: "tok"))
    (line,) = talk.heard()
    assert line.startswith(b"0001 AUTHENTICATE OAUTHBEARER ")
    details = {"status": "invalid_token", "scope": "mail"}
    talk.say(b"+ " + b64encode(json.dumps(details).encode()) + b"\r\n")
    assert talk.heard() == [b"AQ=="]
    talk.say(b"0001 NO [AUTHENTICATIONFAILED] no\r\n")
    assert isinstance(done[0], AuthenticationFailed) and done[0].details == details


def test_oauth_waits_for_its_token() -> None:
    talk = Conversing(offering(b"AUTH=XOAUTH2", b"SASL-IR"))
    token: Deferred[str] = Deferred()
    done = fired(talk.client.login("joe", token=lambda: token))
    assert talk.heard() == []
    token.callback("tok")
    assert talk.heard()[0].startswith(b"0001 AUTHENTICATE XOAUTH2 ")
    talk.say(b"+ e30=\r\n")
    assert talk.heard() == [b""]
    talk.say(b"0001 NO no\r\n")
    assert done[0].details == {}


def test_who_is_behind_a_login_waits_for_its_token() -> None:
    """Commands never overtake."""
    talk = Conversing(greeting=b"* OK hi\r\n")
    token: Deferred[str] = Deferred()
    asked: list[int] = []

    def get() -> Deferred[str]:
        asked.append(1)
        return token

    talk.client.login("joe", token=get)
    done = fired(talk.client.select("INBOX"))
    assert asked == []
    talk.answer(b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER\r\n")
    assert asked == [1] and talk.heard() == []
    token.callback("tok")
    assert [line[:12] for line in talk.answer()] == [b"AUTHENTICATE"]
    assert talk.answer() == [b"SELECT INBOX"] and done[0].name == "INBOX"


def test_no_token_is_asked_for_in_the_clear() -> None:
    talk = Conversing(plaintext=False)
    asked: list[str] = []

    def get() -> str:
        asked.append("x")
        return "tok"

    done = fired(talk.client.login("joe", token=get))
    assert isinstance(done[0], Insecure) and asked == []


def test_a_token_that_cannot_be_had() -> None:
    talk = Conversing()

    def token() -> str:
        raise LookupError("no token")

    done = fired(talk.client.login("joe", token=token))
    assert isinstance(done[0], LookupError) and talk.heard() == []


class Haggler:
    """Asks and answers; its answers may take their time."""

    name = "X-TWO"
    initial: bytes | None = None

    def __init__(self, *answers: Any, finishing: Exception | None = None) -> None:
        self.answers = list(answers)
        self.challenges: list[bytes] = []
        self.finishing = finishing

    def respond(self, challenge: bytes) -> Any:
        self.challenges.append(challenge)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def finish(self, challenge: bytes) -> None:
        if self.finishing is not None:
            raise self.finishing


X_TWO = offering(b"AUTH=X-TWO", b"SASL-IR")


def test_a_mechanism_of_ones_own() -> None:
    talk = Conversing(X_TWO)
    later: Deferred[bytes] = Deferred()
    mechanism = Haggler(b"one", later)
    done = fired(talk.client.authenticate(mechanism))
    assert talk.heard() == [b"0001 AUTHENTICATE X-TWO"]
    talk.say(b"+ YQ==\r\n")
    assert talk.heard() == [b"b25l"]
    talk.say(b"+ Yg==\r\n")
    assert talk.heard() == []
    later.callback(b"two")
    assert talk.heard() == [b"dHdv"]
    talk.say(b"0001 OK in\r\n")
    assert done == [None] and mechanism.challenges == [b"a", b"b"]


def test_a_mechanism_that_gives_up() -> None:
    talk = Conversing(X_TWO)
    done = fired(talk.client.authenticate(Haggler(LookupError("no"))))
    talk.client.noop()
    talk.heard()
    talk.say(b"+ YQ==\r\n")
    assert talk.heard() == [b"*"] and done == []
    talk.say(b"0001 BAD given up\r\n")
    assert isinstance(done[0], LookupError)
    assert talk.answer() == [b"NOOP"]


def test_a_challenge_that_is_none() -> None:
    talk = Conversing(X_TWO)
    done = fired(talk.client.authenticate(Haggler()))
    talk.heard()
    talk.say(b"+ a\r\n")
    assert talk.heard() == [b"*"]
    talk.say(b"0001 BAD given up\r\n")
    assert isinstance(done[0], MalformedAnswer)


def test_a_server_that_has_not_proved_itself() -> None:
    talk = Conversing(X_TWO)
    done = fired(talk.client.authenticate(Haggler(finishing=LookupError("forged"))))
    talk.answer()
    assert isinstance(done[0], LookupError)
    assert talk.transport.aborted and talk.client.state == "closed"


def test_an_answer_behind_the_end_is_not_written() -> None:
    talk = Conversing(X_TWO)
    later: Deferred[bytes] = Deferred()
    done = fired(talk.client.authenticate(Haggler(later)))
    talk.say(b"+ YQ==\r\n")
    talk.heard()
    talk.say(b"0001 NO too late\r\n")
    later.callback(b"one")
    assert talk.heard() == [] and isinstance(done[0], No)


def test_cancelling_a_login() -> None:
    """C{*} at the next C{+}; the connection stays."""
    talk = Conversing(X_TWO)
    d = talk.client.authenticate(Haggler(b"one"))
    d.addErrback(lambda _: None)
    talk.heard()
    d.cancel()
    talk.say(b"+ YQ==\r\n")
    assert talk.heard() == [b"*"]
    talk.say(b"0001 BAD cancelled\r\n")
    assert fired(talk.client.noop()) == [] and talk.answer() == [b"NOOP"]


# ---- The end -----------------------------------------------------------------


def test_logout() -> None:
    talk = Conversing()
    over = fired(talk.client.disconnected())
    first = fired(talk.client.noop())
    done = fired(talk.client.logout())
    assert talk.answer() == [b"NOOP"]
    talk.answer(b"* BYE bye\r\n")
    assert (first, done, over) == ([None], [None], [None])
    assert talk.client.state == "closed" and talk.isLost
    assert fired(talk.client.disconnected()) == [None]
    assert fired(talk.client.logout()) == [None]


@pytest.mark.parametrize("words", [b"", b"* BYE bye\r\n"])
def test_logout_where_the_server_just_closes(words: bytes) -> None:
    talk = Conversing()
    done = fired(talk.client.logout())
    talk.say(words)
    talk.lose()
    assert done == [None] and fired(talk.client.disconnected()) == [None]


def test_logout_that_had_not_gone_out_where_the_server_closes() -> None:
    talk = Conversing()
    talk.select()
    noop, out, gone = (
        fired(call()) for call in (talk.client.noop, talk.client.logout, talk.client.disconnected)
    )
    talk.lose()
    assert out == [None]
    assert isinstance(noop[0], ConnectionGone) and isinstance(gone[0], ConnectionGone)


def test_abort() -> None:
    talk = Conversing()
    noop = talk.client.noop()
    done, over = fired(noop), fired(talk.client.disconnected())
    talk.client.abort()
    talk.look()
    assert isinstance(done[0], ConnectionGone) and isinstance(over[0], ConnectionGone)
    assert talk.transport.aborted


def test_bye_without_a_command() -> None:
    talk = Conversing()
    over = fired(talk.client.disconnected())
    talk.say(b"* BYE [UNAVAILABLE] restarting\r\n")
    assert isinstance(over[0], Bye)
    assert (over[0].code, over[0].text) == ("UNAVAILABLE", "restarting")
    assert isinstance(fired(talk.client.noop())[0], Bye)


def test_bye_while_a_command_waits() -> None:
    talk = Conversing()
    one, other = fired(talk.client.noop()), fired(talk.client.status("x"))
    tags = [line.split(b" ")[0] for line in talk.heard()]
    talk.say(b"* BYE [INUSE] gone\r\n" + tags[0] + b" OK x\r\n")
    assert one == [None] and other == []
    talk.lose()
    assert isinstance(other[0], Bye) and other[0].written


def test_behind_bye_nothing_is_said() -> None:
    talk = Conversing(pipelineDepth=1)
    done = [fired(talk.client.noop()) for _ in range(2)]
    tag = talk.heard()[0].split(b" ")[0]
    talk.say(b"* BYE x\r\n" + tag + b" OK x\r\n")
    assert talk.heard() == [] and done[0] == [None]
    assert isinstance(done[1][0], Bye) and not done[1][0].written


def test_what_had_gone_out_is_told() -> None:
    talk = Conversing(pipelineDepth=2)
    done = [fired(talk.client.noop()) for _ in range(4)]
    talk.lose()
    assert [one[0].written for one in done] == [True, True, False, False]
    assert len({id(one[0]) for one in done}) == 4
    assert fired(talk.client.noop())[0].written is False


def test_bad_is_bad_at_login_too() -> None:
    talk = Conversing(offering())
    done = fired(talk.client.login("joe", "secret"))
    talk.answer(tail=b"BAD what")
    assert isinstance(done[0], Bad)


@pytest.mark.parametrize("challenge", [b"YQ==", b"a"])
def test_a_server_that_goes_on_where_we_gave_up(challenge: bytes) -> None:
    """It has not proved who it is, and says OK all the same."""
    talk = Conversing(X_TWO)
    done = fired(talk.client.authenticate(Haggler(LookupError("forged"))))
    talk.heard()
    talk.say(b"+ %b\r\n" % challenge)
    assert talk.heard() == [b"*"]
    talk.say(b"0001 OK welcome\r\n")
    assert isinstance(done[0], (LookupError, MalformedAnswer))
    assert talk.transport.aborted and talk.client.state == "closed"


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.login("joe", "secret"),
        lambda c: c.login("joe", token="tok"),
        lambda c: c.authenticate(Plain("joe", "secret")),
    ],
)
def test_nothing_is_asked_for_a_secret_that_may_not_be_sent(call: Any) -> None:
    talk = Conversing(greeting=b"* OK hi\r\n", plaintext=False)
    done = fired(call(talk.client))
    assert isinstance(done[0], Insecure) and talk.heard() == []


@pytest.mark.parametrize("tail", [b"NO not yet", b"BAD what?"])
def test_a_logout_that_is_refused(tail: bytes) -> None:
    talk = Conversing()
    gone, end = fired(talk.client.logout()), fired(talk.client.disconnected())
    assert talk.answer(tail=tail) == [b"LOGOUT"]
    assert talk.isLost and gone == end == [None] and talk.client.state == "closed"


def test_nothing_is_written_behind_logout(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Conversing()
    monkeypatch.setattr(talk.transport, "loseConnection", lambda: None)
    monkeypatch.setattr(talk.transport, "abortConnection", lambda: None)
    gone, queued = fired(talk.client.logout()), fired(talk.client.noop())
    talk.answer()
    late = fired(talk.client.status("x"))
    assert talk.heard() == []
    talk.lose()
    assert gone == [None] and [queued[0].written, late[0].written] == [False, False]


TOKEN = b64encode(b'n,a=joe,\1auth=Bearer s"cret\1\1')


@pytest.mark.parametrize(
    ("offers", "call", "text"),
    [
        (b"", lambda c: c.login("joe", 's"cret'), b'NO joe has not s"cret'),
        (b"", lambda c: c.login("joe", 's"cret'), b'BAD 0001 LOGIN "joe" "s\\"cret"'),
        (b"", lambda c: c.login("joe", "e"), b"NO [AUTHENTICATIONFAILED] Never e"),
        (b" AUTH=PLAIN", lambda c: c.login("joe", 's"cret'), b'NO s"cret'),
        (b" AUTH=PLAIN SASL-IR", lambda c: c.login("joe", "secret"), b"BAD " + PLAIN),
        (b" AUTH=OAUTHBEARER SASL-IR", lambda c: c.login("joe", token='s"cret'), b'NO s"cret'),
        (b" AUTH=OAUTHBEARER SASL-IR", lambda c: c.login("joe", token='s"cret'), b"BAD " + TOKEN),
    ],
)
@pytest.mark.parametrize("isBye", [False, True])
def test_a_secret_that_the_server_repeats_is_not_told(
    offers: bytes, call: Any, text: bytes, isBye: bool
) -> None:
    talk = Conversing(b"IMAP4rev1" + offers)
    done = fired(call(talk.client))
    if isBye:
        talk.say(b"* BYE " + text.partition(b" ")[2] + b"\r\n")
        talk.lose()
    else:
        talk.answer(tail=text)
    error = done[0]
    assert error.text == "[hidden]" and str(error).endswith("[hidden]")
    assert "cret" not in repr((error, error.args, vars(error)))


@pytest.mark.parametrize(
    ("password", "text"),
    [
        (b"s\xe4cret", b"NO not s\xe4cret"),
        ("s\xe4cret", b"NO f\xfcr joe nicht s\xc3\xa4cret"),
    ],
)
def test_a_secret_that_is_repeated_in_latin_1_is_not_told(password: Any, text: bytes) -> None:
    talk = Conversing(b"IMAP4rev1 AUTH=PLAIN SASL-IR")
    done = fired(talk.client.login("joe", password))
    talk.answer(tail=text)
    assert done[0].text == "[hidden]"


def test_a_secret_that_is_repeated_in_a_code_is_not_told() -> None:
    talk = Conversing(b"IMAP4rev1")
    done = fired(talk.client.login("joe", "se cret"))
    talk.answer(tail=b'NO [X-BAD (LOGIN "se cret")] what?')
    assert (done[0].code, done[0].arguments) == ("X-BAD", ())


@pytest.mark.parametrize(("secret", "text"), [("secret", "[hidden]"), (print, "no secret")])
def test_a_mechanism_of_ones_own_has_a_secret(secret: Any, text: str) -> None:
    talk = Conversing(X_TWO)
    mechanism: Any = Haggler()
    mechanism.secret = secret
    done = fired(talk.client.authenticate(mechanism))
    talk.answer(tail=b"NO no secret")
    assert isinstance(done[0], AuthenticationFailed) and done[0].text == text
    assert not talk.transport.disconnecting


@pytest.mark.parametrize(
    ("login", "text"),
    [
        (lambda c: c.login("joe", "secret"), b"unknown: AUTHENTICATE PLAIN " + PLAIN[:-4]),
        (lambda c: c.login("joe", "hunter2secret"), b"unknown: hunter2s"),
        (lambda c: c.login("joe", "hunter2secret"), b"unknown: hunter2secre..."),
        (lambda c: c.login("joe", 'h"nter2\\secret'), b'unknown: LOGIN "joe" "h\\"nter2\\\\se'),
        (lambda c: c.login("joe", "hünter2secret"), b"unknown: h\xc3\xbcnter2s"),
    ],
)
def test_a_secret_that_is_cut_is_not_told_either(login: Any, text: bytes) -> None:
    talk = Conversing(b"IMAP4rev1 AUTH=PLAIN SASL-IR")
    done = fired(login(talk.client))
    talk.answer(tail=b"BAD " + text)
    assert isinstance(done[0], Bad) and done[0].text == "[hidden]"


def test_what_only_begins_like_a_short_secret_is_told() -> None:
    talk = Conversing(b"IMAP4rev1 AUTH=PLAIN SASL-IR")
    done = fired(talk.client.login("joe", "hunter2secret"))
    talk.answer(tail=b"NO hunters are not let in")
    assert done[0].text == "hunters are not let in"


def test_an_answer_to_a_challenge_that_the_server_repeats_is_not_told() -> None:
    talk = Conversing(b"IMAP4rev1 AUTH=PLAIN")
    done = fired(talk.client.login("joe", "secret"))
    talk.say(b"+ \r\n")
    talk.answer(tail=b"NO " + PLAIN)
    assert done[0].text == "[hidden]"


LONG = "T0ken" * 100


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"* NO [ALERT] not T0kenT0ken\r\n", [Alert("[hidden]")]),
        (b"* OK [X-YOU (T0kenT0ken)] hi\r\n", [Notice("OK", "X-YOU", (), "hi")]),
        (b"0001 OK [ALERT] not T0kenT0ken\r\n", [Alert("[hidden]")]),
        (b"0001 NO [ALERT] not T0kenT0ken\r\n", [Alert("[hidden]")]),
        (b"* LIST T0kenT0ken (\r\n0001 OK\r\n", [Malformed]),
        (b"* LIST %b (\r\n0001 OK\r\n" % LONG.encode(), [Malformed]),
        (b"* X T0kenT0ken {99999999999}\r\n", []),
        (b"0001 HUH T0kenT0ken\r\n", []),
        (b"0002 OK T0kenT0ken\r\n", []),
        (b"HUH T0kenT0ken\r\n", []),
        (b"+ not T0kenT0ken\r\n0001 NO\r\n", []),
    ],
)
def test_neither_an_event_nor_the_wire_tells_a_secret(octets: bytes, told: list[Any]) -> None:
    """Nor does the log."""
    talk = Conversing(b"IMAP4rev1 AUTH=OAUTHBEARER")
    events: list[Any] = []
    talk.client.listen(events.append)
    secret = LONG if LONG.encode() in octets else "T0kenT0ken"
    with capturedLogs() as lines:
        errors = fired(talk.client.login("joe", token=secret))
        talk.heard()
        talk.say(octets)
        talk.lose()
    assert [one if one in told else type(one) for one in events] == told
    assert errors
    assert "T0ken" not in "".join(map(formatEvent, lines)) and logged() == []
    for e in [*errors, *(getattr(e, "cause", None) for e in errors), *events]:
        assert "T0ken" not in repr((e, getattr(e, "__dict__", {})))


def test_behind_the_login_the_wire_is_told() -> None:
    talk = Conversing(b"IMAP4rev1")
    events: list[Any] = []
    talk.client.listen(events.append)
    talk.client.login("joe", "secret")
    talk.answer()
    talk.say(b"* LIST secret (\r\n")
    assert [one.wire for one in events] == [b"* LIST secret ("]


def test_what_the_server_says_else_is_told() -> None:
    talk = Conversing(b"IMAP4rev1")
    done = fired(talk.client.login("joe", ""))
    talk.answer(tail=b"NO joe is unknown")
    assert done[0].text == "joe is unknown"


OAUTH = b"IMAP4rev1 SASL-IR AUTH=OAUTHBEARER"


def test_cancelling_a_login_cancels_its_token() -> None:
    talk = Conversing(OAUTH)
    cancelled: list[Any] = []
    token: Deferred[str] = Deferred(cancelled.append)
    d = talk.client.login("joe", token=lambda: token)
    done, noop = fired(d), fired(talk.client.noop())
    d.cancel()
    assert cancelled == [token] and isinstance(done[0], CancelledError)
    assert talk.answer() == [b"NOOP"] and noop == [None] and logged() == []


def test_cancelling_a_login_while_its_token_is_asked_for() -> None:
    talk = Conversing(OAUTH)
    cancelled: list[Any] = []
    token: Deferred[str] = Deferred(cancelled.append)

    def get() -> Deferred[str]:
        login.cancel()
        return token

    talk.client.pipelineDepth = 1
    talk.client.noop()
    busy = talk.client.status("x")
    login = talk.client.login("joe", token=get)
    done, noop = fired(login), fired(talk.client.noop())
    assert cancelled == [] and talk.answer() == [b"NOOP"]
    assert cancelled == [token] and talk.answer()[0].startswith(b"STATUS x") and busy.called
    assert isinstance(done[0], CancelledError)
    assert talk.answer() == [b"NOOP"] and noop == [None] and logged() == []


def test_cancelling_a_login_cancels_the_answer_to_a_challenge() -> None:
    """The server hears at once that nothing comes of it."""

    class Slow:
        name = "X-SLOW"
        initial = None

        def respond(self, challenge: bytes) -> Deferred[bytes]:
            return answer

        def finish(self, challenge: bytes) -> None:
            pass

    cancelled: list[Any] = []
    answer: Deferred[bytes] = Deferred(cancelled.append)
    talk = Conversing(b"IMAP4rev1 AUTH=X-SLOW")
    d = talk.client.authenticate(Slow())
    done = fired(d)
    assert talk.heard() == [b"0001 AUTHENTICATE X-SLOW"]
    talk.say(b"+ \r\n")
    d.cancel()
    assert cancelled == [answer] and isinstance(done[0], CancelledError)
    assert talk.heard() == [b"*"]
    noop = fired(talk.client.noop())
    talk.say(b"0001 BAD given up\r\n")
    assert talk.answer() == [b"NOOP"] and noop == [None] and logged() == []


def test_whoever_ends_a_login_the_answer_is_not_waited_for() -> None:
    cancelled: list[Any] = []
    tokens: list[Deferred[str]] = [Deferred(cancelled.append) for _ in range(2)]
    talk = Conversing(X_TWO + b" AUTH=OAUTHBEARER")
    done = fired(talk.client.authenticate(Haggler(tokens[0])))
    (line,) = talk.heard()
    talk.say(b"+ \r\n" + line.partition(b" ")[0] + b" NO too slow\r\n")
    assert cancelled == tokens[:1] and done[0].text == "too slow"
    fired(talk.client.login("joe", token=lambda: tokens[1]))
    talk.lose()
    assert cancelled == tokens and logged() == []
