/* Each response of a typed parser as one event. */
#include "typed.h"

#include "generic.h"
#include "mailbox_data.h"
#include "message.h"
#include "octets.h"
#include "ranges.h"

#define NAME(receiver, name) ((receiver)->builder.state->pool.names[NAME_##name])

typed *typed_new(void)
{
    typed *typed = PyMem_Calloc(1, sizeof *typed);
    if (!typed)
        PyErr_NoMemory();
    return typed;
}

void typed_free(typed *typed)
{
    if (!typed)
        return;
    Py_CLEAR(typed->ranges);
    Py_CLEAR(typed->batch);
    Py_CLEAR(typed->held);
    flags_clear(&typed->flags);
    PyMem_Free(typed);
}

/* --------------------------------------------------------------- batches -- */

PyObject *typed_batch(receiver *receiver)
{
    typed *typed = receiver->typed;
    if (!typed->batch)
        Py_RETURN_NONE;
    PyObject *event = Py_BuildValue("(OOn)", NAME(receiver, messages), typed->batch,
                                    (Py_ssize_t)typed->batch_octets);
    if (event) {
        Py_CLEAR(typed->batch);
        typed->batch_octets = 0;
    }
    return event;
}

PyObject *typed_next(receiver *receiver, PyObject *event, size_t octets)
{
    typed *typed = receiver->typed;
    if (!event || Py_IsNone(event) || !typed->batch)
        return event;
    typed->held = event;
    typed->held_octets = octets;
    return typed_batch(receiver);
}

PyObject *typed_waiting(receiver *receiver)
{
    typed *typed = receiver->typed;
    if (typed->held && typed->batch) /* there was no memory for its event */
        return typed_batch(receiver);
    PyObject *event = typed->held;
    typed->held = NULL;
    typed->held_octets = 0;
    return event;
}

/* Into the batch, whose event it gives when it is full. */
static PyObject *add_to_batch(receiver *receiver, PyObject *message, size_t octets)
{
    typed *typed = receiver->typed;
    if (!typed->batch && !(typed->batch = PyList_New(0))) {
        Py_DECREF(message);
        return NULL;
    }
    if (!cpython_append(typed->batch, message))
        return NULL;
    typed->batch_octets += octets;
    if (PyList_GET_SIZE(typed->batch) == TYPED_BATCH)
        return typed_batch(receiver);
    Py_RETURN_NONE;
}

/* ------------------------------------------------------------------ want -- */

bool typed_want(typed *typed, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"mask", "ranges", "numbers", "drop", NULL};
    unsigned char mask;
    PyObject *ranges;
    int numbers = 0, drop = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "bO|$pp:want", names, &mask,
                                     &ranges, &numbers, &drop))
        return false;
    if (!Py_IsNone(ranges) && !ranges_are(ranges)) {
        PyErr_SetString(PyExc_TypeError, "want() takes what ranges() gives, or None");
        return false;
    }
    Py_XSETREF(typed->ranges, Py_IsNone(ranges) ? NULL : Py_NewRef(ranges));
    typed->mask = mask;
    typed->numbers = numbers;
    typed->drop = drop;
    return true;
}

static bool is_wanted(const typed *typed, const message *message)
{
    uint32_t number = typed->numbers ? message->number : message->uid;
    return (typed->mask & message->has) &&
           (!typed->ranges || (number && ranges_have(typed->ranges, number)));
}

/* ----------------------------------------------------------------- FETCH -- */

/* A literal that was read while they are dropped is empty, whatever was announced. */
static bool is_gutted(const imapc_framed *framed)
{
    for (size_t i = 0; i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        if (span->literal && span->literal_size &&
            PyBytes_GET_SIZE((PyObject *)span->literal) == 0)
            return true;
    }
    return false;
}

/* Octets of the wire, the end of each line as CR LF. */
static size_t octets_in(const imapc_framed *framed)
{
    size_t octets = 0;
    for (size_t i = 0; i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        octets += span->length + span->announced + span->literal_size + 2;
    }
    return octets;
}

static PyObject *fetch_event(receiver *receiver, imapc_response *response)
{
    const imapc_framed *framed = response->cursor.response;
    message *message;
    if (is_gutted(framed))
        Py_RETURN_NONE;
    imapc_result result = message_of(receiver, response, &message);
    if (result == IMAPC_MALFORMED)
        return event_malformed(receiver, framed, &response->cursor.error);
    if (result)
        return NULL;
    if (!is_wanted(receiver->typed, message))
        return Py_BuildValue("(ON)", NAME(receiver, fetch), message);
    if (!receiver->typed->drop)
        return add_to_batch(receiver, (PyObject *)message, octets_in(framed));
    Py_DECREF(message);
    Py_RETURN_NONE;
}

/* ---------------------------------------------------------------- status -- */

/* The server's text for people: UTF-8, else latin-1. */
static PyObject *text_of(imapc_text text)
{
    PyObject *made = PyUnicode_DecodeUTF8(text.at, (Py_ssize_t)text.length, NULL);
    if (!made && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        made = PyUnicode_DecodeLatin1(text.at, (Py_ssize_t)text.length, NULL);
    }
    return made;
}

static const char *status_name(imapc_status status)
{
    static const char *const names[] = {NULL, "OK", "NO", "BAD", "PREAUTH", "BYE"};
    return names[status];
}

/* What stands behind the code, and the SP behind that. */
static imapc_text behind_code(const imapc_response *response)
{
    const char *end = response->text.at + response->text.length;
    return text_between(
        text_skip(response->code.at + response->code.length + 1, end, CHAR_SPACE), end);
}

/*
 * resp-text-code = atom [SP 1*<any TEXT-CHAR except "]">]
 *
 * (NAME, values), and *text is what follows it.  Where the values cannot be parsed there
 * are none, and *text has all of it.
 */
static PyObject *code_of(receiver *receiver, imapc_response *response, imapc_text *text)
{
    imapc_framed framed;
    imapc_span span;
    imapc_cursor cursor;
    builder *builder = &receiver->builder;
    *text = response->text;
    if (!response->code.at)
        Py_RETURN_NONE;
    const char *at = response->code.at, *end = at + response->code.length;
    imapc_text name = text_word(&at, end);
    shape_text_cursor(text_between(at, end), &framed, &span, &receiver->limits, &cursor);
    builder->form = FORM_TEXT;
    imapc_result result = generic_values(builder, &cursor);
    if (result == IMAPC_MALFORMED)
        builder_clear(builder);
    else if (result)
        return NULL;
    else
        *text = behind_code(response);
    PyObject *values = builder_tuple(builder, 0);
    return values ? Py_BuildValue("(NN)", generic_keyword(name), values) : NULL;
}

static PyObject *tagged_event(receiver *receiver, imapc_response *response)
{
    imapc_text text;
    PyObject *code = code_of(receiver, response, &text);
    if (!code)
        return NULL;
    return Py_BuildValue("(Oy#sNN)", NAME(receiver, tagged), response->tag.at,
                         (Py_ssize_t)response->tag.length, status_name(response->status),
                         text_of(text), code);
}

static PyObject *state_event(receiver *receiver, PyObject *name, imapc_response *response)
{
    imapc_text text;
    PyObject *code = code_of(receiver, response, &text);
    if (!code)
        return NULL;
    return Py_BuildValue("(OzNN)", name, status_name(response->status), text_of(text),
                         code);
}

/* greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF
 *
 * Of what is none there is no status, and text has all of its first line. */
static PyObject *greeting_event(receiver *receiver, imapc_response *response)
{
    if (response->kind == IMAPC_STATUS && response->status != IMAPC_STATUS_NO &&
        response->status != IMAPC_STATUS_BAD)
        return state_event(receiver, NAME(receiver, greeting), response);
    const imapc_framed *framed = response->cursor.response;
    imapc_text line = {framed->text + framed->spans[0].offset, framed->spans[0].length};
    return Py_BuildValue("(OONO)", NAME(receiver, greeting), Py_None, text_of(line),
                         Py_None);
}

/* ---------------------------------------------------------------- others -- */

/* [number] NAME and whatever follows. */
static PyObject *other_event(receiver *receiver, imapc_response *response)
{
    builder *builder = &receiver->builder;
    imapc_cursor *cursor = &response->cursor;
    const char *at = response->data.at, *end = at + response->data.length;
    imapc_text number = text_word(&at, end), word = number;
    if (imapc_is_number(number))
        word = text_word(&at, end);
    word = text_up_to(word, '(');
    cursor_init(cursor, cursor->response, cursor->limits);
    cursor->at = word.at + word.length;
    builder->form = response->kind == IMAPC_NAMESPACE ? FORM_MAILBOX : FORM_TEXT;
    imapc_result result = generic_values(builder, cursor);
    if (result == IMAPC_MALFORMED)
        return event_malformed(receiver, cursor->response, &cursor->error);
    if (result)
        return NULL;
    bool has_number = word.at != number.at;
    if (!builder_push(builder, has_number ? shape_number(number) : Py_NewRef(Py_None)) ||
        !builder_push(builder, generic_keyword(word)))
        return NULL;
    PyObject *name = builder_pop(builder), *first = builder_pop(builder);
    PyObject *values = builder_tuple(builder, 0);
    return Py_BuildValue("(ONNN)", NAME(receiver, other), name, first, values);
}

static PyObject *mailbox_event(receiver *receiver, imapc_response *response,
                               mailbox_data *parse)
{
    PyObject *event = NULL;
    imapc_result result = parse(receiver, response, &event);
    if (result == IMAPC_MALFORMED)
        return event_malformed(receiver, response->cursor.response,
                               &response->cursor.error);
    return event;
}

static PyObject *event_of_kind(receiver *receiver, imapc_response *response)
{
    switch (response->kind) {
    case IMAPC_FETCH:
        return fetch_event(receiver, response);
    case IMAPC_TAGGED:
        return tagged_event(receiver, response);
    case IMAPC_STATUS:
    case IMAPC_CODE:
        return state_event(receiver, NAME(receiver, state), response);
    case IMAPC_LIST:
    case IMAPC_LSUB:
        return mailbox_event(receiver, response, mailbox_data_list);
    case IMAPC_MAILBOX_STATUS:
        return mailbox_event(receiver, response, mailbox_data_status);
    case IMAPC_SEARCH:
        return mailbox_event(receiver, response, mailbox_data_search);
    case IMAPC_SORT:
        return mailbox_event(receiver, response, mailbox_data_sort);
    case IMAPC_VANISHED:
        return mailbox_event(receiver, response, mailbox_data_vanished);
    case IMAPC_CONTINUE:
    case IMAPC_STRAY:
    case IMAPC_EXISTS:
    case IMAPC_RECENT:
    case IMAPC_EXPUNGE:
        return event_told(receiver, response);
    default:
        return other_event(receiver, response);
    }
}

PyObject *typed_of(receiver *receiver, const imapc_framed *framed, bool greeting)
{
    imapc_response response;
    imapc_classify(framed, &receiver->limits, &response);
    PyObject *event = greeting ? greeting_event(receiver, &response)
                               : event_of_kind(receiver, &response);
    builder_clear(&receiver->builder);
    return typed_next(receiver, event, octets_in(framed));
}
