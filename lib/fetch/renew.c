// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/renew.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "fetch/live.h"
#include "fetch/remember.h"

/* How long everything that was asked for is good for, and with what changed since if that fails. */
static const utc_us full_period = INT64_C(3600) * UTC_SECOND;
static const utc_us longest_period = INT64_C(6) * 3600 * UTC_SECOND;

/* How far ahead of a clock a snapshot may be: it may be another host's, and clocks are read. */
static const utc_us tolerated_skew = 5 * UTC_SECOND;

struct renewing {
    const struct renewal *wanted;
    struct site *site;
    utc_us now; // this host's
};

/* ---- what is to be asked ---- */

/* Why what changed is not enough, for all that is known before EM is asked. */
static enum site_renewed find_reason(const struct renewing *renewing)
{
    const struct earlier *earlier = renewing->wanted->earlier;
    const struct snapshot_origin *origin = &earlier->origin;
    if (!earlier->known) {
        return RENEWED_FIRST;
    }
    if (!origin->has_clock_offset || origin->asked - renewing->now > tolerated_skew) {
        return RENEWED_CLOCK;
    }
    if (origin->reach < scope_reach(renewing->wanted->scope)) {
        return RENEWED_REACH;
    }
    if (renewing->now - origin->asked > REFRESH_MARGIN) {
        return RENEWED_LATE;
    }
    return task_sessions_have_uids(&earlier->site.sessions) ? RENEWED_CHANGES : RENEWED_UNNAMED;
}

/* Whether it is less long ago than the period, by EM's clock. */
static bool is_within(const struct renewing *renewing, struct em_client *client, utc_us moment,
                      utc_us period)
{
    utc_us offset = 0;
    em_client_clock_offset(client, &offset);
    const utc_us age = renewing->now + offset - moment;
    return age > -tolerated_skew && age < period;
}

static bool is_due(const struct renewing *renewing, struct em_client *client)
{
    const struct snapshot_origin *origin = &renewing->wanted->earlier->origin;
    return !is_within(renewing, client, origin->full_tried, full_period) ||
           !is_within(renewing, client, origin->full, longest_period);
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

/* Puts what EM told in the place of what it told before, unless it did not tell how old that is. */
static void replace(struct site *site, struct site *fetched)
{
    const struct site_answer *age = &fetched->answers[SITE_COLLECTION];
    if (age->knowledge == SITE_FAILED && site->answers[SITE_COLLECTION].knowledge == SITE_TOLD) {
        const struct collection collection = fetched->collection;
        fetched->collection = site->collection;
        site->collection = collection;
        fetched->answers[SITE_COLLECTION] = site->answers[SITE_COLLECTION];
    }
    site_swap_told(site, fetched);
    for (size_t i = 0; i < fetched->notices.count; i++) {
        lines_add(&site->notices, "%s", fetched->notices.text[i]);
    }
    site->notices.left_out += fetched->notices.left_out;
}

/* Whether the fault is of EM or of the time, and not of the run or its user. */
static bool may_pass(enum fault_kind kind)
{
    return kind != FAULT_TERMINATED && kind != FAULT_INTERNAL && kind != FAULT_LOGON;
}

/* Asks EM for everything. */
static int fetch_everything(const struct renewing *renewing, struct em_client *client,
                            struct site *fetched, struct fault *fault)
{
    const struct scope *scope = renewing->wanted->scope;
    if (site_init(fetched, scope, fault) < 0) {
        return -1;
    }
    const int result = live_ask(client, scope, fetched, live_all_stages, NULL, fault);
    renewing->site->renewal.sessions += fetched->parts[0].read;
    return result;
}

/* Everything is the site then, if EM tells it. */
static int renew_all(const struct renewing *renewing, struct em_client *client, struct fault *fault)
{
    struct earlier *earlier = renewing->wanted->earlier;
    cleanup_site struct site fetched = {.parts = NULL};
    // What could not be refreshed to its end has the earlier sessions.
    const struct site *before = earlier->site.sessions.count > 0 ? &earlier->site : renewing->site;
    if (fetch_everything(renewing, client, &fetched, fault) < 0 ||
        remember(before, client, &fetched, &earlier->trouble, fault) < 0) {
        return -1;
    }
    replace(renewing->site, &fetched);
    return 0;
}

/* The same, but the site has what changed, and is kept if EM does not tell everything again. */
static int renew_all_or_keep(const struct renewing *renewing, struct em_client *client,
                             struct fault *fault)
{
    struct site *site = renewing->site;
    cleanup_site struct site fetched = {.parts = NULL};
    struct fault trouble = {.kind = FAULT_NONE};
    site->renewal.overdue = true;
    site->has_clock_offset = em_client_clock_offset(client, &site->clock_offset);
    renewing->wanted->keep(renewing->wanted->context, site);
    const int result = fetch_everything(renewing, client, &fetched, &trouble);
    const struct fault *lost = result < 0 ? &trouble : find_lost(&fetched, site);
    if (lost != NULL && may_pass(lost->kind) &&
        is_within(renewing, client, renewing->wanted->earlier->origin.full, longest_period)) {
        site->renewal.why = *lost;
        return 0;
    }
    if (result < 0) {
        *fault = trouble;
        return -1;
    }
    site->renewal.overdue = false;
    if (remember(site, client, &fetched, &renewing->wanted->earlier->trouble, fault) < 0) {
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

/* Whether a site that was refreshed is of use though everything is to be asked for. */
static bool has_what_changed(enum site_renewed what)
{
    return what == RENEWED_HOURLY || what == RENEWED_GONE || what == RENEWED_SERVER ||
           what == RENEWED_UNJOINED;
}

static int renew(struct em_client *client, void *context, struct fault *fault)
{
    const struct renewing *renewing = context;
    const struct renewal *wanted = renewing->wanted;
    struct site_renewal *renewal = &renewing->site->renewal;
    renewal->what = find_reason(renewing);
    if (renewal->what != RENEWED_CHANGES) {
        return renew_all(renewing, client, fault);
    }
    if (live_ask(client, wanted->scope, renewing->site, refresh, wanted->earlier, fault) < 0) {
        return -1;
    }
    renewal->sessions = renewing->site->parts[0].read;
    if (renewal->what == RENEWED_CHANGES && is_due(renewing, client)) {
        renewal->what = RENEWED_HOURLY;
    }
    if (renewal->what == RENEWED_CHANGES) {
        return 0;
    }
    return has_what_changed(renewal->what) ? renew_all_or_keep(renewing, client, fault)
                                           : renew_all(renewing, client, fault);
}

int renew_fetch(const struct renewal *renewal, struct site *site, struct buf *trace,
                struct fault *fault)
{
    struct renewing renewing = {.wanted = renewal, .site = site, .now = clock_utc()};
    return live_session(renewal->em, site, trace, renew, &renewing, fault);
}
