/* The shapes of CAPABILITY, SEARCH and EXPUNGE: words and numbers in a row. */
#ifndef BINDING_WORDS_H
#define BINDING_WORDS_H

#include "shape.h"

extern const shape capability_shape; /* {b"AUTH": [b"PLAIN"], b"IDLE": None} */
extern const shape search_shape;     /* [1, 2, 3] */
extern const shape expunge_shape;    /* [1, 2, 3] */

/* The dict of the words that the cursor stands before. */
imapc_result words_capabilities(imapc_cursor *cursor, PyObject **dict);

#endif
