/* Numbers, and values that are passed over. */
#include "check.h"

#include "cursor.h"

static imapc_result tell_number(imapc_cursor *cursor, teller *told)
{
    uint64_t number;
    imapc_result result = imapc_parse_number(cursor, &number);
    if (!result)
        dump_format(told->out, " %llu", (unsigned long long)number);
    return result;
}

/* What is behind the first value. */
static imapc_result tell_behind(imapc_cursor *cursor, teller *told)
{
    imapc_result result = imapc_skip_value(cursor);
    return result ? result : tell_values(cursor, told);
}

static void test_numbers(void)
{
    CHECK(tells(tell_number, "0", " 0"));
    CHECK(tells(tell_number, " 00012)", " 12"));
    CHECK(tells(tell_number, "\"7\"", " 7"));
    CHECK(tells(tell_number, "18446744073709551615", " 18446744073709551615"));
    CHECK(refuses(tell_number, "18446744073709551616"));
    CHECK(refuses(tell_number, "99999999999999999999"));
    CHECK(refuses(tell_number, "000000000000000000001"));
    CHECK(refuses(tell_number, "-1"));
    CHECK(refuses(tell_number, "1.5"));
    CHECK(refuses(tell_number, "NIL"));
    CHECK(refuses(tell_number, "(1)"));
    CHECK(refuses(tell_number, "{1}\r\n1"));
    CHECK(refuses(tell_number, ""));
    uint64_t number;
    CHECK(!imapc_number((imapc_text){"", 0}, &number));
    CHECK(imapc_number(text_of("18446744073709551609"), &number) &&
          number == UINT64_C(18446744073709551609));
}

static void test_skipped_values(void)
{
    CHECK(tells(tell_behind, "a b", " s1:b"));
    CHECK(tells(tell_behind, "NIL (b)", " ( s1:b )"));
    CHECK(tells(tell_behind, "(a (b {1}\r\nc) \")\") d", " s1:d"));
    CHECK(tells(tell_behind, "{2}\r\nab c", " s1:c"));
    CHECK(tells(tell_behind, "BODY[a (b)] c", " ( s1:a ( s1:b ) ) s1:c"));
    CHECK(tells(tell_behind, "()", ""));
    CHECK(parse(tell_behind, "", generous, 0, NULL).result == IMAPC_END);
    CHECK(refuses(tell_behind, ")"));
    CHECK(refuses(tell_behind, "(a"));
    CHECK(refuses(tell_behind, "\"a"));
}

static void test_limits(void)
{
    imapc_limits limits = generous;
    limits.elements = 1;
    CHECK(parse(tell_number, "1", limits, 0, NULL).result == IMAPC_OK);
    CHECK(parse(tell_behind, "(a)", limits, 0, NULL).result == IMAPC_MALFORMED);
    limits.elements = 0;
    CHECK(parse(tell_number, "1", limits, 0, NULL).result == IMAPC_MALFORMED);
    limits = generous;
    limits.depth = 1;
    CHECK(parse(tell_behind, "(a)", limits, 0, NULL).result == IMAPC_OK);
    CHECK(parse(tell_behind, "((a))", limits, 0, NULL).result == IMAPC_MALFORMED);
}

int main(void)
{
    test_numbers();
    test_skipped_values();
    test_limits();
    return report();
}
