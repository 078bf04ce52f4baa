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

bool pool_init(pool *pool)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (!(pool->names[i] = PyUnicode_InternFromString(name_texts[i])))
            return false;
    for (size_t i = 0; i < ITEM_COUNT; i++) {
        short_text *item = &pool->items[i];
        item->key = pool_key((imapc_text){item_texts[i], strlen(item_texts[i])});
        if (!(item->object = PyUnicode_InternFromString(item_texts[i])))
            return false;
    }
    return true;
}

static void clear_all(short_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        Py_CLEAR(texts[i].object);
}

void pool_clear(pool *pool)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        Py_CLEAR(pool->names[i]);
    clear_all(pool->items, ITEM_COUNT);
    clear_all(pool->cache, CACHE_SIZE);
}

PyObject *pool_item(const pool *pool, imapc_text name)
{
    if (name.length - 1 >= CACHE_LENGTH) /* none, or too many */
        return NULL;
    short_key key = pool_key(name);
    for (size_t i = 0; i < ITEM_COUNT; i++)
        if (short_text_is(&pool->items[i], key, name.length))
            return pool->items[i].object;
    for (size_t i = 0; i < ITEM_COUNT; i++)
        if (imapc_is_keyword(name, item_texts[i]))
            return pool->items[i].object;
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
        Py_XSETREF(kept->object, Py_NewRef(made));
    }
    return made;
}
