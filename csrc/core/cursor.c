/* Where a cursor starts, and the rare forms of tokens.  Rules are those of RFC 9051,
 * section 9. */
#include "cursor.h"

#include <string.h>

void imapc_cursor_init(imapc_cursor *cursor, const imapc_framed *response,
                       const imapc_limits *limits)
{
    cursor->response = response;
    cursor->limits = limits;
    cursor->at = cursor->end = NULL;
    cursor->sectioned = false;
    cursor->span = cursor->section = cursor->depth = cursor->lists = cursor->elements = 0;
    cursor->error = (imapc_error){NULL, 0};
    if (response->count) {
        cursor->at = response->text + response->spans[0].offset;
        cursor->end = cursor->at + response->spans[0].length;
    }
}

static size_t offset_of(const imapc_cursor *cursor)
{
    size_t offset = 0;
    for (size_t i = 0; i < cursor->span; i++) {
        const imapc_span *span = &cursor->response->spans[i];
        offset += span->length + span->announced + 2 + span->literal_size;
    }
    if (cursor->span < cursor->response->count) {
        const imapc_span *span = &cursor->response->spans[cursor->span];
        offset += (size_t)(cursor->at - (cursor->response->text + span->offset));
    }
    return offset;
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
    return imapc_is_keyword(name, "BODY") || imapc_is_keyword(name, "BODY.PEEK") ||
           imapc_is_keyword(name, "BINARY") || imapc_is_keyword(name, "BINARY.PEEK") ||
           imapc_is_keyword(name, "BINARY.SIZE");
}

/* literal, literal8: go to the span behind it, and return it. */
static void **take_literal(imapc_cursor *cursor)
{
    imapc_span *span = &cursor->response->spans[cursor->span++];
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

imapc_result cursor_end_of_span(imapc_cursor *cursor, imapc_token *token)
{
    cursor->at = cursor->end;
    token->kind = TOKEN_END;
    if (at_literal(cursor)) {
        token->kind = TOKEN_LITERAL;
        token->literal = take_literal(cursor);
    } else if (cursor->response->overfull) {
        return imapc_refuse(cursor, "more than maxElementsPerResponse elements");
    }
    return IMAPC_OK;
}

const char *cursor_bracketed_atom(imapc_cursor *cursor, const char *from, const char *at)
{
    bool in_section = cursor_in_section(cursor);
    for (; at < cursor->end && !CHAR_IS(*at, CHAR_ATOM_END); at++) {
        if (*at == '[' && !cursor->section && takes_section(text_between(from, at))) {
            cursor->sectioned = true;
            break;
        }
        if (*at == ']' && in_section)
            break;
    }
    return at;
}

imapc_result cursor_odd_quoted(imapc_cursor *cursor, imapc_token *token, const char *text)
{
    const char *close = text_quoted_end(text, cursor->end);
    cursor->at = text - 1; /* where it is refused */
    if (!close)
        return imapc_refuse(cursor, "a quoted string has no end");
    token->kind = TOKEN_QUOTED;
    token->text = text_between(text, close);
    token->escaped = memchr(text, '\\', token->text.length) != NULL;
    cursor->at = close + 1;
    return IMAPC_OK;
}

/* "{5}" can only be meant for a literal, which has to end its line
 * ("literal-marker-in-mid-line"); "{work}" is a keyword like "[Gmail]". */
bool cursor_announces(imapc_cursor *cursor, const char *brace)
{
    const char *digits = brace + 1;
    const char *at = text_skip(digits, cursor->end, CHAR_DIGIT);
    if (at == digits || at == cursor->end || (*at != '}' && *at != '+'))
        return false;
    cursor->at = brace;
    imapc_refuse(cursor, "a literal is announced in the middle of a line");
    return true;
}
