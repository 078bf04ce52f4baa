#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "teller.h"

enum { SHOWN_IN_FULL = 256 };

const imapc_limits generous = {1 << 25, 1 << 28, 1 << 29, 128, 250000, 5000000};

/* -------------------------------------------------------------- memory -- */

static void *memory_reallocate(void *context, void *block, size_t size)
{
    memory *blocks = context;
    if (size == 0) {
        blocks->live -= block != NULL;
        free(block);
        return NULL;
    }
    if (++blocks->calls == blocks->fail_at)
        return NULL;
    void *grown = realloc(block, size);
    if (!grown)
        abort();
    blocks->live += block == NULL;
    return grown;
}

imapc_allocator memory_allocator(memory *blocks)
{
    return (imapc_allocator){memory_reallocate, blocks};
}

/* ------------------------------------------------------------ literals -- */

static bool literal_begin(void *context, const imapc_framed *so_far, size_t size)
{
    literals *taken = context;
    /* The kind must be known by now, and the last span be the announcing one. */
    if (taken->open || so_far->count == 0 ||
        so_far->spans[so_far->count - 1].literal_size != size)
        abort();
    imapc_kind_of(so_far);
    if (taken->fail == STEP_BEGIN)
        return false;
    /* One octet beyond it would already be seen. */
    taken->open = malloc(sizeof *taken->open + size);
    if (!taken->open)
        abort();
    taken->open->size = size;
    taken->open->filled = 0;
    taken->live++;
    return true;
}

static bool literal_write(void *context, const char *octets, size_t length)
{
    literals *taken = context;
    blob *open = taken->open;
    if (!open || length == 0 || length > open->size - open->filled)
        abort();
    if (taken->fail == STEP_WRITE)
        return false;
    memcpy(open->octets + open->filled, octets, length);
    open->filled += length;
    return true;
}

static void literal_discard(void *context, void *literal)
{
    literals *taken = context;
    if (!literal) {
        literal = taken->open;
        taken->open = NULL;
        if (!literal)
            abort();
    }
    taken->live--;
    taken->discarded++;
    free(literal);
}

static void *literal_end(void *context)
{
    literals *taken = context;
    blob *whole = taken->open;
    if (!whole || whole->filled != whole->size)
        abort();
    if (taken->fail == STEP_END) {
        literal_discard(taken, NULL);
        return NULL;
    }
    taken->open = NULL;
    return whole;
}

imapc_literal_sink literals_sink(literals *taken)
{
    return (imapc_literal_sink){literal_begin, literal_write, literal_end, literal_discard,
                                taken};
}

/* ---------------------------------------------------------------- dump -- */

static void dump_append(dump *out, const char *text, size_t length)
{
    if (length == 0)
        return;
    if (length > out->capacity - out->length) {
        out->capacity = 2 * (out->capacity + length);
        out->text = realloc(out->text, out->capacity);
        if (!out->text)
            abort();
    }
    memcpy(out->text + out->length, text, length);
    out->length += length;
}

void dump_format(dump *out, const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        abort();
    dump_append(out, line, (size_t)length);
}

void dump_octets(dump *out, const char *octets, size_t length)
{
    if (length <= SHOWN_IN_FULL) {
        dump_format(out, "%zu:", length);
        dump_append(out, octets, length);
        return;
    }
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)octets[i]) * 1099511628211u;
    dump_format(out, "%zu#%llx", length, (unsigned long long)hash);
}

static void dump_text(dump *out, const char *name, imapc_text text)
{
    if (!text.at)
        return;
    dump_format(out, " %s=", name);
    dump_octets(out, text.at, text.length);
}

void dump_spans(dump *out, const imapc_framed *framed)
{
    for (size_t i = 0; i < framed->count; i++) {
        const imapc_span *span = &framed->spans[i];
        dump_text(out, "span", (imapc_text){framed->text + span->offset, span->length});
        const blob *literal = span->literal;
        if (!literal)
            continue;
        dump_format(out, " announced=%zu size=%zu literal=", span->announced,
                    span->literal_size);
        dump_octets(out, literal->octets, literal->filled);
    }
    dump_format(out, "%s\n", framed->overfull ? " overfull" : "");
}

/* -------------------------------------------------------------- grammar -- */

static imapc_result walk_items(imapc_cursor *cursor, teller *told, dump *out)
{
    imapc_result result = imapc_msg_att_begin(cursor);
    while (!result) {
        imapc_item item;
        if ((result = imapc_msg_att_item(cursor, &item)))
            break;
        dump_text(out, "item", item.name);
        if (item.section) {
            imapc_text origin;
            if ((result = tell_section(cursor, told, &origin)))
                break;
            dump_text(out, "origin", origin);
        }
        result = tell_value(cursor, told);
    }
    return result;
}

static imapc_result walk_words(imapc_cursor *cursor, dump *out)
{
    imapc_text word;
    imapc_result result;
    while (!(result = imapc_parse_word(cursor, &word)))
        dump_text(out, "word", word);
    return result;
}

static imapc_result walk_numbers(imapc_cursor *cursor, dump *out)
{
    uint64_t number;
    imapc_result result;
    while (!(result = imapc_parse_number(cursor, &number)))
        dump_format(out, " number=%llu", (unsigned long long)number);
    return result;
}

/* Every value is passed over; what is refused, and where, is what tell_values() says. */
static imapc_result skip_values(imapc_cursor *cursor)
{
    imapc_result result;
    while (!(result = imapc_skip_value(cursor)))
        ;
    return result == IMAPC_END ? IMAPC_OK : result;
}

static void check_skipped(const imapc_framed *framed, const imapc_limits *limits,
                          imapc_result result, const imapc_cursor *cursor)
{
    imapc_cursor skipping;
    cursor_init(&skipping, framed, limits);
    if (skip_values(&skipping) != result || skipping.error.offset != cursor->error.offset ||
        skipping.elements_left != cursor->elements_left)
        abort();
}

static imapc_result walk_list(imapc_cursor *cursor, teller *told)
{
    imapc_result result = tell_flags(cursor, told);
    if (!result)
        result = tell_delimiter(cursor, told);
    return result ? result : tell_mailbox(cursor, told);
}

static imapc_result walk_kind(imapc_kind kind, imapc_cursor *cursor, teller *told,
                              dump *out)
{
    imapc_result result = IMAPC_OK;
    switch (kind) {
    case IMAPC_FETCH:
        return walk_items(cursor, told, out);
    case IMAPC_CAPABILITY:
    case IMAPC_SEARCH:
        return walk_words(cursor, out);
    case IMAPC_SORT:
        return walk_numbers(cursor, out);
    case IMAPC_FLAGS:
        result = tell_flags(cursor, told);
        break;
    case IMAPC_LIST:
    case IMAPC_LSUB:
        return walk_list(cursor, told);
    case IMAPC_MAILBOX_STATUS:
        if (!(result = tell_mailbox(cursor, told)))
            result = tell_value(cursor, told);
        break;
    case IMAPC_NAMESPACE:
        for (int i = 0; i < 3 && !result; i++)
            result = tell_value(cursor, told);
        break;
    default:
        return tell_values(cursor, told);
    }
    return result ? result : imapc_parse_end(cursor);
}

static void dump_walk_end(dump *out, imapc_result result, const imapc_cursor *cursor)
{
    dump_format(out, " -> %d", (int)result);
    if (result == IMAPC_MALFORMED)
        dump_format(out, " %s at %zu", cursor->error.message, cursor->error.offset);
    dump_format(out, "\n");
}

void dump_response(dump *out, const imapc_framed *framed, const imapc_limits *limits)
{
    imapc_response response;
    imapc_classify(framed, limits, &response);
    if (response.kind != imapc_kind_of(framed))
        abort();
    dump_format(out, "kind=%d status=%d", (int)response.kind, (int)response.status);
    dump_text(out, "tag", response.tag);
    dump_text(out, "data", response.data);
    dump_text(out, "text", response.text);
    dump_text(out, "code", response.code);
    dump_text(out, "number", response.number);
    dump_spans(out, framed);

    teller told = {.out = out};
    imapc_cursor cursor;
    cursor_init(&cursor, framed, limits);
    imapc_result result = tell_values(&cursor, &told);
    check_skipped(framed, limits, result, &cursor);
    dump_walk_end(out, result, &cursor);
    dump_walk_end(out, walk_kind(response.kind, &response.cursor, &told, out),
                  &response.cursor);
}

/* -------------------------------------------------------------- reader -- */

void reader_init(reader *self, imapc_limits limits)
{
    memset(self, 0, sizeof *self);
    imapc_framer_init(&self->framer, memory_allocator(&self->blocks),
                      literals_sink(&self->taken));
    self->framer.limits = limits;
    self->outcome = IMAPC_MORE;
}

imapc_result reader_feed(reader *self, const char *octets, size_t length)
{
    imapc_framed framed;
    imapc_framer_feed(&self->framer, octets, length);
    while (!(self->outcome = imapc_framer_next(&self->framer, &framed))) {
        self->responses++;
        if (!self->quiet)
            dump_response(&self->out, &framed, &self->framer.limits);
    }
    return self->outcome;
}

void reader_finish(reader *self)
{
    imapc_framed framed;
    dump_format(&self->out, "outcome=%d after %zu", (int)self->outcome, self->responses);
    imapc_framer_unfinished(&self->framer, &framed);
    /* What a failed one shows of itself depends on the chunk it was found in. */
    if (self->outcome == IMAPC_MORE)
        dump_spans(&self->out, &framed);
    else
        dump_format(&self->out, " at %zu\n", self->framer.error.offset);
}

size_t reader_free(reader *self)
{
    imapc_framer_free(&self->framer);
    free(self->out.text);
    self->out = (dump){NULL, 0, 0};
    return self->blocks.live + self->taken.live;
}
