/* The general rule of tokens.  Rules are those of RFC 9051, section 9. */
#include "cursor.h"

#include <string.h>

static size_t offset_of(const imapc_cursor *cursor)
{
    if (cursor->span == cursor->response->count)
        return cursor->passed;
    const imapc_span *span = &cursor->response->spans[cursor->span];
    return cursor->passed + (size_t)(cursor->at - (cursor->response->text + span->offset));
}

imapc_result imapc_refuse(imapc_cursor *cursor, const char *message)
{
    cursor->error = (imapc_error){message, offset_of(cursor)};
    return IMAPC_MALFORMED;
}

/*
 * msg-att-static = ... / "BODY" section ["<" number ">"] SP nstring /
 *                  "BINARY" section-binary SP (nstring / literal8) /
 *                  "BINARY.SIZE" section-binary SP number
 *
 * ".PEEK" belongs to the request alone, but is taken where a server repeats it.
 */
static bool takes_section(imapc_text name)
{
    if (name.length < strlen("BODY") || (*name.at | 0x20) != 'b')
        return false;
    return imapc_is_keyword(name, "BODY") || imapc_is_keyword(name, "BODY.PEEK") ||
           imapc_is_keyword(name, "BINARY") || imapc_is_keyword(name, "BINARY.PEEK") ||
           imapc_is_keyword(name, "BINARY.SIZE");
}

/* literal, literal8: go to the span behind it, and return it. */
static void **take_literal(imapc_cursor *cursor)
{
    imapc_span *span = &cursor->response->spans[cursor->span++];
    cursor->passed += span->length + span->announced + 2 + span->literal_size;
    if (cursor->span < cursor->response->count) {
        const imapc_span *next = &cursor->response->spans[cursor->span];
        cursor->at = cursor->response->text + next->offset;
        cursor->end = cursor->at + next->length;
    } else {
        cursor->at = cursor->end = NULL;
    }
    return &span->literal;
}

static bool at_literal(const imapc_cursor *cursor)
{
    return cursor->span < cursor->response->count &&
           cursor->response->spans[cursor->span].literal != NULL;
}

/* At the end of a span: a literal, or the end of the response. */
static imapc_result end_of_span(imapc_cursor *cursor, imapc_token *token)
{
    if (at_literal(cursor)) {
        token->kind = TOKEN_LITERAL;
        token->literal = take_literal(cursor);
    } else if (cursor->response->overfull) {
        return imapc_refuse(cursor, "more than maxElementsPerResponse elements");
    }
    return IMAPC_OK;
}

/*
 * atom = 1*ATOM-CHAR
 *
 * Servers put nearly every octet into what should be an atom, so it goes on to
 * space or to a parenthesis.  "[" and "]" are octets like others ("flag-with-bracket",
 * "gmail-flag-with-brackets", "list-unquoted-brackets"), but for the section of
 * BODY and BINARY, in which an atom also ends at "]".
 */
static imapc_result take_atom(imapc_cursor *cursor, imapc_token *token)
{
    const char *from = cursor->at, *at = from;
    bool in_section = cursor_in_section(cursor);
    for (; at < cursor->end && !CHAR_IS(*at, CHAR_ATOM_END); at++) {
        if (*at == '[' && !cursor->section && takes_section(text_between(from, at))) {
            cursor->sectioned = true;
            break;
        }
        if (*at == ']' && in_section)
            break;
    }
    return cursor_take_text(cursor, token, TOKEN_ATOM, text_between(from, at), at);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE */
static imapc_result take_quoted(imapc_cursor *cursor, imapc_token *token)
{
    const char *from = cursor->at + 1;
    const char *close = text_quoted_end(from, cursor->end);
    if (!close)
        return imapc_refuse(cursor, "a quoted string has no end");
    imapc_text text = text_between(from, close);
    cursor_take_text(cursor, token, TOKEN_QUOTED, text, close + 1);
    token->escaped = text.length && memchr(text.at, '\\', text.length);
    return IMAPC_OK;
}

/* "{5}" can only be meant for a literal, which has to end its line
 * ("literal-marker-in-mid-line"); "{work}" is a keyword like "[Gmail]". */
static bool announces_literal(const imapc_cursor *cursor)
{
    const char *at = text_skip(cursor->at + 1, cursor->end, CHAR_DIGIT);
    return at > cursor->at + 1 && at < cursor->end && (*at == '}' || *at == '+');
}

imapc_result cursor_any_token(imapc_cursor *cursor, imapc_token *token)
{
    *token = (imapc_token){.kind = TOKEN_END};
    cursor->at = text_skip(cursor->at, cursor->end, CHAR_SPACE);
    if (cursor->at == cursor->end)
        return end_of_span(cursor, token);
    switch (*cursor->at) {
    case '(':
        return cursor_take(cursor, token, TOKEN_OPEN, cursor->at + 1);
    case ')':
        return cursor_take(cursor, token, TOKEN_CLOSE, cursor->at + 1);
    case '"':
        return take_quoted(cursor, token);
    case '{':
        if (announces_literal(cursor))
            return imapc_refuse(cursor, "a literal is announced in the middle of a line");
        break;
    case '[': /* directly behind the atom that takes a section */
        if (!cursor->sectioned)
            break;
        cursor->sectioned = false;
        return cursor_take(cursor, token, TOKEN_SECTION_OPEN, cursor->at + 1);
    case ']':
        if (cursor_in_section(cursor))
            return cursor_take(cursor, token, TOKEN_SECTION_CLOSE, cursor->at + 1);
    }
    return take_atom(cursor, token);
}
