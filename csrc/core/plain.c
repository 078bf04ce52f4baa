/* What nearly all responses are, each known at one look: a line of the chunk, and a FETCH
 * or a LIST.  Anything else is left to the general rules, in framer.c and response.c. */
#include <string.h>

#include "cursor.h"
#include "framer.h"
#include "response.h"

/* ------------------------------------------------------------- framing -- */

/*
 * response-data = "*" SP (...) CRLF
 *
 * Nearly all responses are one line of the chunk that announces no literal.  Such a line
 * is what it is without having been judged, and leaves nothing to be forgotten.  False
 * where it is not so plain: nothing has changed then.
 */
static bool take_plain_line(imapc_framer *framer, imapc_framed *response)
{
    size_t left = framer->chunk_length - framer->at;
    const char *from = left ? framer->chunk + framer->at : framer->chunk;
    if (left < 4 || from[0] != '*' || from[1] != ' ')
        return false;
    const char *lf = memchr(from, '\n', left);
    if (!lf || lf[-1] != '\r' || lf[-2] == '}')
        return false;
    size_t length = (size_t)(lf - from) - 1;
    if (length > framer->limits.line || length > framer->limits.response)
        return false;
    framer->line_span.offset = framer->at;
    framer->line_span.length = length;
    framer->line = framer->at += length + 2;
    *response = (imapc_framed){framer->chunk, &framer->line_span, 1, false};
    return true;
}

imapc_result imapc_framer_next(imapc_framer *framer, imapc_framed *response)
{
    if (framer->failed)
        return framer->failed;
    if (framer->delivered)
        framer_forget(framer);
    if (!framer->lines.within && !framer->copied && take_plain_line(framer, response))
        return IMAPC_OK;
    return framer_next(framer, response);
}

/* ------------------------------------------------------------- grammar -- */

/* FETCH and LIST as nearly all of them come: nz-number SP "FETCH" SP "(", "LIST" SP "(".
 * False, and nothing has changed, for anything else. */
static bool is_plain(imapc_response *response, const char *from, const char *end)
{
    static const char fetch[] = {' ', 'F', 'E', 'T', 'C', 'H', ' ', '('};
    static const char list[] = {'L', 'I', 'S', 'T', ' ', '('};
    uint64_t message;
    const char *at = text_digits(from, end, &message);
    size_t left = (size_t)(end - at);
    if (at > from && left >= sizeof fetch && memcmp(at, fetch, sizeof fetch) == 0) {
        response->number = text_between(from, at);
        response->message = at - from <= TEXT_PLAIN_DIGITS ? message : 0;
        response->kind = IMAPC_FETCH;
        response->cursor.at = at + sizeof fetch - 2;
        return true;
    }
    if (at == from && left >= sizeof list && memcmp(at, list, sizeof list) == 0) {
        response->kind = IMAPC_LIST;
        response->cursor.at = at + sizeof list - 2;
        return true;
    }
    return false;
}

void imapc_classify(const imapc_framed *framed, const imapc_limits *limits,
                    imapc_response *response)
{
    /* Field by field: clearing the whole costs more than a short response. */
    response->status = IMAPC_STATUS_NONE;
    response->message = 0;
    response->code = (imapc_text){NULL, 0};
    response->number = (imapc_text){NULL, 0};
    response->text = (imapc_text){NULL, 0};
    cursor_init(&response->cursor, framed, limits);
    const char *at = response->cursor.at, *end = response->cursor.end;
    if (end - at > 2 && at[0] == '*' && at[1] == ' ' && is_plain(response, at + 2, end)) {
        response->tag = (imapc_text){at, 1};
        response->data = text_between(at + 2, end);
    } else {
        response_classify(response, at, end);
    }
}
