// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/moment.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRACTION_DIGITS = 7 };

/* Whether `text` starts as `shape` does, where '0' in the shape stands for any digit. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++) {
        bool fits = *shape == '0' ? isdigit((unsigned char)*text) != 0 : *text == *shape;
        if (!fits) {
            return false;
        }
    }
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Moves *text past the fraction, ".0" to ".9999999". False: a dot without digits. */
static bool take_fraction(const char **text, moment *when)
{
    if (**text != '.') {
        return true;
    }
    (*text)++;
    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    for (moment unit = MOMENT_SECOND / 10; isdigit((unsigned char)**text); unit /= 10) {
        *when += unit * (*(*text)++ - '0');
    }
    return true;
}

bool moment_parse(const char *text, moment *when)
{
    if (!has_shape(text, "0000-00-00")) {
        return false;
    }
    struct tm fields = {.tm_year = two_digits(text) * 100 + two_digits(text + 2) - 1900,
                        .tm_mon = two_digits(text + 5) - 1,
                        .tm_mday = two_digits(text + 8)};
    const char *rest = text + 10;
    moment fraction = 0;
    if (*rest != '\0') {
        if (!has_shape(rest, "T00:00:00")) {
            return false;
        }
        fields.tm_hour = two_digits(rest + 1);
        fields.tm_min = two_digits(rest + 4);
        fields.tm_sec = two_digits(rest + 7);
        rest += 9;
        if (!take_fraction(&rest, &fraction)) {
            return false;
        }
        rest += *rest == 'Z';
    }
    const struct tm wanted = fields;
    time_t seconds = timegm(&fields);
    bool exists = wanted.tm_mon == fields.tm_mon && wanted.tm_mday == fields.tm_mday &&
                  wanted.tm_hour == fields.tm_hour && wanted.tm_min == fields.tm_min &&
                  wanted.tm_sec == fields.tm_sec;
    *when = (moment)seconds * MOMENT_SECOND + fraction;
    return exists && *rest == '\0';
}

static moment unit_of(char letter)
{
    static const struct {
        char letter;
        moment length;
    } units[] = {{'s', MOMENT_SECOND},
                 {'m', 60 * MOMENT_SECOND},
                 {'h', 3600 * MOMENT_SECOND},
                 {'d', MOMENT_DAY},
                 {'w', 7 * MOMENT_DAY}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].letter == letter) {
            return units[i].length;
        }
    }
    return 0;
}

bool moment_parse_scenario(const char *text, moment now, moment *when)
{
    if (*text != '-' && *text != '+') {
        return moment_parse(text, when);
    }
    moment distance = 0;
    const moment sign = *text == '-' ? -1 : 1;
    for (text++; *text != '\0';) {
        if (!isdigit((unsigned char)*text)) {
            return false;
        }
        char *end = NULL;
        long count = strtol(text, &end, 10);
        moment unit = unit_of(*end);
        if (unit == 0 || count > 1000000) {
            return false;
        }
        distance += count * unit;
        text = end + 1;
        text += strspn(text, " ");
    }
    *when = now + sign * distance;
    return true;
}

static moment split(moment when, struct tm *fields)
{
    moment fraction = ((when % MOMENT_SECOND) + MOMENT_SECOND) % MOMENT_SECOND;
    time_t seconds = (time_t)((when - fraction) / MOMENT_SECOND);
    gmtime_r(&seconds, fields);
    return fraction;
}

char *moment_text(struct arena *arena, moment when, int digits)
{
    struct tm fields = {0};
    moment fraction = split(when, &fields);
    char text[sizeof "2025-08-14T12:31:30"] = "";
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &fields);
    char tail[32] = "";
    snprintf(tail, sizeof tail, ".%06d0", (int)fraction);
    size_t length =
        digits > 0 ? 1 + (size_t)(digits < FRACTION_DIGITS ? digits : FRACTION_DIGITS) : 0;
    while (length > 0 && (tail[length - 1] == '0' || tail[length - 1] == '.')) {
        length--;
    }
    return arena_format(arena, "%s%.*sZ", text, (int)length, tail);
}

char *moment_bare_text(struct arena *arena, moment when)
{
    char *text = moment_text(arena, when, 0);
    text[strcspn(text, "Z")] = '\0';
    return text;
}

char *moment_http(struct arena *arena, moment when)
{
    struct tm fields = {0};
    split(when, &fields);
    char text[sizeof "Thu, 14 Aug 2025 12:31:30 GMT"] = "";
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &fields);
    return arena_copy(arena, text);
}

void moment_write_name(char name[MOMENT_NAME_SIZE], moment when)
{
    struct tm fields = {0};
    split(when, &fields);
    name[strftime(name, MOMENT_NAME_SIZE, "%Y-%m-%d %H:%M:%S", &fields)] = '\0';
}

char *moment_name(struct arena *arena, moment when)
{
    char *name = arena_take(arena, MOMENT_NAME_SIZE);
    moment_write_name(name, when);
    return name;
}
