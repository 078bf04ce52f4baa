"""
What makes a client and its session look like one object: the session is there
as soon as it is asked for, and what Twisted's client keeps of its commands can
be read and written on the client.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.protocol import connectionDone

from . import _lines
from ._session import Session


class OwnSession:
    """
    The session of a client, made when it is first asked for: also where
    __init__() is Twisted's, or was not called yet.
    """

    def __init__(self, first: Mapping[str, Any]) -> None:
        """
        @param first: values of the session's attributes for a start.
        """
        self.first = first

    def __get__(self, client: Any, cls: Any = None) -> Any:
        if client is None:
            return self
        session = client.__dict__["_imapc"] = Session(client, _lines.STOPS, _lines.linesOf)
        for attribute, value in self.first.items():
            setattr(session, attribute, value)
        _lines.lookAtClass(session, type(client))
        return session


# Twisted's names, and the session's; each Kept enters its own.
KEPT: dict[str, str] = {}


class Kept:
    """
    Something that the session keeps, as an attribute of the client.  (The
    session itself does not read it so: each time would cost a call.)

    @ivar onClass: what Twisted's class, or a subclass, has under this name.
    """

    def __init__(self, attribute: str, onClass: Any) -> None:
        """
        @param attribute: its name in the session.
        """
        self.attribute = attribute
        self.onClass = onClass

    def __set_name__(self, cls: type, name: str) -> None:
        KEPT[name] = self.attribute

    def __get__(self, client: Any, cls: Any = None) -> Any:
        return self.onClass if client is None else getattr(client._imapc, self.attribute)

    def __set__(self, client: Any, value: Any) -> None:
        setattr(client._imapc, self.attribute, value)

    def __delete__(self, client: Any) -> None:
        # As mock.patch.object() does it, just before it sets it.
        delattr(client._imapc, self.attribute)


def keepOfSubclass(cls: Any) -> None:
    """
    Let values that a subclass has under one of these names be the first ones.
    """
    first = {}
    for name, attribute in KEPT.items():
        value = inspect.getattr_static(cls, name)
        if not hasattr(value, "__get__"):
            first[attribute] = value
            setattr(cls, name, Kept(attribute, value))
    if first:
        cls._imapc = OwnSession({**cls._imapc.first, **first})


def keepOfInstance(client: Any) -> None:
    """
    Take over what a program wrote into the client's own dict.
    """
    own = client.__dict__
    for name in KEPT.keys() & own.keys():
        setattr(client, name, own.pop(name))


def stateOf(client: Any) -> dict[str, Any]:
    """
    What copy and pickle take of a client: as Twisted's, without the session, which
    belongs to one client.
    """
    state = {**client.__dict__, **{name: getattr(client, name) for name in KEPT}}
    state.pop("_imapc", None)
    return state


def setState(client: Any, state: dict[str, Any]) -> None:
    """
    Restore what stateOf() gave.
    """
    client.__dict__.update(state)
    keepOfInstance(client)


# Attributes that belong to one connection, set back for the next.
_OF_ONE_CONNECTION = ("startedTLS", "state", "line_mode", "paused")


def beginAgain(client: Any) -> Session:
    """
    A session for one more connection of the same client.
    """
    own = client.__dict__
    last: Session = own.pop("_imapc")
    for name in _OF_ONE_CONNECTION:
        own.pop(name, None)
    client._tag = client._parts = client._pendingBuffer = None
    session: Session = client._imapc
    session.tagID, session.lastCommand = last.tagID, last.lastCommand
    session.greeted, session.tlsFirst = last.greeted, last.tlsFirst
    # These are None behind the end: what is there now a program has put there.
    if last.queued is not None:
        session.queued = last.queued
    if last.tags is not None:
        session.tags = last.tags
    return session


def endSessionAfter(cls: Any) -> None:
    """
    See to it that the Deferreds fire also where a connectionLost() does not
    call that of its base, in C{cls} or in a mixin.
    """
    theirs = inspect.getattr_static(cls, "connectionLost")
    if not getattr(theirs, "_endsSession", False):
        cls.connectionLost = _endingSession(theirs)


def endsSession(connectionLost: Callable[..., Any]) -> Callable[..., Any]:
    """
    Say that this connectionLost() sees to it by itself.
    """
    connectionLost._endsSession = True  # type: ignore[attr-defined]
    return connectionLost


def _endingSession(theirs: Any) -> Callable[..., Any]:
    """
    A connectionLost() that ends the session after C{theirs}, which may be
    whatever a class can have for a method.
    """

    @functools.wraps(theirs)
    def connectionLost(self: Any, *args: Any, **keywords: Any) -> Any:
        bind = getattr(theirs, "__get__", None)
        # theirs may connect again, and _imapc is the next session then.
        session = self._imapc
        try:
            return (bind(self, type(self)) if bind else theirs)(*args, **keywords)
        finally:
            reason = next(iter((*args, *keywords.values())), connectionDone)
            session.end(reason, unheard=True)

    return endsSession(connectionLost)
