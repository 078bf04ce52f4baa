/* The type Parser: octets in, hand-overs out. */
#include <stddef.h>

#include "handover.h"
#include "literal.h"
#include "trace.h"

typedef struct stream {
    imapc_framer framer;
    literal literal;
    bool fetch; /* the response that the literals belong to is one */
    struct parser *parser;
} stream;

typedef struct parser {
    PyObject_HEAD receiver receiver;
    stream fed;      /* what feed() was given */
    stream whole;    /* what response() is given */
    PyObject *chunk; /* the bytes that fed.framer reads from, or NULL */
    PyObject *queue; /* list of bytes to follow */
    imapc_lines lines;
    size_t lines_size; /* of the response whose lines line() gets */
    bool busy;         /* inside next(): the collector may run a finalizer */
} parser;

/* --------------------------------------------------- what the core calls -- */

static void *reallocate(void *context, void *block, size_t size)
{
    (void)context;
    if (size == 0) {
        PyMem_Free(block);
        return NULL;
    }
    return size > PY_SSIZE_T_MAX ? NULL : PyMem_Realloc(block, size);
}

static bool begin_literal(void *context, const imapc_framed *so_far, size_t size)
{
    stream *stream = context;
    shape shape = stream->parser->receiver.collection.shape;
    if (so_far->count == 1) /* once for each response: it may have millions */
        stream->fetch = imapc_kind_of(so_far) == IMAPC_FETCH;
    bool as_text = stream->fetch && shape != SHAPE_RAW && shape != SHAPE_LINES;
    return literal_begin(&stream->literal, size, as_text);
}

static bool write_literal(void *context, const char *octets, size_t length)
{
    return literal_write(&((stream *)context)->literal, octets, length);
}

static void *end_literal(void *context)
{
    return literal_end(&((stream *)context)->literal);
}

static void discard_literal(void *context, void *object)
{
    if (object)
        Py_DECREF((PyObject *)object);
    else
        Py_CLEAR(((stream *)context)->literal.object);
}

static void stream_init(stream *stream, parser *parser)
{
    stream->parser = parser;
    imapc_framer_init(&stream->framer, (imapc_allocator){reallocate, NULL},
                      (imapc_literal_sink){begin_literal, write_literal, end_literal,
                                           discard_literal, stream});
}

/* ------------------------------------------------------------- methods -- */

static PyObject *parser_feed(PyObject *self, PyObject *data)
{
    parser *parser = (struct parser *)self;
    PyObject *octets = PyBytes_CheckExact(data) ? Py_NewRef(data)
                                                : PyBytes_FromObject(data);
    if (!octets)
        return NULL;
    int failed = PyBytes_GET_SIZE(octets) ? PyList_Append(parser->queue, octets) : 0;
    Py_DECREF(octets);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

/* Let the framer read from the next chunk; false where there is none. */
static bool next_chunk(parser *parser)
{
    imapc_framer_feed(&parser->fed.framer, NULL, 0);
    Py_CLEAR(parser->chunk);
    if (PyList_GET_SIZE(parser->queue) == 0)
        return false;
    parser->chunk = Py_NewRef(PyList_GET_ITEM(parser->queue, 0));
    if (PyList_SetSlice(parser->queue, 0, 1, NULL) < 0)
        PyErr_Clear(); /* shrinking a list does not fail */
    imapc_framer_feed(&parser->fed.framer, PyBytes_AS_STRING(parser->chunk),
                      (size_t)PyBytes_GET_SIZE(parser->chunk));
    return true;
}

static PyObject *failure_of(parser *parser, imapc_result result, imapc_framer *framer)
{
    if (result == IMAPC_NO_MEMORY || (result == IMAPC_SINK && !PyErr_Occurred()))
        return PyErr_NoMemory();
    if (result == IMAPC_SINK)
        return NULL;
    imapc_framed unfinished;
    imapc_framer_unfinished(framer, &unfinished);
    return handover_error(&parser->receiver, result, &framer->error, &unfinished);
}

/* Append the lines of what was read, be it a response or what broke framing. */
static bool trace(PyObject *lines, const imapc_framer *framer, imapc_result result,
                  imapc_framed *framed)
{
    if (result == IMAPC_FRAMING || result == IMAPC_TOO_LARGE)
        imapc_framer_unfinished(framer, framed);
    else if (result)
        return true;
    return trace_response(lines, framed);
}

static PyObject *next_handover(parser *parser, bool greeting, PyObject *lines)
{
    imapc_framer *framer = &parser->fed.framer;
    framer->limits = parser->receiver.limits;
    for (;;) {
        imapc_framed framed;
        imapc_result result = imapc_framer_next(framer, &framed);
        if (result == IMAPC_MORE) {
            if (!next_chunk(parser))
                Py_RETURN_NONE;
            continue;
        }
        if (lines && !trace(lines, framer, result, &framed))
            return NULL;
        if (result)
            return failure_of(parser, result, framer);
        PyObject *handover = handover_of(&parser->receiver, &framed, greeting);
        if (handover != Py_None)
            return handover;
        Py_DECREF(handover);
    }
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
    PyObject *handover = next_handover(parser, greeting, count == 2 ? arguments[1] : NULL);
    parser->busy = false;
    return handover;
}

static bool refuse_busy(parser *parser)
{
    if (parser->busy)
        PyErr_SetString(PyExc_RuntimeError, "the parser is in use");
    return parser->busy;
}

static PyObject *parser_expect(PyObject *self, PyObject *name)
{
    parser *parser = (struct parser *)self;
    if (refuse_busy(parser))
        return NULL;
    shape shape = SHAPE_NONE;
    if (!Py_IsNone(name)) {
        const char *text = PyUnicode_AsUTF8(name);
        if (!text)
            return NULL;
        while (++shape < SHAPE_COUNT && strcmp(text, shape_names[shape]) != 0)
            ;
        if (shape == SHAPE_COUNT) {
            PyErr_Format(PyExc_ValueError, "no shape is named %R", name);
            return NULL;
        }
    }
    Py_CLEAR(parser->receiver.error);
    if (!collection_start(&parser->receiver.collection, shape))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *parser_take(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    receiver *receiver = &((parser *)self)->receiver;
    if (refuse_busy((parser *)self))
        return NULL;
    PyObject *value, *flags;
    PyObject *error = receiver->error ? receiver->error : Py_NewRef(Py_None);
    receiver->error = NULL;
    if (!collection_take(&receiver->collection, &value, &flags)) {
        Py_DECREF(value);
        Py_DECREF(flags);
        Py_DECREF(error);
        return NULL;
    }
    return Py_BuildValue("(NNN)", value, flags, error);
}

/* ValueError(message, code) */
static PyObject *raise_line(parser *parser, const char *message, const char *code)
{
    parser->lines = (imapc_lines){false, false, 0};
    parser->lines_size = 0;
    PyObject *arguments = Py_BuildValue("(ss)", message, code);
    if (arguments)
        PyErr_SetObject(PyExc_ValueError, arguments);
    Py_XDECREF(arguments);
    return NULL;
}

static PyObject *parser_line(PyObject *self, PyObject *argument)
{
    parser *parser = (struct parser *)self;
    const imapc_limits *limits = &parser->receiver.limits;
    Py_buffer view;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    imapc_text line = {view.buf, (size_t)view.len};
    size_t size = 0, announced = 0;
    imapc_verdict verdict = imapc_judge_line(&parser->lines, line, &size, &announced);
    PyBuffer_Release(&view);
    size_t so_far = parser->lines_size;
    const char *excess = imapc_literal_too_large(limits, size);
    if (!excess)
        excess = imapc_response_too_large(limits, so_far, line.length);
    if (!excess)
        excess = imapc_response_too_large(limits, so_far + line.length, size);
    switch (verdict) {
    case IMAPC_LINE_MALFORMED:
        return raise_line(parser, IMAPC_MALFORMED_SIZE, "framing");
    case IMAPC_LINE_LITERAL:
        if (excess)
            return raise_line(parser, excess, "too large");
        parser->lines_size += line.length + size;
        return PyLong_FromSize_t(size);
    case IMAPC_LINE_HOLDS:
        return PyLong_FromLong(-1);
    case IMAPC_LINE_BEFORE:
        parser->lines_size = 0;
        return PyLong_FromLong(-2);
    default:
        parser->lines_size = 0;
        if (excess)
            return raise_line(parser, excess, "too large");
        Py_RETURN_NONE;
    }
}

/* What stands before a line's LF, or has come of it: a CR at its end is not
 * counted. */
static PyObject *parser_check_line(PyObject *self, PyObject *octets)
{
    parser *parser = (struct parser *)self;
    Py_buffer view;
    if (PyObject_GetBuffer(octets, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    size_t length = (size_t)view.len;
    if (length && ((const char *)view.buf)[length - 1] == '\r')
        length--;
    PyBuffer_Release(&view);
    const char *excess = imapc_line_too_long(&parser->receiver.limits, length);
    if (excess)
        return raise_line(parser, excess, "too large");
    Py_RETURN_NONE;
}

/* Frame and parse one response that lies whole in text. */
static PyObject *whole_response(parser *parser, imapc_text text, bool greeting)
{
    imapc_framed framed;
    imapc_framer *framer = &parser->whole.framer;
    framer->limits = parser->receiver.limits;
    imapc_result result = imapc_frame_whole(framer, text, &framed);
    if (result == IMAPC_NO_MEMORY || result == IMAPC_SINK)
        return failure_of(parser, result, framer);
    PyObject *handover;
    if (result == IMAPC_OK)
        handover = handover_of(&parser->receiver, &framed, greeting);
    else
        handover = handover_error(&parser->receiver, result, &framer->error, &framed);
    imapc_framer_reset(framer);
    return handover;
}

static PyObject *parser_response(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"tag", "rest", "greeting", NULL};
    parser *parser = (struct parser *)self;
    const char *tag, *rest;
    Py_ssize_t tag_length, rest_length;
    int greeting = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y#y#|p", names, &tag,
                                     &tag_length, &rest, &rest_length, &greeting) ||
        refuse_busy(parser))
        return NULL;
    if (rest_length > PY_SSIZE_T_MAX - tag_length - 1)
        return PyErr_NoMemory();
    PyObject *text = PyBytes_FromStringAndSize(NULL, tag_length + 1 + rest_length);
    if (!text)
        return NULL;
    char *at = PyBytes_AS_STRING(text);
    memcpy(at, tag, (size_t)tag_length);
    at[tag_length] = ' ';
    memcpy(at + tag_length + 1, rest, (size_t)rest_length);
    parser->busy = true;
    PyObject *handover = whole_response(
        parser, (imapc_text){at, (size_t)PyBytes_GET_SIZE(text)}, greeting);
    parser->busy = false;
    Py_DECREF(text);
    return handover;
}

/* Whether line begins with "* " and then something. */
static bool is_untagged(imapc_text line)
{
    return line.length > 2 && line.at[0] == '*' && line.at[1] == ' ' && line.at[2] > ' ';
}

/* line() and response() in one, for the line that is a whole response: nearly
 * all that a tracer sees.  False, and nothing has changed, where it is not. */
static PyObject *parser_untagged(PyObject *self, PyObject *const *arguments,
                                 Py_ssize_t count)
{
    parser *parser = (struct parser *)self;
    if (count != 2 || !PyBytes_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "untagged() takes bytes and a bool");
        return NULL;
    }
    int greeting = PyObject_IsTrue(arguments[1]);
    if (greeting < 0 || refuse_busy(parser))
        return NULL;
    imapc_text line = {PyBytes_AS_STRING(arguments[0]),
                       (size_t)PyBytes_GET_SIZE(arguments[0])};
    imapc_lines lines = parser->lines;
    size_t size, announced;
    if (lines.within || lines.held || !is_untagged(line) ||
        line.length > parser->receiver.limits.response ||
        imapc_judge_line(&lines, line, &size, &announced) != IMAPC_LINE_ENDS)
        Py_RETURN_FALSE;
    parser->busy = true;
    PyObject *handover = whole_response(parser, line, greeting);
    parser->busy = false;
    return handover;
}

/* ValueError(message, offset) */
static void raise_malformed(const imapc_error *error)
{
    PyObject *arguments = Py_BuildValue("(sn)", error->message, (Py_ssize_t)error->offset);
    if (arguments)
        PyErr_SetObject(PyExc_ValueError, arguments);
    Py_XDECREF(arguments);
}

static PyObject *values_of(parser *parser, imapc_text text)
{
    imapc_framer *framer = &parser->whole.framer;
    framer->limits = parser->receiver.limits;
    imapc_framed framed;
    imapc_response response;
    PyObject *list = NULL;
    imapc_result result = imapc_frame_whole(framer, text, &framed);
    imapc_error error = framer->error;
    if (!result) {
        imapc_classify(&framed, &parser->receiver.limits, &response);
        /* A literal is bytes here, whatever the command that waits collects:
         * shape_generic makes bytes of what is not. */
        result = shape_generic(&parser->receiver.builder, &response, &framed, &list);
        error = response.cursor.error;
        builder_clear(&parser->receiver.builder);
    }
    imapc_framer_reset(framer);
    if (result == IMAPC_MALFORMED || result == IMAPC_FRAMING || result == IMAPC_TOO_LARGE)
        raise_malformed(&error);
    else if (result == IMAPC_NO_MEMORY)
        PyErr_NoMemory();
    return list;
}

static PyObject *parser_values(PyObject *self, PyObject *argument)
{
    parser *parser = (struct parser *)self;
    char *rest;
    Py_ssize_t length;
    if (refuse_busy(parser) || PyBytes_AsStringAndSize(argument, &rest, &length) < 0)
        return NULL;
    PyObject *text = PyBytes_FromStringAndSize("* ", 2);
    PyBytes_Concat(&text, argument);
    if (!text)
        return NULL;
    parser->busy = true;
    PyObject *list = values_of(
        parser, (imapc_text){PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text)});
    parser->busy = false;
    Py_DECREF(text);
    return list;
}

/* What the framer holds of an unfinished response, as it came. */
static PyObject *unfinished_octets(parser *parser)
{
    imapc_framer *framer = &parser->fed.framer;
    imapc_framed unfinished;
    imapc_framer_unfinished(framer, &unfinished);
    if (framer->delivered)
        unfinished.count = 0;
    PyObject *octets = shape_octets(&unfinished, 0, SIZE_MAX);
    imapc_text literal = literal_octets(&parser->fed.literal);
    if (octets && literal.length)
        PyBytes_ConcatAndDel(
            &octets, PyBytes_FromStringAndSize(literal.at, (Py_ssize_t)literal.length));
    if (octets && framer->copied && !framer->delivered && !framer->in_literal)
        PyBytes_ConcatAndDel(
            &octets,
            PyBytes_FromStringAndSize(framer->copy + framer->line,
                                      (Py_ssize_t)(framer->copy_length - framer->line)));
    if (octets && framer->lines.held && !framer->delivered)
        PyBytes_ConcatAndDel(&octets, PyBytes_FromStringAndSize("\r\n", 2));
    if (octets && parser->chunk)
        PyBytes_ConcatAndDel(&octets, PyBytes_FromStringAndSize(
                                          framer->chunk + framer->at,
                                          (Py_ssize_t)(framer->chunk_length - framer->at)));
    return octets;
}

static PyObject *parser_drain(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    parser *parser = (struct parser *)self;
    if (refuse_busy(parser))
        return NULL;
    PyObject *octets = unfinished_octets(parser);
    for (Py_ssize_t i = 0; octets && i < PyList_GET_SIZE(parser->queue); i++)
        PyBytes_Concat(&octets, PyList_GET_ITEM(parser->queue, i));
    if (!octets)
        return NULL;
    imapc_framer_reset(&parser->fed.framer);
    Py_CLEAR(parser->chunk);
    if (PyList_SetSlice(parser->queue, 0, PyList_GET_SIZE(parser->queue), NULL) < 0)
        Py_CLEAR(octets);
    return octets;
}

/* ---------------------------------------------------------- attributes -- */

static PyObject *parser_pending(PyObject *self, void *Py_UNUSED(closure))
{
    parser *parser = (struct parser *)self;
    size_t pending = imapc_framer_pending(&parser->fed.framer);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(parser->queue); i++)
        pending += (size_t)PyBytes_GET_SIZE(PyList_GET_ITEM(parser->queue, i));
    return PyLong_FromSize_t(pending);
}

static PyObject *parser_names(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((parser *)self)->receiver.builder.mailboxes);
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
    {"next", (PyCFunction)(void (*)(void))parser_next, METH_FASTCALL,
     PyDoc_STR("Parse up to the next hand-over.")},
    {"expect", parser_expect, METH_O, PyDoc_STR("Name the shape of what is collected.")},
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
    stream_init(&self->fed, self);
    stream_init(&self->whole, self);
    self->queue = PyList_New(0);
    module_state *state = PyType_GetModuleState(type);
    if (!self->queue || !state || !builder_init(&self->receiver.builder, state)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int parser_traverse(PyObject *self, visitproc visit, void *arg)
{
    parser *parser = (struct parser *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(parser->receiver.collection.value);
    Py_VISIT(parser->receiver.collection.flags);
    Py_VISIT(parser->receiver.collection.tagged);
    Py_VISIT(parser->receiver.error);
    Py_VISIT(parser->receiver.builder.mailboxes);
    Py_VISIT(parser->queue);
    return 0;
}

static int parser_clear(PyObject *self)
{
    parser *parser = (struct parser *)self;
    collection_clear(&parser->receiver.collection);
    Py_CLEAR(parser->receiver.error);
    return 0;
}

static void parser_dealloc(PyObject *self)
{
    parser *parser = (struct parser *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    parser_clear(self);
    imapc_framer_free(&parser->fed.framer);
    imapc_framer_free(&parser->whole.framer);
    builder_free(&parser->receiver.builder);
    Py_CLEAR(parser->queue);
    Py_CLEAR(parser->chunk);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot parser_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("Octets in, hand-overs out; one for each connection.")},
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
