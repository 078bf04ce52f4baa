/*
 * What the C tests and the fuzz target share: a framer with an allocator that
 * counts and can fail, a sink for literals, and a textual dump of all that comes
 * out, so that two ways of feeding the same octets can be compared.
 */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include "imapc.h"

/* Blocks that live, and the call that fails (counted from 1; 0: none does). */
typedef struct memory {
    size_t live;
    size_t calls;
    size_t fail_at;
} memory;

imapc_allocator memory_allocator(memory *blocks);

/* A literal as the tests keep it. */
typedef struct blob {
    size_t size;
    size_t filled;
    char octets[];
} blob;

typedef enum literal_step { STEP_NONE, STEP_BEGIN, STEP_WRITE, STEP_END } literal_step;

/* Takes literals; fail says which callback fails. */
typedef struct literals {
    size_t live;
    size_t discarded;
    blob *open;
    literal_step fail;
} literals;

imapc_literal_sink literals_sink(literals *taken);

/* Text that grows. */
typedef struct dump {
    char *text;
    size_t length;
    size_t capacity;
} dump;

void dump_format(dump *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Octets in full where they are few and printable enough, else their size and a
 * hash: large wires are dumped hundreds of times. */
void dump_octets(dump *out, const char *octets, size_t length);

void dump_spans(dump *out, const imapc_framed *framed);

/* The kind, its texts, and what each parser that fits the kind makes of it. */
void dump_response(dump *out, const imapc_framed *framed, const imapc_limits *limits);

/* A framer that drains itself into a dump.  outcome is the last result. */
typedef struct reader {
    memory blocks;
    literals taken;
    imapc_framer framer;
    dump out;
    imapc_result outcome;
    size_t responses;
    bool quiet; /* count only */
} reader;

void reader_init(reader *self, imapc_limits limits);
imapc_result reader_feed(reader *self, const char *octets, size_t length);

/* Adds how it ended, and what is unfinished. */
void reader_finish(reader *self);

/* Lets go of all, the dump too; the number of blocks and literals that leaked. */
size_t reader_free(reader *self);

extern const imapc_limits generous;

#endif
