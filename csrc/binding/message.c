/* msg-att, straight into the record. */
#include "message.h"

#include <string.h>

#include "date.h"
#include "envelope.h"
#include "flags.h"
#include "generic.h"
#include "item.h"
#include "octets.h"
#include "typed.h"

/* ------------------------------------------------------------ attributes -- */

/* Each takes one value; IMAPC_MALFORMED where it is none of that kind. */
typedef imapc_result take(receiver *receiver, imapc_cursor *cursor, message *message);

/* UID = "UID" SP uniqueid; uniqueid = nz-number */
static imapc_result take_uid(receiver *Py_UNUSED(receiver), imapc_cursor *cursor,
                             message *message)
{
    uint64_t uid;
    imapc_result result = imapc_parse_number(cursor, &uid);
    if (!result && (uid == 0 || uid > UINT32_MAX))
        result = imapc_refuse(cursor, "a UID that cannot be");
    /* One that is malformed takes back what came before it. */
    message->uid = result ? 0 : (uint32_t)uid;
    return result;
}

static imapc_result take_flags(receiver *receiver, imapc_cursor *cursor, message *message)
{
    PyObject *flags;
    imapc_result result = flags_parse(&receiver->typed->flags, &receiver->builder, cursor,
                                      &flags);
    if (!result)
        Py_XSETREF(message->flags, flags);
    return result;
}

/* fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")"; RFC 7162 */
static imapc_result take_modseq(receiver *Py_UNUSED(receiver), imapc_cursor *cursor,
                                message *message)
{
    imapc_token token;
    uint64_t modseq;
    size_t base = cursor->depth;
    imapc_result result = cursor_value_token(cursor, base, &token);
    if (!result && token.kind != TOKEN_OPEN)
        result = imapc_refuse(cursor, "a number in parentheses was expected");
    if (!result)
        result = imapc_parse_number(cursor, &modseq);
    if (!result)
        result = cursor_value_token(cursor, base, &token);
    if (!result && cursor->depth != base)
        result = imapc_refuse(cursor, "a number in parentheses was expected");
    if (!result)
        message->modseq = modseq;
    return result;
}

static imapc_result take_size(receiver *Py_UNUSED(receiver), imapc_cursor *cursor,
                              message *message)
{
    uint64_t size;
    imapc_result result = imapc_parse_number(cursor, &size);
    if (!result)
        message->size = size;
    return result;
}

static imapc_result take_date(receiver *Py_UNUSED(receiver), imapc_cursor *cursor,
                              message *message)
{
    imapc_token token;
    uint64_t date = 0;
    imapc_result result = cursor_value_token(cursor, cursor->depth, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_QUOTED || !date_pack(token.text, &date))
        return imapc_refuse(cursor, "a date was expected");
    message->date = date;
    return IMAPC_OK;
}

static imapc_result take_envelope(receiver *receiver, imapc_cursor *cursor,
                                  message *message)
{
    PyObject *envelope;
    imapc_result result = envelope_parse(&receiver->builder, cursor, &envelope);
    if (!result)
        Py_XSETREF(message->envelope, envelope);
    return result;
}

/* body = "(" (body-type-1part / body-type-mpart) ")": what it means is looked at when the
 * structure is. */
static imapc_result take_structure(receiver *receiver, imapc_cursor *cursor,
                                   message *message)
{
    builder *builder = &receiver->builder;
    builder->form = FORM_TEXT;
    imapc_result result = generic_value(builder, cursor);
    if (!result && !PyTuple_Check(builder->values[builder->count - 1]))
        result = imapc_refuse(cursor, "a structure was expected");
    if (!result)
        Py_XSETREF(message->structure, builder_pop(builder));
    return result;
}

typedef struct attribute {
    const char *name;
    uint16_t bits;
    take *take;
} attribute;

/* The commonest come first. */
static const attribute attributes[] = {
    {"UID", HAS_UID, take_uid},
    {"FLAGS", HAS_FLAGS, take_flags},
    {"MODSEQ", HAS_MODSEQ, take_modseq},
    {"RFC822.SIZE", HAS_SIZE, take_size},
    {"ENVELOPE", HAS_ENVELOPE, take_envelope},
    {"INTERNALDATE", HAS_DATE, take_date},
    {"BODYSTRUCTURE", HAS_STRUCTURE | HAS_BODYSTRUCTURE, take_structure},
    {"BODY", HAS_STRUCTURE | HAS_BODY, take_structure},
};

/* NULL: an item that has no attribute of its own. */
static const attribute *attribute_named(imapc_text name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (imapc_is_keyword(name, attributes[i].name))
            return &attributes[i];
    return NULL;
}

/* -------------------------------------------------------------- problems -- */

/* What stands behind the cursor and the spaces there, to be shown. */
static PyObject *octets_behind(const imapc_cursor *cursor)
{
    imapc_framed rest = *cursor->response;
    rest.spans += cursor->span;
    rest.count -= cursor->span;
    if (!rest.count)
        return octets_shown(&rest);
    const char *at = text_skip(cursor->at, cursor->end, CHAR_SPACE);
    size_t skip = (size_t)(at - (rest.text + rest.spans->offset));
    return octets_of(&rest, skip, OCTETS_SHOWN);
}

/* Keep what was refused, and from where on it stands; name may be without an at. */
static bool add_problem(message *message, imapc_text name, const imapc_cursor *start,
                        const imapc_error *error)
{
    PyObject *wire = octets_behind(start);
    PyObject *item = name.at
                         ? PyUnicode_DecodeLatin1(name.at, (Py_ssize_t)name.length, NULL)
                         : Py_NewRef(Py_None);
    PyObject *problem = wire && item ? Py_BuildValue("(OsO)", item, error->message, wire)
                                     : NULL;
    Py_XDECREF(wire);
    Py_XDECREF(item);
    if (problem && !message->problems)
        message->problems = PyList_New(0);
    if (problem && message->problems)
        return cpython_append(message->problems, problem);
    Py_XDECREF(problem);
    return false;
}

/* A malformed value costs itself alone: it is passed over by the rule that all values
 * follow.  IMAPC_MALFORMED where it does not even follow that. */
static imapc_result pass_over(message *message, imapc_text name, imapc_cursor *cursor,
                              const imapc_cursor *start)
{
    if (!add_problem(message, name, start, &cursor->error))
        return IMAPC_SINK;
    *cursor = *start;
    return imapc_skip_value(cursor);
}

/* ----------------------------------------------------------------- items -- */

static imapc_result take_attribute(receiver *receiver, imapc_cursor *cursor,
                                   message *message, const attribute *attribute)
{
    /* BODYSTRUCTURE says all that BODY does. */
    bool is_told = attribute->bits & HAS_BODY && message->has & HAS_BODYSTRUCTURE;
    imapc_cursor start = *cursor;
    size_t first = receiver->builder.count;
    message->has |= attribute->bits;
    if (is_told)
        return imapc_skip_value(cursor);
    message->broken &= (uint16_t)~attribute->bits;
    imapc_result result = attribute->take(receiver, cursor, message);
    if (result != IMAPC_MALFORMED)
        return result;
    builder_cut(&receiver->builder, first);
    message->broken |= attribute->bits;
    imapc_text name = {attribute->name, strlen(attribute->name)};
    return pass_over(message, name, cursor, &start);
}

/* Any other item: its key and its value stay on the builder's stack, behind those that came
 * before. */
static imapc_result take_other(receiver *receiver, imapc_cursor *cursor, message *message,
                               const imapc_item *item)
{
    builder *builder = &receiver->builder;
    size_t first = builder->count;
    builder->form = FORM_TEXT;
    imapc_result result = item_push_key(builder, cursor, item);
    if (result)
        return result;
    imapc_cursor start = *cursor;
    message->has |= HAS_OTHER;
    result = item_is_octets(item) ? item_push_octets(builder, cursor)
                                  : generic_value(builder, cursor);
    if (result != IMAPC_MALFORMED)
        return result;
    builder_cut(builder, first);
    return pass_over(message, item->name, cursor, &start);
}

/* Each item; what breaks the list itself costs what follows, and the record comes. */
static imapc_result take_items(receiver *receiver, imapc_cursor *cursor, message *message)
{
    imapc_result result;
    imapc_item item;
    imapc_cursor start = *cursor;
    while (!(result = imapc_msg_att_item(cursor, &item))) {
        const attribute *attribute = item.section ? NULL : attribute_named(item.name);
        result = attribute ? take_attribute(receiver, cursor, message, attribute)
                           : take_other(receiver, cursor, message, &item);
        if (result)
            break;
        start = *cursor;
    }
    if (result == IMAPC_END)
        return IMAPC_OK;
    if (result == IMAPC_MALFORMED && !message->problems)
        return builder_took(
            add_problem(message, (imapc_text){NULL, 0}, &start, &cursor->error));
    return result == IMAPC_MALFORMED ? IMAPC_OK : result;
}

/* ---------------------------------------------------------------- making -- */

static message *message_new(receiver *receiver, uint32_t number)
{
    message *made = PyObject_New(message, receiver->builder.state->message_type);
    if (made) {
        memset((char *)made + sizeof made->ob_base, 0, sizeof *made - sizeof made->ob_base);
        made->number = number;
    }
    return made;
}

/* What was added up item by item, as it stays. */
static bool finish(builder *builder, message *message)
{
    if (builder->count && !(message->others = builder_tuple(builder, 0)))
        return false;
    if (!message->problems)
        return true;
    Py_SETREF(message->problems, PyList_AsTuple(message->problems));
    return message->problems != NULL;
}

/* message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)) */
imapc_result message_of(receiver *receiver, imapc_response *response, message **message)
{
    imapc_cursor *cursor = &response->cursor;
    uint64_t number;
    *message = NULL;
    if (!imapc_number(response->number, &number) || number == 0 || number > UINT32_MAX)
        return imapc_refuse(cursor, "the number of a message is malformed");
    imapc_result result = imapc_msg_att_begin(cursor);
    if (result)
        return result;
    struct message *made = message_new(receiver, (uint32_t)number);
    if (!made)
        return IMAPC_SINK;
    result = take_items(receiver, cursor, made);
    if (!result)
        result = builder_took(finish(&receiver->builder, made));
    if (result)
        Py_DECREF(made);
    else
        *message = made;
    builder_clear(&receiver->builder);
    return result;
}
