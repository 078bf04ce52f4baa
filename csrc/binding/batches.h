/* The type Batches: an asynchronous iterator over lists that are loaded into it. */
#ifndef BINDING_BATCHES_H
#define BINDING_BATCHES_H

#include "cpython.h"

extern PyType_Spec batches_spec;

#endif
