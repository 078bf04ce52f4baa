/* What a connection is told: one tuple for each event. */
#ifndef BINDING_EVENTS_H
#define BINDING_EVENTS_H

#include "collection.h"

/* What takes responses, one after the other. */
typedef struct receiver {
    imapc_limits limits;
    builder builder;
    collection collection;
    struct typed *typed; /* NULL but in a typed parser */
} receiver;

/* The event of one response, or None where it was collected and there is nothing
 * to tell; NULL with a Python exception set. */
PyObject *event_of(receiver *receiver, const imapc_framed *framed, bool greeting);

/* The event of a malformed response, and of one of those that every parser tells alike:
 * EXISTS, RECENT, EXPUNGE, "+", and what is no response. */
PyObject *event_malformed(receiver *receiver, const imapc_framed *framed,
                          const imapc_error *error);
PyObject *event_told(receiver *receiver, imapc_response *response);

/* The event of a framer's failure, ("error", code, message, wire, offset); NULL with
 * a Python exception set, also where the failure was one. */
PyObject *event_of_failure(receiver *receiver, imapc_result result,
                           const imapc_error *error, const imapc_framed *unfinished);

#endif
