"""
The connection is lost at every prefix of every vector of C{tests/vectors}, with one
command sent and one queued: each Deferred fires once, with its result or with the
cause, and nothing is left that keeps the client.
"""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.error import ConnectionLost
from twisted.mail.imap4 import IMAP4Exception
from twisted.python.failure import Failure

from tests.helpers.classes import WAYS
from tests.helpers.rig import Call, Rig, calling, logged
from tests.helpers.vectors import CALLS, HUGE_OCTETS, VECTORS, authenticate, wire_of

pytestmark = [pytest.mark.usefixtures("nothing_left"), pytest.mark.slow]

# Longer wires are not cut everywhere.
EVERY_PREFIX_UP_TO = 500


def prefixes(wire: bytes) -> Iterator[int]:
    """The length of every prefix; samples of a long wire's."""
    if len(wire) <= EVERY_PREFIX_UP_TO:
        yield from range(len(wire) + 1)
        return
    edge, seeded = (1, 2) if len(wire) > HUGE_OCTETS else (16, 60)
    yield from range(edge)
    yield from range(len(wire) + 1 - edge, len(wire) + 1)
    yield from random.Random(len(wire)).sample(range(edge, len(wire) - edge), seeded)


def started(cls: Any, name: str) -> Rig:
    """A session with what the vector wants to be sent, and a command queued."""
    greeted = name.startswith("greet")
    session = Rig(cls, greeting=None if greeted else b"* OK hi\r\n")
    noop = calling("noop")
    others: dict[str, list[Call]] = {"noop2": [noop, noop], "auth": [authenticate], "idle": []}
    sent = [noop] if greeted else others[name] if name in others else [CALLS[name]]
    for call in (*sent, noop):
        session.call(call)
    return session


def lose(session: Rig) -> Failure:
    reason = Failure(ConnectionLost("gone"))
    session.lose(reason)
    return reason


def check_told(session: Rig, reason: Failure) -> None:
    """Each Deferred has fired once, a failed one with a cause."""
    for firings in session.calls:
        assert len(firings) == 1
        kind, value = firings[0]
        if kind == "failure" and value is not reason.value:
            # IllegalServerResponse and ResponseTooLarge are such.
            assert isinstance(value, IMAP4Exception), value
    session.call(calling("noop"))
    assert session.calls[-1][0][0] == "failure"
    assert [e for e in logged() if not isinstance(e, IMAP4Exception)] == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(ours: Any, vector: dict[str, Any]) -> None:
    """Each prefix in two pieces, cut anywhere."""
    wire = wire_of(vector)
    some = random.Random(vector["name"])
    clients = []
    for length in prefixes(wire):
        session = started(ours, vector["call"])
        session.feed(wire[:length], [some.randint(0, length)])
        check_told(session, lose(session))
        clients.append(weakref.ref(session.client))
    del session
    gc.collect()
    assert not any(client() for client in clients)


@pytest.mark.parametrize("way", WAYS)
def test_open_vectors_tell_the_reason(way: str) -> None:
    """Where the server did nothing wrong, everyone gets what the transport said."""
    for vector in VECTORS:
        if vector["outcome"] != "result" or b"BYE" in wire_of(vector).upper():
            continue
        session = started(WAYS[way], vector["call"])
        session.feed(wire_of(vector)[:-1])
        if session.lost is None:
            reason = lose(session)
            assert session.calls[-1] == [("failure", reason.value)], vector["name"]
