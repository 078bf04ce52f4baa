/* One walk over the spans of a response, and what is made of it. */
#include "octets.h"

#include <string.h>

#include "literal.h"

/* A span is its text with the literal's announcement, and where there is one, the
 * end of that line and the literal. */
typedef enum piece { PIECE_NONE, PIECE_TEXT, PIECE_LINE_END, PIECE_LITERAL } piece;

typedef struct walk {
    const imapc_framed *framed;
    size_t begun; /* spans */
    const imapc_span *span;
    piece piece;
    imapc_text octets; /* of the piece; none of a literal that is not read yet */
} walk;

static bool next_piece(walk *walk)
{
    if (walk->piece == PIECE_TEXT && walk->span->announced) {
        walk->piece = PIECE_LINE_END;
        walk->octets = (imapc_text){"\r\n", 2};
    } else if (walk->piece == PIECE_LINE_END) {
        walk->piece = PIECE_LITERAL;
        walk->octets = (imapc_text){NULL, 0};
        if (walk->span->literal)
            walk->octets = literal_object_octets(walk->span->literal);
    } else {
        if (walk->begun == walk->framed->count)
            return false;
        walk->span = &walk->framed->spans[walk->begun++];
        walk->piece = PIECE_TEXT;
        walk->octets = (imapc_text){walk->framed->text + walk->span->offset,
                                    walk->span->length + walk->span->announced};
    }
    return true;
}

/* How many octets there are; octets may be NULL, to learn just that. */
static size_t write_octets(char *octets, const imapc_framed *framed, size_t skip,
                           size_t limit)
{
    walk walk = {.framed = framed};
    size_t length = 0;
    while (length < limit && next_piece(&walk)) {
        size_t skipped = skip < walk.octets.length ? skip : walk.octets.length;
        size_t taken = walk.octets.length - skipped;
        skip -= skipped;
        if (taken > limit - length)
            taken = limit - length;
        if (octets && taken)
            memcpy(octets + length, walk.octets.at + skipped, taken);
        length += taken;
    }
    return length;
}

PyObject *octets_of(const imapc_framed *framed, size_t skip, size_t limit)
{
    size_t length = write_octets(NULL, framed, skip, limit);
    PyObject *octets = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
    if (octets)
        write_octets(PyBytes_AS_STRING(octets), framed, skip, limit);
    return octets;
}

PyObject *octets_shown(const imapc_framed *framed)
{
    return octets_of(framed, 0, OCTETS_SHOWN);
}

static bool append_line(PyObject *lines, const char *in_place, imapc_text text)
{
    PyObject *line = PyBytes_FromString(in_place);
    if (line)
        PyBytes_ConcatAndDel(&line,
                             PyBytes_FromStringAndSize(text.at, (Py_ssize_t)text.length));
    bool done = line && PyList_Append(lines, line) == 0;
    Py_XDECREF(line);
    return done;
}

bool octets_trace(PyObject *lines, const imapc_framed *framed)
{
    char in_place[sizeof "[18446744073709551615 octets]"] = "";
    walk walk = {.framed = framed};
    bool done = true;
    while (done && next_piece(&walk)) {
        if (walk.piece == PIECE_TEXT) {
            done = append_line(lines, in_place, walk.octets);
            in_place[0] = '\0';
        } else if (walk.piece == PIECE_LITERAL) {
            PyOS_snprintf(in_place, sizeof in_place, "[%zu octets]",
                          walk.span->literal_size);
        }
    }
    return done && (!in_place[0] || append_line(lines, in_place, (imapc_text){"", 0}));
}

/* Append what stands between two offsets. */
static bool append_piece(PyObject *pieces, const char *text, size_t from, size_t to)
{
    if (from == to)
        return true;
    PyObject *piece = PyBytes_FromStringAndSize(text + from, (Py_ssize_t)(to - from));
    bool done = piece && PyList_Append(pieces, piece) == 0;
    Py_XDECREF(piece);
    return done;
}

/* The response that is unfinished: its spans, then the literal or the line. */
static bool append_unfinished(PyObject *pieces, const imapc_framer *framer,
                              imapc_text literal)
{
    imapc_framed unfinished;
    imapc_framer_unfinished(framer, &unfinished);
    PyObject *spans = octets_of(&unfinished, 0, SIZE_MAX);
    bool done = spans && PyList_Append(pieces, spans) == 0 &&
                append_piece(pieces, literal.at, 0, literal.length);
    Py_XDECREF(spans);
    if (done && framer->copied && !framer->in_literal)
        done = append_piece(pieces, framer->copy, framer->line, framer->copy_length);
    return done && (!framer->lines.held || append_piece(pieces, "\r\n", 0, 2));
}

bool octets_unread(PyObject *pieces, const imapc_framer *framer, imapc_text literal)
{
    return (framer->delivered || append_unfinished(pieces, framer, literal)) &&
           append_piece(pieces, framer->chunk, framer->at, framer->chunk_length);
}

PyObject *octets_join(PyObject *pieces)
{
    size_t length = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pieces); i++) {
        size_t more = (size_t)PyBytes_GET_SIZE(PyList_GET_ITEM(pieces, i));
        if (more > PY_SSIZE_T_MAX - length)
            return PyErr_NoMemory();
        length += more;
    }
    PyObject *joined = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
    char *at = joined ? PyBytes_AS_STRING(joined) : NULL;
    for (Py_ssize_t i = 0; joined && i < PyList_GET_SIZE(pieces); i++) {
        PyObject *piece = PyList_GET_ITEM(pieces, i);
        memcpy(at, PyBytes_AS_STRING(piece), (size_t)PyBytes_GET_SIZE(piece));
        at += PyBytes_GET_SIZE(piece);
    }
    return joined;
}
