// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/range.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

enum {
    MOST_DIGITS = 15, // that many are exact in a double
    MOST_DECIMALS = 6,
    SHOWN_LIMIT = 60, // of a wrong text in a message
};

static const double largest_value = 1e18;

struct unit {
    const char *name;
    double factor;
};

static const struct unit durations[] = {
    {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}, {NULL, 0},
};

static const struct unit sizes[] = {
    {"B", 1},         {"kB", 1e3},         {"MB", 1e6},
    {"GB", 1e9},      {"TB", 1e12},        {"KiB", 1024},
    {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776},
    {NULL, 0},
};

static const struct unit percents[] = {{"%", 1}, {NULL, 0}};

static const struct {
    const struct unit *units;
    const char *names;
} families[] = {
    [UNIT_DURATION] = {durations, "s, m, h, d, w"},
    [UNIT_SIZE] = {sizes, "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"},
    [UNIT_PERCENT] = {percents, "%"},
};

/* A number as it is written: `digits`, all of them, divided by `scale`, a power of ten. */
struct decimal {
    double digits;
    double scale;
};

/*
 * Reads digits, with or without a point among them, and moves *at past them. Digit by digit, since
 * strtod would take hex, exponents, "inf", and the locale's point.
 */
static int read_number(const char **at, struct decimal *number, struct fault *fault)
{
    const char *text = *at;
    int count = 0;
    int decimals = 0;
    bool point = false;
    *number = (struct decimal){.digits = 0, .scale = 1};
    for (; isdigit((unsigned char)*text) || (*text == '.' && !point && count > 0); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        number->digits = number->digits * 10 + (*text - '0');
        count++;
        number->scale *= point ? 10 : 1;
        decimals += point ? 1 : 0;
    }
    if (count == 0) {
        return fault_set(fault, FAULT_USAGE, "a number is missing");
    }
    if (point && decimals == 0) {
        return fault_set(fault, FAULT_USAGE, "no digit follows the point");
    }
    if (count > MOST_DIGITS || decimals > MOST_DECIMALS) {
        return fault_set(fault, FAULT_USAGE, "a number has more than %d digits or %d decimals",
                         MOST_DIGITS, MOST_DECIMALS);
    }
    *at = text;
    return 0;
}

/* Reads what stands before the next colon or the end as a unit; nothing at all is the base unit. */
static int read_unit(const char **at, enum unit_family family, double *factor, struct fault *fault)
{
    const size_t length = strcspn(*at, ":");
    *factor = 1;
    if (length == 0) {
        return 0;
    }
    for (const struct unit *unit = families[family].units; unit->name != NULL; unit++) {
        if (strlen(unit->name) == length && memcmp(unit->name, *at, length) == 0) {
            *factor = unit->factor;
            *at += length;
            return 0;
        }
    }
    const size_t shown = text_boundary(*at, length < SHOWN_LIMIT ? length : SHOWN_LIMIT);
    return fault_set(fault, FAULT_USAGE, "'%.*s' behind a number is not one of the units %s",
                     (int)shown, *at, families[family].names);
}

/* Multiplies before it divides: "1.1h" is 3960, but 1.1 * 3600 is a bit more in doubles. */
static int read_quantity(const char **at, enum unit_family family, double *value,
                         struct fault *fault)
{
    struct decimal number;
    double factor = 1;
    if (read_number(at, &number, fault) < 0 || read_unit(at, family, &factor, fault) < 0) {
        return -1;
    }
    *value = number.digits * factor / number.scale;
    return *value <= largest_value ? 0 : fault_set(fault, FAULT_USAGE, "a number is too large");
}

static int read_signed_quantity(const char **at, enum unit_family family, double *value,
                                struct fault *fault)
{
    const bool negative = **at == '-';
    if (**at == '-' || **at == '+') {
        (*at)++;
    }
    if (read_quantity(at, family, value, fault) < 0) {
        return -1;
    }
    if (negative && *value > 0) { // there is no -0 in a range
        *value = -*value;
    }
    return 0;
}

/* Reads what stands before the colon, and moves past the colon. */
static int read_start(const char **at, enum unit_family family, range *read, struct fault *fault)
{
    if (**at == ':') {
        return fault_set(fault, FAULT_USAGE, "no start stands before the colon");
    }
    if (**at == '~') {
        read->start_infinity = true;
        (*at)++;
        if (**at != ':') {
            return fault_set(fault, FAULT_USAGE, "a colon must follow the ~");
        }
    } else if (read_signed_quantity(at, family, &read->start, fault) < 0) {
        return -1;
    }
    (*at)++;
    return 0;
}

static int read_range(const char *at, enum unit_family family, range *read, struct fault *fault)
{
    read->alert_on = *at == '@' ? INSIDE : OUTSIDE;
    if (read->alert_on == INSIDE) {
        at++;
    }
    const bool colon = strchr(at, ':') != NULL;
    if (colon && read_start(&at, family, read, fault) < 0) {
        return -1;
    }
    if (colon && *at == '\0') {
        read->end_infinity = true;
        return 0;
    }
    if (read_signed_quantity(&at, family, &read->end, fault) < 0) {
        return -1;
    }
    if (*at != '\0') {
        return fault_set(fault, FAULT_USAGE, "there is a second colon");
    }
    if (!read->start_infinity && read->start > read->end) {
        return fault_set(fault, FAULT_USAGE, "%s",
                         colon ? "the end is below the start"
                               : "the end is below 0, and so below the start");
    }
    return 0;
}

range *range_read(const char *text, enum unit_family units, struct fault *fault)
{
    range read = {.start = 0}; // some versions of monitoring-plugins keep a text in it: NULL
    if (read_range(text, units, &read, fault) < 0) {
        cleanup_buf struct buf shown;
        buf_init(&shown, SHOWN_LIMIT);
        text_append_clean(&shown, text, SHOWN_LIMIT);
        fault_wrap(fault, "'%s' is not a range such as 10, 10:, ~:10, 10:20 or @10:20",
                   buf_string(&shown));
        return NULL;
    }
    range *made = malloc(sizeof *made);
    if (made == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    *made = read;
    return made;
}

bool range_can_break(const range *thresholds)
{
    const bool has_some = thresholds->end_infinity || thresholds->end >= 0;
    const bool has_all =
        thresholds->end_infinity && (thresholds->start_infinity || thresholds->start <= 0);
    return thresholds->alert_on == INSIDE ? has_some : !has_all;
}

bool range_is_broken(const range *thresholds, double value)
{
    range copy = *thresholds; // check_range() takes no const range
    return check_range(value, &copy);
}

void range_append(struct buf *buf, const range *thresholds)
{
    const bool starts_at_0 =
        !thresholds->start_infinity && thresholds->start <= 0 && thresholds->start >= 0;
    const bool inside = thresholds->alert_on == INSIDE;
    buf_text(buf, inside ? "@" : "");
    if (thresholds->start_infinity) {
        buf_text(buf, "~:");
    } else if (!starts_at_0 || inside || thresholds->end_infinity) {
        number_append(buf, thresholds->start);
        buf_text(buf, ":");
    }
    if (!thresholds->end_infinity) {
        number_append(buf, thresholds->end);
    }
}

bool duration_read(const char *text, double *seconds)
{
    struct fault ignored;
    double read = 0;
    if (read_quantity(&text, UNIT_DURATION, &read, &ignored) < 0 || *text != '\0') {
        return false;
    }
    *seconds = read;
    return true;
}
