"""
What typed records decode when it is looked at, and never while a response is parsed:
encoded words, dates, parameters and the structure of a message.

Nothing here raises, whatever a message says of itself.
"""

from __future__ import annotations

import encodings
import functools
import pkgutil
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz
from encodings.aliases import aliases
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from ._imapc import envelope as _envelope

if TYPE_CHECKING:
    from ._imapc import Address, Envelope, Message

Values = tuple[Any, ...]


class Problem(NamedTuple):
    """
    What was malformed in a response.

    @ivar item: the name of the item, or None where the list of items itself is broken.
    @ivar message: what is wrong.
    @ivar wire: at most 200 octets, from where the malformed value begins.
    """

    item: str | None
    message: str
    wire: bytes


def problems(raw: tuple[tuple[str | None, str, bytes], ...]) -> tuple[Problem, ...]:
    """
    Problems of the tuples that the parser kept.
    """
    return tuple(Problem(*each) for each in raw)


# Text


def utf8(raw: str) -> str:
    """
    Octets that came as latin-1 as the UTF-8 that they mostly are.
    """
    try:
        return raw.encode("latin-1").decode("utf-8")
    except ValueError:
        return raw


# Codecs of Python's that no mail is written in, and whose time goes by the square of
# the length: whoever sends a mail chooses the charset of its subject.
_NO_CHARSETS = ("punycode", "idna")


@functools.cache
def _charsets() -> frozenset[str]:
    """
    The names of Python's own codecs, as L{encodings.normalize_encoding} writes them.
    """
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    names.update(aliases.keys(), aliases.values())
    return frozenset(name for name in names if aliases.get(name, name) not in _NO_CHARSETS)


def _codec(charset: str) -> str | None:
    """
    The one spelling of a charset that Python has; None for another.

    Python itself would look among its files for each name, and keep for good that there
    is none, or what each spelling of one stands for.
    """
    name = encodings.normalize_encoding(charset).lower().replace(".", "_")
    return name if name in _charsets() else None


def _decoded(octets: bytes, charset: str) -> str:
    """
    In the charset that was named, as far as it is one; else UTF-8, else latin-1.
    """
    codec = _codec(charset)
    for name, errors in ((codec, "strict"), ("utf-8", "strict"), (codec, "replace")):
        try:
            if name is not None:
                return octets.decode(name, errors)
        except (LookupError, ValueError):
            pass
    return octets.decode("latin-1")


# encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
_ENCODED_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_QUOTED_OCTET = re.compile(rb"=([0-9A-Fa-f]{2})")


def _octetsOf(encoding: str, encoded: str) -> bytes:
    """
    @raise ValueError: where it is not encoded like that.
    """
    octets = encoded.encode("latin-1")
    if encoding in "bB":
        return b64decode(octets.rstrip(b"=") + b"==")
    return _QUOTED_OCTET.sub(lambda m: bytes.fromhex(m[1].decode()), octets.replace(b"_", b" "))


def text(raw: str) -> str:
    """
    Unstructured text of a header with its encoded words decoded (RFC 2047).

    Words that follow each other in one charset are one text: many programs cut
    characters in two.  A word that cannot be decoded stays as it is.
    """
    if "=?" not in raw:
        return utf8(raw)
    done: list[str] = []
    octets: list[bytes] = []
    charset, at = "", 0
    for word in _ENCODED_WORD.finditer(raw):
        try:
            more = _octetsOf(word[2], word[3])
        except ValueError:
            continue
        between = raw[at : word.start()]
        follows = bool(charset) and not between.strip()
        if not (follows and word[1].lower() == charset):
            done.append(_decoded(b"".join(octets), charset) if charset else "")
            octets, charset = [], word[1].lower()
        if not follows:
            done.append(utf8(between))
        octets.append(more)
        at = word.end()
    done.append(_decoded(b"".join(octets), charset) if charset else "")
    done.append(utf8(raw[at:]))
    return "".join(done)


# Dates


def internalDate(
    year: int, month: int, day: int, hour: int, minute: int, second: int, offset: int
) -> datetime:
    """
    An aware datetime; C{offset} is in minutes.
    """
    zone = timezone(timedelta(minutes=offset)) if offset else timezone.utc
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def date(raw: str) -> datetime | None:
    """
    A Date header, aware: one without a zone is taken for UTC.
    """
    try:
        fields = parsedate_tz(raw)
        if fields is None:
            return None
        zone = timezone(timedelta(seconds=fields[9] or 0))
        return datetime(*fields[:5], min(fields[5], 59), tzinfo=zone)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# Parameters


def _string(value: Any) -> str | None:
    """
    A value of the parser's as latin-1; None for NIL and for a list.
    """
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, (str, int)) else None


_PARAMETER = re.compile(r"([^*]+)(?:\*(\d{1,6}))?(\*)?")


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    """
    The value of a parameter in pieces, by their numbers, up to the first that lacks.
    """
    octets, charset = [], "utf-8"
    first = min(pieces)
    for number in range(first, first + len(pieces)):
        if number not in pieces:
            break
        isEncoded, value = pieces[number]
        if isEncoded and number == first and value.count("'") >= 2:
            named, _, value = value.split("'", 2)
            charset = named or charset
        raw = value.encode("latin-1", "replace")
        octets.append(unquote_to_bytes(raw) if isEncoded else raw)
    return _decoded(b"".join(octets), charset)


def parameters(raw: Any) -> dict[str, str]:
    """
    body-fld-param, keys in lower case; values that RFC 2231 has encoded or cut
    are whole, and before those that say the same without.
    """
    plain: dict[str, str] = {}
    inPieces: dict[str, dict[int, tuple[bool, str]]] = {}
    pairs = raw if isinstance(raw, tuple) else ()
    for name, value in zip(map(_string, pairs[::2]), map(_string, pairs[1::2]), strict=False):
        if name is None or value is None:
            continue
        match = _PARAMETER.fullmatch(name.lower())
        if match is None or (match[2] is None and match[3] is None):
            plain.setdefault(name.lower(), text(value))
        else:
            pieces = inPieces.setdefault(match[1], {})
            pieces.setdefault(int(match[2] or 0), (match[3] is not None, value))
    return {**plain, **{name: _joined(pieces) for name, pieces in inPieces.items()}}


# Structure


def _lower(value: Any) -> str | None:
    string = _string(value)
    return None if string is None else string.lower()


def _text(value: Any) -> str | None:
    string = _string(value)
    return None if string is None else text(string)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


class Part:
    """
    One part of a message, as BODYSTRUCTURE or BODY has it; what does not fit is None.

    @ivar section: what the part is fetched by, C{"1.2"}; empty for a message that has
        parts.  The parts of a message in a message go on behind its number; such a
        message as a whole, where it has parts, is C{"2.TEXT"}.
    """

    __slots__ = ("_extension", "_parts", "_prefix", "_raw", "section")

    section: str

    def __init__(self, raw: Values, section: str | None = None, prefix: str = "") -> None:
        self._raw = raw
        self._prefix = prefix
        if section is None:
            section = "" if self._isMultipart() else "1"
        self.section = section
        self._parts: tuple[Part, ...] | None = None
        self._extension = self._findExtension()

    def _isMultipart(self) -> bool:
        return bool(self._raw) and isinstance(self._raw[0], tuple)

    def _at(self, index: int) -> Any:
        return self._raw[index] if index < len(self._raw) else None

    def _findExtension(self) -> int:
        """
        Where disposition, language and location are, behind what only some have.
        """
        if self._isMultipart():
            parts = next(
                (i for i, each in enumerate(self._raw) if not isinstance(each, tuple)),
                len(self._raw),
            )
            return parts + 2
        if self._hasMessage():
            return 11
        return 9 if self.type == "text" and not isinstance(self._at(7), (str, bytes)) else 8

    def _hasMessage(self) -> bool:
        return isinstance(self._at(7), tuple) and isinstance(self._at(8), tuple)

    @property
    def type(self) -> str | None:
        """
        C{"text"}, in lower case, as the subtype, the encoding and the disposition are.
        """
        return "multipart" if self._isMultipart() else _lower(self._at(0))

    @property
    def subtype(self) -> str | None:
        return _lower(self._at(self._extension - 2 if self._isMultipart() else 1))

    @property
    def contentType(self) -> str | None:
        """
        C{"text/plain"}.
        """
        kind, subtype = self.type, self.subtype
        return None if kind is None or subtype is None else f"{kind}/{subtype}"

    @property
    def parameters(self) -> dict[str, str]:
        """
        Keys in lower case; values decoded.
        """
        return parameters(self._at(self._extension - 1 if self._isMultipart() else 2))

    def _single(self, index: int) -> Any:
        return None if self._isMultipart() else self._at(index)

    @property
    def id(self) -> str | None:
        return _text(self._single(3))

    @property
    def description(self) -> str | None:
        return _text(self._single(4))

    @property
    def encoding(self) -> str | None:
        return _lower(self._single(5))

    @property
    def size(self) -> int | None:
        """
        Octets, as encoded.
        """
        return _number(self._single(6))

    @property
    def lines(self) -> int | None:
        if self._hasMessage():
            return _number(self._single(9))
        return _number(self._single(7)) if self.type == "text" else None

    @property
    def md5(self) -> str | None:
        return _string(self._single(self._extension - 1))

    def _disposition(self) -> Values:
        raw = self._at(self._extension)
        return raw if isinstance(raw, tuple) else (raw,)

    @property
    def disposition(self) -> str | None:
        return _lower(next(iter(self._disposition()), None))

    @property
    def dispositionParameters(self) -> dict[str, str]:
        raw = self._disposition()
        return parameters(raw[1] if len(raw) > 1 else None)

    @property
    def language(self) -> tuple[str, ...] | None:
        raw = self._at(self._extension + 1)
        strings = map(_string, raw if isinstance(raw, tuple) else (raw,))
        return tuple(each for each in strings if each is not None) or None

    @property
    def location(self) -> str | None:
        return _text(self._at(self._extension + 2))

    @property
    def envelope(self) -> Envelope | None:
        """
        Of a part that is a message.
        """
        return _envelope(self._raw[7]) if self._hasMessage() else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """
        Of a multipart its parts, of a message the one that it consists of.
        """
        if self._parts is None:
            self._parts = tuple(self._makeParts())
        return self._parts

    def _makeParts(self) -> Iterator[Part]:
        if self._isMultipart():
            for number, raw in enumerate(self._raw[: self._extension - 2], 1):
                section = f"{self._prefix}.{number}" if self._prefix else str(number)
                yield Part(raw, section, section)
        elif self._hasMessage():
            raw, section = self._raw[8], self.section
            isMultipart = bool(raw) and isinstance(raw[0], tuple)
            inner = f"{section}.TEXT" if isMultipart else f"{section}.1"
            yield Part(raw, inner, section if isMultipart else inner)

    @property
    def filename(self) -> str | None:
        """
        As the sender gave it: not to be taken for the name of a file of ours.
        """
        name = self.dispositionParameters.get("filename")
        return self.parameters.get("name") if name is None else name

    @property
    def isAttachment(self) -> bool:
        """
        The sender says so, or it has a filename and is not to be shown in place.
        """
        disposition = self.disposition
        return disposition == "attachment" or (disposition is None and self.filename is not None)

    def walk(self) -> Iterator[Part]:
        """
        This part and all parts of it, each before its own.
        """
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.parts))

    def find(self, section: str) -> Part | None:
        """
        The part of that section, in any case.
        """
        return next((part for part in self.walk() if part.section == section.upper()), None)

    def __repr__(self) -> str:
        words = [f"<Part {self.section!r} {self.contentType}"]
        if self.filename is not None:
            words.append(f"filename={self.filename!r}")
        if self.size is not None:
            words.append(f"size={self.size}")
        return " ".join(words) + ">"


# What is shown of records


def reprMessage(message: Message) -> str:
    """
    Number, UID, flags and the names of the other items.
    """
    words = [f"<Message {message.number}"]
    if message.uid is not None:
        words.append(f"uid={message.uid}")
    if message.flags is not None:
        words.append(f"flags={sorted(message.flags)}")
    words += [key for key in message.keys() if key not in ("UID", "FLAGS")]
    if message.problems:
        words.append(f"problems={len(message.problems)}")
    return " ".join(words) + ">"


def reprEnvelope(envelope: Envelope) -> str:
    """
    Who, what and when.
    """
    senders = ", ".join(each.address or str(each.mailbox) for each in envelope.from_)
    return f"<Envelope {envelope.subject!r} from {senders or None} at {envelope.date}>"


def reprAddress(address: Address) -> str:
    """
    As it stands in a header, or what it is of a group.
    """
    if address.address is not None:
        shown = f"{address.name!r} <{address.address}>" if address.name else address.address
    elif address.mailbox is not None:
        shown = f"group {address.mailbox!r}"
    else:
        shown = "end of group"
    return f"<Address {shown}>"
