/* CAPABILITY, SEARCH and EXPUNGE: words and numbers in a row. */
#include "words.h"

#include <string.h>

/* ---------------------------------------------------------- CAPABILITY -- */

/* The list of the values that a capability has; borrowed, and made if missing. */
static PyObject *values_of(PyObject *dict, PyObject *key)
{
    PyObject *values = PyDict_GetItemWithError(dict, key);
    if (values || PyErr_Occurred())
        return values;
    values = PyList_New(0);
    bool done = values && PyDict_SetItem(dict, key, values) == 0;
    Py_XDECREF(values);
    return done ? values : NULL; /* the dict keeps it */
}

/* capability = ("AUTH=" auth-type) / atom: {b"AUTH": [b"PLAIN"], b"IDLE": [None]} */
static bool add_capability(PyObject *dict, imapc_text word)
{
    const char *equals = word.length ? memchr(word.at, '=', word.length) : NULL;
    size_t length = equals ? (size_t)(equals - word.at) : word.length;
    PyObject *value = equals ? PyBytes_FromStringAndSize(
                                   equals + 1, (Py_ssize_t)(word.length - length - 1))
                             : Py_NewRef(Py_None);
    PyObject *key = PyBytes_FromStringAndSize(word.at, (Py_ssize_t)length);
    PyObject *values = key ? values_of(dict, key) : NULL;
    bool done = values && value && PyList_Append(values, value) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return done;
}

/* capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability) */
static imapc_result add_capabilities(imapc_cursor *cursor, PyObject *dict)
{
    imapc_text word;
    imapc_result result;
    while (!(result = imapc_parse_word(cursor, &word)))
        if (!add_capability(dict, word))
            return IMAPC_SINK;
    return result == IMAPC_END ? IMAPC_OK : result;
}

/* [None] alone becomes None: the shape that Twisted's users know. */
static bool unwrap_capabilities(PyObject *dict)
{
    PyObject *key, *values;
    Py_ssize_t position = 0;
    while (PyDict_Next(dict, &position, &key, &values))
        if (PyList_Check(values) && PyList_GET_SIZE(values) == 1 &&
            PyList_GET_ITEM(values, 0) == Py_None && PyDict_SetItem(dict, key, Py_None) < 0)
            return false;
    return true;
}

imapc_result words_capabilities(imapc_cursor *cursor, PyObject **dict)
{
    if (!(*dict = PyDict_New()))
        return IMAPC_SINK;
    imapc_result result = add_capabilities(cursor, *dict);
    if (!result)
        result = builder_took(unwrap_capabilities(*dict));
    if (result)
        Py_CLEAR(*dict);
    return result;
}

static imapc_result add_capability_data(collection *collection, builder *Py_UNUSED(builder),
                                        imapc_response *response)
{
    return add_capabilities(&response->cursor, collection->value);
}

static bool finish_capability(collection *collection)
{
    return unwrap_capabilities(collection->value);
}

const shape capability_shape = {
    .name = "capability",
    .collects = KIND(CAPABILITY),
    .start = PyDict_New,
    .add = add_capability_data,
    .finish = finish_capability,
};

/* -------------------------------------------------------------- SEARCH -- */

/* The next number: mostly a plain one, else what any word may be. */
static imapc_result next_number(imapc_cursor *cursor, PyObject **number)
{
    uint64_t plain;
    imapc_text word;
    imapc_result result;
    if (cursor_plain_number(cursor, &plain)) {
        if ((result = cursor_count(cursor)))
            return result;
        *number = PyLong_FromLongLong((long long)plain); /* of 18 digits: it fits */
    } else {
        if ((result = imapc_parse_word(cursor, &word)))
            return result;
        if (!imapc_is_number(word))
            return imapc_refuse(cursor, "SEARCH with what is no number");
        *number = shape_number(word);
    }
    return builder_took(*number != NULL);
}

/* obsolete-search-response = "SEARCH" *(SP nz-number) */
static imapc_result add_search(collection *collection, builder *Py_UNUSED(builder),
                               imapc_response *response)
{
    PyObject *list = collection->value, *number = NULL;
    Py_ssize_t before = PyList_GET_SIZE(list);
    imapc_result result;
    while (!(result = next_number(&response->cursor, &number)))
        if (!cpython_append(list, number))
            return IMAPC_SINK;
    if (result == IMAPC_END)
        return IMAPC_OK;
    if (PyList_SetSlice(list, before, PyList_GET_SIZE(list), NULL) < 0)
        return IMAPC_SINK;
    return result;
}

const shape search_shape = {
    .name = "search",
    .collects = KIND(SEARCH),
    .start = shape_list,
    .add = add_search,
};

/* ------------------------------------------------------------- EXPUNGE -- */

/* message-data = nz-number SP "EXPUNGE" */
static imapc_result add_expunge(collection *collection, builder *builder,
                                imapc_response *response)
{
    imapc_result result = shape_push_message(builder, response);
    return result ? result
                  : builder_took(cpython_append(collection->value, builder_pop(builder)));
}

const shape expunge_shape = {
    .name = "expunge",
    .collects = KIND(EXPUNGE),
    .tells = KIND(EXPUNGE),
    .start = shape_list,
    .add = add_expunge,
};
