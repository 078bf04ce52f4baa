/* CPython's memory, for the core and for the arrays here. */
#include "memory.h"

static void *reallocate(void *Py_UNUSED(context), void *block, size_t size)
{
    if (size == 0) {
        PyMem_Free(block);
        return NULL;
    }
    return size > PY_SSIZE_T_MAX ? NULL : PyMem_Realloc(block, size);
}

const imapc_allocator memory_allocator = {reallocate, NULL};

bool memory_grow(void **block, size_t *capacity, size_t needed, size_t unit)
{
    if (imapc_grow(&memory_allocator, block, capacity, needed, unit))
        return true;
    PyErr_NoMemory();
    return false;
}
