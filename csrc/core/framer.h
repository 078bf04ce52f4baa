/* What the framer's ways in have in common: chunks (framer.c, and plain.c for what is
 * plain), and a response that lies whole in memory (whole.c). */
#ifndef IMAPC_FRAMER_H
#define IMAPC_FRAMER_H

#include "imapc.h"

/* Let go of the response that was given out, or broken off. */
void framer_forget(imapc_framer *framer);

/* imapc_framer_next() for what is not plain. */
imapc_result framer_next(imapc_framer *framer, imapc_framed *response);

/* False without memory. */
bool framer_push_span(imapc_framer *framer, imapc_span span);

/* The literal that is announced behind span. */
imapc_result framer_begin_literal(imapc_framer *framer, imapc_span span);

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8: the octets behind the CRLF */
imapc_result framer_read_literal(imapc_framer *framer);

#endif
