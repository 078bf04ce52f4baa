"""What the tests of Client share."""

from __future__ import annotations

import pytest

from tests.helpers.clients import Conversing


@pytest.fixture(params=[None, 1, 7])
def talk(request: pytest.FixtureRequest) -> Conversing:
    """With a mailbox selected; what the server says comes in pieces of three sizes."""
    made = Conversing(size=request.param)
    made.select()
    return made
