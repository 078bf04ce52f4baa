/* Words, numbers and quoted strings; RFC 9051, section 9. */
#include "text.h"

#include <string.h>

/* ABNF's strings match in any case (RFC 5234, section 2.3), and some servers
 * make use of that ("status-lower-case"). */
bool imapc_is_keyword(imapc_text text, const char *keyword)
{
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        if (octet >= 'a' && octet <= 'z')
            octet = (char)(octet - 'a' + 'A');
        /* A NUL would match the keyword's end. */
        if (octet != keyword[i] || octet == '\0')
            return false;
    }
    return keyword[text.length] == '\0';
}

/* number = 1*DIGIT; the longest that the RFC knows, number64, has 19 digits. */
bool imapc_is_number(imapc_text text)
{
    const char *end = text.at + text.length;
    return text.length > 0 && text.length <= IMAPC_MAX_DIGITS &&
           text_skip(text.at, end, CHAR_DIGIT) == end;
}

bool imapc_number(imapc_text digits, uint64_t *number)
{
    if (!imapc_is_number(digits))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < digits.length; i++) {
        uint64_t digit = (uint64_t)(digits.at[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

bool text_size(imapc_text digits, size_t *size)
{
    uint64_t number;
    if (!imapc_number(digits, &number) || number > SIZE_MAX)
        return false;
    *size = (size_t)number;
    return true;
}

/* One SP stands between words; any number of them, and TAB, are taken for it, as
 * all clients do ("double-spaces"). */
imapc_text text_word(const char **at, const char *end)
{
    const char *from = text_skip(*at, end, CHAR_SPACE);
    *at = from;
    while (*at < end && !CHAR_IS(**at, CHAR_SPACE))
        ++*at;
    return text_between(from, *at);
}

imapc_text text_up_to(imapc_text word, char octet)
{
    const char *found = word.length ? memchr(word.at, octet, word.length) : NULL;
    return found ? text_between(word.at, found) : word;
}

/*
 * resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text
 * resp-cond-bye = "BYE" SP resp-text
 * resp-cond-auth = ("OK" / "PREAUTH") SP resp-text
 *
 * Some servers put the code directly behind the status: "OK[UNSEEN 8]".
 */
imapc_status text_status(const char **at, const char *end)
{
    static const struct {
        size_t length;
        const char *keyword;
        imapc_status status;
    } statuses[] = {{2, "OK", IMAPC_STATUS_OK},
                    {2, "NO", IMAPC_STATUS_NO},
                    {3, "BAD", IMAPC_STATUS_BAD},
                    {3, "BYE", IMAPC_STATUS_BYE},
                    {7, "PREAUTH", IMAPC_STATUS_PREAUTH}};
    imapc_text word = text_up_to(text_word(at, end), '[');
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (word.length == statuses[i].length &&
            imapc_is_keyword(word, statuses[i].keyword)) {
            *at = word.at + word.length;
            return statuses[i].status;
        }
    return IMAPC_STATUS_NONE;
}

/*
 * quoted = DQUOTE *QUOTED-CHAR DQUOTE
 *
 * A closing quote counts only before SP, ")", "]" or the end: 163.com, Domino
 * and others send quotes inside quoted strings without a backslash
 * ("163com-unescaped-quotes", "domino-unescaped-quotes").
 */
const char *text_quoted_end(const char *at, const char *end)
{
    const char *start = at;
    while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
        const char *before = at;
        while (before > start && before[-1] == '\\')
            before--;
        bool escaped = (at - before) % 2;
        if (!escaped && text_closes(at, end))
            return at;
        at++;
    }
    return NULL;
}

/* Whether a quoted string can start behind that octet. */
static bool is_before_quoted(char octet, text_kind kind)
{
    return CHAR_IS(octet, CHAR_ATOM_END) || (octet == '[' && kind == TEXT_OF_DATA);
}

const char *text_scan(imapc_text text, text_kind kind, size_t *depth)
{
    const char *at = text.at, *end = text.at + text.length;
    for (; (at = text_pass(at, end, CHAR_ODD)) < end; at++) {
        if (*at == '"' && (at == text.at || is_before_quoted(at[-1], kind))) {
            at = text_quoted_end(at + 1, end);
            if (!at)
                return NULL;
        } else if (*at == '(') {
            ++*depth;
        } else if (*at == ')' && *depth > 0) {
            --*depth;
        } else if (*at == ']' && kind == TEXT_OF_CODE && *depth == 0) {
            return at;
        }
    }
    return end;
}
