/* Literals are written once, into the final object, which grows as octets
 * arrive: an announced size alone costs a server nothing, so it must not cost
 * us memory. */
#include "literal.h"

#include <stdint.h>
#include <string.h>

enum { FIRST_CAPACITY = 65536 };

bool literal_begin(literal *literal, size_t size, bool as_text)
{
    size_t capacity = size < FIRST_CAPACITY ? size : FIRST_CAPACITY;
    PyObject *object = as_text ? PyUnicode_New((Py_ssize_t)capacity, 127)
                               : PyBytes_FromStringAndSize(NULL, (Py_ssize_t)capacity);
    if (!object)
        return false;
    literal->object = object;
    literal->size = size;
    literal->written = 0;
    literal->capacity = capacity;
    literal->as_text = as_text;
    literal->is_ascii = true;
    return true;
}

static char *data_of(const literal *literal)
{
    return literal->as_text ? (char *)PyUnicode_1BYTE_DATA(literal->object)
                            : PyBytes_AS_STRING(literal->object);
}

static bool grow(literal *literal, size_t needed)
{
    size_t capacity = literal->capacity;
    while (capacity < needed)
        capacity = capacity > literal->size / 2 ? literal->size : capacity * 2;
    if (capacity == literal->capacity)
        return true;
    int failed = literal->as_text ? PyUnicode_Resize(&literal->object, (Py_ssize_t)capacity)
                                  : _PyBytes_Resize(&literal->object, (Py_ssize_t)capacity);
    if (failed)
        return false;
    literal->capacity = capacity;
    return true;
}

static bool is_ascii(const char *octets, size_t length)
{
    uint64_t seen = 0;
    for (; length >= sizeof seen; octets += sizeof seen, length -= sizeof seen) {
        uint64_t word;
        memcpy(&word, octets, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            return false;
    }
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)octets[i] >= 0x80)
            return false;
    return true;
}

/* The first 8-bit octet: an ASCII str cannot hold it, a latin-1 one can. */
static bool widen(literal *literal)
{
    PyObject *wide = PyUnicode_New((Py_ssize_t)literal->capacity, 255);
    if (!wide)
        return false;
    memcpy(PyUnicode_1BYTE_DATA(wide), PyUnicode_1BYTE_DATA(literal->object),
           literal->written);
    Py_SETREF(literal->object, wide);
    literal->is_ascii = false;
    return true;
}

bool literal_write(literal *literal, const char *octets, size_t length)
{
    if (!grow(literal, literal->written + length))
        return false;
    if (literal->as_text && literal->is_ascii && !is_ascii(octets, length) &&
        !widen(literal))
        return false;
    memcpy(data_of(literal) + literal->written, octets, length);
    literal->written += length;
    return true;
}

PyObject *literal_end(literal *literal)
{
    PyObject *object = literal->object;
    literal->object = NULL;
    return object;
}

imapc_text literal_octets(const literal *literal)
{
    if (!literal->object)
        return (imapc_text){NULL, 0};
    return (imapc_text){data_of(literal), literal->written};
}

imapc_text literal_object_octets(PyObject *object)
{
    if (PyBytes_Check(object))
        return (imapc_text){PyBytes_AS_STRING(object), (size_t)PyBytes_GET_SIZE(object)};
    return (imapc_text){(const char *)PyUnicode_1BYTE_DATA(object),
                        (size_t)PyUnicode_GET_LENGTH(object)};
}
