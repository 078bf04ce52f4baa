/* Which response it is. */
#include <string.h>

#include "check.h"

/* What a whole wire of one response gives; out must be freed. */
static imapc_kind kind_of(const char *line)
{
    imapc_span span = {.length = strlen(line)};
    imapc_framed framed = {line, &span, 1, false};
    return imapc_kind_of(&framed);
}

static void test_kinds(void)
{
    static const struct {
        const char *line;
        imapc_kind kind;
    } lines[] = {
        {"0001 OK done", IMAPC_TAGGED},
        {"0001 no", IMAPC_TAGGED},
        {"a BAD", IMAPC_TAGGED},
        {"+ go", IMAPC_CONTINUE},
        {"+", IMAPC_CONTINUE},
        {"* OK hi", IMAPC_STATUS},
        {"* bye", IMAPC_STATUS},
        {"* PREAUTH [X] y", IMAPC_STATUS},
        {"* [READ-WRITE]", IMAPC_CODE},
        {"* CAPABILITY IMAP4rev1", IMAPC_CAPABILITY},
        {"* flags()", IMAPC_FLAGS},
        {"* LIST () NIL x", IMAPC_LIST},
        {"* LSUB () NIL x", IMAPC_LSUB},
        {"* STATUS x (MESSAGES 1)", IMAPC_MAILBOX_STATUS},
        {"* SEARCH", IMAPC_SEARCH},
        {"* NAMESPACE NIL NIL NIL", IMAPC_NAMESPACE},
        {"* 1 EXISTS", IMAPC_EXISTS},
        {"* 1 recent", IMAPC_RECENT},
        {"* 1 EXPUNGE", IMAPC_EXPUNGE},
        {"* 1 FETCH (A 1)", IMAPC_FETCH},
        {"* 1 FETCH(A 1)", IMAPC_FETCH},
        {"* SORT", IMAPC_SORT},
        {"* sort 2 1", IMAPC_SORT},
        {"* VANISHED (EARLIER) 1:2", IMAPC_VANISHED},
        {"* vanished 1", IMAPC_VANISHED},
        {"* 1 VANISHED", IMAPC_OTHER},
        {"* ID NIL", IMAPC_OTHER},
        {"*", IMAPC_OTHER},
        {"* 1", IMAPC_OTHER},
        {"*OK", IMAPC_STRAY},
        {"0001 BYE", IMAPC_STRAY},
        {"0001 PREAUTH", IMAPC_STRAY},
        {"+go", IMAPC_STRAY},
        {"OK", IMAPC_STRAY},
        {"", IMAPC_STRAY},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CHECK_OF(kind_of(lines[i].line) == lines[i].kind, lines[i].line);
}

static imapc_response classified(const char *line, imapc_framed *framed, imapc_span *span)
{
    imapc_response response;
    *span = (imapc_span){.length = strlen(line)};
    *framed = (imapc_framed){line, span, 1, false};
    imapc_classify(framed, &generous, &response);
    return response;
}

static void test_classify(void)
{
    imapc_framed framed;
    imapc_span span;
    imapc_response r = classified("7f OK [A (\"]\" b)] so \"it", &framed, &span);
    CHECK(same_text(r.tag, "7f") && same_text(r.data, "OK [A (\"]\" b)] so \"it"));
    CHECK(r.status == IMAPC_STATUS_OK && same_text(r.code, "A (\"]\" b)"));
    CHECK(same_text(r.text, "[A (\"]\" b)] so \"it"));
    r = classified("* NO [never ends", &framed, &span);
    CHECK(r.status == IMAPC_STATUS_NO && r.code.at == NULL);
    r = classified("* OK text [THROTTLED]", &framed, &span);
    CHECK(r.code.at == NULL && same_text(r.text, "text [THROTTLED]"));
    r = classified("* OK []", &framed, &span);
    CHECK(r.code.at != NULL && r.code.length == 0);
    r = classified("* [UIDNEXT 3] x", &framed, &span);
    CHECK(same_text(r.code, "UIDNEXT 3"));
    r = classified("* 12 EXISTS", &framed, &span);
    CHECK(same_text(r.number, "12"));
    r = classified("+  go on", &framed, &span);
    CHECK(same_text(r.tag, "+") && same_text(r.data, "go on"));
    r = classified("what is this", &framed, &span);
    CHECK(same_text(r.tag, "what") && same_text(r.data, "is this"));
    imapc_framed nothing = {NULL, NULL, 0, false};
    CHECK(imapc_kind_of(&nothing) == IMAPC_STRAY);
}

static void test_code_of(void)
{
    static const struct {
        const char *text, *code; /* NULL: none */
    } texts[] = {
        {"[NONEXISTENT] no such", "NONEXISTENT"},
        {"[BADCHARSET (\"x]y\")]", "BADCHARSET (\"x]y\")"},
        {"[]", ""},
        {"[never ends", NULL},
        {"[", NULL},
        {"text [THROTTLED]", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        imapc_text code = imapc_code_of((imapc_text){texts[i].text, strlen(texts[i].text)});
        if (texts[i].code)
            CHECK_OF(code.at && same_text(code, texts[i].code), texts[i].text);
        else
            CHECK_OF(!code.at && !code.length, texts[i].text);
    }
    CHECK(imapc_code_of((imapc_text){NULL, 0}).at == NULL);
}

int main(void)
{
    test_kinds();
    test_classify();
    test_code_of();
    return report();
}
