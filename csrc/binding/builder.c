/* Values in their final form, each built once. */
#include "builder.h"

#include <string.h>

#include "literal.h"
#include "memory.h"
#include "repeat.h"

/* Names that are kept as they came: a server may tell of any number, asked or not. */
enum { MOST_MAILBOXES = 65536 };

void builder_free(builder *builder)
{
    builder_clear(builder);
    PyMem_Free(builder->values);
    PyMem_Free(builder->marks);
    PyMem_Free(builder->scratch);
    builder->values = NULL;
    builder->marks = NULL;
    builder->scratch = NULL;
    builder->capacity = builder->mark_capacity = builder->scratch_capacity = 0;
}

PyObject *builder_mailboxes(builder *builder)
{
    if (!builder->mailboxes)
        builder->mailboxes = PyDict_New();
    return builder->mailboxes;
}

bool builder_grow(builder *builder)
{
    void *block = builder->values;
    bool roomy = memory_grow(&block, &builder->capacity, builder->count + 1,
                             sizeof(PyObject *));
    builder->values = block;
    return roomy;
}

void builder_drop(builder *builder, size_t first, size_t count)
{
    PyObject **values = builder->values + first;
    for (size_t i = 0; i < count; i++)
        Py_DECREF(values[i]);
    builder->count -= count;
    memmove(values, values + count, (builder->count - first) * sizeof *values);
}

PyObject *builder_list(builder *builder, size_t first)
{
    PyObject *list = cpython_list(builder->values + first, builder->count - first);
    if (list)
        builder->count = first;
    return list;
}

PyObject *builder_tuple(builder *builder, size_t first)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)(builder->count - first));
    if (!tuple)
        return NULL;
    for (size_t i = first; i < builder->count; i++)
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)(i - first), builder->values[i]);
    builder->count = first;
    return tuple;
}

/* A copy of text in scratch, without the backslash of each escape, or upper-case. */
static bool rewrite(builder *builder, imapc_text text, bool escaped, imapc_text *copy)
{
    void *block = builder->scratch;
    bool roomy = memory_grow(&block, &builder->scratch_capacity, text.length, 1);
    builder->scratch = block;
    if (!roomy)
        return false;
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        if (escaped && octet == '\\' && i + 1 < text.length)
            octet = text.at[++i];
        if (builder->section && octet >= 'a' && octet <= 'z')
            octet = (char)(octet - 'a' + 'A');
        builder->scratch[length++] = octet;
    }
    *copy = (imapc_text){builder->scratch, length};
    return true;
}

/* A name that is not UTF-7 is shown as what it most likely is. */
static PyObject *undecodable_mailbox(imapc_text name)
{
    PyObject *text = PyUnicode_DecodeUTF8(name.at, (Py_ssize_t)name.length, "strict");
    if (!text && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        text = PyUnicode_DecodeLatin1(name.at, (Py_ssize_t)name.length, NULL);
    }
    return text;
}

static PyObject *ascii_of(imapc_text text)
{
    PyObject *made = PyUnicode_New((Py_ssize_t)text.length, 127);
    if (made)
        memcpy(PyUnicode_1BYTE_DATA(made), text.at, text.length);
    return made;
}

static PyObject *mailbox_of(builder *builder, imapc_text name)
{
    if (scan_all_direct(name.at, name.at + name.length))
        return ascii_of(name);
    uint32_t *points = PyMem_New(uint32_t, name.length);
    if (!points)
        return PyErr_NoMemory();
    size_t count;
    bool canonical = false;
    PyObject *text = imapc_utf7_decode(name, points, &count, &canonical)
                         ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, points,
                                                     (Py_ssize_t)count)
                         : undecodable_mailbox(name);
    PyMem_Free(points);
    if (!text || canonical || !builder->remember)
        return text;
    PyObject *mailboxes = builder_mailboxes(builder);
    if (mailboxes && PyDict_GET_SIZE(mailboxes) >= MOST_MAILBOXES)
        return text;
    PyObject *octets = PyBytes_FromStringAndSize(name.at, (Py_ssize_t)name.length);
    if (!mailboxes || !octets || PyDict_SetItem(mailboxes, text, octets) < 0)
        Py_CLEAR(text);
    Py_XDECREF(octets);
    return text;
}

static inline PyObject *string_of(builder *builder, imapc_text text)
{
    switch (builder->form) {
    case FORM_TEXT:
        return pool_text(&builder->state->pool, text);
    case FORM_MAILBOX:
        return mailbox_of(builder, text);
    default:
        return PyBytes_FromStringAndSize(text.at, (Py_ssize_t)text.length);
    }
}

static inline bool push_text(builder *builder, imapc_text text, bool escaped)
{
    imapc_text copy;
    if (!escaped && !builder->section)
        return builder_push(builder, string_of(builder, text));
    return rewrite(builder, text, escaped, &copy) &&
           builder_push(builder, string_of(builder, copy));
}

/* A literal is an object already, mostly of the right type: not so where it began
 * before the command was sent that collects it, or is the name of a mailbox. */
static bool push_literal(builder *builder, PyObject *object)
{
    bool fits = builder->form == FORM_TEXT
                    ? PyUnicode_Check(object)
                    : builder->form == FORM_BYTES && PyBytes_Check(object);
    if (fits && !builder->section)
        return builder_push(builder, Py_NewRef(object));
    return push_text(builder, literal_object_octets(object), false);
}

static inline bool push_string(builder *builder, const imapc_token *token)
{
    if (token->kind == TOKEN_LITERAL)
        return push_literal(builder, *token->literal);
    return push_text(builder, token->text, token->escaped);
}

static bool grow_marks(builder *builder)
{
    void *block = builder->marks;
    bool roomy = memory_grow(&block, &builder->mark_capacity, builder->mark_count + 1,
                             sizeof(size_t));
    builder->marks = block;
    return roomy;
}

static inline bool begin_list(builder *builder)
{
    if (builder->mark_count == builder->mark_capacity && !grow_marks(builder))
        return false;
    builder->marks[builder->mark_count++] = builder->count;
    if (builder->mark_count > 1)
        builder->section = false; /* the names of header fields stay as they are */
    return true;
}

static bool end_list(builder *builder)
{
    PyObject *list = builder_list(builder, builder->marks[--builder->mark_count]);
    return builder_push(builder, list);
}

bool builder_mark(builder *builder)
{
    return begin_list(builder);
}

bool builder_string(builder *builder, const imapc_token *token)
{
    return push_string(builder, token);
}

bool builder_nstring(builder *builder, const imapc_token *token)
{
    if (cursor_is_nil(token->kind, token->text))
        return builder_push(builder, Py_NewRef(Py_None));
    return push_string(builder, token);
}

/* What the next token of a value is.  Of the common forms it is known at once; the others
 * are TOKEN_LITERAL here, where they are no parentheses: token tells what they are. */
static inline imapc_result next_token(imapc_cursor *cursor, size_t base, imapc_text *text,
                                      imapc_token_kind *kind, imapc_token *token)
{
    const char *from = cursor->at, *end = cursor->end, *behind;
    char first = from < end ? *from : '\0'; /* a NUL is left to the general rule */
    if (first == ' ')
        first = ++from < end ? *from : '\0';
    if (first == '"') {
        if ((behind = cursor_plain_quoted(from + 1, end))) {
            cursor->at = behind + 1;
            *text = text_between(from + 1, behind);
            *kind = TOKEN_QUOTED;
            return cursor_count(cursor);
        }
    } else if (first == '(') {
        cursor->at = from + 1;
        *kind = TOKEN_OPEN;
        return cursor_value_open(cursor, TOKEN_OPEN);
    } else if (first == ')') {
        cursor->at = from + 1;
        *kind = TOKEN_CLOSE;
        return cursor_value_close(cursor, base, TOKEN_CLOSE);
    } else if (first && (behind = cursor_plain_atom(from, end))) {
        cursor->at = behind;
        *text = text_between(from, behind);
        *kind = TOKEN_ATOM;
        return cursor_count(cursor);
    }
    imapc_result result = cursor_value_token(cursor, base, token);
    *kind = token->kind == TOKEN_OPEN || token->kind == TOKEN_SECTION_OPEN ? TOKEN_OPEN
            : token->kind == TOKEN_CLOSE || token->kind == TOKEN_SECTION_CLOSE
                ? TOKEN_CLOSE
                : TOKEN_LITERAL;
    return result;
}

/* A list that is being read, as it was found: what may stand behind it once more. */
typedef struct sibling {
    const char *from; /* its parenthesis */
    size_t span;
    size_t lists_left;
    size_t elements_left;
} sibling;

/* The cursor is behind its parenthesis, which is counted. */
static inline sibling sibling_of(const imapc_cursor *cursor)
{
    return (sibling){cursor->at - 1, cursor->span, cursor->lists_left + 1,
                     cursor->elements_left + 1};
}

/* A list like this one, of other lists and the same strings; NULL without an exception
 * where lists are nested deeper in it. */
static PyObject *list_again(PyObject *list)
{
    Py_ssize_t count = PyList_GET_SIZE(list);
    PyObject *copy = PyList_GetSlice(list, 0, count);
    for (Py_ssize_t i = 0; copy && i < count; i++) {
        PyObject *inner = PyList_GET_ITEM(list, i);
        if (!PyList_CheckExact(inner))
            continue;
        Py_ssize_t length = PyList_GET_SIZE(inner);
        bool flat = true;
        for (Py_ssize_t j = 0; flat && j < length; j++)
            flat = !PyList_CheckExact(PyList_GET_ITEM(inner, j));
        PyObject *again = flat ? PyList_GetSlice(inner, 0, length) : NULL;
        if (!again || PyList_SetItem(copy, i, again) < 0)
            Py_CLEAR(copy);
    }
    return copy;
}

/*
 * envelope = "(" ... env-from SP env-sender SP env-reply-to SP ... ")"
 *
 * These three are the same in most messages, and need not be read three times: push the
 * list that has just ended as often as its octets stand there once more.
 */
static bool push_again(builder *builder, imapc_cursor *cursor, const sibling *sibling)
{
    if (cursor->span != sibling->span)
        return true; /* a literal is in it */
    repeat list = {text_between(sibling->from, cursor->at),
                   sibling->lists_left - cursor->lists_left,
                   sibling->elements_left - cursor->elements_left};
    while (cursor->at < cursor->end && *cursor->at == ' ' &&
           repeat_stands(&list, cursor, cursor->at + 1)) {
        PyObject *again = list_again(builder->values[builder->count - 1]);
        if (!again)
            return !PyErr_Occurred();
        if (!builder_push(builder, again))
            return false;
        repeat_pass(&list, cursor, cursor->at + 1);
    }
    return true;
}

imapc_result builder_value(builder *builder, imapc_cursor *cursor)
{
    size_t base = cursor->depth;
    bool plain = builder->form == FORM_TEXT && !builder->section;
    sibling sibling = {NULL, 0, 0, 0};
    do {
        imapc_token token;
        imapc_token_kind kind;
        imapc_text text;
        imapc_result result = next_token(cursor, base, &text, &kind, &token);
        if (result)
            return result;
        bool pushed;
        switch (kind) {
        case TOKEN_OPEN:
            pushed = begin_list(builder);
            if (cursor->depth == base + 2 && plain)
                sibling = sibling_of(cursor);
            break;
        case TOKEN_CLOSE:
            pushed = end_list(builder);
            if (cursor->depth == base + 1 && plain && pushed &&
                cursor->end - cursor->at > 1 && cursor->at[1] == '(')
                pushed = push_again(builder, cursor, &sibling);
            break;
        case TOKEN_ATOM:
            if (cursor_is_nil(TOKEN_ATOM, text)) {
                /* More of them often follow in a list: "NIL NIL NIL)". */
                do
                    pushed = builder_push(builder, Py_NewRef(Py_None));
                while (pushed && cursor->depth > base && cursor_plain_nil(cursor));
                break;
            }
            /* fall through */
        case TOKEN_QUOTED:
            pushed = plain ? builder_push(builder, pool_text(&builder->state->pool, text))
                           : push_text(builder, text, false);
            break;
        default:
            pushed = builder_nstring(builder, &token);
        }
        if (!pushed)
            return IMAPC_SINK;
    } while (cursor->depth > base);
    return IMAPC_OK;
}

imapc_result builder_values(builder *builder, imapc_cursor *cursor)
{
    imapc_result result;
    while (!(result = builder_value(builder, cursor)))
        ;
    return result == IMAPC_END ? IMAPC_OK : result;
}

imapc_result builder_mailbox(builder *builder, imapc_cursor *cursor)
{
    imapc_text plain;
    if (cursor_plain_mailbox(cursor, &plain))
        return builder_took(builder_push(builder, ascii_of(plain)));
    imapc_token name;
    imapc_result result = imapc_parse_mailbox(cursor, &name);
    if (result)
        return result;
    builder->remember = true;
    bool pushed = builder_string(builder, &name);
    builder->remember = false;
    return builder_took(pushed);
}

imapc_result builder_flags(builder *builder, imapc_cursor *cursor)
{
    imapc_token flag;
    imapc_result result = imapc_flags_begin(cursor);
    while (!result && !(result = imapc_flags_next(cursor, &flag)))
        result = builder_took(builder_string(builder, &flag));
    return result == IMAPC_END ? IMAPC_OK : result;
}
