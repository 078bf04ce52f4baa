"""
The clients that ours is compared with: each does the work that it is timed for, so that
one that fails quietly is not a fast one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import trustme

from benchmarks.cases import Case
from benchmarks.compare import rounds
from benchmarks.peers import places, roster
from benchmarks.peers.places import Place
from benchmarks.peers.roster import CLIENTS, Client, LeftOut

pytestmark = pytest.mark.slow

BY_NAME = {client.name: client for client in CLIENTS}

COUNT = 30


@pytest.fixture(params=BY_NAME)
def peer(request: pytest.FixtureRequest, missing: Callable[[str], Any]) -> Client:
    client = BY_NAME[request.param]
    try:
        client.version()
    except LeftOut as why:
        missing(str(why))
    return client


@pytest.mark.parametrize("case", places.REPLAYED, ids=lambda case: case.name)
def test_prepared_answers(peer: Client, case: Case) -> None:
    """It counts all that there is, or it would have been left out."""
    case = case.of(COUNT)
    with places.replay(case) as place:
        figures = peer.run(case, place)
    octets = len(case.wire().rpartition(b"0001")[0] + b"0003 OK done\r\n")
    assert figures["count"] == (octets if peer is roster.DISCARD else COUNT)
    assert 0 < figures["wall"] < roster.LIMIT
    assert 0 < figures["cpu"] < roster.LIMIT


@pytest.fixture(scope="module")
def under_tls(missing: Callable[[str], Any]) -> Iterator[list[tuple[Case, Place]]]:
    """Under TLS 1.3, which the server insists on."""
    if (lacking := places.lacking()) is not None:
        missing(lacking)
    few = {user: [case.of(100) for case in some] for user, some in places.ASKED.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "ASKED", few)
        with places.dovecot(quick=True, tls=True) as found:
            yield found


def test_dovecot(peer: Client, under_tls: list[tuple[Case, Place]]) -> None:
    for case, place in under_tls:
        assert peer.run(case, place)["wall"] > 0


def test_wrong_count(peer: Client) -> None:
    """All but the one that counts octets see that a message is missing."""
    case = places.REPLAYED[0].of(COUNT)
    with places.replay(case) as place:
        if peer is roster.DISCARD:
            assert peer.run(case.of(COUNT + 1), place)["count"]
            return
        with pytest.raises(LeftOut, match=f"came to {COUNT} of {COUNT + 1}"):
            peer.run(case.of(COUNT + 1), place)


def test_certificate_is_verified(peer: Client, under_tls: list[tuple[Case, Place]]) -> None:
    """By all that are said to do so."""
    case, place = under_tls[0]
    with trustme.CA().cert_pem.tempfile() as path:
        stranger = replace(place, authority=path)
        if peer.name == "libetpan":
            assert peer.run(case, stranger)["count"]
            return
        with pytest.raises(LeftOut, match="failed"):
            peer.run(case, stranger)


def test_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    case = places.REPLAYED[0].of(COUNT)
    monkeypatch.setattr(roster, "LIMIT", 0.0)
    with places.replay(case) as place, pytest.raises(LeftOut, match="more than 0 s"):
        roster.OURS.run(case, place)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    roster.libetpan.cache_clear()
    monkeypatch.setattr(roster.shutil, "which", lambda name: None)
    with pytest.raises(LeftOut, match="apt-get install libetpan-dev"):
        roster.libetpan()
    with pytest.raises(LeftOut, match="pip install"):
        roster.installed("no-such-client")
    assert roster.versions()["libetpan"].startswith("left out: ")
    assert roster.versions()["Twisted"]


def test_slow_ones_come_in_fewer_rounds() -> None:
    assert [rounds(seconds, 7) for seconds in (0.5, 2.0, 6.0)] == [7, 3, 1]
