"""
Verbs that are several commands: sets too long for one line, STATUS where LIST cannot
tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.python.failure import Failure

from . import _encode
from ._answers import List, named, withStatus
from ._errors import CommandFailed, IMAPError, MalformedAnswer
from ._records import MailboxInfo, Stored
from ._sets import UIDSet

if TYPE_CHECKING:
    from ._imapc import Message
    from .client import Client


def withStatuses(
    infos: list[MailboxInfo], client: Client, command: List, items: list[bytes]
) -> Any:
    """
    Ask for the status of each where LIST could not.
    """
    if not command.lacksStatus:
        return infos
    names = [item.decode("ascii") for item in items]

    def ask(info: MailboxInfo) -> Deferred[MailboxInfo]:
        if not info.selectable:
            return succeed(info)
        try:
            asked = client.status(info.name, *names)
        except ValueError:
            # A server may have names that nobody can say.
            return succeed(info)
        return asked.addCallbacks(partial(withStatus, info), partial(without, info))

    def without(info: MailboxInfo, failure: Failure) -> MailboxInfo:
        # This one may be another user's, or gone by now.
        failure.trap(CommandFailed, MalformedAnswer)
        return withStatus(info, failure.value.result)  # type: ignore[union-attr]

    return together([ask(info) for info in infos], list)


def changeOf(
    add: Iterable[str] | None,
    remove: Iterable[str] | None,
    replace: Iterable[str] | None,
    silent: bool,
    item: str,
) -> bytes:
    """
    What STORE is to do.
    """
    given = [(sign, flags) for sign, flags in ((b"+", add), (b"-", remove), (b"", replace))
             if flags is not None]  # fmt: skip
    if len(given) != 1:
        raise TypeError("store() takes exactly one of add, remove and replace")
    ((sign, flags),) = given
    if isinstance(flags, (str, bytes)):
        raise TypeError("flags: a str where several are wanted")
    (name,) = named([item], "item")
    listed = b" ".join(map(_encode.flag, flags))
    return b"%b%b%b (%b)" % (sign, name, b".SILENT" if silent else b"", listed)


def allStored(parts: list[Stored]) -> Stored:
    """
    One result for several STOREs.
    """
    messages: dict[int, Message] = {}
    for part in parts:
        messages.update(part.messages)
    return Stored(messages, UIDSet.union(part.modified for part in parts))


def allFound(parts: list[Any]) -> Any:
    """
    One result for a search in parts.
    """
    if len(parts) == 1:
        return parts[0]
    return UIDSet.union(parts)


def together(deferreds: list[Deferred[Any]], merge: Callable[[list[Any]], Any]) -> Deferred[Any]:
    """
    One Deferred for several.  It fails with the first failure in their order, when all
    is over: then C{.result} has what all of them gave, merged.
    """

    def over(outcomes: list[tuple[bool, Any]]) -> Any:
        results = [
            one if hasCome else getattr(one.value, "result", None) for hasCome, one in outcomes
        ]
        merged = merge([one for one in results if one is not None])
        for hasCome, one in outcomes:
            if not hasCome:
                if isinstance(one.value, IMAPError):
                    one.value.result = merged
                return one
        return merged

    return DeferredList(deferreds, consumeErrors=True).addCallback(over)
