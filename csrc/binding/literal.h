/* A literal on its way into the object that the user gets. */
#ifndef BINDING_LITERAL_H
#define BINDING_LITERAL_H

#include "cpython.h"

#include "imapc.h"

typedef struct literal {
    PyObject *object; /* str or bytes, NULL between literals */
    size_t size;      /* announced */
    size_t written;
    size_t capacity;
    size_t populated; /* so far the kernel was asked for memory, see literal.c */
    bool as_text;
    bool skipped;  /* the octets are forgotten, and the object stays empty */
    bool is_ascii; /* of a str: no 8-bit octet so far */
} literal;

/* Each returns false with a Python exception set. */
bool literal_begin(literal *literal, size_t size, bool as_text, bool skipped);
bool literal_write(literal *literal, const char *octets, size_t length);

/* The finished object, a new reference. */
PyObject *literal_end(literal *literal);

/* The octets so far, to be shown or handed back. */
imapc_text literal_octets(const literal *literal);
imapc_text literal_object_octets(PyObject *object);

#endif
