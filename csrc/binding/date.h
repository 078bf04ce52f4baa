/* date-time of INTERNALDATE, packed into one number. */
#ifndef BINDING_DATE_H
#define BINDING_DATE_H

#include "cpython.h"

#include "imapc.h"

/* False where it is none; *date is never 0 otherwise. */
bool date_pack(imapc_text text, uint64_t *date);

/* The aware datetime, by the function of _structure that is given its parts. */
PyObject *date_unpack(uint64_t date, PyObject *function);

#endif
