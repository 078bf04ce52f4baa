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
    X(malformed, "malformed") \
    X(error, "error") \
    X(messages, "messages") \
    X(fetch, "fetch") \
    X(state, "state") \
    X(vanished, "vanished") \
    X(list, "list") \
    X(lsub, "lsub") \
    X(status, "status") \
    X(search, "search") \
    X(sort, "sort") \
    X(other, "other") \
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
    ITEM_FLAGS,      /* the one item whose name the code looks at */
    ITEM_COUNT = 26, /* names of FETCH and STATUS items */
    CACHE_BITS = 9,  /* 16 KB, which stay in the processor's own cache */
    CACHE_SIZE = 1 << CACHE_BITS,
    CACHE_LENGTH = 24 /* octets of the longest string in it */
};

/* All octets of a short string; with its length they are its identity. */
typedef struct short_key {
    uint64_t first;
    uint64_t middle;
    uint64_t last;
} short_key;

/* Of four words: two of them in a line of the processor's cache. */
typedef struct short_text {
    short_key key;
    PyObject *object; /* str, or NULL */
} short_text;

typedef struct pool {
    PyObject *names[NAME_COUNT];  /* interned */
    short_text items[ITEM_COUNT]; /* interned */
    short_text cache[CACHE_SIZE]; /* those that came last */
} pool;

/* False with a Python exception set. */
bool pool_init(pool *pool);
void pool_clear(pool *pool);

/* The name of a known item in upper case, however the server spells it; borrowed,
 * and NULL without an exception for another. */
PyObject *pool_item(const pool *pool, imapc_text name);

/* A latin-1 str that is not in the cache; kept, where it is not NULL, is where it is to
 * be from now on.  A new reference. */
PyObject *pool_make_text(imapc_text text, short_text *kept, short_key key);

/* The words overlap where there are fewer octets than they hold: no octet beyond the
 * string is read, and which comes first in memory does not matter. */
static inline short_key pool_key(imapc_text text)
{
    short_key key = {0, 0, 0};
    if (text.length >= 8) {
        memcpy(&key.first, text.at, 8);
        memcpy(&key.last, text.at + text.length - 8, 8);
        if (text.length > 16)
            memcpy(&key.middle, text.at + 8, 8);
    } else if (text.length >= 4) {
        uint32_t first, last;
        memcpy(&first, text.at, 4);
        memcpy(&last, text.at + text.length - 4, 4);
        key = (short_key){first, 0, last};
    } else {
        key.first = (unsigned char)text.at[0];
        key.last = (unsigned char)text.at[text.length / 2] |
                   (uint64_t)(unsigned char)text.at[text.length - 1] << 8;
    }
    return key;
}

static inline bool short_text_is(const short_text *known, short_key key, size_t length)
{
    return known->key.first == key.first && known->key.middle == key.middle &&
           known->key.last == key.last && known->object &&
           (size_t)PyUnicode_GET_LENGTH(known->object) == length;
}

/* A latin-1 str, from the cache where it is short; a new reference. */
static inline PyObject *pool_text(pool *pool, imapc_text text)
{
    if (text.length - 1 >= CACHE_LENGTH) /* none, or too many */
        return pool_make_text(text, NULL, (short_key){0, 0, 0});
    short_key key = pool_key(text);
    uint64_t mixed = (key.first ^ key.last << 1 ^ text.length) *
                     UINT64_C(0x9E3779B97F4A7C15);
    short_text *kept = &pool->cache[mixed >> (64 - CACHE_BITS)];
    if (short_text_is(kept, key, text.length))
        return Py_NewRef(kept->object);
    return pool_make_text(text, kept, key);
}

#endif
