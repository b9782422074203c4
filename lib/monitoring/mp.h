// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The vocabulary of monitoring-plugins: states, ranges, extra-opts. It comes from that project's
 * library where configure was given --with-monitoring-plugins=DIR, else from the subset in
 * monitoring/compat; a file that includes this header can't tell, and may include it anywhere.
 */
#ifndef MONITORING_MP_H
#define MONITORING_MP_H

#include <stdbool.h>

#ifdef WITH_MONITORING_PLUGINS
#include "monitoring/mp_upstream.h"
#else
#include "monitoring/compat/compat.h"
#endif

/*
 * Why the last np_extra_opts returned NULL: names the file, the line and what is wrong there; NULL
 * where it did not. monitoring-plugins' own np_extra_opts never returns NULL: it prints its reason
 * and ends the program with STATE_UNKNOWN.
 */
const char *mp_extra_opts_error(void);

#endif
