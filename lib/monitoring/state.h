// SPDX-License-Identifier: GPL-3.0-or-later
/* The states of a check, as people write them. */
#ifndef MONITORING_STATE_H
#define MONITORING_STATE_H

#include <stdbool.h>

/* Reads ok, warning, critical, unknown, in any case, or 0 to 3. */
bool state_read(const char *text, int *state);

#endif
