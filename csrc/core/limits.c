/* The byte limits: judged, and told, in this one place. */
#include "imapc.h"

const char *imapc_line_too_long(const imapc_limits *limits, size_t length)
{
    return length > limits->line ? "a line is longer than maxLineLength" : NULL;
}

const char *imapc_literal_too_large(const imapc_limits *limits, size_t size)
{
    return size > limits->literal ? "a literal is larger than maxLiteralSize" : NULL;
}

const char *imapc_response_too_large(const imapc_limits *limits, size_t so_far, size_t more)
{
    /* The limit may have been lowered in the middle of a response. */
    size_t left = limits->response > so_far ? limits->response - so_far : 0;
    return more > left ? "a response is larger than maxResponseSize" : NULL;
}
