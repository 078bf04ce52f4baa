/* LIST, LSUB and STATUS: what mailboxes there are, and in what state. */
#include "list.h"

#include <string.h>

#include "msg_att.h"

/* A longer head, which no server has, is not worth keeping: what is kept outlives the
 * connection. */
enum { LONGEST_HEAD = 512 };

/* Flags and delimiter equal to those of an earlier LIST are not parsed again.  Equal
 * octets with SP behind them parse alike: whether a quote closes depends on what
 * follows it. */
static bool same_head(const list_head *head, const imapc_cursor *cursor)
{
    if (!head->octets)
        return false;
    size_t length = (size_t)PyBytes_GET_SIZE(head->octets);
    return (size_t)(cursor->end - cursor->at) > length && cursor->at[length] == ' ' &&
           memcmp(cursor->at, PyBytes_AS_STRING(head->octets), length) == 0 &&
           head->lists <= cursor->limits->lists &&
           head->elements < cursor->limits->elements && cursor->limits->depth > 0;
}

/* The equal head that came before, which is passed over; NULL without one. */
static const list_head *known_head(const module_state *state, imapc_cursor *cursor)
{
    const list_head *head = state->list_heads;
    while (!same_head(head, cursor))
        if (++head == state->list_heads + LIST_HEADS)
            return NULL;
    cursor->at += PyBytes_GET_SIZE(head->octets);
    cursor->elements_left -= head->elements;
    cursor->lists_left -= head->lists;
    return head;
}

/* Keep what was parsed from start on; not where a literal is in it, or it is long. */
static bool keep_head(builder *builder, const imapc_cursor *cursor, const char *start)
{
    module_state *state = builder->state;
    list_head *head = &state->list_heads[state->oldest_list_head];
    if (cursor->span > 0 || cursor->at == cursor->end || *cursor->at != ' ' ||
        cursor->at - start > LONGEST_HEAD)
        return true;
    PyObject *octets = PyBytes_FromStringAndSize(start, cursor->at - start);
    if (!octets)
        return false;
    Py_XSETREF(head->octets, octets);
    Py_XSETREF(head->flags, Py_NewRef(builder->values[0]));
    Py_XSETREF(head->delimiter, Py_NewRef(builder->values[1]));
    head->elements = cursor->limits->elements - cursor->elements_left;
    head->lists = cursor->limits->lists - cursor->lists_left;
    state->oldest_list_head = (state->oldest_list_head + 1) % LIST_HEADS;
    return true;
}

static imapc_result parse_head(builder *builder, imapc_cursor *cursor)
{
    const char *from = cursor->at;
    imapc_token delimiter;
    builder->form = FORM_TEXT;
    imapc_result result = builder_flags(builder, cursor);
    builder->form = FORM_MAILBOX;
    if (!result)
        result = builder_took(builder_push(builder, builder_tuple(builder, 0)));
    if (!result)
        result = imapc_parse_delimiter(cursor, &delimiter);
    if (result)
        return result;
    return builder_took(builder_nstring(builder, &delimiter) &&
                        keep_head(builder, cursor, from));
}

/* (flags, delimiter, name); the name's reference is taken. */
static PyObject *entry_of(const list_head *head, PyObject *name)
{
    PyObject *entry = PyTuple_New(3);
    if (!entry) {
        Py_DECREF(name);
        return NULL;
    }
    PyTuple_SET_ITEM(entry, 0, Py_NewRef(head->flags));
    PyTuple_SET_ITEM(entry, 1, Py_NewRef(head->delimiter));
    PyTuple_SET_ITEM(entry, 2, name);
    return entry;
}

/*
 * mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP
 *                mailbox [SP mbox-list-extended]
 *
 * What follows the name is dropped.
 */
static imapc_result add_list(collection *collection, builder *builder,
                             imapc_response *response)
{
    imapc_cursor *cursor = &response->cursor;
    const list_head *head = known_head(builder->state, cursor);
    imapc_result result = head ? IMAPC_OK : parse_head(builder, cursor);
    if (!result)
        result = builder_mailbox(builder, cursor);
    if (result)
        return result;
    PyObject *entry = head ? entry_of(head, builder_pop(builder))
                           : builder_tuple(builder, 0);
    return builder_took(cpython_append(collection->value, entry));
}

const shape list_shape = {
    .name = "list",
    .collects = KIND(LIST),
    .form = FORM_MAILBOX,
    .start = shape_list,
    .add = add_list,
};

const shape lsub_shape = {
    .name = "lsub",
    .collects = KIND(LSUB),
    .form = FORM_MAILBOX,
    .start = shape_list,
    .add = add_list,
};

/*
 * mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")"
 *
 * The values stay octets: Twisted's STATUS_TRANSFORMATIONS, which a program may
 * have changed, turn them into what the user gets.
 */
static imapc_result add_status(collection *collection, builder *builder,
                               imapc_response *response)
{
    items items;
    imapc_token name;
    imapc_result result = imapc_parse_mailbox(&response->cursor, &name);
    if (!result)
        result = msg_att_parse(builder, &response->cursor, false, &items);
    if (result)
        return result;
    for (size_t i = 0; i < builder->count; i += 2)
        if (PyDict_SetItem(collection->value, builder->values[i], builder->values[i + 1]) <
            0)
            return IMAPC_SINK;
    return IMAPC_OK;
}

const shape status_shape = {
    .name = "status",
    .collects = KIND(MAILBOX_STATUS),
    .form = FORM_BYTES,
    .start = PyDict_New,
    .add = add_status,
};
