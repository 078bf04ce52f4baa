/* What a typed parser tells: each response as one event, FETCH in batches. */
#ifndef BINDING_TYPED_H
#define BINDING_TYPED_H

#include "events.h"
#include "flags.h"

enum { TYPED_BATCH = 256 /* records in one event, at most */ };

typedef struct typed {
    /* what want() said */
    uint16_t mask;    /* HAS_...; 0: no FETCH is wanted */
    PyObject *ranges; /* bytes, or NULL for all */
    bool numbers;     /* the ranges are of message numbers, not of UIDs */
    bool drop;        /* what is wanted is not even built */
    /* what is not told yet */
    PyObject *batch; /* list of Message, or NULL */
    size_t batch_octets;
    PyObject *held; /* the event behind the batch, or NULL */
    size_t held_octets;
    flags_memo flags;
} typed;

/* A new one, or NULL with a Python exception set. */
typed *typed_new(void);
void typed_free(typed *typed);

/* The event of one response, or None where it went into the batch. */
PyObject *typed_of(receiver *receiver, const imapc_framed *framed, bool greeting);

/* What to tell now that this event came: the batch before it, and then it is held.
 * Takes the reference; NULL is passed on. */
PyObject *typed_next(receiver *receiver, PyObject *event, size_t octets);

/* The event that was held; NULL, without an exception, where none was. */
PyObject *typed_waiting(receiver *receiver);

/* The batch as an event, or None where it is empty: all that came was read. */
PyObject *typed_batch(receiver *receiver);

/* want(mask, ranges, *, numbers, drop); false with a Python exception set. */
bool typed_want(typed *typed, PyObject *arguments, PyObject *keywords);

/* Whether the literals of a response of this kind are read and forgotten. */
static inline bool typed_skips(const typed *typed, imapc_kind kind)
{
    return typed->drop && kind == IMAPC_FETCH;
}

#endif
