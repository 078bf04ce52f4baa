#include "check.h"

#include <stdio.h>
#include <string.h>

#include "cursor.h"

static size_t passed, failed;

void check_at(const char *file, int line, bool good, const char *what)
{
    if (good) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

int report(void)
{
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed || !passed;
}

imapc_text text_of(const char *string)
{
    return (imapc_text){string, strlen(string)};
}

bool same_text(imapc_text text, const char *string)
{
    return text.length == strlen(string) &&
           (text.length == 0 || memcmp(text.at, string, text.length) == 0);
}

outcome parse(parser *part, const char *text, imapc_limits limits, size_t fail_at,
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
    imapc_cursor cursor;
    cursor_init(&cursor, &framed, &limits);
    cursor.at += strlen("* X");
    outcome got = {.result = part(&cursor, &told)};
    if (got.result == IMAPC_MALFORMED)
        got.offset = cursor.error.offset;
    imapc_text out = {self.out.text, self.out.length};
    got.same = !expected || same_text(out, expected);
    if (!got.same)
        fprintf(stderr, "%s: told%.*s\n", text, (int)out.length, out.at);
    CHECK(reader_free(&self) == 0);
    return got;
}

bool tells(parser *part, const char *text, const char *expected)
{
    outcome got = parse(part, text, generous, 0, expected);
    return got.result == IMAPC_OK && got.same;
}

bool refuses(parser *part, const char *text)
{
    outcome got = parse(part, text, generous, 0, NULL);
    return got.result == IMAPC_MALFORMED && got.offset <= strlen(text) + 4;
}
