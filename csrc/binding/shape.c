/* What the files of the shapes have in common. */
#include "shape.h"

#include <string.h>

PyObject *shape_list(void)
{
    return PyList_New(0);
}

bool shape_set(PyObject *dict, PyObject *key, PyObject *value)
{
    bool done = value && PyDict_SetItem(dict, key, value) == 0;
    Py_XDECREF(value);
    return done;
}

PyObject *shape_number(imapc_text digits)
{
    if (digits.length <= TEXT_PLAIN_DIGITS) {
        uint64_t value;
        text_digits(digits.at, digits.at + digits.length, &value);
        return PyLong_FromLongLong((long long)value);
    }
    char text[IMAPC_MAX_DIGITS + 1];
    memcpy(text, digits.at, digits.length);
    text[digits.length] = '\0';
    return PyLong_FromString(text, NULL, 10);
}

imapc_result shape_push_message(builder *builder, imapc_response *response)
{
    imapc_text number = response->number;
    if (response->message)
        return builder_took(
            builder_push(builder, PyLong_FromLongLong((long long)response->message)));
    if (!imapc_is_number(number))
        return imapc_refuse(&response->cursor, "the number of a message is malformed");
    return builder_took(builder_push(builder, shape_number(number)));
}

void shape_text_cursor(imapc_text text, imapc_framed *framed, imapc_span *span,
                       const imapc_limits *limits, imapc_cursor *cursor)
{
    *span = (imapc_span){.length = text.length};
    *framed = (imapc_framed){text.at, span, 1, false};
    cursor_init(cursor, framed, limits);
}
