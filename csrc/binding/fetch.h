/* The shapes of FETCH. */
#ifndef BINDING_FETCH_H
#define BINDING_FETCH_H

#include "shape.h"

extern const shape fetch_shape;       /* {number: {name: value}}, other FLAGS apart */
extern const shape fetch_flags_shape; /* the same where FLAGS were asked for */
extern const shape fetch_flat_shape;  /* {number: [[name, section, origin, value...]]} */

#endif
