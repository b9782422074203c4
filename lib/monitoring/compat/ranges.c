// SPDX-License-Identifier: GPL-3.0-or-later
/* Ranges as the guidelines have them. The text is clean already: monitoring/range.h looked at it.
 */
#include "monitoring/mp.h"

#include <stdlib.h>
#include <string.h>

range *parse_range_string(char *text)
{
    range read = {.end_infinity = true, .alert_on = OUTSIDE};
    const char *at = text;
    if (*at == '@') {
        read.alert_on = INSIDE;
        at++;
    }
    const char *colon = strchr(at, ':');
    const char *end = colon != NULL ? colon + 1 : at;
    if (colon != NULL && *at == '~') {
        read.start_infinity = true;
    } else if (colon != NULL) {
        read.start = strtod(at, NULL);
    }
    if (*end != '\0') {
        read.end = strtod(end, NULL);
        read.end_infinity = false;
    }
    if (!read.start_infinity && !read.end_infinity && read.start > read.end) {
        return NULL;
    }
    range *made = malloc(sizeof *made);
    if (made != NULL) {
        *made = read;
    }
    return made;
}

bool check_range(double value, range *checked)
{
    const bool inside = (checked->start_infinity || value >= checked->start) &&
                        (checked->end_infinity || value <= checked->end);
    return inside == (checked->alert_on == INSIDE);
}

void range_free(range *freed)
{
    free(freed);
}
