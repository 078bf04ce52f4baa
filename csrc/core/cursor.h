/* What the grammar needs of the cursor. */
#ifndef IMAPC_CURSOR_H
#define IMAPC_CURSOR_H

#include "imapc.h"

typedef enum imapc_token_kind {
    TOKEN_END, /* of the response */
    TOKEN_ATOM,
    TOKEN_QUOTED,
    TOKEN_LITERAL,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_SECTION_OPEN,
    TOKEN_SECTION_CLOSE
} imapc_token_kind;

typedef struct imapc_token {
    imapc_token_kind kind;
    imapc_text text; /* ATOM, QUOTED (between the quotes) */
    bool escaped;    /* QUOTED: it holds a backslash */
    void **literal;  /* LITERAL: where the response keeps it */
} imapc_token;

imapc_result cursor_token(imapc_cursor *cursor, imapc_token *token);

/* Tell one token to a sink, keeping depth and limits. */
imapc_result cursor_tell(imapc_cursor *cursor, imapc_token *token, const imapc_sink *sink);

/* Count a list that is opened, or an element. */
imapc_result cursor_open(imapc_cursor *cursor);
imapc_result cursor_count(imapc_cursor *cursor);

void cursor_skip_space(imapc_cursor *cursor);

#endif
