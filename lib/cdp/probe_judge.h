// SPDX-License-Identifier: GPL-3.0-or-later
/* What of an EM that was probed is as this plugin relies on, and what people should do else. Pure.
 */
#ifndef CDP_PROBE_JUDGE_H
#define CDP_PROBE_JUDGE_H

#include "cdp/probe.h"

/*
 * Sets outcome and advice of each line by what was seen, and the durations that it proposes for
 * --idle-after and --overdue-after if most VMs show that sign.
 */
void probe_judge(struct probe *probe);

#endif
