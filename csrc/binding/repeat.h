/* A list that stands once more: the same octets parse alike, and need not be read again. */
#ifndef BINDING_REPEAT_H
#define BINDING_REPEAT_H

#include <string.h>

#include "cursor.h"

typedef struct repeat {
    imapc_text octets; /* from its "(" to its ")", without a literal in it */
    size_t lists;      /* what it counts for the limits */
    size_t elements;
} repeat;

/* Whether it stands at at, and is within the limits there. */
static inline bool repeat_stands(const repeat *list, const imapc_cursor *cursor,
                                 const char *at)
{
    return (size_t)(cursor->end - at) >= list->octets.length &&
           memcmp(at, list->octets.at, list->octets.length) == 0 &&
           cursor->lists_left >= list->lists && cursor->elements_left >= list->elements;
}

/* Go behind it. */
static inline void repeat_pass(const repeat *list, imapc_cursor *cursor, const char *at)
{
    cursor->at = at + list->octets.length;
    cursor->lists_left -= list->lists;
    cursor->elements_left -= list->elements;
}

#endif
