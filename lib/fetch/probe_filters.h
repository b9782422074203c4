// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether EM honours the filters that checks use. */
#ifndef FETCH_PROBE_FILTERS_H
#define FETCH_PROBE_FILTERS_H

#include "fetch/probing.h"

/* Tries those on task sessions, by the sample. 0, or -1 with a fault that ends the probe. */
int probe_filters_try_sessions(struct probing *probing, struct fault *fault);

/* Tries those by the name of a policy, when policies are known. The same. */
int probe_filters_try_policies(struct probing *probing, struct fault *fault);

#endif
