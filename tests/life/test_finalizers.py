"""
The collector may run a finalizer at any allocation, also of the parser's: what it does
there with the client is done in good order, or later.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.mail.imap4 import Command

from tests.helpers.responses import OK1, OK2, RESPONSES
from tests.helpers.rig import Rig, calling, logged

pytestmark = pytest.mark.usefixtures("nothing_left")


class Cycle:
    """Goes only when the collector comes."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.me = self
        self.act = act

    def __del__(self) -> None:
        self.act()


class Collected(Rig):
    """A session with two commands, and finalizers that wait for the collector."""

    def __init__(self, cls: Any, name: str) -> None:
        super().__init__(cls)
        self.waiting: list[Deferred[Any]] = []
        self.keep(RESPONSES[name][0])
        self.keep(calling("noop"))

    def keep(self, call: Callable[[Any], Deferred[Any]]) -> None:
        def keeping(client: Any) -> Deferred[Any]:
            self.waiting.append(call(client))
            return self.waiting[-1]

        self.call(keeping)

    def resume(self) -> None:
        self.client.pauseProducing()
        self.client.resumeProducing()

    def trace(self) -> None:
        self.client.lineReceived = self.client.lineReceived

    def cancel(self) -> None:
        for d in self.waiting:
            d.cancel()


ACTS_OF_FINALIZER: dict[str, Callable[[Collected], object]] = {
    "feed": lambda session: session.client.dataReceived(b"* 77 EXISTS\r\n"),
    "send": lambda session: session.call(calling("select", "x")),
    "sendCommand": lambda session: session.call(lambda c: c.sendCommand(Command(b"X"))),
    "close": lambda session: session.transport.loseConnection(),
    "lose": lambda session: session.lose(),
    "time out": lambda session: session.client.timeoutConnection(),
    "resume": Collected.resume,
    "trace": Collected.trace,
    "cancel": Collected.cancel,
}

# How many objects are made until the collector comes.
THRESHOLDS = (1, 2, 5, 11, 23, 47, 97)


def collecting(session: Rig, act: Callable[[], object], threshold: int, wire: bytes) -> None:
    """Feed wire while the collector is busy."""
    before = gc.get_threshold()
    gc.collect()
    gc.disable()
    for _ in range(3):
        Cycle(act)
    gc.set_threshold(threshold, 10, 10)
    gc.enable()
    try:
        session.feed(wire)
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("act", ACTS_OF_FINALIZER)
def test_finalizer(ours: Any, act: str) -> None:
    for name in RESPONSES:
        for threshold in THRESHOLDS:
            session = Collected(ours, name)
            wire = RESPONSES[name][1] * 20 + OK1 + OK2
            collecting(session, functools.partial(ACTS_OF_FINALIZER[act], session), threshold, wire)
            session.lose()
            gc.collect()
            assert [len(firings) for firings in session.calls] == [1] * len(session.calls)
            assert logged() == [], (name, threshold)
