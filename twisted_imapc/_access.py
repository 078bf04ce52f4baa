"""
The commands that come before there is a mailbox: capabilities, TLS, login, logout.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from . import _encode
from ._errors import MalformedAnswer, Unsupported
from ._order import Command
from ._sasl import Mechanism, OAuth, Plain

if TYPE_CHECKING:
    from ._connection import Event
    from ._pipeline import Pipeline


_ESCAPED = re.compile(rb'\\(["\\])')

# How many octets of a secret must not be told: who repeats it may have cut it.
_TELLING = 8

# RFC 4422, section 3.1.
_SASL_NAME = re.compile("[A-Za-z0-9_-]+")


def _secretOf(mechanism: Mechanism) -> bytes:
    """
    What no error may tell.  A program's own mechanism may have anything of this name.
    """
    secret = getattr(mechanism, "secret", None)
    if isinstance(secret, str):
        return secret.encode("utf-8", "replace")
    return secret if isinstance(secret, bytes) else b""


class Capability(Command):
    """
    What does the server offer?
    """

    def __init__(self) -> None:
        super().__init__("CAPABILITY", claims=("capability",))

    def take(self, event: Event) -> bool:
        """
        The pipeline has kept it.
        """
        return event[0] == "other" and event[1] == "CAPABILITY"

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> frozenset[str]:
        """
        What it offers.
        """
        return pipeline.capabilities


class StartTLS(Command):
    """
    STARTTLS (RFC 9051, section 6.2.1).
    """

    alone = True
    endsPlaintext = True

    def __init__(self, context: Any) -> None:
        super().__init__("STARTTLS")
        self._context = context

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> None:
        """
        TLS begins; what was said in the clear does not count.
        """
        pipeline.forget()
        pipeline.owner().startTLS(self._context)


class Logout(Command):
    """
    LOGOUT: then we close, if the server does not.
    """

    alone = True
    saysGoodbye = True

    def __init__(self) -> None:
        super().__init__("LOGOUT")

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> None:
        """
        All is said.
        """
        pipeline.leave()

    def refused(self, pipeline: Pipeline, status: str, text: str, code: Event | None) -> Exception:
        """
        Whatever a server has against it, nobody can keep us.
        """
        self.finish(pipeline, text, code)
        self.fire(None)
        return super().refused(pipeline, status, text, code)


class Access(Command):
    """
    LOGIN or AUTHENTICATE.

    @ivar mechanism: with which we authenticate; None for LOGIN.
    """

    alone = True
    needs = True
    secret = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.mechanism: Mechanism | None = None
        self._isBegun = self._isDone = False
        self._told: tuple[Any, ...] | None = None
        self._challenge = b""
        self._problem: Exception | None = None
        # What a program's code has promised: a token, or an answer.
        self._promise: Deferred[Any] | None = None
        # What no error may tell.
        self._secrets: list[bytes] = []

    def exchange(self, pipeline: Pipeline, mechanism: Mechanism) -> list[bytes]:
        """
        The first line of AUTHENTICATE, with what is said first where the server
        takes it (RFC 4959).
        """
        self.name = "AUTHENTICATE"
        self.mechanism = mechanism
        self._secrets += [
            _secretOf(mechanism),
            b64encode(mechanism.initial or b""),
        ]
        line = b"AUTHENTICATE " + mechanism.name.encode("ascii")
        if mechanism.initial is not None and "SASL-IR" in pipeline.capabilities:
            self._isBegun = True
            line += b" " + (b64encode(mechanism.initial) or b"=")
        return [line]

    def isWriting(self) -> bool:
        """
        The exchange goes on up to the answer.
        """
        return self.mechanism is not None or super().isWriting()

    def continued(self, pipeline: Pipeline, text: bytes) -> None:
        """
        A challenge.
        """
        mechanism = self.mechanism
        if mechanism is None:
            super().continued(pipeline, text)
            return
        if self.given:
            pipeline.write(b"*")
            return
        try:
            self._challenge = b64decode(text.strip())
        except (binascii.Error, ValueError):
            shown, _ = self.discreet(text.decode("latin-1"), None)
            wire = shown.encode("latin-1")[:200]
            self._giveUp(pipeline, MalformedAnswer("no base64 in a challenge", wire, 0))
            return
        initial = None if self._isBegun else mechanism.initial
        self._isBegun = True
        if initial is not None:
            pipeline.write(b64encode(initial))
            return
        respond: Any = mechanism.respond
        d: Deferred[bytes] = maybeDeferred(respond, self._challenge)
        self._promised(d)
        d.addCallback(lambda answer: self._answer(pipeline, answer))
        d.addErrback(lambda failure: self._failed(pipeline, failure))

    def _promised(self, d: Deferred[Any]) -> None:
        self._promise = d
        if self.given:
            d.cancel()

    def dropped(self) -> None:
        """
        Then nobody waits for what was promised either.
        """
        if self._promise is not None:
            self._promise.cancel()

    def fire(self, outcome: Any) -> None:
        """
        It is over, whoever has ended it.
        """
        super().fire(outcome)
        self.dropped()

    def _answer(self, pipeline: Pipeline, answer: bytes) -> None:
        if not pipeline.isOver() and not self._isDone:
            self._secrets.append(b64encode(answer))
            pipeline.write(b"*" if self.given else self._secrets[-1])

    def _failed(self, pipeline: Pipeline, failure: Failure) -> None:
        self._giveUp(pipeline, failure.value)

    def _giveUp(self, pipeline: Pipeline, problem: BaseException | None) -> None:
        """
        The command fails with C{problem} when the server has heard of it.
        """
        if isinstance(problem, Exception):
            self._problem = problem.with_traceback(None)
        if not pipeline.isOver() and not self._isDone:
            pipeline.write(b"*")

    def take(self, event: Event) -> bool:
        """
        Capabilities on the way count behind the login.
        """
        if event[0] == "other" and event[1] == "CAPABILITY":
            self._told = event[3]
            return True
        return False

    def finish(self, pipeline: Pipeline, text: str, code: Event | None) -> None:
        """
        Logged in; what was offered before does not count.
        """
        self._isDone = True
        if self._problem is not None:
            # We gave up, and it goes on: it is not our server.
            pipeline.abort(self._problem)
            raise self._problem
        pipeline.forget()
        if self._told is not None:
            pipeline.know(self._told)
        if self.mechanism is not None:
            try:
                self.mechanism.finish(self._challenge)
            except Exception as e:
                # Whoever this is, it is not our server.
                pipeline.abort(e)
                raise
        if pipeline.state == "unauthenticated":
            pipeline.state = "authenticated"

    def discreet(self, text: str, code: Event | None) -> tuple[str, Event | None]:
        """
        Some servers repeat what they did not understand.  Only the secret in it would be
        too little to hide: what is left around a short one tells it.
        """
        if self._isIn(text):
            text = "[hidden]"
        if code is not None and self._isIn(str(code[1])):
            code = (code[0], ())
        return text, code

    def _isIn(self, text: str) -> bool:
        """
        Whether there is a secret in it, or how one begins.
        """
        # What is no UTF-8 was taken for latin-1.
        words = text.encode("utf-8", "replace") + b" " + text.encode("latin-1", "replace")
        words += b" " + _ESCAPED.sub(rb"\1", words)
        return any(one and one[:_TELLING] in words for one in self._secrets)

    def refused(self, pipeline: Pipeline, status: str, text: str, code: Event | None) -> Exception:
        """
        No login; where we gave up, the reason for that.
        """
        self._isDone = True
        if self._problem is not None:
            return self._problem
        refusal = super().refused(pipeline, status, text, code)
        details = getattr(self.mechanism, "details", None)
        if details is not None and hasattr(refusal, "details"):
            refusal.details = details
        return refusal


class Login(Access):
    """
    The strongest that both sides have, of PLAIN and LOGIN.
    """

    def __init__(self, user: str | bytes, password: str | bytes) -> None:
        """
        @raise ValueError: for CR, LF and NUL.
        """
        super().__init__("LOGIN")
        self.pieces = (
            b"LOGIN",
            _encode.credential(user, "user"),
            _encode.credential(password, "password"),
        )
        self._plain = Plain(user, password)
        self._secrets.append(self._plain.secret)

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Unsupported: where the server takes neither.
        """
        if "AUTH=PLAIN" in pipeline.capabilities:
            return self.exchange(pipeline, self._plain)
        if "LOGINDISABLED" in pipeline.capabilities:
            raise Unsupported("LOGIN", "AUTH=PLAIN, and has LOGINDISABLED")
        return super().lines(pipeline)


class Authenticate(Access):
    """
    AUTHENTICATE with a mechanism of the program's choice.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        """
        @raise TypeError: for what is no mechanism.
        @raise ValueError: for a name that no mechanism can have.
        """
        super().__init__("AUTHENTICATE")
        name = getattr(mechanism, "name", None)
        if not isinstance(name, str):
            raise TypeError(f"mechanism: {type(mechanism).__name__} has no name, a str")
        if not _SASL_NAME.fullmatch(name):
            raise ValueError(f"mechanism: {name!r} cannot be the name of one")
        self._chosen = mechanism
        self._isPrepared = False

    def prepare(self, pipeline: Pipeline) -> None:
        """
        Get a token, where that takes one; those behind wait.
        """
        if self._isPrepared or not isinstance(self._chosen, OAuth):
            return
        self._isPrepared = True
        if pipeline.mayTellSecrets():
            self.isReady = False
            d = self._chosen.begin(pipeline.capabilities)
            self._promised(d)
            d.addErrback(self._keep)
            d.addCallback(lambda _: self._ready(pipeline))

    def _keep(self, failure: Failure) -> None:
        self._problem = failure.value  # type: ignore[assignment]

    def _ready(self, pipeline: Pipeline) -> None:
        self.isReady = True
        pipeline.pump()

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Unsupported: where the server does not offer it.
        """
        if self._problem is not None:
            raise self._problem
        offer = f"AUTH={self._chosen.name.upper()}"
        if pipeline.capabilities:
            pipeline.demand("AUTHENTICATE", offer)
        return self.exchange(pipeline, self._chosen)
