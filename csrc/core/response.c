/* Which response it is: response-tagged, continue-req, response-data. */
#include <string.h>

#include "chars.h"
#include "cursor.h"

bool imapc_is_keyword(imapc_text text, const char *keyword)
{
    for (size_t i = 0; i < text.length; i++) {
        char octet = text.at[i];
        if (octet >= 'a' && octet <= 'z')
            octet = (char)(octet - 'a' + 'A');
        if (octet != keyword[i])
            return false; /* also at the keyword's end: no octet here is NUL */
        if (octet == '\0')
            return false;
    }
    return keyword[text.length] == '\0';
}

bool imapc_is_number(imapc_text text)
{
    if (text.length == 0 || text.length > IMAPC_MAX_DIGITS)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (!CHAR_IS(text.at[i], CHAR_DIGIT))
            return false;
    return true;
}

/* The next word, up to space; moves *at behind it. */
static imapc_text take_word(const char **at, const char *end)
{
    while (*at < end && CHAR_IS(**at, CHAR_SPACE))
        ++*at;
    imapc_text word = {*at, 0};
    while (*at < end && !CHAR_IS(**at, CHAR_SPACE))
        ++*at;
    word.length = (size_t)(*at - word.at);
    return word;
}

/* The same for a status; some servers put its code directly behind it. */
static imapc_text take_status(const char **at, const char *end)
{
    imapc_text word = take_word(at, end);
    const char *bracket = word.length ? memchr(word.at, '[', word.length) : NULL;
    if (bracket && bracket > word.at) {
        word.length = (size_t)(bracket - word.at);
        *at = bracket;
    }
    return word;
}

static imapc_text remainder_of(const char *at, const char *end)
{
    while (at < end && CHAR_IS(*at, CHAR_SPACE))
        at++;
    return (imapc_text){at, (size_t)(end - at)};
}

static imapc_status status_of(imapc_text word)
{
    static const struct {
        const char *keyword;
        imapc_status status;
    } statuses[] = {{"OK", IMAPC_STATUS_OK},
                    {"NO", IMAPC_STATUS_NO},
                    {"BAD", IMAPC_STATUS_BAD},
                    {"PREAUTH", IMAPC_STATUS_PREAUTH},
                    {"BYE", IMAPC_STATUS_BYE}};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (imapc_is_keyword(word, statuses[i].keyword))
            return statuses[i].status;
    return IMAPC_STATUS_NONE;
}

/*
 * resp-text = ["[" resp-text-code "]" SP] text
 *
 * text begins with "[": the inside of the code, or nothing where it does not
 * end.  Quotes and parentheses in it are respected ("[BADCHARSET ("x]y")]").
 */
static imapc_text code_of(imapc_text text)
{
    const char *at = text.at + 1, *end = text.at + text.length;
    size_t depth = 0;
    bool fresh = true;
    for (; at < end; at++) {
        if (*at == '"' && fresh) {
            at = imapc_quoted_end(at + 1, end);
            if (!at)
                break;
        } else if (*at == '(') {
            depth++;
        } else if (*at == ')' && depth) {
            depth--;
        } else if (*at == ']' && depth == 0) {
            return (imapc_text){text.at + 1, (size_t)(at - text.at - 1)};
        }
        fresh = CHAR_IS(*at, CHAR_ATOM_END);
    }
    return (imapc_text){NULL, 0};
}

static void take_resp_text(imapc_response *response, const char *at, const char *end)
{
    response->text = remainder_of(at, end);
    if (response->text.length && *response->text.at == '[')
        response->code = code_of(response->text);
}

static imapc_kind keyword_kind(imapc_text word)
{
    static const struct {
        const char *keyword;
        imapc_kind kind;
    } kinds[] = {
        {"CAPABILITY", IMAPC_CAPABILITY},
        {"FLAGS", IMAPC_FLAGS},
        {"LIST", IMAPC_LIST},
        {"LSUB", IMAPC_LSUB},
        {"STATUS", IMAPC_MAILBOX_STATUS},
        {"SEARCH", IMAPC_SEARCH},
        {"NAMESPACE", IMAPC_NAMESPACE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (imapc_is_keyword(word, kinds[i].keyword))
            return kinds[i].kind;
    return IMAPC_OTHER;
}

/* message-data and mailbox-data whose keyword follows a number. */
static imapc_kind numbered_kind(imapc_text word)
{
    /* "* 1 FETCH(FLAGS ())" comes without SP from some. */
    const char *paren = word.length ? memchr(word.at, '(', word.length) : NULL;
    if (paren)
        word.length = (size_t)(paren - word.at);
    if (imapc_is_keyword(word, "FETCH"))
        return IMAPC_FETCH;
    if (imapc_is_keyword(word, "EXISTS"))
        return IMAPC_EXISTS;
    if (imapc_is_keyword(word, "RECENT"))
        return IMAPC_RECENT;
    if (imapc_is_keyword(word, "EXPUNGE"))
        return IMAPC_EXPUNGE;
    return IMAPC_OTHER;
}

static void classify_untagged(imapc_response *response, const char *at, const char *end)
{
    imapc_text word = take_word(&at, end);
    if (word.length && *word.at == '[') {
        response->text = (imapc_text){word.at, (size_t)(end - word.at)};
        response->code = code_of(response->text);
        response->kind = IMAPC_CODE;
        return;
    }
    const char *paren = word.length ? memchr(word.at, '(', word.length) : NULL;
    imapc_text keyword = word;
    if (paren)
        keyword.length = (size_t)(paren - word.at);
    const char *behind = word.at;
    response->status = status_of(take_status(&behind, end));
    if (response->status) {
        response->kind = IMAPC_STATUS;
        take_resp_text(response, behind, end);
        return;
    }
    response->kind = keyword_kind(keyword);
    response->cursor.at = keyword.at + keyword.length;
    if (response->kind != IMAPC_OTHER)
        return;
    imapc_text second = take_word(&at, end);
    response->kind = numbered_kind(second);
    response->number = word;
    response->cursor.at = second.at;
    if (response->kind == IMAPC_FETCH)
        response->cursor.at += strlen("FETCH");
    else
        response->cursor.at += second.length;
}

/* response-tagged = tag SP resp-cond-state CRLF; anything else is stray */
static void classify_tagged(imapc_response *response, const char *at, const char *end)
{
    response->tag = take_word(&at, end);
    response->rest = remainder_of(at, end);
    imapc_status status = status_of(take_status(&at, end));
    response->kind = IMAPC_STRAY;
    if (status == IMAPC_STATUS_OK || status == IMAPC_STATUS_NO ||
        status == IMAPC_STATUS_BAD) {
        response->kind = IMAPC_TAGGED;
        response->status = status;
        take_resp_text(response, at, end);
    }
}

void imapc_classify(const imapc_framed *framed, const imapc_limits *limits,
                    imapc_response *response)
{
    /* Field by field: clearing the whole costs more than a short response. */
    response->status = IMAPC_STATUS_NONE;
    response->code = (imapc_text){NULL, 0};
    response->number = response->text = response->code;
    imapc_cursor_init(&response->cursor, framed, limits);
    const char *at = response->cursor.at, *end = response->cursor.end;
    while (at < end && (*at == '\0' || CHAR_IS(*at, CHAR_SPACE)))
        at++;
    bool alone = end - at == 1;
    if (at != end && (*at == '*' || *at == '+') && (alone || CHAR_IS(at[1], CHAR_SPACE))) {
        response->tag = (imapc_text){at, 1};
        response->rest = remainder_of(at + 1, end);
        response->kind = IMAPC_CONTINUE;
        if (*at == '*')
            classify_untagged(response, at + 1, end);
    } else {
        classify_tagged(response, at, end);
    }
}

imapc_kind imapc_kind_of(const imapc_framed *framed)
{
    imapc_response response;
    imapc_classify(framed, NULL, &response);
    return response.kind;
}
