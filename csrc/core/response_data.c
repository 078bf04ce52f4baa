/* The parts of response-data.  Rules are those of RFC 9051, section 9. */
#include <string.h>

#include "cursor.h"

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
imapc_text imapc_parse_origin(imapc_cursor *cursor)
{
    const char *from = cursor->at, *end = cursor->end;
    if (from == end || *from != '<')
        return text_between(from, from);
    const char *at = text_skip(from + 1, end, CHAR_DIGIT);
    if (at == end || *at != '>' || !imapc_is_number(text_between(from + 1, at)))
        return text_between(from, from);
    cursor->at = at + 1;
    return text_between(from, at + 1);
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
imapc_result imapc_flags_begin(imapc_cursor *cursor)
{
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_OPEN)
        return imapc_refuse(cursor, "a list of flags was expected");
    result = cursor_count(cursor);
    return result ? result : cursor_open(cursor);
}

imapc_result imapc_flags_next(imapc_cursor *cursor, imapc_token *flag)
{
    for (;;) {
        imapc_result result = cursor_token(cursor, flag);
        if (result)
            return result;
        switch (flag->kind) {
        case TOKEN_CLOSE:
            cursor->depth--;
            return IMAPC_END;
        case TOKEN_OPEN:
            if ((result = skip_list(cursor)))
                return result;
            continue;
        case TOKEN_ATOM:
        case TOKEN_QUOTED:
        case TOKEN_LITERAL:
            return cursor_count(cursor);
        default:
            return imapc_refuse(cursor, "a list of flags has no end");
        }
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
imapc_result imapc_parse_mailbox(imapc_cursor *cursor, imapc_token *name)
{
    while (cursor->at < cursor->end && *cursor->at == ' ')
        cursor->at++;
    imapc_result result = cursor_count(cursor);
    if (result)
        return result;
    if (cursor->at < cursor->end && *cursor->at != '"')
        *name = (imapc_token){.kind = TOKEN_ATOM, .text = unquoted_mailbox(cursor)};
    else if ((result = cursor_token(cursor, name)))
        return result;
    if (name->kind == TOKEN_END || (name->kind == TOKEN_ATOM && !name->text.length))
        return imapc_refuse(cursor, "the name of a mailbox is missing");
    return IMAPC_OK;
}

/*
 * mailbox-list = ... SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox ...
 *
 * Its length is not looked at ("list-nil-and-empty-delimiter").  Some servers send a
 * backslash that is not escaped.
 */
imapc_result imapc_parse_delimiter(imapc_cursor *cursor, imapc_token *delimiter)
{
    cursor->at = text_skip(cursor->at, cursor->end, CHAR_SPACE);
    /* DQUOTE "\" DQUOTE SP cannot be an escape: there is one octet between. */
    if (cursor->end - cursor->at > 3 && memcmp(cursor->at, "\"\\\" ", 4) == 0) {
        *delimiter = (imapc_token){.kind = TOKEN_QUOTED, .text = {cursor->at + 1, 1}};
        cursor->at += 3;
        return cursor_count(cursor);
    }
    imapc_result result = cursor_token(cursor, delimiter);
    if (result)
        return result;
    if (delimiter->kind != TOKEN_ATOM && delimiter->kind != TOKEN_QUOTED &&
        delimiter->kind != TOKEN_LITERAL)
        return imapc_refuse(cursor, "the hierarchy delimiter is missing");
    return cursor_count(cursor);
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
    const imapc_framed *response = cursor->response;
    if (cursor->at == cursor->end && response->count == 1 && !response->spans->literal &&
        !response->overfull)
        return IMAPC_OK;
    imapc_token token;
    imapc_result result = cursor_token(cursor, &token);
    if (result)
        return result;
    if (token.kind != TOKEN_END)
        return imapc_refuse(cursor, "octets behind the end of a response's data");
    return IMAPC_OK;
}
