/* FETCH: the items of each message in a dict, or one after the other in a list. */
#include "fetch.h"

#include "msg_att.h"

/* What the result has of that message: borrowed, and made if missing. */
static PyObject *entry_of(PyObject *dict, PyObject *key, PyObject *made)
{
    PyObject *entry = made ? PyDict_SetDefault(dict, key, made) : NULL;
    Py_XDECREF(made);
    return entry; /* the dict keeps it */
}

static bool commit_dict(builder *builder, const items *items, PyObject *dict,
                        bool keep_flags)
{
    PyObject *flags_name = builder->state->pool.items[ITEM_FLAGS].object;
    PyObject *entry = entry_of(dict, builder->values[0], PyDict_New());
    if (!entry)
        return false;
    for (size_t i = items->first; i < builder->count; i += 2) {
        if (builder->values[i] == flags_name && !keep_flags)
            continue;
        if (PyDict_SetItem(entry, builder->values[i], builder->values[i + 1]) < 0)
            return false;
    }
    return true;
}

/* [flat], and flat's reference is taken. */
static PyObject *flat_entry(PyObject *flat)
{
    PyObject *entry = flat ? PyList_New(1) : NULL;
    if (entry)
        PyList_SET_ITEM(entry, 0, flat);
    else
        Py_XDECREF(flat);
    return entry;
}

/* Of the FLAGS that were not asked for only the first pair leaves, as Twisted's
 * users have it. */
static bool commit_flat(builder *builder, const items *items, PyObject *dict, bool first)
{
    if (first)
        builder_drop(builder, items->flags_at, 2);
    PyObject *flat = builder_list(builder, items->first);
    PyObject *entry = entry_of(dict, builder->values[0], flat_entry(Py_XNewRef(flat)));
    PyObject *known = entry ? PyList_GET_ITEM(entry, 0) : NULL;
    bool done = known != NULL;
    if (done && known != flat) /* the message came before */
        done = PyList_SetSlice(known, PyList_GET_SIZE(known), PyList_GET_SIZE(known),
                               flat) == 0;
    Py_XDECREF(flat);
    return done;
}

/* Keep the FLAGS that were not asked for; *first says whether they are the first
 * that came of this message. */
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

/* message-data = nz-number SP "FETCH" SP msg-att.  All of it is parsed before any
 * of it is kept. */
static imapc_result add(collection *collection, builder *builder, imapc_response *response,
                        bool flat, bool asked)
{
    items items;
    imapc_result result = shape_push_message(builder, response);
    if (!result)
        result = msg_att_parse(builder, &response->cursor, flat, &items);
    if (result)
        return result;
    bool first = false;
    if (!asked && !keep_flags(collection, builder->values[0], items.flags, &first))
        return IMAPC_SINK;
    return builder_took(flat ? commit_flat(builder, &items, collection->value, first)
                             : commit_dict(builder, &items, collection->value, asked));
}

static imapc_result add_fetch(collection *collection, builder *builder,
                              imapc_response *response)
{
    return add(collection, builder, response, false, false);
}

static imapc_result add_fetch_flags(collection *collection, builder *builder,
                                    imapc_response *response)
{
    return add(collection, builder, response, false, true);
}

static imapc_result add_fetch_flat(collection *collection, builder *builder,
                                   imapc_response *response)
{
    return add(collection, builder, response, true, false);
}

/* A message of which only FLAGS came that were not asked for is not a result. */
static bool drop_empty(collection *collection)
{
    PyObject *key, *unused;
    Py_ssize_t position = 0;
    while (collection->flags && PyDict_Next(collection->flags, &position, &key, &unused)) {
        PyObject *entry = PyDict_GetItemWithError(collection->value, key);
        if (!entry && PyErr_Occurred())
            return false;
        if (entry && PyDict_GET_SIZE(entry) == 0 &&
            PyDict_DelItem(collection->value, key) < 0)
            return false;
    }
    return true;
}

const shape fetch_shape = {
    .name = "fetch",
    .collects = KIND(FETCH),
    .form = FORM_TEXT,
    .start = PyDict_New,
    .add = add_fetch,
    .finish = drop_empty,
};

const shape fetch_flags_shape = {
    .name = "fetch-flags",
    .collects = KIND(FETCH),
    .form = FORM_TEXT,
    .start = PyDict_New,
    .add = add_fetch_flags,
};

const shape fetch_flat_shape = {
    .name = "fetch-flat",
    .collects = KIND(FETCH),
    .form = FORM_TEXT,
    .start = PyDict_New,
    .add = add_fetch_flat,
};
