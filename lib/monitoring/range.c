// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/range.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

enum {
    MOST_DIGITS = 15, // that many are exact in a double
    MOST_DECIMALS = 6,
    CANONICAL_LIMIT = 128,
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

static const struct {
    const struct unit *units;
    const char *names;
} families[] = {
    [UNIT_DURATION] = {durations, "s, m, h, d, w"},
    [UNIT_SIZE] = {sizes, "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"},
};

/* What a range's text says, in base units. */
struct bounds {
    bool alert_inside;
    bool from_minus_infinity;
    bool to_infinity;
    double start;
    double end;
};

/*
 * Reads digits, with or without a point among them, and moves *at past them. Digit by digit, since
 * strtod would take hex, exponents, "inf", and the locale's point.
 */
static int read_number(const char **at, double *number, struct fault *fault)
{
    const char *text = *at;
    double digits = 0;
    double scale = 1;
    int count = 0;
    int decimals = 0;
    bool point = false;
    for (; isdigit((unsigned char)*text) || (*text == '.' && !point && count > 0); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        digits = digits * 10 + (*text - '0');
        count++;
        scale *= point ? 10 : 1;
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
    *number = digits / scale;
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

static int read_quantity(const char **at, enum unit_family family, double *value,
                         struct fault *fault)
{
    double factor = 1;
    if (read_number(at, value, fault) != 0 || read_unit(at, family, &factor, fault) != 0) {
        return -1;
    }
    *value *= factor;
    return *value <= largest_value ? 0 : fault_set(fault, FAULT_USAGE, "a number is too large");
}

static int read_signed_quantity(const char **at, enum unit_family family, double *value,
                                struct fault *fault)
{
    const bool negative = **at == '-';
    if (**at == '-' || **at == '+') {
        (*at)++;
    }
    if (read_quantity(at, family, value, fault) != 0) {
        return -1;
    }
    if (negative && *value > 0) { // there is no -0 in a range
        *value = -*value;
    }
    return 0;
}

/* Reads what stands before the colon, and moves past the colon. */
static int read_start(const char **at, enum unit_family family, struct bounds *bounds,
                      struct fault *fault)
{
    if (**at == ':') {
        return fault_set(fault, FAULT_USAGE, "no start stands before the colon");
    }
    if (**at == '~') {
        bounds->from_minus_infinity = true;
        (*at)++;
        if (**at != ':') {
            return fault_set(fault, FAULT_USAGE, "a colon must follow the ~");
        }
    } else if (read_signed_quantity(at, family, &bounds->start, fault) != 0) {
        return -1;
    }
    (*at)++;
    return 0;
}

static int read_bounds(const char *at, enum unit_family family, struct bounds *bounds,
                       struct fault *fault)
{
    *bounds = (struct bounds){.alert_inside = *at == '@'};
    if (bounds->alert_inside) {
        at++;
    }
    const bool colon = strchr(at, ':') != NULL;
    if (colon && read_start(&at, family, bounds, fault) != 0) {
        return -1;
    }
    bounds->to_infinity = colon && *at == '\0';
    if (bounds->to_infinity) {
        return 0;
    }
    if (read_signed_quantity(&at, family, &bounds->end, fault) != 0) {
        return -1;
    }
    if (*at != '\0') {
        return fault_set(fault, FAULT_USAGE, "there is a second colon");
    }
    if (!bounds->from_minus_infinity && bounds->start > bounds->end) {
        return fault_set(fault, FAULT_USAGE, "%s",
                         colon ? "the end is below the start"
                               : "the end is below 0, and so below the start");
    }
    return 0;
}

/* The bounds as a text without units, which every version of parse_range_string reads alike. */
static range *parse_canonical(const struct bounds *bounds)
{
    struct buf canonical cleanup_buf;
    buf_init(&canonical, CANONICAL_LIMIT);
    buf_text(&canonical, bounds->alert_inside ? "@" : "");
    if (bounds->from_minus_infinity) {
        buf_text(&canonical, "~:");
    } else {
        buf_format(&canonical, "%.*f:", MOST_DECIMALS, bounds->start);
    }
    if (!bounds->to_infinity) {
        buf_format(&canonical, "%.*f", MOST_DECIMALS, bounds->end);
    }
    return canonical.failure == BUF_FINE ? parse_range_string(canonical.text) : NULL;
}

range *range_read(const char *text, enum unit_family units, struct fault *fault)
{
    struct bounds bounds;
    if (read_bounds(text, units, &bounds, fault) != 0) {
        struct buf shown cleanup_buf;
        buf_init(&shown, SHOWN_LIMIT);
        text_append_clean(&shown, text, SHOWN_LIMIT);
        fault_wrap(fault, "'%s' is not a range such as 10, 10:, ~:10, 10:20 or @10:20",
                   buf_string(&shown));
        return NULL;
    }
    range *read = parse_canonical(&bounds);
    if (read == NULL) {
        fault_no_memory(fault);
    }
    return read;
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
    if (read_quantity(&text, UNIT_DURATION, &read, &ignored) != 0 || *text != '\0') {
        return false;
    }
    *seconds = read;
    return true;
}
