/* Values of a response, written to a dump: the parts of the grammar as the C tests
 * call them. */
#ifndef TESTS_TELLER_H
#define TESTS_TELLER_H

#include "reader.h"

/* fail_at is the value, counted from 1, at which IMAPC_SINK is returned; taking keeps
 * (and frees) the literals. */
typedef struct teller {
    dump *out;
    literals *taken;
    size_t calls;
    size_t fail_at;
    bool taking;
} teller;

/* One value, with all that is nested in it; every value up to the response's end. */
imapc_result tell_value(imapc_cursor *cursor, teller *told);
imapc_result tell_values(imapc_cursor *cursor, teller *told);

imapc_result tell_section(imapc_cursor *cursor, teller *told, imapc_text *origin);
imapc_result tell_flags(imapc_cursor *cursor, teller *told);
imapc_result tell_mailbox(imapc_cursor *cursor, teller *told);
imapc_result tell_delimiter(imapc_cursor *cursor, teller *told);

#endif
