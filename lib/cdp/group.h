// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which task sessions speak for a VM. VMs are told apart by backup server, policy and name; a
 * session without a policy or backup server belongs to the VM of that name if there is
 * only one that it may be. Pure: takes sessions, gives targets.
 */
#ifndef CDP_GROUP_H
#define CDP_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "cdp/protected_vm.h"
#include "cdp/task_session.h"

/* One VM, or one session that was asked for by its id: what gets one verdict. */
struct target {
    const char *vm; // these three may be NULL: not known
    const char *policy;
    const char *backup_server;
    const struct task_session *const *sessions; // newest first; those without a creation time last
    size_t count; // at least 1, unless `expected` says that there should be one
    const struct protected_vm *expected; // by a policy or a replica; NULL: not that is known
    const struct protected_vm *replica;  // where EM has its replica; NULL: not known
    bool unplaced; // its sessions may be of several of the targets of that name: it is no VM
};

/* Targets in the order of their names. The sessions are borrowed. */
struct targets {
    const struct task_session **sorted;
    struct target *items;
    size_t count;
};

/*
 * Sorts sessions and groups them by VM, or leaves each as a target of its own. A session that is
 * there twice, because pages shifted while they were read, counts once: as it was read last.
 * 0, or -1 where memory is short. Free the targets in either case.
 */
int targets_group(const struct task_sessions *sessions, bool each_alone, struct targets *targets,
                  struct fault *fault);

void targets_free(struct targets *targets);

/* Whether the session is of that VM: of its name and, if known, its policy and backup server. */
bool target_fits(const struct target *target, const struct task_session *session);

/* Whether the session may be of that VM: a policy or server that either lacks fits any. */
bool target_may_have(const struct target *target, const struct task_session *session);

/* Whether the first of two of one name may be the second: its policy and backup server are
 * the second's, or not known. */
bool target_may_be(const struct target *target, const struct target *other);

/* Where the targets of that name begin, or would. */
size_t targets_first_of_name(const struct targets *targets, const char *vm);

/* Where the targets of the same name as that at `first` end. Those without a name are alone. */
size_t targets_end_of_name(const struct targets *targets, size_t first);

/*
 * Drops what no verdict needs: of each VM its newest session stays, the newest that runs, the last
 * completed and the last good one, and those without a creation time. Each that stays says since
 * when its VM had sessions. 0, or -1 where memory is short.
 */
int targets_condense(struct task_sessions *sessions, struct fault *fault);

/*
 * Frees the sessions that `keep` has no true for, of those that targets_condense has left and that
 * nothing was added to. The others need not be sorted again. 0, or -1 where memory is short; then
 * all are there.
 */
int targets_keep(struct task_sessions *sessions, const bool *keep, struct fault *fault);

/* The newest completed session of a target; NULL where it has none. */
const struct task_session *target_last_completed(const struct target *target);

/* The newest one that completed and did not fail, so that it left a restore point; NULL: none. */
const struct task_session *target_last_good(const struct target *target);

/*
 * Whether a session of it runs: the newest, or one of which it is not known when it began. What
 * seems to run behind a newer session that has completed is what EM never heard the end of; one
 * that is gone ran once.
 */
bool target_runs(const struct target *target);

/* The creation of the oldest session that EM gave of it. False: none has a creation time. */
bool target_oldest(const struct target *target, utc_us *created);

#define cleanup_targets __attribute__((cleanup(targets_free)))

#endif
