/* The cyclic collector, while responses are parsed. */
#ifndef BINDING_COLLECTOR_H
#define BINDING_COLLECTOR_H

#include "cpython.h"

typedef struct collector {
    /* functions of the module gc */
    PyObject *collect;
    PyObject *get_count;
    PyObject *get_threshold;
    size_t unseen; /* octets that were parsed since the last look at what is due */
} collector;

/* False with a Python exception set. */
bool collector_init(collector *collector);

/* At the very end of the module: none of these leads back to it. */
void collector_clear(collector *collector);

/* Keep the collector off; true where that has changed anything. */
bool collector_pause(void);

/* Take that back, and do what was due meanwhile; octets were parsed, and behind a few of
 * them nothing is looked at yet.  Finalizers may run in here; a Python exception that is
 * set stays so, and none is added. */
void collector_resume(collector *collector, bool paused, size_t octets);

#endif
