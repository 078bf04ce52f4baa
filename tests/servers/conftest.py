"""A real server, one for each file of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.helpers import dovecot


@pytest.fixture(scope="module")
def server(missing: Callable[[str], Any]) -> Iterator[dovecot.Dovecot]:
    if dovecot.find() is None:
        missing("Dovecot 2.3 is not installed")
    with dovecot.Dovecot() as one:
        yield one
