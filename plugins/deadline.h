// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The last resort behind the timeouts of libcurl: an alarm that ends the run with its report
 * wherever it hangs, be it a resolver, a disk or standard input.
 */
#ifndef PLUGINS_DEADLINE_H
#define PLUGINS_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Arms the alarm. In `after_ms`, standard output gets `report` and the program ends with `state`.
 * The report is copied; one of more than 4,000 bytes is cut.
 */
void deadline_arm(int64_t after_ms, const char *report, size_t length, int state);

/* From here on the run prints its own report. */
void deadline_disarm(void);

#endif
