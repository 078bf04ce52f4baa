/* Which response it is; RFC 9051, section 9, but where another RFC is named. */
#include <string.h>

#include "cursor.h"
#include "response.h"
#include "text.h"

static imapc_text remainder_of(const char *at, const char *end)
{
    return text_between(text_skip(at, end, CHAR_SPACE), end);
}

/*
 * resp-text = ["[" resp-text-code "]" SP] [text]
 * resp-text-code = "BADCHARSET" [SP "(" charset *(SP charset) ")"] / ... /
 *                  atom [SP 1*<any TEXT-CHAR except "]">]
 *
 * Quotes and parentheses in a code are respected ("[BADCHARSET ("x]y")]"), for the
 * arguments of a known one may hold a "]" there.
 */
imapc_text imapc_code_of(imapc_text text)
{
    if (!text.length || *text.at != '[')
        return (imapc_text){NULL, 0};
    size_t depth = 0;
    const char *code = text.at + 1, *end = text.at + text.length;
    const char *close = text_scan(text_between(code, end), TEXT_OF_CODE, &depth);
    return close && close < end ? text_between(code, close) : (imapc_text){NULL, 0};
}

/* A code counts only here: Gmail puts "[THROTTLED]" at the end of the text
 * ("gmail-throttled-behind-text"). */
static void take_resp_text(imapc_response *response, const char *at, const char *end)
{
    response->text = remainder_of(at, end);
    response->code = imapc_code_of(response->text);
}

/*
 * mailbox-data = "FLAGS" SP flag-list / "LIST" SP mailbox-list / esearch-response /
 *                "STATUS" SP mailbox SP "(" [status-att-list] ")" /
 *                number SP "EXISTS" / namespace-response /
 *                obsolete-search-response / obsolete-recent-response
 * namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
 * obsolete-search-response = "SEARCH" *(SP nz-number)
 * capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability)
 *
 * "LSUB" SP mailbox-list is RFC 3501's, "SORT" *(SP nz-number) RFC 5256's, and
 * "VANISHED" [SP "(EARLIER)"] SP known-uids RFC 7162's.
 */
static imapc_kind keyword_kind(imapc_text keyword)
{
    static const struct {
        size_t length;
        const char *keyword;
        imapc_kind kind;
    } kinds[] = {
        {4, "LIST", IMAPC_LIST},           {4, "LSUB", IMAPC_LSUB},
        {6, "SEARCH", IMAPC_SEARCH},       {6, "STATUS", IMAPC_MAILBOX_STATUS},
        {5, "FLAGS", IMAPC_FLAGS},         {10, "CAPABILITY", IMAPC_CAPABILITY},
        {9, "NAMESPACE", IMAPC_NAMESPACE}, {8, "VANISHED", IMAPC_VANISHED},
        {4, "SORT", IMAPC_SORT},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (keyword.length == kinds[i].length &&
            imapc_is_keyword(keyword, kinds[i].keyword))
            return kinds[i].kind;
    return IMAPC_OTHER;
}

/*
 * message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
 * mailbox-data = ... / number SP "EXISTS" / ... / obsolete-recent-response
 * obsolete-recent-response = number SP "RECENT"
 *
 * The number is not looked at here: where it is malformed the response is still of
 * this kind, and fails as such ("exists-no-number", "exists-idle-junk").
 */
static imapc_kind numbered_kind(imapc_text keyword)
{
    if (imapc_is_keyword(keyword, "FETCH"))
        return IMAPC_FETCH;
    if (imapc_is_keyword(keyword, "EXISTS"))
        return IMAPC_EXISTS;
    if (imapc_is_keyword(keyword, "RECENT"))
        return IMAPC_RECENT;
    if (imapc_is_keyword(keyword, "EXPUNGE"))
        return IMAPC_EXPUNGE;
    return IMAPC_OTHER;
}

/*
 * response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data /
 *                         message-data / capability-data / enable-data) CRLF
 * greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF
 *
 * A code without a status before it, "* [READ-WRITE]", is not in the RFC, but
 * Twisted's client acts upon it.
 */
static void classify_untagged(imapc_response *response, const char *at, const char *end)
{
    const char *behind = at;
    imapc_text word = text_word(&at, end);
    if (word.length && *word.at == '[') {
        response->text = text_between(word.at, end);
        response->code = imapc_code_of(response->text);
        response->kind = IMAPC_CODE;
        return;
    }
    /* Some leave out the SP before a "(": "* FLAGS()", "* 1 FETCH(UID 4)". */
    imapc_text keyword = text_up_to(word, '(');
    response->kind = keyword_kind(keyword);
    if (response->kind == IMAPC_OTHER && (response->status = text_status(&behind, end))) {
        response->kind = IMAPC_STATUS;
        take_resp_text(response, behind, end);
        return;
    }
    if (response->kind == IMAPC_OTHER) {
        response->number = word;
        keyword = text_up_to(text_word(&at, end), '(');
        response->kind = numbered_kind(keyword);
    }
    response->cursor.at = keyword.at + keyword.length;
}

/*
 * response-tagged = tag SP resp-cond-state CRLF
 *
 * Anything else is no response: Exchange sends such lines ("exchange-stray-line",
 * "exchange-copyuid-without-ok"), and so does a server that speaks another protocol
 * ("greeting-http").
 */
static void classify_tagged(imapc_response *response, const char *at, const char *end)
{
    response->tag = text_word(&at, end);
    response->data = remainder_of(at, end);
    imapc_status status = text_status(&at, end);
    response->kind = IMAPC_STRAY;
    if (status == IMAPC_STATUS_OK || status == IMAPC_STATUS_NO ||
        status == IMAPC_STATUS_BAD) {
        response->kind = IMAPC_TAGGED;
        response->status = status;
        take_resp_text(response, at, end);
    }
}

/*
 * response = *(continue-req / response-data) response-done
 * continue-req = "+" SP (resp-text / base64) CRLF
 *
 * "+" may stand alone ("continuation-bare-plus").  NULs and space before it all
 * are skipped, as the framer skips them between lines.
 */
void response_classify(imapc_response *response, const char *at, const char *end)
{
    while (at < end && (*at == '\0' || CHAR_IS(*at, CHAR_SPACE)))
        at++;
    bool alone = end - at == 1;
    if (at != end && (*at == '*' || *at == '+') && (alone || CHAR_IS(at[1], CHAR_SPACE))) {
        response->tag = (imapc_text){at, 1};
        response->data = remainder_of(at + 1, end);
        response->kind = IMAPC_CONTINUE;
        if (*at == '*')
            classify_untagged(response, at + 1, end);
    } else {
        classify_tagged(response, at, end);
    }
}

imapc_kind imapc_kind_of(const imapc_framed *framed)
{
    static const imapc_limits none = {0, 0, 0, 0, 0, 0}; /* no value is read */
    imapc_response response;
    imapc_classify(framed, &none, &response);
    return response.kind;
}
