/* What the session is told of a response: one tuple, or nothing where the
 * command that waits has collected it. */
#include "handover.h"

#include "msg_att.h"
#include "octets.h"

#define KIND(receiver, name) ((receiver)->builder.state->names[NAME_##name])

static PyObject *bytes_of(imapc_text text)
{
    return PyBytes_FromStringAndSize(text.at, (Py_ssize_t)text.length);
}

static PyObject *unhandled(receiver *receiver, const imapc_framed *framed)
{
    return Py_BuildValue("(ON)", KIND(receiver, unhandled), octets_shown(framed));
}

static PyObject *bad(receiver *receiver, const imapc_framed *framed,
                     const imapc_error *error)
{
    return Py_BuildValue("(OsNn)", KIND(receiver, bad), error->message,
                         octets_shown(framed), (Py_ssize_t)error->offset);
}

PyObject *handover_error(receiver *receiver, imapc_result result, const imapc_error *error,
                         const imapc_framed *unfinished)
{
    return Py_BuildValue(
        "(OOsNn)", KIND(receiver, error),
        result == IMAPC_TOO_LARGE ? KIND(receiver, too_large) : KIND(receiver, framing),
        error->message, octets_shown(unfinished), (Py_ssize_t)error->offset);
}

/* Only CAPABILITY, or a code that starts with IMAP4rev1 or IMAP4rev2, speaks of
 * capabilities: "[TQBXAEg=]" of Exchange does not. */
static PyObject *greeting_capabilities(receiver *receiver, const imapc_response *response)
{
    imapc_framed framed;
    imapc_span span;
    imapc_cursor cursor;
    imapc_text word;
    if (!response->code.at)
        Py_RETURN_NONE;
    shape_text_cursor(response->code, &framed, &span, &receiver->limits, &cursor);
    if (imapc_parse_word(&cursor, &word) ||
        !(imapc_is_keyword(word, "CAPABILITY") || imapc_is_keyword(word, "IMAP4REV1") ||
          imapc_is_keyword(word, "IMAP4REV2")))
        Py_RETURN_NONE;
    PyObject *dict = PyDict_New();
    if (!dict)
        return NULL;
    imapc_result result = shape_capabilities(&cursor, dict);
    if (result == IMAPC_MALFORMED) {
        Py_DECREF(dict);
        Py_RETURN_NONE;
    }
    if (result || !shape_finish_capabilities(dict))
        Py_CLEAR(dict);
    return dict;
}

/* greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF */
static PyObject *greeting_of(receiver *receiver, const imapc_response *response,
                             const imapc_framed *framed)
{
    const char *status = NULL;
    if (response->kind == IMAPC_STATUS && response->status == IMAPC_STATUS_OK)
        status = "OK";
    else if (response->kind == IMAPC_STATUS && response->status == IMAPC_STATUS_PREAUTH)
        status = "PREAUTH";
    else if (response->kind == IMAPC_STATUS && response->status == IMAPC_STATUS_BYE)
        status = "BYE";
    if (!status)
        return Py_BuildValue("(OOON)", KIND(receiver, greeting), Py_None, Py_None,
                             octets_shown(framed));
    PyObject *capabilities = greeting_capabilities(receiver, response);
    if (!capabilities)
        return NULL;
    return Py_BuildValue("(OyNN)", KIND(receiver, greeting), status, capabilities,
                         bytes_of(response->text));
}

static PyObject *numbered(receiver *receiver, PyObject *name, imapc_response *response,
                          const imapc_framed *framed)
{
    if (!imapc_is_number(response->number)) {
        imapc_error error = {"the number of a message is malformed", 2};
        return bad(receiver, framed, &error);
    }
    return Py_BuildValue("(ON)", name, shape_number(response->number));
}

/* An unsolicited FETCH: only its FLAGS are anybody's business. */
static PyObject *flags_event(receiver *receiver, imapc_response *response,
                             const imapc_framed *framed)
{
    PyObject *flags;
    imapc_error error = {"the number of a message is malformed", 2};
    imapc_result result = IMAPC_MALFORMED;
    if (imapc_is_number(response->number)) {
        result = msg_att_flags(&receiver->builder, &response->cursor, &flags);
        error = response->cursor.error;
    }
    if (result == IMAPC_MALFORMED)
        return bad(receiver, framed, &error);
    if (result)
        return NULL;
    if (!flags)
        return unhandled(receiver, framed);
    return Py_BuildValue("(O{NN})", KIND(receiver, flags), shape_number(response->number),
                         flags);
}

static PyObject *mode_event(receiver *receiver, imapc_response *response,
                            const imapc_framed *framed)
{
    bool writeable = imapc_is_keyword(response->code, "READ-WRITE");
    bool alone = response->code.at && response->text.length == response->code.length + 2;
    if (!alone || !(writeable || imapc_is_keyword(response->code, "READ-ONLY")))
        return unhandled(receiver, framed);
    return Py_BuildValue("(OO)", KIND(receiver, mode), writeable ? Py_True : Py_False);
}

static PyObject *event_of(receiver *receiver, imapc_response *response,
                          const imapc_framed *framed)
{
    switch (response->kind) {
    case IMAPC_EXISTS:
        return numbered(receiver, KIND(receiver, exists), response, framed);
    case IMAPC_RECENT:
        return numbered(receiver, KIND(receiver, recent), response, framed);
    case IMAPC_EXPUNGE:
        return numbered(receiver, KIND(receiver, expunge), response, framed);
    case IMAPC_FETCH:
        return flags_event(receiver, response, framed);
    case IMAPC_CODE:
        return mode_event(receiver, response, framed);
    case IMAPC_CONTINUE:
        return Py_BuildValue("(ON)", KIND(receiver, plus), bytes_of(response->rest));
    case IMAPC_STRAY:
        return Py_BuildValue("(ONN)", KIND(receiver, stray), bytes_of(response->tag),
                             bytes_of(response->rest));
    case IMAPC_STATUS:
        if (response->status == IMAPC_STATUS_BYE)
            return Py_BuildValue("(ON)", KIND(receiver, bye), bytes_of(response->text));
        break;
    default:
        break;
    }
    return unhandled(receiver, framed);
}

static PyObject *tagged(receiver *receiver, const imapc_response *response)
{
    const char *status = response->status == IMAPC_STATUS_OK   ? "OK"
                         : response->status == IMAPC_STATUS_NO ? "NO"
                                                               : "BAD";
    return Py_BuildValue("(ONyNN)", KIND(receiver, tagged), bytes_of(response->tag), status,
                         bytes_of(response->text), bytes_of(response->rest));
}

/* The first bad response is kept: it fails the command at its tagged answer. */
static bool keep_error(receiver *receiver, const imapc_framed *framed,
                       const imapc_error *error)
{
    if (!receiver->error)
        receiver->error = Py_BuildValue("(sNn)", error->message, octets_shown(framed),
                                        (Py_ssize_t)error->offset);
    return receiver->error != NULL;
}

PyObject *handover_of(receiver *receiver, const imapc_framed *framed, bool greeting)
{
    imapc_response response;
    imapc_classify(framed, &receiver->limits, &response);
    if (greeting)
        return greeting_of(receiver, &response, framed);
    shape shape = receiver->collection.shape;
    bool collects = shape_collects(shape, &response);
    bool tells = !collects || response.kind == IMAPC_TAGGED ||
                 shape_also_tells(shape, &response);
    if (collects) {
        /* What is collected and told is walked twice. */
        imapc_cursor start = response.cursor;
        imapc_result result = collection_add(&receiver->collection, &receiver->builder,
                                             &response, framed);
        builder_clear(&receiver->builder);
        if (result == IMAPC_MALFORMED &&
            !keep_error(receiver, framed, &response.cursor.error))
            return NULL;
        if (result && result != IMAPC_MALFORMED)
            return NULL;
        response.cursor = start;
    }
    if (!tells)
        Py_RETURN_NONE;
    if (response.kind == IMAPC_TAGGED)
        return tagged(receiver, &response);
    PyObject *event = event_of(receiver, &response, framed);
    builder_clear(&receiver->builder);
    return event;
}
