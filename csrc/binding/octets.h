/* A response as it came: to be kept, shown, traced, or read again. */
#ifndef BINDING_OCTETS_H
#define BINDING_OCTETS_H

#include "cpython.h"

#include "imapc.h"

enum { OCTETS_SHOWN = 200 }; /* of a response, in an exception or a log */

/* From octet skip on, literals inside, at most limit octets: a bytes object. */
PyObject *octets_of(const imapc_framed *framed, size_t skip, size_t limit);

/* The start of it, to be shown. */
PyObject *octets_shown(const imapc_framed *framed);

/* Append the lines of a response to a list of bytes: without their ends, and
 * with "[5 octets]" in place of a literal, before the text that follows it: a
 * message is large and private.  False with a Python exception set. */
bool octets_trace(PyObject *lines, const imapc_framed *framed);

/* Append to a list, as bytes, what a framer was fed and has not given out; literal
 * is what has come of the one that is being read. */
bool octets_unread(PyObject *pieces, const imapc_framer *framer, imapc_text literal);

/* A list of bytes as one. */
PyObject *octets_join(PyObject *pieces);

#endif
