/*
 * imapc: the IMAP responses of RFC 9051 and RFC 3501, octets to values.
 *
 * Three layers, each knowing only the one before it:
 *
 *   framing   octets -> one whole response: spans of text with literals
 *             between them (imapc_framer_*, imapc_frame_*)
 *   values    a cursor over a whole response: atoms, quoted strings, literals
 *             and parentheses, pulled one by one (cursor.h)
 *   grammar   which response it is, and its parts (imapc_classify and the
 *             functions below it)
 *
 * The core knows no Python, keeps no global state, allocates through one
 * function that the caller gives, and never recurses on input.  Every size is
 * in octets unless it says otherwise.  Text is never NUL-terminated.
 */
#ifndef IMAPC_H
#define IMAPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a function that can fail returns. */
typedef enum imapc_result {
    IMAPC_OK = 0,
    IMAPC_MORE,      /* more octets are needed: the chunk is used up */
    IMAPC_END,       /* the list is over */
    IMAPC_MALFORMED, /* this response is; the ones around it are not harmed */
    IMAPC_FRAMING,   /* where the next response starts is unknown; sticky */
    IMAPC_TOO_LARGE, /* a byte limit is exceeded; sticky */
    IMAPC_NO_MEMORY, /* sticky in a framer */
    IMAPC_SINK       /* a callback failed and has kept its own error; sticky */
} imapc_result;

/* Bounds on what a server may send.  The byte limits end the connection
 * (IMAPC_TOO_LARGE), the others only fail their response (IMAPC_MALFORMED). */
typedef struct imapc_limits {
    size_t line;     /* one line without its end */
    size_t literal;  /* one literal */
    size_t response; /* the text and the literals of one response */
    size_t depth;    /* nested lists; the outermost is level 1 */
    size_t lists;    /* lists in one response */
    size_t elements; /* strings, NILs and lists in one response */
} imapc_limits;

/* More digits than this make no number: 2^64 has 20. */
#define IMAPC_MAX_DIGITS 20

/* Where and why a response was refused.  message is static text. */
typedef struct imapc_error {
    const char *message;
    size_t offset; /* octets from the start of the response */
} imapc_error;

/* Borrowed octets. */
typedef struct imapc_text {
    const char *at;
    size_t length;
} imapc_text;

/* realloc() with a context; size 0 frees and returns NULL. */
typedef struct imapc_allocator {
    void *(*reallocate)(void *context, void *block, size_t size);
    void *context;
} imapc_allocator;

/* Double *block, which has room for *capacity units, until it has room for needed
 * ones.  False without memory: both are then as they were. */
bool imapc_grow(const imapc_allocator *allocator, void **block, size_t *capacity,
                size_t needed, size_t unit);

/* The byte limits: NULL where what comes is within them, else static text for the
 * user, and IMAPC_TOO_LARGE is the result.  length is without the line's end;
 * so_far is what the response has already, more what is added to it. */
const char *imapc_line_too_long(const imapc_limits *limits, size_t length);
const char *imapc_literal_too_large(const imapc_limits *limits, size_t size);
const char *imapc_response_too_large(const imapc_limits *limits, size_t so_far,
                                     size_t more);

/* ---------------------------------------------------------------- text -- */

/* number: 1 to 20 digits and nothing else. */
bool imapc_is_number(imapc_text text);

/* number, number64: false for anything else, and for what is 2^64 or more. */
bool imapc_number(imapc_text digits, uint64_t *number);

/* Two keywords, case ignored; keyword is upper-case and NUL-terminated. */
bool imapc_is_keyword(imapc_text text, const char *keyword);

/* ------------------------------------------------------------- framing -- */

/* A stretch of text, and the literal that follows it (NULL: none does).
 * offset counts from imapc_framed.text; announced is the length of the
 * "{n}", "{n+}" or "~{n}" behind the text. */
typedef struct imapc_span {
    size_t offset;
    size_t length;
    size_t announced;
    size_t literal_size;
    void *literal;
} imapc_span;

/* One whole response, or what of it has arrived.  It lasts until the framer
 * is used again; literals whose pointer was set to NULL by the reader belong
 * to the reader, the others are discarded then. */
typedef struct imapc_framed {
    const char *text;
    imapc_span *spans;
    size_t count;
    bool overfull; /* more literals than limits.elements: some were dropped */
} imapc_framed;

/* Who takes literals while they arrive, one at a time.  begin, write and end
 * return false or NULL on failure; discard also ends an unfinished one when
 * its argument is NULL. */
typedef struct imapc_literal_sink {
    bool (*begin)(void *context, const imapc_framed *so_far, size_t size);
    bool (*write)(void *context, const char *octets, size_t length);
    void *(*end)(void *context);
    void (*discard)(void *context, void *literal);
    void *context;
} imapc_literal_sink;

/* What framing knows of the response that the lines now read belong to. */
typedef struct imapc_lines {
    bool within;  /* a literal has been announced, the response goes on */
    bool held;    /* the line behind a literal is blank and a parenthesis open: the
                   * next line decides */
    size_t depth; /* parentheses open outside quotes */
} imapc_lines;

typedef struct imapc_framer {
    imapc_limits limits;
    imapc_allocator allocator;
    imapc_literal_sink sink;
    /* as long as the connection */
    imapc_result failed; /* IMAPC_OK, or the sticky failure */
    imapc_error error;
    /* as long as a chunk */
    const char *chunk;
    size_t chunk_length;
    size_t at; /* everything before it is consumed */
    /* as long as a response */
    imapc_lines lines;
    imapc_span line_span; /* of one that is a line of the chunk: all that is kept of it */
    imapc_span *spans;
    size_t span_count;
    size_t span_capacity;
    size_t size;    /* text and literals so far */
    bool delivered; /* it was given out: the next call forgets it */
    bool overfull;
    bool copied; /* the chunk ended within it: offsets count from copy */
    char *copy;
    size_t copy_length;
    size_t copy_capacity;
    /* as long as a line or a literal */
    size_t line; /* offset of the line being read */
    size_t literal_left;
    bool in_literal;
    bool skipping; /* the literal is dropped: the response is overfull */
} imapc_framer;

void imapc_framer_init(imapc_framer *framer, imapc_allocator allocator,
                       imapc_literal_sink sink);
void imapc_framer_free(imapc_framer *framer);

/* Let go of everything that was fed and of the sticky failure. */
void imapc_framer_reset(imapc_framer *framer);

/* Give the next chunk.  Only after imapc_framer_next returned IMAPC_MORE (or
 * at the start); the octets must stay until it does so again. */
void imapc_framer_feed(imapc_framer *framer, const char *octets, size_t length);

/* Read up to the end of one response.  IMAPC_OK: *response is it.  IMAPC_MORE:
 * the chunk is used up and what is unfinished has been copied. */
imapc_result imapc_framer_next(imapc_framer *framer, imapc_framed *response);

/* The response as it stands: unfinished, or the start of the one that failed. */
void imapc_framer_unfinished(const imapc_framer *framer, imapc_framed *response);

/* Whether it stands between two responses with nothing fed that is not given out: then it
 * has nothing to lose. */
bool imapc_framer_is_idle(const imapc_framer *framer);

/* Whether so many octets more would all go into the literal that is being read, and not
 * end it: nothing but that can come of them. */
bool imapc_framer_is_literal(const imapc_framer *framer, size_t length);

/* Octets that were fed and belong to no response yet given out, less those of
 * literals. */
size_t imapc_framer_pending(const imapc_framer *framer);

/* What one line without its end means to the response it belongs to. */
typedef enum imapc_verdict {
    IMAPC_LINE_ENDS,     /* the response is whole with it */
    IMAPC_LINE_LITERAL,  /* *size octets of a literal follow it */
    IMAPC_LINE_HOLDS,    /* the next line decides */
    IMAPC_LINE_BEFORE,   /* the held response ended before it: judge it again */
    IMAPC_LINE_BLANK,    /* between responses: nothing */
    IMAPC_LINE_MALFORMED /* announces a literal of a size that cannot be */
} imapc_verdict;

/* What to say of IMAPC_LINE_MALFORMED. */
#define IMAPC_MALFORMED_SIZE "the size of a literal is malformed"

/* *announced is the length of the announcement at the line's end; it and *size are
 * 0 where nothing is announced. */
imapc_verdict imapc_judge_line(imapc_lines *lines, imapc_text line, size_t *size,
                               size_t *announced);

/* Make a response of text that holds its literals inside, as "{n}" CRLF and n
 * octets.  Use a framer of its own for it, which lends its sink, its limits and
 * its spans. */
imapc_result imapc_frame_whole(imapc_framer *framer, imapc_text text,
                               imapc_framed *response);

/* -------------------------------------------------------------- values -- */

/* Reads a whole response from the left; fields are the core's own. */
typedef struct imapc_cursor {
    const imapc_framed *response;
    const imapc_limits *limits;
    size_t span;
    size_t passed; /* octets of the spans before that one */
    const char *at;
    const char *end;
    bool sectioned; /* an atom that takes a section has just ended at "[" */
    size_t section; /* depth at which "[" was opened, 0: not in a section */
    size_t depth;
    size_t lists_left; /* of the limits */
    size_t elements_left;
    imapc_error error;
} imapc_cursor;

/* What is pulled: see cursor.h. */
typedef struct imapc_token imapc_token;

/* Keep the message and the place in cursor->error; returns IMAPC_MALFORMED. */
imapc_result imapc_refuse(imapc_cursor *cursor, const char *message);

/* ------------------------------------------------------------- grammar -- */

typedef enum imapc_kind {
    IMAPC_TAGGED,   /* response-tagged */
    IMAPC_CONTINUE, /* continue-req */
    IMAPC_STATUS,   /* resp-cond-state, resp-cond-bye, PREAUTH: untagged */
    IMAPC_CODE,     /* a bare code: "* [READ-WRITE]" */
    IMAPC_CAPABILITY,
    IMAPC_FLAGS,
    IMAPC_LIST,
    IMAPC_LSUB,
    IMAPC_MAILBOX_STATUS,
    IMAPC_SEARCH,
    IMAPC_NAMESPACE,
    IMAPC_EXISTS,
    IMAPC_RECENT,
    IMAPC_EXPUNGE,
    IMAPC_FETCH,
    IMAPC_SORT,     /* RFC 5256 */
    IMAPC_VANISHED, /* RFC 7162 */
    IMAPC_OTHER,    /* untagged, and none of the above */
    IMAPC_STRAY     /* a line that is no response */
} imapc_kind;

typedef enum imapc_status {
    IMAPC_STATUS_NONE,
    IMAPC_STATUS_OK,
    IMAPC_STATUS_NO,
    IMAPC_STATUS_BAD,
    IMAPC_STATUS_PREAUTH,
    IMAPC_STATUS_BYE
} imapc_status;

/* What a whole response is.  Which fields are set depends on kind. */
typedef struct imapc_response {
    imapc_kind kind;
    imapc_status status; /* TAGGED, STATUS */
    imapc_text tag;      /* TAGGED, STRAY: the first word */
    imapc_text data;     /* all behind the tag, "*" or "+" */
    imapc_text text;     /* TAGGED, STATUS: behind the status */
    imapc_text code;     /* inside the brackets; at is NULL without */
    imapc_text number;   /* EXISTS, RECENT, EXPUNGE, FETCH: first word */
    uint64_t message;    /* what it is, where it was read already; else 0 */
    imapc_cursor cursor; /* behind the keyword */
} imapc_response;

/* Never fails: what is no response is IMAPC_STRAY. */
void imapc_classify(const imapc_framed *framed, const imapc_limits *limits,
                    imapc_response *response);

/* The inside of the brackets that a resp-text begins with; at is NULL where it begins
 * with none, or they do not end. */
imapc_text imapc_code_of(imapc_text text);

/* The kind alone, of a response whose first span has arrived. */
imapc_kind imapc_kind_of(const imapc_framed *framed);

/* msg-att = "(" items ")".  begin takes the parenthesis, item the next name:
 * IMAPC_END means that the list and the response ended there. */
typedef struct imapc_item {
    imapc_text name;
    bool section; /* it comes next, as a value; behind it imapc_parse_origin() */
} imapc_item;
imapc_result imapc_msg_att_begin(imapc_cursor *cursor);
imapc_result imapc_msg_att_item(imapc_cursor *cursor, imapc_item *item);

/* The origin behind a section, "<n>" with its brackets, or nothing. */
imapc_text imapc_parse_origin(imapc_cursor *cursor);

/* flag-list, mbx-list-flags: each flag is an atom, a quoted string or a literal; a
 * list among them is skipped.  IMAPC_END: the list is over. */
imapc_result imapc_flags_begin(imapc_cursor *cursor);
imapc_result imapc_flags_next(imapc_cursor *cursor, imapc_token *flag);

/* mailbox = astring, as servers write it: the text goes on to the end of the line
 * or to " (".  An atom NIL is the name NIL. */
imapc_result imapc_parse_mailbox(imapc_cursor *cursor, imapc_token *name);

/* The delimiter of a LIST: a string, a literal, or NIL. */
imapc_result imapc_parse_delimiter(imapc_cursor *cursor, imapc_token *delimiter);

/* The next word of a response made of words (CAPABILITY, SEARCH); lists among
 * them are skipped.  IMAPC_END at the end. */
imapc_result imapc_parse_word(imapc_cursor *cursor, imapc_text *word);

/* Nothing but space may be left. */
imapc_result imapc_parse_end(imapc_cursor *cursor);

/* A value that is a number; and one of any form, with all that is nested in it, of which
 * IMAPC_END means that there was none and the response is over. */
imapc_result imapc_parse_number(imapc_cursor *cursor, uint64_t *number);
imapc_result imapc_skip_value(imapc_cursor *cursor);

/* ------------------------------------------------------ modified UTF-7 -- */

/* RFC 3501 section 5.1.3.  points has room for text.length code points; false
 * where the name is not UTF-7.  *canonical: encoding gives the same octets. */
bool imapc_utf7_decode(imapc_text text, uint32_t *points, size_t *count, bool *canonical);

#endif
