// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Task sessions of VMs that are asked for by the VMs' names, because those that EM was asked for
 * first, of a policy or of late, don't suffice.
 */
#ifndef FETCH_BY_NAME_H
#define FETCH_BY_NAME_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/utc.h"
#include "cdp/pick.h"
#include "cdp/task_session.h"
#include "em/client.h"
#include "fetch/policy_sessions.h"

/* How far back is read. */
enum by_name_goal {
    BY_NAME_COMPLETED, // to the last completed session of each VM
    BY_NAME_GOOD       // to the last one of each that completed and did not fail
};

/* All of it is borrowed. */
struct by_name {
    struct em_client *client;
    const struct policy_sessions *policy_sessions; // of the VMs' policy; of none: of any policy
    struct picks vms;     // they have names, and all of a name stand together
    size_t names_at_once; // 0: as many as a request has room for
    enum by_name_goal goal;
    bool runs_too; // what runs under any policy is not known: it is read as well
    size_t *read;  // sessions that EM gave are counted there
    utc_us since;  // sessions that completed before are not read; 0: however old
    // With BY_NAME_COMPLETED, whether a session that is not a completed one of the VMs stays as
    // well; NULL: none does.
    bool (*keeps)(const void *reader, const struct task_session *session);
    const void *reader; // for the function
};

/*
 * Appends to `older` the completed sessions that the VMs may have, as far as they decide, and what
 * else stays. Those that may be of another VM as well, of former days perhaps, are
 * SESSION_UNPLACED; of BY_NAME_GOOD they are left out. 0, or -1 with a fault.
 */
int by_name_read(const struct by_name *wanted, struct task_sessions *older, struct fault *fault);

#endif
