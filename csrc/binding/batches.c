/* Items one after the other without a coroutine for each: as long as a list lasts, the
 * iterator is its own awaitable. */
#include "batches.h"

#include <structmember.h>

typedef struct batches {
    PyObject ob_base;
    PyObject *refill; /* called without arguments: an awaitable, which calls load() */
    PyObject *list;   /* what is left is taken from it; NULL: all is taken */
    Py_ssize_t next;
    bool is_closed; /* the rest of the list is not wanted */
    PyObject *weakrefs;
} batches;

static bool is_empty(const batches *self)
{
    return !self->list || self->next >= PyList_GET_SIZE(self->list);
}

/* The next item, a new reference: its place in the list gets None, so that nothing is
 * kept for the sake of what follows it. */
static PyObject *take(batches *self)
{
    PyObject *item = PyList_GET_ITEM(self->list, self->next);
    PyList_SET_ITEM(self->list, self->next, Py_NewRef(Py_None));
    self->next++;
    if (is_empty(self))
        Py_CLEAR(self->list);
    return item;
}

/* load(list): the first item; of an empty list the end. */
static PyObject *load(PyObject *object, PyObject *list)
{
    batches *self = (batches *)object;
    if (!PyList_CheckExact(list)) {
        PyErr_SetString(PyExc_TypeError, "load() takes a list");
        return NULL;
    }
    if (!is_empty(self)) {
        PyErr_SetString(PyExc_RuntimeError, "the list before it is not used up");
        return NULL;
    }
    Py_XSETREF(self->list, Py_NewRef(list));
    self->next = 0;
    if (!is_empty(self))
        return take(self);
    Py_CLEAR(self->list);
    PyErr_SetNone(PyExc_StopAsyncIteration);
    return NULL;
}

/* close(): what is left of the list is dropped. */
static PyObject *close_list(PyObject *object, PyObject *Py_UNUSED(nothing))
{
    batches *self = (batches *)object;
    self->is_closed = true;
    Py_CLEAR(self->list);
    Py_RETURN_NONE;
}

static PyObject *anext(PyObject *object)
{
    batches *self = (batches *)object;
    return is_empty(self) ? PyObject_CallNoArgs(self->refill) : Py_NewRef(object);
}

/* Awaited more often than asked for an item, or closed between the two. */
static bool lacks_item(const batches *self)
{
    if (is_empty(self) && self->is_closed)
        PyErr_SetNone(PyExc_StopAsyncIteration);
    else if (is_empty(self))
        PyErr_SetString(PyExc_RuntimeError, "an item was awaited twice");
    return is_empty(self);
}

static PySendResult send(PyObject *object, PyObject *Py_UNUSED(value), PyObject **result)
{
    batches *self = (batches *)object;
    *result = lacks_item(self) ? NULL : take(self);
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
}

/* The same for whoever does not know send(): the item is the value of StopIteration,
 * whatever it is (of a tuple PyErr_SetObject() would make arguments). */
static PyObject *iternext(PyObject *object)
{
    batches *self = (batches *)object;
    if (lacks_item(self))
        return NULL;
    PyObject *item = take(self);
    PyObject *stop = PyObject_CallOneArg(PyExc_StopIteration, item);
    Py_DECREF(item);
    if (stop)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
    return NULL;
}

static PyObject *new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    PyObject *refill;
    if (keywords && PyDict_GET_SIZE(keywords)) {
        PyErr_SetString(PyExc_TypeError, "Batches() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "O:Batches", &refill))
        return NULL;
    batches *self = (batches *)type->tp_alloc(type, 0);
    if (self)
        self->refill = Py_NewRef(refill);
    return (PyObject *)self;
}

static int traverse(PyObject *object, visitproc visit, void *arg)
{
    batches *self = (batches *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->refill);
    Py_VISIT(self->list);
    return 0;
}

static int clear(PyObject *object)
{
    batches *self = (batches *)object;
    Py_CLEAR(self->refill);
    Py_CLEAR(self->list);
    return 0;
}

static void dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    if (((batches *)object)->weakrefs)
        PyObject_ClearWeakRefs(object);
    clear(object);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(batches, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef methods[] = {
    {"load", load, METH_O, PyDoc_STR("The next list, which is used up: its first item.")},
    {"close", close_list, METH_NOARGS, PyDoc_STR("Drop what is left of the list.")},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("An asynchronous iterator over lists of items.")},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_iternext, iternext},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {Py_am_aiter, PyObject_SelfIter},
    {Py_am_anext, anext},
    {Py_am_await, PyObject_SelfIter},
    {Py_am_send, send},
    {0, NULL},
};

PyType_Spec batches_spec = {
    .name = "twisted_imapc._imapc.Batches",
    .basicsize = sizeof(batches),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
