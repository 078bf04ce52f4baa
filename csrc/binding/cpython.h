/* Python.h, as every file here includes it, and a few functions that use CPython's
 * internals.  Each has a fallback on public functions, for versions of CPython that
 * were not looked at, and for tests, which define IMAPC_PORTABLE. */
#ifndef BINDING_CPYTHON_H
#define BINDING_CPYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Up to 3.15.  Objects of a free-threaded build have other headers, and with
 * Py_TRACE_REFS they are linked and must stay where they are. */
#if PY_VERSION_HEX < 0x03100000 && !defined(Py_GIL_DISABLED) && !defined(Py_TRACE_REFS) && \
    !defined(IMAPC_PORTABLE)
#define CPYTHON_IS_KNOWN 1
#else
#define CPYTHON_IS_KNOWN 0
#endif

/* Makes a latin-1 str, of the same length, of an ASCII one that came from PyUnicode_New
 * and that nobody but its maker has seen.  Of its octets only the first are filled.
 * Returns false with a Python exception set, and text as it was. */
static inline bool cpython_widen(PyObject **text, size_t filled);

/* Appends to a list and takes the reference, also when it fails; value may be NULL, with
 * a Python exception set. */
static inline bool cpython_append(PyObject *list, PyObject *value);

/* A list of values, whose references it takes unless it is NULL, with a Python
 * exception set. */
static inline PyObject *cpython_list(PyObject *const *values, size_t count);

#if CPYTHON_IS_KNOWN

/* The octets stand behind the object's header, and that of a latin-1 str is longer: one
 * block, moved a little, where a second str would take as much memory again. */
static inline bool cpython_widen(PyObject **text, size_t filled)
{
    assert(PyUnicode_IS_COMPACT_ASCII(*text) && Py_REFCNT(*text) == 1);
    assert(((PyASCIIObject *)*text)->hash == -1 && !PyUnicode_CHECK_INTERNED(*text));
    Py_ssize_t length = PyUnicode_GET_LENGTH(*text);
    PyCompactUnicodeObject *wide = NULL;
    if (length < PY_SSIZE_T_MAX - (Py_ssize_t)sizeof *wide)
        wide = PyObject_Realloc(*text, sizeof *wide + (size_t)length + 1);
    if (!wide) {
        PyErr_NoMemory();
        return false;
    }
    char *octets = (char *)(wide + 1);
    memmove(octets, (char *)wide + sizeof(PyASCIIObject), filled);
    octets[length] = '\0';
    wide->_base.state.ascii = 0;
    wide->utf8 = NULL;
    wide->utf8_length = 0;
#if PY_VERSION_HEX < 0x030C0000
    wide->_base.wstr = NULL;
    wide->wstr_length = 0;
#endif
    *text = (PyObject *)wide;
    return true;
}

/* Mostly there is room for one more. */
static inline bool cpython_append(PyObject *list, PyObject *value)
{
    Py_ssize_t size = PyList_GET_SIZE(list);
    if (value && size < ((PyListObject *)list)->allocated) {
        Py_SET_SIZE(list, size + 1);
        PyList_SET_ITEM(list, size, value);
        return true;
    }
    bool done = value && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return done;
}

/* PyList_New() would clear the items first. */
static inline PyObject *cpython_list(PyObject *const *values, size_t count)
{
    PyObject *list = PyList_New(0);
    if (!list || count == 0)
        return list;
    PyObject **items = PyMem_New(PyObject *, count);
    if (!items) {
        Py_DECREF(list);
        return PyErr_NoMemory();
    }
    memcpy(items, values, count * sizeof *items);
    ((PyListObject *)list)->ob_item = items;
    ((PyListObject *)list)->allocated = (Py_ssize_t)count;
    Py_SET_SIZE(list, (Py_ssize_t)count);
    return list;
}

#else

static inline bool cpython_widen(PyObject **text, size_t filled)
{
    PyObject *wide = PyUnicode_New(PyUnicode_GET_LENGTH(*text), 255);
    if (!wide)
        return false;
    memcpy(PyUnicode_1BYTE_DATA(wide), PyUnicode_1BYTE_DATA(*text), filled);
    Py_SETREF(*text, wide);
    return true;
}

static inline bool cpython_append(PyObject *list, PyObject *value)
{
    bool done = value && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return done;
}

static inline PyObject *cpython_list(PyObject *const *values, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++)
        PyList_SET_ITEM(list, (Py_ssize_t)i, values[i]);
    return list;
}

#endif

/* Changes whenever the type or a base of it is changed, and never repeats; 0: not
 * known. */
static inline unsigned int cpython_type_version(PyTypeObject *type)
{
#if !CPYTHON_IS_KNOWN
    (void)type;
    return 0;
#elif PY_VERSION_HEX < 0x030D0000
    return PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG) ? type->tp_version_tag : 0;
#else
    return type->tp_version_tag;
#endif
}

/* Changes whenever the dict is changed, and no other dict ever has the same; 0: not
 * known.  From CPython 3.13 on an attribute may be set without it, and 3.12 warns of it. */
static inline uint64_t cpython_dict_version(PyObject *dict)
{
#if CPYTHON_IS_KNOWN && PY_VERSION_HEX < 0x030C0000
    return ((PyDictObject *)dict)->ma_version_tag;
#else
    (void)dict;
    return 0;
#endif
}

#endif
