// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetch.h"

#include "fetch/live.h"
#include "fetch/saved.h"
#include "fetch/shared.h"

int fetch(const struct fetch_settings *settings, const struct scope *scope, struct site *site,
          struct buf *trace, struct fault *fault)
{
    if (site_init(site, scope, fault) < 0) {
        return -1;
    }
    if (settings->input != NULL) {
        return fetch_saved(settings->input, site, fault);
    }
    if (settings->snapshot == NULL) {
        return fetch_live(&settings->em, scope, site, trace, fault);
    }
    const struct shared_settings shared = {&settings->em, settings->snapshot,
                                           settings->snapshot_age_s};
    return fetch_shared(&shared, scope, site, trace, fault);
}
