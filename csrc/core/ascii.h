/* Copying octets up to the first that is not ASCII, in one walk over them. */
#ifndef IMAPC_ASCII_H
#define IMAPC_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* IMAPC_PORTABLE is for tests: what other machines take, on this one. */
#if defined(__SSE2__) && !defined(IMAPC_PORTABLE)

#include <emmintrin.h>

enum { ASCII_BLOCK = sizeof(__m128i) };

/* Copies a block, and returns whether all of it is ASCII. */
static inline bool ascii_copy_block(char *to, const char *from)
{
    __m128i block = _mm_loadu_si128((const __m128i *)from);
    _mm_storeu_si128((__m128i *)to, block);
    return _mm_movemask_epi8(block) == 0;
}

/* The same for four, with one look at all of them. */
static inline bool ascii_copy_blocks(char *to, const char *from)
{
    __m128i seen = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        __m128i block = _mm_loadu_si128((const __m128i *)from + i);
        _mm_storeu_si128((__m128i *)to + i, block);
        seen = _mm_or_si128(seen, block);
    }
    return _mm_movemask_epi8(seen) == 0;
}

#else

enum { ASCII_BLOCK = sizeof(uint64_t) };

static inline bool ascii_copy_block(char *to, const char *from)
{
    uint64_t block;
    memcpy(&block, from, sizeof block);
    memcpy(to, &block, sizeof block);
    return (block & UINT64_C(0x8080808080808080)) == 0;
}

static inline bool ascii_copy_blocks(char *to, const char *from)
{
    uint64_t blocks[4];
    memcpy(blocks, from, sizeof blocks);
    memcpy(to, blocks, sizeof blocks);
    uint64_t seen = blocks[0] | blocks[1] | blocks[2] | blocks[3];
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

#endif

/* Copies the ASCII octets that from begins with and returns their count.  What is
 * in to behind them, up to length, is anything afterwards. */
static inline size_t ascii_copy(char *to, const char *from, size_t length)
{
    size_t at = 0;
    while (length - at >= 4 * ASCII_BLOCK && ascii_copy_blocks(to + at, from + at))
        at += 4 * ASCII_BLOCK;
    while (length - at >= ASCII_BLOCK && ascii_copy_block(to + at, from + at))
        at += ASCII_BLOCK;
    /* The last octets once more with some of those before them, as one block. */
    if (at < length && length - at < ASCII_BLOCK && length >= ASCII_BLOCK &&
        ascii_copy_block(to + length - ASCII_BLOCK, from + length - ASCII_BLOCK))
        return length;
    for (; at < length && (unsigned char)from[at] < 0x80; at++)
        to[at] = from[at];
    return at;
}

#endif
