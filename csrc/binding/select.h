/* The shape of SELECT: what is said of the mailbox that it opens. */
#ifndef BINDING_SELECT_H
#define BINDING_SELECT_H

#include "shape.h"

extern const shape select_shape; /* {"EXISTS": 3, "FLAGS": (...), ...} */

/* Whether it is an OK with one of the codes that speak of the mailbox. */
bool select_has_code(const imapc_response *response);

#endif
