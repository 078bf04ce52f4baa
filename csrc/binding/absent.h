/* Whether a dict has none of some names: the session asks before each response, and
 * nearly always of a dict that has not changed since. */
#ifndef BINDING_ABSENT_H
#define BINDING_ABSENT_H

#include "cpython.h"

/* What was not found, and where. */
typedef struct absent {
    uint64_t version; /* of the dict, as no other dict has it, or 0 */
    PyObject *names;  /* a tuple, or NULL */
} absent;

enum { ABSENT = 64 };

/* hasAny(dict, tuple) */
PyObject *has_any_function(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

void absent_clear(absent absent[ABSENT]);

#endif
