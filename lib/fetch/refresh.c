// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Changes are asked for from two hours before the last time on: EM's clock is not the backup
 * servers', and it hears of them late. What ran then and is not among the changes has ended longer
 * ago, or is deleted, or has another name now: it is asked for by its VM's name, and then nothing
 * counts of what was known by that name.
 */
#include "fetch/refresh.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "em/uid.h"
#include "fetch/by_name.h"
#include "fetch/fleet.h"
#include "fetch/older.h"
#include "fetch/protection.h"
#include "fetch/remember.h"
#include "fetch/searched.h"

/* How much less than it is the Date of an answer may say. */
static const utc_us clock_error = 5 * UTC_SECOND;

/* A collection takes a while: what ended so long before its end it may not have told. */
static const utc_us collection_time = INT64_C(3600) * UTC_SECOND;

/* If more are gone than these, one answer with everything is cheaper. */
enum { MOST_NAMES = 500 };

struct refresh {
    struct asking *asking;
    struct earlier *earlier;
    const struct part *part;
    struct set seen;           // the UIDs of what EM gave, with numbers of their VMs' names
    struct set gone_names;     // of VMs that are asked for by name
    struct task_sessions gone; // what was known of those
    struct set known;          // VMs
    struct set unjoined;       // policies and servers of which that was known
    enum site_renewed what;
};

static void refresh_free(struct refresh *refresh)
{
    set_free(&refresh->seen);
    set_free(&refresh->gone_names);
    task_sessions_free(&refresh->gone);
    set_free(&refresh->known);
    set_free(&refresh->unjoined);
}

#define cleanup_refresh __attribute__((cleanup(refresh_free)))

/* ---- what changed ---- */

/* When the last one was asked for, by EM's clock. */
static utc_us asked_by_em(const struct earlier *earlier)
{
    return earlier->origin.asked + earlier->origin.clock_offset;
}

/* The backup servers' clocks may go by EM's or by this host's. */
static utc_us changes_since(const struct earlier *earlier)
{
    const utc_us by_em = asked_by_em(earlier);
    return (by_em < earlier->origin.asked ? by_em : earlier->origin.asked) - REFRESH_MARGIN;
}

static bool clock_goes_on(const struct refresh *refresh)
{
    utc_us offset = 0;
    return em_client_clock_offset(refresh->asking->client, &offset) &&
           clock_utc() + offset >= asked_by_em(refresh->earlier) - clock_error;
}

/* Whether a session that ran is not among the changes, or by another name. */
static bool is_gone(const struct refresh *refresh, const struct task_session *session)
{
    if (!task_session_runs(session) || (session->odd & SESSION_GONE) != 0) {
        return false;
    }
    const uint32_t *number = set_find(&refresh->seen, uid_hash(session->uid));
    return number == NULL || *number != fleet_number_of_vm(session->vm);
}

static int find_gone(struct refresh *refresh, struct fault *fault)
{
    const struct task_sessions *sessions = &refresh->earlier->site.sessions;
    for (size_t i = 0; i < sessions->count; i++) {
        const struct task_session *session = &sessions->items[i];
        if (!is_gone(refresh, session)) {
            continue;
        }
        if (session->vm == NULL) {
            refresh->what = RENEWED_UNNAMED;
        } else if (set_add(&refresh->gone_names, hash_text(session->vm)) == NULL) {
            return fault_no_memory(fault);
        }
    }
    if (refresh->gone_names.count > MOST_NAMES) {
        refresh->what = RENEWED_MANY;
    }
    return 0;
}

static bool has_gone_name(const struct refresh *refresh, const struct task_session *session)
{
    return session->vm != NULL && set_find(&refresh->gone_names, hash_text(session->vm)) != NULL;
}

/* Moves what was known by the names that are gone out of the earlier sessions. */
static int set_gone_apart(struct refresh *refresh, struct fault *fault)
{
    struct task_sessions *sessions = &refresh->earlier->site.sessions;
    cleanup_free bool *keep = calloc(sessions->count + 1, sizeof *keep);
    if (keep == NULL) {
        return fault_no_memory(fault);
    }
    refresh->gone.beside = sessions->size;
    for (size_t i = 0; i < sessions->count; i++) {
        keep[i] = !has_gone_name(refresh, &sessions->items[i]);
        if (!keep[i] && task_sessions_copy(&refresh->gone, &sessions->items[i], fault) < 0) {
            return -1;
        }
    }
    task_sessions_keep(sessions, keep);
    return 0;
}

/* Reads what changed into `changes`. refresh->what says if that can't do. */
static int read_changes(struct refresh *refresh, struct task_sessions *changes, struct fault *fault)
{
    const utc_us since = changes_since(refresh->earlier);
    refresh->asking->site->renewal.since = since;
    if (fleet_read_changes(refresh->part, since, changes, &refresh->seen, fault) < 0) {
        return -1;
    }
    if (!clock_goes_on(refresh)) {
        refresh->what = RENEWED_CLOCK;
    } else if (!task_sessions_have_uids(changes)) {
        refresh->what = RENEWED_UNNAMED;
    } else {
        return find_gone(refresh, fault);
    }
    return 0;
}

/* ---- what is gone ---- */

static bool keeps_all(const void *reader, const struct task_session *session)
{
    (void)reader;
    (void)session;
    return true;
}

/*
 * Whether one of the VMs has no session left. It may be in no policy any more either, and would
 * look as if it had never begun; one that is remembered is known to be gone.
 */
static int find_vanished(struct refresh *refresh, struct fault *fault)
{
    const struct site *site = refresh->asking->site;
    cleanup_set struct set left = {.slots = NULL};
    for (size_t i = 0; i < site->sessions.count; i++) {
        const struct task_session *session = &site->sessions.items[i];
        if (has_gone_name(refresh, session) && set_add(&left, hash_text(session->vm)) == NULL) {
            return fault_no_memory(fault);
        }
    }
    if (left.count < refresh->gone_names.count && !remember_applies(site)) {
        refresh->what = RENEWED_GONE;
    }
    return 0;
}

/* Keeps since when each VM is known to have sessions, as reading by name may stop before that. */
static void keep_oldest(const struct targets *known, struct task_sessions *found)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct target *vm = &known->items[i];
        utc_us oldest = 0;
        const bool has_oldest = target_oldest(vm, &oldest);
        for (size_t j = 0; j < found->count && has_oldest; j++) {
            struct task_session *session = &found->items[j];
            if (target_fits(vm, session) && (!session->has_oldest || oldest < session->oldest)) {
                session->has_oldest = true;
                session->oldest = oldest;
            }
        }
    }
}

/* Takes what EM has by the names that are gone, or, if it does not say, what was known of them. */
static int take_gone(struct refresh *refresh, const struct by_name *wanted,
                     const struct targets *known, struct fault *fault)
{
    struct site *site = refresh->asking->site;
    cleanup_task_sessions struct task_sessions found = {.beside = site->sessions.size +
                                                                  refresh->gone.size};
    struct fault trouble = {.kind = FAULT_NONE};
    if (by_name_read(wanted, &found, &trouble) == 0) {
        keep_oldest(known, &found);
        return task_sessions_move(&site->sessions, &found, fault) < 0
                   ? -1
                   : find_vanished(refresh, fault);
    }
    if (part_fault_is_final(trouble.kind)) {
        *fault = trouble;
        return -1;
    }
    refresh->what = RENEWED_UNTOLD;
    site->renewal.why = trouble;
    refresh->gone.beside = 0;
    return task_sessions_move(&site->sessions, &refresh->gone, fault);
}

static int read_gone(struct refresh *refresh, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_picks struct picks vms = {.items = NULL};
    if (refresh->gone.count == 0) {
        return 0;
    }
    if (targets_group(&refresh->gone, false, &targets, fault) < 0 ||
        pick_targets(&targets, refresh->asking->scope, NULL, &vms, fault) < 0) {
        return -1;
    }
    const struct by_name wanted = {.client = refresh->asking->client,
                                   .policy_sessions = refresh->part->policy_sessions,
                                   .vms = vms,
                                   .goal = BY_NAME_COMPLETED,
                                   .runs_too = true,
                                   .read = &refresh->part->answer->read,
                                   .since = fleet_since(refresh->part),
                                   .keeps = keeps_all};
    return take_gone(refresh, &wanted, &targets, fault);
}

/* ---- the new site ---- */

static bool has_failed(const struct site *site, enum site_topic topic)
{
    return site->answers[topic].knowledge == SITE_FAILED;
}

static int note_unjoined(struct refresh *refresh, struct fault *fault)
{
    const struct lines *unjoined = &refresh->earlier->site.unjoined;
    for (size_t i = 0; i < unjoined->count; i++) {
        if (set_add(&refresh->unjoined, hash_text(unjoined->text[i])) == NULL) {
            return fault_no_memory(fault);
        }
    }
    return 0;
}

/*
 * Whether a policy or server has no VM any more that joins sessions. Then its VMs were forgotten,
 * though sessions that are older than the changes, which only a full answer has, may join them.
 */
static bool has_new_unjoined(const struct refresh *refresh)
{
    const struct lines *unjoined = &refresh->asking->site->unjoined;
    bool found = false;
    for (size_t i = 0; i < unjoined->count && !found; i++) {
        found = set_find(&refresh->unjoined, hash_text(unjoined->text[i])) == NULL;
    }
    return found;
}

/* What EM gave last counts. */
static int merge(struct refresh *refresh, struct task_sessions *changes, struct fault *fault)
{
    struct site *earlier = &refresh->earlier->site;
    struct site *site = refresh->asking->site;
    if (searched_add(&refresh->known, earlier, fault) < 0 || note_unjoined(refresh, fault) < 0 ||
        set_gone_apart(refresh, fault) < 0) {
        return -1;
    }
    protection_swap(site, earlier);
    if (!has_failed(earlier, SITE_OLDER)) {
        site->answers[SITE_OLDER] = earlier->answers[SITE_OLDER];
    }
    changes->beside = 0;
    return task_sessions_move(&site->sessions, &earlier->sessions, fault) < 0
               ? -1
               : task_sessions_move(&site->sessions, changes, fault);
}

/*
 * Whether a backup server is collected again after so long, by EM's clock, that sessions which
 * began and ended meanwhile may not be among the changes.
 */
static bool is_back(const struct refresh *refresh, const char *server)
{
    utc_us before = 0;
    utc_us now = 0;
    const struct site *earlier = &refresh->earlier->site;
    const struct site *site = refresh->asking->site;
    return earlier->answers[SITE_COLLECTION].knowledge == SITE_TOLD &&
           site->answers[SITE_COLLECTION].knowledge == SITE_TOLD &&
           collection_of_server(&site->collection, server, &now) &&
           (!collection_of_server(&earlier->collection, server, &before) ||
            (now > before &&
             before - collection_time < asked_by_em(refresh->earlier) - REFRESH_MARGIN));
}

static void find_back(struct refresh *refresh)
{
    const struct task_sessions *sessions = &refresh->asking->site->sessions;
    const char *last = NULL;
    for (size_t i = 0; i < sessions->count; i++) {
        const char *server = sessions->items[i].backup_server;
        if (server == NULL || (last != NULL && strcmp(server, last) == 0)) {
            continue;
        }
        last = server;
        if (is_back(refresh, server)) {
            refresh->what = RENEWED_SERVER;
        }
    }
}

/* Whether there is a VM that the earlier snapshot did not have: it may be one that was moved. */
static bool has_new_vm(const struct refresh *refresh)
{
    const struct task_sessions *sessions = &refresh->asking->site->sessions;
    bool found = false;
    for (size_t i = 0; i < sessions->count && !found; i++) {
        found = !searched_has_vm_of(&refresh->known, &sessions->items[i]);
    }
    return found;
}

/*
 * Which replicas join no sessions was settled when they were told. If there is a VM that may change
 * it, they are asked for again.
 */
static int renew_topics(const struct refresh *refresh, struct fault *fault)
{
    return protection_renew(refresh->asking, has_new_vm(refresh), fault);
}

/* Adds to what changed what else is asked for. */
static int complete(struct refresh *refresh, struct fault *fault)
{
    struct asking *asking = refresh->asking;
    struct site *site = asking->site;
    const utc_us now = part_now(asking);
    if (read_gone(refresh, fault) < 0) {
        return -1;
    }
    if (refresh->what == RENEWED_UNTOLD) {
        return 0;
    }
    // Sorted once, for all that follows.
    if (targets_condense(&site->sessions, fault) < 0 || renew_topics(refresh, fault) < 0 ||
        remember_narrow(site, fleet_since(refresh->part), now, fault) < 0 ||
        fleet_complete(refresh->part, &site->sessions, fault) < 0 ||
        older_fetch(asking, fault) < 0) {
        return -1;
    }
    if (remember_applies(site) && remember_vms(&refresh->gone, now, &site->sessions, fault) < 0) {
        return -1;
    }
    if (has_new_unjoined(refresh)) {
        refresh->what = RENEWED_UNJOINED;
    }
    find_back(refresh);
    return 0;
}

int refresh_fetch(struct asking *asking, struct earlier *earlier, struct fault *fault)
{
    cleanup_refresh struct refresh refresh = {
        .asking = asking, .earlier = earlier, .part = &asking->parts[0], .what = RENEWED_CHANGES};
    cleanup_task_sessions struct task_sessions changes = {.beside = earlier->site.sessions.size};
    if (read_changes(&refresh, &changes, fault) < 0) {
        return -1;
    }
    if (refresh.what == RENEWED_CHANGES) {
        const struct searched searched = {.vms = &refresh.known, .without = &refresh.gone_names};
        asking->parts[0].searched = has_failed(&earlier->site, SITE_OLDER) ? NULL : &searched;
        const int result = merge(&refresh, &changes, fault) < 0 ? -1 : complete(&refresh, fault);
        asking->parts[0].searched = NULL;
        if (result < 0) {
            return -1;
        }
    }
    asking->site->renewal.what = refresh.what;
    return 0;
}
