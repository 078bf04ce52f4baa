/* FETCH data, and STATUS, which looks like it. */
#ifndef BINDING_MSG_ATT_H
#define BINDING_MSG_ATT_H

#include "builder.h"

/* One FETCH's items on the builder's stack: for dicts a key and a value each,
 * flat the parts one after the other. */
typedef struct items {
    size_t first;
    size_t flags_at; /* of the first FLAGS, or SIZE_MAX */
    PyObject *flags; /* the last FLAGS value, borrowed from the stack */
} items;

imapc_result msg_att_parse(builder *builder, imapc_cursor *cursor, bool flat, items *items);

/* Only the last FLAGS of an unsolicited FETCH: a new reference, or NULL. */
imapc_result msg_att_flags(builder *builder, imapc_cursor *cursor, PyObject **flags);

#endif
