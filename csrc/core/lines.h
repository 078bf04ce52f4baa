/* What the framer asks of lines that it has not read yet. */
#ifndef IMAPC_LINES_H
#define IMAPC_LINES_H

#include "imapc.h"

/* Whether a response is held that has ended, since first begins the next line. */
bool lines_held_ended(const imapc_lines *lines, char first);

/* The next literal that text announces; *at is where the line begins that does so,
 * and is moved behind the CRLF of the announcement.  False where there is none. */
bool lines_next_literal(imapc_text text, const char **at, imapc_lines *lines,
                        imapc_span *span);

#endif
