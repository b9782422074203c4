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

/* What a new snapshot is made of. All of it is borrowed. */
struct renewal {
    const struct em_settings *em;
    const struct scope *scope; // of all VMs
    struct earlier *earlier;   // what its site has may be taken
    // Keeps a site of which it is known that not everything was asked for: that may take too long.
    void (*keep)(void *context, const struct site *site);
    void *context; // for the function
};

/*
 * Like live_fetch, for a site that was initialised. site->renewal says what was done. If it is an
 * hour since everything was asked for, and EM does not tell all of it again, the site is what it
 * was then and what changed since, for six hours: site->renewal.overdue. VMs that only the earlier
 * snapshot has are remembered if EM does not tell which VMs it has replicas of.
 */
int renew_fetch(const struct renewal *renewal, struct site *site, struct buf *trace,
                struct fault *fault);

#endif
