/* The byte limits, each at one less, at the limit, and at one more. */
#include <string.h>

#include "check.h"

enum { N = 10 };

static const imapc_limits limits = {.line = N, .literal = N, .response = N};

static bool names(const char *excess, const char *limit)
{
    return excess && strstr(excess, limit);
}

static void test_line_and_literal(void)
{
    for (size_t n = N - 1; n <= N; n++) {
        CHECK(!imapc_line_too_long(&limits, n));
        CHECK(!imapc_literal_too_large(&limits, n));
    }
    CHECK(names(imapc_line_too_long(&limits, N + 1), "maxLineLength"));
    CHECK(names(imapc_literal_too_large(&limits, N + 1), "maxLiteralSize"));
    CHECK(names(imapc_literal_too_large(&limits, SIZE_MAX), "maxLiteralSize"));
}

static void test_response(void)
{
    for (size_t so_far = 0; so_far <= N; so_far++) {
        CHECK(!imapc_response_too_large(&limits, so_far, 0));
        CHECK(!imapc_response_too_large(&limits, so_far, N - so_far));
        CHECK(names(imapc_response_too_large(&limits, so_far, N - so_far + 1),
                    "maxResponseSize"));
        CHECK(imapc_response_too_large(&limits, so_far, SIZE_MAX));
    }
    /* Lowered in the middle of a response: it may end, but have no more. */
    CHECK(!imapc_response_too_large(&limits, N + 5, 0));
    CHECK(imapc_response_too_large(&limits, N + 5, 1));
}

int main(void)
{
    test_line_and_literal();
    test_response();
    return report();
}
