/* Octets to whole responses: the only code with state across chunks.
 *
 * A response is read in place as long as it lies in one chunk.  Where the chunk ends
 * within it, what there is of it is copied, and so are the octets that follow: its
 * spans, which are offsets, then count from the copy. */
#include <string.h>

#include "framer.h"
#include "lines.h"

enum {
    COPY_KEPT = 65536, /* a larger copy is not kept for the next response */
    FAILED_SHOWN = 200 /* octets of a line that failed, kept to be shown */
};

void imapc_framer_init(imapc_framer *framer, imapc_allocator allocator,
                       imapc_literal_sink sink)
{
    memset(framer, 0, sizeof *framer);
    framer->allocator = allocator;
    framer->sink = sink;
}

static void *reallocate(imapc_framer *framer, void *block, size_t size)
{
    return framer->allocator.reallocate(framer->allocator.context, block, size);
}

static void discard_literals(imapc_framer *framer)
{
    for (size_t i = 0; i < framer->span_count; i++)
        if (framer->spans[i].literal)
            framer->sink.discard(framer->sink.context, framer->spans[i].literal);
    framer->span_count = 0;
}

void framer_forget(imapc_framer *framer)
{
    if (framer->in_literal && !framer->skipping)
        framer->sink.discard(framer->sink.context, NULL);
    discard_literals(framer);
    if (framer->copy_capacity > COPY_KEPT) {
        framer->copy = reallocate(framer, framer->copy, 0);
        framer->copy_capacity = 0;
    }
    framer->copy_length = 0;
    framer->copied = false;
    framer->in_literal = framer->skipping = framer->overfull = false;
    framer->lines = (imapc_lines){false, false, 0};
    framer->size = 0;
    framer->line = framer->at;
    framer->delivered = false;
}

void imapc_framer_reset(imapc_framer *framer)
{
    framer->chunk_length = framer->at = 0;
    framer->failed = IMAPC_OK;
    framer_forget(framer);
}

void imapc_framer_free(imapc_framer *framer)
{
    framer_forget(framer);
    framer->spans = reallocate(framer, framer->spans, 0);
    framer->copy = reallocate(framer, framer->copy, 0);
    framer->span_capacity = framer->copy_capacity = 0;
}

void imapc_framer_feed(imapc_framer *framer, const char *octets, size_t length)
{
    framer->chunk = octets;
    framer->chunk_length = length;
    framer->at = 0;
    if (!framer->copied)
        framer->line = 0;
}

/* Add octets to the copy of the response; false without memory. */
static bool copy(imapc_framer *framer, const char *octets, size_t length)
{
    if (length == 0)
        return true;
    if (length > SIZE_MAX - framer->copy_length)
        return false;
    void *block = framer->copy;
    bool grown = imapc_grow(&framer->allocator, &block, &framer->copy_capacity,
                            framer->copy_length + length, 1);
    framer->copy = block;
    if (!grown)
        return false;
    memcpy(framer->copy + framer->copy_length, octets, length);
    framer->copy_length += length;
    return true;
}

/* What offsets count from. */
static const char *base(const imapc_framer *framer)
{
    return framer->copied ? framer->copy : framer->chunk;
}

bool framer_push_span(imapc_framer *framer, imapc_span span)
{
    void *block = framer->spans;
    bool grown = imapc_grow(&framer->allocator, &block, &framer->span_capacity,
                            framer->span_count + 1, sizeof *framer->spans);
    framer->spans = block;
    if (grown)
        framer->spans[framer->span_count++] = span;
    return grown;
}

/* Octets of the line being read that earlier chunks brought. */
static size_t line_so_far(const imapc_framer *framer)
{
    return framer->copied ? framer->copy_length - framer->line : 0;
}

/* Keep the failure, and the start of the line it was found in. */
static imapc_result fail(imapc_framer *framer, imapc_result result, const char *message)
{
    const char *text = base(framer);
    /* As cursors count: with the CR LF between an announcement and its literal. */
    size_t offset = framer->size + 2 * framer->span_count;
    size_t length = framer->copied ? framer->copy_length : framer->chunk_length;
    if (text && framer->line < length) {
        length -= framer->line;
        framer_push_span(
            framer, (imapc_span){.offset = framer->line,
                                 .length = length < FAILED_SHOWN ? length : FAILED_SHOWN});
    }
    framer->failed = result;
    framer->error = (imapc_error){message, offset};
    return result;
}

/* The chunk is used up: copy what the unfinished response has in it. */
static imapc_result suspend(imapc_framer *framer)
{
    bool kept = true;
    if (framer->span_count == 0 && framer->at == framer->chunk_length &&
        line_so_far(framer) == 0 && !framer->in_literal)
        return IMAPC_MORE; /* between responses: the next is read in place */
    if (!framer->copied) {
        for (size_t i = 0; kept && i < framer->span_count; i++) {
            imapc_span *span = &framer->spans[i];
            size_t offset = framer->copy_length;
            kept = copy(framer, framer->chunk + span->offset,
                        span->length + span->announced);
            span->offset = offset;
        }
        framer->line = framer->copy_length;
        framer->copied = true;
    }
    if (kept && !framer->in_literal)
        kept = framer->at == framer->chunk_length ||
               copy(framer, framer->chunk + framer->at, framer->chunk_length - framer->at);
    framer->at = framer->chunk_length;
    if (!kept) {
        /* Copying stopped half way: some offsets count from the chunk, some from the
         * copy. */
        discard_literals(framer);
        return fail(framer, IMAPC_NO_MEMORY, "no memory for a response");
    }
    return IMAPC_MORE;
}

/*
 * response-data = "*" SP (...) CRLF, and so on: each line ends with CRLF.
 *
 * LF alone ends one too ("lf-only"); CR alone is an octet of it ("quoted-bare-cr").
 * The limits are those of what has come so far: a line without an end is refused as
 * soon as it is too long.
 */
static imapc_result read_line(imapc_framer *framer, imapc_text *line)
{
    size_t left = framer->chunk_length - framer->at;
    const char *from = left ? framer->chunk + framer->at : framer->chunk;
    const char *lf = left ? memchr(from, '\n', left) : NULL;
    size_t fresh = lf ? (size_t)(lf - from) : left;
    size_t length = line_so_far(framer) + fresh;
    char last = fresh                 ? from[fresh - 1]
                : line_so_far(framer) ? framer->copy[framer->copy_length - 1]
                                      : 0;
    size_t without_cr = length - (last == '\r');
    const char *excess = imapc_line_too_long(&framer->limits, without_cr);
    if (!excess)
        excess = imapc_response_too_large(&framer->limits, framer->size, without_cr);
    if (excess)
        return fail(framer, IMAPC_TOO_LARGE, excess);
    if (!lf)
        return suspend(framer);
    if (framer->copied && !copy(framer, from, fresh))
        return fail(framer, IMAPC_NO_MEMORY, "no memory for a line");
    framer->at += fresh + 1;
    *line = (imapc_text){base(framer) + framer->line, without_cr};
    return IMAPC_OK;
}

imapc_result framer_read_literal(imapc_framer *framer)
{
    size_t available = framer->chunk_length - framer->at;
    size_t taken = framer->literal_left < available ? framer->literal_left : available;
    if (taken && !framer->skipping &&
        !framer->sink.write(framer->sink.context, framer->chunk + framer->at, taken))
        return fail(framer, IMAPC_SINK, "a literal was not taken");
    framer->at += taken;
    framer->literal_left -= taken;
    if (framer->literal_left)
        return suspend(framer);
    if (!framer->skipping) {
        void *literal = framer->sink.end(framer->sink.context);
        framer->in_literal = false;
        if (!literal)
            return fail(framer, IMAPC_SINK, "a literal was not taken");
        framer->spans[framer->span_count - 1].literal = literal;
    }
    framer->in_literal = framer->skipping = false;
    framer->line = framer->copied ? framer->copy_length : framer->at;
    return IMAPC_OK;
}

/* A literal is judged where it is announced, before an octet of it is kept.  More of
 * them than a response may have elements are read over: the response is still framed,
 * so that it fails alone.  The first is kept in any case: that there is one shows that a
 * response has begun. */
imapc_result framer_begin_literal(imapc_framer *framer, imapc_span span)
{
    size_t size = span.literal_size;
    const char *excess = imapc_literal_too_large(&framer->limits, size);
    if (!excess)
        excess = imapc_response_too_large(&framer->limits, framer->size, size);
    if (excess)
        return fail(framer, IMAPC_TOO_LARGE, excess);
    framer->size += size;
    framer->literal_left = size;
    if (framer->span_count && framer->span_count >= framer->limits.elements) {
        framer->overfull = framer->skipping = framer->in_literal = true;
        return IMAPC_OK;
    }
    if (!framer_push_span(framer, span))
        return fail(framer, IMAPC_NO_MEMORY, "no memory for a response");
    imapc_framed so_far = {base(framer), framer->spans, framer->span_count, false};
    if (!framer->sink.begin(framer->sink.context, &so_far, size))
        return fail(framer, IMAPC_SINK, "a literal was not taken");
    framer->in_literal = true;
    return IMAPC_OK;
}

static imapc_result deliver(imapc_framer *framer, imapc_framed *response)
{
    framer->delivered = true;
    imapc_framer_unfinished(framer, response);
    return IMAPC_OK;
}

/* Skip what may stand between two responses, or between a literal and the rest of
 * its response: blank lines ("empty-line"), and the NULs that some servers send.
 * True where the held response turns out to have ended, which is told without
 * waiting for the whole line that shows it. */
static bool skip_blank(imapc_framer *framer)
{
    while (framer->at < framer->chunk_length) {
        char octet = framer->chunk[framer->at];
        if (octet != '\r' && octet != '\n' && octet != '\0')
            return lines_held_ended(&framer->lines, octet);
        framer->at++;
        if (!framer->copied)
            framer->line = framer->at;
    }
    return false;
}

/* Drop a line that means nothing. */
static void drop_line(imapc_framer *framer)
{
    if (framer->copied)
        framer->copy_length = framer->line;
    else
        framer->line = framer->at;
}

/* One line, and what it does to the response.  IMAPC_OK: go on. */
static imapc_result take_line(imapc_framer *framer, imapc_framed *response, bool *whole)
{
    imapc_text line;
    imapc_result result = read_line(framer, &line);
    if (result)
        return result;
    imapc_span span = {.offset = framer->line, .length = line.length};
    switch (imapc_judge_line(&framer->lines, line, &span.literal_size, &span.announced)) {
    case IMAPC_LINE_BLANK:
    case IMAPC_LINE_HOLDS:
    case IMAPC_LINE_BEFORE: /* skip_blank has seen to it */
        drop_line(framer);
        return IMAPC_OK;
    case IMAPC_LINE_MALFORMED:
        return fail(framer, IMAPC_FRAMING, IMAPC_MALFORMED_SIZE);
    case IMAPC_LINE_LITERAL:
        span.length -= span.announced;
        framer->size += line.length;
        return framer_begin_literal(framer, span);
    case IMAPC_LINE_ENDS:
        break;
    }
    if (!framer_push_span(framer, span))
        return fail(framer, IMAPC_NO_MEMORY, "no memory for a response");
    *whole = true;
    return deliver(framer, response);
}

imapc_result framer_next(imapc_framer *framer, imapc_framed *response)
{
    for (bool whole = false; !whole;) {
        imapc_result result;
        if (framer->in_literal) {
            result = framer_read_literal(framer);
        } else {
            if (line_so_far(framer) == 0 && (framer->lines.held || !framer->lines.within) &&
                skip_blank(framer))
                return deliver(framer, response);
            if (framer->at == framer->chunk_length)
                return suspend(framer);
            result = take_line(framer, response, &whole);
        }
        if (result)
            return result;
    }
    return IMAPC_OK;
}

void imapc_framer_unfinished(const imapc_framer *framer, imapc_framed *response)
{
    *response = (imapc_framed){base(framer), framer->spans, framer->span_count,
                               framer->overfull};
}

bool imapc_framer_is_idle(const imapc_framer *framer)
{
    return !framer->failed && framer->at == framer->chunk_length &&
           (framer->delivered ||
            (!framer->copied && !framer->span_count && !framer->in_literal));
}

bool imapc_framer_is_literal(const imapc_framer *framer, size_t length)
{
    return !framer->failed && framer->in_literal && length < framer->literal_left;
}

size_t imapc_framer_pending(const imapc_framer *framer)
{
    size_t pending = framer->chunk_length - framer->at;
    if (framer->copied && !framer->delivered)
        pending += framer->copy_length;
    return pending;
}
