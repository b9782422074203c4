// SPDX-License-Identifier: GPL-3.0-or-later
/* What signs VMs show, as checks would see them, for a probe. Pure. */
#ifndef CDP_PROBE_VMS_H
#define CDP_PROBE_VMS_H

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/probe.h"
#include "cdp/scope.h"
#include "cdp/site.h"

/*
 * Adds to the line how many VMs the site has and which signs they show at `now` of EM's clock, and
 * chooses probe->vm. 0, or -1 if memory is short.
 */
int probe_vms_count(const struct scope *scope, const struct site *site, utc_us now,
                    struct probe *probe, struct probe_line *line, struct fault *fault);

/* Chooses probe->vm from sessions, if it is not chosen yet. */
void probe_vms_choose(const struct task_sessions *sessions, struct probe *probe);

#endif
