/* Values of a whole response. */
#include "check.h"

static void test_values(void)
{
    CHECK(tells(tell_values, "", ""));
    CHECK(tells(tell_values, "a 1 \\Seen", " s1:a s1:1 s5:\\Seen"));
    CHECK(tells(tell_values, "NIL nil NiL \"NIL\" NILS", " NIL NIL NIL s3:NIL s4:NILS"));
    CHECK(tells(tell_values, "()(a(b))c", " ( ) ( s1:a ( s1:b ) ) s1:c"));
    CHECK(tells(tell_values, "\"\" \"a b\" \"a\\\"b\"", " s0: s3:a b e4:a\\\"b"));
    CHECK(tells(tell_values, "\"a\"b\"", " s3:a\"b"));
    CHECK(tells(tell_values, "{3}\r\nNIL ({0}\r\n)", " l3:NIL ( l0: )"));
    CHECK(tells(tell_values, "[a] b] [Gmail]/x", " s3:[a] s2:b] s9:[Gmail]/x"));
    CHECK(tells(tell_value, "a b", " s1:a"));
    CHECK(refuses(tell_value, ""));
    CHECK(refuses(tell_value, ")"));
    CHECK(refuses(tell_values, ")"));
    CHECK(refuses(tell_values, "("));
    CHECK(refuses(tell_values, "(()"));
    CHECK(refuses(tell_values, "\"a"));
    CHECK(refuses(tell_values, "{3} a"));
}

static void test_sections(void)
{
    CHECK(tells(tell_values, "BODY[]", " s4:BODY ( )"));
    CHECK(tells(tell_values, "body[1.2]<0> x", " s4:body ( s3:1.2 ) s3:<0> s1:x"));
    CHECK(tells(tell_values, "BINARY.SIZE[1]", " s11:BINARY.SIZE ( s1:1 )"));
    CHECK(tells(tell_values, "BODY.PEEK[HEADER.FIELDS (a \"b]\")]",
                " s9:BODY.PEEK ( s13:HEADER.FIELDS ( s1:a s2:b] ) )"));
    CHECK(tells(tell_values, "BODYX[1]", " s8:BODYX[1]"));
    CHECK(tells(tell_values, "BODY[BODY[x]", " s4:BODY ( s6:BODY[x )"));
    CHECK(refuses(tell_values, "BODY[1"));
    CHECK(refuses(tell_values, "BODY[1)"));
    CHECK(refuses(tell_values, "BODY[(a]"));
}

static imapc_result limited(const char *text, imapc_limits limits)
{
    return parse(tell_values, text, limits, 0, NULL).result;
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
        CHECK(parse(tell_values, text, generous, k, NULL).result == IMAPC_SINK);
    CHECK(parse(tell_values, text, generous, TOLD + 1, NULL).result == IMAPC_OK);
}

int main(void)
{
    test_values();
    test_sections();
    test_object_limits();
    test_failing_sinks();
    return report();
}
