/* twisted_imapc._imapc: set-up of the module, and the end of its state. */
#include "batches.h"
#include "envelope.h"
#include "flags.h"
#include "message.h"
#include "parser.h"
#include "ranges.h"
#include "state.h"

static PyObject *type_version(PyObject *Py_UNUSED(module), PyObject *type)
{
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "typeVersion() takes a class");
        return NULL;
    }
    return PyLong_FromUnsignedLong(cpython_type_version((PyTypeObject *)type));
}

static PyObject *code_of(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyBytes_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "codeOf() takes bytes");
        return NULL;
    }
    imapc_text code = imapc_code_of(
        (imapc_text){PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text)});
    if (!code.at)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(code.at, (Py_ssize_t)code.length);
}

static PyMethodDef module_methods[] = {
    {"codeOf", code_of, METH_O,
     PyDoc_STR("The inside of the brackets that a resp-text begins with, or None.")},
    {"hasAny", (PyCFunction)(void (*)(void))has_any_function, METH_FASTCALL,
     PyDoc_STR("Whether one of these names is a key.")},
    {"typeVersion", type_version, METH_O,
     PyDoc_STR("A number that a class has until it is changed, or 0.")},
    {"envelope", envelope_function, METH_O,
     PyDoc_STR("The Envelope of the values of one, in a tuple.")},
    {"ranges", ranges_function, METH_O,
     PyDoc_STR("A set of numbers as bytes: of an iterable of int, or of a sequence-set.")},
    {"in_ranges", (PyCFunction)(void (*)(void))in_ranges_function, METH_FASTCALL,
     PyDoc_STR("Whether ranges have a number.")},
    {"joinRanges", (PyCFunction)(void (*)(void))join_ranges_function, METH_FASTCALL,
     PyDoc_STR("All that is in any of these sets.")},
    {"subtractRanges", (PyCFunction)(void (*)(void))subtract_ranges_function, METH_FASTCALL,
     PyDoc_STR("What is in the first set and not in the second.")},
    {"countRanges", count_ranges_function, METH_VARARGS,
     PyDoc_STR("How many numbers the ranges from one index to another have.")},
    {NULL, NULL, 0, NULL},
};

/* The type, a new reference, or NULL with a Python exception set. */
static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type && PyModule_AddType(module, type) < 0)
        Py_CLEAR(type);
    return type;
}

static int module_exec(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (!pool_init(&state->pool) || !collector_init(&state->collector))
        return -1;
    PyTypeObject *parser_type = add_type(module, &parser_spec);
    PyTypeObject *batches_type = add_type(module, &batches_spec);
    state->message_type = add_type(module, &message_spec);
    state->envelope_type = add_type(module, &envelope_spec);
    state->address_type = add_type(module, &address_spec);
    bool done = parser_type && batches_type && state->message_type &&
                state->envelope_type && state->address_type;
    Py_XDECREF(parser_type);
    Py_XDECREF(batches_type);
    return done ? 0 : -1;
}

static void clear_list_heads(module_state *state)
{
    for (size_t i = 0; i < LIST_HEADS; i++) {
        Py_CLEAR(state->list_heads[i].octets);
        Py_CLEAR(state->list_heads[i].flags);
        Py_CLEAR(state->list_heads[i].delimiter);
    }
}

/* A type and a function in Python know their modules, which know ours; all else that the
 * state holds, strings, tuples of them and functions of gc, leads nowhere. */
static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    if (!state)
        return 0; /* exec was never reached */
    Py_VISIT(state->message_type);
    Py_VISIT(state->envelope_type);
    Py_VISIT(state->address_type);
    for (size_t i = 0; i < DECODE_COUNT; i++)
        Py_VISIT(state->decode[i]);
    return 0;
}

static int module_clear(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (!state)
        return 0;
    Py_CLEAR(state->message_type);
    Py_CLEAR(state->envelope_type);
    Py_CLEAR(state->address_type);
    for (size_t i = 0; i < DECODE_COUNT; i++)
        Py_CLEAR(state->decode[i]);
    return 0;
}

static void module_free(void *module)
{
    module_state *state = PyModule_GetState(module);
    if (!state)
        return;
    module_clear(module);
    pool_clear(&state->pool);
    collector_clear(&state->collector);
    clear_list_heads(state);
    flags_clear(&state->flags);
    absent_clear(state->absent);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef imapc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "twisted_imapc._imapc",
    .m_doc = PyDoc_STR("IMAP responses, parsed while they arrive."),
    .m_size = sizeof(module_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__imapc(void)
{
    return PyModuleDef_Init(&imapc_module);
}
