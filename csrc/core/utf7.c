/* Modified UTF-7, in which servers write mailbox names that are not ASCII; RFC 3501,
 * section 5.1.3. */
#include <string.h>

#include "chars.h"
#include "imapc.h"

/* modified BASE64: "," stands for "/", which is taken too. */
static unsigned base64_value(char octet)
{
    if (octet >= 'A' && octet <= 'Z')
        return (unsigned)(octet - 'A');
    if (octet >= 'a' && octet <= 'z')
        return (unsigned)(octet - 'a' + 26);
    if (octet >= '0' && octet <= '9')
        return (unsigned)(octet - '0' + 52);
    return octet == '+' ? 62 : 63;
}

typedef struct points {
    uint32_t *at;
    size_t count;
    bool canonical; /* encoding would give the octets that were decoded */
} points;

/* One UTF-16 code unit.  A low surrogate joins the high one before it, where that is
 * of the same shift (joins). */
static void push_unit(points *out, uint32_t unit, bool joins)
{
    if (joins && unit >= 0xDC00 && unit <= 0xDFFF && out->at[out->count - 1] >= 0xD800 &&
        out->at[out->count - 1] <= 0xDBFF) {
        uint32_t high = out->at[out->count - 1];
        out->at[out->count - 1] = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
        return;
    }
    if (unit >= 0x20 && unit < 0x7F)
        out->canonical = false;
    out->at[out->count++] = unit;
}

/* The base64 of one shift, between "&" and "-"; false where it ends amid a code unit
 * or in bits that are not 0. */
static bool decode_shift(points *out, imapc_text base64)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    bool joins = false;
    for (size_t i = 0; i < base64.length; i++) {
        if (!CHAR_IS(base64.at[i], CHAR_BASE64))
            return false;
        if (base64.at[i] == '/')
            out->canonical = false;
        bits = bits << 6 | base64_value(base64.at[i]);
        bit_count += 6;
        if (bit_count >= 16) {
            bit_count -= 16;
            push_unit(out, bits >> bit_count & 0xFFFF, joins);
            bits &= (1u << bit_count) - 1;
            joins = true;
        }
    }
    return bit_count < 6 && bits == 0;
}

bool imapc_utf7_decode(imapc_text text, uint32_t *buffer, size_t *count, bool *canonical)
{
    points out = {buffer, 0, true};
    const char *at = text.at, *end = text.at + text.length;
    bool after_shift = false;
    while (at < end) {
        unsigned char octet = (unsigned char)*at++;
        if (octet >= 0x80)
            return false;
        if (octet != '&') {
            if (octet < 0x20 || octet == 0x7F)
                out.canonical = false;
            out.at[out.count++] = octet;
            after_shift = false;
            continue;
        }
        const char *close = at < end ? memchr(at, '-', (size_t)(end - at)) : NULL;
        imapc_text base64 = {at, (size_t)((close ? close : end) - at)};
        at = close ? close + 1 : end;
        if (base64.length == 0) {
            if (!close)
                return false;
            out.at[out.count++] = '&';
            after_shift = false;
            continue;
        }
        if (!close || after_shift)
            out.canonical = false;
        size_t first = out.count;
        if (!decode_shift(&out, base64))
            return false;
        for (size_t i = first; i < out.count; i++)
            if (out.at[i] >= 0xD800 && out.at[i] <= 0xDFFF)
                out.canonical = false;
        after_shift = true;
    }
    *count = out.count;
    *canonical = out.canonical;
    return true;
}
