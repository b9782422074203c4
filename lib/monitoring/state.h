// SPDX-License-Identifier: GPL-3.0-or-later
/* The states of a check in words, and in order. */
#ifndef MONITORING_STATE_H
#define MONITORING_STATE_H

#include <stdbool.h>

#include "monitoring/mp.h"

enum { STATES = STATE_UNKNOWN + 1 };

/* "ok", "warning": as counts are labelled and people write them. state_text() is for headlines. */
extern const char *const state_words[STATES];

/* All of them, the weightiest first. */
extern const int states_by_weight[STATES];

/* Reads ok, warning, critical, unknown, in any case, or 0 to 3. */
bool state_read(const char *text, int *state);

#endif
