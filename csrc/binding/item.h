/* Items of FETCH that have no attribute of their own: "BODY[TEXT]<0>", "X-GM-MSGID". */
#ifndef BINDING_ITEM_H
#define BINDING_ITEM_H

#include "builder.h"

/* Push the key that an item is found by: upper-case, without ".PEEK" and without quotes.
 * Takes the section, too, and the origin behind it. */
imapc_result item_push_key(builder *builder, imapc_cursor *cursor, const imapc_item *item);

/* The key of an item as it is asked for, a new reference; NULL where the text is none,
 * without an exception, or with one. */
PyObject *item_asked(PyObject *text);

/* Whether the value is octets: sections, RFC822 and its parts. */
bool item_is_octets(const imapc_item *item);

/* nstring: push bytes, or None. */
imapc_result item_push_octets(builder *builder, imapc_cursor *cursor);

#endif
