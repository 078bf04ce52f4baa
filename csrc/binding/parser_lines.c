/* Framing and grammar apart, for a class that looks at lines itself. */
#include "parser_lines.h"

#include <string.h>

#include "nested.h"

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

PyObject *parser_line(PyObject *self, PyObject *argument)
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

/* A line without its LF, or the part of one that has arrived: a CR at its end is not
 * counted. */
PyObject *parser_check_line(PyObject *self, PyObject *octets)
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
    if (!framing_get(&parser->whole, &parser->receiver))
        return NULL;
    imapc_framer *framer = &parser->whole->framer;
    framer->limits = parser->receiver.limits;
    parser->busy = true;
    imapc_result result = imapc_frame_whole(framer, text, &framed);
    PyObject *event = result ? event_of_failure(&parser->receiver, result, &framer->error,
                                                &framed)
                             : event_of(&parser->receiver, &framed, greeting);
    imapc_framer_reset(framer);
    parser_trim(parser);
    parser->busy = false;
    return event;
}

/* tag SP data, as bytes */
static PyObject *with_tag(imapc_text tag, imapc_text data)
{
    if (data.length > PY_SSIZE_T_MAX - tag.length - 1)
        return PyErr_NoMemory();
    PyObject *text = PyBytes_FromStringAndSize(NULL,
                                               (Py_ssize_t)(tag.length + 1 + data.length));
    if (!text)
        return NULL;
    char *at = PyBytes_AS_STRING(text);
    memcpy(at, tag.at, tag.length);
    at[tag.length] = ' ';
    memcpy(at + tag.length + 1, data.at, data.length);
    return text;
}

static imapc_text text_of(PyObject *bytes)
{
    return (imapc_text){PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes)};
}

PyObject *parser_response(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"tag", "rest", "greeting", NULL};
    parser *parser = (struct parser *)self;
    const char *tag, *data;
    Py_ssize_t tag_length, data_length;
    int greeting = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "z#y#|p", names, &tag,
                                     &tag_length, &data, &data_length, &greeting) ||
        parser_is_busy(parser))
        return NULL;
    if (!tag) /* a large one is not copied */
        return whole_response(parser, (imapc_text){data, (size_t)data_length}, greeting);
    PyObject *whole = with_tag((imapc_text){tag, (size_t)tag_length},
                               (imapc_text){data, (size_t)data_length});
    if (!whole)
        return NULL;
    PyObject *event = whole_response(parser, text_of(whole), greeting);
    Py_DECREF(whole);
    return event;
}

/* Whether line begins with "* " and then something. */
static bool is_untagged(imapc_text line)
{
    return line.length > 2 && line.at[0] == '*' && line.at[1] == ' ' && line.at[2] > ' ';
}

/* line() and response() in one, for the line that is a whole response: nearly
 * all that a tracer sees.  False, and nothing has changed, where it is not. */
PyObject *parser_untagged(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    parser *parser = (struct parser *)self;
    if (count != 2 || !PyBytes_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "untagged() takes bytes and a bool");
        return NULL;
    }
    int greeting = PyObject_IsTrue(arguments[1]);
    if (greeting < 0 || parser_is_busy(parser))
        return NULL;
    imapc_text line = text_of(arguments[0]);
    imapc_lines lines = parser->lines;
    size_t size, announced;
    if (lines.within || lines.held || !is_untagged(line) ||
        line.length > parser->receiver.limits.response ||
        imapc_judge_line(&lines, line, &size, &announced) != IMAPC_LINE_ENDS)
        Py_RETURN_FALSE;
    return whole_response(parser, line, greeting);
}

/* ValueError(message, offset) */
static void raise_malformed(const imapc_error *error)
{
    PyObject *arguments = Py_BuildValue("(sn)", error->message, (Py_ssize_t)error->offset);
    if (arguments)
        PyErr_SetObject(PyExc_ValueError, arguments);
    Py_XDECREF(arguments);
}

/* Bytes and lists of them, whatever the command that waits collects. */
static PyObject *values_of(parser *parser, imapc_text text)
{
    if (!framing_get(&parser->whole, &parser->receiver))
        return NULL;
    parser->busy = true;
    imapc_framer *framer = &parser->whole->framer;
    framer->limits = parser->receiver.limits;
    imapc_framed framed;
    imapc_response response;
    PyObject *list = NULL;
    imapc_result result = imapc_frame_whole(framer, text, &framed);
    imapc_error error = framer->error;
    if (!result) {
        imapc_classify(&framed, &parser->receiver.limits, &response);
        result = nested_list(&parser->receiver.builder, &response, &list);
        error = response.cursor.error;
        builder_clear(&parser->receiver.builder);
    }
    imapc_framer_reset(framer);
    parser_trim(parser);
    parser->busy = false;
    if (result == IMAPC_MALFORMED || result == IMAPC_FRAMING || result == IMAPC_TOO_LARGE)
        raise_malformed(&error);
    else if (result == IMAPC_NO_MEMORY)
        PyErr_NoMemory();
    return list;
}

PyObject *parser_values(PyObject *self, PyObject *argument)
{
    parser *parser = (struct parser *)self;
    char *data;
    Py_ssize_t length;
    if (parser_is_busy(parser) || PyBytes_AsStringAndSize(argument, &data, &length) < 0)
        return NULL;
    PyObject *whole = with_tag((imapc_text){"*", 1}, (imapc_text){data, (size_t)length});
    if (!whole)
        return NULL;
    PyObject *list = values_of(parser, text_of(whole));
    Py_DECREF(whole);
    return list;
}
