/* A whole response as tokens, pulled one by one: the grammar's functions and the
 * binding's loops read all they read by these.
 *
 * The common forms stand here and are inline: "(", ")", atoms without brackets, and
 * quoted strings without escapes.  The general rule is in cursor.c. */
#ifndef IMAPC_CURSOR_H
#define IMAPC_CURSOR_H

#include "scan.h"
#include "text.h"

typedef enum imapc_token_kind {
    TOKEN_END, /* of the response */
    TOKEN_ATOM,
    TOKEN_QUOTED,
    TOKEN_LITERAL,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_SECTION_OPEN,
    TOKEN_SECTION_CLOSE
} imapc_token_kind;

struct imapc_token {
    imapc_token_kind kind;
    bool escaped;    /* QUOTED: a backslash stands before each octet that it escapes */
    imapc_text text; /* ATOM, QUOTED (between the quotes) */
    void **literal;  /* LITERAL: where the response keeps it */
};

/* ------------------------------------------------------------------ tokens -- */

static inline void cursor_init(imapc_cursor *cursor, const imapc_framed *response,
                               const imapc_limits *limits)
{
    cursor->response = response;
    cursor->limits = limits;
    cursor->at = cursor->end = NULL;
    cursor->sectioned = false;
    cursor->span = cursor->passed = cursor->section = cursor->depth = 0;
    cursor->lists_left = limits->lists;
    cursor->elements_left = limits->elements;
    cursor->error = (imapc_error){NULL, 0};
    if (response->count) {
        cursor->at = response->text + response->spans[0].offset;
        cursor->end = cursor->at + response->spans[0].length;
    }
}

/* The next token, by the general rule. */
imapc_result cursor_any_token(imapc_cursor *cursor, imapc_token *token);

static inline bool cursor_in_section(const imapc_cursor *cursor)
{
    return cursor->section && cursor->section == cursor->depth;
}

/* Take the token that ends at behind. */
static inline imapc_result cursor_take(imapc_cursor *cursor, imapc_token *token,
                                       imapc_token_kind kind, const char *behind)
{
    cursor->at = behind;
    *token = (imapc_token){.kind = kind};
    return IMAPC_OK;
}

static inline imapc_result cursor_take_text(imapc_cursor *cursor, imapc_token *token,
                                            imapc_token_kind kind, imapc_text text,
                                            const char *behind)
{
    cursor->at = behind;
    *token = (imapc_token){.kind = kind, .text = text};
    return IMAPC_OK;
}

/* The common forms: where what begins at from ends, or NULL where it is not so plain.
 * The general rule is right for that. */

/* from is behind the DQUOTE, and so is what is returned: at the closing one. */
static inline const char *cursor_plain_quoted(const char *from, const char *end)
{
    const char *at = scan_quoted(from, end);
    return at < end && *at == '"' && text_closes(at, end) ? at : NULL;
}

static inline const char *cursor_plain_atom(const char *from, const char *end)
{
    if (CHAR_IS(*from, CHAR_ODD))
        return NULL;
    const char *at = text_pass(from + 1, end, CHAR_ATOM_END | CHAR_BRACKET);
    return at == end || !CHAR_IS(*at, CHAR_BRACKET) ? at : NULL;
}

/* The next token: a common form by one look, anything else by the general rule. */
static inline imapc_result cursor_token(imapc_cursor *cursor, imapc_token *token)
{
    const char *from = cursor->at, *end = cursor->end, *behind;
    if (from < end && *from == ' ')
        from++;
    if (from < end) {
        if (*from == '(')
            return cursor_take(cursor, token, TOKEN_OPEN, from + 1);
        if (*from == ')')
            return cursor_take(cursor, token, TOKEN_CLOSE, from + 1);
        if (*from == '"' && (behind = cursor_plain_quoted(from + 1, end)))
            return cursor_take_text(cursor, token, TOKEN_QUOTED,
                                    text_between(from + 1, behind), behind + 1);
        if ((behind = cursor_plain_atom(from, end)))
            return cursor_take_text(cursor, token, TOKEN_ATOM, text_between(from, behind),
                                    behind);
    }
    imapc_token any; /* a copy, or the other could not stay in registers */
    imapc_result result = cursor_any_token(cursor, &any);
    *token = any;
    return result;
}

/* SP nil, in upper case, with SP or ")" behind it.  False, and nothing has changed, for
 * anything else. */
static inline bool cursor_plain_nil(imapc_cursor *cursor)
{
    static const char nil[] = {' ', 'N', 'I', 'L'};
    const char *at = cursor->at;
    if (cursor->end - at <= (ptrdiff_t)sizeof nil || memcmp(at, nil, sizeof nil) != 0 ||
        (at[sizeof nil] != ' ' && at[sizeof nil] != ')') || cursor->elements_left == 0)
        return false;
    cursor->at = at + sizeof nil;
    cursor->elements_left--;
    return true;
}

/* SP number, of at most 18 digits, with SP or the end of a span behind it.  False, and
 * nothing has changed, for anything else. */
static inline bool cursor_plain_number(imapc_cursor *cursor, uint64_t *number)
{
    const char *at = cursor->at, *end = cursor->end;
    if (at == end || *at != ' ')
        return false;
    const char *from = ++at;
    uint64_t value;
    at = text_digits(at, end, &value);
    if (at == from || at - from > TEXT_PLAIN_DIGITS || (at < end && *at != ' '))
        return false;
    cursor->at = at;
    *number = value;
    return true;
}

/* SP mailbox, up to the end of a span, quoted or not, of octets that stand for themselves.
 * False, and nothing has changed, for anything else. */
static inline bool cursor_plain_mailbox(imapc_cursor *cursor, imapc_text *name)
{
    const char *at = cursor->at, *end = cursor->end;
    if (end - at < 4 || *at != ' ' || cursor->elements_left == 0)
        return false;
    bool quoted = at[1] == '"';
    const char *from = at + 1 + quoted, *to = end - quoted;
    /* SP before an unquoted name, and behind it, is not of it. */
    if (quoted ? *to != '"' : *from == ' ' || to[-1] == ' ')
        return false;
    const imapc_framed *response = cursor->response;
    if (!scan_all_plain(response->text + response->spans[cursor->span].offset, from, to))
        return false;
    cursor->at = end;
    cursor->elements_left--;
    *name = text_between(from, to);
    return true;
}

/* ------------------------------------------------------------------ values -- */

/* Count an element, or a list that is opened. */
static inline imapc_result cursor_count(imapc_cursor *cursor)
{
    if (cursor->elements_left == 0)
        return imapc_refuse(cursor, "more than maxElementsPerResponse elements");
    cursor->elements_left--;
    return IMAPC_OK;
}

static inline imapc_result cursor_open(imapc_cursor *cursor)
{
    if (cursor->depth >= cursor->limits->depth)
        return imapc_refuse(cursor, "lists are nested deeper than maxDepth");
    if (cursor->lists_left == 0)
        return imapc_refuse(cursor, "more than maxListsPerResponse lists");
    cursor->depth++;
    cursor->lists_left--;
    return IMAPC_OK;
}

static inline imapc_result cursor_close(imapc_cursor *cursor, imapc_token_kind kind)
{
    bool section = cursor_in_section(cursor);
    if (section != (kind == TOKEN_SECTION_CLOSE))
        return imapc_refuse(cursor, "a parenthesis is closed inside a section");
    if (section)
        cursor->section = 0;
    cursor->depth--;
    return IMAPC_OK;
}

/* nil = "NIL", in any case; in quotes it is a string ("nil-spellings"). */
static inline bool cursor_is_nil(imapc_token_kind kind, imapc_text text)
{
    return kind == TOKEN_ATOM && text.length == 3 && (text.at[0] | 0x20) == 'n' &&
           (text.at[1] | 0x20) == 'i' && (text.at[2] | 0x20) == 'l';
}

/*
 * nstring = string / nil; body, envelope and all other lists: "(" values ")"
 *
 * A value that began at depth base is over when the depth is base again.  What a
 * parenthesis does to it:
 */
static inline imapc_result cursor_value_open(imapc_cursor *cursor, imapc_token_kind kind)
{
    imapc_result result = cursor_count(cursor);
    if (result || (result = cursor_open(cursor)))
        return result;
    if (kind == TOKEN_SECTION_OPEN)
        cursor->section = cursor->depth;
    return IMAPC_OK;
}

static inline imapc_result cursor_value_close(imapc_cursor *cursor, size_t base,
                                              imapc_token_kind kind)
{
    if (cursor->depth == base)
        return imapc_refuse(cursor, base ? "a value is missing"
                                         : "a parenthesis is closed that was not opened");
    return cursor_close(cursor, kind);
}

/* The next token of a value, or of one behind it.  At depth 0 the end of the response is
 * IMAPC_END. */
static inline imapc_result cursor_value_token(imapc_cursor *cursor, size_t base,
                                              imapc_token *token)
{
    imapc_result result = cursor_token(cursor, token);
    if (result)
        return result;
    switch (token->kind) {
    case TOKEN_OPEN:
    case TOKEN_SECTION_OPEN:
        return cursor_value_open(cursor, token->kind);
    case TOKEN_CLOSE:
    case TOKEN_SECTION_CLOSE:
        return cursor_value_close(cursor, base, token->kind);
    case TOKEN_END:
        if (cursor->depth == 0)
            return IMAPC_END;
        return imapc_refuse(cursor, cursor->depth == base
                                        ? "a value is missing"
                                        : "the response ends inside a list");
    default:
        return cursor_count(cursor);
    }
}

#endif
