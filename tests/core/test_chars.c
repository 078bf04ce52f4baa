/* The table of character classes. */
#include <string.h>

#include "chars.h"
#include "check.h"

static void test_chars(void)
{
    static const char spaces[] = " \t\r\n\v\f", base64[] = "+,/";
    for (int octet = 0; octet < 256; octet++) {
        bool space = octet && strchr(spaces, octet);
        bool digit = octet >= '0' && octet <= '9';
        bool letter = (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
        bool end = space || octet == '(' || octet == ')';
        bool shifted = letter || digit || (octet && strchr(base64, octet));
        bool bracket = octet == '[' || octet == ']';
        bool direct = octet >= ' ' && octet <= '~' && octet != '&';
        bool odd = end || bracket || octet == '"' || octet == '{';
        bool behind = octet == ' ' || octet == ')' || octet == ']';
        CHECK(!CHAR_IS(octet, CHAR_ODD) == !odd);
        CHECK(!CHAR_IS(octet, CHAR_BEHIND_QUOTED) == !behind);
        CHECK(!CHAR_IS(octet, CHAR_BRACKET) == !bracket);
        CHECK(!CHAR_IS(octet, CHAR_DIRECT) == !direct);
        CHECK(!CHAR_IS(octet, CHAR_SPACE) == !space);
        CHECK(!CHAR_IS(octet, CHAR_ATOM_END) == !end);
        CHECK(!CHAR_IS(octet, CHAR_DIGIT) == !digit);
        CHECK(!CHAR_IS(octet, CHAR_BASE64) == !shifted);
    }
}

int main(void)
{
    test_chars();
    return report();
}
