// SPDX-License-Identifier: GPL-3.0-or-later
/* MP_SIDE, from the command line, is the name that this compilation's implementation gets. */
#include "mp_side.h"

#include <stdlib.h>
#include <string.h>

#include "monitoring/mp.h"

static range *parse(const char *text)
{
    char *copy = strdup(text);
    range *parsed = copy != NULL ? parse_range_string(copy) : NULL;
    free(copy);
    return parsed;
}

static bool read_range(const char *text, struct range_reading *reading)
{
    range *parsed = parse(text);
    if (parsed == NULL) {
        return false;
    }
    *reading = (struct range_reading){
        .start_infinity = parsed->start_infinity != 0,
        .end_infinity = parsed->end_infinity != 0,
        .inside = parsed->alert_on == INSIDE,
        .start = parsed->start_infinity ? 0 : parsed->start,
        .end = parsed->end_infinity ? 0 : parsed->end,
    };
    range_free(parsed);
    return true;
}

static bool is_broken(const char *text, double value)
{
    range *parsed = parse(text);
    if (parsed == NULL) {
        abort();
    }
    const bool broken = check_range(value, parsed);
    range_free(parsed);
    return broken;
}

const struct mp_side MP_SIDE = {read_range, is_broken, state_text, max_state_alt, np_extra_opts};
