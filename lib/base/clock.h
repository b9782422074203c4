// SPDX-License-Identifier: GPL-3.0-or-later
/* The only place that asks what time it is. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/utc.h"

/* The wall clock. */
utc_us clock_utc(void);

/* Milliseconds of a clock that nobody sets: for deadlines. */
int64_t clock_monotonic_ms(void);

/* How long this host has been up, asleep or not. Nobody sets this clock either. */
utc_us clock_uptime(void);

/* The same until the host is started again, and another one on each host; 0: it is not known. */
uint64_t clock_boot(void);

#endif
