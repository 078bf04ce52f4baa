"""Fixtures of all Python tests."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings
from twisted.logger import LogPublisher, globalLogBeginner

from tests.helpers.classes import WAYS, TheirClient
from tests.helpers.growth import MEASURES
from tests.helpers.programs import CUTS
from tests.helpers.rig import logged
from tests.helpers.table import MARKED, Marked, is_whole

CI = os.environ.get("TWISTED_IMAPC_CI") == "1"

# The same cases on every run; TWISTED_IMAPC_EXAMPLES says how many for each test, and
# TWISTED_IMAPC_SEED which ones (see test_differential).
settings.register_profile(
    "twisted_imapc",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=int(os.environ.get("TWISTED_IMAPC_EXAMPLES", 60)),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("twisted_imapc")


def pytest_configure(config: pytest.Config) -> None:
    # Without a beginning, every logged error would be printed as a traceback.
    globalLogBeginner.beginLoggingTo([LogPublisher()], redirectStandardIO=False)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before -k and -m leave any out."""
    config.stash[MARKED] = Marked(items, is_whole(config, items))


@pytest.fixture(scope="session", params=list(WAYS))
def ours(request: pytest.FixtureRequest) -> Any:
    """Our class, once for each way in."""
    return WAYS[request.param]


@pytest.fixture(scope="session", params=["twisted", *WAYS])
def either(request: pytest.FixtureRequest) -> Any:
    """Twisted's class and ours: for what is the same in both."""
    return TheirClient if request.param == "twisted" else WAYS[request.param]


@pytest.fixture(scope="session", autouse=True)
def thawed() -> Iterator[None]:
    """In the end the collector may look at everything."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="module", autouse=True)
def quick_collector() -> None:
    """
    A collection looks at what a file's tests made, not at all that was there before.  What
    is frozen stays so for the next file: walking it anew took as long as many a file.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """No failure that nobody took, no error from a finalizer."""
    logged()
    yield
    gc.collect()
    assert logged() == []


@pytest.fixture(params=list(CUTS))
def cuts(request: pytest.FixtureRequest) -> Any:
    """Where octets are cut: nowhere, behind each line, everywhere."""
    return CUTS[request.param]


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """Call it when something outside is not installed: a skip, in CI a failure."""

    def tell(what: str) -> NoReturn:
        if CI:
            pytest.fail(what)
        pytest.skip(what)

    return tell


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
