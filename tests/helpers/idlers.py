"""Programs that idle, each in its own way: none of them has IDLE from Twisted."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.mail.imap4 import Command, parseNestedParens

from tests.helpers.rig import Entry


def rebinding_idler(base: Any) -> Any:
    """
    Puts a handler of its own in place of response_AUTH until the tagged answer.
    """

    class RebindingIdler(base):
        journal: list[Entry]

        def idle(self) -> Any:
            self.state = "AUTH"
            self.response_AUTH = self.idling
            return self.sendCommand(Command(b"IDLE"))

        def idling(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("idling", tag, rest))
            if tag not in (b"*", b"+"):
                self.response_AUTH = self._defaultHandler
                self.response_AUTH(tag, rest)

        def done(self) -> Any:
            self.sendLine(b"DONE")
            # The command is the one that waits already, only its Deferred is new.
            self._lastCmd.defer = Deferred()
            return self._lastCmd.defer

    return RebindingIdler


def unbinding_idler(base: Any) -> Any:
    """
    The same, but gives the class's method back, and is told in the middle of a chunk.
    """

    class UnbindingIdler(base):
        journal: list[Entry]

        def idle(self) -> Any:
            self.state = "auth"
            return self.sendCommand(Command(b"IDLE", None, (), self.begun))

        def begun(self, text: bytes) -> None:
            self.journal.append(("begun", text))
            self.response_AUTH = self.idling

        def idling(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("idling", tag, rest))
            if tag != b"*":
                del self.response_AUTH
                self.response_AUTH(tag, rest)

        def done(self) -> Any:
            self.sendLine(b"DONE")

    return UnbindingIdler


def stateful_idler(base: Any) -> Any:
    """
    Has a state for it, and so a method for that state.
    """

    class StatefulIdler(base):
        journal: list[Entry]
        state: Any

        def idle(self) -> Any:
            return self.sendCommand(Command(b"IDLE", None, (b"EXISTS", b"EXPUNGE"), self.begun))

        def begun(self, text: bytes) -> None:
            self.before = self.state
            self.state = "IDLE"

        def response_IDLE(self, tag: bytes, rest: bytes) -> None:
            self.journal.append(("idling", tag, rest))
            if tag != b"*":
                self.state = self.before
                self._defaultHandler(tag, rest)

        def done(self) -> Any:
            self.sendLine(b"DONE")
            return self._lastCmd.defer

    return StatefulIdler


def borrowed_state_idler(base: Any) -> Any:
    """
    The same, but only this instance has the method, and the state is in lower case.
    """

    class BorrowedStateIdler(base):
        journal: list[Entry]

        def idle(self) -> Any:
            return self.sendCommand(Command(b"IDLE", None, (), self.begun))

        def begun(self, text: bytes) -> None:
            def idling(tag: bytes, rest: bytes) -> None:
                self.journal.append(("idling", tag, rest))
                if tag == b"0001":
                    self.state = "unauth"
                    self.response_UNAUTH(tag, rest)

            self.response_IDLE = idling
            self.state = "idle"

        def done(self) -> Any:
            self.sendLine(b"DONE")

    return BorrowedStateIdler


def hoarding_idler(base: Any) -> Any:
    """
    Keeps what it hears of in the command, beside what was there.
    """

    class HoardingIdler(base):
        def idle(self) -> Any:
            self.state = "auth"
            return self.sendCommand(Command(b"IDLE", None, (), self.begun))

        def begun(self, text: bytes) -> None:
            self.response_AUTH = self.idling

        def idling(self, tag: bytes, rest: bytes) -> None:
            if tag == b"*":
                self._lastCmd.lines.append(rest)
            else:
                self.response_AUTH = self._defaultHandler
                self.response_AUTH(tag, rest)

        def done(self) -> Any:
            self.sendLine(b"DONE")

    return HoardingIdler


def handling_idler(base: Any) -> Any:
    """
    Lets the listeners hear of things while it idles.
    """

    class HandlingIdler(base):
        idling = False

        def idle(self) -> Any:
            self.idling = True
            d = self.sendCommand(Command(b"IDLE", None, (), lambda text: None))
            return d.addCallback(self.ended)

        def ended(self, result: Any) -> Any:
            self.idling = False
            return result

        def _defaultHandler(self, tag: bytes, rest: bytes) -> None:
            if self.idling and tag == b"*":
                self._extraInfo([parseNestedParens(rest)])
            else:
                base._defaultHandler(self, tag, rest)

        def done(self) -> Any:
            self.sendLine(b"DONE")

    return HandlingIdler


def careless_idler(base: Any) -> Any:
    """
    Tells the client that nothing waits, so that it believes itself idle.
    """

    class CarelessIdler(base):
        def idle(self) -> Any:
            d = self.sendCommand(Command(b"IDLE"))
            self.waiting = None
            return d

        def done(self) -> Any:
            self.sendLine(b"DONE")

    return CarelessIdler
