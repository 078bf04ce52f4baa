"""
What the client writes: RFC 9051's C{astring}, C{mailbox}, C{flag-list},
C{sequence-set} and C{literal}, section 9.

Each function takes one argument of a public method, with the name under which
its caller knows it, and raises L{ValueError} where it holds an octet that
would end the command's line, or is not what RFC 9051 has in its place, and
L{TypeError} where it is of another type: nothing has been written by then.
"""

from __future__ import annotations

import datetime
import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral

_LINE_BREAKERS = re.compile(rb"[\r\n\0]")
_LINE_BREAKERS_TEXT = re.compile("[\r\n\0]")

# As in an astring of the RFC, an empty name and a backslash are quoted, and
# an unquoted ] is written as it is: servers agree on these.
_NEEDS_QUOTES = re.compile(rb'[\0-\x20\x7f(){%*"\\]')

_NEEDS_LITERAL = re.compile(rb"[\r\n\x80-\xff]")

# What a server would take for the announcement of a literal.
_LITERAL_MARKER = re.compile(rb"\{[0-9]+\+?\}\Z")

_NUMBER = rb"(?:[1-9][0-9]{0,9}|\*)"
_RANGE = rb"%b(?::%b)?" % (_NUMBER, _NUMBER)
_SEQUENCE_SET = re.compile(rb"(?:%b,)*(?:%b|\$)" % (_RANGE, _RANGE))
_LONGEST_NUMBERS = re.compile(rb"[0-9]{10}")
_LARGEST_NUMBER = 2**32 - 1

_FLAG = re.compile(rb'\\?[^\0-\x20\x7f-\xff(){%*"\\\]]+')

# In a search key; the second group is empty where the quotes are never closed.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.?)*)("|\Z)')
_ESCAPED = re.compile(r"\\(.)")

_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

_SHIFTED = re.compile("[^\x20-\x7e]+|&")

LITERAL_HEADER = re.compile(rb"\{([0-9]{1,20})\+?\}\Z")


class Literal(bytes):
    """
    Octets that are sent as a literal, behind their own count.
    """


# An argument, or the parts of one.
Piece = bytes | tuple[bytes, ...]


def refuse(value: str | bytes, argument: str) -> None:
    """
    Raise L{ValueError} where C{value} holds CR, LF or NUL.

    @param argument: the name for the message, which does not quote C{value}:
        that may be a password.
    """
    if isinstance(value, str):
        found = _LINE_BREAKERS_TEXT.search(value) is not None
    elif isinstance(value, (bytes, bytearray)):
        found = _LINE_BREAKERS.search(value) is not None
    else:
        raise _neitherStrNorBytes(value, argument)
    if found:
        raise ValueError(f"{argument}: CR, LF and NUL cannot be sent")


def _neitherStrNorBytes(value: object, argument: str) -> TypeError:
    return TypeError(f"{argument}: str or bytes is wanted, not {type(value).__name__}")


def _ascii(text: str, argument: str, why: str = "only ASCII can be sent") -> bytes:
    """
    Octets of what has to be ASCII.

    @raise UnicodeEncodeError: with C{argument} and C{why} behind what it was.
    """
    try:
        return text.encode("ascii")
    except UnicodeEncodeError as e:
        e.reason = f"{argument}: {why}"
        raise


def _refuseMarker(value: bytes, argument: str) -> None:
    """
    Raise L{ValueError} where C{value}, which ends its line, ends like the
    announcement of a literal: the server would wait for that.
    """
    found = _LITERAL_MARKER.search(value)
    if found is not None:
        marker = found.group().decode("ascii")
        raise ValueError(f"{argument}: {marker} at the end would announce a literal")


def escaped(text: str) -> str:
    """
    The inside of a C{quoted} string.
    """
    return text.replace("\\", "\\\\").replace('"', '\\"')


def quoted(value: bytes) -> bytes:
    """
    A C{quoted} string.
    """
    return b'"%b"' % escaped(value.decode("latin-1")).encode("latin-1")


def modifiedUTF7(name: str) -> bytes:
    """
    A mailbox name as RFC 3501, section 5.1.3 wants it.

    Not C{name.encode("imap4-utf-7")}: that loses tabs.
    """

    def shift(found: re.Match[str]) -> str:
        if found.group() == "&":
            return "&-"
        encoded = b64encode(found.group().encode("utf-16-be", "surrogatepass"))
        return "&" + encoded.decode("ascii").rstrip("=").replace("/", ",") + "-"

    return _SHIFTED.sub(shift, name).encode("ascii")


def _string(value: bytes, argument: str, *, alwaysQuote: bool) -> bytes:
    """
    C{value} as atom, quoted string or literal, the plainest that holds it.
    """
    if b"\0" in value:
        raise ValueError(f"{argument}: NUL cannot be sent")
    if _NEEDS_LITERAL.search(value):
        return Literal(value)
    if alwaysQuote or not value or _NEEDS_QUOTES.search(value):
        return quoted(value)
    return value


def _text(name: str | bytes, argument: str) -> str:
    if isinstance(name, str):
        return name
    try:
        return name.decode("latin-1")
    except AttributeError:
        raise _neitherStrNorBytes(name, argument) from None


def mailbox(name: str | bytes, argument: str, known: Mapping[str, bytes]) -> bytes:
    """
    A C{mailbox}.

    @param known: names which the server wrote in its own way, and that way.
    """
    text = _text(name, argument)
    raw = known.get(text)
    if raw is None:
        refuse(text, argument)
        raw = modifiedUTF7(text)
    return _string(raw, argument, alwaysQuote=False)


def pattern(
    name: str | bytes, argument: str, known: Mapping[str, bytes], *, ascii: bool = False
) -> bytes:
    """
    The reference or the C{list-mailbox} of LIST and LSUB: quoted in any case.

    @param ascii: raise L{UnicodeEncodeError} for other characters.
    """
    text = _text(name, argument)
    raw = known.get(text)
    if raw is None:
        refuse(text, argument)
        raw = _ascii(text, argument) if ascii else modifiedUTF7(text)
    return _string(raw, argument, alwaysQuote=True)


def unsigned(value: int, argument: str) -> int:
    """
    A number: RFC 7162 gives a C{mod-sequence-value} 63 bits.
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{argument}: an int is wanted, not {type(value).__name__}")
    if not 0 <= value < 2**63:
        raise ValueError(f"{argument}: {value} is too large, or less than 0")
    return int(value)


def seconds(value: object, argument: str, *, mayBeEndless: bool = False) -> None:
    """
    Check a time.

    @param mayBeEndless: 0 and None are for no end.
    """
    if value is None and mayBeEndless:
        return
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{argument}: a number of seconds is wanted, not {value!r}")
    if not (value > 0 or (mayBeEndless and value == 0)):
        raise ValueError(f"{argument}: a number of seconds is wanted, more than 0, not {value}")
    try:
        float(value)
    except OverflowError:
        raise ValueError(f"{argument}: a number of seconds is wanted, not one so large") from None


def credential(value: str | bytes, argument: str) -> bytes:
    """
    A user name or a password; text goes out as UTF-8.
    """
    try:
        raw = value.encode("utf-8") if isinstance(value, str) else value
    except UnicodeEncodeError:
        # It would quote the value.
        raise ValueError(f"{argument}: a lone surrogate cannot be sent") from None
    refuse(raw, argument)
    return _string(raw, argument, alwaysQuote=True)


def astring(value: str | bytes, argument: str) -> bytes:
    """
    An C{astring} in quotes, or a literal: what is in it is never syntax.
    """
    raw = value.encode("utf-8") if isinstance(value, str) else value
    if _LINE_BREAKERS.search(raw):
        raise ValueError(f"{argument}: CR, LF and NUL cannot be sent")
    return _string(raw, argument, alwaysQuote=True)


def asText(value: str | bytes) -> str:
    """
    Text, which as octets is UTF-8.
    """
    return value if isinstance(value, str) else value.decode("utf-8")


def flag(value: str) -> bytes:
    """
    A C{flag}: an atom, with a backslash in front of it or without.
    """
    if not isinstance(value, str):
        raise TypeError(f"flags: {value!r} is no str")
    octets = value.encode("utf-8")
    if not _FLAG.fullmatch(octets):
        raise ValueError(f"flags: {value[:100]!r} is no flag")
    return octets


def searchDate(value: datetime.date) -> bytes:
    """
    A C{date}, in English whatever the locale.
    """
    return b"%d-%b-%04d" % (value.day, _MONTHS[value.month - 1], value.year)


def messageSet(messages: object, argument: str = "messages") -> bytes:
    """
    A C{sequence-set}: a MessageSet, an int, or text that is one already.
    """
    raw = messages if isinstance(messages, bytes) else _ascii(str(messages), argument)
    if _SEQUENCE_SET.fullmatch(raw) is None or any(
        int(number) > _LARGEST_NUMBER for number in _LONGEST_NUMBERS.findall(raw)
    ):
        raise ValueError(
            f"{argument}: not a sequence-set, such as '2,4:7' or '1:*': {messages!r:.200}"
        )
    return raw


def flagList(flags: Iterable[str]) -> bytes:
    """
    A C{flag-list}, in its parentheses.

    @raise TypeError: for one string, the characters of which would be the flags.
    """
    encoded = []
    for flag in strings(flags, "flags"):
        if not isinstance(flag, str):
            raise TypeError(f"flags: each is a str, not {flag!r:.200}")
        raw = _ascii(flag, "flags")
        if _FLAG.fullmatch(raw) is None:
            raise ValueError(
                "flags: each is an atom, or a backslash and an atom, such as '$Junk' or"
                f" {chr(92) + 'Seen'!r}, not {flag!r:.200}"
            )
        encoded.append(raw)
    return b"(%b)" % b" ".join(encoded)


def strings(values: Iterable[str], argument: str) -> Iterable[str]:
    """
    Raise L{TypeError} where C{values} is one string, of which each character would
    count, or nothing that has items.
    """
    if not isinstance(values, (str, bytes)):
        try:
            return iter(values)
        except TypeError:
            pass
    raise TypeError(f"{argument}: a list of strings is wanted, not {values!r:.200}")


def date(value: str | bytes) -> bytes:
    """
    A date in quotes, whatever its format.
    """
    raw = _ascii(value, "date") if isinstance(value, str) else value
    refuse(raw, "date")
    if b'"' in raw or b"\\" in raw:
        raise ValueError(f"date: quotes and backslashes cannot be sent: {value!r}")
    return b'"%b"' % raw


def mechanism(name: bytes) -> bytes:
    """
    An C{auth-type}.
    """
    refuse(name, "mechanism")
    _refuseMarker(name, "mechanism")
    return name


def searchProgram(queries: Sequence[str | bytes]) -> list[Piece]:
    """
    C{search-key}s as Query, Or and Not make them, behind C{CHARSET UTF-8} where
    one of them is text that is not ASCII.

    @param queries: those that are bytes go out as they are.
    @raise UnicodeEncodeError: for what is not ASCII outside of quotes.
    """
    for query in queries:
        refuse(query, "queries")
        if isinstance(query, bytearray):
            raise _neitherStrNorBytes(query, "queries")
    keys: list[tuple[bytes, ...]]
    if queries and queries[0][:7].upper() in ("CHARSET", b"CHARSET"):
        # As in Twisted: each character is the octet of the same number.
        keys = [(_octets(query, "latin-1"),) for query in queries]
    else:
        keys = [_searchKey(query) for query in queries]
    if keys:
        _refuseMarker(keys[-1][-1], "queries")
    if any(len(key) > 1 for key in keys):
        return [b"CHARSET UTF-8", *keys]
    return [b" ".join(key[0] for key in keys)]


def _octets(query: str | bytes, encoding: str) -> bytes:
    if isinstance(query, bytes):
        return query
    if encoding == "ascii":
        return _ascii(query, "queries", "only text in quotes can be other; Query() puts it there")
    return query.encode(encoding)


def _searchKey(query: str | bytes) -> tuple[bytes, ...]:
    """
    Cut at its quoted strings that are not ASCII; these become literals, with what
    is before and behind them, be it empty.
    """
    parts: list[bytes] = []
    start = 0
    if isinstance(query, str) and not query.isascii():
        for found in _QUOTED.finditer(query):
            if found[2] and not found[1].isascii():
                text = _ESCAPED.sub(r"\1", found[1])
                parts += _octets(query[start : found.start()], "ascii"), Literal(text.encode())
                start = found.end()
    return *parts, _octets(query[start:], "ascii")


def sizeWithoutAsking(capabilities: Iterable[bytes]) -> int:
    """
    The size up to which a server takes a literal without a C{+} (RFC 7888), -1
    if it has not said so.
    """
    offered = {capability.upper() for capability in capabilities}
    if b"LITERAL+" in offered:
        return sys.maxsize
    return 4096 if b"LITERAL-" in offered else -1


def segments(pieces: Iterable[Piece], withoutAsking: int) -> list[bytes]:
    """
    Join the arguments of a command by SP, and cut them where the client must
    wait for the server's C{+}.

    @param pieces: one in parts has no SP between these.
    @param withoutAsking: the size up to which a literal needs no C{+}
        (RFC 7888), -1 for none.

    @return: what sendLine() takes, one after the other.
    """
    lines = [b""]
    separator = b""
    for piece in pieces:
        lines[-1] += separator
        for part in piece if isinstance(piece, tuple) else (piece,):
            if not isinstance(part, Literal):
                lines[-1] += part
            elif len(part) <= withoutAsking:
                lines[-1] += b"{%d+}\r\n%b" % (len(part), part)
            else:
                lines[-1] += b"{%d}" % len(part)
                lines.append(bytes(part))
        separator = b" "
    return lines


def checkRaw(value: object, argument: str) -> None:
    """
    Raise L{ValueError} where C{value}, arguments that a user encoded, holds
    CR, LF or NUL outside of its literals, or not all of a literal that it begins:
    the server would take what comes next for the rest.

    What is not bytes is left to whoever formats the command.
    """
    if not isinstance(value, (bytes, bytearray, memoryview)):
        return
    value = bytes(value)
    start = 0
    while (found := _LINE_BREAKERS.search(value, start)) is not None:
        at = found.start()
        header = LITERAL_HEADER.search(value[max(start, at - 24) : at])
        if header is None or value[at : at + 2] != b"\r\n":
            raise ValueError(f"{argument}: CR, LF and NUL cannot be sent")
        start = at + 2 + int(header.group(1))
        if start > len(value):
            missing = start - len(value)
            raise ValueError(f"{argument}: the literal is {missing} octets short")
