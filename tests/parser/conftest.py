"""Fixtures of the parser's tests."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.helpers.growth import MEASURES


@pytest.fixture(params=MEASURES)
def measured(request: pytest.FixtureRequest) -> Iterator[tuple[Callable[[], int], int]]:
    """A measure and its number of repeats; meanwhile the collector runs when told."""
    gc.disable()
    if request.param == "memory":
        tracemalloc.start()
    try:
        yield MEASURES[request.param]
    finally:
        tracemalloc.stop()
        gc.enable()
