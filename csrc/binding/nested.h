/* The shapes of nested lists, and of responses that nobody takes apart. */
#ifndef BINDING_NESTED_H
#define BINDING_NESTED_H

#include "shape.h"

extern const shape namespace_shape; /* [[["", "/"]], [], []] */
extern const shape nested_shape;    /* nested lists, as Twisted's Command has them */
extern const shape noop_shape;      /* the same; the FLAGS of FETCH are told as well */
extern const shape raw_shape;       /* [b"1 EXISTS", ...]: one for each response */

/* One response as nested lists of bytes, without its tag. */
imapc_result nested_list(builder *builder, imapc_response *response, PyObject **list);

#endif
