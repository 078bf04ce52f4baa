/* twisted_imapc._imapc: set-up, and the strings that parsers share. */
#include "module.h"

#include <string.h>

static const char *const name_texts[NAME_COUNT] = {
#define X(name, text) text,
    NAMES(X)
#undef X
};

/* Known names come out in upper case, however the server spells them. */
static const char *const item_texts[ITEM_COUNT] = {
    "FLAGS",        "UID",         "ENVELOPE",    "BODY",         "BODYSTRUCTURE",
    "INTERNALDATE", "RFC822",      "RFC822.SIZE", "RFC822.TEXT",  "RFC822.HEADER",
    "BINARY",       "BINARY.SIZE", "BODY.PEEK",   "BINARY.PEEK",  "MODSEQ",
    "MESSAGES",     "RECENT",      "UIDNEXT",     "UIDVALIDITY",  "UNSEEN",
    "SIZE",         "DELETED",     "APPENDLIMIT", "HIGHESTMODSEQ"};

PyObject *module_item(module_state *state, imapc_text name)
{
    for (size_t i = 0; i < ITEM_COUNT; i++)
        if (imapc_is_keyword(name, item_texts[i]))
            return Py_NewRef(state->items[i]);
    for (size_t i = 0; i < name.length; i++) {
        if ((unsigned char)name.at[i] >= 0x80) {
            PyErr_SetNone(PyExc_ValueError);
            return NULL;
        }
    }
    return module_text(state, name);
}

static size_t hash(imapc_text text)
{
    size_t value = text.length;
    for (size_t i = 0; i < text.length; i++)
        value = value * 31 + (unsigned char)text.at[i];
    return value ^ value >> 15;
}

PyObject *module_text(module_state *state, imapc_text text)
{
    if (text.length < 2 || text.length > CACHE_LENGTH)
        return PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    PyObject **place = &state->cache[hash(text) % CACHE_SIZE];
    PyObject *kept = *place;
    if (kept && PyUnicode_GET_LENGTH(kept) == (Py_ssize_t)text.length &&
        memcmp(PyUnicode_1BYTE_DATA(kept), text.at, text.length) == 0)
        return Py_NewRef(kept);
    PyObject *made = PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    if (made)
        Py_XSETREF(*place, Py_NewRef(made));
    return made;
}

static bool intern_all(PyObject **objects, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(objects[i] = PyUnicode_InternFromString(texts[i])))
            return false;
    return true;
}

static int module_exec(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    if (!intern_all(state->names, name_texts, NAME_COUNT) ||
        !intern_all(state->items, item_texts, ITEM_COUNT))
        return -1;
    state->parser_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &parser_spec,
                                                                  NULL);
    if (!state->parser_type)
        return -1;
    return PyModule_AddType(module, state->parser_type);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    Py_VISIT(state->parser_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->parser_type);
    for (size_t i = 0; i < NAME_COUNT; i++)
        Py_CLEAR(state->names[i]);
    for (size_t i = 0; i < ITEM_COUNT; i++)
        Py_CLEAR(state->items[i]);
    for (size_t i = 0; i < CACHE_SIZE; i++)
        Py_CLEAR(state->cache[i]);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

struct PyModuleDef imapc_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "twisted_imapc._imapc",
    .m_doc = PyDoc_STR("IMAP responses, parsed while they arrive."),
    .m_size = sizeof(module_state),
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__imapc(void)
{
    return PyModuleDef_Init(&imapc_module);
}
