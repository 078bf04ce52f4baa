/* scan_quoted(), scan_all_direct() and scan_all_plain(), with what they look for at every
 * place around their blocks; the portable path where IMAPC_PORTABLE is defined. */
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 3 * SCAN_BLOCK + 1 };

/* Octets that differ from a quote or a backslash in one bit, or look like one to
 * arithmetic on words. */
static const char others[] = {0, 1, 'a', 0x21, 0x23, 0x5b, 0x5d, (char)0xa2, (char)0xdc};

static void must_find(const char *text, size_t length, size_t expected)
{
    /* Exactly as large: a sanitizer sees each octet beyond. */
    char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    memcpy(copy, text, length);
    size_t found = (size_t)(scan_quoted(copy, copy + length) - copy);
    if (found != expected) {
        fprintf(stderr, "of %zu octets found %zu, not %zu\n", length, found, expected);
        exit(1);
    }
    free(copy);
}

static void must_judge(const char *text, size_t length, bool expected)
{
    char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    memcpy(copy, text, length);
    if (scan_all_direct(copy, copy + length) != expected) {
        fprintf(stderr, "of %zu octets: not %d\n", length, expected);
        exit(1);
    }
    free(copy);
}

/* Each octet at each place, among octets that are direct. */
static void test_direct(void)
{
    char text[LONGEST];
    for (size_t length = 0; length <= LONGEST; length++) {
        memset(text, 'a', length);
        must_judge(text, length, true);
        for (size_t place = 0; place < length; place++) {
            for (int octet = 0; octet < 256; octet++) {
                text[place] = (char)octet;
                must_judge(text, length, octet >= 0x20 && octet < 0x7F && octet != '&');
            }
            text[place] = 'a';
        }
    }
}

/* Plain octets in a name, with so many others before it, none of which counts. */
static void must_judge_name(const char *name, size_t length, size_t before, bool expected)
{
    char *copy = malloc(before + length + 1);
    if (!copy)
        abort();
    char *from = copy + 1; /* malloc() aligns what no line of a chunk is */
    memset(from, '"', before);
    memcpy(from + before, name, length);
    if (scan_all_plain(from, from + before, from + before + length) != expected) {
        fprintf(stderr, "of %zu octets behind %zu: not %d\n", length, before, expected);
        exit(1);
    }
    free(copy);
}

static void test_plain(void)
{
    char name[LONGEST];
    for (size_t length = 0; length <= LONGEST; length++)
        for (size_t before = 0; before <= SCAN_BLOCK; before++) {
            memset(name, 'a', length);
            must_judge_name(name, length, before, true);
            for (size_t place = 0; place < length; place++) {
                for (int octet = 0; octet < 256; octet++) {
                    name[place] = (char)octet;
                    must_judge_name(name, length, before,
                                    octet >= ' ' && octet < 0x7F && octet != '&' &&
                                        octet != '"' && octet != '\\' && octet != '(');
                }
                name[place] = 'a';
            }
        }
}

int main(void)
{
    test_direct();
    test_plain();
    char text[LONGEST];
    for (size_t length = 0; length <= LONGEST; length++)
        for (size_t other = 0; other < sizeof others; other++) {
            memset(text, others[other], length);
            must_find(text, length, length);
            for (size_t first = 0; first < length; first++) {
                text[first] = '"';
                must_find(text, length, first);
                text[length - 1] = '\\';
                must_find(text, length, first);
                text[first] = '\\';
                must_find(text, length, first);
                text[length - 1] = text[first] = others[other];
            }
        }
    printf("scan_quoted() in blocks of %d: every place up to %d octets\n", (int)SCAN_BLOCK,
           (int)LONGEST);
    return 0;
}
