/* Flags as frozensets, of which there are few different ones. */
#ifndef BINDING_FLAGS_H
#define BINDING_FLAGS_H

#include "builder.h"

enum { FLAGS_MEMO_BITS = 6, FLAGS_MEMO = 1 << FLAGS_MEMO_BITS };

typedef struct flags_entry {
    PyObject *octets; /* bytes: the list as it came, or NULL */
    PyObject *flags;  /* frozenset of str */
    size_t elements;  /* that it counts for the limits */
    size_t lists;
} flags_entry;

/* Those that came last. */
typedef struct flags_memo {
    flags_entry entries[FLAGS_MEMO];
} flags_memo;

void flags_clear(flags_memo *memo);

/* A flag-list: a frozenset, a new reference, in which system flags and the attributes of
 * mailboxes are spelled as in the RFCs.  IMAPC_SINK with a Python exception set. */
imapc_result flags_parse(flags_memo *memo, builder *builder, imapc_cursor *cursor,
                         PyObject **flags);

#endif
