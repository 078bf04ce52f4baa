/* Lines for the trace hook: literals are left out, for a mailbox is large and
 * private. */
#include "trace.h"

static bool append_line(PyObject *lines, const char *in_place, imapc_text text)
{
    PyObject *line = PyBytes_FromStringAndSize(text.at, (Py_ssize_t)text.length);
    if (line && in_place[0]) {
        PyObject *rest = line;
        line = PyBytes_FromString(in_place);
        PyBytes_ConcatAndDel(&line, rest);
    }
    bool done = line && PyList_Append(lines, line) == 0;
    Py_XDECREF(line);
    return done;
}

bool trace_response(PyObject *lines, const imapc_framed *framed)
{
    char in_place[sizeof "[18446744073709551615 octets]"] = "";
    bool done = true;
    for (size_t i = 0; done && i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        imapc_text text = {framed->text + span->offset, span->length + span->announced};
        done = append_line(lines, in_place, text);
        in_place[0] = '\0';
        if (span->announced)
            PyOS_snprintf(in_place, sizeof in_place, "[%zu octets]", span->literal_size);
    }
    if (done && in_place[0])
        done = append_line(lines, in_place, (imapc_text){"", 0});
    return done;
}
