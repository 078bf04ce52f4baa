/* What one line means to the framing. */
#include <stdio.h>
#include <string.h>

#include "check.h"

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
        CHECK_OF(verdict(line) == IMAPC_LINE_MALFORMED, bad[i]);
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
        CHECK_OF(verdict(opaque[i]) == IMAPC_LINE_ENDS, opaque[i]);
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

int main(void)
{
    test_literal_sizes();
    test_many_digits();
    test_no_announcement();
    test_opaque();
    test_held_lines();
    return report();
}
