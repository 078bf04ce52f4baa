/* The core's framer with CPython's memory, and literals that are Python objects. */
#ifndef BINDING_FRAMING_H
#define BINDING_FRAMING_H

#include "events.h"
#include "literal.h"

typedef struct framing {
    imapc_framer framer;
    literal literal; /* the one that is being read */
    imapc_kind kind; /* of the response that it belongs to */
    const receiver *receiver;
    size_t written; /* octets of literals, so far */
} framing;

/* The one at *framing, made where it is NULL; NULL with a Python exception set.  receiver
 * tells whether a literal becomes a str or a bytes object. */
framing *framing_get(framing **framing, const receiver *receiver);
void framing_free(framing **framing);

#endif
