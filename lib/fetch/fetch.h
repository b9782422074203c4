// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fills a site with what a scope is about: from EM, from a snapshot of EM's answers that many runs
 * share, or from a saved answer. It judges nothing.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "base/buf.h"
#include "base/fault.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "em/client.h"

/* Where from. All of it is borrowed. */
struct fetch_settings {
    struct em_settings em;
    const char *input;     // a file with a saved answer; NULL: EM is asked
    const char *snapshot;  // a directory; NULL: none
    double snapshot_age_s; // how old a snapshot may be
};

/* How far what is fetched can be trusted. */
enum site_trust fetch_trust(const struct fetch_settings *settings);

/*
 * A fault that concerns a part of the scope is kept in the site; one that concerns the whole run is
 * returned: -1. The requests are traced to `trace`. Free the site in either case.
 */
int fetch(const struct fetch_settings *settings, const struct scope *scope, struct site *site,
          struct buf *trace, struct fault *fault);

#endif
