/* The results of Twisted's client, each built in one pass over a response. */
#include "shapes.h"

#include <string.h>

#include "msg_att.h"
#include "octets.h"

const char *const shape_names[SHAPE_COUNT] = {
    NULL,   "raw",  "lines",  "capability", "fetch",     "fetch-flags", "fetch-flat",
    "list", "lsub", "search", "status",     "namespace", "expunge",     "select"};

/* ------------------------------------------------------------ helpers -- */

void shape_text_cursor(imapc_text text, imapc_framed *framed, imapc_span *span,
                       const imapc_limits *limits, imapc_cursor *cursor)
{
    *span = (imapc_span){.length = text.length};
    *framed = (imapc_framed){text.at, span, 1, false};
    imapc_cursor_init(cursor, framed, limits);
}

PyObject *shape_number(imapc_text digits)
{
    if (digits.length < IMAPC_MAX_DIGITS) {
        unsigned long long value = 0;
        for (size_t i = 0; i < digits.length; i++)
            value = value * 10 + (unsigned long long)(digits.at[i] - '0');
        return PyLong_FromUnsignedLongLong(value);
    }
    char text[IMAPC_MAX_DIGITS + 1];
    memcpy(text, digits.at, IMAPC_MAX_DIGITS);
    text[IMAPC_MAX_DIGITS] = '\0';
    return PyLong_FromString(text, NULL, 10);
}

/* dict[key] = value, whose references are taken; either may be NULL. */
static bool set_item(PyObject *dict, PyObject *key, PyObject *value)
{
    bool done = key && value && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return done;
}

static bool append_item(PyObject *list, PyObject *value)
{
    bool done = value && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return done;
}

/* ------------------------------------------------- the other responses -- */

/* {b"AUTH": [b"PLAIN", ...], b"IDLE": [None]} */
static bool add_capability(PyObject *dict, imapc_text word)
{
    const char *equals = word.length ? memchr(word.at, '=', word.length) : NULL;
    size_t length = equals ? (size_t)(equals - word.at) : word.length;
    PyObject *key = PyBytes_FromStringAndSize(word.at, (Py_ssize_t)length);
    PyObject *value = equals ? PyBytes_FromStringAndSize(
                                   equals + 1, (Py_ssize_t)(word.length - length - 1))
                             : Py_NewRef(Py_None);
    PyObject *values = NULL;
    bool done = false;
    if (key && value) {
        values = PyDict_GetItemWithError(dict, key);
        if (values) {
            done = PyList_Append(values, value) == 0;
        } else if (!PyErr_Occurred()) {
            values = PyList_New(0);
            done = values && PyList_Append(values, value) == 0 &&
                   PyDict_SetItem(dict, key, values) == 0;
            Py_XDECREF(values);
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return done;
}

imapc_result shape_capabilities(imapc_cursor *cursor, PyObject *dict)
{
    imapc_text word;
    imapc_result result;
    while (!(result = imapc_parse_word(cursor, &word)))
        if (!add_capability(dict, word))
            return IMAPC_SINK;
    return result == IMAPC_END ? IMAPC_OK : result;
}

/* [None] alone becomes None: the shape that Twisted's users know. */
bool shape_finish_capabilities(PyObject *dict)
{
    PyObject *key, *values;
    Py_ssize_t position = 0;
    while (PyDict_Next(dict, &position, &key, &values))
        if (PyList_Check(values) && PyList_GET_SIZE(values) == 1 &&
            PyList_GET_ITEM(values, 0) == Py_None && PyDict_SetItem(dict, key, Py_None) < 0)
            return false;
    return true;
}

static imapc_result add_search(PyObject *list, imapc_cursor *cursor)
{
    imapc_text word;
    imapc_result result;
    Py_ssize_t before = PyList_GET_SIZE(list);
    while (!(result = imapc_parse_word(cursor, &word))) {
        if (!imapc_is_number(word)) {
            result = imapc_refuse(cursor, "SEARCH with what is no number");
            break;
        }
        if (!append_item(list, shape_number(word)))
            return IMAPC_SINK;
    }
    if (result == IMAPC_END)
        return IMAPC_OK;
    PyList_SetSlice(list, before, PyList_GET_SIZE(list), NULL);
    return result;
}

/* Flags and delimiter equal to those of an earlier LIST are not parsed again.
 * The same octets parse the same, but for what stands behind the last quote. */
static bool same_head(const list_head *head, const imapc_cursor *cursor)
{
    if (!head->octets)
        return false;
    size_t length = (size_t)PyBytes_GET_SIZE(head->octets);
    return (size_t)(cursor->end - cursor->at) > length && cursor->at[length] == ' ' &&
           memcmp(cursor->at, PyBytes_AS_STRING(head->octets), length) == 0 &&
           head->lists <= cursor->limits->lists &&
           head->elements < cursor->limits->elements && cursor->limits->depth > 0;
}

static bool reuse_head(builder *builder, imapc_cursor *cursor)
{
    const list_head *head = builder->list_heads;
    while (!same_head(head, cursor))
        if (++head == builder->list_heads + LIST_HEADS)
            return false;
    cursor->at += PyBytes_GET_SIZE(head->octets);
    cursor->elements = head->elements;
    cursor->lists = head->lists;
    return builder_push(builder, Py_NewRef(head->flags)) &&
           builder_push(builder, Py_NewRef(head->delimiter));
}

static bool keep_head(builder *builder, const imapc_cursor *cursor, const char *from)
{
    list_head *head = &builder->list_heads[builder->list_head];
    if (cursor->span > 0 || cursor->at == cursor->end || *cursor->at != ' ')
        return true;
    PyObject *octets = PyBytes_FromStringAndSize(from, cursor->at - from);
    if (!octets)
        return false;
    Py_XSETREF(head->octets, octets);
    Py_XSETREF(head->flags, Py_NewRef(builder->values[0]));
    Py_XSETREF(head->delimiter, Py_NewRef(builder->values[1]));
    head->elements = cursor->elements;
    head->lists = cursor->lists;
    builder->list_head = (builder->list_head + 1) % LIST_HEADS;
    return true;
}

static imapc_result parse_head(builder *builder, imapc_cursor *cursor)
{
    const char *from = cursor->at;
    builder->strings = STRINGS_TEXT;
    imapc_result result = imapc_parse_flags(cursor, &builder->sink);
    if (!result)
        result = builder_took(builder_push(builder, builder_tuple(builder, 0)));
    builder->strings = STRINGS_MAILBOX;
    if (!result)
        result = imapc_parse_delimiter(cursor, &builder->sink);
    return result ? result : builder_took(keep_head(builder, cursor, from));
}

/* (flags, delimiter, name); what follows the name is dropped. */
static imapc_result add_list(builder *builder, PyObject *list, imapc_cursor *cursor)
{
    imapc_result result = IMAPC_OK;
    if (!reuse_head(builder, cursor))
        result = PyErr_Occurred() ? IMAPC_SINK : parse_head(builder, cursor);
    builder->strings = STRINGS_MAILBOX;
    builder->remember = true;
    if (!result)
        result = imapc_parse_mailbox(cursor, &builder->sink);
    builder->remember = false;
    return result ? result : builder_took(append_item(list, builder_tuple(builder, 0)));
}

/* {"MESSAGES": b"60"}: the octets, which Twisted's STATUS_TRANSFORMATIONS turn
 * into what the user gets. */
static imapc_result add_status(builder *builder, PyObject *dict, imapc_cursor *cursor)
{
    builder->strings = STRINGS_BYTES;
    imapc_result result = imapc_parse_mailbox(cursor, &builder->sink);
    builder_clear(builder);
    items items;
    if (!result)
        result = msg_att_parse(builder, cursor, false, &items);
    if (result)
        return result;
    for (size_t i = 0; i < builder->count; i += 2)
        if (PyDict_SetItem(dict, builder->values[i], builder->values[i + 1]) < 0)
            return IMAPC_SINK;
    return IMAPC_OK;
}

/* [[["", "/"]], [], []]: the first NAMESPACE counts. */
static imapc_result add_namespace(builder *builder, PyObject *list, imapc_cursor *cursor)
{
    builder->strings = STRINGS_MAILBOX;
    imapc_result result = imapc_parse_values(cursor, &builder->sink);
    if (result || PyList_GET_SIZE(list) || builder->count != 3)
        return result;
    for (size_t i = 0; i < 3; i++) {
        if (Py_IsNone(builder->values[i])) {
            PyObject *empty = PyList_New(0);
            if (!empty)
                return IMAPC_SINK;
            Py_SETREF(builder->values[i], empty);
        } else if (!PyList_Check(builder->values[i])) {
            return imapc_refuse(cursor, "NAMESPACE with what is no list");
        }
    }
    for (size_t i = 0; i < 3; i++)
        if (PyList_Append(list, builder->values[i]) < 0)
            return IMAPC_SINK;
    return IMAPC_OK;
}

/* ------------------------------------------------------ SELECT, codes -- */

static imapc_result flags_tuple(builder *builder, imapc_cursor *cursor, PyObject *dict,
                                enum name name)
{
    builder->strings = STRINGS_TEXT;
    imapc_result result = imapc_parse_flags(cursor, &builder->sink);
    if (result)
        return result;
    return builder_took(
        set_item(dict, Py_NewRef(builder->state->names[name]), builder_tuple(builder, 0)));
}

static imapc_result code_number(builder *builder, imapc_cursor *cursor, PyObject *dict,
                                enum name name)
{
    imapc_text digits;
    if (imapc_parse_word(cursor, &digits) || !imapc_is_number(digits))
        return imapc_refuse(cursor, "a code without its number");
    return builder_took(
        set_item(dict, Py_NewRef(builder->state->names[name]), shape_number(digits)));
}

/* What an OK with a code says of the selected mailbox. */
static imapc_result parse_code(builder *builder, PyObject *dict, imapc_response *response)
{
    imapc_framed framed;
    imapc_span span;
    imapc_text word;
    imapc_cursor *cursor = &response->cursor;
    const imapc_limits *limits = cursor->limits;
    shape_text_cursor(response->code, &framed, &span, limits, cursor);
    if (imapc_parse_word(cursor, &word))
        return IMAPC_OK;
    if (imapc_is_keyword(word, "READ-ONLY") || imapc_is_keyword(word, "READ-WRITE"))
        return builder_took(
            set_item(dict, Py_NewRef(builder->state->names[NAME_READ_WRITE]),
                     PyBool_FromLong(imapc_is_keyword(word, "READ-WRITE"))));
    if (imapc_is_keyword(word, "UIDVALIDITY"))
        return code_number(builder, cursor, dict, NAME_UIDVALIDITY);
    if (imapc_is_keyword(word, "UIDNEXT"))
        return code_number(builder, cursor, dict, NAME_UIDNEXT);
    if (imapc_is_keyword(word, "UNSEEN"))
        return code_number(builder, cursor, dict, NAME_UNSEEN);
    if (imapc_is_keyword(word, "PERMANENTFLAGS"))
        return flags_tuple(builder, cursor, dict, NAME_PERMANENTFLAGS);
    return IMAPC_OK;
}

static imapc_result add_code(builder *builder, PyObject *dict, imapc_response *response)
{
    imapc_result result = parse_code(builder, dict, response);
    if (result == IMAPC_MALFORMED) /* it was counted from the code's start */
        response->cursor.error.offset += (size_t)(response->code.at - response->tag.at);
    return result;
}

static imapc_result add_select(collection *collection, builder *builder,
                               imapc_response *response)
{
    PyObject *dict = collection->value;
    switch (response->kind) {
    case IMAPC_FLAGS:
        return flags_tuple(builder, &response->cursor, dict, NAME_FLAGS);
    case IMAPC_EXISTS:
    case IMAPC_RECENT:
        return builder_took(set_item(
            dict,
            Py_NewRef(builder->state->names[response->kind == IMAPC_EXISTS ? NAME_EXISTS
                                                                           : NAME_RECENT]),
            shape_number(response->number)));
    case IMAPC_TAGGED:
        /* Of this command or of none: the newest counts, see collection_take. */
        Py_XSETREF(collection->tagged, PyDict_New());
        if (!collection->tagged)
            return IMAPC_SINK;
        return add_code(builder, collection->tagged, response);
    default:
        return add_code(builder, dict, response);
    }
}

/* -------------------------------------------------------- nested lists -- */

/* Push text as bytes, split at space. */
static bool push_words(builder *builder, imapc_text text)
{
    const char *at = text.at, *end = text.at + text.length;
    while (at < end) {
        const char *from = at;
        while (at < end && !Py_ISSPACE(*at))
            at++;
        if (at > from && !builder_push(builder, PyBytes_FromStringAndSize(from, at - from)))
            return false;
        at++;
    }
    return true;
}

/* [b"OK", [b"UIDNEXT", b"5"], b"Predicted", ...]; text is never parsed. */
static imapc_result push_status(builder *builder, imapc_response *response)
{
    imapc_text text = response->text;
    if (response->kind == IMAPC_STATUS) {
        imapc_text word = {response->rest.at, (size_t)(text.at - response->rest.at)};
        if (!push_words(builder, word))
            return IMAPC_SINK;
    }
    if (response->code.at) {
        imapc_framed framed;
        imapc_span span;
        size_t first = builder->count;
        const imapc_limits *limits = response->cursor.limits;
        shape_text_cursor(response->code, &framed, &span, limits, &response->cursor);
        imapc_result result = imapc_parse_values(&response->cursor, &builder->sink);
        if (result)
            return result;
        if (!builder_push(builder, builder_list(builder, first)))
            return IMAPC_SINK;
        size_t used = response->code.length + 2;
        text = (imapc_text){text.at + used, text.length - used};
    }
    return builder_took(push_words(builder, text));
}

imapc_result shape_generic(builder *builder, imapc_response *response,
                           const imapc_framed *framed, PyObject **list)
{
    imapc_result result;
    builder->strings = STRINGS_BYTES;
    if (response->kind == IMAPC_STATUS || response->kind == IMAPC_CODE) {
        result = push_status(builder, response);
    } else {
        const imapc_limits *limits = response->cursor.limits;
        imapc_cursor_init(&response->cursor, framed, limits);
        response->cursor.at = response->rest.at;
        result = imapc_parse_values(&response->cursor, &builder->sink);
    }
    *list = NULL;
    if (!result && !(*list = builder_list(builder, 0)))
        result = IMAPC_SINK;
    return result;
}

static imapc_result add_lines(builder *builder, PyObject *list, imapc_response *response,
                              const imapc_framed *framed)
{
    PyObject *line;
    imapc_result result = shape_generic(builder, response, framed, &line);
    return result ? result : builder_took(append_item(list, line));
}

/* ----------------------------------------------------------- collections -- */

/* An OK with a code that Twisted's Command collects. */
static bool is_collected_code(const imapc_response *response)
{
    if (response->status != IMAPC_STATUS_OK || !response->code.at)
        return false;
    imapc_text word = response->code;
    const char *space = word.length ? memchr(word.at, ' ', word.length) : NULL;
    if (space)
        word.length = (size_t)(space - word.at);
    return imapc_is_keyword(word, "UIDVALIDITY") || imapc_is_keyword(word, "UNSEEN") ||
           imapc_is_keyword(word, "READ-WRITE") || imapc_is_keyword(word, "READ-ONLY") ||
           imapc_is_keyword(word, "UIDNEXT") || imapc_is_keyword(word, "PERMANENTFLAGS");
}

bool shape_collects(shape shape, const imapc_response *response)
{
    imapc_kind kind = response->kind;
    switch (shape) {
    case SHAPE_RAW:
        return kind >= IMAPC_STATUS && kind <= IMAPC_OTHER;
    case SHAPE_LINES:
        return (kind >= IMAPC_CAPABILITY && kind <= IMAPC_FETCH) ||
               (kind == IMAPC_STATUS && is_collected_code(response));
    case SHAPE_CAPABILITY:
        return kind == IMAPC_CAPABILITY;
    case SHAPE_FETCH:
    case SHAPE_FETCH_FLAGS:
    case SHAPE_FETCH_FLAT:
        return kind == IMAPC_FETCH;
    case SHAPE_LIST:
        return kind == IMAPC_LIST;
    case SHAPE_LSUB:
        return kind == IMAPC_LSUB;
    case SHAPE_SEARCH:
        return kind == IMAPC_SEARCH;
    case SHAPE_STATUS:
        return kind == IMAPC_MAILBOX_STATUS;
    case SHAPE_NAMESPACE:
        return kind == IMAPC_NAMESPACE;
    case SHAPE_EXPUNGE:
        return kind == IMAPC_EXPUNGE;
    case SHAPE_SELECT:
        return kind == IMAPC_FLAGS || kind == IMAPC_EXISTS || kind == IMAPC_RECENT ||
               ((kind == IMAPC_STATUS || kind == IMAPC_TAGGED) &&
                is_collected_code(response));
    default:
        return false;
    }
}

bool shape_also_tells(shape shape, const imapc_response *response)
{
    switch (response->kind) {
    case IMAPC_EXISTS:
    case IMAPC_RECENT:
        return shape != SHAPE_SELECT;
    case IMAPC_EXPUNGE:
        return true;
    case IMAPC_STATUS:
        return response->status == IMAPC_STATUS_BYE;
    default:
        return false;
    }
}

/* Only where the number becomes one: nested lists show what was sent. */
static bool needs_number(shape shape, imapc_kind kind)
{
    return shape != SHAPE_LINES && (kind == IMAPC_EXISTS || kind == IMAPC_RECENT ||
                                    kind == IMAPC_EXPUNGE || kind == IMAPC_FETCH);
}

imapc_result collection_add(collection *collection, builder *builder,
                            imapc_response *response, const imapc_framed *framed)
{
    PyObject *value = collection->value;
    if (collection->shape == SHAPE_RAW) {
        size_t skip = (size_t)(response->rest.at - framed->text - framed->spans[0].offset);
        return builder_took(append_item(value, octets_of(framed, skip, SIZE_MAX)));
    }
    if (needs_number(collection->shape, response->kind) &&
        !imapc_is_number(response->number))
        return imapc_refuse(&response->cursor, "the number of a message is malformed");
    switch (collection->shape) {
    case SHAPE_LINES:
        return add_lines(builder, value, response, framed);
    case SHAPE_CAPABILITY:
        return shape_capabilities(&response->cursor, value);
    case SHAPE_LIST:
    case SHAPE_LSUB:
        return add_list(builder, value, &response->cursor);
    case SHAPE_SEARCH:
        return add_search(value, &response->cursor);
    case SHAPE_STATUS:
        return add_status(builder, value, &response->cursor);
    case SHAPE_NAMESPACE:
        return add_namespace(builder, value, &response->cursor);
    case SHAPE_EXPUNGE:
        return builder_took(append_item(value, shape_number(response->number)));
    case SHAPE_SELECT:
        return add_select(collection, builder, response);
    default:
        return msg_att_add(collection, builder, response);
    }
}

void collection_clear(collection *collection)
{
    collection->shape = SHAPE_NONE;
    Py_CLEAR(collection->value);
    Py_CLEAR(collection->flags);
    Py_CLEAR(collection->tagged);
}

bool collection_start(collection *collection, shape shape)
{
    collection_clear(collection);
    switch (shape) {
    case SHAPE_NONE:
        return true;
    case SHAPE_CAPABILITY:
    case SHAPE_FETCH:
    case SHAPE_FETCH_FLAGS:
    case SHAPE_FETCH_FLAT:
    case SHAPE_STATUS:
    case SHAPE_SELECT:
        collection->value = PyDict_New();
        break;
    default:
        collection->value = PyList_New(0);
    }
    if (collection->value)
        collection->shape = shape;
    return collection->value != NULL;
}

/* A message of which only FLAGS came that nobody asked for is not a result. */
static bool drop_empty(PyObject *value, PyObject *flags)
{
    PyObject *key, *unused;
    Py_ssize_t position = 0;
    while (flags && PyDict_Next(flags, &position, &key, &unused)) {
        PyObject *entry = PyDict_GetItemWithError(value, key);
        if (!entry && PyErr_Occurred())
            return false;
        if (entry && PyDict_GET_SIZE(entry) == 0 && PyDict_DelItem(value, key) < 0)
            return false;
    }
    return true;
}

bool collection_take(collection *collection, PyObject **value, PyObject **flags)
{
    bool done = true;
    if (collection->shape == SHAPE_FETCH)
        done = drop_empty(collection->value, collection->flags);
    else if (collection->shape == SHAPE_CAPABILITY)
        done = shape_finish_capabilities(collection->value);
    else if (collection->tagged)
        done = PyDict_Update(collection->value, collection->tagged) == 0;
    bool none = !collection->value || (collection->shape == SHAPE_NAMESPACE &&
                                       PyList_GET_SIZE(collection->value) == 0);
    *value = Py_NewRef(none ? Py_None : collection->value);
    *flags = collection->flags ? Py_NewRef(collection->flags) : Py_NewRef(Py_None);
    collection_clear(collection);
    return done;
}
