/* What was fed and is not read yet: a queue of bytes objects. */
#ifndef BINDING_CHUNKS_H
#define BINDING_CHUNKS_H

#include "cpython.h"

typedef struct chunks {
    PyObject **block;
    size_t first; /* index of the oldest */
    size_t count;
    size_t capacity;
    size_t octets; /* in all of them */
} chunks;

/* Append one, with a reference of its own; false with a Python exception set. */
bool chunks_push(chunks *chunks, PyObject *chunk);

/* Take out the oldest, a new reference; NULL, and no exception, without one. */
PyObject *chunks_pop(chunks *chunks);

void chunks_clear(chunks *chunks);

#endif
