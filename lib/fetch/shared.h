// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fills a site from a snapshot that many runs share. The one that finds it too old asks EM for all
 * VMs and puts a new one in its place; the others wait for that.
 */
#ifndef FETCH_SHARED_H
#define FETCH_SHARED_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"

/* All of it is borrowed. */
struct shared_settings {
    const struct em_settings *em;
    const char *directory;
    double age_s; // how old a snapshot may be
};

/*
 * As fetch does, for a site that was initialised and a scope of any kind but SCOPE_ID. The runs
 * whose scope has the same since_s share. If the snapshot can't be used, EM is asked as without it,
 * and a notice says why.
 */
int shared_fetch(const struct shared_settings *settings, const struct scope *scope,
                 struct site *site, struct buf *trace, struct fault *fault);

#endif
