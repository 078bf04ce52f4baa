/* msg-att, on the builder's stack. */
#include "msg_att.h"

#include "flags.h"

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
    builder->section = true;
    imapc_result result = builder_value(builder, cursor);
    builder->section = false;
    if (result)
        return result;
    imapc_text origin = imapc_parse_origin(cursor);
    if (!is_section(builder->values[builder->count - 1]))
        return imapc_refuse(cursor, "a section is malformed");
    if (origin.length && !builder_push(builder, pool_text(&builder->state->pool, origin)))
        return IMAPC_SINK;
    return builder_took(flat || fold_key(builder, first));
}

/* A known name is interned, and in upper case; any other stays as it is. */
static imapc_result push_name(builder *builder, imapc_cursor *cursor, imapc_text name)
{
    PyObject *item = pool_item(&builder->state->pool, name);
    if (item)
        return builder_took(builder_push(builder, Py_NewRef(item)));
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.at[i] >= 0x80)
            return imapc_refuse(cursor, "the name of an item is not ASCII");
    PyObject *other = pool_text(&builder->state->pool, name);
    return builder_took(builder_push(builder, other));
}

imapc_result msg_att_parse(builder *builder, imapc_cursor *cursor, bool flat, items *items)
{
    *items = (struct items){builder->count, SIZE_MAX, NULL};
    PyObject *flags_name = builder->state->pool.items[ITEM_FLAGS].object;
    imapc_result result = imapc_msg_att_begin(cursor);
    imapc_item item;
    while (!result && !(result = imapc_msg_att_item(cursor, &item))) {
        size_t first = builder->count;
        if ((result = push_name(builder, cursor, item.name)))
            return result;
        if (item.section && (result = parse_section(builder, cursor, first, flat)))
            return result;
        bool is_flags = builder->values[first] == flags_name;
        result = is_flags ? flags_push(&builder->state->flags, builder, cursor)
                          : builder_value(builder, cursor);
        if (result)
            return result;
        if (is_flags) {
            items->flags = builder->values[builder->count - 1];
            if (items->flags_at == SIZE_MAX)
                items->flags_at = first;
        }
    }
    return result == IMAPC_END ? IMAPC_OK : result;
}

imapc_result msg_att_flags(builder *builder, imapc_cursor *cursor, PyObject **flags)
{
    items items;
    *flags = NULL;
    builder->form = FORM_TEXT;
    imapc_result result = msg_att_parse(builder, cursor, true, &items);
    if (!result && items.flags) {
        if (!PyList_Check(items.flags))
            return imapc_refuse(cursor, "FLAGS without a list");
        *flags = Py_NewRef(items.flags);
    }
    return result;
}
