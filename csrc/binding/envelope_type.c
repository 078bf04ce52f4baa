/* Envelope and Address as Python sees them. */
#include "envelope.h"

#include <string.h>

#include "decode.h"

/* -------------------------------------------------------------- decoding -- */

/* What is to be shown as it is: ASCII without the beginning of an encoded word. */
static bool is_plain(PyObject *text)
{
    if (!PyUnicode_IS_ASCII(text))
        return false;
    const char *at = (const char *)PyUnicode_1BYTE_DATA(text);
    const char *end = at + PyUnicode_GET_LENGTH(text);
    while (at < end && (at = memchr(at, '=', (size_t)(end - at))))
        if (*++at == '?') /* a str ends with a NUL */
            return false;
    return true;
}

/* A str, or None, for people. */
static PyObject *decoded(PyObject *self, decode how, PyObject *raw)
{
    if (Py_IsNone(raw) || is_plain(raw))
        return Py_NewRef(raw);
    return decode_with(self, how, raw);
}

/* --------------------------------------------------------------- Envelope -- */

static PyObject *envelope_raw(PyObject *self, void *field)
{
    return Py_NewRef(((envelope *)self)->fields[(size_t)field]);
}

static PyObject *envelope_date(PyObject *self, void *field)
{
    PyObject *raw = ((envelope *)self)->fields[(size_t)field];
    return Py_IsNone(raw) ? Py_NewRef(raw) : decode_with(self, DECODE_DATE, raw);
}

/* unstructured: with encoded words */
static PyObject *envelope_text(PyObject *self, void *field)
{
    return decoded(self, DECODE_TEXT, ((envelope *)self)->fields[(size_t)field]);
}

static PyObject *envelope_id(PyObject *self, void *field)
{
    return decoded(self, DECODE_UTF8, ((envelope *)self)->fields[(size_t)field]);
}

static PyObject *envelope_repr(PyObject *self)
{
    return decode_with(self, DECODE_REPR_ENVELOPE, self);
}

static void envelope_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (size_t i = 0; i < ENVELOPE_FIELDS; i++)
        Py_DECREF(((envelope *)self)->fields[i]);
    PyObject_Free(self);
    Py_DECREF(type);
}

#define FIELD(name, get, field, doc)                                                       \
    {name, get, NULL, PyDoc_STR(doc), (void *)(size_t)(field)}

static PyGetSetDef envelope_getset[] = {
    FIELD("date", envelope_date, ENVELOPE_DATE, "Date: aware, or None."),
    FIELD("subject", envelope_text, ENVELOPE_SUBJECT, "Subject, decoded, or None."),
    FIELD("from_", envelope_raw, ENVELOPE_FROM, "From: a tuple of Address."),
    FIELD("sender", envelope_raw, ENVELOPE_SENDER, "Sender: a tuple of Address."),
    FIELD("replyTo", envelope_raw, ENVELOPE_REPLY_TO, "Reply-To: a tuple of Address."),
    FIELD("to", envelope_raw, ENVELOPE_TO, "To: a tuple of Address."),
    FIELD("cc", envelope_raw, ENVELOPE_CC, "Cc: a tuple of Address."),
    FIELD("bcc", envelope_raw, ENVELOPE_BCC, "Bcc: a tuple of Address."),
    FIELD("inReplyTo", envelope_id, ENVELOPE_IN_REPLY_TO, "In-Reply-To, or None."),
    FIELD("messageId", envelope_id, ENVELOPE_MESSAGE_ID, "Message-ID, or None."),
    FIELD("rawDate", envelope_raw, ENVELOPE_DATE, "Date as it came: latin-1, or None."),
    FIELD("rawSubject", envelope_raw, ENVELOPE_SUBJECT,
          "Subject as it came: latin-1, or None."),
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot envelope_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("What a message says of itself.")},
    {Py_tp_dealloc, envelope_dealloc},
    {Py_tp_repr, envelope_repr},
    {Py_tp_getset, envelope_getset},
    {0, NULL},
};

PyType_Spec envelope_spec = {
    .name = "twisted_imapc.client.Envelope",
    .basicsize = sizeof(envelope),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = envelope_slots,
};

/* ---------------------------------------------------------------- Address -- */

static PyObject *address_raw(PyObject *self, void *field)
{
    return Py_NewRef(((address *)self)->fields[(size_t)field]);
}

static PyObject *address_text(PyObject *self, void *field)
{
    return decoded(self, DECODE_TEXT, ((address *)self)->fields[(size_t)field]);
}

/* Encoded words are not for addresses; that of a group is its name. */
static PyObject *address_part(PyObject *self, void *field)
{
    const address *address = (struct address *)self;
    decode how = Py_IsNone(address->fields[ADDRESS_HOST]) ? DECODE_TEXT : DECODE_UTF8;
    return decoded(self, how, address->fields[(size_t)field]);
}

/* addr-spec = local-part "@" domain */
static PyObject *address_address(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *mailbox = address_part(self, (void *)(size_t)ADDRESS_MAILBOX);
    PyObject *host = mailbox ? address_part(self, (void *)(size_t)ADDRESS_HOST) : NULL;
    PyObject *both = NULL;
    if (host)
        both = Py_IsNone(mailbox) || Py_IsNone(host)
                   ? Py_NewRef(Py_None)
                   : PyUnicode_FromFormat("%U@%U", mailbox, host);
    Py_XDECREF(mailbox);
    Py_XDECREF(host);
    return both;
}

static PyObject *address_repr(PyObject *self)
{
    return decode_with(self, DECODE_REPR_ADDRESS, self);
}

static void address_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (size_t i = 0; i < ADDRESS_FIELDS; i++)
        Py_DECREF(((address *)self)->fields[i]);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyGetSetDef address_getset[] = {
    FIELD("name", address_text, ADDRESS_NAME, "The name to show, decoded, or None."),
    FIELD("mailbox", address_part, ADDRESS_MAILBOX,
          "What stands before the @; of a group its name; None at the end of a group."),
    FIELD("host", address_part, ADDRESS_HOST, "What stands behind the @, or None."),
    FIELD("route", address_part, ADDRESS_ROUTE, "The source route, or None."),
    FIELD("address", address_address, 0, "mailbox@host, or None without both."),
    FIELD("rawName", address_raw, ADDRESS_NAME, "The name as it came: latin-1, or None."),
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot address_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("An address, or the begin or end of a group of them.")},
    {Py_tp_dealloc, address_dealloc},
    {Py_tp_repr, address_repr},
    {Py_tp_getset, address_getset},
    {0, NULL},
};

PyType_Spec address_spec = {
    .name = "twisted_imapc.client.Address",
    .basicsize = sizeof(address),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = address_slots,
};
