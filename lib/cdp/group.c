// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/group.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"

/* Absent texts come first. */
static int compare_texts(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

/* The same for names of hosts, which have no case. */
static int compare_hosts(const char *a, const char *b)
{
    return a == NULL || b == NULL ? compare_texts(a, b) : strcasecmp(a, b);
}

static bool is_unplaced(const struct task_session *session)
{
    return (session->odd & SESSION_UNPLACED) != 0;
}

/* A session without a VM's name is a VM of its own, if it has a UID. */
static int compare_vms(const struct task_session *a, const struct task_session *b)
{
    int order = compare_texts(a->vm, b->vm);
    order = order != 0 ? order : compare_texts(a->policy, b->policy);
    order = order != 0 ? order : compare_hosts(a->backup_server, b->backup_server);
    order = order != 0 ? order : is_unplaced(a) - is_unplaced(b);
    return order != 0 || a->vm != NULL ? order : compare_texts(a->uid, b->uid);
}

bool target_may_be(const struct target *target, const struct target *other)
{
    return (target->policy == NULL || compare_texts(target->policy, other->policy) == 0) &&
           (target->backup_server == NULL ||
            compare_hosts(target->backup_server, other->backup_server) == 0);
}

bool target_fits(const struct target *target, const struct task_session *session)
{
    const struct target of_session = {.policy = session->policy,
                                      .backup_server = session->backup_server};
    return compare_texts(target->vm, session->vm) == 0 && target_may_be(target, &of_session);
}

bool target_may_have(const struct target *target, const struct task_session *session)
{
    return compare_texts(target->vm, session->vm) == 0 &&
           (target->policy == NULL || session->policy == NULL ||
            strcmp(target->policy, session->policy) == 0) &&
           (target->backup_server == NULL || session->backup_server == NULL ||
            strcasecmp(target->backup_server, session->backup_server) == 0);
}

static int compare_ages(const struct task_session *a, const struct task_session *b)
{
    if (a->has_created != b->has_created) {
        return a->has_created ? -1 : 1;
    }
    return a->has_created ? (a->created < b->created) - (a->created > b->created) : 0;
}

/* Newest first. */
static int compare_in_vm(const void *left, const void *right)
{
    const struct task_session *a = *(const struct task_session *const *)left;
    const struct task_session *b = *(const struct task_session *const *)right;
    const int order = compare_ages(a, b);
    return order != 0 ? order : compare_texts(a->uid, b->uid);
}

/* A session in a sorted list. The numbers sort it, as its texts lie far away in memory. */
struct placed {
    uint64_t key;   // for its VM's name
    utc_us created; // INT64_MIN: not known
    const struct task_session *session;
    bool leads; // it is the first of its VM
};

/* What was found out about a session is not lost if it is read again. */
static void keep_known(const struct task_session *known, struct task_session *again)
{
    again->odd |= known->odd & SESSION_UNPLACED;
    if (known->has_oldest && (!again->has_oldest || known->oldest < again->oldest)) {
        again->has_oldest = true;
        again->oldest = known->oldest;
    }
}

/*
 * A session may change between two readings, even in its VM's name: only its UID identifies it. The
 * last reading counts. Of two UIDs of one hash, which is as good as impossible, both stay. The
 * sessions are those of `items`, if these may be changed. False: no memory.
 */
static bool drop_repeated(struct task_session *items, struct placed *sessions, size_t *count)
{
    cleanup_set struct set places = {.slots = NULL}; // from 1, of the sessions that are kept
    size_t kept = 0;
    if (!set_expect(&places, *count)) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        const char *uid = sessions[i].session->uid;
        if (uid == NULL) {
            sessions[kept++] = sessions[i];
            continue;
        }
        uint32_t *place = set_add(&places, hash_nocase(uid));
        if (place == NULL) {
            return false;
        }
        struct placed *known = *place > 0 ? &sessions[*place - 1] : NULL;
        assert(*place <= kept && kept <= i && kept < UINT32_MAX);
        assert(known == NULL || known->session != NULL);
        if (known != NULL && text_equal_nocase(known->session->uid, uid)) {
            if (items != NULL) {
                keep_known(known->session, &items[sessions[i].session - items]);
            }
            *known = sessions[i];
            continue;
        }
        sessions[kept++] = sessions[i];
        *place = (uint32_t)kept;
    }
    *count = kept;
    return true;
}

/* The length of what all VMs' names begin with, which tells none from another. */
static size_t common_length(const struct placed *sessions, size_t count)
{
    const char *model = NULL;
    size_t common = 0;
    for (size_t i = 0; i < count; i++) {
        const char *vm = sessions[i].session->vm;
        if (model == NULL && vm != NULL) {
            model = vm;
            common = strlen(model);
        } else if (vm != NULL) {
            size_t same = 0;
            while (same < common && vm[same] == model[same]) {
                same++;
            }
            common = same;
        }
    }
    return common;
}

/*
 * Eight bytes of a VM's name behind what all names begin with, as a number: in the order that
 * strcmp gives the names. 0 for no name.
 */
static uint64_t key_of_name(const char *vm, size_t common)
{
    const char *next = vm != NULL ? vm + common : "";
    uint64_t key = 0;
    for (size_t byte = 0; byte < sizeof key; byte++) {
        key = key << 8 | (unsigned char)*next;
        next += *next != '\0' ? 1 : 0;
    }
    return key;
}

static int compare_keys(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    const int order = (a->key > b->key) - (a->key < b->key);
    return order != 0 ? order : (a->created < b->created) - (a->created > b->created);
}

/* By VM, newest first. */
static int compare_by_vm(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    const int order = compare_vms(a->session, b->session);
    return order != 0 ? order : compare_in_vm(&a->session, &b->session);
}

/* Finds the first of each VM among sessions of one key. False: they are not in order yet. */
static bool find_leading(struct placed *sessions, size_t count)
{
    bool in_order = true;
    sessions[0].leads = true;
    for (size_t i = 1; i < count && in_order; i++) {
        const int order = compare_vms(sessions[i - 1].session, sessions[i].session);
        sessions[i].leads = order != 0;
        in_order = order < 0 || (order == 0 && compare_in_vm(&sessions[i - 1].session,
                                                             &sessions[i].session) <= 0);
    }
    return in_order;
}

static void sort_by_vm(struct placed *sessions, size_t count)
{
    const size_t common = common_length(sessions, count);
    for (size_t i = 0; i < count; i++) {
        sessions[i].key = key_of_name(sessions[i].session->vm, common);
    }
    qsort(sessions, count, sizeof *sessions, compare_keys);
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && sessions[end].key == sessions[first].key) {
            end++;
        }
        if (!find_leading(sessions + first, end - first)) {
            qsort(sessions + first, end - first, sizeof *sessions, compare_by_vm);
            find_leading(sessions + first, end - first);
        }
    }
}

static bool is_ranked(const struct task_sessions *sessions)
{
    return sessions->ranked == sessions->count;
}

static void place_by_rank(const struct task_sessions *sessions, struct placed *placed)
{
    for (size_t i = 0; i < sessions->count; i++) {
        const struct task_session *session = &sessions->items[i];
        assert(session->rank < sessions->count);
        placed[session->rank] = (struct placed){.session = session, .leads = session->leads};
    }
}

/*
 * The sessions, each once, by VM, newest first, and how many they are. The caller frees them.
 * `items` are those of `sessions`, or NULL, as above. NULL: no memory.
 */
static struct placed *sort_sessions(const struct task_sessions *sessions,
                                    struct task_session *items, size_t *count)
{
    struct placed *placed = calloc(sessions->count + 1, sizeof *placed);
    *count = sessions->count;
    if (placed == NULL) {
        return NULL;
    }
    if (is_ranked(sessions)) {
        place_by_rank(sessions, placed);
        return placed;
    }
    for (size_t i = 0; i < *count; i++) {
        const struct task_session *session = &sessions->items[i];
        placed[i].session = session;
        placed[i].created = session->has_created ? session->created : INT64_MIN;
    }
    if (!drop_repeated(items, placed, count)) {
        free(placed);
        return NULL;
    }
    sort_by_vm(placed, *count);
    return placed;
}

/* Their sessions, which the caller frees as a list. NULL: no memory, or `placed` is NULL. */
static const struct task_session **list_sessions(const struct placed *placed, size_t count)
{
    const struct task_session **list = placed != NULL ? calloc(count + 1, sizeof *list) : NULL;
    for (size_t i = 0; i < count && list != NULL; i++) {
        list[i] = placed[i].session;
    }
    return list;
}

size_t targets_first_of_name(const struct targets *targets, const char *vm)
{
    size_t first = 0;
    for (size_t end = targets->count; first < end;) {
        const size_t middle = first + (end - first) / 2;
        if (compare_texts(targets->items[middle].vm, vm) < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

size_t targets_end_of_name(const struct targets *targets, size_t first)
{
    assert(first < targets->count);
    const char *vm = targets->items[first].vm;
    size_t end = first + 1;
    while (vm != NULL && end < targets->count && compare_texts(vm, targets->items[end].vm) == 0) {
        end++;
    }
    return end;
}

/* What stands for the place of a target that may be several others. */
static const size_t several = SIZE_MAX;

/* Whether a target may be another one, which is a VM for all that is known. */
static bool may_be(const struct target *targets, size_t one, size_t other)
{
    return one != other && !is_unplaced(targets[other].sessions[0]) &&
           target_may_be(&targets[one], &targets[other]);
}

/* Of the targets of a name, which are sorted, those that one may be: all, or those of its policy.
 */
struct span {
    size_t first, end;
};

static struct span candidates(const struct target *targets, size_t count, size_t one)
{
    const char *policy = targets[one].policy;
    struct span span = {.first = 0, .end = count};
    if (policy != NULL) {
        span = (struct span){.first = one, .end = one + 1};
        while (span.first > 0 && compare_texts(targets[span.first - 1].policy, policy) == 0) {
            span.first--;
        }
        while (span.end < count && compare_texts(targets[span.end].policy, policy) == 0) {
            span.end++;
        }
    }
    return span;
}

static bool may_be_another(const struct target *targets, size_t count, size_t one)
{
    const struct span span = candidates(targets, count, one);
    bool found = false;
    for (size_t i = span.first; i < span.end && !found; i++) {
        found = may_be(targets, one, i);
    }
    return found;
}

/* The VM that a target of a name with `count` of them is: itself, another one, or several. */
static size_t find_owner(const struct target *targets, size_t count, size_t one)
{
    size_t owner = one;
    if (is_unplaced(targets[one].sessions[0])) {
        return several;
    }
    if (targets[one].policy != NULL && targets[one].backup_server != NULL) {
        return one;
    }
    const struct span span = candidates(targets, count, one);
    for (size_t i = span.first; i < span.end; i++) {
        if (may_be(targets, one, i) && !may_be_another(targets, count, i)) {
            if (owner != one) {
                return several;
            }
            owner = i;
        }
    }
    return owner;
}

/* Memory for joining, as much as there are sessions. */
struct joining {
    size_t *owners;
    size_t *places;
    const struct task_session **sessions;
};

/*
 * Gives the sessions of the targets that are another one to that one. The targets and their
 * sessions stand together. Returns how many targets are left.
 */
static size_t move_to_owners(struct target *targets, size_t count, const struct joining *joining,
                             const struct task_session **sorted)
{
    size_t place = 0;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        joining->places[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        joining->places[joining->owners[i]] += targets[i].count;
    }
    for (size_t i = 0; i < count; i++) {
        assert(joining->owners[i] < count);
        const size_t size = joining->places[i];
        joining->places[i] = place;
        place += size;
    }
    for (size_t i = 0; i < count; i++) {
        size_t *to = &joining->places[joining->owners[i]];
        memcpy(&joining->sessions[*to], targets[i].sessions,
               targets[i].count * sizeof *joining->sessions);
        *to += targets[i].count;
    }
    memcpy(sorted, joining->sessions, place * sizeof *sorted);
    size_t start = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t end = joining->places[i];
        if (joining->owners[i] == i) {
            qsort(sorted + start, end - start, sizeof *sorted, compare_in_vm);
            targets[left] = targets[i];
            targets[left].sessions = sorted + start;
            targets[left++].count = end - start;
        }
        start = end;
    }
    assert(start == place && left > 0); // no session is lost
    return left;
}

static size_t join_one_name(struct targets *targets, size_t first, size_t count,
                            const struct joining *joining)
{
    struct target *items = &targets->items[first];
    bool joins = false;
    for (size_t i = 0; i < count; i++) {
        const size_t owner = find_owner(items, count, i);
        items[i].unplaced = owner == several;
        joining->owners[i] = owner == several ? i : owner;
        joins = joins || joining->owners[i] != i;
    }
    return joins ? move_to_owners(items, count, joining,
                                  targets->sorted + (items->sessions - targets->sorted))
                 : count;
}

static int join_unnamed(struct targets *targets, size_t session_count, struct fault *fault)
{
    cleanup_free size_t *owners = calloc(session_count + 1, sizeof *owners);
    cleanup_free size_t *places = calloc(session_count + 1, sizeof *places);
    cleanup_free const struct task_session **sessions = calloc(session_count + 1, sizeof *sessions);
    const struct joining joining = {owners, places, sessions};
    size_t left = 0;
    if (owners == NULL || places == NULL || sessions == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t first = 0, end = 0; first < targets->count; first = end) {
        end = targets_end_of_name(targets, first);
        const size_t count = join_one_name(targets, first, end - first, &joining);
        memmove(&targets->items[left], &targets->items[first], count * sizeof *targets->items);
        left += count;
    }
    targets->count = left;
    return 0;
}

int targets_group(const struct task_sessions *sessions, bool each_alone, struct targets *targets,
                  struct fault *fault)
{
    size_t count = 0;
    cleanup_free const struct placed *placed = sort_sessions(sessions, NULL, &count);
    *targets = (struct targets){
        .sorted = list_sessions(placed, count),
        .items = calloc(count + 1, sizeof *targets->items),
    };
    if (targets->sorted == NULL || targets->items == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < count; i++) {
        const struct task_session *session = placed[i].session;
        if (placed[i].leads || each_alone) {
            targets->items[targets->count++] = (struct target){
                .vm = session->vm,
                .policy = session->policy,
                .backup_server = session->backup_server,
                .sessions = &targets->sorted[i],
            };
        }
        targets->items[targets->count - 1].count++;
    }
    return each_alone ? 0 : join_unnamed(targets, count, fault);
}

/* Whether `session` is the first of its kind among one VM's, newest first. */
struct first_of_kind {
    bool running, completed, good;
};

static bool is_first(struct first_of_kind *seen, const struct task_session *session)
{
    const bool runs = task_session_runs(session);
    const bool good = task_session_is_good(session);
    const bool first =
        (runs && !seen->running) || (!runs && !seen->completed) || (good && !seen->good);
    seen->running = seen->running || runs;
    seen->completed = seen->completed || !runs;
    seen->good = seen->good || good;
    return first;
}

/* The creation of the oldest of one VM's sessions, as far as was seen. */
static bool find_oldest(const struct task_session *const *sessions, size_t count, utc_us *oldest)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        const struct task_session *session = sessions[i];
        if (session->has_oldest && (!found || session->oldest < *oldest)) {
            *oldest = session->oldest;
            found = true;
        }
        if (session->has_created && (!found || session->created < *oldest)) {
            *oldest = session->created;
            found = true;
        }
    }
    return found;
}

/* Marks which of one VM's sessions, newest first, decide on it. `sorted` are those of `items`. */
static void mark_deciding(struct task_session *items, const struct task_session *const *sorted,
                          size_t count, bool *keep)
{
    struct first_of_kind seen = {false, false, false};
    utc_us oldest = 0;
    const bool has_oldest = find_oldest(sorted, count, &oldest);
    for (size_t i = 0; i < count; i++) {
        struct task_session *session = &items[sorted[i] - items];
        session->has_oldest = has_oldest;
        session->oldest = oldest;
        keep[sorted[i] - items] = is_first(&seen, session) || i == 0 || !session->has_created;
    }
}

/* Drops the others, and ranks those that stay. */
static void keep_ranked(struct task_sessions *sessions, const struct placed *placed, size_t count,
                        const bool *keep)
{
    struct task_session *items = sessions->items;
    uint32_t next = 0;
    bool leads = false; // the next of its VM that stays
    for (size_t i = 0; i < count; i++) {
        struct task_session *session = &items[placed[i].session - items];
        leads = leads || placed[i].leads;
        if (keep[session - items]) {
            session->rank = next++;
            session->leads = leads;
            leads = false;
        }
    }
    task_sessions_keep(sessions, keep);
    sessions->ranked = sessions->count;
}

int targets_condense(struct task_sessions *sessions, struct fault *fault)
{
    if (is_ranked(sessions)) {
        return 0;
    }
    size_t count = 0;
    cleanup_free const struct placed *placed = sort_sessions(sessions, sessions->items, &count);
    cleanup_free const struct task_session **sorted = list_sessions(placed, count);
    cleanup_free bool *keep = calloc(sessions->count, sizeof *keep);
    if (sorted == NULL || keep == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = first + 1;
        while (end < count && !placed[end].leads) {
            end++;
        }
        mark_deciding(sessions->items, sorted + first, end - first, keep);
    }
    keep_ranked(sessions, placed, count, keep);
    return 0;
}

int targets_keep(struct task_sessions *sessions, const bool *keep, struct fault *fault)
{
    size_t count = 0;
    assert(is_ranked(sessions));
    cleanup_free const struct placed *placed = sort_sessions(sessions, NULL, &count);
    if (placed == NULL) {
        return fault_no_memory(fault);
    }
    keep_ranked(sessions, placed, count, keep);
    return 0;
}

void targets_free(struct targets *targets)
{
    free(targets->sorted);
    free(targets->items);
    *targets = (struct targets){0};
}

const struct task_session *target_last_completed(const struct target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        if (!task_session_runs(target->sessions[i])) {
            return target->sessions[i];
        }
    }
    return NULL;
}

const struct task_session *target_last_good(const struct target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        if (task_session_is_good(target->sessions[i])) {
            return target->sessions[i];
        }
    }
    return NULL;
}

bool target_runs(const struct target *target)
{
    // Those without a creation time come last: if the first has none, any may be the newest.
    const size_t newest = target->count > 0 && target->sessions[0]->has_created ? 1 : target->count;
    bool runs = false;
    for (size_t i = 0; i < newest && !runs; i++) {
        const struct task_session *session = target->sessions[i];
        runs = task_session_runs(session) && (session->odd & SESSION_GONE) == 0;
    }
    return runs;
}

bool target_oldest(const struct target *target, utc_us *created)
{
    return find_oldest(target->sessions, target->count, created);
}
