/* Values in the form that needs no grammar. */
#include "generic.h"

#include "shape.h"

bool generic_token(builder *builder, const imapc_token *token)
{
    switch (token->kind) {
    case TOKEN_OPEN:
    case TOKEN_SECTION_OPEN:
        return builder_mark(builder);
    case TOKEN_CLOSE:
    case TOKEN_SECTION_CLOSE:
        return builder_push(builder,
                            builder_tuple(builder, builder->marks[--builder->mark_count]));
    case TOKEN_LITERAL:
        return builder_push(builder, Py_NewRef((PyObject *)*token->literal));
    case TOKEN_ATOM:
        if (cursor_is_nil(token->kind, token->text))
            return builder_push(builder, Py_NewRef(Py_None));
        if (imapc_is_number(token->text))
            return builder_push(builder, shape_number(token->text));
        return builder_string(builder, token);
    default:
        return builder_string(builder, token);
    }
}

imapc_result generic_value(builder *builder, imapc_cursor *cursor)
{
    size_t base = cursor->depth;
    do {
        imapc_token token;
        imapc_result result = cursor_value_token(cursor, base, &token);
        if (result)
            return result;
        if (!generic_token(builder, &token))
            return IMAPC_SINK;
    } while (cursor->depth > base);
    return IMAPC_OK;
}

imapc_result generic_values(builder *builder, imapc_cursor *cursor)
{
    imapc_result result;
    while (!(result = generic_value(builder, cursor)))
        ;
    return result == IMAPC_END ? IMAPC_OK : result;
}

PyObject *generic_keyword(imapc_text word)
{
    unsigned char seen = 0;
    for (size_t i = 0; i < word.length; i++)
        seen |= (unsigned char)word.at[i];
    if (seen >= 0x80)
        return PyUnicode_DecodeLatin1(word.at, (Py_ssize_t)word.length, NULL);
    PyObject *keyword = PyUnicode_New((Py_ssize_t)word.length, 127);
    for (size_t i = 0; keyword && i < word.length; i++)
        PyUnicode_1BYTE_DATA(keyword)[i] = (Py_UCS1)Py_TOUPPER(word.at[i]);
    return keyword;
}
