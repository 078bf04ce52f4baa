/* What the framer asks of a line before it has all of it. */
#ifndef IMAPC_LINES_H
#define IMAPC_LINES_H

#include "imapc.h"

/* Whether a response is held that has ended, since first begins the next line. */
bool lines_held_ended(const imapc_lines *lines, char first);

#endif
