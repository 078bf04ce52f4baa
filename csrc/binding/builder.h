/* A response's values as Python values: one loop over its tokens. */
#ifndef BINDING_BUILDER_H
#define BINDING_BUILDER_H

#include "state.h"

#include "cursor.h"

/* What strings become. */
typedef enum string_form {
    FORM_BYTES,
    FORM_TEXT,   /* latin-1 str, as Twisted's client gives FETCH data */
    FORM_MAILBOX /* str, from modified UTF-7 */
} string_form;

typedef struct builder {
    module_state *state;
    PyObject *mailboxes; /* dict: str -> octets, where encoding would differ; or NULL */
    string_form form;
    bool remember; /* it is the name of a mailbox that comes: keep it in mailboxes */
    bool section;  /* in the outermost list of a section: upper-case names */
    /* Finished values of lists that are still open; marks are where each
     * open list begins. */
    PyObject **values;
    size_t count;
    size_t capacity;
    size_t *marks;
    size_t mark_count;
    size_t mark_capacity;
    char *scratch; /* a string without its escapes */
    size_t scratch_capacity;
} builder;

/* Let go of all memory, but not of the mailboxes. */
void builder_free(builder *builder);

/* The dict of them, borrowed; made if missing. */
PyObject *builder_mailboxes(builder *builder);

/* Drop the values from first on, with all lists that are open: after a failure. */
static inline void builder_cut(builder *builder, size_t first)
{
    while (builder->count > first)
        Py_DECREF(builder->values[--builder->count]);
    builder->mark_count = 0;
    builder->section = false;
}

/* Drop all values: between responses. */
static inline void builder_clear(builder *builder)
{
    builder_cut(builder, 0);
}

/* Room for a value more; false with a Python exception set. */
bool builder_grow(builder *builder);

/* Push takes the reference, also when it fails; pop gives it. */
static inline bool builder_push(builder *builder, PyObject *value)
{
    if (!value)
        return false;
    if (builder->count == builder->capacity && !builder_grow(builder)) {
        Py_DECREF(value);
        return false;
    }
    builder->values[builder->count++] = value;
    return true;
}

static inline PyObject *builder_pop(builder *builder)
{
    return builder->values[--builder->count];
}

/* Take some out of the middle, and let go of them. */
void builder_drop(builder *builder, size_t first, size_t count);

/* What a container's answer means to the parser. */
static inline imapc_result builder_took(bool done)
{
    return done ? IMAPC_OK : IMAPC_SINK;
}

/* Push one value with all that is nested in it, or every value up to the end of the
 * response; IMAPC_SINK with a Python exception set. */
imapc_result builder_value(builder *builder, imapc_cursor *cursor);
imapc_result builder_values(builder *builder, imapc_cursor *cursor);

/* Push an atom, a quoted string or a literal: NIL as a string like others, or as None. */
bool builder_string(builder *builder, const imapc_token *token);
bool builder_nstring(builder *builder, const imapc_token *token);

/* Remember where a list begins: the newest of builder->marks. */
bool builder_mark(builder *builder);

/* Push the name of a mailbox, as FORM_MAILBOX, and keep it in mailboxes where encoding
 * would differ. */
imapc_result builder_mailbox(builder *builder, imapc_cursor *cursor);

/* Push each flag of a flag-list. */
imapc_result builder_flags(builder *builder, imapc_cursor *cursor);

/* A list or tuple of the values from first on, which are popped. */
PyObject *builder_list(builder *builder, size_t first);
PyObject *builder_tuple(builder *builder, size_t first);

#endif
