"""The iterator that is loaded with lists."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Generator
from typing import Any

import pytest

from twisted_imapc._imapc import Batches


class Source:
    """Refills its iterator, each time after something was waited for."""

    def __init__(self, *lists: list[Any]) -> None:
        self.lists = iter(lists)
        self.batches: Batches[Any] = Batches(self.refill)

    async def refill(self) -> Any:
        await Waiting()
        return self.batches.load(next(self.lists, []))


class Waiting:
    """What a coroutine waits for until it is sent something."""

    def __await__(self) -> Generator[str, None, None]:
        yield "waiting"


def driven(coroutine: Any) -> tuple[Any, int]:
    """The result of a coroutine, and how often it waited."""
    waits = 0
    while True:
        try:
            assert coroutine.send(None) == "waiting"
        except StopIteration as e:
            return e.value, waits
        waits += 1


# What PyErr_SetObject() would take apart, or for the end.
ODD = [(1, 2), (), None, StopIteration(3), ValueError]


def test_items_one_after_the_other() -> None:
    source = Source([1, 2, 3], ODD[:], [4])

    async def read() -> list[Any]:
        return [each async for each in source.batches]

    assert driven(read()) == ([1, 2, 3, *ODD, 4], 4)


@pytest.mark.parametrize("item", ODD)
def test_the_awaitable_is_an_iterator_too(item: Any) -> None:
    """For whoever calls next() in place of send()."""
    source = Source([0, item])
    driven(source.batches.__anext__())
    awaitable: Any = source.batches.__anext__()
    with pytest.raises(StopIteration) as caught:
        next(awaitable.__await__())
    assert caught.value.value is item


def test_nothing_comes_of_what_is_closed() -> None:
    source = Source([1, 2, 3], [4])

    async def read() -> list[Any]:
        got = []
        async for each in source.batches:
            got.append(each)
            if each == 2:
                source.batches.close()
        return got

    # The rest of the list is dropped; another is asked for.
    assert driven(read()) == ([1, 2, 4], 3)


@pytest.mark.parametrize("is_sent", [True, False])
def test_an_item_that_was_asked_for_before_it_was_closed(is_sent: bool) -> None:
    source = Source([1, 2])
    driven(source.batches.__anext__())
    awaitable: Any = source.batches.__anext__()
    source.batches.close()

    async def read() -> Any:
        return await awaitable if is_sent else next(awaitable.__await__())

    with pytest.raises(StopAsyncIteration):
        driven(read())


def test_what_is_closed_is_not_kept() -> None:
    class Dropped:
        pass

    items: list[Any] = [1, Dropped()]
    gone = weakref.ref(items[1])
    source = Source(items)
    driven(source.batches.__anext__())
    del source.lists, items
    source.batches.close()
    assert gone() is None


def test_an_item_is_not_kept() -> None:
    class Item:
        pass

    first = Item()
    gone = weakref.ref(first)
    items = [first, 2]
    del first
    source = Source(items)
    item, _ = driven(source.batches.__anext__())
    assert item is gone() and items == [None, 2]
    del item
    assert gone() is None


def test_leaving_the_loop_lets_go_of_it() -> None:
    """So who holds a weak reference learns of it, at once."""
    gone: list[Any] = []

    class Leaving(Source):
        def __init__(self, *lists: list[Any]) -> None:
            super().__init__(*lists)
            self.alive = weakref.ref(self.batches, gone.append)

        async def refill(self) -> Any:
            return self.alive().load(next(self.lists))  # type: ignore[union-attr]

    async def read() -> None:
        source = Leaving([1, 2, 3])
        batches = source.batches
        del source.batches
        async for _ in batches:
            del batches
            break
        assert len(gone) == 1

    driven(read())


def test_it_is_collected_with_what_it_holds() -> None:
    source = Source([1, 2])
    driven(source.batches.__anext__())
    gone = weakref.ref(source)
    del source
    gc.collect()
    assert gone() is None


def test_what_cannot_be() -> None:
    source = Source([1, 2])
    batches = source.batches
    driven(batches.__anext__())
    with pytest.raises(RuntimeError):
        batches.load([3])
    first: Any = batches.__anext__()
    with pytest.raises(StopIteration):
        first.send(None) if hasattr(first, "send") else next(first)
    with pytest.raises(RuntimeError):
        next(first)
    with pytest.raises(TypeError):
        batches.load((1,))  # type: ignore[arg-type]
    with pytest.raises(StopAsyncIteration):
        batches.load([])
    with pytest.raises(TypeError):
        Batches()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Batches(refill=print)  # type: ignore[call-arg]
