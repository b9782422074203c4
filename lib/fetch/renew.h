// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks EM for the site of a new snapshot: for what changed since the last one, and once an hour, or
 * where that can't do, for everything.
 */
#ifndef FETCH_RENEW_H
#define FETCH_RENEW_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"
#include "fetch/refresh.h"

/*
 * As live_fetch does, for a scope of all VMs. site->renewal.what and .sessions say what was done.
 * If it is an hour since everything was asked for, and that can't be had in time, the site is what
 * it was then and what changed since, for six hours: site->renewal.overdue. VMs that only the
 * earlier snapshot has are remembered where EM does not tell of which it has replicas. What the
 * earlier site has may be taken.
 */
int renew_fetch(const struct em_settings *settings, const struct scope *scope,
                struct earlier *earlier, struct site *site, struct buf *trace, struct fault *fault);

#endif
