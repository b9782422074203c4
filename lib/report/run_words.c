// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/run_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/points_words.h"

static const char unnamed_server[] = "a backup server that EM does not name";

/* ---- how far the answer can be trusted ---- */

/* What is always said in the same words. */
static const char *const weaknesses[] = {
    [FINDING_UNENCRYPTED] = "--no-tls: password and answers travel in clear",
    [FINDING_UNVERIFIED] =
        "--insecure: the server's certificate was not verified; see --pinned-pubkey",
    [FINDING_BYTES] =
        ("patterns are matched by bytes, so a letter such as \u00e4 counts as two: this system has "
         "no UTF-8 locale (Debian: C.UTF-8, of libc-bin)")};

static void append_clock_offset(struct buf *buf, utc_us offset)
{
    static const utc_us minute = 60 * UTC_SECOND;
    buf_text(buf, "EM's clock is ");
    utc_append_span(buf, (llabs(offset) + minute / 2) / minute * minute);
    buf_format(buf, " %s this host's: spans are measured by EM's; set both by NTP",
               offset > 0 ? "ahead of" : "behind");
}

static void append_assumed(struct buf *buf, size_t vms)
{
    buf_format(buf, "%zu VM%s judged too, although EM names no policy or backup server for %s", vms,
               vms > 1 ? "s are" : " is", vms > 1 ? "them" : "it");
}

/* ---- how old EM's data is ---- */

static const struct measure *data_age(const struct verdict *verdict)
{
    return &verdict->measures[METRIC_DATA_AGE];
}

typedef bool server_filter(const struct verdict *verdict, const struct server_verdict *server);

static bool is_oldest(const struct verdict *verdict, const struct server_verdict *server)
{
    utc_us at = 0;
    return collection_of_server(&verdict->site.collection, server->name, &at) &&
           llabs(at - verdict_collected(verdict)) < UTC_SECOND;
}

static bool is_uncollected(const struct verdict *verdict, const struct server_verdict *server)
{
    utc_us at = 0;
    return !collection_of_server(&verdict->site.collection, server->name, &at);
}

/* Appends " from vbr01, vbr02": those of the servers that count which pass the filter. */
static void append_servers(struct buf *buf, const struct verdict *verdict, const char *before,
                           server_filter *passes)
{
    const bool of_em = verdict->scope->kind == SCOPE_EM;
    struct enumeration names = {0};
    for (size_t i = 0; i < verdict->server_count; i++) {
        const struct server_verdict *server = &verdict->servers[i];
        if (server->name == NULL || !(of_em || server->judged) || !passes(verdict, server)) {
            continue;
        }
        buf_text(buf, names.count == 0 ? before : "");
        if (enumeration_next(&names, buf)) {
            append_name(buf, server->name, "");
        }
    }
    enumeration_end(&names, buf);
}

static void append_limit(struct buf *buf, const struct verdict *verdict,
                         const struct finding *finding)
{
    const struct threshold *broken =
        finding->state == STATE_CRITICAL ? data_age(verdict)->critical : data_age(verdict)->warning;
    if (broken == NULL) {
        return;
    }
    buf_format(buf, " (%s: ", state_words[finding->state]);
    if (broken->text != NULL) {
        buf_text(buf, broken->text);
    } else {
        metrics[METRIC_DATA_AGE].append(buf, broken->range->end);
    }
    buf_text(buf, ")");
}

/* Whether no server is younger than the newest collection that completed successfully. */
static bool all_are_of_newest(const struct collection *collection)
{
    bool younger = false;
    for (size_t i = 0; i < collection->count && !younger; i++) {
        const struct collected_server *server = &collection->servers[i];
        younger = server->collected && server->at > collection->succeeded;
    }
    return collection->has_succeeded && !younger;
}

/* Names the servers that are to blame, if others were collected since. */
static void append_stale(struct buf *buf, const struct verdict *verdict,
                         const struct finding *finding, enum phrase_detail detail)
{
    buf_text(buf, "EM's data is ");
    metrics[METRIC_DATA_AGE].append(buf, data_age(verdict)->value);
    buf_text(buf, " old");
    append_limit(buf, verdict, finding);
    if (all_are_of_newest(&verdict->site.collection)) {
        buf_text(buf, ": EM has completed no data collection");
    } else {
        buf_text(buf, ": EM has collected nothing");
        append_servers(buf, verdict, " from ", is_oldest);
    }
    buf_text(buf, " since ");
    utc_append_minute(buf, verdict_collected(verdict));
    if (detail == PHRASE_LONG) {
        buf_text(buf, "; check EM's data collection and the backup server");
    }
}

static void append_uncollected(struct buf *buf, const struct verdict *verdict,
                               enum phrase_detail detail)
{
    buf_text(buf, "EM shows no successful data collection");
    append_servers(buf, verdict, " of ", is_uncollected);
    if (detail == PHRASE_LONG) {
        buf_text(buf, ", so what it says may be of any age; check EM's data collection and the "
                      "backup server");
    }
}

/* Nobody asked for more than the default, so there is no option that can't be checked. */
static void append_data_unread(struct buf *buf, const struct site_answer *answer)
{
    buf_text(buf, "how old EM's data is could not be read");
    if (answer->fault.kind != FAULT_NONE) {
        buf_text(buf, ": ");
        append_fault_text(buf, &answer->fault);
    }
}

static void append_data_unknown(struct buf *buf, const struct verdict *verdict,
                                const struct finding *finding, enum phrase_detail detail)
{
    static const char *const reasons[] = {[SITE_NOT_ASKED] = "EM was not asked",
                                          [SITE_TOLD] = "EM shows no successful data collection",
                                          [SITE_REFUSED] = "EM does not tell it to this user",
                                          [SITE_FAILED] = "EM did not answer"};
    const struct metric_row *metric = &metrics[METRIC_DATA_AGE];
    const struct site_answer *answer = &verdict->site.answers[SITE_COLLECTION];
    if (finding->state == STATE_WARNING) {
        append_data_unread(buf, answer);
        return;
    }
    buf_format(buf, "%s unknown, so %s can't be checked: %s", metric->word,
               data_age(verdict)->critical != NULL ? metric->critical_option
                                                   : metric->warning_option,
               reasons[answer->knowledge]);
    if (detail == PHRASE_LONG && answer->fault.kind != FAULT_NONE) {
        buf_text(buf, " (");
        append_fault_text(buf, &answer->fault);
        buf_text(buf, ")");
    }
}

static void append_missed(struct buf *buf, const struct verdict *verdict)
{
    const struct collection *collection = &verdict->site.collection;
    struct enumeration names = {0};
    buf_text(buf, "EM's newest data collection has missed ");
    for (size_t i = 0; i < collection->count; i++) {
        const struct collected_server *server = &collection->servers[i];
        utc_us at = 0;
        if (!server->missed || !enumeration_next(&names, buf)) {
            continue;
        }
        append_name(buf, server->name, unnamed_server);
        if (collection_of_server(collection, server->name, &at)) {
            buf_text(buf, " (collected ");
            utc_append_minute(buf, at);
            buf_text(buf, ")");
        }
    }
    enumeration_end(&names, buf);
    buf_text(buf, "; check if EM reaches it");
}

/* ---- backup servers ---- */

static void append_standstill(struct buf *buf, const struct verdict *verdict)
{
    struct enumeration names = {0};
    buf_text(buf, "no task session runs on ");
    for (size_t i = 0; i < verdict->server_count; i++) {
        const struct server_verdict *server = &verdict->servers[i];
        if (server->vms >= STANDSTILL_VMS && server->running == 0 &&
            enumeration_next(&names, buf)) {
            append_name(buf, server->name, unnamed_server);
            buf_format(buf, " (%zu VMs)", server->vms);
        }
    }
    enumeration_end(&names, buf);
    buf_text(buf, ": the backup server or EM stands still, or this EM lists no running sessions, "
                  "which needs --idle-after: the policies' interval and 1h more");
}

/* ---- what EM did not tell ---- */

static const char *const topic_words[SITE_TOPICS] = {[SITE_POLICIES] = "policies",
                                                     [SITE_COLLECTION] = "data collection",
                                                     [SITE_REPLICAS] = "replicas",
                                                     [SITE_OLDER] = "older sessions"};

static bool has_same_fault(const struct site_answer *a, const struct site_answer *b)
{
    return a->knowledge == b->knowledge && a->fault.kind == b->fault.kind &&
           strcmp(a->fault.text, b->fault.text) == 0;
}

/* The first topic of which EM knows the same, for the same cause. */
static enum site_topic first_alike(const struct site *site, enum site_topic topic)
{
    enum site_topic first = 0;
    while (!has_same_fault(&site->answers[first], &site->answers[topic])) {
        first++;
    }
    return first;
}

/* "policies, replicas (forbidden: why); data collection (server: why)" */
static void append_topics(struct buf *buf, const struct site *site, enum site_knowledge knowledge)
{
    const char *separator = "";
    for (enum site_topic topic = 0; topic < SITE_TOPICS; topic++) {
        const struct site_answer *answer = &site->answers[topic];
        if (answer->knowledge != knowledge || first_alike(site, topic) != topic) {
            continue;
        }
        struct enumeration alike = {0};
        buf_text(buf, separator);
        for (enum site_topic other = topic; other < SITE_TOPICS; other++) {
            if (first_alike(site, other) == topic && enumeration_next(&alike, buf)) {
                buf_text(buf, topic_words[other]);
            }
        }
        if (answer->fault.kind != FAULT_NONE) {
            buf_text(buf, " (");
            append_fault_text(buf, &answer->fault);
            buf_text(buf, ")");
        }
        separator = "; ";
    }
}

/* From when on a VM that stopped is not seen any more, as nothing but its sessions shows it. */
static void append_horizon(struct buf *buf, const struct verdict *verdict)
{
    if (verdict->site.from_snapshot) {
        buf_text(buf, "VMs whose last session ended more than 7d ago");
    } else {
        buf_text(buf, "VMs without a session since ");
        utc_append_minute(buf,
                          verdict->now - (utc_us)(verdict->scope->since_s * (double)UTC_SECOND));
    }
}

static void append_disabled(struct buf *buf, const struct verdict *verdict)
{
    (void)verdict;
    buf_text(buf, "policies that are disabled");
}

static void append_age(struct buf *buf, const struct verdict *verdict)
{
    (void)verdict;
    buf_text(buf, "how old EM's data is");
}

static void append_older(struct buf *buf, const struct verdict *verdict)
{
    (void)verdict;
    buf_text(buf, "how the last sessions of VMs that stopped ended");
}

/* What follows from what EM did not tell, for those who judge more than VMs that they name. */
static void append_unseen(struct buf *buf, const struct verdict *verdict,
                          enum site_knowledge knowledge)
{
    static const struct {
        enum site_topic topic;
        void (*append)(struct buf *, const struct verdict *);
    } unseen[] = {{SITE_REPLICAS, append_horizon},
                  {SITE_POLICIES, append_disabled},
                  {SITE_COLLECTION, append_age},
                  {SITE_OLDER, append_older}};
    const enum scope_kind kind = verdict->scope->kind;
    struct enumeration names = {0};
    if (kind != SCOPE_POLICY && kind != SCOPE_ALL) {
        return;
    }
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++) {
        if (verdict->site.answers[unseen[i].topic].knowledge == knowledge) {
            buf_text(buf, names.count == 0 ? "; so this is not seen: " : "");
            if (enumeration_next(&names, buf)) {
                unseen[i].append(buf, verdict);
            }
        }
    }
}

static void append_failed(struct buf *buf, const struct verdict *verdict)
{
    buf_text(buf, "not known in this run: ");
    append_topics(buf, &verdict->site, SITE_FAILED);
    append_unseen(buf, verdict, SITE_FAILED);
}

static void append_refused(struct buf *buf, const struct verdict *verdict)
{
    buf_text(buf, "not told to this user: ");
    append_topics(buf, &verdict->site, SITE_REFUSED);
    append_unseen(buf, verdict, SITE_REFUSED);
}

static void append_unjoined(struct buf *buf, const struct verdict *verdict)
{
    const struct lines *unjoined = &verdict->site.unjoined;
    const enum scope_kind kind = verdict->scope->kind;
    struct enumeration names = {0};
    buf_text(buf, "EM seems to name the VMs of ");
    for (size_t i = 0; i < unjoined->count; i++) {
        if (enumeration_next(&names, buf)) {
            append_name(buf, unjoined->text[i], unnamed_server);
        }
    }
    enumeration_end(&names, buf);
    buf_text(buf, " in another way than in task sessions, so these names make no VM uncovered");
    if (kind == SCOPE_POLICY || kind == SCOPE_ALL) {
        buf_text(buf, "; so this is not seen: ");
        append_horizon(buf, verdict);
    }
}

static void append_unresolved(struct buf *buf, const struct verdict *verdict)
{
    const struct policies *policies = &verdict->site.policies;
    struct enumeration names = {0};
    buf_text(buf, "EM does not list the VMs of ");
    for (size_t i = 0; i < policies->count; i++) {
        const struct policy *policy = &policies->items[i];
        if (policy->containers != NULL && verdict_concerns(verdict, policy) &&
            enumeration_next(&names, buf)) {
            append_name(buf, policy->containers, "");
            buf_text(buf, " (policy ");
            append_name(buf, policy->name, "");
            buf_text(buf, ")");
        }
    }
    enumeration_end(&names, buf);
    buf_text(buf, ": a VM there is seen once it has a session or a replica");
}

/* ---- VMs that are where they were not ---- */

static void append_moved(struct buf *buf, const struct verdict *verdict)
{
    struct enumeration names = {0};
    buf_text(buf, "moved to another policy, so former sessions are left out: ");
    for (size_t i = 0; i < verdict->moved_count; i++) {
        if (enumeration_next(&names, buf)) {
            append_name(buf, verdict->moved[i].vm, "a VM without a name");
            buf_text(buf, " (from ");
            append_name(buf, verdict->moved[i].from, "a policy without a name");
            buf_text(buf, ")");
        }
    }
    enumeration_end(&names, buf);
}

/* ---- what was read to renew a snapshot ---- */

static void append_overdue(struct buf *buf, const struct verdict *verdict)
{
    const struct site_renewal *renewal = &verdict->site.renewal;
    buf_text(buf, "the snapshot has been renewed only by what changed since ");
    utc_append_minute(buf, renewal->full);
    buf_text(buf, ", as EM does not tell everything again");
    if (renewal->why.kind != FAULT_NONE) {
        buf_text(buf, " (");
        append_fault_text(buf, &renewal->why);
        buf_text(buf, ")");
    }
    buf_text(buf, ": what EM has deleted may still be judged");
    buf_text(buf, renewal->why.kind == FAULT_TIMEOUT ? "; try a longer --timeout" : "");
}

static void append_renewed(struct buf *buf, const struct verdict *verdict)
{
    static const char *const reasons[] = {
        [RENEWED_FIRST] = "there was none that can be used",
        [RENEWED_HOURLY] = "as is done every hour",
        [RENEWED_LATE] = "the last one was more than 2h old",
        [RENEWED_REACH] = "--since reaches further back than the last one",
        [RENEWED_CLOCK] = "EM's clock or this host's went back, or EM's is not known",
        [RENEWED_UNNAMED] = "EM gives task sessions without a UID or a VM's name",
        [RENEWED_MANY] = "too many task sessions that ran are gone",
        [RENEWED_UNTOLD] = "EM does not tell what became of task sessions that ran",
        [RENEWED_GONE] = "a VM that ran has no task session any more",
        [RENEWED_SERVER] = "EM hears from a backup server again, after more than an hour",
        [RENEWED_UNJOINED] =
            "of a policy or a server's replicas, not one VM has a task session any more"};
    const struct site_renewal *renewal = &verdict->site.renewal;
    buf_format(buf, "snapshot renewed: %zu task sessions read, ", renewal->sessions);
    if (renewal->what == RENEWED_CHANGES || renewal->overdue) {
        buf_text(buf, "those that run and what changed since ");
        utc_append_minute(buf, renewal->since);
    } else {
        buf_format(buf, "in full: %s", reasons[renewal->what]);
        if (renewal->why.kind != FAULT_NONE) {
            buf_text(buf, " (");
            append_fault_text(buf, &renewal->why);
            buf_text(buf, ")");
        }
    }
}

static bool has_left(const struct vm_verdict *vm)
{
    bool left = false;
    for (size_t i = 0; i < vm->finding_count && !left; i++) {
        left = vm->findings[i].kind == FINDING_LEFT;
    }
    return left;
}

bool append_left_vms(struct buf *buf, const struct verdict *verdict)
{
    struct enumeration names = {0};
    for (size_t i = 0; i < verdict->vm_count; i++) {
        const struct vm_verdict *vm = &verdict->vms[i];
        if (!has_left(vm)) {
            continue;
        }
        buf_text(buf, names.count == 0 ? "no longer in the policy: " : "");
        if (enumeration_next(&names, buf)) {
            append_name(buf, vm->name, "a VM without a name");
            buf_text(buf, " (");
            append_name(buf, vm->policy, "-");
            buf_text(buf, ")");
        }
    }
    enumeration_end(&names, buf);
    buf_text(buf, names.count > 0 ? "; EM still has sessions or a replica, and nothing runs" : "");
    return names.count > 0;
}

void append_run_finding(struct buf *buf, const struct verdict *verdict,
                        const struct finding *finding, enum phrase_detail detail)
{
    static void (*const writers[FINDING_MOVED + 1])(struct buf *, const struct verdict *) = {
        [FINDING_STANDSTILL] = append_standstill, [FINDING_MISSED] = append_missed,
        [FINDING_FAILED] = append_failed,         [FINDING_UNJOINED] = append_unjoined,
        [FINDING_REFUSED] = append_refused,       [FINDING_UNRESOLVED] = append_unresolved,
        [FINDING_MOVED] = append_moved,           [FINDING_OVERDUE] = append_overdue,
        [FINDING_RENEWED] = append_renewed,       [FINDING_NO_POINTS] = append_no_points};
    if (writers[finding->kind] != NULL) {
        writers[finding->kind](buf, verdict);
    } else if (finding->kind == FINDING_STALE) {
        append_stale(buf, verdict, finding, detail);
    } else if (finding->kind == FINDING_UNCOLLECTED) {
        append_uncollected(buf, verdict, detail);
    } else if (finding->kind == FINDING_DATA_UNKNOWN) {
        append_data_unknown(buf, verdict, finding, detail);
    } else if (finding->kind == FINDING_CLOCK_OFFSET) {
        append_clock_offset(buf, verdict->site.clock_offset);
    } else if (finding->kind == FINDING_ASSUMED) {
        append_assumed(buf, finding->vms);
    } else {
        buf_text(buf, weaknesses[finding->kind]);
    }
}
