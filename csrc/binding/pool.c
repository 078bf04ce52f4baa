/* Interned names, and a cache of short strings. */
#include "pool.h"

#include <string.h>

static const char *const name_texts[NAME_COUNT] = {
#define X(name, text) text,
    NAMES(X)
#undef X
};

/* The commonest come first: they are looked for one after the other. */
static const char *const item_texts[ITEM_COUNT] = {
    [ITEM_FLAGS] = "FLAGS",
    "UID",
    "ENVELOPE",
    "BODY",
    "BODYSTRUCTURE",
    "INTERNALDATE",
    "RFC822",
    "RFC822.SIZE",
    "RFC822.TEXT",
    "RFC822.HEADER",
    "BINARY",
    "BINARY.SIZE",
    "BODY.PEEK",
    "BINARY.PEEK",
    "MODSEQ",
    "MESSAGES",
    "RECENT",
    "UIDNEXT",
    "UIDVALIDITY",
    "UNSEEN",
    "SIZE",
    "DELETED",
    "APPENDLIMIT",
    "HIGHESTMODSEQ",
};

static bool intern_all(PyObject **objects, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(objects[i] = PyUnicode_InternFromString(texts[i])))
            return false;
    return true;
}

bool pool_init(pool *pool)
{
    return intern_all(pool->names, name_texts, NAME_COUNT) &&
           intern_all(pool->items, item_texts, ITEM_COUNT);
}

static void clear_all(PyObject **objects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        Py_CLEAR(objects[i]);
}

void pool_clear(pool *pool)
{
    clear_all(pool->names, NAME_COUNT);
    clear_all(pool->items, ITEM_COUNT);
    clear_all(pool->cache, CACHE_SIZE);
}

PyObject *pool_item(const pool *pool, imapc_text name)
{
    for (size_t i = 0; i < ITEM_COUNT; i++)
        if (imapc_is_keyword(name, item_texts[i]))
            return pool->items[i];
    return NULL;
}

static size_t hash(imapc_text text)
{
    size_t value = text.length;
    for (size_t i = 0; i < text.length; i++)
        value = value * 31 + (unsigned char)text.at[i];
    return value ^ value >> 15;
}

PyObject *pool_text(pool *pool, imapc_text text)
{
    if (text.length < 2 || text.length > CACHE_LENGTH)
        return PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    PyObject **place = &pool->cache[hash(text) % CACHE_SIZE];
    PyObject *kept = *place;
    if (kept && PyUnicode_GET_LENGTH(kept) == (Py_ssize_t)text.length &&
        memcmp(PyUnicode_1BYTE_DATA(kept), text.at, text.length) == 0)
        return Py_NewRef(kept);
    PyObject *made = PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    if (made)
        Py_XSETREF(*place, Py_NewRef(made));
    return made;
}
