/* twisted_imapc._imapc: set-up of the module, and the end of its state. */
#include "parser.h"
#include "state.h"

static PyObject *type_version(PyObject *Py_UNUSED(module), PyObject *type)
{
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "typeVersion() takes a class");
        return NULL;
    }
    return PyLong_FromUnsignedLong(cpython_type_version((PyTypeObject *)type));
}

/* A loop over the names, of which there are fewer than keys; the session asks before
 * each response, and a set's isdisjoint() takes two to three times as long. */
static PyObject *has_any(PyObject *Py_UNUSED(module), PyObject *const *arguments,
                         Py_ssize_t count)
{
    if (count != 2 || !PyDict_Check(arguments[0]) || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "hasAny() takes a dict and a tuple");
        return NULL;
    }
    int found = 0;
    for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(arguments[1]); i++)
        found = PyDict_Contains(arguments[0], PyTuple_GET_ITEM(arguments[1], i));
    return found < 0 ? NULL : PyBool_FromLong(found);
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
    {"hasAny", (PyCFunction)(void (*)(void))has_any, METH_FASTCALL,
     PyDoc_STR("Whether one of these names is a key.")},
    {"typeVersion", type_version, METH_O,
     PyDoc_STR("A number that a class has until it is changed, or 0.")},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (!pool_init(&state->pool))
        return -1;
    PyObject *type = PyType_FromModuleAndSpec(module, &parser_spec, NULL);
    int failed = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return failed;
}

static void clear_list_heads(module_state *state)
{
    for (size_t i = 0; i < LIST_HEADS; i++) {
        Py_CLEAR(state->list_heads[i].octets);
        Py_CLEAR(state->list_heads[i].flags);
        Py_CLEAR(state->list_heads[i].delimiter);
    }
}

/* The state holds strings and tuples of them: nothing that could be in a cycle,
 * so that the collector need not visit it. */
static void module_free(void *module)
{
    module_state *state = PyModule_GetState(module);
    if (!state)
        return; /* exec was never reached */
    pool_clear(&state->pool);
    clear_list_heads(state);
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
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__imapc(void)
{
    return PyModuleDef_Init(&imapc_module);
}
