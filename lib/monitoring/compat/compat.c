// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/compat/compat.h"

#include <stddef.h>

const char *state_text(int state)
{
    static const char *const names[] = {
        [STATE_OK] = "OK",
        [STATE_WARNING] = "WARNING",
        [STATE_CRITICAL] = "CRITICAL",
        [STATE_UNKNOWN] = "UNKNOWN",
    };
    return state >= STATE_OK && state <= STATE_UNKNOWN ? names[state] : names[STATE_UNKNOWN];
}

int max_state_alt(int a, int b)
{
    static const int by_weight[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN, STATE_OK};
    for (size_t i = 0; i < sizeof by_weight / sizeof by_weight[0]; i++) {
        if (a == by_weight[i] || b == by_weight[i]) {
            return by_weight[i];
        }
    }
    return a > b ? a : b;
}

bool check_range(double value, range *checked)
{
    const bool inside = (checked->start_infinity || value >= checked->start) &&
                        (checked->end_infinity || value <= checked->end);
    return inside == (checked->alert_on == INSIDE);
}
