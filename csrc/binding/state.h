/* What all parsers of one interpreter share: the module's state. */
#ifndef BINDING_STATE_H
#define BINDING_STATE_H

#include "absent.h"
#include "collector.h"
#include "pool.h"

/* What a LIST or LSUB started with: later ones mostly start so too. */
typedef struct list_head {
    PyObject *octets; /* bytes: the flags and the delimiter as they came, or NULL */
    PyObject *flags;
    PyObject *delimiter;
    size_t elements; /* that they count for the limits */
    size_t lists;
} list_head;

enum { LIST_HEADS = 8 };

enum { FLAGS_MEMO_BITS = 6, FLAGS_MEMO = 1 << FLAGS_MEMO_BITS };

typedef struct flags_entry {
    PyObject *octets; /* bytes: a list of flags as it came, or NULL */
    PyObject *flags;  /* frozenset of str, or tuple */
    size_t elements;  /* that it counts for the limits */
    size_t lists;
} flags_entry;

/* Those that came last. */
typedef struct flags_memo {
    flags_entry entries[FLAGS_MEMO];
} flags_memo;

/* Functions of _structure, which decode on access. */
typedef enum decode {
    DECODE_INTERNAL_DATE,
    DECODE_PART,
    DECODE_PROBLEMS,
    DECODE_DATE,
    DECODE_TEXT,
    DECODE_UTF8,
    DECODE_REPR_MESSAGE,
    DECODE_REPR_ENVELOPE,
    DECODE_REPR_ADDRESS,
    DECODE_COUNT
} decode;

typedef struct module_state {
    PyTypeObject *message_type;
    PyTypeObject *envelope_type;
    PyTypeObject *address_type;
    PyObject *decode[DECODE_COUNT]; /* NULL until the first is needed */
    collector collector;
    pool pool;
    list_head list_heads[LIST_HEADS];
    size_t oldest_list_head; /* the one to be replaced next */
    flags_memo flags;        /* as tuples */
    absent absent[ABSENT];
} module_state;

#endif
