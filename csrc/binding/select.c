/* SELECT and EXAMINE: what is said of the mailbox that they open. */
#include "select.h"

#include <string.h>

static imapc_result add_flags(builder *builder, imapc_cursor *cursor, PyObject *dict,
                              name name)
{
    imapc_result result = builder_flags(builder, cursor);
    if (result)
        return result;
    return builder_took(
        shape_set(dict, builder->state->pool.names[name], builder_tuple(builder, 0)));
}

static imapc_result add_message_number(builder *builder, imapc_response *response,
                                       PyObject *dict, name name)
{
    imapc_result result = shape_push_message(builder, response);
    if (result)
        return result;
    return builder_took(
        shape_set(dict, builder->state->pool.names[name], builder_pop(builder)));
}

/* --------------------------------------------------------------- codes -- */

typedef struct code {
    const char *keyword;
    name name; /* of its value in the result */
    imapc_result (*add)(builder *builder, imapc_cursor *cursor, PyObject *dict, name name);
} code;

static imapc_result add_number(builder *builder, imapc_cursor *cursor, PyObject *dict,
                               name name)
{
    imapc_text digits;
    if (imapc_parse_word(cursor, &digits) || !imapc_is_number(digits))
        return imapc_refuse(cursor, "a code without its number");
    return builder_took(
        shape_set(dict, builder->state->pool.names[name], shape_number(digits)));
}

static imapc_result add_read_only(builder *builder, imapc_cursor *Py_UNUSED(cursor),
                                  PyObject *dict, name name)
{
    PyObject *key = builder->state->pool.names[name];
    return builder_took(PyDict_SetItem(dict, key, Py_False) == 0);
}

static imapc_result add_read_write(builder *builder, imapc_cursor *Py_UNUSED(cursor),
                                   PyObject *dict, name name)
{
    PyObject *key = builder->state->pool.names[name];
    return builder_took(PyDict_SetItem(dict, key, Py_True) == 0);
}

static const code codes[] = {
    {"UIDVALIDITY", NAME_UIDVALIDITY, add_number},
    {"UIDNEXT", NAME_UIDNEXT, add_number},
    {"UNSEEN", NAME_UNSEEN, add_number},
    {"PERMANENTFLAGS", NAME_PERMANENTFLAGS, add_flags},
    {"READ-ONLY", NAME_READ_WRITE, add_read_only},
    {"READ-WRITE", NAME_READ_WRITE, add_read_write},
};

static const code *code_named(imapc_text word)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (imapc_is_keyword(word, codes[i].keyword))
            return &codes[i];
    return NULL;
}

bool select_has_code(const imapc_response *response)
{
    if (response->status != IMAPC_STATUS_OK || !response->code.at)
        return false;
    imapc_text word = response->code;
    const char *space = word.length ? memchr(word.at, ' ', word.length) : NULL;
    if (space)
        word.length = (size_t)(space - word.at);
    return code_named(word) != NULL;
}

/*
 * resp-text-code = "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" /
 *                  "READ-ONLY" / "READ-WRITE" / "UIDNEXT" SP nz-number /
 *                  "UIDVALIDITY" SP nz-number / ...
 * RFC 3501 has "UNSEEN" SP nz-number, too.
 *
 * The offset of an error counts from the start of the response.
 */
static imapc_result add_code(builder *builder, imapc_response *response, PyObject *dict)
{
    imapc_framed framed;
    imapc_span span;
    imapc_text word;
    imapc_cursor *cursor = &response->cursor;
    shape_text_cursor(response->code, &framed, &span, cursor->limits, cursor);
    const code *code = imapc_parse_word(cursor, &word) ? NULL : code_named(word);
    if (!code)
        return IMAPC_OK;
    imapc_result result = code->add(builder, cursor, dict, code->name);
    if (result == IMAPC_MALFORMED)
        cursor->error.offset += (size_t)(response->code.at - response->tag.at);
    return result;
}

/* ----------------------------------------------------------- the shape -- */

static bool chooses(const imapc_response *response)
{
    return (response->kind != IMAPC_STATUS && response->kind != IMAPC_TAGGED) ||
           select_has_code(response);
}

static imapc_result add_select(collection *collection, builder *builder,
                               imapc_response *response)
{
    PyObject *dict = collection->value;
    switch (response->kind) {
    case IMAPC_FLAGS:
        return add_flags(builder, &response->cursor, dict, NAME_FLAGS);
    case IMAPC_EXISTS:
        return add_message_number(builder, response, dict, NAME_EXISTS);
    case IMAPC_RECENT:
        return add_message_number(builder, response, dict, NAME_RECENT);
    case IMAPC_TAGGED:
        /* It may answer another command, or none: only what the newest says is
         * added, when the value is taken. */
        Py_XSETREF(collection->tagged, PyDict_New());
        if (!collection->tagged)
            return IMAPC_SINK;
        return add_code(builder, response, collection->tagged);
    default:
        return add_code(builder, response, dict);
    }
}

static bool add_tagged(collection *collection)
{
    return !collection->tagged || PyDict_Update(collection->value, collection->tagged) == 0;
}

/* The counts are the result: listeners are not told of them. */
const shape select_shape = {
    .name = "select",
    .collects = KIND(FLAGS) | KIND(EXISTS) | KIND(RECENT) | KIND(STATUS) | KIND(TAGGED),
    .chooses = chooses,
    .form = FORM_TEXT,
    .start = PyDict_New,
    .add = add_select,
    .finish = add_tagged,
};
