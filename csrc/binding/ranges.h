/* Sets of numbers as bytes: native uint32 pairs, first and last of each range, sorted,
 * without overlaps or ranges that touch. */
#ifndef BINDING_RANGES_H
#define BINDING_RANGES_H

#include "cpython.h"

#include "imapc.h"

typedef struct range {
    uint32_t first;
    uint32_t last;
} range;

/* What is added up; {0} is empty. */
typedef struct ranges {
    range *block;
    size_t count;
    size_t capacity;
    bool unsorted;
} ranges;

/* False with a Python exception set. */
bool ranges_add(ranges *ranges, uint32_t first, uint32_t last);

/* sequence-set without "$", "*" being 2^32 - 1.  IMAPC_MALFORMED where it is none,
 * IMAPC_SINK with a Python exception set. */
imapc_result ranges_add_text(ranges *ranges, imapc_text text);

/* The bytes object, a new reference, or NULL with a Python exception set; frees what was
 * added up. */
PyObject *ranges_finish(ranges *ranges);
void ranges_free(ranges *ranges);

/* Whether bytes hold ranges at all, and whether these have a number. */
bool ranges_are(PyObject *bytes);
bool ranges_have(PyObject *bytes, uint32_t number);

/* Functions of the module: ranges(), in_ranges(), joinRanges(), subtractRanges() and
 * countRanges(). */
PyObject *ranges_function(PyObject *module, PyObject *source);
PyObject *in_ranges_function(PyObject *module, PyObject *const *arguments,
                             Py_ssize_t count);
PyObject *join_ranges_function(PyObject *module, PyObject *const *arguments,
                               Py_ssize_t count);
PyObject *subtract_ranges_function(PyObject *module, PyObject *const *arguments,
                                   Py_ssize_t count);
PyObject *count_ranges_function(PyObject *module, PyObject *arguments);

#endif
