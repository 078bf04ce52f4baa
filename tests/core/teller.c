#include "teller.h"

#include <stdlib.h>

#include "cursor.h"

static bool tell(teller *told)
{
    return ++told->calls != told->fail_at;
}

static bool tell_literal(teller *told, void **literal)
{
    const blob *whole = *literal;
    dump_format(told->out, " l");
    dump_octets(told->out, whole->octets, whole->filled);
    if (told->taking) {
        free(*literal);
        *literal = NULL;
        told->taken->live--;
    }
    return tell(told);
}

static bool tell_string(teller *told, const imapc_token *token)
{
    if (token->kind == TOKEN_LITERAL)
        return tell_literal(told, token->literal);
    dump_format(told->out, token->escaped ? " e" : " s");
    dump_octets(told->out, token->text.at, token->text.length);
    return tell(told);
}

static bool tell_token(teller *told, const imapc_token *token)
{
    switch (token->kind) {
    case TOKEN_OPEN:
    case TOKEN_SECTION_OPEN:
        dump_format(told->out, " (");
        return tell(told);
    case TOKEN_CLOSE:
    case TOKEN_SECTION_CLOSE:
        dump_format(told->out, " )");
        return tell(told);
    default:
        if (!cursor_is_nil(token->kind, token->text))
            return tell_string(told, token);
        dump_format(told->out, " NIL");
        return tell(told);
    }
}

imapc_result tell_value(imapc_cursor *cursor, teller *told)
{
    size_t base = cursor->depth;
    do {
        imapc_token token;
        imapc_result result = cursor_value_token(cursor, base, &token);
        if (result == IMAPC_END)
            return imapc_refuse(cursor, "a value is missing");
        if (result)
            return result;
        if (!tell_token(told, &token))
            return IMAPC_SINK;
    } while (cursor->depth > base);
    return IMAPC_OK;
}

imapc_result tell_values(imapc_cursor *cursor, teller *told)
{
    imapc_token token;
    imapc_result result;
    while (!(result = cursor_value_token(cursor, 0, &token)))
        if (!tell_token(told, &token))
            return IMAPC_SINK;
    return result == IMAPC_END ? IMAPC_OK : result;
}

imapc_result tell_section(imapc_cursor *cursor, teller *told, imapc_text *origin)
{
    imapc_result result = tell_value(cursor, told);
    if (!result)
        *origin = imapc_parse_origin(cursor);
    return result;
}

imapc_result tell_flags(imapc_cursor *cursor, teller *told)
{
    imapc_token flag;
    imapc_result result = imapc_flags_begin(cursor);
    while (!result && !(result = imapc_flags_next(cursor, &flag)))
        if (!tell_string(told, &flag))
            return IMAPC_SINK;
    return result == IMAPC_END ? IMAPC_OK : result;
}

/* Where the common form is taken, the general rule comes to the same. */
static void agree_on_mailbox(imapc_cursor plain, const imapc_cursor *cursor,
                             imapc_result result, const imapc_token *name)
{
    imapc_text text;
    if (!cursor_plain_mailbox(&plain, &text))
        return;
    if (result || name->kind == TOKEN_LITERAL || name->escaped ||
        name->text.at != text.at || name->text.length != text.length ||
        plain.at != cursor->at || plain.span != cursor->span ||
        plain.elements_left != cursor->elements_left)
        abort();
}

imapc_result tell_mailbox(imapc_cursor *cursor, teller *told)
{
    imapc_token name;
    imapc_cursor start = *cursor;
    imapc_result result = imapc_parse_mailbox(cursor, &name);
    agree_on_mailbox(start, cursor, result, &name);
    if (result)
        return result;
    return tell_string(told, &name) ? IMAPC_OK : IMAPC_SINK;
}

imapc_result tell_delimiter(imapc_cursor *cursor, teller *told)
{
    imapc_token delimiter;
    imapc_result result = imapc_parse_delimiter(cursor, &delimiter);
    if (result)
        return result;
    return tell_token(told, &delimiter) ? IMAPC_OK : IMAPC_SINK;
}
