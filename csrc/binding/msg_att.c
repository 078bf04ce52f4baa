/* FETCH: msg-att on the builder's stack, then in the result. */
#include "msg_att.h"

/* ("BODY", ("TEXT",)) or ("BODY", ("HEADER.FIELDS", ("SUBJECT",)), "<0>") from
 * what the stack holds from first on. */
static bool fold_key(builder *builder, size_t first)
{
    PyObject *section = builder->values[first + 1];
    PyObject *frozen = PyList_AsTuple(section);
    if (!frozen)
        return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(frozen); i++) {
        PyObject *fields = PyTuple_GET_ITEM(frozen, i);
        if (PyList_Check(fields)) {
            PyObject *tuple = PyList_AsTuple(fields);
            if (!tuple) {
                Py_DECREF(frozen);
                return false;
            }
            PyTuple_SET_ITEM(frozen, i, tuple);
            Py_DECREF(fields);
        }
    }
    builder->values[first + 1] = frozen;
    Py_DECREF(section);
    return builder_push(builder, builder_tuple(builder, first));
}

/* A key has to be hashable and a section two levels deep at most. */
static bool is_section(PyObject *section)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(section); i++) {
        PyObject *part = PyList_GET_ITEM(section, i);
        if (PyUnicode_Check(part))
            continue;
        if (i == 0 || !PyList_Check(part))
            return false;
        for (Py_ssize_t j = 0; j < PyList_GET_SIZE(part); j++)
            if (!PyUnicode_Check(PyList_GET_ITEM(part, j)))
                return false;
    }
    return PyList_GET_SIZE(section) <= 2;
}

static imapc_result parse_section(builder *builder, imapc_cursor *cursor, size_t first,
                                  bool flat)
{
    imapc_text origin;
    builder->section = true;
    imapc_result result = imapc_parse_section(cursor, &builder->sink, &origin);
    builder->section = false;
    if (result)
        return result;
    if (!is_section(builder->values[builder->count - 1]))
        return imapc_refuse(cursor, "a section is malformed");
    if (origin.length && !builder_push(builder, module_text(builder->state, origin)))
        return IMAPC_SINK;
    return builder_took(flat || fold_key(builder, first));
}

imapc_result msg_att_parse(builder *builder, imapc_cursor *cursor, bool flat, items *items)
{
    *items = (struct items){builder->count, SIZE_MAX, NULL};
    PyObject *flags_name = builder->state->items[0];
    imapc_result result = imapc_msg_att_begin(cursor);
    imapc_item item;
    while (!result && !(result = imapc_msg_att_item(cursor, &item))) {
        size_t first = builder->count;
        PyObject *name = module_item(builder->state, item.name);
        if (!name && PyErr_ExceptionMatches(PyExc_ValueError)) {
            PyErr_Clear();
            return imapc_refuse(cursor, "the name of an item is not ASCII");
        }
        if (!builder_push(builder, name))
            return IMAPC_SINK;
        if (item.section && (result = parse_section(builder, cursor, first, flat)))
            return result;
        if ((result = imapc_parse_value(cursor, &builder->sink)))
            return result;
        if (name == flags_name) {
            items->flags = builder->values[builder->count - 1];
            if (items->flags_at == SIZE_MAX)
                items->flags_at = first;
        }
    }
    return result == IMAPC_END ? IMAPC_OK : result;
}

/* The value of key in dict, made by make() where it is missing; borrowed. */
static PyObject *entry_of(PyObject *dict, PyObject *key, bool flat)
{
    PyObject *entry = PyDict_GetItemWithError(dict, key);
    if (entry || PyErr_Occurred())
        return entry;
    entry = flat ? Py_BuildValue("[[]]") : PyDict_New();
    if (!entry || PyDict_SetItem(dict, key, entry) < 0) {
        Py_XDECREF(entry);
        return NULL;
    }
    Py_DECREF(entry);
    return entry;
}

static bool commit_dict(builder *builder, const items *items, PyObject *entry,
                        bool keep_flags)
{
    PyObject *flags_name = builder->state->items[0];
    for (size_t i = items->first; i < builder->count; i += 2) {
        if (builder->values[i] == flags_name && !keep_flags)
            continue;
        if (PyDict_SetItem(entry, builder->values[i], builder->values[i + 1]) < 0)
            return false;
    }
    return true;
}

/* Of the FLAGS that nobody asked for only the first pair leaves, as Twisted's
 * users have it. */
static bool commit_flat(builder *builder, const items *items, PyObject *entry, bool first)
{
    PyObject *flat = PyList_GET_ITEM(entry, 0);
    for (size_t i = items->first; i < builder->count; i++) {
        if (first && (i == items->flags_at || i == items->flags_at + 1))
            continue;
        if (PyList_Append(flat, builder->values[i]) < 0)
            return false;
    }
    return true;
}

static bool keep_flags(collection *collection, PyObject *key, PyObject *flags, bool *first)
{
    *first = false;
    if (!flags)
        return true;
    if (!collection->flags && !(collection->flags = PyDict_New()))
        return false;
    int known = PyDict_Contains(collection->flags, key);
    *first = known == 0;
    return known >= 0 && PyDict_SetItem(collection->flags, key, flags) == 0;
}

/* Nothing of a response is kept unless all of it is well formed. */
imapc_result msg_att_add(collection *collection, builder *builder, imapc_response *response)
{
    bool flat = collection->shape == SHAPE_FETCH_FLAT;
    bool asked = collection->shape == SHAPE_FETCH_FLAGS;
    builder->strings = STRINGS_TEXT;
    items items;
    imapc_result result = msg_att_parse(builder, &response->cursor, flat, &items);
    if (result)
        return result;
    PyObject *key = shape_number(response->number);
    if (!key)
        return IMAPC_SINK;
    bool first = false;
    PyObject *entry = entry_of(collection->value, key, flat);
    bool done = entry && (asked || keep_flags(collection, key, items.flags, &first)) &&
                (flat ? commit_flat(builder, &items, entry, first)
                      : commit_dict(builder, &items, entry, asked));
    Py_DECREF(key);
    return builder_took(done);
}

imapc_result msg_att_flags(builder *builder, imapc_cursor *cursor, PyObject **flags)
{
    items items;
    *flags = NULL;
    builder->strings = STRINGS_TEXT;
    imapc_result result = msg_att_parse(builder, cursor, true, &items);
    if (!result && items.flags) {
        if (!PyList_Check(items.flags))
            return imapc_refuse(cursor, "FLAGS without a list");
        *flags = Py_NewRef(items.flags);
    }
    return result;
}
