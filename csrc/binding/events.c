/* Each response is collected, told, or both; here is what is told. */
#include "events.h"

#include "msg_att.h"
#include "octets.h"
#include "words.h"

#define NAME(receiver, name) ((receiver)->builder.state->pool.names[NAME_##name])

static PyObject *bytes_of(imapc_text text)
{
    return PyBytes_FromStringAndSize(text.at, (Py_ssize_t)text.length);
}

static PyObject *unhandled(receiver *receiver, const imapc_framed *framed)
{
    return Py_BuildValue("(ON)", NAME(receiver, unhandled), octets_shown(framed));
}

PyObject *event_malformed(receiver *receiver, const imapc_framed *framed,
                          const imapc_error *error)
{
    return Py_BuildValue("(OsNn)", NAME(receiver, malformed), error->message,
                         octets_shown(framed), (Py_ssize_t)error->offset);
}

PyObject *event_of_failure(receiver *receiver, imapc_result result,
                           const imapc_error *error, const imapc_framed *unfinished)
{
    if (result == IMAPC_NO_MEMORY || (result == IMAPC_SINK && !PyErr_Occurred()))
        return PyErr_NoMemory();
    if (result == IMAPC_SINK)
        return NULL;
    return Py_BuildValue(
        "(OOsNn)", NAME(receiver, error),
        result == IMAPC_TOO_LARGE ? NAME(receiver, too_large) : NAME(receiver, framing),
        error->message, octets_shown(unfinished), (Py_ssize_t)error->offset);
}

/* ------------------------------------------------------------ greeting -- */

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
    PyObject *dict;
    if (words_capabilities(&cursor, &dict) == IMAPC_MALFORMED)
        Py_RETURN_NONE;
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
        return Py_BuildValue("(OOON)", NAME(receiver, greeting), Py_None, Py_None,
                             octets_shown(framed));
    PyObject *capabilities = greeting_capabilities(receiver, response);
    if (!capabilities)
        return NULL;
    return Py_BuildValue("(OyNN)", NAME(receiver, greeting), status, capabilities,
                         bytes_of(response->text));
}

/* ----------------------------------------------------------- responses -- */

static const imapc_error malformed_number = {"the number of a message is malformed", 2};

/*
 * message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
 * mailbox-data = ... / number SP "EXISTS"; RFC 3501 has number SP "RECENT", too
 */
static PyObject *number_event(receiver *receiver, PyObject *name, imapc_response *response,
                              const imapc_framed *framed)
{
    if (!imapc_is_number(response->number))
        return event_malformed(receiver, framed, &malformed_number);
    return Py_BuildValue("(ON)", name, shape_number(response->number));
}

/* Of a FETCH only the FLAGS are told.  One that the command has in its result is not
 * lost without them, so nothing is to be logged. */
static PyObject *flags_event(receiver *receiver, imapc_response *response,
                             const imapc_framed *framed, bool collected)
{
    PyObject *flags = NULL;
    imapc_error error = malformed_number;
    imapc_result result = IMAPC_MALFORMED;
    if (imapc_is_number(response->number)) {
        result = msg_att_flags(&receiver->builder, &response->cursor, &flags);
        error = response->cursor.error;
    }
    if (result && result != IMAPC_MALFORMED)
        return NULL;
    if (!flags && collected)
        Py_RETURN_NONE;
    if (result)
        return event_malformed(receiver, framed, &error);
    if (!flags)
        return unhandled(receiver, framed);
    return Py_BuildValue("(O{NN})", NAME(receiver, flags), shape_number(response->number),
                         flags);
}

/* "* [READ-ONLY]" and nothing behind it */
static PyObject *mode_event(receiver *receiver, imapc_response *response,
                            const imapc_framed *framed)
{
    bool writeable = imapc_is_keyword(response->code, "READ-WRITE");
    bool alone = response->code.at && response->text.length == response->code.length + 2;
    if (!alone || !(writeable || imapc_is_keyword(response->code, "READ-ONLY")))
        return unhandled(receiver, framed);
    return Py_BuildValue("(OO)", NAME(receiver, mode), writeable ? Py_True : Py_False);
}

/* response-tagged = tag SP resp-cond-state CRLF */
static PyObject *tagged_event(receiver *receiver, const imapc_response *response)
{
    const char *status = response->status == IMAPC_STATUS_OK   ? "OK"
                         : response->status == IMAPC_STATUS_NO ? "NO"
                                                               : "BAD";
    return Py_BuildValue("(ONyNN)", NAME(receiver, tagged), bytes_of(response->tag), status,
                         bytes_of(response->text), bytes_of(response->data));
}

/* collected: the command has it in its result already. */
static PyObject *told(receiver *receiver, imapc_response *response,
                      const imapc_framed *framed, bool collected)
{
    switch (response->kind) {
    case IMAPC_TAGGED:
        return tagged_event(receiver, response);
    case IMAPC_EXISTS:
        return number_event(receiver, NAME(receiver, exists), response, framed);
    case IMAPC_RECENT:
        return number_event(receiver, NAME(receiver, recent), response, framed);
    case IMAPC_EXPUNGE:
        return number_event(receiver, NAME(receiver, expunge), response, framed);
    case IMAPC_FETCH:
        return flags_event(receiver, response, framed, collected);
    case IMAPC_CODE:
        return mode_event(receiver, response, framed);
    case IMAPC_CONTINUE:
        return Py_BuildValue("(ON)", NAME(receiver, plus), bytes_of(response->data));
    case IMAPC_STRAY:
        return Py_BuildValue("(ONN)", NAME(receiver, stray), bytes_of(response->tag),
                             bytes_of(response->data));
    case IMAPC_STATUS:
        if (response->status == IMAPC_STATUS_BYE)
            return Py_BuildValue("(ON)", NAME(receiver, bye), bytes_of(response->text));
        break;
    default:
        break;
    }
    return unhandled(receiver, framed);
}

PyObject *event_told(receiver *receiver, imapc_response *response)
{
    return told(receiver, response, response->cursor.response, false);
}

/* A tagged answer and a BYE are told, whoever collects them. */
static bool is_told(const collection *collection, const imapc_response *response)
{
    return response->kind == IMAPC_TAGGED || response->status == IMAPC_STATUS_BYE ||
           collection_tells(collection, response);
}

/* What is not collected alone; what is collected and told is walked twice. */
static PyObject *told_too(receiver *receiver, imapc_response *response,
                          const imapc_framed *framed, bool collected)
{
    imapc_cursor start = response->cursor;
    if (collected && !collection_add(&receiver->collection, &receiver->builder, response))
        return NULL;
    response->cursor = start;
    PyObject *event = told(receiver, response, framed, collected);
    builder_clear(&receiver->builder);
    return event;
}

PyObject *event_of(receiver *receiver, const imapc_framed *framed, bool greeting)
{
    imapc_response response;
    imapc_classify(framed, &receiver->limits, &response);
    if (greeting)
        return greeting_of(receiver, &response, framed);
    bool collected = collection_collects(&receiver->collection, &response);
    if (!collected || is_told(&receiver->collection, &response))
        return told_too(receiver, &response, framed, collected);
    return collection_add(&receiver->collection, &receiver->builder, &response)
               ? Py_NewRef(Py_None)
               : NULL;
}
