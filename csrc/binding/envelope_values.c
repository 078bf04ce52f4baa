/* The envelope of a message that is a part: of the tuples that its structure was read as.
 */
#include "envelope.h"

/* A latin-1 str, or None for what is none. */
static PyObject *string_of(PyObject *value)
{
    if (PyUnicode_Check(value))
        return Py_NewRef(value);
    if (PyLong_Check(value))
        return PyObject_Str(value);
    if (!PyBytes_Check(value))
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeLatin1(PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), NULL);
}

/* A record with strings; those beyond the end of the tuple are None. */
static PyObject *address_of(PyTypeObject *type, PyObject *values)
{
    address *made = PyObject_New(address, type);
    if (!made)
        return NULL;
    bool done = true;
    for (Py_ssize_t i = 0; i < ADDRESS_FIELDS; i++) {
        PyObject *value = i < PyTuple_GET_SIZE(values) ? PyTuple_GET_ITEM(values, i)
                                                       : Py_None;
        PyObject *field = done ? string_of(value) : NULL;
        done &= field != NULL;
        made->fields[i] = field ? field : Py_NewRef(Py_None);
    }
    if (!done)
        Py_CLEAR(made);
    return (PyObject *)made;
}

/* A tuple of the addresses in a tuple; of anything else an empty one. */
static PyObject *addresses_of(PyTypeObject *type, PyObject *values)
{
    PyObject *list = PyList_New(0);
    Py_ssize_t count = PyTuple_Check(values) ? PyTuple_GET_SIZE(values) : 0;
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *value = PyTuple_GET_ITEM(values, i);
        if (PyTuple_Check(value) && !cpython_append(list, address_of(type, value)))
            Py_CLEAR(list);
    }
    PyObject *tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

PyObject *envelope_function(PyObject *module, PyObject *values)
{
    module_state *state = PyModule_GetState(module);
    if (!PyTuple_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "envelope() takes a tuple");
        return NULL;
    }
    envelope *made = PyObject_New(envelope, state->envelope_type);
    if (!made)
        return NULL;
    bool done = true;
    for (Py_ssize_t i = 0; i < ENVELOPE_FIELDS; i++) {
        PyObject *value = i < PyTuple_GET_SIZE(values) ? PyTuple_GET_ITEM(values, i)
                                                       : Py_None;
        PyObject *field = NULL;
        if (done)
            field = envelope_has_addresses(i) ? addresses_of(state->address_type, value)
                                              : string_of(value);
        done &= field != NULL;
        made->fields[i] = field ? field : Py_NewRef(Py_None);
    }
    if (!done)
        Py_CLEAR(made);
    return (PyObject *)made;
}
