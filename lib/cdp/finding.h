// SPDX-License-Identifier: GPL-3.0-or-later
/* What was found of a VM, or of the run, that makes its state or that people should know. */
#ifndef CDP_FINDING_H
#define CDP_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "cdp/metric.h"
#include "cdp/pick.h"
#include "cdp/task_session.h"

enum finding_kind {
    // Why there is no verdict: of a VM then the only one, of the run the first.
    FINDING_FAULT,     // `fault` kept EM's answer away, or ended the run
    FINDING_NOT_FOUND, // EM has nothing of that name; `fault`, if any, is what fetch says of it
    FINDING_NO_POLICY, // EM has no session of such a policy, but maybe of one in `other_case`

    // Of a VM.
    FINDING_SESSION,    // `session` speaks for it, well or not
    FINDING_DOUBT,      // that the sessions are this VM's
    FINDING_BREACH,     // `metric` is beyond the range of that state
    FINDING_UNMEASURED, // `metric` has a range, but is not known
    FINDING_AHEAD,      // `session` has a time that is yet to come
    FINDING_SIGN,       // that its replication stands still, as the VM's `standing` has it
    FINDING_LEFT,       // its policy does not name it any more, and nothing runs
    FINDING_POINTS,     // its restore points, as they were measured
    FINDING_ODD,        // `session` had this `member` of a wrong type, which was left out

    // Of the run, in the order in which they are shown.
    FINDING_UNENCRYPTED,  // EM was asked without TLS
    FINDING_UNVERIFIED,   // EM's certificate was not looked at
    FINDING_BYTES,        // patterns are matched by bytes: the system has no UTF-8 locale
    FINDING_STALE,        // EM's data is older than the range of that state
    FINDING_UNCOLLECTED,  // EM knows of no successful data collection
    FINDING_DATA_UNKNOWN, // EM does not tell how old its data is, and that has a range, or
                          // it failed to in a run about EM itself
    FINDING_STANDSTILL,   // of the verdict's servers, some have no VM that runs
    FINDING_CLOCK_OFFSET, // EM's clock is far from this host's
    FINDING_ASSUMED,      // `vms` were judged that may not be meant
    FINDING_RENEWED,      // this run has renewed the snapshot
    FINDING_NO_POINTS,    // the lag was asked for and is not known of some VMs

    // The same, but shown after the VMs.
    FINDING_MISSED,     // the newest data collection has missed servers
    FINDING_FAILED,     // EM failed to answer what it was asked besides task sessions
    FINDING_OVERDUE,    // a snapshot could not be renewed by everything, but by what changed
    FINDING_UNJOINED,   // no replica of a server, or include of a policy, is a VM with sessions
    FINDING_REFUSED,    // EM does not tell this user some of that
    FINDING_UNRESOLVED, // policies include what EM can't be asked for the VMs of
    FINDING_MOVED       // VMs have moved to another policy
};

/* Its texts and sessions are borrowed from the site and the scope. */
struct finding {
    enum finding_kind kind;
    int state; // what it makes of the VM or of the run; STATE_OK: nothing
    union {
        enum metric metric;
        enum doubt doubt;
        enum session_member member;
    };
    const struct task_session *session;
    const struct fault *fault;
    const char *asked;      // the name that a fault is about; NULL: none
    const char *other_case; // a policy's name that differs from it in case only; NULL: none
    size_t vms;             // those of which EM says too little to know whether they are meant
};

/* Whether it is why there is no verdict. */
bool finding_is_fault(const struct finding *finding);

/* The kind of fault that it is, as finding_is_fault says, to the exit code and to reports. */
enum fault_kind finding_fault_kind(const struct finding *finding);

#endif
