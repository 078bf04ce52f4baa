/* What a command collects: one Python value, built while responses arrive. */
#ifndef BINDING_SHAPES_H
#define BINDING_SHAPES_H

#include "builder.h"

typedef enum shape {
    SHAPE_NONE,
    SHAPE_RAW,   /* list of bytes, one for each response */
    SHAPE_LINES, /* list of nested lists, as Twisted's Command collects them */
    SHAPE_CAPABILITY,
    SHAPE_FETCH,       /* {number: {name: value}}, unasked FLAGS apart */
    SHAPE_FETCH_FLAGS, /* the same, FLAGS were asked for */
    SHAPE_FETCH_FLAT,  /* {number: [[name, section, origin, value...]]} */
    SHAPE_LIST,
    SHAPE_LSUB,
    SHAPE_SEARCH,
    SHAPE_STATUS,
    SHAPE_NAMESPACE,
    SHAPE_EXPUNGE,
    SHAPE_SELECT,
    SHAPE_COUNT
} shape;

typedef struct collection {
    shape shape;
    PyObject *value;  /* NULL until expect() */
    PyObject *flags;  /* dict of FLAGS that a fetch did not ask for, or NULL */
    PyObject *tagged; /* what select() takes from the newest tagged line */
} collection;

/* The name that expect() takes. */
extern const char *const shape_names[SHAPE_COUNT];

/* Start anew; false with a Python exception set. */
bool collection_start(collection *collection, shape shape);
void collection_clear(collection *collection);

bool shape_collects(shape shape, const imapc_response *response);

/* Whether the listener is told too of what the command collects. */
bool shape_also_tells(shape shape, const imapc_response *response);

/* Add one response that is collected; framed is what response was made of. */
imapc_result collection_add(collection *collection, builder *builder,
                            imapc_response *response, const imapc_framed *framed);

/* The value and the flags, new references; the collection is empty after. */
bool collection_take(collection *collection, PyObject **value, PyObject **flags);

/* Parts that hand-overs need as well. */
imapc_result shape_capabilities(imapc_cursor *cursor, PyObject *dict);
bool shape_finish_capabilities(PyObject *dict);
imapc_result shape_generic(builder *builder, imapc_response *response,
                           const imapc_framed *framed, PyObject **list);
PyObject *shape_number(imapc_text digits);

/* A cursor over one stretch of text, for codes. */
void shape_text_cursor(imapc_text text, imapc_framed *framed, imapc_span *span,
                       const imapc_limits *limits, imapc_cursor *cursor);

#endif
