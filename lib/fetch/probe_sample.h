// SPDX-License-Identifier: GPL-3.0-or-later
/* What a page of the newest task sessions says of how EM writes them. */
#ifndef FETCH_PROBE_SAMPLE_H
#define FETCH_PROBE_SAMPLE_H

#include "fetch/probing.h"

/* Asks how many task sessions there are, and for the newest. 0, or -1: checks can't be answered. */
int probe_sample_read(struct probing *probing, struct fault *fault);

/* Adds the line on members that are absent or null in those of the entities that run. */
void probe_sample_add_running(struct probing *probing, const cJSON *entities);

#endif
