/* Modified UTF-7. */
#include <string.h>

#include "check.h"

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
    test_utf7();
    test_bad_utf7();
    return report();
}
