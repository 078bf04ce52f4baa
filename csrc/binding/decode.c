/* Functions of _structure, imported when the first is needed. */
#include "decode.h"

static const char *const names[DECODE_COUNT] = {
    [DECODE_INTERNAL_DATE] = "internalDate",
    [DECODE_PART] = "Part",
    [DECODE_PROBLEMS] = "problems",
    [DECODE_DATE] = "date",
    [DECODE_TEXT] = "text",
    [DECODE_UTF8] = "utf8",
    [DECODE_REPR_ENVELOPE] = "reprEnvelope",
    [DECODE_REPR_ADDRESS] = "reprAddress",
    [DECODE_REPR_MESSAGE] = "reprMessage",
};

static bool import_all(module_state *state)
{
    PyObject *module = PyImport_ImportModule("twisted_imapc._structure");
    if (!module)
        return false;
    bool done = true;
    for (size_t i = 0; done && i < DECODE_COUNT; i++)
        if (!state->decode[i])
            done = (state->decode[i] = PyObject_GetAttrString(module, names[i])) != NULL;
    Py_DECREF(module);
    return done;
}

PyObject *decode_function(PyObject *self, decode which)
{
    module_state *state = PyType_GetModuleState(Py_TYPE(self));
    if (!state || (!state->decode[which] && !import_all(state)))
        return NULL;
    return state->decode[which];
}

PyObject *decode_with(PyObject *self, decode which, PyObject *argument)
{
    PyObject *function = decode_function(self, which);
    return function ? PyObject_CallOneArg(function, argument) : NULL;
}
