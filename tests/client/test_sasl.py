"""What each mechanism says."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from tests.helpers.clients import fired
from twisted_imapc._sasl import External, OAuth, Plain

BOTH = frozenset({"AUTH=OAUTHBEARER", "AUTH=XOAUTH2"})


def test_plain() -> None:
    assert Plain("jörg", b"p\xff").initial == b"\0j\xc3\xb6rg\0p\xff"
    assert Plain("joe", "secret", "ann").initial == b"ann\0joe\0secret"
    with pytest.raises(ValueError):
        Plain("joe", "secret").respond(b"more")


def test_external() -> None:
    assert External().initial == b"" and External("ann").initial == b"ann"
    with pytest.raises(ValueError):
        External().respond(b"more")


@pytest.mark.parametrize("password", ["sec\0ret", "sec\ud800ret"])
def test_a_refusal_does_not_quote_the_password(password: str) -> None:
    with pytest.raises(ValueError) as caught:
        Plain("joe", password)
    assert "sec" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("offered", "name", "initial", "dummy"),
    [
        (BOTH, "OAUTHBEARER", b"n,a=joe=2C=3D,\1auth=Bearer tok\1\1", b"\1"),
        (frozenset(), "OAUTHBEARER", b"n,a=joe=2C=3D,\1auth=Bearer tok\1\1", b"\1"),
        (frozenset({"AUTH=XOAUTH2"}), "XOAUTH2", b"user=joe,=\1auth=Bearer tok\1\1", b""),
    ],
)
def test_oauth(offered: frozenset[str], name: str, initial: bytes, dummy: bytes) -> None:
    mechanism = OAuth("joe,=", "tok")
    mechanism.begin(offered)
    assert (mechanism.name, mechanism.initial) == (name, initial)
    assert mechanism.respond(b'{"status": "invalid_token"}') == dummy
    assert mechanism.details == {"status": "invalid_token"}


@pytest.mark.parametrize(
    ("challenge", "details"),
    [(b"\xff<", {"error": "\ufffd<"}), (b"[1]", {"error": [1]}), (b"", {"error": ""})],
)
def test_an_error_that_is_no_json_object(challenge: bytes, details: Any) -> None:
    mechanism = OAuth("joe", "tok")
    mechanism.respond(challenge)
    assert mechanism.details == details


def test_a_token_is_asked_for_once_for_each_attempt() -> None:
    asked: list[int] = []
    waiting: Deferred[str] = Deferred()

    def token() -> Deferred[str]:
        asked.append(1)
        return waiting if len(asked) == 1 else succeed("second")

    mechanism = OAuth("joe", token)
    mechanism.begin(BOTH)
    assert mechanism.initial is None
    waiting.callback("first")
    assert mechanism.initial is not None and b"first" in mechanism.initial
    mechanism.begin(BOTH)
    assert b"second" in mechanism.initial and len(asked) == 2


@pytest.mark.parametrize(
    ("token", "kind"), [("a\1b", ValueError), ("", ValueError), (b"x", TypeError)]
)
def test_what_is_no_token(token: Any, kind: type[Exception]) -> None:
    failures: list[Any] = []
    OAuth("joe", lambda: token).begin(BOTH).addErrback(failures.append)
    assert failures[0].check(kind) and "a\1b" not in str(failures[0].value)
    with pytest.raises(ValueError):
        OAuth("joe\1", "tok")


def test_a_token_that_cannot_be_encoded_is_not_told() -> None:
    """UnicodeEncodeError would have it among its arguments."""
    oauth = OAuth("joe", "secret\ud800")
    done = fired(oauth.begin(frozenset()))
    assert type(done[0]) is ValueError and "secret" not in repr(done[0])
