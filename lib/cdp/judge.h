// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From task sessions to plugin states. Pure: answers, rules and the time go in, a verdict comes
 * out.
 */
#ifndef CDP_JUDGE_H
#define CDP_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/lines.h"
#include "base/pattern.h"
#include "base/utc.h"
#include "cdp/matrix.h"
#include "cdp/metric.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "cdp/task_session.h"
#include "monitoring/mp.h"
#include "monitoring/state.h"

/* One of --warning, --critical-age …: NULL where it was not given. */
struct threshold {
    range *range;     // in seconds or bytes
    const char *text; // as it was given
};

struct reason_rule {
    struct pattern pattern;
    int state;
};

struct rules {
    struct matrix matrix;
    struct reason_rule *reasons; // the first that matches counts
    size_t reason_count;
    size_t reason_capacity;
    struct threshold warning[METRICS];
    struct threshold critical[METRICS];
    int fault_states[FAULT_INTERNAL + 1]; // the plugin state of each kind of fault
};

struct judged_session {
    const struct task_session *session;
    int state;
};

/* The verdict on one target. */
struct vm_verdict {
    const char *asked; // the scope's name; NULL where there was none
    const char *vm;    // these three may be NULL: not known
    const char *policy;
    const char *backup_server;
    int state;
    struct judged_session *sessions; // the newest first; none where a fault kept EM's answer away
    size_t session_count;
    bool has_metric[METRICS];
    double metrics[METRICS]; // seconds, seconds, bytes
    struct lines why;        // what besides the sessions' own states made the verdict
    struct fault fault;
};

struct verdict {
    utc_us now;     // by EM's clock where it is known, as are the times of its sessions
    utc_us checked; // the same moment by this host's clock
    struct site site;
    int state;
    struct fault fault; // of the whole run; FAULT_NONE where any target was judged
    struct vm_verdict *vms;
    size_t vm_count;
    size_t vm_capacity;
    size_t counts[STATES];
    struct lines notices;  // what concerns the run
    struct lines oddities; // of single sessions
};

/*
 * How far back, in seconds, completed sessions must be looked for: `since_s`, or 3 days more than
 * the largest limit on the age, in whole days, so that many limits share a snapshot. A VM that
 * stopped is seen for that long after it has broken the limit.
 */
double rules_since(const struct rules *rules, double since_s);

/*
 * Judges what the scope means of the site, which moves to the verdict. `now` is this host's time.
 * The verdict borrows from scope and rules, which must outlive it. 0, or -1 if memory is short.
 * Free the verdict in either case.
 */
int judge(const struct scope *scope, const struct rules *rules, struct site *site, utc_us now,
          struct verdict *verdict, struct fault *fault);

/*
 * The verdict of a run that a fault ended. What it knew of the site by then moves to the verdict;
 * NULL: nothing.
 */
void judge_fault(const struct fault *fault, struct site *site, const struct rules *rules,
                 utc_us now, struct verdict *verdict);

void verdict_free(struct verdict *verdict);

/*
 * The fault for which EM gave no answer to the run, or to one of its questions; NULL: EM itself
 * answered all of them. That it does not have a VM, a policy or an id is an answer, but not that it
 * has nothing at all to judge.
 */
const struct fault *verdict_silence(const struct verdict *verdict);

/* The index of the VM with the weightiest state; of several, the first. */
size_t verdict_worst(const struct verdict *verdict);

#endif
