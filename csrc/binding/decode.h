/* What is decoded on access is decoded by Python, in _structure. */
#ifndef BINDING_DECODE_H
#define BINDING_DECODE_H

#include "state.h"

/* The function of _structure, borrowed, for an instance of one of the module's types; NULL
 * with a Python exception set.  Never to be called while a response is parsed. */
PyObject *decode_function(PyObject *self, decode which);

/* What it gives for one argument: a new reference. */
PyObject *decode_with(PyObject *self, decode which, PyObject *argument);

#endif
