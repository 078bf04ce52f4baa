/* Copying octets up to the first that is not ASCII, in one walk over them. */
#ifndef IMAPC_ASCII_H
#define IMAPC_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ASCII_WORD = sizeof(uint64_t) };

/* Each copies so many octets, and returns whether all of them are ASCII. */
static inline bool ascii_copy_word(char *to, const char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    memcpy(to, &word, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

/* IMAPC_PORTABLE is for tests: what other machines take, on this one. */
#if defined(__SSE2__) && !defined(IMAPC_PORTABLE)

#include <emmintrin.h>

enum { ASCII_BLOCK = 4 * sizeof(__m128i) };

static inline bool ascii_copy_block(char *to, const char *from)
{
    __m128i seen = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)from + i);
        _mm_storeu_si128((__m128i *)to + i, part);
        seen = _mm_or_si128(seen, part);
    }
    return _mm_movemask_epi8(seen) == 0;
}

#else

enum { ASCII_BLOCK = 4 * sizeof(uint64_t) };

static inline bool ascii_copy_block(char *to, const char *from)
{
    uint64_t parts[4];
    memcpy(parts, from, sizeof parts);
    memcpy(to, parts, sizeof parts);
    uint64_t seen = parts[0] | parts[1] | parts[2] | parts[3];
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

#endif

/* Copies the ASCII octets that from begins with and returns their count.  What is
 * in to behind them, up to length, is anything afterwards. */
static inline size_t ascii_copy(char *to, const char *from, size_t length)
{
    size_t at = 0, blocks = length - length % ASCII_BLOCK;
    while (at < blocks && ascii_copy_block(to + at, from + at))
        at += ASCII_BLOCK;
    size_t words = length - length % ASCII_WORD;
    while (at < words && ascii_copy_word(to + at, from + at))
        at += ASCII_WORD;
    /* The last octets, with some before them once more. */
    if (at == words && length > words && words) {
        size_t last = length - ASCII_WORD;
        if (ascii_copy_word(to + last, from + last))
            return length;
    }
    for (; at < length && (unsigned char)from[at] < 0x80; at++)
        to[at] = from[at];
    return at;
}

#endif
