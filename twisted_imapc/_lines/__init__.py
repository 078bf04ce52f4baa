"""
The line path: for programs that override, or rebind, what Twisted's client
does with single lines.

It is chosen in L{twisted_imapc._lines.choice} and nowhere else.  A
L{LineReader} is then put in place of L{twisted_imapc._connection.Connection.receive}:
it frames lines with C{Parser.line()} and calls the methods of L{LineHooks}, which
are those of Twisted's names, with what Twisted would give them; C{Parser.response()}
does the grammar.  L{twisted_imapc._lines.delivery} has what C{_extraInfo} and
C{_cbFetch} are told.
"""

from __future__ import annotations

from .choice import STOPS, choose, linesOf, lookAtClass, takeLines
from .hooks import LineHooks

__all__ = ["STOPS", "LineHooks", "choose", "linesOf", "lookAtClass", "takeLines"]
