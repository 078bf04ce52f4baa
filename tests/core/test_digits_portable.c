/* The path for other machines, on this one. */
#define IMAPC_PORTABLE
#include "test_digits.c"
