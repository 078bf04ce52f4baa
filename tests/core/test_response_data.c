/* The parts of response-data. */
#include <stdio.h>
#include <string.h>

#include "check.h"

static void test_flags(void)
{
    CHECK(tells(tell_flags, "()", ""));
    CHECK(tells(tell_flags, "(\\Seen NIL \"a b\")", " s5:\\Seen s3:NIL s3:a b"));
    CHECK(tells(tell_flags, "(a (b (c)) d {1}\r\ne)", " s1:a s1:d l1:e"));
    CHECK(tells(tell_flags, "([Gmail]/x $y])", " s9:[Gmail]/x s3:$y]"));
    CHECK(refuses(tell_flags, "a"));
    CHECK(refuses(tell_flags, "(a"));
    CHECK(refuses(tell_flags, "(a (b"));
    CHECK(refuses(tell_flags, ""));
}

/* As they stand behind a delimiter: most have the common form, beside which tell_mailbox()
 * puts the general rule. */
static void test_mailbox_behind_space(void)
{
    CHECK(tells(tell_mailbox, " INBOX", " s5:INBOX"));
    CHECK(tells(tell_mailbox, " \"INBOX\"", " s5:INBOX"));
    CHECK(tells(tell_mailbox, " Lists/a name of more than a block",
                " s33:Lists/a name of more than a block"));
    CHECK(tells(tell_mailbox, " \"Lists/a name of two whole blocks\"",
                " s32:Lists/a name of two whole blocks"));
    CHECK(tells(tell_mailbox, " abc  ", " s3:abc"));
    CHECK(tells(tell_mailbox, "   abc", " s3:abc"));
    CHECK(tells(tell_mailbox, " \"a\"", " s1:a"));
    CHECK(tells(tell_mailbox, " \"a\"b\"", " s3:a\"b"));
    CHECK(tells(tell_mailbox, " \"a\\\"b\"", " e4:a\\\"b"));
    CHECK(tells(tell_mailbox, " \"a b\" (\"x\")", " s3:a b"));
    CHECK(tells(tell_mailbox, " a\"b\"", " s4:a\"b\""));
    CHECK(tells(tell_mailbox, " abc{1}\r\nx", " s3:abc"));
    CHECK(tells(tell_mailbox, " abc (\"x\")", " s3:abc"));
    CHECK(refuses(tell_mailbox, " \"abc"));
    CHECK(refuses(tell_mailbox, " \"abc\\\""));
}

static void test_mailboxes(void)
{
    CHECK(tells(tell_mailbox, "INBOX", " s5:INBOX"));
    CHECK(tells(tell_mailbox, "NIL", " s3:NIL"));
    CHECK(tells(tell_mailbox, "\"a\\\\b\"", " e4:a\\\\b"));
    CHECK(tells(tell_mailbox, "a b  ", " s3:a b"));
    CHECK(tells(tell_mailbox, "a\tb (MESSAGES 1)", " s3:a\tb"));
    CHECK(tells(tell_mailbox, "a(b (x)", " s3:a(b"));
    CHECK(tells(tell_mailbox, "{3}\r\na b", " l3:a b"));
    CHECK(tells(tell_mailbox, "\"\"", " s0:"));
    CHECK(refuses(tell_mailbox, ""));
    CHECK(refuses(tell_mailbox, "  "));
    CHECK(tells(tell_delimiter, "NIL", " NIL"));
    CHECK(tells(tell_delimiter, "\"\\\\\"", " e2:\\\\"));
    CHECK(refuses(tell_delimiter, "("));
    CHECK(refuses(tell_delimiter, ""));
}

static void test_failing_sinks(void)
{
    CHECK(parse(tell_flags, "(a)", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(tell_flags, "({1}\r\na)", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(tell_mailbox, "a", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(tell_mailbox, "{1}\r\na", generous, 1, NULL).result == IMAPC_SINK);
    CHECK(parse(tell_delimiter, "NIL", generous, 1, NULL).result == IMAPC_SINK);
}

/* A line through the parser of its kind: how it ends, and whether the last line
 * of the dump contains what. */
static bool walks(const char *line, imapc_result result, const char *what)
{
    imapc_framed framed;
    reader self;
    reader_init(&self, generous);
    CHECK(imapc_frame_whole(&self.framer, text_of(line), &framed) == IMAPC_OK);
    dump_response(&self.out, &framed, &generous);
    dump_format(&self.out, "%c", 0);
    char *last = self.out.text + self.out.length - 2;
    while (last > self.out.text && last[-1] != '\n')
        last--;
    char ending[16];
    snprintf(ending, sizeof ending, " -> %d", (int)result);
    bool good = strstr(last, what) && strstr(last, ending);
    if (!good)
        fprintf(stderr, "%s: %s", line, last);
    return reader_free(&self) == 0 && good;
}

static void test_msg_att(void)
{
    CHECK(walks("* 1 FETCH ()", IMAPC_END, ""));
    CHECK(walks("* 1 FETCH (UID 4 FLAGS (a))", IMAPC_END,
                " item=3:UID s1:4 item=5:FLAGS ( s1:a )"));
    CHECK(walks("* 1 FETCH(UID 4)", IMAPC_END, " item=3:UID s1:4"));
    CHECK(walks("* 1 FETCH ((UID 4) FLAGS ())", IMAPC_END,
                " item=3:UID s1:4 item=5:FLAGS ( )"));
    CHECK(walks("* 1 FETCH (((UID 4)))", IMAPC_END, " item=3:UID s1:4"));
    CHECK(walks("* 1 FETCH (BODY[TEXT]<0> {2}\r\nhi)", IMAPC_END,
                " item=4:BODY ( s4:TEXT ) origin=3:<0> l2:hi"));
    CHECK(walks("* 1 FETCH (BODY[] NIL)", IMAPC_END, " item=4:BODY ( ) origin=0: NIL"));
    /* "<x>" is no origin: it is the value, and NIL the next name */
    CHECK(walks("* 1 FETCH (BODY[]<x> NIL)", IMAPC_MALFORMED, " s3:<x> item=3:NIL"));
    CHECK(walks("* 1 FETCH", IMAPC_MALFORMED, "expected"));
    CHECK(walks("* 1 FETCH UID", IMAPC_MALFORMED, "expected"));
    CHECK(walks("* 1 FETCH (UID", IMAPC_MALFORMED, "missing"));
    CHECK(walks("* 1 FETCH (UID)", IMAPC_MALFORMED, "missing"));
    CHECK(walks("* 1 FETCH (UID 4", IMAPC_MALFORMED, "ends inside"));
    CHECK(walks("* 1 FETCH (UID 4) x", IMAPC_MALFORMED, "behind the end"));
    CHECK(walks("* 1 FETCH ({1}\r\nx 4)", IMAPC_MALFORMED, "not an atom"));
}

static void test_other_data(void)
{
    CHECK(walks("* SEARCH 1 2 (MODSEQ 3)", IMAPC_END, " word=1:1 word=1:2"));
    CHECK(walks("* SEARCH 1(MODSEQ 3)4", IMAPC_END, " word=1:1 word=1:4"));
    CHECK(walks("* SEARCH )", IMAPC_MALFORMED, "a word was expected"));
    CHECK(walks("* SEARCH (", IMAPC_MALFORMED, "ends inside"));
    CHECK(walks("* SORT 3 1 2", IMAPC_MALFORMED, " number=3 number=1 number=2"));
    CHECK(walks("* SORT 3 x", IMAPC_MALFORMED, " number=3 -> 3 a number was expected"));
    CHECK(walks("* CAPABILITY A AUTH=B", IMAPC_END, " word=1:A word=6:AUTH=B"));
    CHECK(walks("* FLAGS(\\Seen) ", IMAPC_OK, " s5:\\Seen"));
    CHECK(walks("* FLAGS () x", IMAPC_MALFORMED, "behind the end"));
    CHECK(walks("* LIST (\\X) NIL a b", IMAPC_OK, " s2:\\X NIL s3:a b"));
    CHECK(walks("* LIST (\\X) \"/\" \"a\" (x)", IMAPC_OK, " s1:/ s1:a"));
    CHECK(walks("* STATUS a b (MESSAGES 1)", IMAPC_OK, " s3:a b ( s8:MESSAGES s1:1 )"));
    CHECK(walks("* STATUS {1}\r\na (X 1)", IMAPC_OK, " l1:a ( s1:X s1:1 )"));
    CHECK(
        walks("* NAMESPACE ((\"\" \"/\")) NIL NIL", IMAPC_OK, " ( ( s0: s1:/ ) ) NIL NIL"));
    CHECK(walks("* NAMESPACE NIL NIL", IMAPC_MALFORMED, "missing"));
}

int main(void)
{
    test_flags();
    test_mailbox_behind_space();
    test_mailboxes();
    test_failing_sinks();
    test_msg_att();
    test_other_data();
    return report();
}
