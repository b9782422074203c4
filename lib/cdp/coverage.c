// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/coverage.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Absent texts come first. */
static int compare_texts(const char *a, const char *b, int (*compare)(const char *, const char *))
{
    return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : compare(a, b);
}

static bool may_be_policy(const char *a, const char *b)
{
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

static bool may_be_host(const char *a, const char *b)
{
    return a == NULL || b == NULL || text_equal_name_nocase(a, b);
}

/* Of two of one VM's name. */
static bool fits(const struct protected_vm *vm, const char *policy, const char *backup_server)
{
    return may_be_policy(vm->policy, policy) && may_be_host(vm->backup_server, backup_server);
}

/* ---- which VMs should have sessions ---- */

/* Policies' hosts may be told in another case than replicas'. */
static bool has_policy(const struct policies *policies, const struct protected_vm *vm)
{
    bool found = false;
    for (size_t i = 0; vm->policy != NULL && i < policies->count && !found; i++) {
        found = strcmp(policies->items[i].name, vm->policy) == 0 &&
                may_be_host(policies->items[i].backup_server, vm->backup_server);
    }
    return found;
}

/* A replica stays when its policy is deleted: nobody expects sessions of it then. */
static bool counts(const struct protected_vm *vm, const struct site *site)
{
    return vm->vm != NULL && (vm->named || site->answers[SITE_POLICIES].knowledge != SITE_TOLD ||
                              has_policy(&site->policies, vm));
}

/* By name; of one name those that say most come first, so that the others join them. */
static int compare_expected(const void *left, const void *right)
{
    const struct protected_vm *a = *(const struct protected_vm *const *)left;
    const struct protected_vm *b = *(const struct protected_vm *const *)right;
    int order = strcmp(a->vm, b->vm);
    order = order != 0 ? order : b->named - a->named;
    order = order != 0 ? order : compare_texts(b->policy, a->policy, strcmp);
    return order != 0 ? order : compare_texts(b->backup_server, a->backup_server, strcasecmp);
}

/* NULL: memory is short. */
static const struct protected_vm **sort_expected(const struct site *site, size_t *count)
{
    const struct protected_vms *all = &site->protected_vms;
    const struct protected_vm **expected = calloc(all->count + 1, sizeof *expected);
    *count = 0;
    for (size_t i = 0; expected != NULL && i < all->count; i++) {
        if (counts(&all->items[i], site)) {
            expected[(*count)++] = &all->items[i];
        }
    }
    if (*count > 1) {
        qsort(expected, *count, sizeof *expected, compare_expected);
    }
    return expected;
}

/* ---- joining ---- */

/* Makes the VM what the target is expected to be. False: it is another VM. */
static bool join_target(struct target *target, const struct protected_vm *vm)
{
    if (target->unplaced || !fits(vm, target->policy, target->backup_server)) {
        return false;
    }
    if (target->expected == NULL || (vm->named && !target->expected->named)) {
        target->expected = vm;
    }
    if (target->count == 0) {
        target->policy = target->policy != NULL ? target->policy : vm->policy;
        target->backup_server =
            target->backup_server != NULL ? target->backup_server : vm->backup_server;
    }
    return true;
}

/* Joins the VM to the targets of its name, or adds one to them. Returns how many they are. */
static size_t join_vm(struct target *of_name, size_t count, const struct protected_vm *vm)
{
    bool joined = false;
    for (size_t i = 0; i < count; i++) {
        joined = join_target(&of_name[i], vm) || joined;
    }
    if (!joined) {
        of_name[count++] = (struct target){
            .vm = vm->vm, .policy = vm->policy, .backup_server = vm->backup_server, .expected = vm};
    }
    return count;
}

/* Merges targets and VMs, both by name, into `items`, which has room. Returns how many it has. */
static size_t merge(const struct targets *targets, const struct protected_vm *const *expected,
                    size_t expected_count, struct target *items)
{
    size_t count = 0;
    size_t next = 0;
    for (size_t i = 0; i < targets->count || next < expected_count;) {
        const bool has_target =
            i < targets->count &&
            (next == expected_count ||
             compare_texts(targets->items[i].vm, expected[next]->vm, strcmp) <= 0);
        const char *name = has_target ? targets->items[i].vm : expected[next]->vm;
        const size_t first = count;
        while (i < targets->count && compare_texts(targets->items[i].vm, name, strcmp) == 0) {
            items[count++] = targets->items[i++];
        }
        for (; next < expected_count && name != NULL && strcmp(expected[next]->vm, name) == 0;
             next++) {
            count = first + join_vm(items + first, count - first, expected[next]);
        }
    }
    return count;
}

int coverage_join(struct targets *targets, const struct site *site, struct fault *fault)
{
    size_t expected_count = 0;
    cleanup_free const struct protected_vm **expected = sort_expected(site, &expected_count);
    struct target *items =
        expected != NULL ? calloc(targets->count + expected_count + 1, sizeof *items) : NULL;
    if (items == NULL) {
        return fault_no_memory(fault);
    }
    targets->count = merge(targets, expected, expected_count, items);
    free(targets->items);
    targets->items = items;
    return 0;
}

/* ---- replicas whose names are no VMs' ---- */

/* A replica, and whether it is of a VM with sessions. */
struct replica {
    size_t place; // in the site's list
    const struct protected_vm *vm;
    bool joined;
};

static int compare_replicas_by_vm(const void *left, const void *right)
{
    const struct replica *a = left;
    const struct replica *b = right;
    return compare_texts(a->vm->vm, b->vm->vm, strcmp);
}

static int compare_replicas_by_server(const void *left, const void *right)
{
    const struct replica *a = left;
    const struct replica *b = right;
    return compare_texts(a->vm->backup_server, b->vm->backup_server, strcasecmp);
}

static int compare_sessions_by_vm(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    return compare_texts(a->vm, b->vm, strcmp);
}

static int compare_sessions_by_server(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    return compare_texts(a->backup_server, b->backup_server, strcasecmp);
}

/* What settling needs; both lists are sorted as it goes. */
struct settling {
    struct replica *replicas;
    size_t replica_count;
    const struct task_session **sessions;
    size_t session_count;
    bool *dropped; // of all protected VMs of the site
};

static bool prepare(struct settling *settling, const struct site *site)
{
    const struct protected_vms *all = &site->protected_vms;
    settling->replicas = calloc(all->count + 1, sizeof *settling->replicas);
    settling->sessions = calloc(site->sessions.count + 1, sizeof *settling->sessions);
    settling->dropped = calloc(all->count + 1, sizeof *settling->dropped);
    if (settling->replicas == NULL || settling->sessions == NULL || settling->dropped == NULL) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].has_replica) {
            settling->replicas[settling->replica_count++] =
                (struct replica){.place = i, .vm = &all->items[i]};
        }
    }
    for (size_t i = 0; i < site->sessions.count; i++) {
        settling->sessions[settling->session_count++] = &site->sessions.items[i];
    }
    return true;
}

static void release(struct settling *settling)
{
    free(settling->replicas);
    free(settling->sessions);
    free(settling->dropped);
}

/* Finds out which replicas are of VMs with sessions. */
static void join_replicas(const struct settling *settling)
{
    size_t first = 0; // of the sessions of the replica's name
    qsort(settling->replicas, settling->replica_count, sizeof *settling->replicas,
          compare_replicas_by_vm);
    qsort(settling->sessions, settling->session_count, sizeof *settling->sessions,
          compare_sessions_by_vm);
    for (size_t i = 0; i < settling->replica_count; i++) {
        struct replica *replica = &settling->replicas[i];
        const char *name = replica->vm->vm;
        while (first < settling->session_count &&
               compare_texts(settling->sessions[first]->vm, name, strcmp) < 0) {
            first++;
        }
        for (size_t j = first; j < settling->session_count && !replica->joined; j++) {
            const struct task_session *session = settling->sessions[j];
            if (name == NULL || compare_texts(session->vm, name, strcmp) != 0) {
                break;
            }
            replica->joined = fits(replica->vm, session->policy, session->backup_server);
        }
    }
}

/* Of one backup server's replicas, of which none joins. */
static void drop(const struct settling *settling, size_t first, size_t end, struct site *site)
{
    const char *server = settling->replicas[first].vm->backup_server;
    for (size_t i = first; i < end; i++) {
        const struct replica *replica = &settling->replicas[i];
        settling->dropped[replica->place] = !replica->vm->named;
    }
    lines_add(&site->unjoined, "%s", server != NULL ? server : "?");
}

/* Goes through the replicas and sessions server by server. */
static void settle_servers(const struct settling *settling, struct site *site)
{
    size_t next = 0;
    qsort(settling->replicas, settling->replica_count, sizeof *settling->replicas,
          compare_replicas_by_server);
    qsort(settling->sessions, settling->session_count, sizeof *settling->sessions,
          compare_sessions_by_server);
    // A session that lacks its server, which comes first then, may be of any.
    const bool any = settling->session_count > 0 && settling->sessions[0]->backup_server == NULL;
    for (size_t first = 0, end = 0; first < settling->replica_count; first = end) {
        const char *server = settling->replicas[first].vm->backup_server;
        bool joined = false;
        for (; end < settling->replica_count &&
               compare_texts(settling->replicas[end].vm->backup_server, server, strcasecmp) == 0;
             end++) {
            joined = joined || settling->replicas[end].joined;
        }
        while (next < settling->session_count &&
               compare_texts(settling->sessions[next]->backup_server, server, strcasecmp) < 0) {
            next++;
        }
        const bool has_sessions =
            any ||
            (next < settling->session_count &&
             (server == NULL || strcasecmp(settling->sessions[next]->backup_server, server) == 0));
        if (has_sessions && !joined) {
            drop(settling, first, end, site);
        }
    }
}

/* Frees the dropped ones; the others stay in their order. */
static void keep_others(struct protected_vms *vms, const bool *dropped)
{
    size_t kept = 0;
    for (size_t i = 0; i < vms->count; i++) {
        if (dropped[i]) {
            free(vms->items[i].texts);
        } else {
            vms->items[kept++] = vms->items[i];
        }
    }
    vms->count = kept;
}

int coverage_settle(struct site *site, struct fault *fault)
{
    struct settling settling = {.replicas = NULL};
    bool ok = prepare(&settling, site);
    if (ok && settling.replica_count > 0) {
        join_replicas(&settling);
        settle_servers(&settling, site);
        ok = !site->unjoined.no_memory;
    }
    if (ok) {
        keep_others(&site->protected_vms, settling.dropped);
    }
    release(&settling);
    return ok ? 0 : fault_no_memory(fault);
}
