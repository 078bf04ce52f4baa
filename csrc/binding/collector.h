/* The cyclic collector, while responses are parsed. */
#ifndef BINDING_COLLECTOR_H
#define BINDING_COLLECTOR_H

#include "cpython.h"

/* Functions of the module gc. */
typedef struct collector {
    PyObject *collect;
    PyObject *get_count;
    PyObject *get_threshold;
} collector;

/* False with a Python exception set. */
bool collector_init(collector *collector);

/* At the very end of the module: none of these leads back to it. */
void collector_clear(collector *collector);

/* Keep the collector off; true where that has changed anything. */
bool collector_pause(void);

/* Take that back, and do what was due meanwhile.  Finalizers may run in here; a Python
 * exception that is set stays so, and none is added. */
void collector_resume(const collector *collector, bool paused);

#endif
