/* Message as Python sees it. */
#include "message.h"

#include "date.h"
#include "decode.h"
#include "item.h"

#define MESSAGE(self) ((struct message *)(self))

static bool has(PyObject *self, unsigned bit)
{
    return MESSAGE(self)->has & bit && !(MESSAGE(self)->broken & bit);
}

static PyObject *or_none(PyObject *object)
{
    return Py_NewRef(object ? object : Py_None);
}

/* ------------------------------------------------------------ attributes -- */

static PyObject *get_number(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromUnsignedLong(MESSAGE(self)->number);
}

static PyObject *get_uid(PyObject *self, void *Py_UNUSED(closure))
{
    if (!has(self, HAS_UID))
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(MESSAGE(self)->uid);
}

static PyObject *get_flags(PyObject *self, void *Py_UNUSED(closure))
{
    return or_none(has(self, HAS_FLAGS) ? MESSAGE(self)->flags : NULL);
}

static PyObject *get_size(PyObject *self, void *Py_UNUSED(closure))
{
    if (!has(self, HAS_SIZE))
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(MESSAGE(self)->size);
}

static PyObject *get_modseq(PyObject *self, void *Py_UNUSED(closure))
{
    if (!has(self, HAS_MODSEQ))
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(MESSAGE(self)->modseq);
}

static PyObject *get_date(PyObject *self, void *Py_UNUSED(closure))
{
    if (!has(self, HAS_DATE))
        Py_RETURN_NONE;
    PyObject *function = decode_function(self, DECODE_INTERNAL_DATE);
    return function ? date_unpack(MESSAGE(self)->date, function) : NULL;
}

static PyObject *get_envelope(PyObject *self, void *Py_UNUSED(closure))
{
    return or_none(has(self, HAS_ENVELOPE) ? MESSAGE(self)->envelope : NULL);
}

/* Made of the tuples on the first access, and then kept. */
static PyObject *get_structure(PyObject *self, void *Py_UNUSED(closure))
{
    message *message = MESSAGE(self);
    if (!message->structure)
        Py_RETURN_NONE;
    if (PyTuple_CheckExact(message->structure)) {
        PyObject *part = decode_with(self, DECODE_PART, message->structure);
        if (!part)
            return NULL;
        Py_SETREF(message->structure, part);
    }
    return Py_NewRef(message->structure);
}

static PyObject *get_problems(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *problems = MESSAGE(self)->problems;
    return problems ? decode_with(self, DECODE_PROBLEMS, problems) : PyTuple_New(0);
}

static PyGetSetDef getset[] = {
    {"number", get_number, NULL,
     PyDoc_STR("The message's sequence number when the response came."), NULL},
    {"uid", get_uid, NULL, PyDoc_STR("UID, or None where the server left it out."), NULL},
    {"flags", get_flags, NULL, PyDoc_STR("FLAGS: a frozenset of str, or None."), NULL},
    {"size", get_size, NULL, PyDoc_STR("RFC822.SIZE, or None."), NULL},
    {"modseq", get_modseq, NULL, PyDoc_STR("MODSEQ, or None."), NULL},
    {"internalDate", get_date, NULL, PyDoc_STR("INTERNALDATE: aware, or None."), NULL},
    {"envelope", get_envelope, NULL, PyDoc_STR("ENVELOPE, or None."), NULL},
    {"structure", get_structure, NULL, PyDoc_STR("BODYSTRUCTURE or BODY: a Part, or None."),
     NULL},
    {"problems", get_problems, NULL, PyDoc_STR("What was malformed: a tuple of Problem."),
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ----------------------------------------------------------------- items -- */

/* The items that have attributes. */
static const struct typed_item {
    const char *name;
    unsigned bit;
    PyObject *(*get)(PyObject *self, void *closure);
} typed_items[] = {
    {"UID", HAS_UID, get_uid},
    {"FLAGS", HAS_FLAGS, get_flags},
    {"MODSEQ", HAS_MODSEQ, get_modseq},
    {"RFC822.SIZE", HAS_SIZE, get_size},
    {"INTERNALDATE", HAS_DATE, get_date},
    {"ENVELOPE", HAS_ENVELOPE, get_envelope},
    {"BODYSTRUCTURE", HAS_BODYSTRUCTURE, get_structure},
    {"BODY", HAS_BODY, get_structure},
};

enum { TYPED_ITEMS = sizeof typed_items / sizeof *typed_items };

/* Of the items without an attribute the last one of that key: borrowed, or NULL without
 * an exception. */
static PyObject *other_item(const message *message, PyObject *key)
{
    for (Py_ssize_t i = message->others ? PyTuple_GET_SIZE(message->others) : 0; i; i -= 2)
        if (PyUnicode_Compare(PyTuple_GET_ITEM(message->others, i - 2), key) == 0)
            return PyTuple_GET_ITEM(message->others, i - 1);
    return NULL;
}

/* The value of the item with that key, a new reference; NULL without an exception: not
 * there. */
static PyObject *item_of(PyObject *self, PyObject *key)
{
    PyObject *other = other_item(MESSAGE(self), key);
    if (other)
        return Py_NewRef(other);
    for (size_t i = 0; i < TYPED_ITEMS; i++)
        if (has(self, typed_items[i].bit) &&
            PyUnicode_CompareWithASCIIString(key, typed_items[i].name) == 0)
            return typed_items[i].get(self, NULL);
    return NULL;
}

/* The same by its name: mostly that is the key. */
static PyObject *find(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name))
        return NULL;
    PyObject *value = item_of(self, name);
    if (value || PyErr_Occurred())
        return value;
    PyObject *key = item_asked(name);
    if (key)
        value = item_of(self, key);
    Py_XDECREF(key);
    return value;
}

static PyObject *subscript(PyObject *self, PyObject *name)
{
    PyObject *value = find(self, name);
    if (!value && !PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, name);
    return value;
}

static int contains(PyObject *self, PyObject *name)
{
    PyObject *value = find(self, name);
    if (!value)
        return PyErr_Occurred() ? -1 : 0;
    Py_DECREF(value);
    return 1;
}

static PyObject *get(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    if (count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "get() takes a name and a default");
        return NULL;
    }
    PyObject *value = find(self, arguments[0]);
    if (value || PyErr_Occurred())
        return value;
    return Py_NewRef(count == 2 ? arguments[1] : Py_None);
}

/* A tuple, each key once. */
static PyObject *keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const message *message = MESSAGE(self);
    PyObject *dict = PyDict_New(), *tuple = NULL;
    bool done = dict != NULL;
    for (size_t i = 0; done && i < TYPED_ITEMS; i++)
        if (has(self, typed_items[i].bit))
            done = PyDict_SetItemString(dict, typed_items[i].name, Py_None) == 0;
    Py_ssize_t others = message->others ? PyTuple_GET_SIZE(message->others) : 0;
    for (Py_ssize_t i = 0; done && i < others; i += 2)
        done = PyDict_SetItem(dict, PyTuple_GET_ITEM(message->others, i), Py_None) == 0;
    if (done)
        tuple = PySequence_Tuple(dict);
    Py_XDECREF(dict);
    return tuple;
}

/* ---------------------------------------------------------------- the rest -- */

/* <Message 3 uid=5 flags=["\\Seen"] ENVELOPE BODY[]> is for people alone. */
static PyObject *repr(PyObject *self)
{
    return decode_with(self, DECODE_REPR_MESSAGE, self);
}

static void dealloc(PyObject *self)
{
    message *message = MESSAGE(self);
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(message->flags);
    Py_XDECREF(message->envelope);
    Py_XDECREF(message->structure);
    Py_XDECREF(message->others);
    Py_XDECREF(message->problems);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"get", (PyCFunction)(void (*)(void))get, METH_FASTCALL,
     PyDoc_STR("The item of that name, or the default.")},
    {"keys", keys, METH_NOARGS, PyDoc_STR("The names of all items: a tuple.")},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("What one FETCH response says of a message.")},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_mp_subscript, subscript},
    {Py_sq_contains, contains},
    {0, NULL},
};

PyType_Spec message_spec = {
    .name = "twisted_imapc.client.Message",
    .basicsize = sizeof(message),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
