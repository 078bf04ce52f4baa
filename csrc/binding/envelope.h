/* The types Envelope and Address, and the envelope of a FETCH response. */
#ifndef BINDING_ENVELOPE_H
#define BINDING_ENVELOPE_H

#include "builder.h"

/* In the order of RFC 9051; those from FROM to BCC are lists of addresses. */
typedef enum envelope_field {
    ENVELOPE_DATE,
    ENVELOPE_SUBJECT,
    ENVELOPE_FROM,
    ENVELOPE_SENDER,
    ENVELOPE_REPLY_TO,
    ENVELOPE_TO,
    ENVELOPE_CC,
    ENVELOPE_BCC,
    ENVELOPE_IN_REPLY_TO,
    ENVELOPE_MESSAGE_ID,
    ENVELOPE_FIELDS
} envelope_field;

typedef enum address_field {
    ADDRESS_NAME,
    ADDRESS_ROUTE,
    ADDRESS_MAILBOX,
    ADDRESS_HOST,
    ADDRESS_FIELDS
} address_field;

/* Immutable, and without the collector as Message: each field is a latin-1 str as it came,
 * None, or a tuple of Address. */
typedef struct envelope {
    PyObject ob_base;
    PyObject *fields[ENVELOPE_FIELDS];
} envelope;

/* Each field is a latin-1 str as it came, or None. */
typedef struct address {
    PyObject ob_base;
    PyObject *fields[ADDRESS_FIELDS];
} address;

static inline bool envelope_has_addresses(Py_ssize_t field)
{
    return field >= ENVELOPE_FROM && field <= ENVELOPE_BCC;
}

extern PyType_Spec envelope_spec;
extern PyType_Spec address_spec;

/* An Envelope, a new reference.  Only what is no list at all is malformed; IMAPC_SINK with
 * a Python exception set. */
imapc_result envelope_parse(builder *builder, imapc_cursor *cursor, PyObject **envelope);

/* The function envelope() of the module. */
PyObject *envelope_function(PyObject *module, PyObject *values);

#endif
