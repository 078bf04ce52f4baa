/* Lists of flags, of which there are few different ones. */
#ifndef BINDING_FLAGS_H
#define BINDING_FLAGS_H

#include "builder.h"

void flags_clear(flags_memo *memo);

/* A flag-list: a frozenset, a new reference, in which system flags and the attributes of
 * mailboxes are spelled as in the RFCs.  IMAPC_SINK with a Python exception set. */
imapc_result flags_parse(flags_memo *memo, builder *builder, imapc_cursor *cursor,
                         PyObject **flags);

/* Push the value behind FLAGS, as builder_value() does. */
imapc_result flags_push(flags_memo *memo, builder *builder, imapc_cursor *cursor);

#endif
