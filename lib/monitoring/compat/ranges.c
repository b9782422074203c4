// SPDX-License-Identifier: GPL-3.0-or-later
/* Ranges as the guidelines have them. */
#include "monitoring/mp.h"

bool check_range(double value, range *checked)
{
    const bool inside = (checked->start_infinity || value >= checked->start) &&
                        (checked->end_infinity || value <= checked->end);
    return inside == (checked->alert_on == INSIDE);
}
