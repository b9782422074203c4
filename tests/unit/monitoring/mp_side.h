// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One implementation of the monitoring-plugins vocabulary, behind plain types, so that a test can
 * hold two of them: mp_side.c is compiled once with each.
 */
#ifndef TESTS_UNIT_MP_SIDE_H
#define TESTS_UNIT_MP_SIDE_H

#include <stdbool.h>

struct range_case {
    double start;
    double end;
    bool start_infinity;
    bool end_infinity;
    bool inside;
};

struct mp_side {
    bool (*is_broken)(const struct range_case *range_case, double value);
    const char *(*state_text)(int state);
    int (*max_state_alt)(int a, int b);
    char **(*extra_opts)(int *argc, char **argv, const char *plugin_name);
};

extern const struct mp_side upstream_side;
extern const struct mp_side compat_side;

#endif
