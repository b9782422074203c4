// SPDX-License-Identifier: GPL-3.0-or-later
/* CDP policies, as EM has them. The VMs that they name are in protected_vm.h. */
#ifndef CDP_POLICY_H
#define CDP_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

/* So many, and so many bytes of their texts. */
enum { POLICIES_LIMIT = 100000, POLICIES_SIZE_LIMIT = 64 * 1024 * 1024 };

struct policy {
    const char *name;
    const char *backup_server; // NULL: not known
    const char *containers;    // what it includes besides VMs, "Folder Prod, Tag gold"; NULL: none
    bool has_enabled, has_rpo, has_long_term; // whether EM says so
    bool enabled;
    bool lists_all;     // it includes nothing but VMs, each by name
    double rpo_s;       // recovery point objective
    double long_term_s; // between long-term restore points, which is how long a session lasts
    double replication_pause_s; // the longest run of hours without replication, around the week
    double long_term_pause_s;   // the same without long-term restore points
    char *texts;                // where those above stand
};

/* {0} is an empty list. */
struct policies {
    struct policy *items;
    size_t count;
    size_t capacity;
    size_t size; // bytes of the texts that were ever appended
};

/* As protected_vms_append. */
int policies_append(struct policies *policies, const struct policy *policy, struct fault *fault);

/*
 * Moves all policies to the end of `to`, or into the place of one of the same name and backup
 * server. 0, or -1 with a fault if `to` is full or memory is short; then nothing was moved.
 */
int policies_move(struct policies *to, struct policies *from, struct fault *fault);

/*
 * The policy of that name and backup server; a server that is not known fits any if there is one
 * policy of that name only. NULL: EM told none, or does not say which.
 */
const struct policy *policies_find(const struct policies *policies, const char *name,
                                   const char *backup_server);

/* Whether there is one of that name, on any backup server. */
bool policies_have(const struct policies *policies, const char *name);

void policies_free(struct policies *policies);

#define cleanup_policies __attribute__((cleanup(policies_free)))

#endif
