// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * monitoring-plugins' plugins/utils.h, for mp_upstream.c alone, so that the compiler compares it
 * with what mp_upstream.h and mp_upstream.c declare. A system header for the same reason as there.
 */
#ifndef MONITORING_MP_UPSTREAM_UTILS_H
#define MONITORING_MP_UPSTREAM_UTILS_H

#pragma GCC system_header

#include "utils.h"

/* monitoring-plugins leaves this declaration to each plugin. */
void print_usage(void);

#endif
