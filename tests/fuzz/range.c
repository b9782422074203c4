// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A threshold as people write it, written as performance data has it, and read again: it must mean
 * the same but for what three decimals can't tell. An odd first byte stands for sizes, an even one
 * for durations; the threshold follows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "monitoring/range.h"

enum { MOST_DIGITS = 15 };

/* Half of the last decimal of performance data, and what a double loses on the way. */
static double tolerance(double value)
{
    return 0.000501 + fabs(value) * 1e-15;
}

static bool is_same_bound(bool infinity, double value, bool other_infinity, double other)
{
    return infinity == other_infinity && (infinity || fabs(value - other) <= tolerance(value));
}

static bool is_near_bound(const range *thresholds, double value)
{
    return (!thresholds->start_infinity &&
            fabs(value - thresholds->start) <= 2 * tolerance(value)) ||
           (!thresholds->end_infinity && fabs(value - thresholds->end) <= 2 * tolerance(value));
}

static void check_same(const range *first, const range *second)
{
    const double start = first->start_infinity ? 0 : first->start;
    const double end = first->end_infinity ? start : first->end;
    const double probes[] = {
        -1e19,     -1,          0,         0.5,          1,          60,
        3600,      1e9,         1e19,      start,        end,        start - 0.5,
        end - 0.5, start + 0.5, end + 0.5, start - 2000, end + 2000, start / 2 + end / 2,
    };
    REQUIRE(first->alert_on == second->alert_on);
    REQUIRE(
        is_same_bound(first->start_infinity, first->start, second->start_infinity, second->start));
    REQUIRE(is_same_bound(first->end_infinity != 0, first->end, second->end_infinity != 0,
                          second->end));
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        REQUIRE(is_near_bound(first, probes[i]) ||
                range_is_broken(first, probes[i]) == range_is_broken(second, probes[i]));
    }
}

/* A size of more digits than people may write is fine in performance data. */
static bool has_long_number(const char *text)
{
    static const char digits[] = "0123456789.";
    for (; *text != '\0'; text += *text != '\0' ? 1 : 0) {
        const size_t length = strspn(text, digits);
        if (length > MOST_DIGITS) {
            return true;
        }
        text += length;
    }
    return false;
}

static void check_range_again(const range *thresholds, enum unit_family units)
{
    struct buf text;
    struct fault fault;
    buf_init(&text, 1024);
    range_append(&text, thresholds);
    REQUIRE(text.failure == BUF_FINE && text.length > 0);
    range *again = range_read(text.text, units, &fault);
    REQUIRE(again != NULL || has_long_number(text.text));
    if (again != NULL) {
        check_same(thresholds, again);
    }
    free(again);
    buf_free(&text);
}

static void check_fault(const struct fault *fault, const char *text)
{
    REQUIRE(fault->kind == FAULT_USAGE);
    REQUIRE(fault->text[0] != '\0' && strnlen(fault->text, FAULT_TEXT_SIZE) < FAULT_TEXT_SIZE);
    REQUIRE(fuzz_is_utf8(fault->text, strlen(fault->text)) || !fuzz_is_utf8(text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fault fault = {.kind = FAULT_NONE};
    double seconds = 0;
    if (size == 0) {
        return 0;
    }
    const enum unit_family units = (bytes[0] & 1) != 0 ? UNIT_SIZE : UNIT_DURATION;
    char *text = fuzz_text(bytes + 1, size - 1);
    range *thresholds = range_read(text, units, &fault);
    if (thresholds == NULL) {
        check_fault(&fault, text);
    } else {
        check_range_again(thresholds, units);
    }
    if (duration_read(text, &seconds)) {
        REQUIRE(seconds >= 0 && isfinite(seconds));
        REQUIRE(units != UNIT_DURATION ||
                (thresholds != NULL && fabs(thresholds->end - seconds) <= tolerance(seconds)));
    }
    free(thresholds);
    free(text);
    return 0;
}
