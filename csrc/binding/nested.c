/* Nested lists, as Twisted's Command collects them, and responses as they came. */
#include "nested.h"

#include "octets.h"
#include "select.h"

/* ----------------------------------------------------------- NAMESPACE -- */

/* NIL counts as a list without a namespace. */
static imapc_result check_namespaces(builder *builder, imapc_cursor *cursor)
{
    for (size_t i = 0; i < 3; i++) {
        if (Py_IsNone(builder->values[i])) {
            PyObject *empty = PyList_New(0);
            if (!empty)
                return IMAPC_SINK;
            Py_SETREF(builder->values[i], empty);
        } else if (!PyList_Check(builder->values[i])) {
            return imapc_refuse(cursor, "NAMESPACE with what is no list");
        }
    }
    return IMAPC_OK;
}

/*
 * namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
 *
 * namespace = nil / "(" 1*namespace-descr ")"
 *
 * The first response with three namespaces counts.
 */
static imapc_result add_namespace(collection *collection, builder *builder,
                                  imapc_response *response)
{
    PyObject *list = collection->value;
    imapc_result result = builder_values(builder, &response->cursor);
    if (result || PyList_GET_SIZE(list) || builder->count != 3)
        return result;
    if ((result = check_namespaces(builder, &response->cursor)))
        return result;
    for (size_t i = 0; i < 3; i++)
        if (PyList_Append(list, builder->values[i]) < 0)
            return IMAPC_SINK;
    return IMAPC_OK;
}

static bool finish_namespace(collection *collection)
{
    if (PyList_GET_SIZE(collection->value) == 0)
        Py_CLEAR(collection->value); /* None: the server has not said */
    return true;
}

const shape namespace_shape = {
    .name = "namespace",
    .collects = KIND(NAMESPACE),
    .form = FORM_MAILBOX,
    .start = shape_list,
    .add = add_namespace,
    .finish = finish_namespace,
};

/* -------------------------------------------------------- nested lists -- */

/* Push text as bytes, split at space. */
static bool push_words(builder *builder, imapc_text text)
{
    const char *at = text.at, *end = text.at + text.length;
    while (at < end) {
        const char *from = at;
        while (at < end && !Py_ISSPACE(*at))
            at++;
        if (at > from && !builder_push(builder, PyBytes_FromStringAndSize(from, at - from)))
            return false;
        at++;
    }
    return true;
}

/* The code as a list of its own; *text then goes on behind it. */
static imapc_result push_code(builder *builder, imapc_response *response, imapc_text *text)
{
    imapc_framed framed;
    imapc_span span;
    size_t first = builder->count;
    shape_text_cursor(response->code, &framed, &span, response->cursor.limits,
                      &response->cursor);
    imapc_result result = builder_values(builder, &response->cursor);
    if (result)
        return result;
    size_t used = response->code.length + 2;
    *text = (imapc_text){text->at + used, text->length - used};
    return builder_took(builder_push(builder, builder_list(builder, first)));
}

/* [b"OK", [b"UIDNEXT", b"5"], b"Predicted", ...]; text is never parsed. */
static imapc_result push_status(builder *builder, imapc_response *response)
{
    imapc_text text = response->text;
    if (response->kind == IMAPC_STATUS) {
        imapc_text word = {response->data.at, (size_t)(text.at - response->data.at)};
        if (!push_words(builder, word))
            return IMAPC_SINK;
    }
    imapc_result result = IMAPC_OK;
    if (response->code.at)
        result = push_code(builder, response, &text);
    return result ? result : builder_took(push_words(builder, text));
}

imapc_result nested_list(builder *builder, imapc_response *response, PyObject **list)
{
    imapc_cursor *cursor = &response->cursor;
    imapc_result result;
    builder->form = FORM_BYTES;
    if (response->kind == IMAPC_STATUS || response->kind == IMAPC_CODE) {
        result = push_status(builder, response);
    } else {
        cursor_init(cursor, cursor->response, cursor->limits);
        cursor->at = response->data.at;
        result = builder_values(builder, cursor);
    }
    *list = result ? NULL : builder_list(builder, 0);
    return result ? result : builder_took(*list != NULL);
}

static imapc_result add_nested(collection *collection, builder *builder,
                               imapc_response *response)
{
    PyObject *list;
    imapc_result result = nested_list(builder, response, &list);
    return result ? result : builder_took(cpython_append(collection->value, list));
}

static bool chooses_nested(const imapc_response *response)
{
    return response->kind != IMAPC_STATUS || select_has_code(response);
}

/* Every kind but a status that has none of SELECT's codes, as Twisted's Command. */
#define NESTED_KINDS                                                                       \
    (KIND(CAPABILITY) | KIND(FLAGS) | KIND(LIST) | KIND(LSUB) | KIND(MAILBOX_STATUS) |     \
     KIND(SEARCH) | KIND(NAMESPACE) | KIND(EXISTS) | KIND(RECENT) | KIND(EXPUNGE) |        \
     KIND(FETCH) | KIND(STATUS))

const shape nested_shape = {
    .name = "nested",
    .collects = NESTED_KINDS,
    .chooses = chooses_nested,
    .tells = KIND(EXISTS) | KIND(RECENT) | KIND(EXPUNGE),
    .form = FORM_BYTES,
    .start = shape_list,
    .add = add_nested,
};

const shape noop_shape = {
    .name = "noop",
    .collects = NESTED_KINDS,
    .chooses = chooses_nested,
    .tells = KIND(EXISTS) | KIND(RECENT) | KIND(EXPUNGE) | KIND(FETCH),
    .form = FORM_BYTES,
    .start = shape_list,
    .add = add_nested,
};

/* --------------------------------------------------------- as it came -- */

static imapc_result add_raw(collection *collection, builder *Py_UNUSED(builder),
                            imapc_response *response)
{
    const imapc_framed *framed = response->cursor.response;
    const char *start = framed->text + framed->spans[0].offset;
    PyObject *octets = octets_of(framed, (size_t)(response->data.at - start), SIZE_MAX);
    return builder_took(cpython_append(collection->value, octets));
}

/* All that is untagged. */
const shape raw_shape = {
    .name = "raw",
    .collects = ~(KIND(TAGGED) | KIND(CONTINUE) | KIND(STRAY)),
    .tells = KIND(EXISTS) | KIND(RECENT) | KIND(EXPUNGE),
    .form = FORM_BYTES,
    .start = shape_list,
    .add = add_raw,
};
