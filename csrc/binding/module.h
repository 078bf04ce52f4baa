/* The module's state: what all parsers of one interpreter share. */
#ifndef BINDING_MODULE_H
#define BINDING_MODULE_H

#include "cpython.h"

#include "imapc.h"

/* The first members of hand-overs, and the keys of select()'s result. */
/* clang-format off */
#define NAMES(X) \
    X(greeting, "greeting") \
    X(tagged, "tagged") \
    X(stray, "stray") \
    X(plus, "+") \
    X(exists, "exists") \
    X(recent, "recent") \
    X(expunge, "expunge") \
    X(flags, "flags") \
    X(mode, "mode") \
    X(bye, "bye") \
    X(unhandled, "unhandled") \
    X(bad, "bad") \
    X(error, "error") \
    X(framing, "framing") \
    X(too_large, "too large") \
    X(READ_WRITE, "READ-WRITE") \
    X(FLAGS, "FLAGS") \
    X(EXISTS, "EXISTS") \
    X(RECENT, "RECENT") \
    X(UNSEEN, "UNSEEN") \
    X(UIDNEXT, "UIDNEXT") \
    X(UIDVALIDITY, "UIDVALIDITY") \
    X(PERMANENTFLAGS, "PERMANENTFLAGS")
/* clang-format on */

enum name {
#define X(name, text) NAME_##name,
    NAMES(X)
#undef X
        NAME_COUNT
};

enum {
    ITEM_COUNT = 24,   /* names of FETCH and STATUS items, see module.c */
    CACHE_SIZE = 4096, /* short strings that come again and again */
    CACHE_LENGTH = 24  /* octets of the longest among them */
};

typedef struct module_state {
    PyTypeObject *parser_type;
    PyObject *names[NAME_COUNT];
    PyObject *items[ITEM_COUNT];
    PyObject *cache[CACHE_SIZE];
} module_state;

extern struct PyModuleDef imapc_module;
extern PyType_Spec parser_spec;

/* The interned name of an item in upper case where it is a known one, else the
 * text as it is; NULL with ValueError where that is not ASCII. */
PyObject *module_item(module_state *state, imapc_text name);

/* A latin-1 str, from the cache where it is short. */
PyObject *module_text(module_state *state, imapc_text text);

#endif
