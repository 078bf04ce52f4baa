/* envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP
 *            env-to SP env-cc SP env-bcc SP env-in-reply-to SP env-message-id ")"
 *
 * Taken as far as it goes: what is missing is None or an empty tuple, what is too much or
 * of another kind is passed over. */
#include "envelope.h"

#include <string.h>

#include "repeat.h"

/* An address list of this envelope. */
typedef struct known_list {
    repeat repeat;
    size_t value; /* where its tuple is on the builder's stack */
} known_list;

typedef struct known_lists {
    known_list lists[ENVELOPE_BCC - ENVELOPE_FROM + 1];
    size_t count;
} known_lists;

/* Pass over the rest of a list, down to this depth. */
static imapc_result leave_list(imapc_cursor *cursor, size_t depth)
{
    imapc_result result = IMAPC_OK;
    imapc_token token;
    while (!result && cursor->depth > depth)
        result = cursor_value_token(cursor, depth, &token);
    return result;
}

/* nstring: push it; None for a list, which is passed over. */
static imapc_result push_nstring(builder *builder, imapc_cursor *cursor, size_t depth,
                                 const imapc_token *token)
{
    if (token->kind == TOKEN_OPEN || token->kind == TOKEN_SECTION_OPEN) {
        imapc_result result = leave_list(cursor, depth);
        return result ? result : builder_took(builder_push(builder, Py_NewRef(Py_None)));
    }
    return builder_took(builder_nstring(builder, token));
}

/* ------------------------------------------------------------- addresses -- */

/* The record of the last values, which are popped. */
static PyObject *make(builder *builder, PyTypeObject *type, size_t offset, size_t count)
{
    PyObject *made = PyObject_New(PyObject, type);
    if (!made)
        return NULL;
    builder->count -= count;
    memcpy((char *)made + offset, builder->values + builder->count,
           count * sizeof(PyObject *));
    return made;
}

/* address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")", behind its "(" */
static imapc_result push_address(builder *builder, imapc_cursor *cursor)
{
    size_t depth = cursor->depth, first = builder->count;
    imapc_token token;
    imapc_result result;
    while (!(result = cursor_value_token(cursor, depth - 1, &token)) &&
           cursor->depth >= depth) {
        if (builder->count < first + ADDRESS_FIELDS)
            result = push_nstring(builder, cursor, depth, &token);
        else
            result = leave_list(cursor, depth);
        if (result)
            return result;
    }
    while (!result && builder->count < first + ADDRESS_FIELDS)
        result = builder_took(builder_push(builder, Py_NewRef(Py_None)));
    if (result)
        return result;
    return builder_took(
        builder_push(builder, make(builder, builder->state->address_type,
                                   offsetof(address, fields), ADDRESS_FIELDS)));
}

/* env-from = "(" 1*address ")" / nil, behind its "(": push a tuple. */
static imapc_result push_addresses(builder *builder, imapc_cursor *cursor)
{
    size_t depth = cursor->depth, first = builder->count;
    imapc_token token;
    imapc_result result;
    while (!(result = cursor_value_token(cursor, depth - 1, &token)) &&
           cursor->depth >= depth) {
        if (token.kind == TOKEN_OPEN && (result = push_address(builder, cursor)))
            return result;
    }
    if (result)
        return result;
    return builder_took(builder_push(builder, builder_tuple(builder, first)));
}

/* ----------------------------------------------------------- equal lists -- */

/* From and Sender and Reply-To are mostly the same: the list that begins here, if it was
 * in this envelope before. */
static const known_list *same_list(const known_lists *known, const imapc_cursor *cursor,
                                   const char *at)
{
    for (size_t i = known->count; i-- > 0;)
        if (repeat_stands(&known->lists[i].repeat, cursor, at))
            return &known->lists[i];
    return NULL;
}

/* What was parsed from start on; not where a literal is in it. */
static void keep_list(builder *builder, known_lists *known, const imapc_cursor *start,
                      const char *at, const imapc_cursor *cursor)
{
    if (cursor->span == start->span)
        known->lists[known->count++] = (known_list){
            {text_between(at, cursor->at), start->lists_left - cursor->lists_left,
             start->elements_left - cursor->elements_left},
            builder->count - 1};
}

/* One field of addresses; IMAPC_END where the envelope ended before it. */
static imapc_result push_address_list(builder *builder, imapc_cursor *cursor, size_t base,
                                      known_lists *known)
{
    imapc_cursor start = *cursor;
    const char *at = text_skip(cursor->at, cursor->end, CHAR_SPACE);
    if (at < cursor->end && *at == '(') {
        const known_list *same = same_list(known, cursor, at);
        if (same) {
            repeat_pass(&same->repeat, cursor, at);
            return builder_took(
                builder_push(builder, Py_NewRef(builder->values[same->value])));
        }
    }
    imapc_token token;
    imapc_result result = cursor_value_token(cursor, base, &token);
    if (result || cursor->depth == base)
        return result ? result : IMAPC_END;
    if (token.kind != TOKEN_OPEN)
        return builder_took(builder_push(builder, PyTuple_New(0)));
    if (!(result = push_addresses(builder, cursor)))
        keep_list(builder, known, &start, at, cursor);
    return result;
}

/* -------------------------------------------------------------- envelope -- */

static imapc_result push_string_field(builder *builder, imapc_cursor *cursor, size_t base)
{
    imapc_token token;
    imapc_result result = cursor_value_token(cursor, base, &token);
    if (result)
        return result;
    if (cursor->depth == base)
        return IMAPC_END;
    return push_nstring(builder, cursor, base + 1, &token);
}

/* Up to the ")" of the envelope. */
static imapc_result push_fields(builder *builder, imapc_cursor *cursor, size_t base)
{
    known_lists known;
    known.count = 0;
    imapc_result result = IMAPC_OK;
    Py_ssize_t field = 0;
    for (; !result && field < ENVELOPE_FIELDS; field++)
        result = envelope_has_addresses(field)
                     ? push_address_list(builder, cursor, base, &known)
                     : push_string_field(builder, cursor, base);
    if (!result)
        return leave_list(cursor, base);
    if (result != IMAPC_END)
        return result;
    for (result = IMAPC_OK, field--; !result && field < ENVELOPE_FIELDS; field++)
        result = builder_took(builder_push(
            builder, envelope_has_addresses(field) ? PyTuple_New(0) : Py_NewRef(Py_None)));
    return result;
}

imapc_result envelope_parse(builder *builder, imapc_cursor *cursor, PyObject **envelope)
{
    size_t base = cursor->depth;
    imapc_token token;
    imapc_result result = cursor_value_token(cursor, base, &token);
    if (!result && token.kind != TOKEN_OPEN)
        result = imapc_refuse(cursor, "an envelope was expected");
    builder->form = FORM_TEXT;
    if (!result)
        result = push_fields(builder, cursor, base);
    if (result)
        return result;
    *envelope = make(builder, builder->state->envelope_type,
                     offsetof(struct envelope, fields), ENVELOPE_FIELDS);
    return builder_took(*envelope != NULL);
}
