/* Framing: limits, cuts, literals, and memory that runs out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* What comes out of wire, whole and octet by octet: the spans of all responses
 * and how it ended. */
static bool frames(const char *wire, size_t length, imapc_limits limits,
                   imapc_result outcome, size_t responses)
{
    reader whole, slow;
    reader_init(&whole, limits);
    reader_init(&slow, limits);
    reader_feed(&whole, wire, length);
    for (size_t i = 0; i < length; i++)
        reader_feed(&slow, wire + i, 1);
    reader_finish(&whole);
    reader_finish(&slow);
    bool good = whole.outcome == outcome && whole.responses == responses &&
                whole.out.length == slow.out.length &&
                memcmp(whole.out.text, slow.out.text, slow.out.length) == 0;
    size_t leaks = reader_free(&whole);
    return leaks + reader_free(&slow) == 0 && good;
}

#define FRAMES(wire, limits, outcome, responses)                                           \
    CHECK(frames(wire, sizeof wire - 1, limits, outcome, responses))

static void test_line_limit(void)
{
    imapc_limits limits = generous;
    for (limits.line = 9; limits.line <= 11; limits.line++) {
        imapc_result outcome = limits.line < 10 ? IMAPC_TOO_LARGE : IMAPC_MORE;
        size_t responses = limits.line >= 10;
        FRAMES("* 1 EXISTS\r\n", limits, outcome, responses);
        FRAMES("* 1 EXISTS\n", limits, outcome, responses);
        FRAMES("* 1 EXISTS", limits, outcome, 0);
        FRAMES("* 1 EXISTS\r", limits, outcome, 0);
    }
}

static void test_literal_limit(void)
{
    imapc_limits limits = generous;
    for (limits.literal = 3; limits.literal <= 5; limits.literal++) {
        bool small = limits.literal < 4;
        FRAMES("* LIST () \"/\" {4}\r\nabcd\r\n* 1 EXISTS\r\n", limits,
               small ? IMAPC_TOO_LARGE : IMAPC_MORE, small ? 0 : 2);
        /* Judged where it is announced. */
        FRAMES("* LIST () \"/\" {4}\r\n", limits, small ? IMAPC_TOO_LARGE : IMAPC_MORE, 0);
    }
}

static void test_response_limit(void)
{
    imapc_limits limits = generous;
    /* 17 of a line, 4 of a literal, 2 of a line */
    for (limits.response = 22; limits.response <= 24; limits.response++) {
        bool small = limits.response < 23;
        FRAMES("* LIST () \"/\" {4}\r\nabcd x\r\n* 1 EXISTS\r\n", limits,
               small ? IMAPC_TOO_LARGE : IMAPC_MORE, small ? 0 : 2);
    }
    for (limits.response = 20; limits.response <= 22; limits.response++)
        FRAMES("* LIST () \"/\" {4}\r\n", limits,
               limits.response < 21 ? IMAPC_TOO_LARGE : IMAPC_MORE, 0);
    for (limits.response = 9; limits.response <= 11; limits.response++)
        FRAMES("* 1 EXISTS\r\n", limits,
               limits.response < 10 ? IMAPC_TOO_LARGE : IMAPC_MORE, limits.response >= 10);
}

static void test_between(void)
{
    FRAMES("", generous, IMAPC_MORE, 0);
    FRAMES("\r\n\n\r\r\n  \r\n\t\n", generous, IMAPC_MORE, 0);
    FRAMES("* 1 EXISTS\n* 2 EXISTS\n", generous, IMAPC_MORE, 2);
    FRAMES("\0\0* 1 EXISTS\r\n\0\r\n* 2 EXISTS\r\n", generous, IMAPC_MORE, 2);
    FRAMES("* LIST () \"/\" a\0b\r\n", generous, IMAPC_MORE, 1);
    FRAMES("nonsense\r\n+\r\n*\r\n", generous, IMAPC_MORE, 3);
    FRAMES("* 1 FETCH (A {x}\r\n* 1 EXISTS\r\n", generous, IMAPC_FRAMING, 0);
}

static void test_literals(void)
{
    FRAMES("* LIST () \"/\" {0}\r\n\r\n", generous, IMAPC_MORE, 1);
    FRAMES("* 1 FETCH (A {0}\r\n B {0}\r\n)\r\n", generous, IMAPC_MORE, 1);
    FRAMES("* 1 FETCH (A {3}\n\r\n\0)\n", generous, IMAPC_MORE, 1);
    FRAMES("* 1 FETCH (A {3}\r\n)\r\n", generous, IMAPC_MORE, 0);
    /* held: with ")" or SP it goes on, with anything else it had ended */
    FRAMES("* 1 FETCH (A {1}\r\nx\r\n)\r\n* 1 EXISTS\r\n", generous, IMAPC_MORE, 2);
    FRAMES("* 1 FETCH (A {1}\r\nx\r\n B 2)\r\n", generous, IMAPC_MORE, 1);
    FRAMES("* 1 FETCH (A {1}\r\nx\r\n\0\r\n\n)\r\n", generous, IMAPC_MORE, 1);
    FRAMES("* 1 FETCH (A {1}\r\nx\r\n0001 OK\r\n", generous, IMAPC_MORE, 2);
    FRAMES("* 1 FETCH (A {1}\r\nx\r\n", generous, IMAPC_MORE, 0);
    /* no parenthesis is open: nothing to wait for */
    FRAMES("* LIST () \"/\" {1}\r\nx\r\n", generous, IMAPC_MORE, 1);
}

static void test_overfull(void)
{
    imapc_limits limits = generous;
    static const char wire[] =
        "* 1 FETCH (A {1}\r\nx B {2}\r\nyz C {0}\r\n)\r\n* 1 EXISTS\r\n";
    for (limits.elements = 0; limits.elements <= 9; limits.elements++)
        FRAMES(wire, limits, IMAPC_MORE, 2);
    limits.elements = 2;
    reader self;
    imapc_framed framed;
    reader_init(&self, limits);
    imapc_framer_feed(&self.framer, wire, sizeof wire - 1);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_OK);
    CHECK(framed.overfull && framed.count == 3 && self.taken.live == 2);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_OK);
    CHECK(!framed.overfull && framed.count == 1 && self.taken.discarded == 2);
    CHECK(reader_free(&self) == 0);
}

/* Between two responses alone, wherever the chunks end. */
static void test_idle(void)
{
    static const char *const wires[] = {"* 1 EXISTS\r\n", "0001 OK done\r\n",
                                        "* 1 FETCH (A {2}\r\nab)\r\n",
                                        "* LIST () NIL {1}\r\na\r\n"};
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        reader self;
        reader_init(&self, generous);
        CHECK(imapc_framer_is_idle(&self.framer));
        size_t length = strlen(wires[i]);
        for (size_t at = 0; at < length; at++) {
            CHECK(reader_feed(&self, wires[i] + at, 1) == IMAPC_MORE);
            CHECK(imapc_framer_is_idle(&self.framer) == (at == length - 1));
        }
        CHECK(reader_free(&self) == 0);
    }
}

static void test_sticky_and_reset(void)
{
    reader self;
    imapc_framed framed;
    reader_init(&self, generous);
    CHECK(reader_feed(&self, "* 1 FETCH (A {1_0}\r\n", 20) == IMAPC_FRAMING);
    CHECK(self.framer.error.message != NULL);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_FRAMING);
    imapc_framer_unfinished(&self.framer, &framed);
    CHECK(framed.count == 1 && framed.spans[0].length == 20);
    CHECK(!imapc_framer_is_idle(&self.framer));
    imapc_framer_reset(&self.framer);
    CHECK(imapc_framer_is_idle(&self.framer));
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_MORE);
    CHECK(reader_feed(&self, "* 1 EXISTS\r\n", 12) == IMAPC_MORE);
    CHECK(self.responses == 1);
    /* A reset in the middle of a literal lets go of it. */
    CHECK(reader_feed(&self, "* 1 FETCH (A {9}\r\nabc", 21) == IMAPC_MORE);
    CHECK(self.taken.live == 1 && !imapc_framer_is_idle(&self.framer));
    imapc_framer_reset(&self.framer);
    CHECK(self.taken.live == 0);
    CHECK(reader_feed(&self, "* 1 EXISTS\r\n", 12) == IMAPC_MORE);
    CHECK(self.responses == 2);
    CHECK(reader_free(&self) == 0);
}

static void test_pending_and_keeping(void)
{
    reader self;
    imapc_framed framed;
    static const char wire[] = "* LIST () \"/\" {2}\r\nhi\r\n* 1 EXISTS\r\n* 2";
    reader_init(&self, generous);
    imapc_framer_feed(&self.framer, wire, sizeof wire - 1);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_OK);
    CHECK(imapc_framer_pending(&self.framer) == strlen("* 1 EXISTS\r\n* 2"));
    /* In place: nothing was copied. */
    CHECK(framed.text == wire);
    blob *kept = framed.spans[0].literal;
    framed.spans[0].literal = NULL;
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_OK);
    CHECK(self.taken.discarded == 0 && kept->filled == 2);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_MORE);
    CHECK(imapc_framer_pending(&self.framer) == strlen("* 2"));
    CHECK(reader_free(&self) == 1);
    free(kept);
}

static void test_frame_whole(void)
{
    reader self;
    imapc_framed framed;
    reader_init(&self, generous);
    imapc_text text = text_of("* LIST () \"/\" {2}\r\nhi x");
    CHECK(imapc_frame_whole(&self.framer, text, &framed) == IMAPC_OK);
    CHECK(framed.count == 2 && framed.spans[0].literal && framed.spans[0].length == 14);
    CHECK(framed.spans[1].offset == 21 && framed.spans[1].length == 2);
    text = text_of("* LIST () \"/\" {3}\r\nhi");
    CHECK(imapc_frame_whole(&self.framer, text, &framed) == IMAPC_MALFORMED);
    text = text_of("* OK {2}\r\nhi");
    CHECK(imapc_frame_whole(&self.framer, text, &framed) == IMAPC_OK);
    CHECK(framed.count == 1 && framed.spans[0].length == text.length);
    CHECK(imapc_frame_whole(&self.framer, text_of(""), &framed) == IMAPC_OK);
    self.framer.limits.literal = 1;
    text = text_of("* LIST () \"/\" {2}\r\nhi");
    CHECK(imapc_frame_whole(&self.framer, text, &framed) == IMAPC_TOO_LARGE);
    self.framer.limits.literal = 2;
    CHECK(imapc_frame_whole(&self.framer, text, &framed) == IMAPC_OK);
    CHECK(reader_free(&self) == 0);
}

static void test_failing_literals(void)
{
    static const char wire[] = "* 1 FETCH (A {1}\r\nx B {2}\r\nyz)\r\n";
    for (literal_step step = STEP_BEGIN; step <= STEP_END; step++)
        for (size_t cut = 0; cut < sizeof wire; cut++) {
            reader self;
            reader_init(&self, generous);
            self.quiet = true;
            self.taken.fail = step;
            reader_feed(&self, wire, cut);
            CHECK(reader_feed(&self, wire + cut, sizeof wire - 1 - cut) == IMAPC_SINK);
            CHECK(self.responses == 0);
            /* Nobody is to give the rest of it. */
            CHECK(!imapc_framer_is_literal(&self.framer, 0));
            CHECK(reader_free(&self) == 0);
        }
}

/* Fails at the k-th allocation, for each k that there is, cut in two anywhere. */
static void fail_each_allocation(const char *wire, size_t cut)
{
    imapc_result outcome = IMAPC_NO_MEMORY;
    size_t length = strlen(wire), first = 0;
    for (size_t k = 1; outcome == IMAPC_NO_MEMORY; k++) {
        reader self;
        reader_init(&self, generous);
        self.blocks.fail_at = k;
        reader_feed(&self, wire, cut);
        outcome = reader_feed(&self, wire + cut, length - cut);
        bool out = self.blocks.calls >= k;
        char what[60];
        snprintf(what, sizeof what, "allocation %zu fails, cut at %zu of %zu", k, cut,
                 length);
        CHECK_OF(outcome == (out ? IMAPC_NO_MEMORY : IMAPC_MORE), what);
        first = k;
        CHECK_OF(reader_free(&self) == 0, what);
    }
    CHECK(first > 1);
}

static void test_no_memory(void)
{
    /* More spans than the framer has room for at first. */
    static const char many[] =
        "* 1 FETCH (A {1}\r\nx B {1}\r\nx C {1}\r\nx D {1}\r\nx E {1}\r\nx F {1}\r\nx"
        " G {1}\r\nx H {1}\r\nx I {1}\r\nx J {1}\r\nx K {1}\r\nx L {1}\r\nx M {1}\r\nx"
        " N {1}\r\nx O {1}\r\nx P {1}\r\nx Q {1}\r\nx)\r\n";
    static const char *const wires[] = {
        "* 1 EXISTS\r\n0001 OK done\r\n",
        "* LIST () \"/\" {2}\r\nhi\r\n* 1 EXISTS\r\n* OK a longer line\r\n",
        "* 1 FETCH (A {1}\r\nx B {2}\r\nyz)\r\n0001 OK done\r\n", many};
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        for (size_t cut = 0; cut <= strlen(wires[i]); cut++)
            fail_each_allocation(wires[i], cut);
}

/* A line that lies whole in its chunk is given out as it lies there. */
static void test_plain_lines_need_no_memory(void)
{
    static const char wire[] = "* 1 EXISTS\r\n* 2 FETCH (FLAGS (a))\r\n* \r\n";
    reader self;
    reader_init(&self, generous);
    self.blocks.fail_at = 1;
    CHECK(reader_feed(&self, wire, sizeof wire - 1) == IMAPC_MORE);
    CHECK(self.responses == 3 && self.blocks.calls == 0);
    CHECK(reader_free(&self) == 0);
}

int main(void)
{
    test_plain_lines_need_no_memory();
    test_line_limit();
    test_literal_limit();
    test_response_limit();
    test_between();
    test_literals();
    test_overfull();
    test_idle();
    test_sticky_and_reset();
    test_pending_and_keeping();
    test_frame_whole();
    test_failing_literals();
    test_no_memory();
    return report();
}
