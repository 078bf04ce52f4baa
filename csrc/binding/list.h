/* The shapes of LIST, LSUB and STATUS: what mailboxes there are, and in what state. */
#ifndef BINDING_LIST_H
#define BINDING_LIST_H

#include "shape.h"

extern const shape list_shape; /* [(flags, delimiter, name), ...] */
extern const shape lsub_shape;
extern const shape status_shape; /* {"MESSAGES": b"60"} */

#endif
