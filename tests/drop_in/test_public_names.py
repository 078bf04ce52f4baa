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
from twisted_imapc import types

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
OUR_EXPORTS = {"Client", "IMAP4ClientFactory", "InsecureConnectionWarning", "ResponseTooLarge",
               "connect"}  # fmt: skip


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
    """Everything of imap4's, as Twisted's own objects but for one, and what is ours."""
    exported = set(twisted_imapc.__all__)
    assert len(exported) == len(twisted_imapc.__all__)
    theirs = {*imap4.__all__, "Command", "MessageSet"}
    assert theirs <= exported
    assert exported - theirs == OUR_EXPORTS
    for name in theirs - {"IMAP4Client", "Query"}:
        assert getattr(twisted_imapc, name) is getattr(imap4, name)
    assert twisted_imapc.IMAP4Client is OurClient
    for name in exported:
        getattr(twisted_imapc, name)


#: Public names of imap4 that neither its C{__all__} nor ours has.
MORE_NAMES = sorted(
    name for name in vars(imap4) if not name.startswith("_") and name not in twisted_imapc.__all__
)

#: Those of them that imap4 has not from elsewhere.
DEFINED = [
    name
    for name in MORE_NAMES
    if getattr(getattr(imap4, name), "__module__", None) == imap4.__name__
    or name == "TIMEOUT_ERROR"
]


@pytest.mark.parametrize("name", MORE_NAMES)
def test_other_names_of_imap4(name: str) -> None:
    """Each public one, as Twisted's own object, as an attribute and to import."""
    namespace: dict[str, Any] = {}
    exec(f"from twisted_imapc import {name} as found", namespace)
    if name in vars(twisted_imapc):
        # Of the language's own, such as Any and annotations.
        assert name not in DEFINED
    assert namespace["found"] is getattr(imap4, name) is getattr(twisted_imapc, name)


def test_names_that_programs_use() -> None:
    """As public code has them."""
    from twisted_imapc import decoder, parseIdList, parseNestedParens

    assert parseNestedParens(b"a (b c)") == [b"a", [b"b", b"c"]]
    assert list(parseIdList(b"1:2")) == [1, 2]
    assert decoder(b"&Jjo-")[0] == "\u263a"
    assert {"decoder", "parseIdList", "parseNestedParens"} < set(DEFINED)


def test_a_name_that_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a newer Twisted, or put there by a program: looked up when it is asked for."""
    theirs: Any = imap4
    monkeypatch.setattr(theirs, "newInTwisted", object(), raising=False)
    mine: Any = twisted_imapc
    assert mine.newInTwisted is theirs.newInTwisted
    assert "newInTwisted" in dir(twisted_imapc)


@pytest.mark.parametrize("name", ["noSuchName", "_FetchParser", "__wrapped__", "_IMAP4Client"])
def test_a_name_that_is_nowhere(name: str) -> None:
    """Private ones neither."""
    with pytest.raises(AttributeError, match=f"'twisted_imapc' has no attribute '{name}'"):
        getattr(twisted_imapc, name)
    with pytest.raises(ImportError, match=name):
        exec(f"from twisted_imapc import {name}")
    assert not hasattr(twisted_imapc, name)


def test_our_names_are_not_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a program put ours in the place of Twisted's, and for submodules."""
    monkeypatch.setattr(imap4, "IMAP4Client", OurClient)
    assert twisted_imapc.IMAP4Client is OurClient
    from twisted_imapc import testing

    assert testing.__name__ == "twisted_imapc.testing"


def test_dir() -> None:
    """What there is, once each."""
    listed = dir(twisted_imapc)
    assert len(listed) == len(set(listed))
    assert {*twisted_imapc.__all__, *MORE_NAMES, "__all__", "__doc__"} <= set(listed)
    assert not [name for name in listed if not hasattr(twisted_imapc, name)]


def test_star_import_is_as_before() -> None:
    """C{__all__} has imap4's, Command, MessageSet and ours: test_package_names."""
    namespace: dict[str, Any] = {}
    exec("from twisted_imapc import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(twisted_imapc.__all__)


def test_names_of_types() -> None:
    """What is there for annotations: no other name of that module is promised."""
    assert types.__all__ == [
        "Address", "AllItem", "Answer", "BodyItem", "BodyStructure", "BodyStructureItem",
        "Capabilities", "Envelope", "EnvelopeItem", "FastItem", "FlagsItem", "FullItem",
        "HeadersItem", "InternalDateItem", "ListedMailbox", "MessageItem", "Namespace", "Nested",
        "Numbers", "SASLAuthenticator", "Section", "SelectedMailbox", "SequenceSet", "SizeItem",
        "SpecificItem", "StatusItems", "TextItem", "UIDItem",
    ]  # fmt: skip
    for name in types.__all__:
        getattr(types, name)


def test_too_large_is_an_illegal_response() -> None:
    assert issubclass(twisted_imapc.ResponseTooLarge, imap4.IllegalServerResponse)
