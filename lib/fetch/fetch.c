// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetch.h"

#include "fetch/live.h"
#include "fetch/saved.h"
#include "fetch/shared.h"

enum site_trust fetch_trust(const struct fetch_settings *settings)
{
    const struct em_server *server = &settings->em.server;
    if (settings->input != NULL) {
        return SITE_TRUSTED;
    }
    return server->plain ? SITE_UNENCRYPTED : server->insecure ? SITE_UNVERIFIED : SITE_TRUSTED;
}

int fetch(const struct fetch_settings *settings, const struct scope *scope, struct site *site,
          struct buf *trace, struct fault *fault)
{
    const int made = site_init(site, scope, fault);
    site->trust = fetch_trust(settings);
    if (made < 0) {
        return -1;
    }
    if (settings->input != NULL) {
        return saved_fetch(settings->input, site, fault);
    }
    // Whether EM answers is asked of EM.
    if (settings->snapshot == NULL || scope->kind == SCOPE_EM) {
        return live_fetch(&settings->em, scope, site, trace, fault);
    }
    const struct shared_settings shared = {&settings->em, settings->snapshot,
                                           settings->snapshot_age_s};
    return shared_fetch(&shared, scope, site, trace, fault);
}
