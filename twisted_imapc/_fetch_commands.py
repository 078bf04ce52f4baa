"""
The commands of a fetch: for a window of it, and for where the next message is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._answers import Search, searchesExtended
from ._order import Command
from ._sets import UIDSet

if TYPE_CHECKING:
    from ._connection import Event
    from ._fetch import Fetch
    from ._pipeline import Pipeline


class Window(Command):
    """
    One UID FETCH of a L{Fetch}.

    @ivar upTo: how far it goes, for the fetch's windows.
    """

    def __init__(self, fetch: Fetch) -> None:
        super().__init__("FETCH", claims=("fetch",))
        self._fetch = fetch
        self.ownedBy: object = fetch
        self.alone: bool = fetch.chosen.numbers is not None
        self.reads: bool = fetch.items.reads
        self.changes: bool = fetch.items.changes
        self.wants: tuple[int, bytes | None, bool] = (
            fetch.items.mask,
            fetch.chosen.uids.octets,
            self.alone,
        )
        self.upTo = 0

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        As much as is right now.

        @raise Stale: where it would be asked of another mailbox.
        """
        return self._fetch.lineOf(self)

    def take(self, event: Event) -> bool:
        """
        Messages, also those of a later window.
        """
        if event[0] != "messages":
            return False
        self._fetch.deliver(event[1], event[2])
        return True


class Look(Search):
    """
    Which message is the next, for a L{Fetch} whose windows are in a part of the mailbox
    where there is none.
    """

    reads = False

    def __init__(self, fetch: Fetch, pipeline: Pipeline, lostFrom: int) -> None:
        returning = ["MIN"] if searchesExtended(pipeline) else None
        super().__init__(("UID", f"{lostFrom}:*"), returning)
        self._fetch = fetch
        self.ownedBy: object = fetch
        self._lostFrom = lostFrom

    def lines(self, pipeline: Pipeline) -> list[bytes]:
        """
        @raise Stale: where it would be asked of another mailbox.
        """
        self._fetch.checkMailbox(pipeline)
        return super().lines(pipeline)

    def found(self, result: Any) -> int | None:
        """
        @return: None where there are no more messages.
        """
        uid: int | None = result.first if isinstance(result, UIDSet) else result.min
        # The last message is in "7:*" whatever its UID.
        return uid if uid is not None and uid >= self._lostFrom else None
