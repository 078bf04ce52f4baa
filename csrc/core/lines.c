/* What one line means to the framing.  Of the grammar it knows three things:
 * which lines hold nothing but text, where quoted strings end, and how many
 * parentheses are open where a literal is announced. */
#include "lines.h"

#include <string.h>

#include "text.h"

static const imapc_lines between_responses = {false, false, 0};

/*
 * response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / ...) CRLF
 * resp-text = ["[" resp-text-code "]" SP] [text]
 *
 * RFC 9051, section 9.  Only text follows a status, a code, "+" and a tag, and so
 * does it where the line is no response at all: no literal ends such a line
 * ("text-unmatched-delimiters").
 */
static bool is_opaque(imapc_text line)
{
    const char *at = line.at, *end = line.at + line.length;
    while (at < end && (*at == '\0' || CHAR_IS(*at, CHAR_SPACE)))
        at++;
    if (end - at < 2 || at[0] != '*' || !CHAR_IS(at[1], CHAR_SPACE))
        return true;
    at = text_skip(at + 1, end, CHAR_SPACE);
    if (at < end && CHAR_IS(*at, CHAR_DIGIT))
        return false; /* most by far, and no status begins so */
    return (at < end && *at == '[') || text_status(&at, end) != IMAPC_STATUS_NONE;
}

typedef enum announcement {
    ANNOUNCES_NOTHING,
    ANNOUNCES_LITERAL,
    ANNOUNCES_MALFORMED
} announcement;

/*
 * literal = "{" number64 ["+"] "}" CRLF *CHAR8
 * literal8 = "~{" number64 "}" CRLF *OCTET
 *
 * RFC 9051, section 9.  Digits only: what int() takes besides ("+5", "1_0", " 5")
 * lets a server and a client disagree on where the next response starts.  length
 * is that of the announcement.
 */
static announcement announcement_of(imapc_text line, size_t *size, size_t *length)
{
    if (line.length == 0 || line.at[line.length - 1] != '}')
        return ANNOUNCES_NOTHING;
    size_t brace = line.length - 1;
    while (brace > 0 && line.at[brace - 1] != '{')
        brace--;
    if (brace == 0)
        return ANNOUNCES_NOTHING;
    imapc_text digits = {line.at + brace, line.length - 1 - brace};
    if (digits.length > 1 && digits.at[digits.length - 1] == '+')
        digits.length--;
    brace--; /* now at "{" */
    if (brace > 0 && line.at[brace - 1] == '~' &&
        (brace == 1 || CHAR_IS(line.at[brace - 2], CHAR_ATOM_END)))
        brace--;
    *length = line.length - brace;
    return text_size(digits, size) ? ANNOUNCES_LITERAL : ANNOUNCES_MALFORMED;
}

/*
 * Some servers put an empty line between a literal and what follows it, and some
 * put one behind a response that a literal ends ("fetch-blank-line-behind-literal",
 * "list-blank-line-behind-literal").  Where a parenthesis is open, a response is
 * therefore held at a blank line: with ")" or SP the next line goes on with it, with
 * anything else it is a response of its own.
 */
bool lines_held_ended(const imapc_lines *lines, char first)
{
    return lines->held && first != ')' && first != ' ';
}

imapc_verdict imapc_judge_line(imapc_lines *lines, imapc_text line, size_t *size,
                               size_t *announced)
{
    *announced = *size = 0;
    if (text_is_blank(line)) {
        if (!lines->within)
            return IMAPC_LINE_BLANK;
        lines->held = lines->depth > 0;
        if (lines->held)
            return IMAPC_LINE_HOLDS;
    } else if (lines_held_ended(lines, line.at[0])) {
        *lines = between_responses;
        return IMAPC_LINE_BEFORE;
    } else {
        lines->held = false;
        announcement found = announcement_of(line, size, announced);
        imapc_text before = {line.at, line.length - *announced};
        if (found != ANNOUNCES_NOTHING && (lines->within || !is_opaque(line)) &&
            text_scan(before, TEXT_OF_DATA, &lines->depth)) {
            lines->within = true;
            return found == ANNOUNCES_LITERAL ? IMAPC_LINE_LITERAL : IMAPC_LINE_MALFORMED;
        }
        *announced = *size = 0;
    }
    *lines = between_responses;
    return IMAPC_LINE_ENDS;
}

bool lines_next_literal(imapc_text text, const char **at, imapc_lines *lines,
                        imapc_span *span)
{
    const char *end = text.at + text.length;
    for (const char *cr = *at; (cr = memchr(cr, '\r', (size_t)(end - cr))); cr++) {
        if (cr == *at || cr[-1] != '}' || cr + 1 == end || cr[1] != '\n')
            continue; /* most lines by far: not worth judging */
        imapc_text line = {*at, (size_t)(cr - *at)};
        imapc_lines after = *lines;
        *span = (imapc_span){.offset = (size_t)(*at - text.at)};
        if (imapc_judge_line(&after, line, &span->literal_size, &span->announced) !=
            IMAPC_LINE_LITERAL)
            continue; /* CRLF in a quoted string, or what is no size */
        span->length = line.length - span->announced;
        *lines = after;
        *at = cr + 2;
        return true;
    }
    return false;
}
