/* CPython's memory, for the core and for the arrays here. */
#ifndef BINDING_MEMORY_H
#define BINDING_MEMORY_H

#include "cpython.h"

#include "imapc.h"

extern const imapc_allocator memory_allocator;

/* imapc_grow() with it; false with a Python exception set. */
bool memory_grow(void **block, size_t *capacity, size_t needed, size_t unit);

#endif
