/* Values of which the grammar knows more than their form; RFC 9051, section 9. */
#include "cursor.h"

/*
 * number = 1*DIGIT
 * number64 = 1*DIGIT
 *
 * In quotes it is one, too.
 */
imapc_result imapc_parse_number(imapc_cursor *cursor, uint64_t *number)
{
    imapc_token token;
    imapc_result result = cursor_value_token(cursor, cursor->depth, &token);
    if (result && result != IMAPC_END)
        return result;
    if ((token.kind != TOKEN_ATOM && token.kind != TOKEN_QUOTED) ||
        !imapc_number(token.text, number))
        return imapc_refuse(cursor, "a number was expected");
    return IMAPC_OK;
}

imapc_result imapc_skip_value(imapc_cursor *cursor)
{
    size_t base = cursor->depth;
    imapc_result result;
    imapc_token token;
    do
        result = cursor_value_token(cursor, base, &token);
    while (!result && cursor->depth > base);
    return result;
}
