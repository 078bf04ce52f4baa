/* Framing's own helpers, shared by its two entries. */
#ifndef IMAPC_FRAMER_H
#define IMAPC_FRAMER_H

#include "imapc.h"

/* Where only text follows: a status, a code, "+", a tag, no response at all.
 * No literal ends such a line. */
bool framer_is_opaque(imapc_text line);

/* The "{n}", "{n+}" or "~{n}" that a line ends with. */
typedef enum framer_brace { BRACE_NONE, BRACE_LITERAL, BRACE_MALFORMED } framer_brace;
framer_brace framer_announcement(imapc_text line, size_t *size, size_t *announced);

/* Whether text ends inside a quoted string; *depth counts the parentheses
 * outside of them. */
bool framer_ends_quoted(imapc_text text, size_t *depth);

#endif
