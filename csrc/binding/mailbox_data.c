/* mailbox-data of RFC 9051 and RFC 3501, and what later RFCs have beside it. */
#include "mailbox_data.h"

#include "generic.h"
#include "ranges.h"
#include "typed.h"

#define NAME(receiver, name) ((receiver)->builder.state->pool.names[NAME_##name])

/* ------------------------------------------------------------ LIST, LSUB -- */

/*
 * mbox-list-extended = "(" [mbox-list-extended-item
 *                      *(SP mbox-list-extended-item)] ")"
 *
 * Names and their values.  Anything else behind the name of a mailbox is dropped, for it
 * may be part of a name that is not quoted.
 */
static imapc_result push_extended(builder *builder, imapc_cursor *cursor)
{
    size_t first = builder->count;
    builder->form = FORM_MAILBOX;
    imapc_result result = generic_values(builder, cursor);
    if (result == IMAPC_SINK)
        return result;
    bool fits = !result && builder->count == first + 1 &&
                PyTuple_Check(builder->values[first]);
    if (fits)
        return IMAPC_OK;
    builder_drop(builder, first, builder->count - first);
    builder->mark_count = 0;
    return builder_took(builder_push(builder, PyTuple_New(0)));
}

/*
 * mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP
 *                mailbox [SP mbox-list-extended]
 */
imapc_result mailbox_data_list(receiver *receiver, imapc_response *response,
                               PyObject **event)
{
    builder *builder = &receiver->builder;
    imapc_cursor *cursor = &response->cursor;
    PyObject *flags;
    imapc_token token;
    imapc_result result = flags_parse(&receiver->typed->flags, builder, cursor, &flags);
    if (!result)
        result = builder_took(builder_push(builder, flags));
    if (!result)
        result = imapc_parse_delimiter(cursor, &token);
    builder->form = FORM_MAILBOX;
    if (!result)
        result = builder_took(builder_nstring(builder, &token));
    if (!result)
        result = builder_mailbox(builder, cursor);
    if (!result)
        result = push_extended(builder, cursor);
    if (result)
        return result;
    PyObject **values = builder->values;
    *event = PyTuple_Pack(
        5, response->kind == IMAPC_LIST ? NAME(receiver, list) : NAME(receiver, lsub),
        values[0], values[1], values[2], values[3]);
    return builder_took(*event != NULL);
}

/* ---------------------------------------------------------------- STATUS -- */

/* A known name is interned. */
static PyObject *status_key(builder *builder, imapc_text name)
{
    PyObject *item = pool_item(&builder->state->pool, name);
    return item ? Py_NewRef(item) : generic_keyword(name);
}

static imapc_result add_status_item(builder *builder, imapc_cursor *cursor,
                                    const imapc_item *item, PyObject *dict)
{
    imapc_result result = generic_value(builder, cursor);
    if (result)
        return result;
    PyObject *value = builder_pop(builder), *key = status_key(builder, item->name);
    bool done = key && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(key);
    Py_DECREF(value);
    return builder_took(done);
}

/*
 * mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")"
 * status-att-list = status-att-val *(SP status-att-val)
 */
imapc_result mailbox_data_status(receiver *receiver, imapc_response *response,
                                 PyObject **event)
{
    builder *builder = &receiver->builder;
    imapc_cursor *cursor = &response->cursor;
    imapc_item item;
    builder->form = FORM_MAILBOX;
    imapc_result result = builder_mailbox(builder, cursor);
    if (!result)
        result = imapc_msg_att_begin(cursor);
    PyObject *dict = result ? NULL : PyDict_New();
    if (!result)
        result = builder_took(dict != NULL);
    builder->form = FORM_TEXT;
    while (!result && !(result = imapc_msg_att_item(cursor, &item)))
        result = add_status_item(builder, cursor, &item, dict);
    if (result == IMAPC_END) {
        *event = PyTuple_Pack(3, NAME(receiver, status), builder->values[0], dict);
        result = builder_took(*event != NULL);
    }
    Py_XDECREF(dict);
    return result;
}

/* ------------------------------------------------------------ numbers -- */

/* What SEARCH and SORT have: the numbers in one form or the other, and a MODSEQ. */
typedef struct found {
    ranges ranges;
    PyObject *list;   /* NULL: the numbers are added to the ranges */
    PyObject *modseq; /* int, or NULL */
} found;

static imapc_result add_number(found *found, imapc_cursor *cursor, uint64_t number)
{
    if (number == 0 || number > UINT32_MAX)
        return imapc_refuse(cursor, "a number that no message can have");
    imapc_result result = cursor_count(cursor);
    if (result)
        return result;
    if (found->list)
        return builder_took(
            cpython_append(found->list, PyLong_FromUnsignedLong((unsigned long)number)));
    return builder_took(ranges_add(&found->ranges, (uint32_t)number, (uint32_t)number));
}

/* search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"; RFC 7162.  Any other list
 * is dropped. */
static imapc_result add_list(found *found, builder *builder, imapc_cursor *cursor)
{
    imapc_result result = generic_value(builder, cursor);
    if (result)
        return result;
    PyObject *list = builder_pop(builder);
    if (PyTuple_GET_SIZE(list) == 2 && PyLong_Check(PyTuple_GET_ITEM(list, 1)))
        Py_XSETREF(found->modseq, Py_NewRef(PyTuple_GET_ITEM(list, 1)));
    Py_DECREF(list);
    return IMAPC_OK;
}

/* What is no plain number: one with another octet than SP behind it, a list, or the end. */
static imapc_result add_any(found *found, builder *builder, imapc_cursor *cursor)
{
    imapc_cursor start = *cursor;
    imapc_token token;
    uint64_t number;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind == TOKEN_END)
        return IMAPC_END;
    if (token.kind == TOKEN_OPEN) {
        *cursor = start;
        return add_list(found, builder, cursor);
    }
    if (token.kind != TOKEN_ATOM || !imapc_number(token.text, &number))
        return imapc_refuse(cursor, "SEARCH with what is no number");
    return add_number(found, cursor, number);
}

/*
 * obsolete-search-response = "SEARCH" *(SP nz-number)
 * sort-data = "SORT" *(SP nz-number); RFC 5256
 */
static imapc_result add_numbers(found *found, builder *builder, imapc_cursor *cursor)
{
    imapc_result result;
    uint64_t number;
    builder->form = FORM_TEXT;
    do
        result = cursor_plain_number(cursor, &number) ? add_number(found, cursor, number)
                                                      : add_any(found, builder, cursor);
    while (!result);
    return result == IMAPC_END ? IMAPC_OK : result;
}

static PyObject *found_event(const found *found, PyObject *name, PyObject *numbers)
{
    return numbers ? PyTuple_Pack(3, name, numbers, found->modseq ? found->modseq : Py_None)
                   : NULL;
}

imapc_result mailbox_data_search(receiver *receiver, imapc_response *response,
                                 PyObject **event)
{
    found found = {{NULL, 0, 0, false}, NULL, NULL};
    imapc_result result = add_numbers(&found, &receiver->builder, &response->cursor);
    if (!result) {
        PyObject *numbers = ranges_finish(&found.ranges);
        *event = found_event(&found, NAME(receiver, search), numbers);
        Py_XDECREF(numbers);
        result = builder_took(*event != NULL);
    }
    ranges_free(&found.ranges);
    Py_XDECREF(found.modseq);
    return result;
}

imapc_result mailbox_data_sort(receiver *receiver, imapc_response *response,
                               PyObject **event)
{
    found found = {{NULL, 0, 0, false}, PyList_New(0), NULL};
    imapc_result result = builder_took(found.list != NULL);
    if (!result)
        result = add_numbers(&found, &receiver->builder, &response->cursor);
    if (!result) {
        *event = found_event(&found, NAME(receiver, sort), found.list);
        result = builder_took(*event != NULL);
    }
    Py_XDECREF(found.list);
    Py_XDECREF(found.modseq);
    return result;
}

/* "(EARLIER)", or nothing */
static imapc_result take_earlier(imapc_cursor *cursor, bool *earlier)
{
    imapc_cursor start = *cursor;
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    *earlier = !result && token.kind == TOKEN_OPEN;
    if (!*earlier) {
        *cursor = start;
        return IMAPC_OK;
    }
    if (!(result = cursor_token(cursor, &token)) &&
        (token.kind != TOKEN_ATOM || !imapc_is_keyword(token.text, "EARLIER")))
        return IMAPC_MALFORMED;
    if (!result && !(result = cursor_token(cursor, &token)) && token.kind != TOKEN_CLOSE)
        return IMAPC_MALFORMED;
    return result;
}

/* known-uids = sequence-set, without "*" in what a server sends */
static imapc_result take_uids(imapc_cursor *cursor, ranges *ranges)
{
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    return token.kind == TOKEN_ATOM ? ranges_add_text(ranges, token.text) : IMAPC_MALFORMED;
}

/* expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids; RFC 7162 */
imapc_result mailbox_data_vanished(receiver *receiver, imapc_response *response,
                                   PyObject **event)
{
    imapc_cursor *cursor = &response->cursor;
    ranges ranges = {NULL, 0, 0, false};
    bool earlier;
    imapc_result result = take_earlier(cursor, &earlier);
    if (!result)
        result = take_uids(cursor, &ranges);
    if (result == IMAPC_MALFORMED)
        imapc_refuse(cursor, "VANISHED without a set of UIDs");
    if (!result)
        result = imapc_parse_end(cursor);
    PyObject *set = result ? NULL : ranges_finish(&ranges);
    ranges_free(&ranges);
    if (result)
        return result;
    *event = set ? PyTuple_Pack(3, NAME(receiver, vanished), earlier ? Py_True : Py_False,
                                set)
                 : NULL;
    Py_XDECREF(set);
    return builder_took(*event != NULL);
}
