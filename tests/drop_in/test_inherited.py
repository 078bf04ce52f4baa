"""
Methods of Twisted's that ours has with types and documentation alone: nobody may notice.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from twisted.internet.defer import succeed
from twisted.logger import capturedLogs, formatEvent
from twisted.protocols.basic import LineReceiver

from tests.helpers.classes import AGAINST_ITSELF, OurClient, TheirClient
from tests.helpers.rig import MemoryTransport
from twisted_imapc._inherited import Inherited
from twisted_imapc._listeners import Listeners
from twisted_imapc._verbs import Fetches

#: The methods that only call what is behind them.
PASSED_ON = [
    name
    for cls in (Fetches, Inherited, Listeners)
    for name in vars(cls)
    if not name.startswith("_") and name != "expunged"
]

FETCH = b"* 1 FETCH (FLAGS (a) RFC822 {1}\r\nx)\r\n0001 OK done\r\n"

pytestmark = pytest.mark.skipif(AGAINST_ITSELF, reason="Twisted has no methods of ours")


def message_fetched(cls: Any) -> tuple[Any, Any]:
    """A client, and what fetchMessage() gives."""
    client = cls()
    client.makeConnection(MemoryTransport())
    client.dataReceived(b"* OK hi\r\n")
    done: list[Any] = []
    client.fetchMessage("1").addCallback(done.append)
    client.dataReceived(FETCH)
    return client, done


def takes_lines(client: Any) -> bool:
    """Which way in it has: True for the line path."""
    return client._imapc.reader is not None


def test_all_are_there() -> None:
    assert len(PASSED_ON) > 30
    assert {"fetchFlags", "addFlags", "messageFile", "setRawMode", "newMessages"} <= {*PASSED_ON}


@pytest.mark.parametrize("name", PASSED_ON)
def test_signature_is_twisted_s(name: str) -> None:
    theirs, mine = (inspect.signature(getattr(cls, name)) for cls in (TheirClient, OurClient))
    wanted = [(p.name, p.kind, p.default) for p in theirs.parameters.values()]
    assert [(p.name, p.kind, p.default) for p in mine.parameters.values()] == wanted


@pytest.mark.parametrize("name", PASSED_ON)
def test_what_is_behind_is_called(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program puts in the place of Twisted's, on Twisted's own class."""
    method = getattr(OurClient, name)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    client, answer = OurClient(), object()
    calls: list[Any] = []

    def instead(self: Any, *arguments: Any) -> Any:
        calls.append((self, *arguments))
        return answer

    home = next(base for base in TheirClient.__mro__ if name in vars(base))
    monkeypatch.setattr(home, name, instead)
    returned = getattr(client, name)(*(p.name for p in parameters))
    assert calls == [(client, *(p.name for p in parameters))]
    assert returned is answer or method.__annotations__["return"] == "None"


@pytest.mark.parametrize("name", PASSED_ON)
def test_a_base_that_is_twisted_s(name: str) -> None:
    """One behind ours, that somebody wrote for Twisted's client, is as good as it was."""
    heard: list[str] = []

    def own(self: Any, *arguments: Any) -> None:
        heard.append(name)

    theirs: Any = type("Theirs", (TheirClient,), {name: own})
    both = type("Both", (OurClient, theirs), {})
    parameters = list(inspect.signature(own).parameters)
    assert parameters == ["self", "arguments"]
    getattr(both(), name)(*list(inspect.signature(getattr(OurClient, name)).parameters)[1:])
    assert heard == [name]


# ---- The way in ------------------------------------------------------------


@pytest.mark.parametrize("name", [*PASSED_ON, None])
def test_a_class_that_passes_on(name: str | None) -> None:
    """Only messageFile and the two modes are of the line path, as ever."""

    def passing(self: Any, *arguments: Any) -> Any:
        return getattr(super(cls, self), str(name))(*arguments)

    cls: Any = type("Passing", (OurClient,), {} if name is None else {name: passing})
    client, done = message_fetched(cls)
    assert done == [{1: {"RFC822": "x"}}]
    assert takes_lines(client) == (name in ("messageFile", "setRawMode", "setLineMode"))


@pytest.mark.parametrize("original", [TheirClient, OurClient])
@pytest.mark.parametrize("name", ["messageFile", "setRawMode", "setLineMode"])
def test_the_same_method_again(name: str, original: Any) -> None:
    """It overrides nothing, whether it is Twisted's or ours."""
    client, done = message_fetched(type("Same", (OurClient,), {name: getattr(original, name)}))
    assert done == [{1: {"RFC822": "x"}}]
    assert not takes_lines(client)


def test_a_hook_of_a_base_that_is_twisted_s() -> None:
    """It is found behind ours, and the log says where it stands."""
    sizes: list[int] = []

    class Spooling(TheirClient):
        def messageFile(self, octets: int) -> Any:
            sizes.append(octets)
            return super().messageFile(octets)

    class Both(OurClient, Spooling):
        pass

    with capturedLogs() as logs:
        client, done = message_fetched(Both)
    assert (done, sizes) == ([{1: {"RFC822": "x"}}], [1])
    assert takes_lines(client)
    first = Spooling.messageFile.__code__.co_firstlineno
    assert [f"messageFile ({__file__}:{first})" in (formatEvent(one) or "") for one in logs] == [
        True
    ]


def test_a_hook_put_into_twisted_s_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """And taken out again: as without ours."""
    cls = type("Patched", (OurClient,), {})
    assert not takes_lines(message_fetched(cls)[0])
    calls: list[Any] = []

    def setRawMode(self: Any) -> None:
        calls.append(self)
        self.line_mode = 0

    with monkeypatch.context() as patched:
        patched.setattr(LineReceiver, "setRawMode", setRawMode)
        client, done = message_fetched(cls)
        assert takes_lines(client) and calls == [client]
    assert not takes_lines(message_fetched(cls)[0])


def test_fetch_of_a_subclass() -> None:
    """_fetch and _store are called where they always were."""

    class Program(OurClient):
        def _fetch(self, messages: Any, useUID: Any = 0, **terms: Any) -> Any:
            return succeed((messages, useUID, terms))

        def _store(self, *arguments: Any) -> Any:
            return succeed(arguments)

    found: list[Any] = []
    Program().fetchFast("1", True).addCallback(found.append)
    Program().removeFlags("1", ["a"], uid=1).addCallback(found.append)
    assert found == [
        ("1", True, {"flags": 1, "internaldate": 1, "rfc822size": 1}),
        ("1", b"-FLAGS", 1, ["a"], 1),
    ]
