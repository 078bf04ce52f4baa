"""The vectors of C{tests/vectors}, and how a client gets one; the README there says more."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.mail.imap4 import PLAINAuthenticator

from tests.helpers.rig import Call, Outcome, Rig

VECTORS = [
    json.loads(line)
    for path in sorted((Path(__file__).parents[1] / "vectors").glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]

CALLS: dict[str, Call] = {
    "noop": lambda c: c.noop(),
    "list": lambda c: c.list("", "*"),
    "search": lambda c: c.search("ALL"),
    "select": lambda c: c.select("x"),
    "status": lambda c: c.status("INBOX", "MESSAGES"),
    "ns": lambda c: c.namespace(),
    "caps": lambda c: c.getCapabilities(useCache=0),
    "copy": lambda c: c.copy("1", "x", 0),
    "fetchE": lambda c: c.fetchEnvelope("1"),
    "fetchB": lambda c: c.fetchBodyStructure("1"),
    "fetchM": lambda c: c.fetchMessage("1"),
    "fetchS": lambda c: c.fetchSpecific("1", headerType="TEXT"),
    "fetchF": lambda c: c.fetchFlags("1"),
    "fetchU": lambda c: c.fetchUID("1"),
    "fetchZ": lambda c: c.fetchSize("1"),
    "login": lambda c: c.login(b"u", b"p"),
}

# With TWISTED_IMAPC_FEW_CUTS=1 fewer wires are cut everywhere: where another
# Python, perhaps a slow one, is looked at and not the framer again (`make matrix`).
FEW_CUTS = os.environ.get("TWISTED_IMAPC_FEW_CUTS") == "1"

# A wire of more octets costs a tenth of a second each time.
HUGE_OCTETS = (256 if FEW_CUTS else 8 * 1024) * 1024


def authenticate(client: Any) -> Deferred[Any]:
    client._capCache = {b"AUTH": [b"PLAIN"]}
    client.registerAuthenticator(PLAINAuthenticator(b"u"))
    return client.authenticate(b"s")


def wire_of(vector: dict[str, Any]) -> bytes:
    return eval(vector["wire"])


@cache
def _evaluated(value: str) -> Any:
    return eval(value, {"N": None})


def value_of(vector: dict[str, Any]) -> Any:
    """What the vector wants: the same object each time, not to be changed."""
    return _evaluated(vector["value"])


def play_vector(
    cls: Any, vector: dict[str, Any], wire: bytes, cuts: Any = ()
) -> tuple[Outcome, bytes]:
    """The outcome, and what was written since the first octet of wire came in."""
    name = vector["call"]
    if name.startswith("greet"):
        session = Rig(cls, greeting=None)
        session.feed(wire, cuts)
        if name == "greet+login":
            session.call(CALLS["login"])
        return session.outcome(), session.written
    session = Rig(cls)
    if name == "noop2":
        session.call(CALLS["noop"])
        session.call(CALLS["noop"])
    elif name == "auth":
        session.call(authenticate)
    elif name != "idle":
        session.call(CALLS[name])
    before = len(session.written)
    session.feed(wire, cuts)
    return session.outcome(), session.written[before:]
