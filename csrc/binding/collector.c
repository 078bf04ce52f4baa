/* Up to CPython 3.11 the collector may run at any allocation; newer ones run it between
 * bytecodes only, and nothing is done here.
 *
 * What is built is kept, so that to look for cycles meanwhile would be most of a cold
 * fetch's time.  One collection comes behind each piece that was parsed all the same.
 * By count each eleventh would look at older objects, too, and each hundredth at all
 * that the program has, results included: half a second for a million lists.  Here most
 * look at new objects alone, and one in ten of those others is left to come by count. */
#include "collector.h"

enum {
    LESS_OFTEN = 10,
    OCTETS_UNSEEN = 512 /* hold too few objects to be worth a look */
};

bool collector_init(collector *collector)
{
    PyObject *module = PyImport_ImportModule("gc");
    if (!module)
        return false;
    collector->collect = PyObject_GetAttrString(module, "collect");
    collector->get_count = PyObject_GetAttrString(module, "get_count");
    collector->get_threshold = PyObject_GetAttrString(module, "get_threshold");
    Py_DECREF(module);
    return collector->collect && collector->get_count && collector->get_threshold;
}

void collector_clear(collector *collector)
{
    Py_CLEAR(collector->collect);
    Py_CLEAR(collector->get_count);
    Py_CLEAR(collector->get_threshold);
}

bool collector_pause(void)
{
#if PY_VERSION_HEX < 0x030C0000
    return PyGC_Disable();
#else
    return false;
#endif
}

/* What get_count() or get_threshold() has of the two younger generations. */
static bool two_of(PyObject *function, int *young, int *middle)
{
    PyObject *three = PyObject_CallNoArgs(function);
    int old;
    bool done = three && PyArg_ParseTuple(three, "iii", young, middle, &old);
    Py_XDECREF(three);
    return done;
}

/* Whether a collection is due that may look at new objects alone; false also with a
 * Python exception set. */
static bool is_due(const collector *collector)
{
    int young, middle, most_young, most_middle;
    return two_of(collector->get_count, &young, &middle) &&
           two_of(collector->get_threshold, &most_young, &most_middle) && most_young > 0 &&
           young > most_young && middle / LESS_OFTEN <= most_middle;
}

static void collect_what_is_due(const collector *collector)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    bool due = is_due(collector);
    PyGC_Enable();
    Py_XDECREF(due ? PyObject_CallFunction(collector->collect, "i", 0) : NULL);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(collector->collect);
    PyErr_Restore(type, value, traceback);
}

void collector_resume(collector *collector, bool paused, size_t octets)
{
    if (!paused)
        return;
    collector->unseen += octets;
    if (collector->unseen < OCTETS_UNSEEN) {
        PyGC_Enable();
        return;
    }
    collector->unseen = 0;
    collect_what_is_due(collector);
}
