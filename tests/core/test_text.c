/* Words, numbers and quoted strings. */
#include <string.h>

#include "check.h"
#include "text.h"

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

static void test_words(void)
{
    const char *line = " \tab  c(d [e", *at = line, *end = line + strlen(line);
    CHECK(same_text(text_word(&at, end), "ab") && at == line + 4);
    imapc_text word = text_word(&at, end);
    CHECK(same_text(word, "c(d"));
    CHECK(same_text(text_up_to(word, '('), "c"));
    CHECK(same_text(text_up_to(word, 'c'), ""));
    CHECK(same_text(text_up_to(word, '['), "c(d"));
    CHECK(same_text(text_word(&at, end), "[e") && at == end);
    CHECK(same_text(text_word(&at, end), "") && at == end);
    CHECK(same_text(text_up_to((imapc_text){NULL, 0}, '('), ""));
    CHECK(text_is_blank(text_of(" \t\r\n")) && text_is_blank(text_of("")));
    CHECK(!text_is_blank(text_of(" a")));
}

/* The status that line begins with, and what follows its word. */
static bool has_status(const char *line, imapc_status status, const char *behind)
{
    const char *at = line;
    bool same = text_status(&at, line + strlen(line)) == status;
    return same && strcmp(at, behind) == 0;
}

static void test_statuses(void)
{
    CHECK(has_status("OK hi", IMAPC_STATUS_OK, " hi"));
    CHECK(has_status("  no", IMAPC_STATUS_NO, ""));
    CHECK(has_status("Bad x", IMAPC_STATUS_BAD, " x"));
    CHECK(has_status("PREAUTH", IMAPC_STATUS_PREAUTH, ""));
    CHECK(has_status("BYE  x", IMAPC_STATUS_BYE, "  x"));
    CHECK(has_status("OK[ALERT] x", IMAPC_STATUS_OK, "[ALERT] x"));
    CHECK(has_status("OKAY x", IMAPC_STATUS_NONE, " x"));
    CHECK(has_status("[OK] x", IMAPC_STATUS_NONE, " x"));
    CHECK(has_status("", IMAPC_STATUS_NONE, ""));
}

static void test_sizes(void)
{
    size_t size = 1;
    CHECK(text_size(text_of("0"), &size) && size == 0);
    CHECK(text_size(text_of("007"), &size) && size == 7);
    CHECK(text_size(text_of("18446744073709551615"), &size) == (SIZE_MAX == UINT64_MAX));
    CHECK(!text_size(text_of("18446744073709551616"), &size));
    CHECK(!text_size(text_of("99999999999999999999"), &size));
    CHECK(!text_size(text_of("+1"), &size));
    CHECK(!text_size(text_of(""), &size));
}

/* How far a scan comes, -1 inside a quoted string; and the depth there. */
static bool scans(const char *line, text_kind kind, ptrdiff_t stop, size_t depth)
{
    size_t counted = 0;
    const char *at = text_scan(text_of(line), kind, &counted);
    return (at ? at - line : -1) == stop && counted == depth;
}

static void test_scan(void)
{
    CHECK(scans("", TEXT_OF_DATA, 0, 0));
    CHECK(scans("a (b (c) \")\" ", TEXT_OF_DATA, 13, 1));
    CHECK(scans(")) (", TEXT_OF_DATA, 4, 1));
    CHECK(scans("a \"b", TEXT_OF_DATA, -1, 0));
    CHECK(scans("a\"b", TEXT_OF_DATA, 3, 0));
    CHECK(scans("(\"a\\\" (\" (", TEXT_OF_DATA, 10, 2));
    CHECK(scans("a [b] c", TEXT_OF_DATA, 7, 0));
    CHECK(scans("a [\"b", TEXT_OF_DATA, -1, 0));
    CHECK(scans("A b] c", TEXT_OF_CODE, 3, 0));
    CHECK(scans("A (\"]\" b]) x] c", TEXT_OF_CODE, 12, 0));
    CHECK(scans("A [\"b] c", TEXT_OF_CODE, 5, 0));
    CHECK(scans("\"]\"] c", TEXT_OF_CODE, 3, 0));
    CHECK(scans("A (b] c", TEXT_OF_CODE, 7, 1));
    CHECK(scans("A \"b] c", TEXT_OF_CODE, -1, 0));
}

int main(void)
{
    test_keywords();
    test_numbers();
    test_quoted_end();
    test_words();
    test_statuses();
    test_sizes();
    test_scan();
    return report();
}
