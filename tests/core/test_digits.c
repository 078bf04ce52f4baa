/* text_digits(), with each count of digits before each octet; the portable path where
 * IMAPC_PORTABLE is defined. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 19, BEHIND = 10 };

/* So many digits that begin with first, then octets of behind. */
static void must_read(unsigned first, size_t count, int behind, size_t behind_count)
{
    /* Exactly as large: a sanitizer sees each octet beyond. */
    size_t length = count + behind_count;
    char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    uint64_t expected = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (first + (unsigned)i * 7) % 10;
        copy[i] = (char)('0' + digit);
        expected = expected * 10 + digit;
    }
    memset(copy + count, behind, behind_count);
    uint64_t value = 1;
    const char *at = text_digits(copy, copy + length, &value);
    if (at != copy + count || value != expected) {
        fprintf(stderr, "of %zu digits before %d: %zu read, as %llu\n", count, behind,
                (size_t)(at - copy), (unsigned long long)value);
        exit(1);
    }
    free(copy);
}

int main(void)
{
    for (unsigned first = 0; first < 10; first++)
        for (size_t count = 0; count <= MOST; count++)
            for (int behind = 0; behind < 256; behind++)
                for (size_t more = 0; more <= BEHIND; more++)
                    if (behind < '0' || behind > '9')
                        must_read(first, count, behind, more);
    printf("text_digits(): up to %d digits before each octet\n", (int)MOST);
    return 0;
}
