/* What one line means to the framing: the three things it knows of grammar. */
#include "chars.h"
#include "framer.h"

static bool is_blank(imapc_text line)
{
    for (size_t i = 0; i < line.length; i++)
        if (!CHAR_IS(line.at[i], CHAR_SPACE))
            return false;
    return true;
}

/* The word at the start of text, after space, up to a bracket inside it. */
static imapc_text first_word(imapc_text text)
{
    const char *at = text.at, *end = text.at + text.length;
    while (at < end && CHAR_IS(*at, CHAR_SPACE))
        at++;
    imapc_text word = {at, 0};
    while (at + word.length < end && !CHAR_IS(at[word.length], CHAR_SPACE) &&
           !(word.length && at[word.length] == '['))
        word.length++;
    return word;
}

bool framer_is_opaque(imapc_text line)
{
    while (line.length && (*line.at == '\0' || CHAR_IS(*line.at, CHAR_SPACE)))
        line = (imapc_text){line.at + 1, line.length - 1};
    if (line.length < 2 || line.at[0] != '*' || !CHAR_IS(line.at[1], CHAR_SPACE))
        return true;
    imapc_text word = first_word((imapc_text){line.at + 1, line.length - 1});
    return (word.length && word.at[0] == '[') || imapc_is_keyword(word, "OK") ||
           imapc_is_keyword(word, "NO") || imapc_is_keyword(word, "BAD") ||
           imapc_is_keyword(word, "BYE") || imapc_is_keyword(word, "PREAUTH");
}

/*
 * literal = "{" number64 ["+"] "}" CRLF; literal8 = "~{" number64 "}" CRLF
 *
 * Digits only: what int() takes besides ("+5", "1_0", " 5") let a server and a
 * client disagree on where the next response starts.
 */
framer_brace framer_announcement(imapc_text line, size_t *size, size_t *announced)
{
    if (line.length == 0 || line.at[line.length - 1] != '}')
        return BRACE_NONE;
    size_t brace = line.length - 1;
    while (brace > 0 && line.at[brace - 1] != '{')
        brace--;
    if (brace == 0)
        return BRACE_NONE;
    imapc_text digits = {line.at + brace, line.length - 1 - brace};
    if (digits.length > 1 && digits.at[digits.length - 1] == '+')
        digits.length--;
    brace--; /* now at "{" */
    if (brace > 0 && line.at[brace - 1] == '~' &&
        (brace == 1 || CHAR_IS(line.at[brace - 2], CHAR_ATOM_END)))
        brace--;
    *announced = line.length - brace;
    if (!imapc_is_number(digits))
        return BRACE_MALFORMED;
    *size = 0;
    for (size_t i = 0; i < digits.length; i++) {
        size_t digit = (size_t)(digits.at[i] - '0');
        if (*size > (SIZE_MAX - digit) / 10)
            return BRACE_MALFORMED;
        *size = *size * 10 + digit;
    }
    return BRACE_LITERAL;
}

bool framer_ends_quoted(imapc_text text, size_t *depth)
{
    const char *at = text.at, *end = text.at + text.length;
    bool fresh = true; /* a quoted string can start here */
    for (; at < end; at++) {
        if (*at == '"' && fresh) {
            at = imapc_quoted_end(at + 1, end);
            if (!at)
                return true;
            fresh = false;
            continue;
        }
        if (*at == '(')
            ++*depth;
        else if (*at == ')' && *depth > 0)
            --*depth;
        /* The bracket of a section starts a token too. */
        fresh = CHAR_IS(*at, CHAR_ATOM_END) || *at == '[';
    }
    return false;
}

imapc_verdict imapc_judge_line(imapc_lines *lines, imapc_text line, size_t *size,
                               size_t *announced)
{
    static const imapc_lines between = {false, false, 0};
    *announced = 0;
    bool blank = is_blank(line);
    if (lines->held && !blank) {
        if (line.at[0] != ')' && line.at[0] != ' ') {
            *lines = between;
            return IMAPC_LINE_BEFORE;
        }
        lines->held = false;
    }
    if (blank && !lines->within)
        return IMAPC_LINE_BLANK;
    if (blank && (lines->held || lines->depth > 0)) {
        /* Some servers put an empty line between a literal and its ")". */
        lines->held = true;
        return IMAPC_LINE_HOLDS;
    }
    bool braced = line.length && line.at[line.length - 1] == '}';
    if (braced && (lines->within || !framer_is_opaque(line))) {
        framer_brace brace = framer_announcement(line, size, announced);
        if (brace != BRACE_NONE) {
            imapc_text text = {line.at, line.length - *announced};
            if (!framer_ends_quoted(text, &lines->depth)) {
                lines->within = true;
                return brace == BRACE_LITERAL ? IMAPC_LINE_LITERAL : IMAPC_LINE_MALFORMED;
            }
        }
    }
    *announced = *size = 0;
    *lines = between;
    return IMAPC_LINE_ENDS;
}
