/* What the tests of the core's modules share: assertions that are counted, and a
 * short way to parse a piece of text. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "teller.h"

#define CHECK(condition) CHECK_OF((condition), #condition)

/* The same with words for what is checked, where it is one of a table. */
#define CHECK_OF(good, what) check_at(__FILE__, __LINE__, (good), (what))

void check_at(const char *file, int line, bool good, const char *what);

/* Print the counts: what main() returns. */
int report(void);

imapc_text text_of(const char *string);
bool same_text(imapc_text text, const char *string);

/* The part of a response, one of tell_*. */
typedef imapc_result parser(imapc_cursor *cursor, teller *told);

typedef struct outcome {
    imapc_result result;
    size_t offset; /* of what is malformed */
    bool same;     /* what was told is what was expected */
} outcome;

/* Frames text with a framer of its own, parses it once; expected is what the
 * is told, NULL where that does not matter. */
outcome parse(parser *part, const char *text, imapc_limits limits, size_t fail_at,
              const char *expected);

bool tells(parser *part, const char *text, const char *expected);
bool refuses(parser *part, const char *text);

#endif
