/* Values of which nothing is known but their form, as typed parsers give them: quoted
 * strings and atoms are str, atoms of digits int, literals bytes, NIL None, lists tuples.
 */
#ifndef BINDING_GENERIC_H
#define BINDING_GENERIC_H

#include "builder.h"

/* Push one value with all that is nested in it, or every value up to the end of the
 * response; IMAPC_SINK with a Python exception set. */
imapc_result generic_value(builder *builder, imapc_cursor *cursor);
imapc_result generic_values(builder *builder, imapc_cursor *cursor);

/* Push what a token is; a parenthesis opens or closes a tuple. */
bool generic_token(builder *builder, const imapc_token *token);

/* A keyword as str, upper-case where it is ASCII; a new reference. */
PyObject *generic_keyword(imapc_text word);

#endif
