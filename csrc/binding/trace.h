/* What was read, for who wants to see it. */
#ifndef BINDING_TRACE_H
#define BINDING_TRACE_H

#include <Python.h>

#include "imapc.h"

/* Append the lines of a response to a list of bytes: without their ends, and
 * with "[5 octets]" in place of a literal, before the text that follows it.
 * False with a Python exception set. */
bool trace_response(PyObject *lines, const imapc_framed *framed);

#endif
