/* The type Parser: one for each connection. */
#ifndef BINDING_PARSER_H
#define BINDING_PARSER_H

#include "chunks.h"
#include "events.h"
#include "framing.h"

typedef struct parser {
    PyObject ob_base;
    receiver receiver;
    framing *fed;    /* what feed() was given, or NULL while there is nothing of it */
    PyObject *chunk; /* the bytes that it reads from, or NULL */
    chunks chunks;   /* what is read after it */
    bool begun;      /* octets were fed */
    /* the line path */
    imapc_lines lines; /* what line() was given */
    size_t lines_size; /* of the response that they belong to */
    framing *whole;    /* what response() is given, or NULL */
    bool busy; /* in next() or response(): the collector may run a finalizer there */
} parser;

extern PyType_Spec parser_spec;

/* Whether a method of the parser is running further up the stack; true with a Python
 * exception set. */
static inline bool parser_is_busy(const parser *parser)
{
    if (parser->busy)
        PyErr_SetString(PyExc_RuntimeError, "the parser is in use");
    return parser->busy;
}

/* Let go of what an idle connection has no use for: there may be thousands of them. */
void parser_trim(parser *parser);

#endif
