/* What imapc_classify() does where a response is not plain. */
#ifndef IMAPC_RESPONSE_H
#define IMAPC_RESPONSE_H

#include "imapc.h"

/* The text from at to end is the first span of a response, of which nothing is known. */
void response_classify(imapc_response *response, const char *at, const char *end);

#endif
