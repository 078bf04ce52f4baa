"""
Whatever a program asks and a server says, in whatever order: each Deferred fires once,
nothing is raised into the reactor or logged, and nothing is left behind the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings, strategies as st
from twisted.internet.defer import Deferred

from tests.helpers.clients import SELECTS, Conversing, flag_lines
from tests.helpers.rig import logged
from twisted_imapc.client import Numbers


async def left_early(fetch: Any) -> None:
    count = 0
    async for _ in fetch:
        count += 1
        if count == 3:
            break


async def nested(client: Any) -> None:
    async for message in client.fetch("1:*", "FLAGS"):
        await client.store(message.uid, add=["x"])
        await client.fetchOne(message.uid, "RFC822.SIZE")


async def listening(client: Any) -> None:
    async for _ in client.events():
        await client.noop()


CALLS: list[Callable[[Any], Any]] = [
    lambda c: c.noop(),
    lambda c: c.refresh(),
    lambda c: c.login("joe", "secret"),
    lambda c: c.login("joe", token=lambda: "tok"),
    lambda c: c.select("INBOX"),
    lambda c: c.unselect(),
    lambda c: c.list(status=["MESSAGES"]),
    lambda c: c.status("x"),
    lambda c: c.search("SUBJECT", "ü"),
    lambda c: c.search("SEEN", returning=["COUNT"]),
    lambda c: c.store("1:9", add=["x"], silent=False, unchangedSince=3),
    lambda c: c.store(Numbers("1:2"), add=["x"]),
    lambda c: c.fetch("1:*", "FLAGS").all(),
    lambda c: c.fetch("1:*", "BODY[]", "FLAGS", window=100).all(),
    lambda c: c.fetch(Numbers("1:*"), "UID").all(),
    lambda c: c.fetchOne(3, "ENVELOPE"),
    lambda c: Deferred.fromCoroutine(left_early(c.fetch("1:*", "FLAGS", window=200))),
    lambda c: Deferred.fromCoroutine(nested(c)),
    lambda c: Deferred.fromCoroutine(listening(c)),
    lambda c: c.disconnected(),
]

LAST_CALLS: list[Callable[[Any], Any]] = [
    lambda c: c.logout(),
    lambda c: c.abort(),
]

SAID = [
    *SELECTS.replace(b"%d", b"7").split(b"\r\n"),
    *flag_lines([1, 2, 3, 4, 99]).split(b"\r\n"),
    b"* 1 FETCH (UID 1 BODY[] {5}\r\nab\r\nc FLAGS (x))",
    b"* 3 FETCH (UID 3 RFC822.SIZE 3)",
    b"* 3 FETCH (FLAGS x UID 3 ENVELOPE (NIL))",
    b"* 2 EXPUNGE",
    b"* VANISHED 1:4",
    b"* ESEARCH UID ALL 1,3",
    b'* ESEARCH (TAG "0001") UID COUNT x',
    b"* SEARCH 1 2",
    b"* STATUS x (MESSAGES 3)",
    b"* STATUS x (MESSAGES",
    b'* LIST () "/" a',
    b'* LIST (\\Noselect) "/" {1}\r\nb',
    b"* CAPABILITY IMAP4rev1 ESEARCH AUTH=PLAIN",
    b"* OK [CLOSED] x",
    b"* OK [ALERT] x",
    b"+ go",
    b"+ !",
    b"junk",
    b"0000 OK old",
    b"X OK foreign",
    b"* [READ-ONLY]",
    b"* X (a {1}\r\nb)",
]

FATAL = [b"* BYE [UNAVAILABLE] x", b"0FFF OK early", b"* 1 FETCH (BODY[] {-1}", b"* 1 FETCH ({x}"]

TAILS = [b"OK x", b"OK [READ-WRITE] x", b"OK [CAPABILITY IMAP4rev1 UNSELECT] x", b"NO x",
         b"NO [EXPUNGEISSUED] x", b"BAD x", b"OK [MODIFIED 1] x"]  # fmt: skip

steps = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(CALLS)),
    st.tuples(st.just("say"), st.sampled_from(SAID)),
    st.tuples(st.just("answer"), st.tuples(st.integers(0, 3), st.sampled_from(TAILS))),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 200])),
)
ends = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(LAST_CALLS)),
    st.tuples(st.just("say"), st.sampled_from(FATAL)),
)


class Trial:
    """A conversation, and how often each Deferred of it has fired."""

    def __init__(self, size: int | None, depth: int) -> None:
        self.talk = Conversing(size=size, pipelineDepth=depth, idleRenewal=150)
        self.waiting: list[Any] = []
        self.fired: list[list[Any]] = []

    def call(self, function: Callable[[Any], Any]) -> None:
        d = function(self.talk.client)
        if d is not None:
            firings: list[Any] = []
            self.waiting.append(d)
            self.fired.append(firings)
            d.addBoth(firings.append)

    def say(self, line: bytes) -> None:
        self.talk.say(line + b"\r\n")

    def answer(self, which: tuple[int, bytes]) -> None:
        number, tail = which
        flying = list(self.talk.client._pipeline._flying)
        if flying:
            self.say(flying[number % len(flying)] + b" " + tail)

    def cancel(self, number: int) -> None:
        if number < len(self.waiting):
            self.waiting[number].cancel()

    def wait(self, seconds: float) -> None:
        self.talk.clock.advance(seconds)
        self.talk.look()


@settings(max_examples=400)
@given(
    st.sampled_from([None, 1, 5]),
    st.sampled_from([1, 3, 64]),
    st.lists(steps, max_size=40),
    st.lists(st.one_of(steps, ends), max_size=8),
)
def test_chaos(size: int | None, depth: int, before: Any, behind: Any) -> None:
    trial = Trial(size, depth)
    trial.call(lambda c: c.select("INBOX"))
    for name, argument in [*before, *behind]:
        getattr(trial, name)(argument)
    trial.talk.lose()
    for _ in range(50):
        # Whoever reads what had come gets his turns.
        trial.wait(0)
    assert [len(firings) for firings in trial.fired] == [1] * len(trial.fired)
    pipeline = trial.talk.client._pipeline
    assert pipeline.streams == [] and pipeline.state == "closed"
    assert not pipeline._flying and not pipeline._queue
    assert trial.talk.clock.getDelayedCalls() == []
    assert logged() == []
