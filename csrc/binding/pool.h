/* Strings that come again and again, made once for each interpreter. */
#ifndef BINDING_POOL_H
#define BINDING_POOL_H

#include "cpython.h"

#include "imapc.h"

/* The first members of events, and the keys of select()'s result. */
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

typedef enum name {
#define X(name, text) NAME_##name,
    NAMES(X)
#undef X
        NAME_COUNT
} name;

enum {
    ITEM_FLAGS,      /* the one item that is told apart */
    ITEM_COUNT = 24, /* names of FETCH and STATUS items */
    CACHE_SIZE = 4096,
    CACHE_LENGTH = 24 /* octets of the longest string in it */
};

typedef struct pool {
    PyObject *names[NAME_COUNT]; /* interned */
    PyObject *items[ITEM_COUNT]; /* interned */
    PyObject *cache[CACHE_SIZE]; /* short ones that came last, or NULL */
} pool;

/* False with a Python exception set. */
bool pool_init(pool *pool);
void pool_clear(pool *pool);

/* The name of a known item in upper case, however the server spells it; borrowed,
 * and NULL without an exception for another. */
PyObject *pool_item(const pool *pool, imapc_text name);

/* A latin-1 str, from the cache where it is short; a new reference. */
PyObject *pool_text(pool *pool, imapc_text text);

#endif
