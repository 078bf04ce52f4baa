/*
 * Octets in, octets out: whatever a server sends, nothing is read or kept beyond
 * its bounds, and what comes out does not depend on how it was cut.
 *
 * The first octets of an input choose the limits and where it is cut, the others
 * are what the server sends.
 */
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "teller.h"

enum { CHOICES = 8 };

/* Small limits are reached by small inputs; a zero means the generous one. */
static imapc_limits chosen_limits(const uint8_t *choice)
{
    imapc_limits limits = generous;
    limits.line = choice[0] ? choice[0] : limits.line;
    limits.literal = choice[1] ? choice[1] : 1 << 16;
    limits.response = choice[2] ? 2 * (size_t)choice[2] : limits.response;
    limits.depth = choice[3] ? choice[3] : limits.depth;
    limits.lists = choice[4] ? choice[4] : limits.lists;
    limits.elements = choice[5] ? choice[5] : limits.elements;
    return limits;
}

/* A copy of its own for each part: a sanitizer sees each octet beyond it. */
static void feed_copy(reader *self, const uint8_t *octets, size_t length)
{
    char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    if (length)
        memcpy(copy, octets, length);
    reader_feed(self, copy, length);
    free(copy);
}

/* Parts of step octets each; 0 is one part. */
static void read_in_parts(reader *self, imapc_limits limits, const uint8_t *octets,
                          size_t length, size_t step)
{
    reader_init(self, limits);
    size_t at = 0;
    do {
        size_t part = step && step < length - at ? step : length - at;
        feed_copy(self, octets + at, part);
        at += part;
    } while (at < length);
    reader_finish(self);
}

static void read_in_two(reader *self, imapc_limits limits, const uint8_t *octets,
                        size_t length, size_t cut)
{
    reader_init(self, limits);
    feed_copy(self, octets, cut);
    feed_copy(self, octets + cut, length - cut);
    reader_finish(self);
}

static void must_be_same(const reader *one, reader *other)
{
    if (one->out.length != other->out.length ||
        memcmp(one->out.text, other->out.text, one->out.length) != 0)
        abort();
    if (reader_free(other) != 0)
        abort();
}

/* The response as text that holds its literals; returns its length. */
static size_t write_whole(char *into, const imapc_framed *framed)
{
    size_t length = 0;
    for (size_t i = 0; i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        size_t text = span->length + span->announced;
        memcpy(into + length, framed->text + span->offset, text);
        length += text;
        if (!span->literal)
            continue;
        memcpy(into + length, "\r\n", 2);
        memcpy(into + length + 2, ((blob *)span->literal)->octets, span->literal_size);
        length += 2 + span->literal_size;
    }
    return length;
}

static size_t whole_size(const imapc_framed *framed)
{
    size_t size = 1;
    for (size_t i = 0; i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        size += span->length + span->announced;
        if (span->literal)
            size += 2 + span->literal_size;
    }
    return size;
}

/* Framing a response again, from one piece of text, gives the same response; but
 * one that was held ends at its literal, without an empty span behind it. */
static void frame_again(const imapc_framed *framed, imapc_limits limits)
{
    size_t size = whole_size(framed);
    char *text = malloc(size);
    reader inner;
    reader_init(&inner, limits);
    dump first = {NULL, 0, 0};
    imapc_framed again;
    if (!text)
        abort();
    size = write_whole(text, framed);
    if (imapc_frame_whole(&inner.framer, (imapc_text){text, size}, &again))
        abort();
    dump_spans(&first, framed);
    dump_spans(&inner.out, &again);
    if (first.length != inner.out.length ||
        memcmp(first.text, inner.out.text, first.length) != 0)
        abort();
    free(first.text);
    if (reader_free(&inner) != 0)
        abort();
    free(text);
}

/* Each response with a sink that fails at some point, then with one that takes
 * the literals. */
static void try_sinks(imapc_framed *framed, reader *self, size_t fail_at)
{
    dump out = {NULL, 0, 0};
    teller told = {.out = &out, .taken = &self->taken, .fail_at = fail_at};
    imapc_cursor cursor;
    cursor_init(&cursor, framed, &self->framer.limits);
    tell_values(&cursor, &told);
    told = (teller){.out = &out, .taken = &self->taken, .taking = true};
    cursor_init(&cursor, framed, &self->framer.limits);
    tell_values(&cursor, &told);
    free(out.text);
}

static void try_utf7(const uint8_t *octets, size_t length)
{
    uint32_t *points = malloc((length ? length : 1) * sizeof *points);
    size_t count = 0;
    bool canonical;
    if (!points)
        abort();
    if (imapc_utf7_decode((imapc_text){(const char *)octets, length}, points, &count,
                          &canonical) &&
        count > length)
        abort();
    free(points);
}

/* Memory that runs out at some allocation leaves nothing behind. */
static void try_memory(imapc_limits limits, const uint8_t *octets, size_t length,
                       size_t fail_at)
{
    reader self;
    reader_init(&self, limits);
    self.blocks.fail_at = fail_at;
    self.quiet = true;
    feed_copy(&self, octets, length / 2);
    feed_copy(&self, octets + length / 2, length - length / 2);
    if (reader_free(&self) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < CHOICES)
        return 0;
    imapc_limits limits = chosen_limits(input);
    const uint8_t *octets = input + CHOICES;
    size_t length = size - CHOICES;
    reader whole, other;
    read_in_parts(&whole, limits, octets, length, 0);
    read_in_parts(&other, limits, octets, length, 1);
    must_be_same(&whole, &other);
    read_in_two(&other, limits, octets, length, length ? input[6] % length : 0);
    must_be_same(&whole, &other);
    if (reader_free(&whole) != 0)
        abort();

    reader_init(&other, limits);
    imapc_framer_feed(&other.framer, (const char *)octets, length);
    for (imapc_framed framed; !imapc_framer_next(&other.framer, &framed);) {
        if (!framed.overfull && !framed.spans[framed.count - 1].literal)
            frame_again(&framed, limits);
        try_sinks(&framed, &other, input[7] % 16);
    }
    if (reader_free(&other) != 0)
        abort();
    try_memory(limits, octets, length, 1 + input[7] % 8);
    try_utf7(octets, length);
    return 0;
}
