"""Commands with responses in which every kind of token is cut somewhere."""

from __future__ import annotations

from twisted.mail import imap4

from tests.helpers.rig import Call

OK1, OK2, OK3 = (b"000%d OK done\r\n" % n for n in (1, 2, 3))


RESPONSES: dict[str, tuple[Call, bytes]] = {
    "noop": (lambda c: c.noop(), b"* 3 EXISTS\r\n* OK text\r\n"),
    "fetchMessage": (
        lambda c: c.fetchMessage("1"),
        b"* 1 FETCH (RFC822 {5}\r\nhello UID 4 FLAGS (a))\r\n* 2 FETCH (RFC822 {2}\r\nx\xff)\r\n",
    ),
    "fetchEnvelope": (
        lambda c: c.fetchEnvelope("1"),
        b'* 1 FETCH (ENVELOPE ("d" {1}\r\ns ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL "i"))\r\n',
    ),
    "fetchSpecific": (
        lambda c: c.fetchSpecific("1", headerType="TEXT"),
        b"* 1 FETCH (BODY[TEXT]<0> {3}\r\nabc)\r\n",
    ),
    "list": (
        lambda c: c.list("", "*"),
        b'* LIST (\\A) "/" "q\\"x"\r\n* LIST () NIL {3}\r\nabc\r\n* LIST () "" {0}\r\n\r\n',
    ),
    "search": (lambda c: c.search("ALL"), b"* SEARCH 1 2 3\r\n* SEARCH\r\n"),
    "select": (lambda c: c.select("x"), b"* FLAGS (a)\r\n* 3 EXISTS\r\n* OK [UIDNEXT 4] x\r\n"),
    "bad": (lambda c: c.fetchFlags("1"), b"* 1 FETCH (FLAGS (a)\r\n* 2 FETCH (FLAGS (b))\r\n"),
    "sendCommand": (
        lambda c: c.sendCommand(imap4.Command(b"X")),
        b'* X {3}\r\nabc\r\n* 1 FETCH (UID 2)\r\n* LIST () "/" a\r\n',
    ),
}
