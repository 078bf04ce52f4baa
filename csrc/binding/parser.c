/* The type Parser: octets in, events out. */
#include "parser.h"

#include "octets.h"
#include "parser_lines.h"
#include "typed.h"

/* ------------------------------------------------------------- methods -- */

static PyObject *parser_feed(PyObject *self, PyObject *data)
{
    parser *parser = (struct parser *)self;
    PyObject *octets = PyBytes_CheckExact(data) ? Py_NewRef(data)
                                                : PyBytes_FromObject(data);
    if (!octets)
        return NULL;
    bool kept = PyBytes_GET_SIZE(octets) == 0 || chunks_push(&parser->chunks, octets);
    Py_DECREF(octets);
    if (!kept)
        return NULL;
    parser->begun = true;
    Py_RETURN_NONE;
}

void parser_trim(parser *parser)
{
    if (parser->receiver.collection.shape || parser->chunks.count ||
        (parser->fed && !imapc_framer_is_idle(&parser->fed->framer)))
        return;
    framing_free(&parser->fed);
    framing_free(&parser->whole);
    builder_free(&parser->receiver.builder);
    chunks_clear(&parser->chunks);
    Py_CLEAR(parser->chunk);
}

/* feed() and next() in one, for what nothing can come of: most pieces of a large
 * literal.  False, and nothing has changed, for any other. */
static PyObject *parser_literal(PyObject *self, PyObject *data)
{
    parser *parser = (struct parser *)self;
    if (!PyBytes_CheckExact(data) || parser->busy || parser->chunks.count || !parser->fed)
        Py_RETURN_FALSE;
    imapc_framer *framer = &parser->fed->framer;
    size_t length = (size_t)PyBytes_GET_SIZE(data);
    if (!imapc_framer_is_literal(framer, length))
        Py_RETURN_FALSE;
    Py_CLEAR(parser->chunk);
    imapc_framed framed = {NULL, NULL, 0, false};
    imapc_framer_feed(framer, PyBytes_AS_STRING(data), length);
    imapc_result result = imapc_framer_next(framer, &framed);
    imapc_framer_feed(framer, NULL, 0);
    if (result == IMAPC_MORE)
        Py_RETURN_TRUE;
    return event_of_failure(&parser->receiver, result, &framer->error, &framed);
}

/* Let the framer read from the next chunk; false where there is none. */
static bool next_chunk(parser *parser)
{
    imapc_framer_feed(&parser->fed->framer, NULL, 0);
    Py_XSETREF(parser->chunk, chunks_pop(&parser->chunks));
    if (!parser->chunk)
        return false;
    imapc_framer_feed(&parser->fed->framer, PyBytes_AS_STRING(parser->chunk),
                      (size_t)PyBytes_GET_SIZE(parser->chunk));
    return true;
}

static PyObject *failed(parser *parser, imapc_result result, const imapc_framed *framed)
{
    PyObject *event = event_of_failure(&parser->receiver, result,
                                       &parser->fed->framer.error, framed);
    return parser->receiver.typed ? typed_next(&parser->receiver, event, 0) : event;
}

static PyObject *next_event(parser *parser, bool greeting, PyObject *lines)
{
    typed *typed = parser->receiver.typed;
    if (typed && typed->held)
        return typed_waiting(&parser->receiver);
    if (!framing_get(&parser->fed, &parser->receiver))
        return NULL;
    imapc_framer *framer = &parser->fed->framer;
    framer->limits = parser->receiver.limits;
    for (;;) {
        imapc_framed framed;
        imapc_result result = imapc_framer_next(framer, &framed);
        if (result == IMAPC_MORE) {
            if (next_chunk(parser))
                continue;
            return typed ? typed_batch(&parser->receiver) : Py_NewRef(Py_None);
        }
        if (result) /* what has broken the framing is shown, and traced */
            imapc_framer_unfinished(framer, &framed);
        bool traced = lines && result != IMAPC_NO_MEMORY && result != IMAPC_SINK;
        if (traced && !octets_trace(lines, &framed))
            return NULL;
        if (result)
            return failed(parser, result, &framed);
        PyObject *event = typed ? typed_of(&parser->receiver, &framed, greeting)
                                : event_of(&parser->receiver, &framed, greeting);
        if (event != Py_None)
            return event;
        Py_DECREF(event);
    }
}

/* Falls by one for each octet that is read, but for those of literals: no object that
 * the collector knows comes of these. */
static size_t countdown(const parser *parser)
{
    size_t octets = parser->chunks.octets;
    if (parser->fed) {
        const imapc_framer *framer = &parser->fed->framer;
        octets += framer->chunk_length - framer->at + parser->fed->written;
    }
    return octets;
}

static PyObject *parser_next(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    parser *parser = (struct parser *)self;
    if (count > 2 || (count == 2 && !PyList_Check(arguments[1]))) {
        PyErr_SetString(PyExc_TypeError, "next() takes a truth value and a list");
        return NULL;
    }
    int greeting = count ? PyObject_IsTrue(arguments[0]) : 0;
    if (greeting < 0)
        return NULL;
    if (parser->busy)
        Py_RETURN_NONE;
    parser->busy = true;
    size_t start = countdown(parser);
    bool paused = collector_pause();
    PyObject *event = next_event(parser, greeting, count == 2 ? arguments[1] : NULL);
    size_t octets = start - countdown(parser);
    parser_trim(parser);
    parser->busy = false;
    collector_resume(&parser->receiver.builder.state->collector, paused, octets);
    return event;
}

static PyObject *parser_want(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    parser *parser = (struct parser *)self;
    if (parser_is_busy(parser))
        return NULL;
    if (!parser->receiver.typed) {
        PyErr_SetString(PyExc_ValueError, "want() is for a typed parser");
        return NULL;
    }
    if (!typed_want(parser->receiver.typed, arguments, keywords))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *parser_expect(PyObject *self, PyObject *name)
{
    parser *parser = (struct parser *)self;
    if (parser_is_busy(parser))
        return NULL;
    const shape *shape = NULL;
    if (!Py_IsNone(name)) {
        const char *text = PyUnicode_AsUTF8(name);
        if (!text)
            return NULL;
        shape = collection_shape(text);
        if (!shape)
            return PyErr_Format(PyExc_ValueError, "no shape is named %R", name);
    }
    if (!collection_start(&parser->receiver.collection, shape))
        return NULL;
    parser_trim(parser);
    Py_RETURN_NONE;
}

static PyObject *parser_take(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    parser *parser = (struct parser *)self;
    if (parser_is_busy(parser))
        return NULL;
    return collection_take(&parser->receiver.collection);
}

/* What was fed and not parsed, as a list of bytes. */
static PyObject *unparsed(const parser *parser)
{
    const chunks *chunks = &parser->chunks;
    PyObject *pieces = PyList_New(0);
    bool done = pieces &&
                (!parser->fed || octets_unread(pieces, &parser->fed->framer,
                                               literal_octets(&parser->fed->literal)));
    for (size_t i = 0; done && i < chunks->count; i++)
        done = PyList_Append(pieces, chunks->block[chunks->first + i]) == 0;
    if (!done)
        Py_CLEAR(pieces);
    return pieces;
}

static PyObject *parser_drain(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    parser *parser = (struct parser *)self;
    if (parser_is_busy(parser))
        return NULL;
    PyObject *pieces = unparsed(parser);
    PyObject *octets = pieces ? octets_join(pieces) : NULL;
    Py_XDECREF(pieces);
    if (!octets)
        return NULL;
    framing_free(&parser->fed);
    Py_CLEAR(parser->chunk);
    chunks_clear(&parser->chunks);
    return octets;
}

/* ---------------------------------------------------------- attributes -- */

static PyObject *parser_pending(PyObject *self, void *Py_UNUSED(closure))
{
    parser *parser = (struct parser *)self;
    const typed *typed = parser->receiver.typed;
    size_t begun = parser->fed ? imapc_framer_pending(&parser->fed->framer) : 0;
    return PyLong_FromSize_t(begun + parser->chunks.octets +
                             (typed ? typed->held_octets : 0));
}

static PyObject *get_typed(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((parser *)self)->receiver.typed != NULL);
}

/* For good, and before the first octet: literals are of other types then. */
static int set_typed(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    parser *parser = (struct parser *)self;
    int wanted = value ? PyObject_IsTrue(value) : 0;
    if (wanted < 0 || wanted == (parser->receiver.typed != NULL))
        return wanted < 0 ? -1 : 0;
    if (!wanted || parser->begun) {
        PyErr_SetString(PyExc_ValueError, "a parser is typed from the start, or never");
        return -1;
    }
    parser->receiver.typed = typed_new();
    return parser->receiver.typed ? 0 : -1;
}

static PyObject *parser_names(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_XNewRef(builder_mailboxes(&((parser *)self)->receiver.builder));
}

static size_t *limit_of(PyObject *self, void *offset)
{
    return (size_t *)((char *)&((parser *)self)->receiver.limits + (size_t)offset);
}

static PyObject *get_limit(PyObject *self, void *offset)
{
    return PyLong_FromSize_t(*limit_of(self, offset));
}

/* At most PY_SSIZE_T_MAX: no Python object holds more. */
static int set_limit(PyObject *self, PyObject *value, void *offset)
{
    if (!value) {
        PyErr_SetString(PyExc_AttributeError, "a limit cannot be deleted");
        return -1;
    }
    Py_ssize_t limit = PyLong_AsSsize_t(value);
    if (limit == -1 && PyErr_Occurred())
        return -1;
    if (limit < 0) {
        PyErr_SetString(PyExc_ValueError, "a limit is not negative");
        return -1;
    }
    *limit_of(self, offset) = (size_t)limit;
    return 0;
}

#define LIMIT(name, field)                                                                 \
    {name, get_limit, set_limit, NULL, (void *)offsetof(imapc_limits, field)}

static PyGetSetDef parser_getset[] = {
    {"pending", parser_pending, NULL,
     PyDoc_STR("Octets that were fed and are not parsed yet."), NULL},
    {"names", parser_names, NULL,
     PyDoc_STR("Mailbox names met whose octets encoding would not give back."), NULL},
    {"typed", get_typed, set_typed,
     PyDoc_STR("Whether events are typed; set before the first octet is fed."), NULL},
    LIMIT("maxLineLength", line),
    LIMIT("maxLiteralSize", literal),
    LIMIT("maxResponseSize", response),
    LIMIT("maxDepth", depth),
    LIMIT("maxListsPerResponse", lists),
    LIMIT("maxElementsPerResponse", elements),
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef parser_methods[] = {
    {"feed", parser_feed, METH_O, PyDoc_STR("Append octets; nothing is parsed yet.")},
    {"literal", parser_literal, METH_O,
     PyDoc_STR("feed() and next() in one, inside of a literal; False for all else.")},
    {"next", (PyCFunction)(void (*)(void))parser_next, METH_FASTCALL,
     PyDoc_STR("Parse up to the next event.")},
    {"expect", parser_expect, METH_O, PyDoc_STR("Name the shape of what is collected.")},
    {"want", (PyCFunction)(void (*)(void))parser_want, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("Say which messages are collected in batches.")},
    {"take", parser_take, METH_NOARGS, PyDoc_STR("(value, flags, error) so far.")},
    {"line", parser_line, METH_O, PyDoc_STR("Framing alone, for one line.")},
    {"checkLine", parser_check_line, METH_O,
     PyDoc_STR("Whether a line, or what has come of it, is within maxLineLength.")},
    {"response", (PyCFunction)(void (*)(void))parser_response, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("Grammar alone, for one whole response.")},
    {"untagged", (PyCFunction)(void (*)(void))parser_untagged, METH_FASTCALL,
     PyDoc_STR("line() and response() in one; False for what needs both.")},
    {"values", parser_values, METH_O, PyDoc_STR("The nested list of one response.")},
    {"drain", parser_drain, METH_NOARGS, PyDoc_STR("Take out what is not parsed.")},
    {NULL, NULL, 0, NULL},
};

/* ----------------------------------------------------------- life cycle -- */

/* Generous in bytes, strict in objects and depth. */
static const imapc_limits default_limits = {
    .line = 32u << 20,
    .literal = 256u << 20,
    .response = 512u << 20,
    .depth = 128,
    .lists = 250000,
    .elements = 5000000,
};

static PyObject *parser_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    if (PyTuple_GET_SIZE(arguments) || (keywords && PyDict_GET_SIZE(keywords))) {
        PyErr_SetString(PyExc_TypeError, "Parser() takes no arguments");
        return NULL;
    }
    parser *self = (parser *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->receiver.limits = default_limits;
    self->receiver.builder.state = PyType_GetModuleState(type);
    if (!self->receiver.builder.state)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static int parser_traverse(PyObject *self, visitproc visit, void *arg)
{
    parser *parser = (struct parser *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(parser->receiver.builder.mailboxes);
    return collection_traverse(&parser->receiver.collection, visit, arg);
}

static int parser_clear(PyObject *self)
{
    collection_clear(&((parser *)self)->receiver.collection);
    return 0;
}

static void parser_dealloc(PyObject *self)
{
    parser *parser = (struct parser *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    parser_clear(self);
    framing_free(&parser->fed);
    framing_free(&parser->whole);
    builder_free(&parser->receiver.builder);
    typed_free(parser->receiver.typed);
    Py_CLEAR(parser->receiver.builder.mailboxes);
    chunks_clear(&parser->chunks);
    Py_CLEAR(parser->chunk);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot parser_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Octets in, events out; one for each connection.")},
    {Py_tp_new, parser_new},
    {Py_tp_dealloc, parser_dealloc},
    {Py_tp_traverse, parser_traverse},
    {Py_tp_clear, parser_clear},
    {Py_tp_methods, parser_methods},
    {Py_tp_getset, parser_getset},
    {0, NULL},
};

PyType_Spec parser_spec = {
    .name = "twisted_imapc._imapc.Parser",
    .basicsize = sizeof(parser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = parser_slots,
};
