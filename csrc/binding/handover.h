/* One whole response, collected or handed over. */
#ifndef BINDING_HANDOVER_H
#define BINDING_HANDOVER_H

#include "shapes.h"

typedef struct receiver {
    imapc_limits limits;
    builder builder;
    collection collection;
    PyObject *error; /* (message, wire, offset) of the first bad response */
} receiver;

/* The hand-over, or None where the response was collected; NULL with an
 * exception. */
PyObject *handover_of(receiver *receiver, const imapc_framed *framed, bool greeting);

/* ("error", code, message, wire, offset) */
PyObject *handover_error(receiver *receiver, imapc_result result, const imapc_error *error,
                         const imapc_framed *unfinished);

#endif
