/* The first octet that is more than an octet of its string: in a quoted one, and in the
 * name of a mailbox. */
#ifndef IMAPC_SCAN_H
#define IMAPC_SCAN_H

#include <stdint.h>
#include <string.h>

#include "text.h"

/* Whether an octet of a mailbox's name is nothing more than that, wherever it stands. */
static inline bool scan_plain_in_name(char octet)
{
    return CHAR_IS(octet, CHAR_DIRECT) && octet != '"' && octet != '\\' && octet != '(';
}

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

/* Whether all octets of a block are CHAR_DIRECT. */
static inline bool scan_is_direct(const char *at)
{
    __m128i block = _mm_loadu_si128((const __m128i *)at);
    __m128i printable = _mm_cmpgt_epi8(block, _mm_set1_epi8(' ' - 1)); /* signed */
    __m128i others = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('&')),
                                  _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F)));
    return _mm_movemask_epi8(_mm_andnot_si128(others, printable)) == 0xFFFF;
}

/* The octets of a block that are not plain in a name: a bit each, the first one's the
 * lowest. */
static inline unsigned scan_odd_in_name(const char *at)
{
    __m128i block = _mm_loadu_si128((const __m128i *)at);
    __m128i printable = _mm_cmpgt_epi8(block, _mm_set1_epi8(' ' - 1)); /* signed */
    __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                               _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(block, _mm_set1_epi8('(')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(block, _mm_set1_epi8('&')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F)));
    return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(odd, printable)) ^ 0xFFFF;
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

static inline bool scan_is_direct(const char *at)
{
    return text_skip(at, at + SCAN_BLOCK, CHAR_DIRECT) == at + SCAN_BLOCK;
}

static inline unsigned scan_odd_in_name(const char *at)
{
    unsigned odd = 0;
    for (int i = 0; i < SCAN_BLOCK; i++)
        odd |= (unsigned)!scan_plain_in_name(at[i]) << i;
    return odd;
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

/* Whether all octets are CHAR_DIRECT. */
static inline bool scan_all_direct(const char *at, const char *end)
{
    const char *last = end - SCAN_BLOCK;
    if (end - at < SCAN_BLOCK)
        return text_skip(at, end, CHAR_DIRECT) == end;
    for (; at < last; at += SCAN_BLOCK)
        if (!scan_is_direct(at))
            return false;
    return scan_is_direct(last);
}

/* Whether all octets from from to end are plain in a name.  Those from start on may be
 * read: a short name is looked at with what stands before it. */
static inline bool scan_all_plain(const char *start, const char *from, const char *end)
{
    for (; end - from > SCAN_BLOCK; from += SCAN_BLOCK)
        if (scan_odd_in_name(from))
            return false;
    if (end - start >= SCAN_BLOCK)
        return scan_odd_in_name(end - SCAN_BLOCK) >> (SCAN_BLOCK - (end - from)) == 0;
    while (from < end && scan_plain_in_name(*from))
        from++;
    return from == end;
}

#endif
