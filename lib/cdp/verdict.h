// SPDX-License-Identifier: GPL-3.0-or-later
/* What a run found: of each VM and on the whole. judge makes it, reports put it into words. */
#ifndef CDP_VERDICT_H
#define CDP_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/finding.h"
#include "cdp/metric.h"
#include "cdp/rules.h"
#include "cdp/scope.h"
#include "cdp/site.h"
#include "monitoring/state.h"

/* A metric's value, and the ranges that hold for it; NULL: none was given. */
struct measure {
    bool known;
    double value; // in the metric's unit; 0 if it is not known
    const struct threshold *warning, *critical;
};

/* The state of the worst of its ranges that the value breaks; OK: none, or it is not known. */
int measure_state(const struct measure *measure);

/* The verdict on one VM, or on one session that was asked for by its id. */
struct vm_verdict {
    const char *asked; // the scope's name; NULL if there was none
    const char *name;  // these three may be NULL: not known
    const char *policy;
    const char *backup_server;
    int state;                           // what its findings come to
    const struct policy *in;             // its policy as EM has it; NULL: not known
    const struct protected_vm *expected; // why EM should have a session of it; NULL: not known
    const struct recovery *recovery;     // NULL: EM was not asked for its restore points
    struct standing standing;
    struct measure measures[VM_METRICS];
    struct finding *findings; // its sessions come first, the newest of them before the others
    size_t finding_count;
};

/* A backup server, by all that EM told of it, whatever the scope leaves of that. */
struct server_verdict {
    const char *name;
    size_t vms;     // with sessions, and not of a disabled policy
    size_t running; // of them
    bool judged;    // VMs of it were judged
    bool missed;    // by EM's newest data collection
};

/* A VM that is another policy's now. */
struct moved_vm {
    const char *vm, *from, *backup_server;
};

enum { RUN_FINDINGS = 20 };

/* The VMs from which on it is odd that none of a backup server's runs. */
enum { STANDSTILL_VMS = 3 };

/* Its findings point into it: it is not to be copied. */
struct verdict {
    const struct scope *scope; // borrowed
    struct site site;
    utc_us now;     // by EM's clock where it is known, as are the times of its sessions
    utc_us checked; // the same moment by this host's clock
    int state;      // what its VMs and findings come to
    struct finding findings[RUN_FINDINGS]; // of the run
    size_t finding_count;
    const struct finding *fault;       // why there is no verdict on any VM; NULL: there is one
    struct fault ended_by;             // the text of a fault that ended the run
    struct measure measures[METRICS];  // of all VMs together, and of the run
    struct threshold data_age_warning; // the default, and what is behind it
    range data_age_range;
    char data_age_text[16]; // "45m"
    struct server_verdict *servers;
    size_t server_count;
    size_t server_capacity;
    struct moved_vm *moved;
    size_t moved_count;
    size_t moved_capacity;
    size_t signs[SIGNS]; // of VMs that show it
    struct vm_verdict *vms;
    size_t vm_count;
    size_t vm_capacity;
    size_t counts[STATES]; // of VMs
};

void verdict_free(struct verdict *verdict);

/* Whether the policy's VMs are judged, as far as they are known, so that people should hear of it.
 */
bool verdict_concerns(const struct verdict *verdict, const struct policy *policy);

/* Sets what the VMs and the run's findings come to: state, counts, measures. */
void verdict_total(struct verdict *verdict);

/*
 * What some of the VMs come to, by their places, without what concerns the run. All but the list of
 * VMs is borrowed from `verdict`. 0, or -1 if memory is short. Free it with verdict_free_group.
 */
int verdict_of_group(const struct verdict *verdict, const size_t places[], size_t count,
                     struct verdict *group);
void verdict_free_group(struct verdict *group);

/* The place of the VM with the weightiest state; of several, the first. */
size_t verdict_worst(const struct verdict *verdict);

/*
 * The fault for which EM gave no answer to the run, or to a part of its scope; NULL: EM itself
 * answered all of it. That it does not have a VM, a policy or an id is an answer, but not that it
 * has nothing at all to judge.
 */
const struct finding *verdict_unanswered(const struct verdict *verdict);

/* The weightiest state of the faults, of the run and of VMs; OK if there are none. */
int verdict_fault_state(const struct verdict *verdict);

/* The weightiest of the run's findings that make its own state, without faults; NULL: none does. */
const struct finding *verdict_alarm(const struct verdict *verdict);

/* What the run's findings come to, without its VMs. */
int verdict_run_state(const struct verdict *verdict);

/* When EM collected the data from which its age is measured, if that is known. */
utc_us verdict_collected(const struct verdict *verdict);

/* Whether its lag was asked for and should be known, but is not. */
bool verdict_lacks_lag(const struct verdict *verdict, const struct vm_verdict *vm);

/* Of how many VMs that is so. */
size_t verdict_without_lag(const struct verdict *verdict);

/* Why there is no verdict on the VM; NULL: there is one. */
const struct finding *vm_fault(const struct vm_verdict *vm);

/* The sessions that speak for the VM, by their places; NULL: there are fewer. */
const struct task_session *vm_session(const struct vm_verdict *vm, size_t place);

#endif
