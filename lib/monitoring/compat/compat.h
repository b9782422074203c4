// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The part of monitoring-plugins' vocabulary that the plugin uses, under the same names and with
 * the same meaning, for builds without that library. Other files include monitoring/mp.h.
 */
#ifndef MONITORING_COMPAT_COMPAT_H
#define MONITORING_COMPAT_COMPAT_H

#include <stdbool.h>

enum { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN };

/* "OK", "WARNING", "CRITICAL"; anything else is "UNKNOWN". */
const char *state_text(int state);
/* The worse of two: CRITICAL, WARNING, UNKNOWN, OK, in that order of weight. */
int max_state_alt(int a, int b);

/* What range.alert_on says: on values outside of start..end, or inside, the ends included. */
#define OUTSIDE 0
#define INSIDE 1

/* Its members' names are those of monitoring-plugins, and all that other files use of it. */
typedef struct range_struct {
    double start;
    bool start_infinity; // start is minus infinity
    double end;
    int end_infinity; // end is infinity; an int in monitoring-plugins as well
    int alert_on;     // OUTSIDE or INSIDE
} range;

/* Whether `value` breaks the range. */
bool check_range(double value, range *checked);

/*
 * Replaces each --extra-opts[=[SECTION][@FILE]] by the options of that section, which stand before
 * those of the command line, so that the latter win. SECTION is `plugin_name` where it is left out.
 * Gives `argv` itself where there is nothing to replace; a new vector lives until the program ends.
 * NULL: a fault, told by mp_extra_opts_error(); *argc is as it was.
 */
char **np_extra_opts(int *argc, char **argv, const char *plugin_name);

#endif
