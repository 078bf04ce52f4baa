/* The parts of response-data.  Rules are those of RFC 9051, section 9. */
#include <string.h>

#include "cursor.h"
#include "text.h"

/*
 * msg-att = "(" (msg-att-dynamic / msg-att-static)
 *           *(SP (msg-att-dynamic / msg-att-static)) ")"
 */
imapc_result imapc_msg_att_begin(imapc_cursor *cursor)
{
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_OPEN)
        return imapc_refuse(cursor, "a list of items was expected");
    if ((result = cursor_count(cursor)))
        return result;
    return cursor_open(cursor);
}

/*
 * msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
 * msg-att-static = "ENVELOPE" SP envelope / ... / "UID" SP uniqueid
 *
 * Any name is taken, for extensions add more.  None at all comes from QIP
 * ("qip-empty-fetch"); Domino puts parentheses too many round an item, which are
 * skipped ("domino-extra-parens").
 */
imapc_result imapc_msg_att_item(imapc_cursor *cursor, imapc_item *item)
{
    for (;;) {
        imapc_token token;
        imapc_result result = cursor_token(cursor, &token);
        if (result)
            return result;
        switch (token.kind) {
        case TOKEN_OPEN:
            if ((result = cursor_open(cursor)))
                return result;
            continue;
        case TOKEN_CLOSE:
            if (--cursor->depth > 0)
                continue;
            result = imapc_parse_end(cursor);
            return result ? result : IMAPC_END;
        case TOKEN_ATOM:
        case TOKEN_QUOTED:
            item->name = token.text;
            item->section = cursor->sectioned;
            return cursor_count(cursor);
        case TOKEN_END:
            return imapc_refuse(cursor, "the response ends inside a list");
        default:
            return imapc_refuse(cursor, "the name of an item is not an atom");
        }
    }
}

/*
 * msg-att-static = ... / "BODY" section ["<" number ">"] SP nstring / ...
 * section = "[" [section-spec] "]"
 * section-spec = section-msgtext / (section-part ["." section-text])
 *
 * What looks like an origin and has no number is the value ("section-with-origin",
 * "section-body-like-origin").
 */
imapc_result imapc_parse_section(imapc_cursor *cursor, const imapc_sink *sink,
                                 imapc_text *origin)
{
    imapc_result result = imapc_parse_value(cursor, sink);
    if (result)
        return result;
    *origin = (imapc_text){cursor->at, 0};
    if (cursor->at < cursor->end && *cursor->at == '<') {
        const char *at = text_skip(cursor->at + 1, cursor->end, CHAR_DIGIT);
        imapc_text digits = text_between(cursor->at + 1, at);
        if (at < cursor->end && *at == '>' && imapc_is_number(digits)) {
            origin->length = digits.length + 2;
            cursor->at = at + 1;
        }
    }
    return IMAPC_OK;
}

/* Pass over a list whose "(" or "[" was just taken. */
static imapc_result skip_list(imapc_cursor *cursor)
{
    size_t base = cursor->depth;
    imapc_result result = cursor_open(cursor);
    while (!result && cursor->depth > base) {
        imapc_token token;
        if ((result = cursor_token(cursor, &token)))
            break;
        if (token.kind == TOKEN_OPEN || token.kind == TOKEN_SECTION_OPEN) {
            result = cursor_open(cursor);
            if (token.kind == TOKEN_SECTION_OPEN)
                cursor->section = cursor->depth;
        } else if (token.kind == TOKEN_CLOSE || token.kind == TOKEN_SECTION_CLOSE) {
            if (cursor->section == cursor->depth)
                cursor->section = 0;
            cursor->depth--;
        } else if (token.kind == TOKEN_END) {
            result = imapc_refuse(cursor, "the response ends inside a list");
        }
    }
    return result;
}

/*
 * flag-list = "(" [flag *(SP flag)] ")"
 * mailbox-list = "(" [mbx-list-flags] ")" SP ...
 * mbx-list-flags = *(mbx-list-oflag SP) mbx-list-sflag *(SP mbx-list-oflag) /
 *                  mbx-list-oflag *(SP mbx-list-oflag)
 *
 * What a flag is made of is not looked at ("greenmail-flags-wildcard",
 * "gmail-flag-with-brackets"); a list among flags is skipped ("flags-nested-list").
 */
imapc_result imapc_parse_flags(imapc_cursor *cursor, const imapc_sink *sink)
{
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_OPEN)
        return imapc_refuse(cursor, "a list of flags was expected");
    if ((result = cursor_count(cursor)) || (result = cursor_open(cursor)))
        return result;
    for (;;) {
        if ((result = cursor_token(cursor, &token)))
            return result;
        bool taken = true;
        switch (token.kind) {
        case TOKEN_CLOSE:
            cursor->depth--;
            return IMAPC_OK;
        case TOKEN_OPEN:
            result = skip_list(cursor);
            break;
        case TOKEN_ATOM:
        case TOKEN_QUOTED:
            if (!(result = cursor_count(cursor)))
                taken = sink->string(sink->context, token.text, token.escaped);
            break;
        case TOKEN_LITERAL:
            if (!(result = cursor_count(cursor)))
                taken = sink->literal(sink->context, token.literal);
            break;
        default:
            result = imapc_refuse(cursor, "a list of flags has no end");
        }
        if (result || !taken)
            return result ? result : IMAPC_SINK;
    }
}

/* Exchange sends names with TAB and without quotes ("exchange-list-unquoted-tabs"),
 * others with spaces or brackets ("list-unquoted-brackets"), and a mailbox may be
 * named NIL ("list-mailbox-named-nil"). */
static imapc_text unquoted_mailbox(imapc_cursor *cursor)
{
    const char *at = cursor->at;
    while ((at = memchr(at, '(', (size_t)(cursor->end - at)))) {
        if (at > cursor->at && at[-1] == ' ')
            break;
        at++;
    }
    at = at ? at - 1 : cursor->end;
    imapc_text name = {cursor->at, (size_t)(at - cursor->at)};
    while (name.length && name.at[name.length - 1] == ' ')
        name.length--;
    cursor->at = at;
    return name;
}

/*
 * mailbox = "INBOX" / astring
 * astring = 1*ASTRING-CHAR / string
 */
imapc_result imapc_parse_mailbox(imapc_cursor *cursor, const imapc_sink *sink)
{
    while (cursor->at < cursor->end && *cursor->at == ' ')
        cursor->at++;
    imapc_result result = cursor_count(cursor);
    if (result)
        return result;
    imapc_token token = {.kind = TOKEN_ATOM};
    if (cursor->at < cursor->end && *cursor->at != '"')
        token.text = unquoted_mailbox(cursor);
    else if ((result = cursor_token(cursor, &token)))
        return result;
    if (token.kind == TOKEN_END || (token.kind == TOKEN_ATOM && !token.text.length))
        return imapc_refuse(cursor, "the name of a mailbox is missing");
    bool taken = token.kind == TOKEN_LITERAL
                     ? sink->literal(sink->context, token.literal)
                     : sink->string(sink->context, token.text, token.escaped);
    return taken ? IMAPC_OK : IMAPC_SINK;
}

/*
 * mailbox-list = ... SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox ...
 *
 * Its length is not looked at ("list-nil-and-empty-delimiter").  Some servers send a
 * backslash that is not escaped.
 */
imapc_result imapc_parse_delimiter(imapc_cursor *cursor, const imapc_sink *sink)
{
    imapc_token token = {.kind = TOKEN_QUOTED};
    cursor_skip_space(cursor);
    /* DQUOTE "\" DQUOTE SP cannot be an escape: there is one octet between. */
    if (cursor->end - cursor->at > 3 && memcmp(cursor->at, "\"\\\" ", 4) == 0) {
        token.text = (imapc_text){cursor->at + 1, 1};
        cursor->at += 3;
        return cursor_tell(cursor, &token, sink);
    }
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_ATOM && token.kind != TOKEN_QUOTED &&
        token.kind != TOKEN_LITERAL)
        return imapc_refuse(cursor, "the hierarchy delimiter is missing");
    return cursor_tell(cursor, &token, sink);
}

/*
 * capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability)
 * obsolete-search-response = "SEARCH" *(SP nz-number)
 *
 * SP at the end is skipped ("capability-trailing-space",
 * "yahoo-search-trailing-space"), and so is what servers with CONDSTORE add to a
 * SEARCH, "(MODSEQ n)", some without SP ("search-modseq-without-space").
 */
imapc_result imapc_parse_word(imapc_cursor *cursor, imapc_text *word)
{
    for (;;) {
        imapc_token token;
        imapc_result result = cursor_token(cursor, &token);
        if (result)
            return result;
        switch (token.kind) {
        case TOKEN_END:
            return IMAPC_END;
        case TOKEN_OPEN:
        case TOKEN_SECTION_OPEN:
            if (token.kind == TOKEN_SECTION_OPEN)
                return imapc_refuse(cursor, "a word was expected");
            if ((result = skip_list(cursor)))
                return result;
            continue;
        case TOKEN_ATOM:
        case TOKEN_QUOTED:
            *word = token.text;
            return cursor_count(cursor);
        default:
            return imapc_refuse(cursor, "a word was expected");
        }
    }
}

imapc_result imapc_parse_end(imapc_cursor *cursor)
{
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_END)
        return imapc_refuse(cursor, "octets behind the end of a response's data");
    return IMAPC_OK;
}
