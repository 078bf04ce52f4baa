/* FETCH data, and what is written like it. */
#ifndef BINDING_MSG_ATT_H
#define BINDING_MSG_ATT_H

#include "shapes.h"

/* One FETCH's items on the builder's stack: for dicts a key and a value each,
 * flat the parts one after the other. */
typedef struct items {
    size_t first;
    size_t flags_at; /* of the first FLAGS, or SIZE_MAX */
    PyObject *flags; /* the last FLAGS value, borrowed from the stack */
} items;

imapc_result msg_att_parse(builder *builder, imapc_cursor *cursor, bool flat, items *items);

/* Add a FETCH to the collection: nothing of it unless it is well formed. */
imapc_result msg_att_add(collection *collection, builder *builder,
                         imapc_response *response);

/* The last FLAGS of a FETCH that nobody asked for, a new reference or NULL. */
imapc_result msg_att_flags(builder *builder, imapc_cursor *cursor, PyObject **flags);

#endif
