"""
The names that users see: Twisted's, each with the same signature and a case in
helpers.cases, and the few that are ours.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from twisted.internet.protocol import Protocol
from twisted.mail import imap4
from twisted.protocols.basic import LineReceiver
from twisted.protocols.policies import TimeoutMixin

import twisted_imapc
from tests.helpers.cases import CASES
from tests.helpers.classes import OurClient, TheirClient
from tests.helpers.names import OUR_NAMES

#: Public methods that Twisted's client defines itself.
THEIR_METHODS = {
    name: value
    for name, value in vars(TheirClient).items()
    if inspect.isfunction(value) and not name.startswith("_")
}

#: Those of them that no server answers, and so have no differential case of their own.
#: The listeners are heard in every case; the line hooks are the other way in.
NO_ANSWER = {
    "registerAuthenticator",
    "serverGreeting", "modeChanged", "flagsChanged", "newMessages",
    "connectionMade", "connectionLost", "timeoutConnection", "makeTag",
    "lineReceived", "rawDataReceived", "messageFile", "dispatchCommand",
    "response_UNAUTH", "response_AUTH",
}  # fmt: skip

#: What the package exports beside all of imap4's names.
OUR_EXPORTS = {"IMAP4ClientFactory", "ResponseTooLarge", "connect"}


@pytest.mark.parametrize("name", sorted(THEIR_METHODS))
def test_same_signature(name: str) -> None:
    """The same parameters, kinds and defaults."""
    theirs = inspect.signature(THEIR_METHODS[name])
    mine = inspect.signature(getattr(OurClient, name))
    wanted = [(p.name, p.kind, p.default) for p in theirs.parameters.values()]
    if name == "search" and "kwarg" in theirs.parameters:
        # Twisted before 23.8 took uid from any keywords.
        wanted = [("self", inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty),
                  ("queries", inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.empty),
                  ("uid", inspect.Parameter.KEYWORD_ONLY, False)]  # fmt: skip
    assert [(p.name, p.kind, p.default) for p in mine.parameters.values()] == wanted


def test_each_has_a_differential_case() -> None:
    """A public method of a newer Twisted fails here until it is compared."""
    assert set(CASES) == set(THEIR_METHODS) - NO_ANSWER


def test_every_name_is_shared() -> None:
    """Private ones too: users reach for C{client._IMAP4Client__cbContinueAppend}."""
    theirs = {name for name in dir(TheirClient) if not name.endswith("__")}
    missing = {name for name in theirs if not hasattr(OurClient, name)}
    assert missing == set()
    assert OurClient.__name__ == "IMAP4Client"
    for base in (TheirClient, LineReceiver, TimeoutMixin, Protocol):
        assert issubclass(OurClient, base)


def test_our_own_names_on_the_class() -> None:
    """Frozen at the names of Twisted and those above."""
    extra = {n for n in dir(OurClient) if not n.startswith("_")} - set(dir(TheirClient))
    assert extra == OUR_NAMES


def test_our_own_names_on_the_instance() -> None:
    """An instance has no public attribute that Twisted's has not."""
    assert {n for n in vars(OurClient()) if not n.startswith("_")} <= {
        n for n in vars(TheirClient()) if not n.startswith("_")
    } | OUR_NAMES


def test_init_takes_a_context_factory() -> None:
    """C{__init__(contextFactory=None)}, with all state set there."""
    parameters = inspect.signature(OurClient).parameters.values()
    assert [(p.name, p.default) for p in parameters] == [("contextFactory", None)]
    context: Any = object()
    client = OurClient(context)
    assert (client.context, client.tags, client.queued, client.authenticators) == (
        context, {}, [], {}
    )  # fmt: skip


def test_package_names() -> None:
    """Everything of imap4's, as Twisted's own objects, and what is ours."""
    exported = set(twisted_imapc.__all__)
    assert len(exported) == len(twisted_imapc.__all__)
    theirs = {*imap4.__all__, "Command", "MessageSet"}
    assert theirs <= exported
    assert exported - theirs == OUR_EXPORTS
    for name in theirs - {"IMAP4Client"}:
        assert getattr(twisted_imapc, name) is getattr(imap4, name)
    assert twisted_imapc.IMAP4Client is OurClient
    for name in exported:
        getattr(twisted_imapc, name)


def test_too_large_is_an_illegal_response() -> None:
    assert issubclass(twisted_imapc.ResponseTooLarge, imap4.IllegalServerResponse)
