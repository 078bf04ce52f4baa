/* The one place that knows all shapes; what they do stands in their rows. */
#include "collection.h"

#include <string.h>

#include "fetch.h"
#include "list.h"
#include "nested.h"
#include "octets.h"
#include "select.h"
#include "words.h"

static const shape *const shapes[] = {
    &fetch_shape,      &fetch_flags_shape, &fetch_flat_shape, &list_shape,
    &lsub_shape,       &status_shape,      &search_shape,     &select_shape,
    &capability_shape, &expunge_shape,     &namespace_shape,  &nested_shape,
    &noop_shape,       &raw_shape,
};

const shape *collection_shape(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(name, shapes[i]->name) == 0)
            return shapes[i];
    return NULL;
}

bool collection_start(collection *collection, const shape *shape)
{
    collection_clear(collection);
    if (shape && !(collection->value = shape->start()))
        return false;
    collection->shape = shape;
    return true;
}

void collection_clear(collection *collection)
{
    collection->shape = NULL;
    Py_CLEAR(collection->value);
    Py_CLEAR(collection->flags);
    Py_CLEAR(collection->tagged);
    Py_CLEAR(collection->error);
}

int collection_traverse(const collection *collection, visitproc visit, void *arg)
{
    Py_VISIT(collection->value);
    Py_VISIT(collection->flags);
    Py_VISIT(collection->tagged);
    Py_VISIT(collection->error);
    return 0;
}

/* An unsolicited FETCH is read like one that was asked for: the literal may still be
 * arriving when the command is sent that collects it. */
bool collection_wants_text(const collection *collection, imapc_kind kind)
{
    const shape *shape = collection->shape;
    if (shape && kinds_have(shape->collects, kind))
        return shape->form == FORM_TEXT;
    return kind == IMAPC_FETCH;
}

/* The first is kept: it fails the command at its tagged answer. */
bool collection_keep_error(collection *collection, const imapc_error *error,
                           const imapc_framed *framed)
{
    if (!collection->error)
        collection->error = Py_BuildValue("(sNn)", error->message, octets_shown(framed),
                                          (Py_ssize_t)error->offset);
    return collection->error != NULL;
}

static PyObject *or_none(PyObject *object)
{
    return object ? object : Py_None;
}

PyObject *collection_take(collection *collection)
{
    const shape *shape = collection->shape;
    PyObject *taken = NULL;
    if (!shape || !shape->finish || shape->finish(collection))
        taken = PyTuple_Pack(3, or_none(collection->value), or_none(collection->flags),
                             or_none(collection->error));
    collection_clear(collection);
    return taken;
}
