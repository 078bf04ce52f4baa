/* ascii_copy(), with the first 8-bit octet at every place around its blocks; the
 * portable path where IMAPC_PORTABLE is defined. */
#include "ascii.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 3 * ASCII_BLOCK + 1 };

static void must_copy(const char *from, size_t length, size_t expected)
{
    /* Exactly as large: a sanitizer sees each octet beyond. */
    char *source = malloc(length ? length : 1);
    char *copy = malloc(length ? length : 1);
    if (!source || !copy)
        abort();
    memcpy(source, from, length);
    size_t copied = ascii_copy(copy, source, length);
    if (copied != expected || memcmp(copy, from, copied) != 0) {
        fprintf(stderr, "of %zu octets %zu are ASCII, not %zu\n", length, expected, copied);
        exit(1);
    }
    free(source);
    free(copy);
}

int main(void)
{
    char text[LONGEST];
    for (size_t length = 0; length <= LONGEST; length++) {
        for (size_t i = 0; i < length; i++)
            text[i] = (char)(i % 128);
        if (length)
            text[length - 1] = 0x7f;
        must_copy(text, length, length);
        for (size_t first = 0; first < length; first++) {
            char before = text[first];
            text[first] = (char)0x80;
            must_copy(text, length, first);
            text[length - 1] = (char)0xff;
            must_copy(text, length, first);
            text[length - 1] = 0x7f;
            text[first] = before;
        }
    }
    printf("ascii_copy() in blocks of %d: every place up to %d octets\n", (int)ASCII_BLOCK,
           (int)LONGEST);
    return 0;
}
