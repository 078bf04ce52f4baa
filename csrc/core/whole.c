/* Framing of a response that lies whole in memory, its literals inside. */
#include "framer.h"
#include "lines.h"

/* One literal of a response that lies whole in memory. */
static imapc_result take_inline(imapc_framer *framer, imapc_text octets)
{
    framer->literal_left = octets.length;
    framer->chunk = octets.at;
    framer->chunk_length = octets.length;
    framer->at = 0;
    return framer_read_literal(framer);
}

imapc_result imapc_frame_whole(imapc_framer *framer, imapc_text text,
                               imapc_framed *response)
{
    framer_forget(framer);
    framer->failed = IMAPC_OK;
    framer->delivered = true;
    *response = (imapc_framed){text.at, NULL, 0, false};
    const char *at = text.at, *end = text.at + text.length;
    imapc_lines lines = {false, false, 0};
    imapc_result result = IMAPC_OK;
    for (imapc_span span; !result && lines_next_literal(text, &at, &lines, &span);) {
        if (span.literal_size > (size_t)(end - at)) {
            framer->error = (imapc_error){"a literal is cut short", span.offset};
            return IMAPC_MALFORMED;
        }
        framer->copied = false;
        framer->chunk = text.at; /* base() must give this text to the sink */
        result = framer_begin_literal(framer, span);
        if (!result)
            result = take_inline(framer, (imapc_text){at, span.literal_size});
        at += span.literal_size;
    }
    imapc_span last = {.offset = (size_t)(at - text.at), .length = (size_t)(end - at)};
    if (!result && !framer_push_span(framer, last))
        result = IMAPC_NO_MEMORY;
    *response = (imapc_framed){text.at, framer->spans, framer->span_count,
                               framer->overfull};
    return result;
}
