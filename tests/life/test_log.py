"""
What is logged: for which connection, at which level, and bytes as what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory
from twisted.internet.task import deferLater
from twisted.logger import LogLevel, capturedLogs, eventAsText, formatEvent
from twisted.mail.imap4 import Command
from twisted.python import log

from tests.helpers.classes import WAYS, TheirClient
from tests.helpers.rig import Rig, calling, logged
from tests.helpers.server_case import GREETS, ServerTestCase
from twisted_imapc.testing import TAG, ExpectCommand, Send

Event = dict[str, Any]

# ---- In a reactor ----------------------------------------------------------


def _answered_with_x_other(command: bytes) -> tuple[Any, ...]:
    return (
        ExpectCommand(command),
        Send(b'* X-OTHER 5 "a b"\r\n' + TAG + b" OK done\r\n"),
    )


#: What makes Twisted's client log: the server's part, the client's, and how the text that it
#: logs begins, with the level.
CASES: dict[str, tuple[tuple[Any, ...], Callable[[Any], Any], str, LogLevel]] = {
    "idle": (
        (Send(b"* X-OTHER 5\r\n"),),
        lambda c: deferLater(reactor, 0.1),
        "Unhandled unsolicited response",
        LogLevel.info,
    ),
    "method": (
        _answered_with_x_other(b"NOOP"),
        calling("noop"),
        "Unhandled unsolicited response",
        LogLevel.info,
    ),
    "program's own": (
        _answered_with_x_other(b"X"),
        lambda c: c.sendCommand(Command(b"X")),
        "Unhandled unsolicited response",
        LogLevel.info,
    ),
    "cleartext": (
        (
            ExpectCommand(b"CAPABILITY"),
            Send(b"* CAPABILITY IMAP4rev1\r\n" + TAG + b" OK done\r\n"),
            ExpectCommand(b'LOGIN "u" "p"'),
            Send(TAG + b" OK done\r\n"),
        ),
        calling("login", b"u", b"p"),
        "log",
        LogLevel.info,
    ),
    "namespaces": (
        (ExpectCommand(b"NAMESPACE"), Send(TAG + b" OK done\r\n")),
        calling("namespace"),
        "namespace",
        LogLevel.critical,
    ),
    "listener": (
        (Send(b"* 3 EXISTS\r\n"),),
        lambda c: deferLater(reactor, 0.1),
        "",
        LogLevel.critical,
    ),
}


class LogTests(ServerTestCase):
    """In a real reactor, beside Twisted's client."""

    async def logs(self, cls: Any, case: str) -> list[Event]:
        """What was logged while one client did this."""
        steps, call, _, _ = CASES[case]
        server = await self.scripted(GREETS, *steps)
        made: list[Any] = []

        class IMAP4Client(cls):
            def connectionMade(self) -> None:
                made.append(self)
                super().connectionMade()

            def newMessages(self, exists: Any, recent: Any) -> None:
                raise ZeroDivisionError

        factory = ClientFactory.forProtocol(IMAP4Client)
        factory.noisy = False
        with capturedLogs() as events:
            self.connect(server, factory)
            while not (made and made[0].state):
                await deferLater(reactor, 0.01)
            await call(made[0])
            # Twisted's client logs some of it behind the Deferred.
            await deferLater(reactor, 0.02)
        self.flushLoggedErrors(ZeroDivisionError)
        # A class that takes the slower way says so, before there is a connection.
        return [
            event
            for event in events
            if "Client" in eventAsText(event) and "line by line" not in formatEvent(event)
        ]

    async def test_sameAsTwisted(self) -> None:
        """One event, of the transport's system and at Twisted's level."""
        for case, (_, _, text, level) in CASES.items():
            for cls in (TheirClient, *WAYS.values()):
                events = await self.logs(cls, case)
                told = [(event["log_system"], event["log_level"]) for event in events]
                self.assertEqual(told, [("IMAP4Client,client", level)], (case, cls))
                self.assertIn("[IMAP4Client,client]", eventAsText(events[0]))
                self.assertIn(text.lower(), formatEvent(events[0]).lower())


# ---- Each event of ours ----------------------------------------------------


def idle(wire: bytes) -> Callable[[Rig], None]:
    return lambda session: session.feed(wire)


def waiting(call: Any, wire: bytes) -> Callable[[Rig], None]:
    def run(session: Rig) -> None:
        session.call(call)
        session.feed(wire)

    return run


def bad_trace(session: Rig) -> None:
    session.client.trace = lambda: None
    session.feed(b"* 3 EXISTS\r\n")


def bad_continuation(session: Rig) -> None:
    session.call(lambda c: c.sendCommand(Command(b"X", None, (), lambda text: 1 / 0)))
    session.feed(b"+ go\r\n")


def starttls(session: Rig) -> None:
    session.client._capCache = {b"STARTTLS": None}
    session.call(calling("startTLS"))


#: What makes us log, with what a reader is told and the bytes in it.
OURS: dict[str, tuple[Callable[[Rig], None], LogLevel, str]] = {
    "unhandled": (idle(b"* X-OTHER \xff\r\n"), LogLevel.info, "b'* X-OTHER \\xff'"),
    "foreign tag": (idle(b"A9 OK x\r\n"), LogLevel.info, "b'A9 OK x'"),
    "no response": (idle(b"hello there\r\n"), LogLevel.info, "there'"),
    "plus": (idle(b"+ go\r\n"), LogLevel.info, "ontinuation request"),
    "malformed": (idle(b"* x EXISTS\r\n"), LogLevel.warn, "b'* x EXISTS'"),
    "not chosen": (
        waiting(lambda c: c.sendCommand(Command(b"X")), b'* X ("a b")\r\n0001 OK x\r\n'),
        LogLevel.info,
        "Unhandled unsolicited response: [b'X', [b'a b']]",
    ),
    "bad and not chosen": (
        waiting(lambda c: c.sendCommand(Command(b"X")), b"* X (\r\n0001 OK x\r\n"),
        LogLevel.warn,
        "b'X ('",
    ),
    "trace": (bad_trace, LogLevel.critical, "trace() raised"),
    "continuation": (bad_continuation, LogLevel.critical, "ontinuation failed"),
    "starttls": (starttls, LogLevel.warn, "tlsHostname"),
}


@pytest.mark.parametrize("case", OURS)
def test_system_and_bytes(ours: Any, case: str) -> None:
    """
    The system is what the reactor calls the transport; bytes are written once, not as
    the bytes of what was written of bytes, and bytes in the event.
    """
    happen, level, text = OURS[case]
    session = Rig(ours)
    with capturedLogs() as events:
        log.callWithContext({"system": "IMAP4Client,client"}, happen, session)
    [event] = [event for event in events if event["log_namespace"].startswith("twisted_imapc")]
    assert event["log_level"] is level
    assert event["log_system"] == "IMAP4Client,client"
    line = eventAsText(event, includeTraceback=False)
    assert "[IMAP4Client,client]" in line
    assert text in line, line
    assert 'b"[b' not in line and "b\"b'" not in line and "b'b" not in line
    if "wire" in event:
        assert isinstance(event["wire"], bytes)
    logged()


@pytest.mark.parametrize("case", OURS)
def test_outside_of_a_reactor(ours: Any, case: str) -> None:
    """The system of nobody, as in Twisted."""
    session = Rig(ours)
    with capturedLogs() as events:
        OURS[case][0](session)
    [event] = [event for event in events if event["log_namespace"].startswith("twisted_imapc")]
    assert event["log_system"] == "-"
    logged()


def test_what_is_logged_is_short(ours: Any) -> None:
    """However long a response is that nobody wants."""
    for call, wire in (
        (lambda c: None, b"* X " + b"y" * 5000 + b"\r\n"),
        (lambda c: c.sendCommand(Command(b"X")), b"* X " + b"y " * 5000 + b"\r\n0001 OK x\r\n"),
    ):
        session = Rig(ours)
        session.call(call)
        with capturedLogs() as events:
            session.feed(wire)
        texts = [formatEvent(e) for e in events if "Unhandled" in (e.get("log_format") or "")]
        assert len(texts) == 1 and len(texts[0]) < 300


def test_a_legacy_observer_is_told_the_system(ours: Any) -> None:
    """As it is of Twisted's client."""
    told: list[Any] = []
    for cls in (TheirClient, ours):
        session = Rig(cls)
        log.addObserver(told.append)
        try:
            log.callWithContext({"system": "A,client"}, session.feed, b"* X-OTHER 5\r\n")
        finally:
            log.removeObserver(told.append)
    seen = [(event["system"], event["isError"]) for event in told]
    assert seen == [("A,client", 0)] * 2
