// SPDX-License-Identifier: GPL-3.0-or-later
/* What is said of a VM's restore points, and of the VMs whose points are not known. */
#include "report/points_words.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/shown.h"
#include "unit/suites.h"

enum { HOUR = 3600, SHOWN_SIZE = 16 * 1024, MOST_VMS = 40 };

static struct interval one_interval = {.has_points = true};

/* ---- what was measured ---- */

#define UNKNOWN (-1.0)

static const struct {
    double lag_s, gap_s, rpo_s, percent, app_age_s;
    bool has_app_consistent;
    const char *odd_type;
    const char *text;
} measured[] = {
    {5, 5, 15, 100, UNKNOWN, false, NULL, "lag 5s, longest gap 5s, RPO of 15s kept for 100.0 %"},
    {600, 720, 120, 80, 7017, true, NULL,
     "lag 10m, longest gap 12m, RPO of 2m kept for 80.0 %, application-consistent point 1h 56m "
     "old"},
    // never more than it is
    {0, 0, 15, 99.999, UNKNOWN, false, NULL, "lag 0s, longest gap 0s, RPO of 15s kept for 99.9 %"},
    {0, 0, 15, 0, UNKNOWN, false, NULL, "lag 0s, longest gap 0s, RPO of 15s kept for 0.0 %"},
    {5, 5, UNKNOWN, UNKNOWN, UNKNOWN, false, NULL, "lag 5s, longest gap 5s"},
    // a limit was given, and there is no such point
    {5, 5, UNKNOWN, UNKNOWN, HOUR, false, NULL,
     "lag 5s, longest gap 5s, no application-consistent point in the last 1h"},
    {UNKNOWN, UNKNOWN, 15, UNKNOWN, UNKNOWN, false, NULL,
     "no short-term restore point in the last 1h"},
    {UNKNOWN, UNKNOWN, 15, UNKNOWN, HOUR, false, NULL,
     "no short-term restore point in the last 1h, no application-consistent point in the last 1h"},
    {UNKNOWN, HOUR, 15, 0, UNKNOWN, false, "Restore|Unavailable\n",
     "no short-term restore point in the last 1h, longest gap 1h, RPO of 15s kept for 0.0 %, "
     "IntervalType Restore Unavailable counted as a gap"},
    {5, 360, UNKNOWN, UNKNOWN, UNKNOWN, false, "",
     "lag 5s, longest gap 6m, IntervalType none counted as a gap"},
};

static struct measure measure_of(double value)
{
    return (struct measure){.known = value >= 0, .value = value};
}

START_TEST(says_what_was_measured)
{
    char odd_type[64] = "";
    const struct policy policy = {.has_rpo = measured[_i].rpo_s > 0, .rpo_s = measured[_i].rpo_s};
    struct recovery recovery = {
        .known = true,
        .intervals = {.start = moment(NOW) - HOUR * UTC_SECOND,
                      .end = moment(NOW),
                      .has_app_consistent = measured[_i].has_app_consistent}};
    if (measured[_i].odd_type != NULL) {
        snprintf(odd_type, sizeof odd_type, "%s", measured[_i].odd_type);
        recovery.intervals.odd_type = odd_type;
    }
    const struct vm_verdict vm = {
        .name = "srv",
        .in = &policy,
        .recovery = &recovery,
        .measures = {[METRIC_RPO_LAG] = measure_of(measured[_i].lag_s),
                     [METRIC_RPO_GAP] = measure_of(measured[_i].gap_s),
                     [METRIC_RPO_COMPLIANCE] = measure_of(measured[_i].percent),
                     [METRIC_APP_AGE] = measure_of(measured[_i].app_age_s)}};
    const struct verdict verdict = {.now = moment(NOW)};
    cleanup_buf struct buf text;
    buf_init(&text, SHOWN_SIZE);
    append_points(&text, &verdict, &vm);
    ck_assert_str_eq(buf_string(&text), measured[_i].text);
}
END_TEST

/* ---- why it is not known ---- */

static const struct protected_vm with_replica = {.vm = "srv", .has_replica = true};
static const struct protected_vm without_replica = {.vm = "srv", .named = true};

static const struct {
    enum site_knowledge replicas;
    const struct protected_vm *expected;
    bool asked, known, has_rpo, has_interval;
    enum fault_kind kind;
    enum metric metric;
    const char *text;
} unknown[] = {
    {SITE_NOT_ASKED, NULL, false, false, true, false, FAULT_NONE, METRIC_RPO_LAG,
     "EM does not say its policy, so it was not asked for its replica"},
    {SITE_TOLD, NULL, false, false, true, false, FAULT_NONE, METRIC_RPO_LAG,
     "EM has no replica of that name"},
    {SITE_TOLD, &without_replica, false, false, true, false, FAULT_NONE, METRIC_APP_AGE,
     "EM has no replica of that name"},
    {SITE_TOLD, &with_replica, false, false, true, false, FAULT_NONE, METRIC_RPO_LAG,
     "EM does not say where its replica is"},
    {SITE_REFUSED, NULL, false, false, true, false, FAULT_NONE, METRIC_RPO_LAG,
     "EM does not tell replicas to this user"},
    {SITE_FAILED, NULL, false, false, true, false, FAULT_NONE, METRIC_RPO_GAP,
     "EM did not tell its replicas"},
    {SITE_TOLD, &with_replica, true, false, true, false, FAULT_SERVER, METRIC_RPO_LAG,
     "server: a b"},
    {SITE_TOLD, &with_replica, true, false, false, false, FAULT_TIMEOUT, METRIC_RPO_COMPLIANCE,
     "timeout: a b"},
    {SITE_TOLD, &with_replica, true, true, true, false, FAULT_NONE, METRIC_RPO_LAG,
     "no short-term restore point in the last 1h"},
    {SITE_TOLD, &with_replica, true, true, true, false, FAULT_NONE, METRIC_RPO_COMPLIANCE,
     "no short-term restore point in the last 1h"},
    {SITE_TOLD, &with_replica, true, true, true, true, FAULT_NONE, METRIC_RPO_COMPLIANCE,
     "EM does not say how often its restore points came"},
    {SITE_TOLD, &with_replica, true, true, false, true, FAULT_NONE, METRIC_RPO_COMPLIANCE,
     "EM does not tell the RPO of its policy"},
    {SITE_TOLD, &with_replica, true, true, true, true, FAULT_NONE, METRIC_APP_AGE,
     "no application-consistent point in the last 1h, and EM says nothing of the time before"},
};

START_TEST(says_why_it_is_not_known)
{
    const struct policy policy = {.has_rpo = unknown[_i].has_rpo};
    struct recovery recovery = {.known = unknown[_i].known};
    struct verdict verdict = {.now = moment(NOW)};
    const struct vm_verdict vm = {.name = "srv",
                                  .in = &policy,
                                  .expected = unknown[_i].expected,
                                  .recovery = unknown[_i].asked ? &recovery : NULL};
    cleanup_buf struct buf text;
    buf_init(&text, SHOWN_SIZE);
    if (unknown[_i].kind != FAULT_NONE) {
        fault_set(&recovery.why, unknown[_i].kind, "%s", "a|b");
    }
    recovery.intervals =
        (struct intervals){.start = moment(NOW) - HOUR * UTC_SECOND,
                           .end = moment(NOW),
                           .items = unknown[_i].has_interval ? &one_interval : NULL,
                           .count = unknown[_i].has_interval ? 1 : 0};
    verdict.site.answers[SITE_REPLICAS].knowledge = unknown[_i].replicas;
    append_points_unknown(&text, &verdict, &vm, unknown[_i].metric);
    ck_assert_str_eq(buf_string(&text), unknown[_i].text);
}
END_TEST

/* ---- the notice ---- */

/* Many VMs in a few words: each "N*KIND:TEXT" are N VMs that lack their lag for that cause; "ok"
 * are those whose lag is known, "none" those of which EM has no replica. */
static const struct {
    const char *vms;
    const char *text;
} notices[] = {
    {"1*server:away", "lag unknown: server: away"},
    {"1*ok 1*server:away", "lag unknown of 1 of 2 VMs: 1 (server: away): vm2"},
    {"2*server:away", "lag unknown of 2 of 2 VMs: 2 (server: away): vm1, vm2"},
    {"1*server:away 1*ok 1*server:gone 1*server:away",
     "lag unknown of 3 of 4 VMs: 2 (server: away): vm1, vm4; 1 (server: gone): vm3"},
    {"1*none 1*server:away 1*none",
     "lag unknown of 3 of 3 VMs: 2 (EM has no replica of that name): vm1, vm3; 1 (server: away): "
     "vm2"},
    {"3*server:away", "lag unknown of 3 of 3 VMs: 3 (server: away): vm1, vm2, vm3"},
    {"13*server:away", "lag unknown of 13 of 13 VMs: 13 (server: away): vm1, vm2, vm3, ..."},
    {"3*ok 30*timeout:no-time",
     "lag unknown of 30 of 33 VMs: 30 (timeout: no-time): vm4, vm5, vm6, ..."},
    // EM's words about a replica that is gone have its ids.
    {"1*gone:a 1*gone:b", "lag unknown of 2 of 2 VMs: 2 (not-found: a): vm1, vm2"},
    {"1*server:a 1*server:b 1*server:c",
     "lag unknown of 3 of 3 VMs: 1 (server: a): vm1; 1 (server: b): vm2; 1 (server: c): vm3"},
    {"1*server:a 1*server:b 1*server:c 1*server:d 1*server:e 1*server:a",
     "lag unknown of 6 of 6 VMs: 2 (server: a): vm1, vm6; 1 (server: b): vm2; 1 (server: c): vm3; "
     "and for 2 other causes"},
};

struct vms {
    struct vm_verdict items[MOST_VMS];
    struct recovery recoveries[MOST_VMS];
    char names[MOST_VMS][8];
    size_t count;
};

static void add_vm(struct vms *vms, const char *what)
{
    const size_t place = vms->count++;
    struct recovery *recovery = &vms->recoveries[place];
    struct vm_verdict *vm = &vms->items[place];
    const char *colon = strchr(what, ':');
    ck_assert_uint_lt(place, MOST_VMS);
    snprintf(vms->names[place], sizeof vms->names[place], "vm%zu", place + 1);
    *recovery = (struct recovery){.known = strcmp(what, "ok") == 0};
    *vm = (struct vm_verdict){.name = vms->names[place],
                              .recovery = strcmp(what, "none") == 0 ? NULL : recovery};
    vm->measures[METRIC_RPO_LAG] = (struct measure){.known = recovery->known, .value = 5};
    if (colon != NULL) {
        fault_set(&recovery->why,
                  strncmp(what, "timeout", 7) == 0 ? FAULT_TIMEOUT
                  : strncmp(what, "gone", 4) == 0  ? FAULT_NOT_FOUND
                                                   : FAULT_SERVER,
                  "%s", colon + 1);
    }
}

START_TEST(counts_and_groups_by_causes)
{
    static struct vms vms;
    char words[256];
    char *place = NULL;
    cleanup_buf struct buf text;
    buf_init(&text, SHOWN_SIZE);
    vms.count = 0;
    snprintf(words, sizeof words, "%s", notices[_i].vms);
    for (char *word = strtok_r(words, " ", &place); word != NULL;
         word = strtok_r(NULL, " ", &place)) {
        char *what = NULL;
        const long times = strtol(word, &what, 10);
        for (long i = 0; i < times; i++) {
            add_vm(&vms, what + 1);
        }
    }
    const struct scope scope = {.points = true};
    struct verdict verdict = {
        .scope = &scope, .now = moment(NOW), .vms = vms.items, .vm_count = vms.count};
    verdict.site.answers[SITE_REPLICAS].knowledge = SITE_TOLD;
    append_no_points(&text, &verdict);
    ck_assert_str_eq(buf_string(&text), notices[_i].text);
}
END_TEST

Suite *points_words_suite(void)
{
    Suite *suite = suite_create("points_words");
    TCase *all = tcase_create("points_words");
    tcase_add_loop_test(all, says_what_was_measured, 0, COUNT(measured));
    tcase_add_loop_test(all, says_why_it_is_not_known, 0, COUNT(unknown));
    tcase_add_loop_test(all, counts_and_groups_by_causes, 0, COUNT(notices));
    suite_add_tcase(suite, all);
    return suite;
}
