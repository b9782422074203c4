// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Looks at everything that checks rely on, within one logon session, by what checks ask: the same
 * functions and the same queries. It judges nothing.
 */
#ifndef FETCH_PROBE_H
#define FETCH_PROBE_H

#include "base/buf.h"
#include "cdp/probe.h"
#include "cdp/scope.h"
#include "em/client.h"

/*
 * Adds to `probe` a line for each thing, as far as it gets. What EM refuses is a line; what keeps
 * the plugin from its work is probe->fault. `scope` is of all VMs.
 */
void probe_fetch(const struct em_settings *settings, const struct scope *scope, struct probe *probe,
                 struct buf *trace);

#endif
