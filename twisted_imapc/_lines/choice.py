"""
The one place where it is decided which way the octets of a client go.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .._imapc import hasAny, typeVersion
from .._inherited import Inherited, TwistedClient
from .._logger import ConnectionLogger
from .hooks import LineHooks
from .reader import LineReader

if TYPE_CHECKING:
    from .._session import Session

_log = ConnectionLogger()

# What only the line path calls.  A class that overrides one of them, or any
# response_*, has its lines framed there.
_HOOKS = (
    "lineReceived",
    "rawDataReceived",
    "_regularDispatch",
    "_setupForLiteral",
    "setRawMode",
    "setLineMode",
    "messageFile",
    "dispatchCommand",
    "_defaultHandler",
    "response_UNAUTH",
    "response_AUTH",
    "_extraInfo",
    "_cbFetch",
    "_parseFetchPairs",
)
_HOOK_NAMES = frozenset(_HOOKS)

# What in a client's own dict may mean that the line path is wanted.
STOPS = (*_HOOKS, "line_mode")

# What is ours, against which classes are compared.
_OURS = {name: vars(LineHooks).get(name) or getattr(TwistedClient, name) for name in _HOOKS}

# Their response_* are no hooks.
_WITHOUT_RESPONSES = {*LineHooks.__mro__, *TwistedClient.__mro__}

# What each class overrides, and the version of the class of which that is true:
# programs patch classes, and put them right again.
_overridden: WeakKeyDictionary[type, tuple[int, frozenset[str]]] = WeakKeyDictionary()


def lookAtClass(session: Session, cls: type) -> None:
    """
    Look for hooks in the class of a client, and go the way that it wants.  (The
    client itself may not be set up yet.)
    """
    if session.reader is not None:
        # What it knows of the class may be true no longer.
        session.reader.giveBack()
    session.overridden = _overriddenBy(cls)
    if session.overridden:
        session.lines.takeOver()


def linesOf(session: Session) -> LineReader:
    """
    Make the line path of a session.
    """
    return LineReader(session, areLinesWanted)


def choose(client: Any) -> None:
    """
    Go the way that is wanted now, with what is not parsed yet.
    """
    session = client._imapc
    session.interrupted = False
    wanted = areLinesWanted(client)
    if wanted and session.reader is None:
        session.lines.takeOver()
    elif session.reader is not None and not wanted:
        session.reader.giveBack()


def takeLines(client: Any) -> None:
    """
    A program is closing the connection: Twisted's client takes one line each time then,
    and the connection knows no lines.
    """
    session = client._imapc
    if session.reader is None and not (session.isReceiving or session.isOver()):
        isBegun = not session.leftUnseen
        choose(client)
        if isBegun:
            # It had these lines before.
            session.lines.catchUp()


def areLinesWanted(client: Any) -> bool:
    """
    Whether the next octets are for the line path.
    """
    bound = client.__dict__
    return bool(
        client._imapc.overridden
        or bound.get("_parts") is not None
        or not client.line_mode
        or hasAny(bound, _HOOKS)
        or (client.state is not None and f"response_{client.state.upper()}" in bound)
        # As takeLines() says.
        or getattr(client.transport, "disconnecting", False)
    )


def _overriddenBy(cls: type) -> frozenset[str]:
    """
    The hooks that a class has of its own, in itself or in a mixin.
    """
    version, hooks = _overridden.get(cls, (0, None))
    if hooks is None or not version or version != typeVersion(cls):
        found = _lookAt(cls)
        if found and frozenset(found) != hooks:
            _tell(cls, found)
        hooks = frozenset(found)
        # The look-up may have given the class a version.
        _overridden[cls] = typeVersion(cls), hooks
    return hooks


def _lookAt(cls: type) -> list[str]:
    hooks = [name for name in _HOOKS if _hookOf(cls, name) is not _OURS[name]]
    hooks += sorted(
        name
        for base in cls.__mro__
        if base not in _WITHOUT_RESPONSES
        for name in base.__dict__
        if name[:9] == "response_" and name not in _HOOK_NAMES
    )
    return hooks


def _hookOf(cls: type, name: str) -> Any:
    """
    What is called; a method of L{Inherited} only documents what is behind it, which
    another base may have brought.
    """
    hook = getattr(cls, name, None)
    if hook is not None and hook is vars(Inherited).get(name):
        hook = getattr(super(Inherited, cls), name)
    return hook


def _tell(cls: type, hooks: list[str]) -> None:
    """
    Say which override costs the speed.
    """
    _log.info(
        "{cls} has its responses parsed line by line, which is slower, because of"
        " {places}; to see what is sent and received, trace= does without",
        cls=f"{cls.__module__}.{cls.__qualname__}",
        places=", ".join(_place(cls, name) for name in hooks),
    )


def _place(cls: type, name: str) -> str:
    """
    A hook with the place of its definition.
    """
    bases = (base for base in cls.__mro__ if base is not Inherited and name in vars(base))
    hook = vars(next(bases))[name]
    code = getattr(inspect.unwrap(getattr(hook, "func", hook)), "__code__", None)
    return name if code is None else f"{name} ({code.co_filename}:{code.co_firstlineno})"
