/* One table of the character classes of RFC 9051's ABNF. */
#ifndef IMAPC_CHARS_H
#define IMAPC_CHARS_H

enum {
    CHAR_SPACE = 1,    /* SP, and what other clients take for it: TAB CR LF VT FF */
    CHAR_ATOM_END = 2, /* space and parentheses */
    CHAR_DIGIT = 4,
    CHAR_BASE64 = 8,   /* modified base64, and "/" */
    CHAR_BRACKET = 16, /* "[" and "]" */
    CHAR_DIRECT = 32,  /* in modified UTF-7 it stands for itself: printable, but "&" */
    CHAR_ODD = 64,     /* may begin what is no atom: space ( ) [ ] { and DQUOTE */
    CHAR_BEHIND_QUOTED = 128 /* SP ) ] */
};

extern const unsigned char imapc_chars[256];

#define CHAR_IS(octet, class) (imapc_chars[(unsigned char)(octet)] & (class))

#endif
