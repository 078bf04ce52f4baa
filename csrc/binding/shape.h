/* A shape: what the result of one kind of command looks like, and how it comes of
 * responses.  Each has one row, in the file that has its functions. */
#ifndef BINDING_SHAPE_H
#define BINDING_SHAPE_H

#include "builder.h"

/* A set of kinds of responses; their order means nothing. */
typedef uint32_t kinds;
#define KIND(name) (UINT32_C(1) << IMAPC_##name)

static inline bool kinds_have(kinds kinds, imapc_kind kind)
{
    return kinds >> kind & 1;
}

typedef struct collection collection;

typedef struct shape {
    const char *name; /* what expect() is given */
    kinds collects;
    /* Which responses of these kinds; NULL: all. */
    bool (*chooses)(const imapc_response *response);
    kinds tells; /* of what is collected, what is told to listeners as well */
    /* What strings become unless add() says otherwise.  At the brace of a literal it
     * decides into which object the literal is read; the builder converts that where
     * add() wants another. */
    string_form form;
    PyObject *(*start)(void); /* the value, empty */
    /* Add one response; what is left on the builder's stack is dropped. */
    imapc_result (*add)(collection *collection, builder *builder, imapc_response *response);
    /* Called before the value is handed out; NULL: nothing is to be done.  False with a
     * Python exception set. */
    bool (*finish)(collection *collection);
} shape;

struct collection {
    const shape *shape; /* NULL: nothing is collected */
    PyObject *value;
    PyObject *flags;  /* fetch: a dict of the FLAGS not asked for, or NULL */
    PyObject *tagged; /* select: what the newest tagged line says, or NULL */
    PyObject *error;  /* (message, wire, offset) of the first that was malformed */
};

/* ----------------------------------------------- what shapes have in common -- */

/* An empty list, for start. */
PyObject *shape_list(void);

/* dict[key] = value, whose reference is taken; it may be NULL, with a Python exception
 * set. */
bool shape_set(PyObject *dict, PyObject *key, PyObject *value);

/* The int of a number that imapc_is_number() is true of. */
PyObject *shape_number(imapc_text digits);

/* Push the number of the message that the response is about. */
imapc_result shape_push_message(builder *builder, imapc_response *response);

/* A cursor over one stretch of text, for codes. */
void shape_text_cursor(imapc_text text, imapc_framed *framed, imapc_span *span,
                       const imapc_limits *limits, imapc_cursor *cursor);

#endif
