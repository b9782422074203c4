// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * monitoring-plugins' headers, for monitoring/mp.h alone.
 *
 * They include "config.h" and gnulib's headers by quoted names. MP_CPPFLAGS gives their folders
 * with -iquote, so gnulib's <stdio.h> and its kin, which lie in the same folder, never stand in for
 * the system's. Being a system header itself, this file keeps our warnings out of theirs.
 */
#ifndef MONITORING_MP_UPSTREAM_H
#define MONITORING_MP_UPSTREAM_H

#pragma GCC system_header

#include <stdbool.h>
#include "common.h"
#include "utils_base.h"
#include "extra_opts.h"

/*
 * From plugins/utils.h, which would bring in names as common as usage, strip and max besides;
 * mp_upstream.c compares the two declarations.
 */
int max_state_alt(int, int);

/* Macros of common.h and config.h that a file of ours might mean something else by. */
#undef _
#undef PACKAGE
#undef PACKAGE_BUGREPORT
#undef PACKAGE_NAME
#undef PACKAGE_STRING
#undef PACKAGE_TARNAME
#undef PACKAGE_URL
#undef PACKAGE_VERSION
#undef VERSION

#endif
