// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/sign.h"

const char *const sign_words[SIGNS] = {[SIGN_IDLE] = "idle",
                                       [SIGN_OVERDUE] = "overdue",
                                       [SIGN_DISABLED] = "disabled",
                                       [SIGN_UNCOVERED] = "uncovered"};

static const double hour = 3600;
static const double policy_session_s = 24 * 3600; // EM starts a new one each day; none is longer

static utc_us microseconds(double seconds)
{
    return (utc_us)(seconds * (double)UTC_SECOND);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* How long a VM may be without a session that runs. */
static double idle_limit(const struct sign_view *view)
{
    return view->limits.idle_s + (view->policy != NULL ? view->policy->replication_pause_s : 0);
}

/*
 * How long a session may run. The first one of a VM copies all of it, so until it has completed it
 * has a day at least.
 */
static double overdue_limit(const struct sign_view *view)
{
    const struct policy *policy = view->policy;
    double limit = policy_session_s + hour;
    if (view->limits.overdue_s > 0) {
        limit = view->limits.overdue_s;
    } else if (policy != NULL && policy->has_long_term && policy->long_term_s > 0) {
        limit = policy->long_term_s + hour;
    }
    if (target_last_completed(view->target) == NULL) {
        limit = larger(limit, policy_session_s + hour);
    }
    return policy != NULL ? limit + larger(policy->replication_pause_s, policy->long_term_pause_s)
                          : limit;
}

/* Since when nothing runs: the newest session's end or, without one, its beginning. */
static bool ended(const struct target *target, utc_us *moment)
{
    const struct task_session *newest = target->count > 0 ? target->sessions[0] : NULL;
    if (newest == NULL || (!newest->has_ended && !newest->has_created)) {
        return false;
    }
    *moment = newest->has_ended ? newest->ended : newest->created;
    return true;
}

static struct standing find_idle(const struct sign_view *view)
{
    struct standing standing = {.sign = SIGN_IDLE, .limit = microseconds(idle_limit(view))};
    standing.has_moment = ended(view->target, &standing.moment);
    const utc_us lasts = view->collected - standing.moment;
    standing.lasts = standing.has_moment && lasts > 0 ? lasts : 0;
    standing.shows_sign = !standing.has_moment || standing.lasts > standing.limit;
    return standing;
}

static struct standing find_overdue(const struct sign_view *view)
{
    const struct task_session *newest = view->target->sessions[0];
    const struct task_session *completed = target_last_completed(view->target);
    struct standing standing = {.sign = SIGN_OVERDUE,
                                .limit = microseconds(overdue_limit(view)),
                                .has_moment = newest->has_created,
                                .moment = newest->created,
                                .no_point = completed == NULL};
    if (!newest->has_created && completed != NULL && completed->has_ended) {
        standing.has_moment = true; // it began when the one before it ended
        standing.moment = completed->ended;
    }
    const utc_us lasts = view->collected - standing.moment;
    standing.lasts = standing.has_moment && lasts > 0 ? lasts : 0;
    standing.shows_sign = standing.has_moment && standing.lasts > standing.limit;
    return standing;
}

/* Whether the policy names VMs only, and this is none of them. */
static bool has_left(const struct sign_view *view)
{
    const struct protected_vm *expected = view->target->expected;
    return view->policy != NULL && view->policy->lists_all &&
           (expected == NULL || !expected->named);
}

/* Whether there should be a session, and none is as young as those that were asked for. */
static bool is_uncovered(const struct sign_view *view, const struct standing *idle)
{
    return view->target->expected != NULL &&
           (view->target->count == 0 || (idle->has_moment && idle->moment < view->since));
}

/* Of a VM for which nothing runs. A policy without replication for days makes it no sign. */
static struct standing find_standstill(const struct sign_view *view)
{
    struct standing standing = find_idle(view);
    if (view->policy != NULL && view->policy->has_enabled && !view->policy->enabled) {
        standing.sign = SIGN_DISABLED;
        standing.shows_sign = true;
    } else if (standing.shows_sign && is_uncovered(view, &standing)) {
        standing.sign = SIGN_UNCOVERED;
    }
    standing.left = standing.shows_sign && has_left(view);
    standing.shows_sign = standing.shows_sign && !standing.left;
    return standing;
}

struct standing sign_find(const struct sign_view *view)
{
    const struct target *target = view->target;
    if (!target_runs(target)) {
        return find_standstill(view);
    }
    return task_session_runs(target->sessions[0]) ? find_overdue(view)
                                                  : (struct standing){.shows_sign = false};
}
