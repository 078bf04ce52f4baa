"""
L{Query}, the one name of C{twisted.mail.imap4} that is ours: Twisted's own writes
values as they are.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.mail import imap4

from . import _encode

# Twisted's, also where a program has put ours in its place.
_theirQuery = imap4.Query

_QUOTED = re.compile(r'"(?:[^"\\]|\\["\\])*"')
_NUMBER = re.compile("[0-9]+")


def Query(sorted: object = 0, **kwarg: Any) -> str:
    """
    A C{search-key} (RFC 9051, section 6.4.4), for search(), Or and Not.

        >>> Query(subject='say "hi"', unseen=True)
        '(SUBJECT "say \\\\"hi\\\\"" UNSEEN)'

    The keywords are the names of search keys, in any case; one such as
    X-GM-RAW is given as C{**{"X-GM-RAW": "has:attachment"}}.

      - ALL, ANSWERED, DELETED, DRAFT, FLAGGED, NEW, OLD, RECENT, SEEN,
        UNANSWERED, UNDELETED, UNDRAFT, UNFLAGGED, UNSEEN: a true value
      - LARGER, SMALLER: octets, an int or digits
      - UID: a C{sequence-set}, such as a MessageSet, C{7} or C{"1:*"}
      - KEYWORD, UNKEYWORD: a flag; what cannot be in one is left out
      - HEADER: the name of a field, and a text, in a tuple; a string in quotes stays
        as it is
      - all others: a text, or a date such as C{"03-Mar-2003"}

    @param sorted: whether the keys are put in alphabetical order.
    @raise ValueError: for a UID that is no C{sequence-set}, a size that is no
        number, and for CR, LF and NUL.
    @raise TypeError: for a value of another type, and one str for HEADER.
    """
    values = {key: _plain(key, key.upper(), value) for key, value in kwarg.items()}
    try:
        query: str = _theirQuery(sorted, **values)
    except TypeError:
        for key, value in values.items():
            _try(key, value)
        raise
    _encode.refuse(query, "Query")
    return query


def _try(argument: str, value: Any) -> None:
    """
    Raise L{TypeError} if it is this one that Twisted's Query cannot write.
    """
    try:
        _theirQuery(**{argument: value})
    except TypeError:
        kind = type(value).__name__
        raise TypeError(
            f"{argument}: a str is wanted, for a date one such as '03-Mar-2003', not {kind}"
        ) from None


def _plain(argument: str, key: str, value: Any) -> Any:
    """
    What Twisted's Query writes as it should be.

    @param key: C{argument} in upper case.
    """
    if key == "HEADER":
        if isinstance(value, str):
            # Its first two characters would be the name and the text.
            raise TypeError(f"{argument}: a name and a text are wanted, not {value!r:.200}")
        return _string(str(value[0])), _string(str(value[1]))
    if key == "UID":
        # A true value is 1, as in Twisted.
        number = int(value) if isinstance(value, int) else value
        return _encode.messageSet(number, argument).decode("ascii")
    if key in ("LARGER", "SMALLER"):
        number = f"{value:d}" if isinstance(value, int) else str(value)
        if _NUMBER.fullmatch(number) is None:
            raise ValueError(f"{argument}: not a number: {value!r}")
        return number
    return _encode.escaped(value) if isinstance(value, str) else value


def _string(text: str) -> str:
    """
    A quoted string; one that is in quotes already, as HEADER wanted it of Twisted's
    users, stays as it is.
    """
    return text if _QUOTED.fullmatch(text) else f'"{_encode.escaped(text)}"'
