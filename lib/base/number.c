// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

static const double whole_from = 9007199254740992.0; // 2^53: no double above it has a fraction

void number_append(struct buf *buf, double value)
{
    if (!isfinite(value)) {
        return;
    }
    if (value >= whole_from || value <= -whole_from) {
        buf_format(buf, "%.0f", value);
        return;
    }
    const double magnitude = fabs(value);
    int64_t whole = (int64_t)magnitude;
    int64_t fraction = (int64_t)((magnitude - (double)whole) * 1000 + 0.5);
    if (fraction == 1000) {
        whole++;
        fraction = 0;
    }
    const bool negative = value < 0 && (whole != 0 || fraction != 0); // never "-0"
    buf_format(buf, "%s%" PRId64, negative ? "-" : "", whole);
    if (fraction != 0) {
        int digits = 3;
        while (fraction % 10 == 0) {
            fraction /= 10;
            digits--;
        }
        buf_format(buf, ".%0*" PRId64, digits, fraction);
    }
}
