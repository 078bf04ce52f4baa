/* Lists of flags: parsed once, and then known by their octets. */
#include "flags.h"

#include <string.h>

/* A longer list, which no server has, is not worth keeping. */
enum { LONGEST_KEPT = 512 };

void flags_clear(flags_memo *memo)
{
    for (size_t i = 0; i < FLAGS_MEMO; i++) {
        Py_CLEAR(memo->entries[i].octets);
        Py_CLEAR(memo->entries[i].flags);
    }
}

/* ------------------------------------------------------------- spelling -- */

/* Of RFC 9051, RFC 3501, RFC 6154 and RFC 8457; any case is right on the wire. */
static const char *const system_flags[] = {
    "\\Seen",   "\\Answered",    "\\Flagged",    "\\Deleted",     "\\Draft",
    "\\Recent", "\\Noinferiors", "\\Noselect",   "\\HasChildren", "\\HasNoChildren",
    "\\Marked", "\\Unmarked",    "\\Subscribed", "\\Remote",      "\\NonExistent",
    "\\All",    "\\Archive",     "\\Drafts",     "\\Junk",        "\\Sent",
    "\\Trash",  "\\Important",
};

static bool same_word(const char *one, const char *other, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (Py_TOLOWER(one[i]) != Py_TOLOWER(other[i]))
            return false;
    return true;
}

/* The RFC's spelling of a flag that it knows, or the flag as it is. */
static imapc_text spelled(imapc_text flag)
{
    for (size_t i = 0; i < sizeof system_flags / sizeof *system_flags; i++)
        if (strlen(system_flags[i]) == flag.length &&
            same_word(flag.at, system_flags[i], flag.length))
            return (imapc_text){system_flags[i], flag.length};
    return flag;
}

/* ------------------------------------------------------------ the memo -- */

/* What an equal list gave: equal octets from "(" to the ")" that closed them parse
 * alike.  at is where the list begins. */
static bool known(const flags_entry *entry, const imapc_cursor *cursor, imapc_text list)
{
    return entry->octets && (size_t)PyBytes_GET_SIZE(entry->octets) == list.length &&
           memcmp(PyBytes_AS_STRING(entry->octets), list.at, list.length) == 0 &&
           entry->lists <= cursor->lists_left && entry->elements <= cursor->elements_left &&
           cursor->depth < cursor->limits->depth;
}

static void pass(const flags_entry *entry, imapc_cursor *cursor, imapc_text list)
{
    cursor->at = list.at + list.length;
    cursor->elements_left -= entry->elements;
    cursor->lists_left -= entry->lists;
}

/* From the next "(" up to the first ")": the list, unless that is in quotes. */
static imapc_text next_list(const imapc_cursor *cursor)
{
    const char *at = cursor->at, *end = cursor->end;
    if (at < end && *at == ' ')
        at++;
    const char *close = at < end && *at == '(' ? memchr(at, ')', (size_t)(end - at)) : NULL;
    return close ? text_between(at, close + 1) : (imapc_text){NULL, 0};
}

static flags_entry *entry_of(flags_memo *memo, imapc_text list)
{
    short_key key = pool_key(list);
    uint64_t mixed = (key.first ^ key.middle << 2 ^ key.last << 1 ^ list.length) *
                     UINT64_C(0x9E3779B97F4A7C15);
    return &memo->entries[mixed >> (64 - FLAGS_MEMO_BITS)];
}

static bool keep(flags_entry *entry, imapc_text list, PyObject *flags, size_t elements,
                 size_t lists)
{
    PyObject *octets = PyBytes_FromStringAndSize(list.at, (Py_ssize_t)list.length);
    if (!octets)
        return false;
    Py_XSETREF(entry->octets, octets);
    Py_XSETREF(entry->flags, Py_NewRef(flags));
    entry->elements = elements;
    entry->lists = lists;
    return true;
}

/* ------------------------------------------------------------- parsing -- */

static bool push_flag(builder *builder, const imapc_token *token)
{
    imapc_token spelling = *token;
    if (token->kind != TOKEN_LITERAL && !token->escaped)
        spelling.text = spelled(token->text);
    return builder_string(builder, &spelling);
}

/* flag-list = "(" [flag *(SP flag)] ")" */
static imapc_result parse(builder *builder, imapc_cursor *cursor, PyObject **flags)
{
    imapc_token flag;
    size_t first = builder->count;
    builder->form = FORM_TEXT;
    imapc_result result = imapc_flags_begin(cursor);
    while (!result && !(result = imapc_flags_next(cursor, &flag)))
        result = builder_took(push_flag(builder, &flag));
    if (result != IMAPC_END)
        return result;
    PyObject *tuple = builder_tuple(builder, first);
    *flags = tuple ? PyFrozenSet_New(tuple) : NULL;
    Py_XDECREF(tuple);
    return builder_took(*flags != NULL);
}

imapc_result flags_parse(flags_memo *memo, builder *builder, imapc_cursor *cursor,
                         PyObject **flags)
{
    imapc_text list = next_list(cursor);
    flags_entry *entry = list.at ? entry_of(memo, list) : NULL;
    if (entry && known(entry, cursor, list)) {
        pass(entry, cursor, list);
        *flags = Py_NewRef(entry->flags);
        return IMAPC_OK;
    }
    imapc_cursor start = *cursor;
    imapc_result result = parse(builder, cursor, flags);
    if (result || !entry || cursor->span != start.span ||
        cursor->at != list.at + list.length)
        return result;
    if (keep(entry, list, *flags, start.elements_left - cursor->elements_left,
             start.lists_left - cursor->lists_left))
        return IMAPC_OK;
    Py_CLEAR(*flags);
    return IMAPC_SINK;
}

/* ------------------------------------------------- as the server sends them -- */

/* A list of its own for each message. */
static bool push_copy(builder *builder, PyObject *tuple)
{
    size_t count = (size_t)PyTuple_GET_SIZE(tuple);
    PyObject *const *flags = PySequence_Fast_ITEMS(tuple);
    PyObject *list = cpython_list(flags, count);
    for (size_t i = 0; list && i < count; i++)
        Py_INCREF(flags[i]);
    return builder_push(builder, list);
}

/* Keep the list on top of the stack, if it is a short one of strings: that outlives the
 * connection. */
static bool keep_list(builder *builder, const imapc_cursor *cursor, flags_entry *entry,
                      imapc_text list, const imapc_cursor *start)
{
    size_t lists = start->lists_left - cursor->lists_left;
    if (cursor->span != start->span || cursor->at != list.at + list.length || lists != 1 ||
        list.length > LONGEST_KEPT)
        return true;
    PyObject *flags = PyList_AsTuple(builder->values[builder->count - 1]);
    bool done = flags && keep(entry, list, flags,
                              start->elements_left - cursor->elements_left, lists);
    Py_XDECREF(flags);
    return done;
}

imapc_result flags_push(flags_memo *memo, builder *builder, imapc_cursor *cursor)
{
    imapc_text list = next_list(cursor);
    if (!list.at || builder->form != FORM_TEXT)
        return builder_value(builder, cursor);
    flags_entry *entry = entry_of(memo, list);
    if (known(entry, cursor, list)) {
        pass(entry, cursor, list);
        return builder_took(push_copy(builder, entry->flags));
    }
    imapc_cursor start = *cursor;
    imapc_result result = builder_value(builder, cursor);
    return result ? result : builder_took(keep_list(builder, cursor, entry, list, &start));
}
