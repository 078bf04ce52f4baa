/* Up to seven digits at a time. */
#ifndef IMAPC_DIGITS_H
#define IMAPC_DIGITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS_WORD = sizeof(uint64_t) };

/* IMAPC_PORTABLE is for tests: what other machines take, on this one. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                \
    !defined(IMAPC_PORTABLE)

/* The digits before the first octet of a word that is none: false, and nothing has changed,
 * where there are eight of them. */
static inline bool digits_word(const char **at, uint64_t *value)
{
    uint64_t word;
    memcpy(&word, *at, sizeof word);
    word ^= UINT64_C(0x3030303030303030); /* digits are 0 to 9 now */
    uint64_t low = word & UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t others = (low + UINT64_C(0x7676767676767676)) | word;
    others &= UINT64_C(0x8080808080808080);
    if (!others)
        return false;
    int bits = __builtin_ctzll(others) - 7;
    *at += bits / 8;
    word = bits ? word << (64 - bits) : 0; /* with zeros before them */
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *value = (word * 10000 + (word >> 32)) & UINT64_C(0xFFFFFFFF);
    return true;
}

#else

static inline bool digits_word(const char **at, uint64_t *value)
{
    (void)at;
    (void)value;
    return false;
}

#endif

#endif
