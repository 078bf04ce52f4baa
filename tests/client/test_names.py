"""The names that users of Client see: pinned, each documented."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

import twisted_imapc
from twisted_imapc import client
from twisted_imapc.client import Client, Fetch, Mailbox, UIDSet

EXPORTS = {
    "Client", "Fetch", "Mailbox", "Message", "Envelope", "Address", "Part", "Problem", "Events",
    "UIDSet", "Numbers", "Raw",
    "Mechanism", "Plain", "OAuth", "External",
    "MailboxInfo", "SearchResult", "Status", "Stored",
    "Alert", "Exists", "Expunged", "Fetched", "Flags", "Listed", "Malformed", "Missed", "Mode",
    "Notice", "Recent", "StatusChanged", "Unknown", "Vanished",
    "IMAPError", "CommandFailed", "No", "Bad", "AuthenticationFailed", "NotFound",
    "AlreadyExists", "NoPermission", "OverLimit", "TryLater", "MessageGone",
    "ConnectionGone", "Bye", "Silent", "MalformedAnswer", "Unsupported", "Insecure", "Overrun",
    "Stale", "ResponseTooLarge",
}  # fmt: skip

VERBS = {
    "connect", "login", "authenticate", "refresh", "logout", "abort", "disconnected",
    "listen", "events", "select", "unselect", "list", "status", "noop",
    "search", "store", "fetch", "fetchOne",
}  # fmt: skip

FACTS = {"capabilities", "enabled", "state", "secure", "mailbox"}

SETTINGS = {
    "timeout": 300,
    "pipelineDepth": 64,
    "windowOctets": 2 * 1024**2,
    "maxBacklog": 64 * 1024**2,
    "maxCommandLength": 8000,
    "idleRenewal": 540,
    "plaintext": False,
    "trace": None,
    "maxLineLength": 32 * 1024**2,
    "maxLiteralSize": 256 * 1024**2,
    "maxResponseSize": 512 * 1024**2,
    "maxDepth": 128,
    "maxListsPerResponse": 250_000,
    "maxElementsPerResponse": 5_000_000,
}


def public(thing: Any) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_exports() -> None:
    assert set(client.__all__) == EXPORTS
    assert client.__all__ == sorted(client.__all__)
    assert twisted_imapc.Client is Client


def test_the_client() -> None:
    assert public(Client) == VERBS | FACTS | set(SETTINGS)
    assert {name: getattr(Client, name) for name in SETTINGS} == SETTINGS


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (Fetch, {"all", "batches", "each", "close"}),
        (UIDSet, {"ranges", "first", "last"}),
        (Mailbox, {"newest", "permanentFlags", "anyFlag"}),
    ],
)
def test_others(cls: Any, names: set[str]) -> None:
    documented = {name for name in public(cls) if inspect.getdoc(getattr(cls, name))}
    assert names <= documented


@pytest.mark.parametrize("name", sorted(VERBS | FACTS))
def test_each_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(Client, name))


@pytest.mark.parametrize("name", sorted(EXPORTS - {"Message"}))
def test_records_are_frozen(name: str) -> None:
    made = getattr(client, name)
    assert inspect.getdoc(made)
    if dataclasses.is_dataclass(made):
        parameters: Any = vars(made)["__dataclass_params__"]
        assert parameters.frozen
        assert "__slots__" in vars(made)
