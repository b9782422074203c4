// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetch.h"

#include "base/clock.h"
#include "fetch/lag.h"
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

static int ask_for_points(struct asking *asking, void *context, struct fault *fault)
{
    (void)context;
    return lag_fetch(asking, fault);
}

struct fetching {
    const struct scope *scope;
    struct site *site;
};

static int work_on_points(struct em_client *client, void *context, struct fault *fault)
{
    const struct fetching *fetching = context;
    return live_ask(client, fetching->scope, fetching->site, ask_for_points, NULL, fault);
}

/* A snapshot is too old for restore points. If EM does not answer, the rest of it stands. */
static int fetch_points(const struct em_settings *settings, const struct scope *scope,
                        struct site *site, struct buf *trace, struct fault *fault)
{
    struct fetching fetching = {scope, site};
    struct fault why = {.kind = FAULT_NONE};
    if (live_session(settings, site, trace, work_on_points, &fetching, &why) == 0) {
        return 0;
    }
    if (why.kind == FAULT_TERMINATED || why.kind == FAULT_INTERNAL) {
        *fault = why;
        return -1;
    }
    return lag_forgo(scope, site, clock_utc() + site->clock_offset, &why, fault);
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
    if (shared_fetch(&shared, scope, site, trace, fault) < 0) {
        return -1;
    }
    return scope->points && site->from_snapshot
               ? fetch_points(&settings->em, scope, site, trace, fault)
               : 0;
}
