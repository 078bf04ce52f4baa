/* Literals are written once, into the final object, which grows as octets
 * arrive: an announced size alone costs a server nothing, so it must not cost
 * us memory. */
#include "literal.h"

#include <stdint.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "ascii.h"
#include "cpython.h"

enum { FIRST_CAPACITY = 65536, PAGE = 4096, POPULATED_AHEAD = 262144 };

bool literal_begin(literal *literal, size_t size, bool as_text, bool skipped)
{
    size_t capacity = skipped ? 0 : size < FIRST_CAPACITY ? size : FIRST_CAPACITY;
    PyObject *object = as_text ? PyUnicode_New((Py_ssize_t)capacity, 127)
                               : PyBytes_FromStringAndSize(NULL, (Py_ssize_t)capacity);
    if (!object)
        return false;
    literal->object = object;
    literal->size = size;
    literal->written = 0;
    literal->capacity = literal->populated = capacity;
    literal->as_text = as_text;
    literal->skipped = skipped;
    literal->is_ascii = true;
    return true;
}

static char *data_of(const literal *literal)
{
    return literal->as_text ? (char *)PyUnicode_1BYTE_DATA(literal->object)
                            : PyBytes_AS_STRING(literal->object);
}

/* New memory costs more to get page by page, a fault each, than to copy into: here the
 * kernel is asked for some of it at once, but only for a little more than has come.
 * Nothing depends on that it does so, or knows how, or has pages of this size. */
static void populate(literal *literal, size_t needed)
{
    if (needed <= literal->populated)
        return;
    size_t left = literal->capacity - needed;
    size_t until = needed + (left < POPULATED_AHEAD ? left : POPULATED_AHEAD);
#ifdef MADV_POPULATE_WRITE
    uintptr_t octets = (uintptr_t)data_of(literal);
    uintptr_t begin = (octets + literal->populated) / PAGE * PAGE;
    uintptr_t end = (octets + until) / PAGE * PAGE;
    if (end > begin)
        (void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
#endif
    literal->populated = until;
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

/* Copy leading ASCII octets, as long as the str has had no others; returns how many. */
static size_t write_ascii(literal *literal, const char *octets, size_t length)
{
    if (!literal->as_text || !literal->is_ascii)
        return 0;
    size_t copied = ascii_copy(data_of(literal) + literal->written, octets, length);
    literal->written += copied;
    return copied;
}

/* What write_ascii() has left: an ASCII str cannot hold it, a latin-1 one can. */
static bool write_any(literal *literal, const char *octets, size_t length)
{
    if (literal->as_text && literal->is_ascii) {
        if (!cpython_widen(&literal->object, literal->written))
            return false;
        literal->is_ascii = false;
    }
    memcpy(data_of(literal) + literal->written, octets, length);
    literal->written += length;
    return true;
}

bool literal_write(literal *literal, const char *octets, size_t length)
{
    if (literal->skipped)
        return true;
    if (!grow(literal, literal->written + length))
        return false;
    populate(literal, literal->written + length);
    size_t copied = write_ascii(literal, octets, length);
    return copied == length || write_any(literal, octets + copied, length - copied);
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
