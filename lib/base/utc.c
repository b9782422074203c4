// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utc.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static const utc_us year_10000 = INT64_C(253402300800) * UTC_SECOND;

/* Reads exactly `digits` digits at *text, moves past them. -1: they are not there. */
static int read_number(const char **text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)**text)) {
            return -1;
        }
        value = value * 10 + (*(*text)++ - '0');
    }
    return value;
}

static bool read_mark(const char **text, char mark)
{
    if (**text != mark) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_fraction(const char **text, utc_us *fraction)
{
    *fraction = 0;
    if (!read_mark(text, '.')) {
        return true;
    }
    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    for (utc_us unit = UTC_SECOND / 10; isdigit((unsigned char)**text); (*text)++, unit /= 10) {
        *fraction += unit * (**text - '0');
    }
    return true;
}

static bool read_offset(const char **text, utc_us *offset)
{
    *offset = 0;
    if (**text == '\0' || read_mark(text, 'Z')) {
        return **text == '\0';
    }
    utc_us sign = read_mark(text, '-') ? -1 : 1;
    if (sign > 0 && !read_mark(text, '+')) {
        return false;
    }
    int hours = read_number(text, 2);
    if (hours < 0 || hours > 23 || !read_mark(text, ':')) {
        return false;
    }
    int minutes = read_number(text, 2);
    if (minutes < 0 || minutes > 59 || **text != '\0') {
        return false;
    }
    *offset = sign * (hours * 60 + minutes) * 60 * UTC_SECOND;
    return true;
}

static bool read_date_and_time(const char **text, struct tm *fields)
{
    int year = read_number(text, 4);
    int month = read_mark(text, '-') ? read_number(text, 2) : -1;
    int day = read_mark(text, '-') ? read_number(text, 2) : -1;
    int hour = read_mark(text, 'T') ? read_number(text, 2) : -1;
    int minute = read_mark(text, ':') ? read_number(text, 2) : -1;
    int second = read_mark(text, ':') ? read_number(text, 2) : -1;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59) {
        return false;
    }
    *fields = (struct tm){.tm_year = year - 1900,
                          .tm_mon = month - 1,
                          .tm_mday = day,
                          .tm_hour = hour,
                          .tm_min = minute,
                          .tm_sec = second};
    return true;
}

static bool has_day(const struct tm *fields)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = fields->tm_year + 1900;
    const bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return fields->tm_mday <= days[fields->tm_mon] + (fields->tm_mon == 1 && leaps ? 1 : 0);
}

/* What timegm gives for fields that are a date; it takes ten times as long. */
static int64_t seconds_of(const struct tm *fields)
{
    // Years from March on: the day that leap years have more is their last.
    const int months = (fields->tm_mon + 10) % 12;
    const int years = fields->tm_year + 1900 - (fields->tm_mon < 2 ? 1 : 0);
    const int days_of_years = 365 * years + years / 4 - years / 100 + years / 400;
    const int days_of_months = (153 * months + 2) / 5; // 31, 61, 92, 122, 153 …
    static const int days_to_1970 = 719468;
    const int64_t days = days_of_years + days_of_months + fields->tm_mday - 1 - days_to_1970;
    return ((days * 24 + fields->tm_hour) * 60 + fields->tm_min) * 60 + fields->tm_sec;
}

bool utc_parse(const char *text, utc_us *moment)
{
    struct tm fields;
    utc_us fraction = 0;
    utc_us offset = 0;
    if (!read_date_and_time(&text, &fields) || !has_day(&fields) ||
        !read_fraction(&text, &fraction) || !read_offset(&text, &offset)) {
        return false;
    }
    *moment = seconds_of(&fields) * UTC_SECOND + fraction - offset;
    return *moment < year_10000; // which an offset can lead to
}

/* Splits a moment into calendar fields and the microseconds of its second. */
static void split(utc_us moment, struct tm *fields, utc_us *fraction)
{
    utc_us seconds = moment / UTC_SECOND;
    *fraction = moment % UTC_SECOND;
    if (*fraction < 0) {
        *fraction += UTC_SECOND;
        seconds--;
    }
    const time_t when = (time_t)seconds;
    *fields = (struct tm){0};
    gmtime_r(&when, fields);
}

void utc_append_iso(struct buf *buf, utc_us moment)
{
    struct tm fields;
    utc_us fraction = 0;
    split(moment, &fields, &fraction);
    buf_format(buf, "%04d-%02d-%02dT%02d:%02d:%02d", fields.tm_year + 1900, fields.tm_mon + 1,
               fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec);
    if (fraction != 0) {
        int digits = 6;
        while (fraction % 10 == 0) {
            fraction /= 10;
            digits--;
        }
        buf_format(buf, ".%0*" PRId64, digits, fraction);
    }
    buf_text(buf, "Z");
}

void utc_append_minute(struct buf *buf, utc_us moment)
{
    struct tm fields;
    utc_us fraction = 0;
    split(moment, &fields, &fraction);
    buf_format(buf, "%04d-%02d-%02d %02d:%02d UTC", fields.tm_year + 1900, fields.tm_mon + 1,
               fields.tm_mday, fields.tm_hour, fields.tm_min);
}

void utc_append_span(struct buf *buf, utc_us span)
{
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    enum { UNITS = sizeof units / sizeof units[0] };

    int64_t left = span > 0 ? span / UTC_SECOND : 0;
    size_t largest = 0;
    while (largest < UNITS - 1 && left < units[largest].seconds) {
        largest++;
    }
    buf_format(buf, "%" PRId64 "%c", left / units[largest].seconds, units[largest].unit);
    left %= units[largest].seconds;
    if (largest + 1 < UNITS && left / units[largest + 1].seconds > 0) {
        buf_format(buf, " %" PRId64 "%c", left / units[largest + 1].seconds,
                   units[largest + 1].unit);
    }
}
