/* The core by itself, one small assertion at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "text.h"

static size_t passed, failed;

static void check_at(int line, bool good, const char *what)
{
    if (good) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "test_core.c:%d: %s\n", line, what);
}

#define CHECK(condition) check_at(__LINE__, (condition), #condition)

static imapc_text text_of(const char *string)
{
    return (imapc_text){string, strlen(string)};
}

static bool same_text(imapc_text text, const char *string)
{
    return text.length == strlen(string) &&
           (text.length == 0 || memcmp(text.at, string, text.length) == 0);
}

static bool same_dump(const dump *out, const char *string)
{
    return same_text((imapc_text){out->text, out->length}, string);
}

/* --------------------------------------------------------- small things -- */

static void test_chars(void)
{
    static const char spaces[] = " \t\r\n\v\f", base64[] = "+,/";
    for (int octet = 0; octet < 256; octet++) {
        bool space = octet && strchr(spaces, octet);
        bool digit = octet >= '0' && octet <= '9';
        bool letter = (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
        bool end = space || octet == '(' || octet == ')';
        bool shifted = letter || digit || (octet && strchr(base64, octet));
        CHECK(!CHAR_IS(octet, CHAR_SPACE) == !space);
        CHECK(!CHAR_IS(octet, CHAR_ATOM_END) == !end);
        CHECK(!CHAR_IS(octet, CHAR_DIGIT) == !digit);
        CHECK(!CHAR_IS(octet, CHAR_BASE64) == !shifted);
    }
}

static void test_keywords(void)
{
    CHECK(imapc_is_keyword(text_of("FETCH"), "FETCH"));
    CHECK(imapc_is_keyword(text_of("fEtCh"), "FETCH"));
    CHECK(!imapc_is_keyword(text_of("FETC"), "FETCH"));
    CHECK(!imapc_is_keyword(text_of("FETCHX"), "FETCH"));
    CHECK(!imapc_is_keyword(text_of(""), "FETCH"));
    CHECK(imapc_is_keyword(text_of(""), ""));
    CHECK(!imapc_is_keyword((imapc_text){"OK\0", 3}, "OK"));
    CHECK(!imapc_is_keyword((imapc_text){"OK\0X", 4}, "OK"));
    CHECK(!imapc_is_keyword(text_of("{"), "["));
}

static void test_numbers(void)
{
    CHECK(imapc_is_number(text_of("0")));
    CHECK(imapc_is_number(text_of("12345678901234567890")));
    CHECK(!imapc_is_number(text_of("123456789012345678901")));
    CHECK(!imapc_is_number(text_of("")));
    CHECK(!imapc_is_number(text_of("-1")));
    CHECK(!imapc_is_number(text_of("+1")));
    CHECK(!imapc_is_number(text_of("1_0")));
    CHECK(!imapc_is_number(text_of(" 1")));
    CHECK(!imapc_is_number(text_of("\xb2")));
}

static ptrdiff_t quoted_end(const char *string)
{
    const char *close = text_quoted_end(string, string + strlen(string));
    return close ? close - string : -1;
}

static void test_quoted_end(void)
{
    CHECK(quoted_end("\"") == 0);
    CHECK(quoted_end("ab\"") == 2);
    CHECK(quoted_end("ab\" x\"") == 2);
    CHECK(quoted_end("ab\")") == 2);
    CHECK(quoted_end("ab\"]") == 2);
    CHECK(quoted_end("a\"b\"") == 3);
    CHECK(quoted_end("a\\\" \"") == 4);
    CHECK(quoted_end("a\\\\\" \"") == 3);
    CHECK(quoted_end("a\\\\\\\"") == -1);
    CHECK(quoted_end("") == -1);
    CHECK(quoted_end("ab") == -1);
    CHECK(quoted_end("a\"b") == -1);
}

/* ------------------------------------------------------------ judge_line -- */

enum { NO_SIZE = 77 };

/* One line between responses; *size and *announced as they come out. */
static imapc_verdict judged(const char *line, size_t *size, size_t *announced)
{
    imapc_lines lines = {false, false, 0};
    *size = NO_SIZE;
    return imapc_judge_line(&lines, text_of(line), size, announced);
}

static bool announces(const char *line, size_t size, size_t announced)
{
    size_t got, length;
    return judged(line, &got, &length) == IMAPC_LINE_LITERAL && got == size &&
           length == announced;
}

static imapc_verdict verdict(const char *line)
{
    size_t size, announced;
    return judged(line, &size, &announced);
}

static void test_literal_sizes(void)
{
    CHECK(announces("* 1 FETCH (X {5}", 5, 3));
    CHECK(announces("* 1 FETCH (X {5+}", 5, 4));
    CHECK(announces("* 1 FETCH (X ~{5}", 5, 4));
    CHECK(announces("* 1 FETCH (X ~{5+}", 5, 5));
    CHECK(announces("* 1 FETCH (X a~{5}", 5, 3));
    CHECK(announces("* 1 FETCH (X {0}", 0, 3));
    CHECK(announces("* 1 FETCH (X {007}", 7, 5));
    CHECK(announces("* 1 FETCH (X {18446744073709551615}", SIZE_MAX, 22) ||
          SIZE_MAX < UINT64_MAX);
    CHECK(announces("* 1 FETCH (X {{5}", 5, 3));
    static const char *const bad[] = {"{+5}",
                                      "{ 5}",
                                      "{5 }",
                                      "{}",
                                      "{+}",
                                      "{-1}",
                                      "{1_0}",
                                      "{5++}",
                                      "{0x5}",
                                      "{a}",
                                      "~{-1}",
                                      "{18446744073709551616}",
                                      "{18446744073709551617}",
                                      "{99999999999999999999}",
                                      "{000000000000000000001}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[80];
        snprintf(line, sizeof line, "* 1 FETCH (X %s", bad[i]);
        check_at(__LINE__, verdict(line) == IMAPC_LINE_MALFORMED, bad[i]);
    }
}

static void test_many_digits(void)
{
    enum { DIGITS = 5000 };
    char line[DIGITS + 20];
    int start = snprintf(line, sizeof line, "* 1 FETCH (X {");
    memset(line + start, '1', DIGITS);
    memcpy(line + start + DIGITS, "}", 2);
    CHECK(verdict(line) == IMAPC_LINE_MALFORMED);
}

static void test_no_announcement(void)
{
    CHECK(verdict("* 1 FETCH (X \"a {5}") == IMAPC_LINE_ENDS);
    CHECK(verdict("* 1 FETCH (X \"a\\\" {5}") == IMAPC_LINE_ENDS);
    CHECK(verdict("* 1 FETCH (X \"a\" {5}") == IMAPC_LINE_LITERAL);
    CHECK(verdict("* 1 FETCH (X a\"b {5}") == IMAPC_LINE_LITERAL);
    CHECK(verdict("* 1 FETCH (BODY[HEADER.FIELDS (\"a b\")] {5}") == IMAPC_LINE_LITERAL);
    CHECK(verdict("* 1 FETCH (X \"a {x}") == IMAPC_LINE_ENDS);
    CHECK(verdict("* 1 FETCH (X {5} ") == IMAPC_LINE_ENDS);
    CHECK(verdict("* 1 FETCH (X 5}") == IMAPC_LINE_ENDS);
    CHECK(verdict("* 1 FETCH (X {5}x") == IMAPC_LINE_ENDS);
    CHECK(verdict("* LIST () \"/\" ~{3}") == IMAPC_LINE_LITERAL);
    CHECK(verdict("}") == IMAPC_LINE_ENDS);
    CHECK(verdict("{5}") == IMAPC_LINE_ENDS);
    CHECK(verdict("") == IMAPC_LINE_BLANK);
    CHECK(verdict(" \t") == IMAPC_LINE_BLANK);
}

static void test_opaque(void)
{
    static const char *const opaque[] = {"* OK {5}",  "* ok {5}",   "*  NO {5}",
                                         "* BAD {5}", "* BYE {-1}", "* PREAUTH {5}",
                                         "* [X] {5}", "+ {5}",      "0001 OK done {5}",
                                         "foo {5}",   "*FETCH {5}", "*"};
    for (size_t i = 0; i < sizeof opaque / sizeof *opaque; i++)
        check_at(__LINE__, verdict(opaque[i]) == IMAPC_LINE_ENDS, opaque[i]);
    CHECK(verdict("* OKAY {5}") == IMAPC_LINE_LITERAL);
    CHECK(verdict("* STATUS {5}") == IMAPC_LINE_LITERAL);
}

static void test_held_lines(void)
{
    size_t size, announced;
    imapc_lines lines = {false, false, 0};
    CHECK(imapc_judge_line(&lines, text_of("* 1 FETCH (A {1}"), &size, &announced) ==
          IMAPC_LINE_LITERAL);
    CHECK(lines.within && lines.depth == 1);
    CHECK(imapc_judge_line(&lines, text_of(""), &size, &announced) == IMAPC_LINE_HOLDS);
    CHECK(imapc_judge_line(&lines, text_of("  "), &size, &announced) == IMAPC_LINE_HOLDS);
    imapc_lines again = lines;
    CHECK(imapc_judge_line(&lines, text_of(")"), &size, &announced) == IMAPC_LINE_ENDS);
    CHECK(!lines.within && !lines.held && lines.depth == 0);
    CHECK(imapc_judge_line(&again, text_of("0001 OK"), &size, &announced) ==
          IMAPC_LINE_BEFORE);
    CHECK(!again.within && !again.held);
    CHECK(imapc_judge_line(&again, text_of("0001 OK"), &size, &announced) ==
          IMAPC_LINE_ENDS);
    CHECK(imapc_judge_line(&lines, text_of("* LIST () \"/\" {1}"), &size, &announced) ==
          IMAPC_LINE_LITERAL);
    CHECK(imapc_judge_line(&lines, text_of(""), &size, &announced) == IMAPC_LINE_ENDS);
}

/* ---------------------------------------------------------------- framer -- */

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
    imapc_framer_reset(&self.framer);
    CHECK(imapc_framer_next(&self.framer, &framed) == IMAPC_MORE);
    CHECK(reader_feed(&self, "* 1 EXISTS\r\n", 12) == IMAPC_MORE);
    CHECK(self.responses == 1);
    /* A reset in the middle of a literal lets go of it. */
    CHECK(reader_feed(&self, "* 1 FETCH (A {9}\r\nabc", 21) == IMAPC_MORE);
    CHECK(self.taken.live == 1);
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
        check_at(__LINE__, outcome == (out ? IMAPC_NO_MEMORY : IMAPC_MORE), what);
        first = k;
        check_at(__LINE__, reader_free(&self) == 0, what);
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
        "* 1 EXISTS\r\n",
        "* LIST () \"/\" {2}\r\nhi\r\n* 1 EXISTS\r\n* OK a longer line\r\n",
        "* 1 FETCH (A {1}\r\nx B {2}\r\nyz)\r\n0001 OK done\r\n", many};
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        for (size_t cut = 0; cut <= strlen(wires[i]); cut++)
            fail_each_allocation(wires[i], cut);
}

/* ---------------------------------------------------------------- values -- */

/* What a parser tells of text; the part is one of imapc_parse_*. */
typedef imapc_result parser(imapc_cursor *cursor, const imapc_sink *sink);

typedef struct outcome {
    imapc_result result;
    size_t offset;
    bool same;
} outcome;

/* Frames text with a framer of its own, parses it once; expected is what the
 * sink is told. */
static outcome parse(parser *part, const char *text, imapc_limits limits, size_t fail_at,
                     const char *expected)
{
    reader self;
    imapc_framed framed;
    reader_init(&self, generous);
    /* "* " so that the text is not taken for a line that is none */
    char wire[512];
    int length = snprintf(wire, sizeof wire, "* X %s", text);
    CHECK(imapc_frame_whole(&self.framer, (imapc_text){wire, (size_t)length}, &framed) ==
          IMAPC_OK);
    teller told = {.out = &self.out, .taken = &self.taken, .fail_at = fail_at};
    imapc_sink sink = teller_sink(&told);
    imapc_cursor cursor;
    imapc_cursor_init(&cursor, &framed, &limits);
    cursor.at += strlen("* X");
    outcome got = {.result = part(&cursor, &sink)};
    if (got.result == IMAPC_MALFORMED)
        got.offset = cursor.error.offset;
    got.same = !expected || same_dump(&self.out, expected);
    if (!got.same)
        fprintf(stderr, "%s: told%.*s\n", text, (int)self.out.length, self.out.text);
    CHECK(reader_free(&self) == 0);
    return got;
}

static bool tells(parser *part, const char *text, const char *expected)
{
    outcome got = parse(part, text, generous, 0, expected);
    return got.result == IMAPC_OK && got.same;
}

static bool refuses(parser *part, const char *text)
{
    outcome got = parse(part, text, generous, 0, NULL);
    return got.result == IMAPC_MALFORMED && got.offset <= strlen(text) + 4;
}

static void test_values(void)
{
    CHECK(tells(imapc_parse_values, "", ""));
    CHECK(tells(imapc_parse_values, "a 1 \\Seen", " s1:a s1:1 s5:\\Seen"));
    CHECK(tells(imapc_parse_values, "NIL nil NiL \"NIL\" NILS",
                " NIL NIL NIL s3:NIL s4:NILS"));
    CHECK(tells(imapc_parse_values, "()(a(b))c", " ( ) ( s1:a ( s1:b ) ) s1:c"));
    CHECK(tells(imapc_parse_values, "\"\" \"a b\" \"a\\\"b\"", " s0: s3:a b e4:a\\\"b"));
    CHECK(tells(imapc_parse_values, "\"a\"b\"", " s3:a\"b"));
    CHECK(tells(imapc_parse_values, "{3}\r\nNIL ({0}\r\n)", " l3:NIL ( l0: )"));
    CHECK(tells(imapc_parse_values, "[a] b] [Gmail]/x", " s3:[a] s2:b] s9:[Gmail]/x"));
    CHECK(tells(imapc_parse_value, "a b", " s1:a"));
    CHECK(refuses(imapc_parse_value, ""));
    CHECK(refuses(imapc_parse_value, ")"));
    CHECK(refuses(imapc_parse_values, ")"));
    CHECK(refuses(imapc_parse_values, "("));
    CHECK(refuses(imapc_parse_values, "(()"));
    CHECK(refuses(imapc_parse_values, "\"a"));
    CHECK(refuses(imapc_parse_values, "{3} a"));
}

static void test_sections(void)
{
    CHECK(tells(imapc_parse_values, "BODY[]", " s4:BODY ( )"));
    CHECK(tells(imapc_parse_values, "body[1.2]<0> x", " s4:body ( s3:1.2 ) s3:<0> s1:x"));
    CHECK(tells(imapc_parse_values, "BINARY.SIZE[1]", " s11:BINARY.SIZE ( s1:1 )"));
    CHECK(tells(imapc_parse_values, "BODY.PEEK[HEADER.FIELDS (a \"b]\")]",
                " s9:BODY.PEEK ( s13:HEADER.FIELDS ( s1:a s2:b] ) )"));
    CHECK(tells(imapc_parse_values, "BODYX[1]", " s8:BODYX[1]"));
    CHECK(tells(imapc_parse_values, "BODY[BODY[x]", " s4:BODY ( s6:BODY[x )"));
    CHECK(refuses(imapc_parse_values, "BODY[1"));
    CHECK(refuses(imapc_parse_values, "BODY[1)"));
    CHECK(refuses(imapc_parse_values, "BODY[(a]"));
}

static imapc_result limited(const char *text, imapc_limits limits)
{
    return parse(imapc_parse_values, text, limits, 0, NULL).result;
}

static void test_object_limits(void)
{
    imapc_limits limits = generous;
    for (limits.depth = 1; limits.depth <= 3; limits.depth++) {
        CHECK(limited("((a))", limits) == (limits.depth < 2 ? IMAPC_MALFORMED : IMAPC_OK));
        CHECK(limited("(BODY[])", limits) ==
              (limits.depth < 2 ? IMAPC_MALFORMED : IMAPC_OK));
    }
    limits = generous;
    for (limits.lists = 2; limits.lists <= 4; limits.lists++)
        CHECK(limited("(())()", limits) == (limits.lists < 3 ? IMAPC_MALFORMED : IMAPC_OK));
    limits = generous;
    for (limits.elements = 4; limits.elements <= 6; limits.elements++)
        CHECK(limited("a NIL ({1}\r\nx \"b\")", limits) ==
              (limits.elements < 5 ? IMAPC_MALFORMED : IMAPC_OK));
}

static void test_failing_sinks(void)
{
    static const char text[] = "a NIL (BODY[x] {1}\r\ny) \"z\"";
    enum { TOLD = 10 };
    for (size_t k = 1; k <= TOLD; k++)
        CHECK(parse(imapc_parse_values, text, generous, k, NULL).result == IMAPC_SINK);
    CHECK(parse(imapc_parse_values, text, generous, TOLD + 1, NULL).result == IMAPC_OK);
    CHECK(parse(imapc_parse_flags, "(a)", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(imapc_parse_flags, "({1}\r\na)", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(imapc_parse_mailbox, "a", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(imapc_parse_mailbox, "{1}\r\na", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(imapc_parse_delimiter, "NIL", generous, 1, NULL).result == IMAPC_SINK);
}

static void test_flags(void)
{
    CHECK(tells(imapc_parse_flags, "()", ""));
    CHECK(tells(imapc_parse_flags, "(\\Seen NIL \"a b\")", " s5:\\Seen s3:NIL s3:a b"));
    CHECK(tells(imapc_parse_flags, "(a (b (c)) d {1}\r\ne)", " s1:a s1:d l1:e"));
    CHECK(tells(imapc_parse_flags, "([Gmail]/x $y])", " s9:[Gmail]/x s3:$y]"));
    CHECK(refuses(imapc_parse_flags, "a"));
    CHECK(refuses(imapc_parse_flags, "(a"));
    CHECK(refuses(imapc_parse_flags, "(a (b"));
    CHECK(refuses(imapc_parse_flags, ""));
}

static void test_mailboxes(void)
{
    CHECK(tells(imapc_parse_mailbox, "INBOX", " s5:INBOX"));
    CHECK(tells(imapc_parse_mailbox, "NIL", " s3:NIL"));
    CHECK(tells(imapc_parse_mailbox, "\"a\\\\b\"", " e4:a\\\\b"));
    CHECK(tells(imapc_parse_mailbox, "a b  ", " s3:a b"));
    CHECK(tells(imapc_parse_mailbox, "a\tb (MESSAGES 1)", " s3:a\tb"));
    CHECK(tells(imapc_parse_mailbox, "a(b (x)", " s3:a(b"));
    CHECK(tells(imapc_parse_mailbox, "{3}\r\na b", " l3:a b"));
    CHECK(tells(imapc_parse_mailbox, "\"\"", " s0:"));
    CHECK(refuses(imapc_parse_mailbox, ""));
    CHECK(refuses(imapc_parse_mailbox, "  "));
    CHECK(tells(imapc_parse_delimiter, "NIL", " NIL"));
    CHECK(tells(imapc_parse_delimiter, "\"\\\\\"", " e2:\\\\"));
    CHECK(refuses(imapc_parse_delimiter, "("));
    CHECK(refuses(imapc_parse_delimiter, ""));
}

/* --------------------------------------------------------------- grammar -- */

/* What a whole wire of one response gives; out must be freed. */
static imapc_kind kind_of(const char *line)
{
    imapc_span span = {.length = strlen(line)};
    imapc_framed framed = {line, &span, 1, false};
    return imapc_kind_of(&framed);
}

static void test_kinds(void)
{
    static const struct {
        const char *line;
        imapc_kind kind;
    } lines[] = {
        {"0001 OK done", IMAPC_TAGGED},
        {"0001 no", IMAPC_TAGGED},
        {"a BAD", IMAPC_TAGGED},
        {"+ go", IMAPC_CONTINUE},
        {"+", IMAPC_CONTINUE},
        {"* OK hi", IMAPC_STATUS},
        {"* bye", IMAPC_STATUS},
        {"* PREAUTH [X] y", IMAPC_STATUS},
        {"* [READ-WRITE]", IMAPC_CODE},
        {"* CAPABILITY IMAP4rev1", IMAPC_CAPABILITY},
        {"* flags()", IMAPC_FLAGS},
        {"* LIST () NIL x", IMAPC_LIST},
        {"* LSUB () NIL x", IMAPC_LSUB},
        {"* STATUS x (MESSAGES 1)", IMAPC_MAILBOX_STATUS},
        {"* SEARCH", IMAPC_SEARCH},
        {"* NAMESPACE NIL NIL NIL", IMAPC_NAMESPACE},
        {"* 1 EXISTS", IMAPC_EXISTS},
        {"* 1 recent", IMAPC_RECENT},
        {"* 1 EXPUNGE", IMAPC_EXPUNGE},
        {"* 1 FETCH (A 1)", IMAPC_FETCH},
        {"* 1 FETCH(A 1)", IMAPC_FETCH},
        {"* ID NIL", IMAPC_OTHER},
        {"*", IMAPC_OTHER},
        {"* 1", IMAPC_OTHER},
        {"*OK", IMAPC_STRAY},
        {"0001 BYE", IMAPC_STRAY},
        {"0001 PREAUTH", IMAPC_STRAY},
        {"+go", IMAPC_STRAY},
        {"OK", IMAPC_STRAY},
        {"", IMAPC_STRAY},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check_at(__LINE__, kind_of(lines[i].line) == lines[i].kind, lines[i].line);
}

static imapc_response classified(const char *line, imapc_framed *framed, imapc_span *span)
{
    imapc_response response;
    *span = (imapc_span){.length = strlen(line)};
    *framed = (imapc_framed){line, span, 1, false};
    imapc_classify(framed, &generous, &response);
    return response;
}

static void test_classify(void)
{
    imapc_framed framed;
    imapc_span span;
    imapc_response r = classified("7f OK [A (\"]\" b)] so \"it", &framed, &span);
    CHECK(same_text(r.tag, "7f") && same_text(r.rest, "OK [A (\"]\" b)] so \"it"));
    CHECK(r.status == IMAPC_STATUS_OK && same_text(r.code, "A (\"]\" b)"));
    CHECK(same_text(r.text, "[A (\"]\" b)] so \"it"));
    r = classified("* NO [never ends", &framed, &span);
    CHECK(r.status == IMAPC_STATUS_NO && r.code.at == NULL);
    r = classified("* OK text [THROTTLED]", &framed, &span);
    CHECK(r.code.at == NULL && same_text(r.text, "text [THROTTLED]"));
    r = classified("* OK []", &framed, &span);
    CHECK(r.code.at != NULL && r.code.length == 0);
    r = classified("* [UIDNEXT 3] x", &framed, &span);
    CHECK(same_text(r.code, "UIDNEXT 3"));
    r = classified("* 12 EXISTS", &framed, &span);
    CHECK(same_text(r.number, "12"));
    r = classified("+  go on", &framed, &span);
    CHECK(same_text(r.tag, "+") && same_text(r.rest, "go on"));
    r = classified("what is this", &framed, &span);
    CHECK(same_text(r.tag, "what") && same_text(r.rest, "is this"));
    imapc_framed nothing = {NULL, NULL, 0, false};
    CHECK(imapc_kind_of(&nothing) == IMAPC_STRAY);
}

/* A line through the parser of its kind: how it ends, and whether the last line
 * of the dump contains what. */
static bool walks(const char *line, imapc_result result, const char *what)
{
    imapc_framed framed;
    reader self;
    reader_init(&self, generous);
    CHECK(imapc_frame_whole(&self.framer, text_of(line), &framed) == IMAPC_OK);
    dump_response(&self.out, &framed, &generous);
    dump_format(&self.out, "%c", 0);
    char *last = self.out.text + self.out.length - 2;
    while (last > self.out.text && last[-1] != '\n')
        last--;
    char ending[16];
    snprintf(ending, sizeof ending, " -> %d", (int)result);
    bool good = strstr(last, what) && strstr(last, ending);
    if (!good)
        fprintf(stderr, "%s: %s", line, last);
    return reader_free(&self) == 0 && good;
}

static void test_msg_att(void)
{
    CHECK(walks("* 1 FETCH ()", IMAPC_END, ""));
    CHECK(walks("* 1 FETCH (UID 4 FLAGS (a))", IMAPC_END,
                " item=3:UID s1:4 item=5:FLAGS ( s1:a )"));
    CHECK(walks("* 1 FETCH(UID 4)", IMAPC_END, " item=3:UID s1:4"));
    CHECK(walks("* 1 FETCH ((UID 4) FLAGS ())", IMAPC_END,
                " item=3:UID s1:4 item=5:FLAGS ( )"));
    CHECK(walks("* 1 FETCH (((UID 4)))", IMAPC_END, " item=3:UID s1:4"));
    CHECK(walks("* 1 FETCH (BODY[TEXT]<0> {2}\r\nhi)", IMAPC_END,
                " item=4:BODY ( s4:TEXT ) origin=3:<0> l2:hi"));
    CHECK(walks("* 1 FETCH (BODY[] NIL)", IMAPC_END, " item=4:BODY ( ) origin=0: NIL"));
    /* "<x>" is no origin: it is the value, and NIL the next name */
    CHECK(walks("* 1 FETCH (BODY[]<x> NIL)", IMAPC_MALFORMED, " s3:<x> item=3:NIL"));
    CHECK(walks("* 1 FETCH", IMAPC_MALFORMED, "expected"));
    CHECK(walks("* 1 FETCH UID", IMAPC_MALFORMED, "expected"));
    CHECK(walks("* 1 FETCH (UID", IMAPC_MALFORMED, "missing"));
    CHECK(walks("* 1 FETCH (UID)", IMAPC_MALFORMED, "missing"));
    CHECK(walks("* 1 FETCH (UID 4", IMAPC_MALFORMED, "ends inside"));
    CHECK(walks("* 1 FETCH (UID 4) x", IMAPC_MALFORMED, "behind the end"));
    CHECK(walks("* 1 FETCH ({1}\r\nx 4)", IMAPC_MALFORMED, "not an atom"));
}

static void test_other_data(void)
{
    CHECK(walks("* SEARCH 1 2 (MODSEQ 3)", IMAPC_END, " word=1:1 word=1:2"));
    CHECK(walks("* SEARCH 1(MODSEQ 3)4", IMAPC_END, " word=1:1 word=1:4"));
    CHECK(walks("* SEARCH )", IMAPC_MALFORMED, "a word was expected"));
    CHECK(walks("* SEARCH (", IMAPC_MALFORMED, "ends inside"));
    CHECK(walks("* CAPABILITY A AUTH=B", IMAPC_END, " word=1:A word=6:AUTH=B"));
    CHECK(walks("* FLAGS(\\Seen) ", IMAPC_OK, " s5:\\Seen"));
    CHECK(walks("* FLAGS () x", IMAPC_MALFORMED, "behind the end"));
    CHECK(walks("* LIST (\\X) NIL a b", IMAPC_OK, " s2:\\X NIL s3:a b"));
    CHECK(walks("* LIST (\\X) \"/\" \"a\" (x)", IMAPC_OK, " s1:/ s1:a"));
    CHECK(walks("* STATUS a b (MESSAGES 1)", IMAPC_OK, " s3:a b ( s8:MESSAGES s1:1 )"));
    CHECK(walks("* STATUS {1}\r\na (X 1)", IMAPC_OK, " l1:a ( s1:X s1:1 )"));
    CHECK(
        walks("* NAMESPACE ((\"\" \"/\")) NIL NIL", IMAPC_OK, " ( ( s0: s1:/ ) ) NIL NIL"));
    CHECK(walks("* NAMESPACE NIL NIL", IMAPC_MALFORMED, "missing"));
}

/* ------------------------------------------------------------------ utf7 -- */

enum { MOST_POINTS = 64 };

/* Decodes to points (0 ends them) and says whether it is the canonical form. */
static bool decodes(const char *name, const uint32_t *expected, bool expected_canonical)
{
    uint32_t points[MOST_POINTS];
    size_t count, wanted = 0;
    bool canonical;
    while (expected[wanted])
        wanted++;
    return imapc_utf7_decode(text_of(name), points, &count, &canonical) &&
           count == wanted && memcmp(points, expected, count * sizeof *points) == 0 &&
           canonical == expected_canonical;
}

static bool not_utf7(const char *name)
{
    uint32_t points[MOST_POINTS];
    size_t count;
    bool canonical;
    return !imapc_utf7_decode(text_of(name), points, &count, &canonical);
}

#define POINTS(...) ((const uint32_t[]){__VA_ARGS__, 0})

static void test_utf7(void)
{
    CHECK(decodes("", POINTS(0), true));
    CHECK(decodes("a b", POINTS('a', ' ', 'b'), true));
    CHECK(decodes("&-", POINTS('&'), true));
    CHECK(decodes("a&-b", POINTS('a', '&', 'b'), true));
    CHECK(decodes("&AOk-", POINTS(0xE9), true));
    CHECK(decodes("&AOk-t&AOk-", POINTS(0xE9, 't', 0xE9), true));
    CHECK(decodes("&U,BTFw-", POINTS(0x53F0, 0x5317), true));
    CHECK(decodes("&2D3eAA-", POINTS(0x1F600), true));
    CHECK(decodes("&AOk-&-", POINTS(0xE9, '&'), true));
    /* Encoding gives other octets for these. */
    CHECK(decodes("&AGE-", POINTS('a'), false));
    CHECK(decodes("&U/BTFw-", POINTS(0x53F0, 0x5317), false));
    CHECK(decodes("&AOk", POINTS(0xE9), false));
    CHECK(decodes("&AOk-&AOk-", POINTS(0xE9, 0xE9), false));
    CHECK(decodes("a\tb", POINTS('a', '\t', 'b'), false));
    CHECK(decodes("\x7f", POINTS(0x7F), false));
    /* Surrogates that have no other half; not joined across shifts. */
    CHECK(decodes("&2D0-", POINTS(0xD83D), false));
    CHECK(decodes("&3gA-", POINTS(0xDE00), false));
    CHECK(decodes("&2D0-&3gA-", POINTS(0xD83D, 0xDE00), false));
    CHECK(decodes("&3gDYPQ-", POINTS(0xDE00, 0xD83D), false));
}

static void test_bad_utf7(void)
{
    CHECK(not_utf7("&"));
    CHECK(not_utf7("a&"));
    CHECK(not_utf7("\xe9"));
    CHECK(not_utf7("&A-"));
    CHECK(not_utf7("&AO-"));
    CHECK(not_utf7("&AOkA-"));
    CHECK(not_utf7("&AOl-"));
    CHECK(not_utf7("&AO!-"));
    CHECK(not_utf7("&A\xe9k-"));
    CHECK(not_utf7("&AOk b"));
}

int main(void)
{
    test_chars();
    test_keywords();
    test_numbers();
    test_quoted_end();
    test_literal_sizes();
    test_many_digits();
    test_no_announcement();
    test_opaque();
    test_held_lines();
    test_line_limit();
    test_literal_limit();
    test_response_limit();
    test_between();
    test_literals();
    test_overfull();
    test_sticky_and_reset();
    test_pending_and_keeping();
    test_frame_whole();
    test_failing_literals();
    test_no_memory();
    test_values();
    test_sections();
    test_object_limits();
    test_failing_sinks();
    test_flags();
    test_mailboxes();
    test_kinds();
    test_classify();
    test_msg_att();
    test_other_data();
    test_utf7();
    test_bad_utf7();
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed != 0;
}
