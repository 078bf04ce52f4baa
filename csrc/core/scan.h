/* The first octet in a quoted string that may be more than an octet of it. */
#ifndef IMAPC_SCAN_H
#define IMAPC_SCAN_H

#include <stdint.h>
#include <string.h>

/* IMAPC_PORTABLE is for tests: what other machines take, on this one. */
#if defined(__SSE2__) && !defined(IMAPC_PORTABLE)

#include <emmintrin.h>

enum { SCAN_BLOCK = sizeof(__m128i) };

/* Where in a block the first DQUOTE or backslash is, or SCAN_BLOCK. */
static inline int scan_block(const char *at)
{
    __m128i block = _mm_loadu_si128((const __m128i *)at);
    __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    __m128i escapes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    int found = _mm_movemask_epi8(_mm_or_si128(quotes, escapes));
    return found ? __builtin_ctz((unsigned)found) : SCAN_BLOCK;
}

#else

enum { SCAN_BLOCK = sizeof(uint64_t) };

/* Not 0 where an octet of the word is 0; exact in that, not in which octet it is. */
static inline uint64_t scan_zero(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

static inline int scan_block(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    if (!(scan_zero(word ^ UINT64_C(0x2222222222222222)) |
          scan_zero(word ^ UINT64_C(0x5C5C5C5C5C5C5C5C))))
        return SCAN_BLOCK;
    int i = 0;
    while (at[i] != '"' && at[i] != '\\')
        i++;
    return i;
}

#endif

/* The first DQUOTE or backslash, or end. */
static inline const char *scan_quoted(const char *at, const char *end)
{
    while (end - at >= SCAN_BLOCK) {
        int found = scan_block(at);
        at += found;
        if (found < SCAN_BLOCK)
            return at;
    }
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

#endif
