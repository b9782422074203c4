// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/coverage.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "base/vec.h"

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
    if (expected != NULL) {
        vec_sort(expected, *count, sizeof *expected, compare_expected);
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
    if (target->replica == NULL && vm->replica != NULL) {
        target->replica = vm; // a policy that does not say its server names the VM once more
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
        of_name[count++] = (struct target){.vm = vm->vm,
                                           .policy = vm->policy,
                                           .backup_server = vm->backup_server,
                                           .expected = vm,
                                           .replica = vm->replica != NULL ? vm : NULL};
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

/* ---- replicas and includes whose names are no VMs' ---- */

/* A protected VM, and whether it has sessions. */
struct entry {
    size_t place; // in the site's list
    const struct protected_vm *vm;
    bool joined;
};

static int compare_entries_by_vm(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return compare_texts(a->vm->vm, b->vm->vm, strcmp);
}

static int compare_entries_by_server(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return compare_texts(a->vm->backup_server, b->vm->backup_server, strcasecmp);
}

/* Of one policy's name by server. */
static int compare_entries_by_policy(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    const int order = compare_texts(a->vm->policy, b->vm->policy, strcmp);
    return order != 0 ? order : compare_entries_by_server(left, right);
}

/* What settling needs; the entries are sorted as it goes. */
struct settling {
    struct entry *entries;
    size_t entry_count;
    struct targets targets; // the VMs with sessions
    struct set heard;       // policies and servers that there are sessions of: is_heard
    bool *dropped;          // of all protected VMs of the site
};

/* What stands for any server, and for one that is not known. No host has such a name. */
static const char any_server[] = "*";
static const char no_server[] = "?";

static uint64_t key_of(const char *policy, const char *server)
{
    const uint64_t of_server = hash_nocase(server);
    return hash_bytes(policy != NULL ? hash_text(policy) : 0, &of_server, sizeof of_server);
}

/* False: memory is short. */
static bool add_heard(struct set *heard, const struct task_session *session)
{
    const char *policy = session->policy;
    const char *server = session->backup_server != NULL ? session->backup_server : no_server;
    return set_add(heard, key_of(NULL, server)) != NULL &&
           set_add(heard, key_of(NULL, any_server)) != NULL &&
           (policy == NULL || (set_add(heard, key_of(policy, server)) != NULL &&
                               set_add(heard, key_of(policy, any_server)) != NULL));
}

/* Many sessions in a row are of one policy. */
static bool is_alike(const struct task_session *a, const struct task_session *b)
{
    return compare_texts(a->policy, b->policy, strcmp) == 0 &&
           compare_texts(a->backup_server, b->backup_server, strcmp) == 0;
}

static bool hear(struct set *heard, const struct task_sessions *sessions)
{
    bool added = true;
    for (size_t i = 0; i < sessions->count && added; i++) {
        added = (i > 0 && is_alike(&sessions->items[i - 1], &sessions->items[i])) ||
                add_heard(heard, &sessions->items[i]);
    }
    return added;
}

/* Whether there is a session of the policy, or of any if that is NULL, on the server. One that
 * lacks its server may be of any. */
static bool is_heard(const struct set *heard, const char *policy, const char *server)
{
    return set_find(heard, key_of(policy, server != NULL ? server : any_server)) != NULL ||
           (server != NULL && set_find(heard, key_of(policy, no_server)) != NULL);
}

static int prepare(struct settling *settling, const struct site *site, struct fault *fault)
{
    const size_t count = site->protected_vms.count;
    if (targets_group(&site->sessions, false, &settling->targets, fault) < 0) {
        return -1;
    }
    settling->entries = calloc(count + 1, sizeof *settling->entries);
    settling->dropped = calloc(count + 1, sizeof *settling->dropped);
    return settling->entries != NULL && settling->dropped != NULL &&
                   hear(&settling->heard, &site->sessions)
               ? 0
               : fault_no_memory(fault);
}

static void release(struct settling *settling)
{
    free(settling->entries);
    targets_free(&settling->targets);
    set_free(&settling->heard);
    free(settling->dropped);
}

static bool is_named(const struct protected_vm *vm)
{
    return vm->named && vm->policy != NULL;
}

static bool has_replica(const struct protected_vm *vm)
{
    return vm->has_replica;
}

/* Makes those that pass the entries, in the order of the list. */
static void enter(struct settling *settling, const struct site *site,
                  bool (*passes)(const struct protected_vm *))
{
    const struct protected_vms *all = &site->protected_vms;
    settling->entry_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!settling->dropped[i] && passes(&all->items[i])) {
            settling->entries[settling->entry_count++] =
                (struct entry){.place = i, .vm = &all->items[i]};
        }
    }
}

static void sort(const struct settling *settling, int (*compare)(const void *, const void *))
{
    vec_sort(settling->entries, settling->entry_count, sizeof *settling->entries, compare);
}

static bool has_session_that_fits(const struct target *target, const struct protected_vm *vm)
{
    bool found = false;
    for (size_t i = 0; i < target->count && !found; i++) {
        const struct task_session *session = target->sessions[i];
        found = fits(vm, session->policy, session->backup_server);
    }
    return found;
}

/* Finds out which entries have sessions. */
static void join_entries(const struct settling *settling)
{
    const struct targets *targets = &settling->targets;
    size_t first = 0; // of the targets of the entry's name
    sort(settling, compare_entries_by_vm);
    for (size_t i = 0; i < settling->entry_count; i++) {
        struct entry *entry = &settling->entries[i];
        const char *name = entry->vm->vm;
        while (first < targets->count &&
               compare_texts(targets->items[first].vm, name, strcmp) < 0) {
            first++;
        }
        for (size_t j = first; j < targets->count && !entry->joined; j++) {
            if (name == NULL || compare_texts(targets->items[j].vm, name, strcmp) != 0) {
                break;
            }
            entry->joined = has_session_that_fits(&targets->items[j], entry->vm);
        }
    }
}

/* Entries that are alike, from `first` on. */
struct group {
    size_t first, end;
    bool joined; // one of them
};

static struct group next_group(const struct settling *settling, size_t first,
                               int (*compare)(const void *, const void *))
{
    const struct entry *entries = settling->entries;
    struct group group = {.first = first, .end = first};
    while (group.end < settling->entry_count &&
           compare(&entries[first], &entries[group.end]) == 0) {
        group.joined = group.joined || entries[group.end].joined;
        group.end++;
    }
    return group;
}

static const char policy_prefix[] = "policy "; // no host name has a space

bool coverage_is_policy(const char *unjoined)
{
    return strncmp(unjoined, policy_prefix, strlen(policy_prefix)) == 0;
}

/* What is there already was settled before, and so has no replicas any more. */
static void add_unjoined(struct site *site, const char *prefix, const char *name)
{
    const size_t length = strlen(prefix);
    bool found = false;
    for (size_t i = 0; i < site->unjoined.count && !found; i++) {
        const char *text = site->unjoined.text[i];
        found = strncmp(text, prefix, length) == 0 && strcmp(text + length, name) == 0;
    }
    if (!found) {
        lines_add(&site->unjoined, "%s%s", prefix, name);
    }
}

/*
 * That a policy includes nothing but VMs, not one of which has sessions though it has some, shows
 * that the includes' names are no VMs': they are forgotten.
 */
static void forget_includes(const struct settling *settling, const struct group *group,
                            struct site *site)
{
    const struct protected_vm *vm = settling->entries[group->first].vm;
    const struct policy *policy = policies_find(&site->policies, vm->policy, vm->backup_server);
    if (policy == NULL || !policy->lists_all) {
        return;
    }
    for (size_t i = group->first; i < group->end; i++) {
        const size_t place = settling->entries[i].place;
        struct protected_vm *included = &site->protected_vms.items[place];
        settling->dropped[place] = !included->has_replica;
        included->named = false;
    }
    site->policies.items[policy - site->policies.items].lists_all = false;
    add_unjoined(site, policy_prefix, policy->name);
}

static void settle_policies(struct settling *settling, struct site *site)
{
    struct group group = {.end = 0};
    enter(settling, site, is_named);
    if (settling->entry_count == 0) {
        return;
    }
    join_entries(settling);
    sort(settling, compare_entries_by_policy);
    while (group.end < settling->entry_count) {
        group = next_group(settling, group.end, compare_entries_by_policy);
        const struct protected_vm *vm = settling->entries[group.first].vm;
        if (!group.joined && is_heard(&settling->heard, vm->policy, vm->backup_server)) {
            forget_includes(settling, &group, site);
        }
    }
}

/* Those that its policy names stay. */
static void drop_replicas(const struct settling *settling, const struct group *group,
                          struct site *site)
{
    const char *server = settling->entries[group->first].vm->backup_server;
    for (size_t i = group->first; i < group->end; i++) {
        const struct entry *replica = &settling->entries[i];
        settling->dropped[replica->place] = !replica->vm->named;
    }
    add_unjoined(site, "", server != NULL ? server : "?");
}

static void settle_servers(struct settling *settling, struct site *site)
{
    struct group group = {.end = 0};
    enter(settling, site, has_replica);
    if (settling->entry_count == 0) {
        return;
    }
    join_entries(settling);
    sort(settling, compare_entries_by_server);
    while (group.end < settling->entry_count) {
        group = next_group(settling, group.end, compare_entries_by_server);
        const char *server = settling->entries[group.first].vm->backup_server;
        if (!group.joined && is_heard(&settling->heard, NULL, server)) {
            drop_replicas(settling, &group, site);
        }
    }
}

/* Frees the dropped ones; the others stay in their order. */
static void keep_others(struct protected_vms *vms, const bool *dropped)
{
    size_t kept = 0;
    for (size_t i = 0; i < vms->count; i++) {
        if (dropped[i]) {
            protected_vm_free(&vms->items[i]);
        } else {
            vms->items[kept++] = vms->items[i];
        }
    }
    vms->count = kept;
}

int coverage_settle(struct site *site, struct fault *fault)
{
    struct settling settling = {.entries = NULL};
    int result = prepare(&settling, site, fault);
    if (result == 0) {
        settle_policies(&settling, site);
        settle_servers(&settling, site);
        keep_others(&site->protected_vms, settling.dropped);
        result = site->unjoined.no_memory ? fault_no_memory(fault) : 0;
    }
    release(&settling);
    return result;
}
