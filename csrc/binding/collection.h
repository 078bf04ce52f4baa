/* The table of shapes, and what the waiting command collects: one Python value,
 * built while responses arrive. */
#ifndef BINDING_COLLECTION_H
#define BINDING_COLLECTION_H

#include "shape.h"

/* The shape of that name, or NULL. */
const shape *collection_shape(const char *name);

/* Start anew, with NULL to collect nothing; false with a Python exception set. */
bool collection_start(collection *collection, const shape *shape);
void collection_clear(collection *collection);
int collection_traverse(const collection *collection, visitproc visit, void *arg);

/* Whether a literal becomes a str, in a response of that kind. */
bool collection_wants_text(const collection *collection, imapc_kind kind);

static inline bool collection_collects(const collection *collection,
                                       const imapc_response *response)
{
    const shape *shape = collection->shape;
    return shape && kinds_have(shape->collects, response->kind) &&
           (!shape->chooses || shape->chooses(response));
}

/* Whether listeners are told too of a response that is collected. */
static inline bool collection_tells(const collection *collection,
                                    const imapc_response *response)
{
    return kinds_have(collection->shape->tells, response->kind);
}

/* Keep the error of a malformed response; false with a Python exception set. */
bool collection_keep_error(collection *collection, const imapc_error *error,
                           const imapc_framed *framed);

/* Add one response that is collected.  What is malformed is kept as the error;
 * false with a Python exception set. */
static inline bool collection_add(collection *collection, builder *builder,
                                  imapc_response *response)
{
    /* add() may read a code by it. */
    const imapc_framed *framed = response->cursor.response;
    builder->form = collection->shape->form;
    imapc_result result = collection->shape->add(collection, builder, response);
    builder_clear(builder);
    if (result == IMAPC_MALFORMED)
        return collection_keep_error(collection, &response->cursor.error, framed);
    return result == IMAPC_OK;
}

/* (value, flags, error), each None where there is none; the collection is empty
 * afterwards. */
PyObject *collection_take(collection *collection);

#endif
