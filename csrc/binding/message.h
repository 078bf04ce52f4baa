/* The type Message: what one FETCH response says of a message. */
#ifndef BINDING_MESSAGE_H
#define BINDING_MESSAGE_H

#include "events.h"

/* What a response has of a message: the bits of want(), and which name the structure
 * came under. */
enum {
    HAS_UID = 1,
    HAS_FLAGS = 2,
    HAS_MODSEQ = 4,
    HAS_SIZE = 8,
    HAS_DATE = 16,
    HAS_ENVELOPE = 32,
    HAS_STRUCTURE = 64,
    HAS_OTHER = 128,
    HAS_BODY = 256,
    HAS_BODYSTRUCTURE = 512
};

/* Immutable.  Nothing that it holds can refer back to it, so that the collector need not
 * know it: str, bytes, int, frozenset, tuples of these, Envelope, and Part. */
typedef struct message {
    PyObject ob_base;
    uint32_t number;
    uint32_t uid; /* 0: none */
    uint64_t size;
    uint64_t modseq;
    uint64_t date;   /* packed, see date.h */
    PyObject *flags; /* each of these NULL where there is none */
    PyObject *envelope;
    PyObject *structure; /* tuples, from the first access on a Part */
    PyObject *others;    /* tuple: key, value, key, value */
    PyObject *problems;  /* tuple of (item, message, wire) */
    uint16_t has;
    uint16_t broken; /* of what it has, what is malformed */
} message;

extern PyType_Spec message_spec;

/* The Message of a FETCH response.  IMAPC_MALFORMED where there is not even a number or
 * a list of items; IMAPC_SINK with a Python exception set. */
imapc_result message_of(receiver *receiver, imapc_response *response, message **message);

#endif
