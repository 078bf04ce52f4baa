/* Words, numbers and quoted strings: what framing and grammar both read is said
 * here, once for all. */
#ifndef IMAPC_TEXT_H
#define IMAPC_TEXT_H

#include "chars.h"
#include "digits.h"
#include "imapc.h"

static inline imapc_text text_between(const char *from, const char *to)
{
    return (imapc_text){from, (size_t)(to - from)};
}

/* Past the octets of these classes. */
static inline const char *text_skip(const char *at, const char *end, unsigned classes)
{
    while (at < end && CHAR_IS(*at, classes))
        at++;
    return at;
}

/* Up to the next octet of these classes. */
static inline const char *text_pass(const char *at, const char *end, unsigned classes)
{
    while (at < end && !CHAR_IS(*at, classes))
        at++;
    return at;
}

/* Most numbers by far: with so many digits they fit into an uint64_t, and an int64_t. */
enum { TEXT_PLAIN_DIGITS = 18 };

/* Past the digits at at, whose value it is if they are plain. */
static inline const char *text_digits(const char *at, const char *end, uint64_t *value)
{
    *value = 0;
    if (end - at >= DIGITS_WORD && digits_word(&at, value))
        return at;
    for (unsigned digit; at < end && (digit = (unsigned char)*at - '0') < 10; at++)
        *value = *value * 10 + digit;
    return at;
}

static inline bool text_is_blank(imapc_text text)
{
    const char *end = text.at + text.length;
    return text_skip(text.at, end, CHAR_SPACE) == end;
}

/* The next word, which goes on to space; moves *at behind it. */
imapc_text text_word(const char **at, const char *end);

/* What of a word stands before its first octet, or all of it. */
imapc_text text_up_to(imapc_text word, char octet);

/* The status that the next word is, if it is one; moves *at behind the word. */
imapc_status text_status(const char **at, const char *end);

/* A number as a size: false where it is none, or where no size is so large. */
bool text_size(imapc_text digits, size_t *size);

/* Whether a DQUOTE that is not escaped closes its quoted string. */
static inline bool text_closes(const char *quote, const char *end)
{
    const char *next = quote + 1;
    return next == end || CHAR_IS(*next, CHAR_BEHIND_QUOTED);
}

/* The closing DQUOTE of the quoted string whose text starts at at, or NULL. */
const char *text_quoted_end(const char *at, const char *end);

/* Whose brackets a scan respects. */
typedef enum text_kind {
    TEXT_OF_DATA, /* "[" opens a section, a quoted string may follow it */
    TEXT_OF_CODE  /* "[" is an octet like others, "]" outside of all ends the code */
} text_kind;

/* Pass over text, its quoted strings and its parentheses.  Returns where it
 * ends: at the "]" of a code, else at the text's end; NULL inside a quoted string.
 * *depth counts the parentheses outside of quotes. */
const char *text_scan(imapc_text text, text_kind kind, size_t *depth);

#endif
