// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/renew.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "fetch/live.h"
#include "fetch/remember.h"

/* How long everything that was asked for is good for, and with what changed since if that fails. */
static const utc_us full_period = INT64_C(3600) * UTC_SECOND;
static const utc_us longest_period = INT64_C(6) * 3600 * UTC_SECOND;

struct renewal {
    const struct scope *scope;
    struct earlier *earlier;
    struct site *site;
    utc_us now; // this host's
};

/* ---- what is to be asked ---- */

/* Why what changed is not enough, for all that is known before EM is asked. */
static enum site_renewed find_reason(const struct renewal *renewal)
{
    const struct earlier *earlier = renewal->earlier;
    const struct snapshot_origin *origin = &earlier->origin;
    if (!earlier->known) {
        return RENEWED_FIRST;
    }
    if (!origin->has_clock_offset) {
        return RENEWED_CLOCK;
    }
    if ((double)origin->reach < renewal->scope->since_s * (double)UTC_SECOND) {
        return RENEWED_REACH;
    }
    if (renewal->now - origin->asked > REFRESH_MARGIN || renewal->now < origin->asked) {
        return RENEWED_LATE;
    }
    return task_sessions_have_uids(&earlier->site.sessions) ? RENEWED_CHANGES : RENEWED_UNNAMED;
}

static bool is_within(utc_us moment, utc_us now, utc_us period)
{
    return moment <= now && now - moment < period;
}

static bool is_due(const struct renewal *renewal)
{
    const struct snapshot_origin *origin = &renewal->earlier->origin;
    return !is_within(origin->full_tried, renewal->now, full_period) ||
           !is_within(origin->full, renewal->now, longest_period);
}

/* ---- everything ---- */

/* Why EM told less than it did before; NULL: it did not. */
static const struct fault *find_lost(const struct site *fetched, const struct site *before)
{
    const struct fault *lost = NULL;
    for (size_t i = 0; i < SITE_TOPICS && lost == NULL; i++) {
        if (i != SITE_COLLECTION && fetched->answers[i].knowledge == SITE_FAILED &&
            before->answers[i].knowledge == SITE_TOLD) {
            lost = &fetched->answers[i].fault;
        }
    }
    return lost;
}

/* Adds the VMs that are remembered of `before`. It fails without memory only. */
static int remember(const struct site *before, struct em_client *client, struct site *fetched,
                    struct fault *trouble, struct fault *fault)
{
    utc_us offset = 0;
    em_client_clock_offset(client, &offset);
    if (!remember_applies(fetched) ||
        remember_vms(&before->sessions, clock_utc() + offset, &fetched->sessions, trouble) == 0) {
        return 0;
    }
    if (trouble->kind != FAULT_INTERNAL) {
        return 0;
    }
    *fault = *trouble;
    return -1;
}

/* Puts what EM told in the place of what it told before. */
static void replace(struct site *site, struct site *fetched)
{
    site_swap_told(site, fetched);
    for (size_t i = 0; i < fetched->notices.count; i++) {
        lines_add(&site->notices, "%s", fetched->notices.text[i]);
    }
    site->notices.left_out += fetched->notices.left_out;
}

/*
 * Asks for everything, for the reason that the site's renewal says. `is_of_use`: the site is what
 * changed since the last time.
 */
static int fetch_everything(const struct renewal *renewal, struct em_client *client, bool is_of_use,
                            struct fault *fault)
{
    struct site *site = renewal->site;
    cleanup_site struct site fetched = {.parts = NULL};
    struct fault trouble = {.kind = FAULT_NONE};
    if (site_init(&fetched, renewal->scope, fault) < 0) {
        return -1;
    }
    const int result = live_ask(client, renewal->scope, &fetched, live_all_stages, NULL, &trouble);
    // What could not be refreshed to its end has the earlier sessions.
    const struct site *earlier = &renewal->earlier->site;
    const struct site *before = earlier->sessions.count > 0 ? earlier : site;
    const struct fault *lost = result == 0                     ? find_lost(&fetched, before)
                               : trouble.kind == FAULT_TIMEOUT ? &trouble
                                                               : NULL;
    site->renewal.sessions += fetched.parts[0].read;
    if (lost != NULL && is_of_use &&
        is_within(renewal->earlier->origin.full, renewal->now, longest_period)) {
        site->renewal.overdue = true;
        site->renewal.why = *lost;
        return 0;
    }
    if (result < 0) {
        *fault = trouble;
        return -1;
    }
    if (remember(before, client, &fetched, &renewal->earlier->trouble, fault) < 0) {
        return -1;
    }
    replace(site, &fetched);
    return 0;
}

/* ---- what changed ---- */

static int refresh(struct asking *asking, void *context, struct fault *fault)
{
    return refresh_fetch(asking, context, fault);
}

static int renew(struct em_client *client, void *context, struct fault *fault)
{
    struct renewal *renewal = context;
    struct site_renewal *told = &renewal->site->renewal;
    bool is_of_use = false;
    told->what = find_reason(renewal);
    if (told->what == RENEWED_CHANGES) {
        if (live_ask(client, renewal->scope, renewal->site, refresh, renewal->earlier, fault) < 0) {
            return -1;
        }
        told->sessions = renewal->site->parts[0].read;
        is_of_use = told->what == RENEWED_CHANGES || told->what == RENEWED_SERVER ||
                    told->what == RENEWED_GONE;
        if (told->what == RENEWED_CHANGES && is_due(renewal)) {
            told->what = RENEWED_HOURLY;
        }
    }
    return told->what == RENEWED_CHANGES ? 0 : fetch_everything(renewal, client, is_of_use, fault);
}

int renew_fetch(const struct em_settings *settings, const struct scope *scope,
                struct earlier *earlier, struct site *site, struct buf *trace, struct fault *fault)
{
    struct renewal renewal = {.scope = scope, .earlier = earlier, .site = site, .now = clock_utc()};
    return live_session(settings, site, trace, renew, &renewal, fault);
}
