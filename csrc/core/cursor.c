/* A whole response as tokens and values.  Rules are those of RFC 9051, section 9.
 * Lists are counted, never recursed into. */
#include "cursor.h"

#include <string.h>

#include "text.h"

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

void cursor_skip_space(imapc_cursor *cursor)
{
    cursor->at = text_skip(cursor->at, cursor->end, CHAR_SPACE);
}

/*
 * atom = 1*ATOM-CHAR
 *
 * Servers put nearly every octet into what should be an atom, so it goes on to
 * space or to a parenthesis.  "[" and "]" are octets like others ("flag-with-bracket",
 * "gmail-flag-with-brackets", "list-unquoted-brackets"), but for the section of
 * BODY and BINARY, in which an atom also ends at "]".
 */
static void scan_atom(imapc_cursor *cursor, imapc_token *token)
{
    const char *at = cursor->at;
    bool in_section = cursor->section && cursor->section == cursor->depth;
    while (at < cursor->end && !CHAR_IS(*at, CHAR_ATOM_END)) {
        if (*at == '[' && !cursor->section &&
            takes_section((imapc_text){cursor->at, (size_t)(at - cursor->at)})) {
            cursor->sectioned = true;
            break;
        }
        if (*at == ']' && in_section)
            break;
        at++;
    }
    token->kind = TOKEN_ATOM;
    token->text = (imapc_text){cursor->at, (size_t)(at - cursor->at)};
    cursor->at = at;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE */
static imapc_result scan_quoted(imapc_cursor *cursor, imapc_token *token)
{
    const char *text = cursor->at + 1;
    const char *close = text_quoted_end(text, cursor->end);
    if (!close)
        return imapc_refuse(cursor, "a quoted string has no end");
    token->kind = TOKEN_QUOTED;
    token->text = (imapc_text){text, (size_t)(close - text)};
    token->escaped = memchr(text, '\\', token->text.length) != NULL;
    cursor->at = close + 1;
    return IMAPC_OK;
}

/* "{5}" can only be meant for a literal, which has to end its line
 * ("literal-marker-in-mid-line"); "{work}" is a keyword like "[Gmail]". */
static bool announces_literal(const imapc_cursor *cursor)
{
    const char *at = text_skip(cursor->at + 1, cursor->end, CHAR_DIGIT);
    return at > cursor->at + 1 && at < cursor->end && (*at == '}' || *at == '+');
}

imapc_result cursor_token(imapc_cursor *cursor, imapc_token *token)
{
    token->escaped = false;
    token->literal = NULL;
    if (cursor->sectioned) {
        cursor->sectioned = false;
        cursor->at++;
        token->kind = TOKEN_SECTION_OPEN;
        return IMAPC_OK;
    }
    cursor_skip_space(cursor);
    if (cursor->at == cursor->end) {
        token->kind = TOKEN_END;
        if (at_literal(cursor)) {
            token->kind = TOKEN_LITERAL;
            token->literal = take_literal(cursor);
        } else if (cursor->response->overfull) {
            return imapc_refuse(cursor, "more than maxElementsPerResponse elements");
        }
        return IMAPC_OK;
    }
    switch (*cursor->at) {
    case '(':
        cursor->at++;
        token->kind = TOKEN_OPEN;
        return IMAPC_OK;
    case ')':
        cursor->at++;
        token->kind = TOKEN_CLOSE;
        return IMAPC_OK;
    case '"':
        return scan_quoted(cursor, token);
    case '{':
        if (announces_literal(cursor))
            return imapc_refuse(cursor, "a literal is announced in the middle of a line");
        break;
    case ']':
        if (cursor->section && cursor->section == cursor->depth) {
            cursor->at++;
            token->kind = TOKEN_SECTION_CLOSE;
            return IMAPC_OK;
        }
    }
    scan_atom(cursor, token);
    return IMAPC_OK;
}

imapc_result cursor_open(imapc_cursor *cursor)
{
    if (cursor->depth >= cursor->limits->depth)
        return imapc_refuse(cursor, "lists are nested deeper than maxDepth");
    if (cursor->lists >= cursor->limits->lists)
        return imapc_refuse(cursor, "more than maxListsPerResponse lists");
    cursor->depth++;
    cursor->lists++;
    return IMAPC_OK;
}

imapc_result cursor_count(imapc_cursor *cursor)
{
    if (cursor->elements >= cursor->limits->elements)
        return imapc_refuse(cursor, "more than maxElementsPerResponse elements");
    cursor->elements++;
    return IMAPC_OK;
}

/* nil = "NIL", in any case; in quotes it is a string ("nil-spellings"). */
static bool tell_string(const imapc_token *token, const imapc_sink *sink)
{
    if (token->kind == TOKEN_ATOM && token->text.length == 3 &&
        imapc_is_keyword(token->text, "NIL"))
        return sink->nil(sink->context);
    return sink->string(sink->context, token->text, token->escaped);
}

static imapc_result tell_close(imapc_cursor *cursor, const imapc_token *token,
                               const imapc_sink *sink)
{
    bool section = cursor->section && cursor->section == cursor->depth;
    if (section != (token->kind == TOKEN_SECTION_CLOSE))
        return imapc_refuse(cursor, "a parenthesis is closed inside a section");
    if (section)
        cursor->section = 0;
    cursor->depth--;
    return sink->list_end(sink->context) ? IMAPC_OK : IMAPC_SINK;
}

imapc_result cursor_tell(imapc_cursor *cursor, imapc_token *token, const imapc_sink *sink)
{
    imapc_result result;
    switch (token->kind) {
    case TOKEN_OPEN:
    case TOKEN_SECTION_OPEN:
        if ((result = cursor_count(cursor)) || (result = cursor_open(cursor)))
            return result;
        if (token->kind == TOKEN_SECTION_OPEN)
            cursor->section = cursor->depth;
        return sink->list_begin(sink->context) ? IMAPC_OK : IMAPC_SINK;
    case TOKEN_CLOSE:
    case TOKEN_SECTION_CLOSE:
        return tell_close(cursor, token, sink);
    case TOKEN_END:
        return imapc_refuse(cursor, "the response ends inside a list");
    default:
        break;
    }
    if ((result = cursor_count(cursor)))
        return result;
    bool taken = token->kind == TOKEN_LITERAL ? sink->literal(sink->context, token->literal)
                                              : tell_string(token, sink);
    return taken ? IMAPC_OK : IMAPC_SINK;
}

/* nstring = string / nil; body, envelope and all other lists: "(" values ")" */
imapc_result imapc_parse_value(imapc_cursor *cursor, const imapc_sink *sink)
{
    size_t base = cursor->depth;
    do {
        imapc_token token;
        imapc_result result = cursor_token(cursor, &token);
        if (result)
            return result;
        if (cursor->depth == base &&
            (token.kind == TOKEN_CLOSE || token.kind == TOKEN_SECTION_CLOSE ||
             token.kind == TOKEN_END))
            return imapc_refuse(cursor, "a value is missing");
        if ((result = cursor_tell(cursor, &token, sink)))
            return result;
    } while (cursor->depth > base);
    return IMAPC_OK;
}

imapc_result imapc_parse_values(imapc_cursor *cursor, const imapc_sink *sink)
{
    for (;;) {
        imapc_token token;
        imapc_result result = cursor_token(cursor, &token);
        if (result)
            return result;
        if (cursor->depth == 0 && token.kind == TOKEN_END)
            return IMAPC_OK;
        if (cursor->depth == 0 && token.kind == TOKEN_CLOSE)
            return imapc_refuse(cursor, "a parenthesis is closed that was not opened");
        if ((result = cursor_tell(cursor, &token, sink)))
            return result;
    }
}
