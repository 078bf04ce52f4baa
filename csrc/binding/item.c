/* One spelling for each item, however a server or a program spells it. */
#include "item.h"

#include "literal.h"
#include "shape.h"

/* ----------------------------------------------------------------- writing -- */

/* Where a key goes to; at is NULL while its length alone is wanted. */
typedef struct writer {
    char *at;
    size_t length;
    bool foreign; /* what is not ASCII was in it */
    bool spaced;  /* a word or a list was the last, so that SP comes before the next */
} writer;

static void write_octet(writer *writer, char octet)
{
    writer->foreign |= (unsigned char)octet >= 0x80;
    if (writer->at)
        writer->at[writer->length] = Py_TOUPPER(octet);
    writer->length++;
}

static void write_text(writer *writer, imapc_text text)
{
    for (size_t i = 0; i < text.length; i++)
        write_octet(writer, text.at[i]);
}

static void write_space(writer *writer)
{
    if (writer->spaced)
        write_octet(writer, ' ');
    writer->spaced = false;
}

static void write_token(writer *writer, const imapc_token *token)
{
    switch (token->kind) {
    case TOKEN_SECTION_OPEN:
        write_octet(writer, '[');
        return;
    case TOKEN_OPEN:
        write_space(writer);
        write_octet(writer, '(');
        return;
    case TOKEN_SECTION_CLOSE:
        write_octet(writer, ']');
        return;
    case TOKEN_CLOSE:
        write_octet(writer, ')');
        break;
    default:
        write_space(writer);
        write_text(writer, token->kind == TOKEN_LITERAL
                               ? literal_object_octets(*token->literal)
                               : token->text);
    }
    writer->spaced = true;
}

/* The request alone has ".PEEK". */
static imapc_text without_peek(imapc_text name)
{
    static const size_t length = sizeof ".PEEK" - 1;
    if (name.length > length) {
        imapc_text end = {name.at + name.length - length, length};
        if (imapc_is_keyword(end, ".PEEK"))
            name.length -= length;
    }
    return name;
}

/* "<0>", of a request "<0.2048>". */
static void write_origin(writer *writer, imapc_cursor *cursor)
{
    imapc_text origin = imapc_parse_origin(cursor);
    const char *from = cursor->at, *end = cursor->end;
    if (!origin.length && from < end && *from == '<') {
        const char *dot = text_skip(from + 1, end, CHAR_DIGIT);
        const char *close = dot < end && *dot == '.' ? text_skip(dot + 1, end, CHAR_DIGIT)
                                                     : end;
        if (close < end && *close == '>' && close[-1] != '.' && dot > from + 1) {
            write_text(writer, text_between(from, dot));
            write_octet(writer, '>');
            cursor->at = close + 1;
        }
    }
    write_text(writer, origin);
}

/* section = "[" [section-spec] "]" ["<" number ">"] */
static imapc_result write_key(writer *writer, imapc_cursor *cursor, const imapc_item *item)
{
    size_t base = cursor->depth;
    write_text(writer, item->section ? without_peek(item->name) : item->name);
    while (item->section) {
        imapc_token token;
        imapc_result result = cursor_value_token(cursor, base, &token);
        if (result)
            return result;
        write_token(writer, &token);
        if (cursor->depth == base) {
            write_origin(writer, cursor);
            break;
        }
    }
    return writer->foreign ? imapc_refuse(cursor, "the name of an item is not ASCII")
                           : IMAPC_OK;
}

/* Written twice, the first time to learn the length. */
static imapc_result make_key(imapc_cursor *cursor, const imapc_item *item, PyObject **key)
{
    imapc_cursor again = *cursor;
    writer measure = {NULL, 0, false, false};
    imapc_result result = write_key(&measure, cursor, item);
    if (result)
        return result;
    *key = PyUnicode_New((Py_ssize_t)measure.length, 127);
    if (!*key)
        return IMAPC_SINK;
    writer writer = {(char *)PyUnicode_1BYTE_DATA(*key), 0, false, false};
    write_key(&writer, &again, item);
    return IMAPC_OK;
}

/* ------------------------------------------------------------------- items -- */

imapc_result item_push_key(builder *builder, imapc_cursor *cursor, const imapc_item *item)
{
    PyObject *key = NULL;
    imapc_result result = make_key(cursor, item, &key);
    return result ? result : builder_took(builder_push(builder, key));
}

PyObject *item_asked(PyObject *text)
{
    static const imapc_limits limits = {.depth = 2, .lists = 2, .elements = SIZE_MAX};
    Py_ssize_t length;
    const char *octets = PyUnicode_AsUTF8AndSize(text, &length);
    if (!octets)
        return NULL;
    imapc_framed framed;
    imapc_span span;
    imapc_cursor cursor;
    imapc_token name;
    PyObject *key = NULL;
    shape_text_cursor((imapc_text){octets, (size_t)length}, &framed, &span, &limits,
                      &cursor);
    if (cursor_token(&cursor, &name) || name.kind != TOKEN_ATOM)
        return NULL;
    imapc_item item = {name.text, cursor.sectioned};
    if (!make_key(&cursor, &item, &key) && cursor.at != cursor.end)
        Py_CLEAR(key);
    return key;
}

bool item_is_octets(const imapc_item *item)
{
    if (item->section)
        return !imapc_is_keyword(item->name, "BINARY.SIZE");
    return imapc_is_keyword(item->name, "RFC822") ||
           imapc_is_keyword(item->name, "RFC822.HEADER") ||
           imapc_is_keyword(item->name, "RFC822.TEXT");
}

imapc_result item_push_octets(builder *builder, imapc_cursor *cursor)
{
    imapc_token token;
    imapc_result result = cursor_value_token(cursor, cursor->depth, &token);
    if (result)
        return result;
    if (token.kind == TOKEN_OPEN || token.kind == TOKEN_SECTION_OPEN)
        return imapc_refuse(cursor, "a string was expected");
    if (cursor_is_nil(token.kind, token.text))
        return builder_took(builder_push(builder, Py_NewRef(Py_None)));
    builder->form = FORM_BYTES;
    return builder_took(builder_string(builder, &token));
}
