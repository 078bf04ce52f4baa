#include "teller.h"

#include <stdlib.h>

static bool tell(teller *told)
{
    return ++told->calls != told->fail_at;
}

static bool told_nil(void *context)
{
    teller *told = context;
    dump_format(told->out, " NIL");
    return tell(told);
}

static bool told_string(void *context, imapc_text text, bool escaped)
{
    teller *told = context;
    dump_format(told->out, escaped ? " e" : " s");
    dump_octets(told->out, text.at, text.length);
    return tell(told);
}

static bool told_literal(void *context, void **literal)
{
    teller *told = context;
    const blob *whole = *literal;
    dump_format(told->out, " l");
    dump_octets(told->out, whole->octets, whole->filled);
    if (told->taking) {
        free(*literal);
        *literal = NULL;
        told->taken->live--;
    }
    return tell(told);
}

static bool told_list_begin(void *context)
{
    teller *told = context;
    dump_format(told->out, " (");
    return tell(told);
}

static bool told_list_end(void *context)
{
    teller *told = context;
    dump_format(told->out, " )");
    return tell(told);
}

static imapc_sink sink_of(teller *told)
{
    return (imapc_sink){told_nil,        told_string,   told_literal,
                        told_list_begin, told_list_end, told};
}

imapc_result tell_value(imapc_cursor *cursor, teller *told)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_value(cursor, &sink);
}

imapc_result tell_values(imapc_cursor *cursor, teller *told)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_values(cursor, &sink);
}

imapc_result tell_flags(imapc_cursor *cursor, teller *told)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_flags(cursor, &sink);
}

imapc_result tell_mailbox(imapc_cursor *cursor, teller *told)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_mailbox(cursor, &sink);
}

imapc_result tell_delimiter(imapc_cursor *cursor, teller *told)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_delimiter(cursor, &sink);
}

imapc_result tell_section(imapc_cursor *cursor, teller *told, imapc_text *origin)
{
    imapc_sink sink = sink_of(told);
    return imapc_parse_section(cursor, &sink, origin);
}
