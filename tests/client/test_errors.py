"""What a Client's Deferreds fail with: types, texts, and old traps."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from twisted.internet import error
from twisted.mail import imap4

from twisted_imapc import _errors as errors
from twisted_imapc.client import UIDSet


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (None, errors.No),
        ("NONEXISTENT", errors.NotFound),
        ("TRYCREATE", errors.NotFound),
        ("ALREADYEXISTS", errors.AlreadyExists),
        ("NOPERM", errors.NoPermission),
        ("OVERQUOTA", errors.OverLimit),
        ("LIMIT", errors.OverLimit),
        ("TOOBIG", errors.OverLimit),
        ("UNAVAILABLE", errors.TryLater),
        ("INUSE", errors.TryLater),
        ("SERVERBUG", errors.TryLater),
        ("EXPUNGEISSUED", errors.MessageGone),
        ("AUTHENTICATIONFAILED", errors.AuthenticationFailed),
        ("AUTHORIZATIONFAILED", errors.AuthenticationFailed),
        ("EXPIRED", errors.AuthenticationFailed),
        ("PRIVACYREQUIRED", errors.AuthenticationFailed),
        ("X-NEW", errors.No),
    ],
)
def test_a_no_by_its_code(code: str | None, kind: type[Exception]) -> None:
    assert errors.kindOfRefusal("NO", code, "STATUS") is kind
    assert errors.kindOfRefusal("BAD", code, "STATUS") is errors.Bad
    login = errors.kindOfRefusal("NO", code, "LOGIN")
    assert issubclass(login, errors.AuthenticationFailed)
    assert kind is errors.TryLater or login is errors.AuthenticationFailed


def test_the_text_of_a_refusal() -> None:
    failed = errors.NotFound("STATUS", "Old mail", "NONEXISTENT", (), "No such mailbox")
    assert str(failed) == 'STATUS "Old mail": NO [NONEXISTENT] No such mailbox'
    assert str(errors.Bad("NOOP", text="x" * 600)) == "NOOP: BAD " + "x" * 500


@pytest.mark.parametrize(
    "gone",
    [errors.ConnectionGone("why"), errors.Bye("why", "UNAVAILABLE"), errors.Silent("why")],
)
def test_each_deferred_gets_its_own(gone: errors.ConnectionGone) -> None:
    other = gone.again(True)
    assert type(other) is type(gone) and other is not gone
    assert (str(other), other.written, gone.written) == (str(gone), True, False)
    assert "why" in str(other)
    assert isinstance(other, (error.ConnectionClosed, imap4.IMAP4Exception))
    assert isinstance(gone, errors.Silent) is isinstance(gone, error.TimeoutError)


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "SERVERBUG"])
@pytest.mark.parametrize("command", ["LOGIN", "AUTHENTICATE"])
def test_a_login_that_may_do_another_time(code: str, command: str) -> None:
    kind = errors.kindOfRefusal("NO", code, command)
    assert issubclass(kind, errors.AuthenticationFailed) and issubclass(kind, errors.TryLater)
    assert not issubclass(errors.kindOfRefusal("NO", "LIMIT", command), errors.TryLater)


def test_names_and_texts_are_shown_as_a_terminal_may_have_them() -> None:
    failed = errors.No("STATUS", "a\x1b[31m\u202eb\u00fc" + "x" * 200, None, (), "no\x07 \u2066way")
    assert str(failed) == (
        'STATUS "a\\x1b[31m\\u202eb\u00fc' + "x" * 91 + '": NO no\\x07 \\u2066way'
    )
    assert (len(failed.about or ""), failed.text) == (209, "no\x07 \u2066way")
    assert str(errors.Bye("\x9bwhy")) == "The server closes: \\x9bwhy"


@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
@pytest.mark.parametrize(
    "error",
    [
        errors.No("STATUS", "x", "X-NEW", (1, "a"), "no"),
        errors.kindOfRefusal("NO", "INUSE", "LOGIN")("LOGIN", None, "INUSE", (), "not now"),
        errors.MalformedAnswer("odd", b"* STATUS", 2, UIDSet("1:3").ranges),
        errors.Unsupported("UNSELECT", "UNSELECT"),
        errors.Bye("why", "UNAVAILABLE"),
        errors.Silent("why").again(True),
        errors.Stale("why"),
    ],
)
def test_errors_are_copied_and_pickled(error: errors.IMAPError, again: Any) -> None:
    other = again(error)
    assert type(other) is type(error) and other is not error
    assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))


def test_old_traps_hold() -> None:
    malformed = errors.MalformedAnswer("odd", b"* STATUS", 2)
    assert isinstance(malformed, imap4.IllegalServerResponse)
    assert (malformed.wire, malformed.offset, str(malformed)) == (b"* STATUS", 2, "odd")
    assert errors.Unsupported("UNSELECT", "UNSELECT").capability == "UNSELECT"
    assert all(
        issubclass(kind, errors.IMAPError)
        for kind in (errors.Insecure, errors.Overrun, errors.Stale, errors.ConnectionGone)
    )
