// SPDX-License-Identifier: GPL-3.0-or-later
/* MP_SIDE, from the command line, is the name that this compilation's implementation gets. */
#include "mp_side.h"

#include "monitoring/mp.h"

static bool is_broken(const struct range_case *range_case, double value)
{
    range checked = {
        .start = range_case->start,
        .start_infinity = range_case->start_infinity,
        .end = range_case->end,
        .end_infinity = range_case->end_infinity,
        .alert_on = range_case->inside ? INSIDE : OUTSIDE,
    };
    return check_range(value, &checked);
}

const struct mp_side MP_SIDE = {is_broken, state_text, max_state_alt, np_extra_opts};
