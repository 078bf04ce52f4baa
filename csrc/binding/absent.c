/* A dict without a version is looked through each time. */
#include "absent.h"

#include "state.h"

/* Whether names were looked for in this dict since it was changed last. */
static bool is_known(const absent *known, uint64_t version, PyObject *names)
{
    return version && known->version == version && known->names == names;
}

/* A loop over the names, of which there are fewer than keys; a set's isdisjoint() takes
 * two to three times as long. */
static int look(PyObject *keys, PyObject *names)
{
    int found = 0;
    for (Py_ssize_t i = 0; !found && i < PyTuple_GET_SIZE(names); i++)
        found = PyDict_Contains(keys, PyTuple_GET_ITEM(names, i));
    return found;
}

PyObject *has_any_function(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyDict_Check(arguments[0]) || !PyTuple_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "hasAny() takes a dict and a tuple");
        return NULL;
    }
    PyObject *keys = arguments[0], *names = arguments[1];
    module_state *state = PyModule_GetState(module);
    absent *known = &state->absent[(uintptr_t)keys / sizeof(PyDictObject) % ABSENT];
    /* A comparison may change the dict: its version before that is what counts. */
    uint64_t version = cpython_dict_version(keys);
    if (is_known(known, version, names))
        Py_RETURN_FALSE;
    int found = look(keys, names);
    if (found == 0 && version) {
        known->version = version;
        Py_XSETREF(known->names, Py_NewRef(names));
    }
    return found < 0 ? NULL : PyBool_FromLong(found);
}

void absent_clear(absent absent[ABSENT])
{
    for (size_t i = 0; i < ABSENT; i++)
        Py_CLEAR(absent[i].names);
}
