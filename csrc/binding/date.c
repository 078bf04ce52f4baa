/* INTERNALDATE in eight octets: most records are kept for other things than their date. */
#include "date.h"

#include <string.h>

#include "text.h"

/* The parts, from the lowest bit on: each is so many bits wide. */
enum {
    ZONE_BITS = 12,
    SECOND_BITS = 6,
    MINUTE_BITS = 6,
    HOUR_BITS = 5,
    DAY_BITS = 5,
    MONTH_BITS = 4,
    YEAR_BITS = 14,
    ZONE_ZERO = 1 << (ZONE_BITS - 1)
};

typedef struct reader {
    const char *at;
    const char *end;
    bool failed;
} reader;

static unsigned digits(reader *reader, int fewest, int most)
{
    unsigned value = 0;
    int count = 0;
    for (; count < most && reader->at < reader->end && CHAR_IS(*reader->at, CHAR_DIGIT);
         count++)
        value = value * 10 + (unsigned)(*reader->at++ - '0');
    reader->failed |= count < fewest;
    return value;
}

static void octet(reader *reader, char wanted)
{
    if (reader->at < reader->end && *reader->at == wanted)
        reader->at++;
    else
        reader->failed = true;
}

/* date-month = "Jan" / "Feb" / ...: 1 to 12, in any case */
static unsigned month(reader *reader)
{
    static const char *const names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    if (reader->end - reader->at >= 3) {
        imapc_text name = {reader->at, 3};
        reader->at += 3;
        for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
            if (imapc_is_keyword(name, names[i]))
                return i + 1;
    }
    reader->failed = true;
    return 1;
}

/* zone = ("+" / "-") 4DIGIT: its minutes */
static int zone(reader *reader)
{
    bool west = reader->at < reader->end && *reader->at == '-';
    octet(reader, west ? '-' : '+');
    unsigned value = digits(reader, 4, 4);
    int minutes = (int)(value / 100 * 60 + value % 100);
    reader->failed |= value % 100 > 59 || minutes >= 24 * 60;
    return west ? -minutes : minutes;
}

static unsigned days_of(uint64_t month_number, uint64_t year)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month_number - 1] + (month_number == 2 && leap);
}

/*
 * date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
 * date-day-fixed = (SP DIGIT) / 2DIGIT
 *
 * The SP may be missing.  A leap second is taken for the one before it.
 */
bool date_pack(imapc_text text, uint64_t *date)
{
    reader reader = {text.at, text.at + text.length, false};
    reader.at = text_skip(reader.at, reader.end, CHAR_SPACE);
    uint64_t day = digits(&reader, 1, 2);
    octet(&reader, '-');
    uint64_t month_number = month(&reader);
    octet(&reader, '-');
    uint64_t year = digits(&reader, 4, 4);
    octet(&reader, ' ');
    uint64_t hour = digits(&reader, 2, 2);
    octet(&reader, ':');
    uint64_t minute = digits(&reader, 2, 2);
    octet(&reader, ':');
    uint64_t second = digits(&reader, 2, 2);
    octet(&reader, ' ');
    uint64_t offset = (uint64_t)(zone(&reader) + ZONE_ZERO);
    if (reader.failed || reader.at != reader.end || !day || !year ||
        day > days_of(month_number, year) || hour > 23 || minute > 59 || second > 60)
        return false;
    second = second == 60 ? 59 : second;
    *date = year;
    *date = *date << MONTH_BITS | month_number;
    *date = *date << DAY_BITS | day;
    *date = *date << HOUR_BITS | hour;
    *date = *date << MINUTE_BITS | minute;
    *date = *date << SECOND_BITS | second;
    *date = *date << ZONE_BITS | offset;
    return true;
}

static int part(uint64_t *date, int bits)
{
    int value = (int)(*date & ((UINT64_C(1) << bits) - 1));
    *date >>= bits;
    return value;
}

PyObject *date_unpack(uint64_t date, PyObject *function)
{
    int offset = part(&date, ZONE_BITS) - ZONE_ZERO;
    int second = part(&date, SECOND_BITS);
    int minute = part(&date, MINUTE_BITS);
    int hour = part(&date, HOUR_BITS);
    int day = part(&date, DAY_BITS);
    int month_number = part(&date, MONTH_BITS);
    return PyObject_CallFunction(function, "iiiiiii", part(&date, YEAR_BITS), month_number,
                                 day, hour, minute, second, offset);
}
