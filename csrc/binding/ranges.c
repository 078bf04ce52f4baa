/* Sets of numbers, which come mostly in order. */
#include "ranges.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

bool ranges_add(ranges *ranges, uint32_t first, uint32_t last)
{
    if (ranges->count) {
        range *newest = &ranges->block[ranges->count - 1];
        if (first >= newest->first && first - 1 <= newest->last) {
            newest->last = last > newest->last ? last : newest->last;
            return true;
        }
        ranges->unsorted |= first < newest->first;
    }
    void *block = ranges->block;
    bool roomy = memory_grow(&block, &ranges->capacity, ranges->count + 1, sizeof(range));
    ranges->block = block;
    if (!roomy)
        return false;
    ranges->block[ranges->count++] = (range){first, last};
    return true;
}

/* seq-number = nz-number / "*" */
static bool take_number(const char **at, const char *end, uint32_t *number)
{
    const char *from = *at;
    if (from < end && *from == '*') {
        *at = from + 1;
        *number = UINT32_MAX;
        return true;
    }
    uint64_t value;
    *at = text_skip(from, end, CHAR_DIGIT);
    if (!imapc_number(text_between(from, *at), &value) || value == 0 || value > UINT32_MAX)
        return false;
    *number = (uint32_t)value;
    return true;
}

/*
 * sequence-set = (seq-number / seq-range) ["," sequence-set]
 * seq-range = seq-number ":" seq-number
 */
imapc_result ranges_add_text(ranges *ranges, imapc_text text)
{
    const char *at = text.at, *end = at + text.length;
    for (;; at++) {
        uint32_t one, other;
        if (!take_number(&at, end, &one))
            return IMAPC_MALFORMED;
        other = one;
        if (at < end && *at == ':') {
            at++;
            if (!take_number(&at, end, &other))
                return IMAPC_MALFORMED;
        }
        if (!ranges_add(ranges, one < other ? one : other, one < other ? other : one))
            return IMAPC_SINK;
        if (at == end)
            return IMAPC_OK;
        if (*at != ',')
            return IMAPC_MALFORMED;
    }
}

static int compare(const void *one, const void *other)
{
    uint32_t first = ((const range *)one)->first, second = ((const range *)other)->first;
    return (first > second) - (first < second);
}

static void sort_and_merge(ranges *ranges)
{
    range *block = ranges->block;
    size_t kept = 0;
    qsort(block, ranges->count, sizeof *block, compare);
    for (size_t i = 1; i < ranges->count; i++) {
        range *newest = &block[kept];
        if (block[i].first <= newest->last || block[i].first - 1 == newest->last)
            newest->last = block[i].last > newest->last ? block[i].last : newest->last;
        else
            block[++kept] = block[i];
    }
    ranges->count = kept + 1;
}

PyObject *ranges_finish(ranges *ranges)
{
    if (ranges->unsorted)
        sort_and_merge(ranges);
    PyObject *bytes = PyBytes_FromStringAndSize(
        (const char *)ranges->block, (Py_ssize_t)(ranges->count * sizeof *ranges->block));
    ranges_free(ranges);
    return bytes;
}

void ranges_free(ranges *ranges)
{
    PyMem_Free(ranges->block);
    *ranges = (struct ranges){NULL, 0, 0, false};
}

bool ranges_are(PyObject *bytes)
{
    return PyBytes_Check(bytes) && (size_t)PyBytes_GET_SIZE(bytes) % sizeof(range) == 0;
}

static size_t count_of(PyObject *bytes)
{
    return (size_t)PyBytes_GET_SIZE(bytes) / sizeof(range);
}

static range range_at(PyObject *bytes, size_t index)
{
    range range;
    memcpy(&range, PyBytes_AS_STRING(bytes) + index * sizeof range, sizeof range);
    return range;
}

bool ranges_have(PyObject *bytes, uint32_t number)
{
    size_t low = 0, high = count_of(bytes);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        range range = range_at(bytes, middle);
        if (number < range.first)
            high = middle;
        else if (number > range.last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

static bool add_all(ranges *ranges, PyObject *bytes)
{
    bool done = true;
    for (size_t i = 0, count = count_of(bytes); done && i < count; i++) {
        range range = range_at(bytes, i);
        done = ranges_add(ranges, range.first, range.last);
    }
    return done;
}

/* Both in one walk, so that nothing has to be sorted. */
static bool add_both(ranges *ranges, PyObject *ours, PyObject *theirs)
{
    size_t i = 0, j = 0, count = count_of(ours), others = count_of(theirs);
    bool done = true;
    while (done && (i < count || j < others)) {
        bool is_ours = j == others ||
                       (i < count && range_at(ours, i).first < range_at(theirs, j).first);
        range range = is_ours ? range_at(ours, i++) : range_at(theirs, j++);
        done = ranges_add(ranges, range.first, range.last);
    }
    return done;
}

/* What of one range is not among theirs, of which those before *from end before it. */
static bool add_rest(ranges *ranges, range ours, PyObject *theirs, size_t *from)
{
    uint64_t first = ours.first;
    for (size_t count = count_of(theirs); first <= ours.last && *from < count; ++*from) {
        range other = range_at(theirs, *from);
        if (other.first > ours.last)
            break;
        if (other.first > first && !ranges_add(ranges, (uint32_t)first, other.first - 1))
            return false;
        if (other.last >= ours.last)
            return true; /* it may reach into the next of ours */
        if (other.last >= first)
            first = (uint64_t)other.last + 1;
    }
    return first > ours.last || ranges_add(ranges, (uint32_t)first, ours.last);
}

/* ------------------------------------------------------- for Python -- */

/* nz-number of an int; 0 with a Python exception set. */
static uint32_t number_of(PyObject *object)
{
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (value == -1 && PyErr_Occurred())
        return 0;
    if (overflow || value < 1 || value > UINT32_MAX) {
        PyErr_Format(PyExc_ValueError, "%R is no number of a message", object);
        return 0;
    }
    return (uint32_t)value;
}

static bool add_text(ranges *ranges, PyObject *source)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(source, &length);
    imapc_result result = text ? ranges_add_text(ranges, (imapc_text){text, (size_t)length})
                               : IMAPC_SINK;
    if (result == IMAPC_MALFORMED)
        PyErr_Format(PyExc_ValueError, "%R is no sequence-set", source);
    return result == IMAPC_OK;
}

static bool add_numbers(ranges *ranges, PyObject *source)
{
    PyObject *iterator = PyObject_GetIter(source), *item;
    bool done = iterator != NULL;
    while (done && (item = PyIter_Next(iterator))) {
        uint32_t number = number_of(item);
        Py_DECREF(item);
        done = number && ranges_add(ranges, number, number);
    }
    Py_XDECREF(iterator);
    return done && !PyErr_Occurred();
}

static PyObject *finish_or_free(ranges *ranges, bool done)
{
    if (done)
        return ranges_finish(ranges);
    ranges_free(ranges);
    return NULL;
}

PyObject *ranges_function(PyObject *Py_UNUSED(module), PyObject *source)
{
    ranges ranges = {NULL, 0, 0, false};
    bool done = PyUnicode_Check(source) ? add_text(&ranges, source)
                                        : add_numbers(&ranges, source);
    return finish_or_free(&ranges, done);
}

PyObject *in_ranges_function(PyObject *Py_UNUSED(module), PyObject *const *arguments,
                             Py_ssize_t count)
{
    if (count != 2 || !ranges_are(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "in_ranges() takes ranges and an int");
        return NULL;
    }
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(arguments[1], &overflow);
    if (value == -1 && PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(!overflow && value >= 0 && value <= UINT32_MAX &&
                           ranges_have(arguments[0], (uint32_t)value));
}

static bool are_sets(PyObject *const *arguments, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        if (!ranges_are(arguments[i])) {
            PyErr_SetString(PyExc_TypeError, "these are not what ranges() gives");
            return false;
        }
    return true;
}

PyObject *join_ranges_function(PyObject *Py_UNUSED(module), PyObject *const *arguments,
                               Py_ssize_t count)
{
    ranges ranges = {NULL, 0, 0, false};
    bool done = are_sets(arguments, count);
    if (done && count == 2)
        return finish_or_free(&ranges, add_both(&ranges, arguments[0], arguments[1]));
    for (Py_ssize_t i = 0; done && i < count; i++)
        done = add_all(&ranges, arguments[i]);
    return finish_or_free(&ranges, done);
}

PyObject *subtract_ranges_function(PyObject *Py_UNUSED(module), PyObject *const *arguments,
                                   Py_ssize_t count)
{
    ranges ranges = {NULL, 0, 0, false};
    size_t from = 0;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "subtractRanges() takes two sets");
        return NULL;
    }
    bool done = are_sets(arguments, count);
    for (size_t i = 0; done && i < count_of(arguments[0]); i++)
        done = add_rest(&ranges, range_at(arguments[0], i), arguments[1], &from);
    return finish_or_free(&ranges, done);
}

PyObject *count_ranges_function(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *bytes;
    Py_ssize_t begin, end;
    if (!PyArg_ParseTuple(arguments, "Onn:countRanges", &bytes, &begin, &end) ||
        !are_sets(&bytes, 1))
        return NULL;
    uint64_t numbers = 0;
    size_t count = count_of(bytes);
    for (size_t i = begin < 0 ? 0 : (size_t)begin; i < count && (Py_ssize_t)i < end; i++) {
        range range = range_at(bytes, i);
        numbers += (uint64_t)range.last - range.first + 1;
    }
    return PyLong_FromUnsignedLongLong(numbers);
}
