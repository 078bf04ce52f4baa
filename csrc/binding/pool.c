/* Interned names, and a cache of short strings. */
#include "pool.h"

#include "ascii.h"

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
    "DELETED-STORAGE",
    "MAILBOXID",
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
    for (size_t i = 0; i < CACHE_SIZE; i++)
        Py_CLEAR(pool->cache[i].object);
}

PyObject *pool_item(const pool *pool, imapc_text name)
{
    for (size_t i = 0; i < ITEM_COUNT; i++)
        if (name.length == (size_t)PyUnicode_GET_LENGTH(pool->items[i]) &&
            (memcmp(name.at, item_texts[i], name.length) == 0 ||
             imapc_is_keyword(name, item_texts[i])))
            return pool->items[i];
    return NULL;
}

/* Copied and looked at in one walk: nearly all is ASCII. */
static PyObject *latin1(imapc_text text)
{
    if (text.length < 2) /* CPython has these */
        return PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    PyObject *made = PyUnicode_New((Py_ssize_t)text.length, 127);
    if (made &&
        ascii_copy((char *)PyUnicode_1BYTE_DATA(made), text.at, text.length) < text.length)
        Py_SETREF(made, PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL));
    return made;
}

PyObject *pool_make_text(imapc_text text, short_text *kept, short_key key)
{
    PyObject *made = latin1(text);
    if (made && kept) {
        kept->key = key;
        kept->length = text.length;
        Py_XSETREF(kept->object, Py_NewRef(made));
    }
    return made;
}
