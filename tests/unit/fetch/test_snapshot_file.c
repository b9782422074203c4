// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The snapshot's file: what is written is read again, one VM costs three reads however many there
 * are, and a file that was cut, damaged or is another one is refused.
 */
#include <assert.h>
#include <cjson/cJSON.h>
#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "fetch/decode.h"
#include "fetch/snapshot_file.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define IDENTITY "monitor@em01.example.com_9398\n259200\nverified"

enum { SMALL_FILE = 64 * 1024, ALLOWED_READS = 3, START = 16 * 1024 };

static const struct site nothing = {.from_snapshot = false};

static const struct snapshot_origin origin = {
    .asked = INT64_C(1755180000) * UTC_SECOND + 250000,
    .written = INT64_C(1755180042) * UTC_SECOND + 750000,
    .asked_uptime = INT64_C(86400) * UTC_SECOND + 1,
    .boot = UINT64_C(0xFEDCBA9876543210),
    .full = INT64_C(1755178000) * UTC_SECOND + 1,
    .full_tried = INT64_C(1755179000) * UTC_SECOND + 2,
    .reach = INT64_C(259200) * UTC_SECOND,
    .reach_needed = INT64_C(1755170000) * UTC_SECOND + 3,
};

/* ---- reads are counted ---- */

// NOLINTBEGIN(bugprone-reserved-identifier)
ssize_t __real_pread(int file, void *bytes, size_t length, off_t offset);
ssize_t __wrap_pread(int file, void *bytes, size_t length, off_t offset);
// NOLINTEND(bugprone-reserved-identifier)

static size_t reads;
static size_t bytes_read;

// NOLINTNEXTLINE(bugprone-reserved-identifier)
ssize_t __wrap_pread(int file, void *bytes, size_t length, off_t offset)
{
    const ssize_t got = __real_pread(file, bytes, length, offset);
    reads++;
    bytes_read += got > 0 ? (size_t)got : 0;
    return got;
}

/* ---- files in memory ---- */

static int new_file(void)
{
    const int file = memfd_create("snapshot", MFD_CLOEXEC);
    ck_assert_int_ge(file, 0);
    return file;
}

static int file_of(const char *bytes, size_t length)
{
    const int file = new_file();
    ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
    return file;
}

static int written_site(const struct site *site)
{
    struct fault fault = {.kind = FAULT_NONE};
    const int file = new_file();
    ck_assert_msg(snapshot_write(file, site, IDENTITY, &origin, &fault) == 0, "%s", fault.text);
    return file;
}

static int written(const struct task_sessions *sessions)
{
    return written_site(&(struct site){.sessions = *sessions});
}

/* Appends the sessions only. The commons are read as well, as each check does. */
static int read_sessions(const struct snapshot *snapshot, const char *vm,
                         struct task_sessions *sessions, struct fault *fault)
{
    struct site site = {.sessions = *sessions};
    int result = snapshot_read_commons(snapshot, &site, fault);
    result = result == 0 ? snapshot_read(snapshot, vm, &site, fault) : result;
    *sessions = site.sessions;
    site.sessions = (struct task_sessions){0};
    site_free(&site);
    return result;
}

static size_t size_of(int file)
{
    const off_t size = lseek(file, 0, SEEK_END);
    ck_assert_int_ge(size, 0);
    return (size_t)size;
}

static struct snapshot opened(int file)
{
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_msg(snapshot_open(&snapshot, file, IDENTITY, &fault) == 0, "%s", fault.text);
    return snapshot;
}

struct bytes {
    char text[SMALL_FILE];
    size_t length;
};

static void bytes_of_site(const struct site *site, struct bytes *bytes)
{
    const int file = written_site(site);
    bytes->length = size_of(file);
    ck_assert_uint_le(bytes->length, sizeof bytes->text);
    ck_assert_int_eq(__real_pread(file, bytes->text, bytes->length, 0), (ssize_t)bytes->length);
    close(file);
}

/* The file of those sessions. */
static void bytes_of(const struct task_sessions *sessions, struct bytes *bytes)
{
    bytes_of_site(&(struct site){.sessions = *sessions}, bytes);
}

static bool same_bytes(const struct bytes *one, const struct bytes *two)
{
    return one->length == two->length && memcmp(one->text, two->text, one->length) == 0;
}

/* ---- sessions ---- */

/* All members, none, and what damage would most easily make of them. */
static void add_odd_sessions(struct task_sessions *sessions)
{
    const struct spec specs[] = {
        {.uid = "urn:veeam:CdpReplicaTaskSession:11111111-2222-4333-8444-000000000001",
         .vm = "srv-db01",
         .policy = "CDP Policy",
         .server = "vbr01.example.com",
         .state = "Completed",
         .result = "Failed",
         .reason = "Ein Fehler: Datenträger voll\n\t\"x\"",
         .created = "2025-08-14T04:00:00Z",
         .ended = "2025-08-14T12:00:00.5Z",
         .size = "214748364800"},
        {.uid = "urn:veeam:CdpReplicaTaskSession:11111111-2222-4333-8444-000000000002",
         .vm = "SRV-db01",
         .state = "InProgress",
         .result = "None",
         .created = "2025-08-14T12:00:00Z"},
        {.vm = "srv-web01", .state = "Sleeping", .result = "Odd"},
        {.vm = "Ünï €", .state = "Pending", .created = "1901-01-01T00:00:00Z"},
        {.vm = "srv-odd", .state = "Completed", .size = "\"large\""},
        {.result = "Success"}, // no State: a defect
    };
    for (int i = 0; i < COUNT(specs); i++) {
        add_spec(sessions, &specs[i]);
    }
    sessions->items[0].has_oldest = true;
    sessions->items[0].oldest = moment("2025-08-01T00:00:00Z");
}

/* Appends one like that, with texts of its own. */
static void append(struct task_sessions *sessions, const struct task_session *like)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct session_text_of texts[SESSION_TEXTS];
    for (int i = 0; i < SESSION_TEXTS; i++) {
        const char *text = task_session_text(like, (enum session_text)i);
        texts[i] = (struct session_text_of){text, text != NULL ? strlen(text) : 0};
    }
    ck_assert_ptr_nonnull(task_sessions_append(sessions, like, texts, &fault));
}

/* ---- all of a site ---- */

static const struct protected_vm some_vms[] = {
    {.vm = "srv-db01", .policy = "CDP Policy", .backup_server = "vbr01", .named = true},
    {.vm = "srv-new01",
     .policy = "CDP Policy",
     .replica = "7665222c-2e99-4a3f-b892-1827ba8d1eee/vms/E809A086-2562-4a0f-a9a8-9c115ff8f0ba",
     .has_replica = true},
    {.vm = "SRV-DB01", .named = true, .has_replica = true},
    {.vm = "", .policy = "", .backup_server = ""},
};

static const struct policy some_policies[] = {
    {.name = "CDP Policy",
     .backup_server = "vbr01.example.com",
     .containers = "Folder Prod, Tag gold",
     .has_enabled = true,
     .has_rpo = true,
     .has_long_term = true,
     .enabled = true,
     .lists_all = true,
     .rpo_s = 15,
     .long_term_s = 28800,
     .replication_pause_s = 3600,
     .long_term_pause_s = 7200},
    {.name = ""},
};

static void add_server(struct collection *collection, const struct collected_server *like)
{
    struct collected_server *server = collection_add(collection, like->name);
    ck_assert_ptr_nonnull(server);
    server->collected = like->collected;
    server->at = like->at;
    server->missed = like->missed;
}

/* All that a snapshot holds. Free it. */
static void fill_site(struct site *site)
{
    struct fault fault = {.kind = FAULT_NONE};
    const struct collected_server servers[] = {
        {.name = (char[]){"vbr01"}, .collected = true, .at = moment("2025-08-14T11:45:00Z")},
        {.name = (char[]){"vbr02"}, .missed = true},
    };
    *site = (struct site){.collection = {.has_succeeded = true,
                                         .succeeded = moment("2025-08-14T11:30:00Z"),
                                         .spacing_s = 900.5}};
    add_odd_sessions(&site->sessions);
    for (int i = 0; i < COUNT(some_vms); i++) {
        ck_assert_int_eq(protected_vms_append(&site->protected_vms, &some_vms[i], &fault), 0);
    }
    for (int i = 0; i < COUNT(some_policies); i++) {
        ck_assert_int_eq(policies_append(&site->policies, &some_policies[i], &fault), 0);
    }
    for (int i = 0; i < COUNT(servers); i++) {
        add_server(&site->collection, &servers[i]);
    }
    site->answers[SITE_POLICIES].knowledge = SITE_TOLD;
    site->answers[SITE_COLLECTION].knowledge = SITE_FAILED;
    fault_set(&site->answers[SITE_COLLECTION].fault, FAULT_TIMEOUT, "no time was left");
    site->answers[SITE_REPLICAS].knowledge = SITE_REFUSED;
    fault_set(&site->answers[SITE_REPLICAS].fault, FAULT_FORBIDDEN, "EM answers 403 to GET /api/x");
    site->answers[SITE_OLDER].knowledge = SITE_FAILED;
    fault_set(&site->answers[SITE_OLDER].fault, FAULT_SERVER, "EM answers 500 to GET /api/query");
    lines_add(&site->unjoined, "vbr02");
    lines_add(&site->unjoined, "vbr03");
}

static void read_site(struct snapshot *snapshot, const char *vm, struct site *site)
{
    struct fault fault = {.kind = FAULT_NONE};
    *site = (struct site){.from_snapshot = true};
    ck_assert_int_eq(snapshot_read_commons(snapshot, site, &fault), 0);
    ck_assert_int_eq(snapshot_read(snapshot, vm, site, &fault), 0);
}

/* So many VMs: vm0, vm1 ... with two sessions each. */
static void add_fleet(struct task_sessions *sessions, int vms)
{
    for (int i = 0; i < 2 * vms; i++) {
        char name[32];
        snprintf(name, sizeof name, "vm%d", i / 2);
        append(sessions,
               &(struct task_session){.uid = "urn:veeam:CdpReplicaTaskSession:"
                                             "11111111-2222-4333-8444-000000000001",
                                      .vm = name,
                                      .state_text = i % 2 == 0 ? "InProgress" : "Completed",
                                      .state = i % 2 == 0 ? SESSION_IN_PROGRESS : SESSION_COMPLETED,
                                      .result = RESULT_NONE,
                                      .has_created = true,
                                      .created = i});
    }
}

static void same_text(const char *one, const char *two)
{
    ck_assert(one == NULL ? two == NULL : two != NULL && strcmp(one, two) == 0);
}

static void same_session(const struct task_session *one, const struct task_session *two)
{
    for (int i = 0; i < SESSION_TEXTS; i++) {
        same_text(task_session_text(one, (enum session_text)i),
                  task_session_text(two, (enum session_text)i));
    }
    ck_assert_int_eq(one->state, two->state);
    ck_assert_int_eq(one->result, two->result);
    ck_assert(one->has_created == two->has_created && one->created == two->created);
    ck_assert(one->has_ended == two->has_ended && one->ended == two->ended);
    ck_assert(one->has_total_size == two->has_total_size);
    ck_assert(one->has_oldest == two->has_oldest && one->oldest == two->oldest);
    ck_assert_uint_eq(one->odd, two->odd);
    ck_assert_double_eq(one->total_size, two->total_size);
}

/* The first session of that VM; NULL: there is none. */
static const struct task_session *find(const struct task_sessions *sessions, const char *vm)
{
    for (size_t i = 0; i < sessions->count; i++) {
        if (sessions->items[i].vm == NULL ? vm == NULL
                                          : vm != NULL && strcmp(sessions->items[i].vm, vm) == 0) {
            return &sessions->items[i];
        }
    }
    return NULL;
}

static void same_origin(const struct snapshot_origin *a, const struct snapshot_origin *b)
{
    ck_assert_int_eq(a->asked, b->asked);
    ck_assert_int_eq(a->written, b->written);
    ck_assert_int_eq(a->asked_uptime, b->asked_uptime);
    ck_assert_uint_eq(a->boot, b->boot);
    ck_assert_int_eq(a->has_clock_offset, b->has_clock_offset);
    ck_assert_int_eq(a->clock_offset, b->clock_offset);
    ck_assert_int_eq(a->full, b->full);
    ck_assert_int_eq(a->full_tried, b->full_tried);
    ck_assert_int_eq(a->reach, b->reach);
    ck_assert_int_eq(a->reach_needed, b->reach_needed);
}

static void same_policy(const struct policy *one, const struct policy *two)
{
    same_text(one->name, two->name);
    same_text(one->backup_server, two->backup_server);
    same_text(one->containers, two->containers);
    ck_assert_int_eq(one->has_enabled, two->has_enabled);
    ck_assert_int_eq(one->has_rpo, two->has_rpo);
    ck_assert_int_eq(one->has_long_term, two->has_long_term);
    ck_assert_int_eq(one->enabled, two->enabled);
    ck_assert_int_eq(one->lists_all, two->lists_all);
    ck_assert_double_eq(one->rpo_s, two->rpo_s);
    ck_assert_double_eq(one->long_term_s, two->long_term_s);
    ck_assert_double_eq(one->replication_pause_s, two->replication_pause_s);
    ck_assert_double_eq(one->long_term_pause_s, two->long_term_pause_s);
}

static void same_collection(const struct collection *one, const struct collection *two)
{
    ck_assert_int_eq(one->has_succeeded, two->has_succeeded);
    ck_assert_int_eq(one->succeeded, two->succeeded);
    ck_assert_double_eq(one->spacing_s, two->spacing_s);
    ck_assert_uint_eq(one->count, two->count);
    for (size_t i = 0; i < one->count; i++) {
        same_text(one->servers[i].name, two->servers[i].name);
        ck_assert_int_eq(one->servers[i].collected, two->servers[i].collected);
        ck_assert_int_eq(one->servers[i].missed, two->servers[i].missed);
        ck_assert_int_eq(one->servers[i].at, two->servers[i].at);
    }
}

static void same_commons(const struct site *one, const struct site *two)
{
    for (int i = 0; i < SITE_TOPICS; i++) {
        ck_assert_int_eq(one->answers[i].knowledge, two->answers[i].knowledge);
        ck_assert_int_eq(one->answers[i].fault.kind, two->answers[i].fault.kind);
        ck_assert_str_eq(one->answers[i].fault.text, two->answers[i].fault.text);
    }
    ck_assert_uint_eq(one->policies.count, two->policies.count);
    for (size_t i = 0; i < one->policies.count; i++) {
        same_policy(&one->policies.items[i], &two->policies.items[i]);
    }
    same_collection(&one->collection, &two->collection);
    ck_assert_uint_eq(one->unjoined.count, two->unjoined.count);
    ck_assert_uint_eq(one->unjoined.left_out, two->unjoined.left_out);
    for (size_t i = 0; i < one->unjoined.count; i++) {
        same_text(one->unjoined.text[i], two->unjoined.text[i]);
    }
}

/* Whether one of them is that one, and of the same members. */
static bool has_vm(const struct protected_vms *vms, const struct protected_vm *vm)
{
    bool found = false;
    for (size_t i = 0; i < vms->count && !found; i++) {
        const struct protected_vm *other = &vms->items[i];
        found = strcmp(other->vm, vm->vm) == 0 && other->named == vm->named &&
                other->has_replica == vm->has_replica;
        if (found) {
            same_text(other->policy, vm->policy);
            same_text(other->backup_server, vm->backup_server);
            same_text(other->replica, vm->replica);
        }
    }
    return found;
}

/* ---- tests ---- */

START_TEST(all_sessions_are_read_as_they_were_written)
{
    struct task_sessions sessions = {0};
    struct task_sessions again = {0};
    struct fault fault = {.kind = FAULT_NONE};
    add_odd_sessions(&sessions);
    struct snapshot snapshot = opened(written(&sessions));
    same_origin(&snapshot.origin, &origin);
    ck_assert_int_eq(read_sessions(&snapshot, NULL, &again, &fault), 0);
    ck_assert_uint_eq(again.count, sessions.count);
    for (size_t i = 0; i < sessions.count; i++) {
        const struct task_session *session = &sessions.items[i];
        const struct task_session *found = find(&again, session->vm);
        ck_assert_ptr_nonnull(found);
        same_session(session, found);
    }
    snapshot_close(&snapshot);
    ck_assert_int_eq(snapshot.file, -1);
    task_sessions_free(&again);
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(all_of_a_site_is_read_as_it_was_written)
{
    struct site site;
    struct site again;
    fill_site(&site);
    struct snapshot snapshot = opened(written_site(&site));
    read_site(&snapshot, NULL, &again);
    same_commons(&site, &again);
    ck_assert_uint_eq(again.sessions.count, site.sessions.count);
    ck_assert_uint_eq(again.protected_vms.count, COUNT(some_vms));
    for (int i = 0; i < COUNT(some_vms); i++) {
        ck_assert_msg(has_vm(&again.protected_vms, &some_vms[i]), "%s", some_vms[i].vm);
    }
    snapshot_close(&snapshot);
    site_free(&again);
    site_free(&site);
}
END_TEST

START_TEST(a_vm_alone_has_its_sessions_its_protection_and_all_commons)
{
    struct site site;
    struct site again;
    fill_site(&site);
    struct snapshot snapshot = opened(written_site(&site));
    read_site(&snapshot, "srv-db01", &again);
    same_commons(&site, &again);
    ck_assert_ptr_nonnull(find(&again.sessions, "srv-db01"));
    ck_assert(has_vm(&again.protected_vms, &some_vms[0])); // and that of other letters
    ck_assert(has_vm(&again.protected_vms, &some_vms[2]));
    site_free(&again);
    read_site(&snapshot, "srv-new01", &again);
    same_commons(&site, &again);
    ck_assert(has_vm(&again.protected_vms, &some_vms[1])); // it has no sessions
    ck_assert_ptr_null(find(&again.sessions, "srv-new01"));
    site_free(&again);
    snapshot_close(&snapshot);
    site_free(&site);
}
END_TEST

/* Each changes one member of what fill_site has. */
#define CHANGE(name, statement)                                                                    \
    static void change_##name(struct site *site)                                                   \
    {                                                                                              \
        statement;                                                                                 \
    }
CHANGE(policy_name, site->policies.items[0].name = "Other")
CHANGE(policy_server, site->policies.items[0].backup_server = NULL)
CHANGE(policy_containers, site->policies.items[0].containers = NULL)
CHANGE(policy_has_enabled, site->policies.items[0].has_enabled = false)
CHANGE(policy_has_rpo, site->policies.items[0].has_rpo = false)
CHANGE(policy_has_long_term, site->policies.items[0].has_long_term = false)
CHANGE(policy_enabled, site->policies.items[0].enabled = false)
CHANGE(policy_lists_all, site->policies.items[0].lists_all = false)
CHANGE(policy_rpo, site->policies.items[0].rpo_s = 16)
CHANGE(policy_long_term, site->policies.items[0].long_term_s = 3.6e12) // the most that EM may say
CHANGE(policy_pause, site->policies.items[0].replication_pause_s = 3601)
CHANGE(policy_long_term_pause, site->policies.items[0].long_term_pause_s = 7201)
CHANGE(vm_name, site->protected_vms.items[0].vm = "srv-db02")
CHANGE(vm_policy, site->protected_vms.items[0].policy = NULL)
CHANGE(vm_server, site->protected_vms.items[0].backup_server = NULL)
CHANGE(vm_named, site->protected_vms.items[0].named = false)
CHANGE(vm_replica, site->protected_vms.items[0].has_replica = true)
CHANGE(vm_path, site->protected_vms.items[1].replica = NULL)
CHANGE(has_succeeded, site->collection.has_succeeded = false)
CHANGE(succeeded, site->collection.succeeded += 1)
CHANGE(spacing, site->collection.spacing_s += 1)
CHANGE(server_name, site->collection.servers[0].name[0] = 'w')
CHANGE(server_collected, site->collection.servers[0].collected = false)
CHANGE(server_at, site->collection.servers[0].at += 1)
CHANGE(server_missed, site->collection.servers[0].missed = true)
CHANGE(knowledge, site->answers[SITE_POLICIES].knowledge = SITE_NOT_ASKED)
CHANGE(fault_kind, site->answers[SITE_COLLECTION].fault.kind = FAULT_SERVER)
CHANGE(fault_text, site->answers[SITE_COLLECTION].fault.text[0] = 'N')
CHANGE(older, site->answers[SITE_OLDER].knowledge = SITE_REFUSED)
CHANGE(older_fault_kind, site->answers[SITE_OLDER].fault.kind = FAULT_TIMEOUT)
CHANGE(older_fault_text, site->answers[SITE_OLDER].fault.text[0] = 'e')
CHANGE(unjoined, site->unjoined.text[1][0] = 'w')
CHANGE(oldest, site->sessions.items[0].oldest += 1)
CHANGE(has_oldest, site->sessions.items[0].has_oldest = false)

static void (*const changes[])(struct site *site) = {
    change_policy_name,  change_policy_server,    change_policy_containers,
    change_policy_rpo,   change_policy_has_rpo,   change_policy_has_enabled,
    change_policy_pause, change_policy_enabled,   change_policy_has_long_term,
    change_vm_name,      change_policy_lists_all, change_policy_long_term,
    change_vm_policy,    change_vm_server,        change_policy_long_term_pause,
    change_vm_named,     change_vm_replica,       change_has_succeeded,
    change_succeeded,    change_spacing,          change_server_name,
    change_server_at,    change_server_collected, change_server_missed,
    change_knowledge,    change_fault_kind,       change_fault_text,
    change_unjoined,     change_oldest,           change_has_oldest,
    change_older,        change_older_fault_kind, change_older_fault_text,
    change_vm_path,
};

/* A member that has come since is missing above, and maybe in the file. */
static_assert(sizeof(void *) != 8 ||
                  (sizeof(struct policy) == 72 && sizeof(struct protected_vm) == 56 &&
                   sizeof(struct collected_server) == 32 && sizeof(struct collection) == 48 &&
                   sizeof(utc_us) == 8),
              "add it to fill_site, to what compares, and to `changes`");

START_TEST(each_member_of_a_site_is_in_the_file)
{
    static struct bytes before;
    static struct bytes after;
    struct site site;
    struct site found;
    fill_site(&site);
    bytes_of_site(&site, &before);
    changes[_i](&site);
    bytes_of_site(&site, &after);
    ck_assert(!same_bytes(&before, &after));
    struct snapshot snapshot = opened(file_of(after.text, after.length));
    read_site(&snapshot, NULL, &found);
    same_commons(&site, &found);
    for (size_t i = 0; i < site.protected_vms.count; i++) {
        ck_assert(has_vm(&found.protected_vms, &site.protected_vms.items[i]));
    }
    for (size_t i = 0; i < site.sessions.count; i++) {
        same_session(&site.sessions.items[i], find(&found.sessions, site.sessions.items[i].vm));
    }
    snapshot_close(&snapshot);
    site_free(&found);
    site_free(&site);
}
END_TEST

/* More than is read at once, and of each list as many as it takes. */
START_TEST(commons_may_be_long)
{
    enum { POLICIES = 3000 };
    struct site site;
    struct site again;
    struct fault fault = {.kind = FAULT_NONE};
    fill_site(&site);
    for (int i = 0; i < POLICIES; i++) {
        ck_assert_int_eq(policies_append(&site.policies, &some_policies[0], &fault), 0);
        lines_add(&site.unjoined, "vbr%d", i);
    }
    ck_assert_uint_gt(site.unjoined.left_out, 0);
    const int file = written_site(&site);
    reads = 0;
    struct snapshot snapshot = opened(file);
    read_site(&snapshot, "srv-db01", &again);
    ck_assert_uint_eq(reads, ALLOWED_READS + 1);
    same_commons(&site, &again);
    ck_assert_ptr_nonnull(find(&again.sessions, "srv-db01"));
    snapshot_close(&snapshot);
    site_free(&again);
    site_free(&site);
}
END_TEST

/* The file of one session as EM has it. */
static void bytes_of_entity(const cJSON *entity, struct bytes *bytes)
{
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(decode_task_session(entity, NULL, &sessions, &fault), 0);
    bytes_of(&sessions, bytes);
    task_sessions_free(&sessions);
}

/* No list of members stands here, so none can be forgotten: a file has each, and gives it back. */
START_TEST(each_member_is_written_and_read)
{
    static struct bytes whole;
    static struct bytes less;
    static struct bytes again;
    struct task_sessions found = {0};
    struct fault fault = {.kind = FAULT_NONE};
    const char *name = task_session_members[_i].name;
    cJSON *entity = cJSON_Parse(complete_session);
    bytes_of_entity(entity, &whole);
    cJSON_DeleteItemFromObjectCaseSensitive(entity, name);
    bytes_of_entity(entity, &less);
    ck_assert_msg(!same_bytes(&whole, &less), "a snapshot is the same without %s", name);
    struct snapshot snapshot = opened(file_of(whole.text, whole.length));
    ck_assert_int_eq(read_sessions(&snapshot, NULL, &found, &fault), 0);
    bytes_of(&found, &again);
    ck_assert_msg(same_bytes(&whole, &again), "what is read is not what was written");
    snapshot_close(&snapshot);
    task_sessions_free(&found);
    cJSON_Delete(entity);
}
END_TEST

/* A run must not read another version's file as its own. */
START_TEST(another_layout_is_another_version)
{
    enum { VERSION = 6, VERSION_AT = 8, ORDER_AT = 12 };
    static const uint64_t golden =
        UINT64_C(0xd1699ceb516df4f3); // of the file of fill_site and complete_session
    static struct bytes bytes;
    struct site site;
    struct fault fault = {.kind = FAULT_NONE};
    uint32_t version = 0;
    cJSON *entity = cJSON_Parse(complete_session);
    fill_site(&site);
    ck_assert_int_eq(decode_task_session(entity, NULL, &site.sessions, &fault), 0);
    bytes_of_site(&site, &bytes);
    site_free(&site);
    cJSON_Delete(entity);
    memcpy(&version, bytes.text + VERSION_AT, sizeof version);
    if (bytes.text[ORDER_AT] == 1) {
        return; // the numbers' bytes are in the other order on this machine
    }
    const uint64_t sum = hash_bytes(HASH_START, bytes.text, bytes.length);
    ck_assert_msg(sum == golden && version == VERSION,
                  "the layout, fill_site or complete_session has changed (%#" PRIx64
                  ", version %" PRIu32 "): raise FORMAT_VERSION for a layout, then set both here",
                  sum, version);
}
END_TEST

START_TEST(one_vm_is_read_whatever_the_case_of_its_letters)
{
    static const char *const names[] = {"srv-db01", "SRV-DB01", "sRv-dB01"};
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    add_odd_sessions(&sessions);
    struct snapshot snapshot = opened(written(&sessions));
    for (int i = 0; i < COUNT(names); i++) {
        struct task_sessions found = {0};
        ck_assert_int_eq(read_sessions(&snapshot, names[i], &found, &fault), 0);
        ck_assert_ptr_nonnull(find(&found, "srv-db01"));
        ck_assert_ptr_nonnull(find(&found, "SRV-db01"));
        same_session(find(&sessions, "srv-db01"), find(&found, "srv-db01"));
        task_sessions_free(&found);
    }
    struct task_sessions none = {0};
    ck_assert_int_eq(read_sessions(&snapshot, "srv-db0", &none, &fault), 0);
    ck_assert_ptr_null(find(&none, "srv-db01"));
    task_sessions_free(&none);
    snapshot_close(&snapshot);
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(no_sessions_are_a_snapshot_too)
{
    const struct task_sessions none = {0};
    struct task_sessions found = {0};
    struct fault fault = {.kind = FAULT_NONE};
    struct snapshot snapshot = opened(written(&none));
    ck_assert_int_eq(read_sessions(&snapshot, NULL, &found, &fault), 0);
    ck_assert_int_eq(read_sessions(&snapshot, "srv-db01", &found, &fault), 0);
    ck_assert_uint_eq(found.count, 0);
    snapshot_close(&snapshot);
}
END_TEST

/* The same VMs, each in a policy and with a replica. */
static void add_protection(struct protected_vms *protected, int vms)
{
    struct fault fault = {.kind = FAULT_NONE};
    for (int i = 0; i < vms; i++) {
        char name[32];
        snprintf(name, sizeof name, "vm%d", i);
        const struct protected_vm vm = {.vm = name, .policy = "CDP Policy", .has_replica = true};
        ck_assert_int_eq(protected_vms_append(protected, &vm, &fault), 0);
    }
}

/* What one VM takes: how many reads, and of how many bytes. */
static void cost_of_one(int vms, size_t *calls, size_t *bytes)
{
    enum { SAMPLE = 100, POLICIES = 50 };
    struct site site = {.from_snapshot = false};
    struct fault fault = {.kind = FAULT_NONE};
    add_fleet(&site.sessions, vms);
    for (int i = 0; i < POLICIES; i++) {
        ck_assert_int_eq(policies_append(&site.policies, &some_policies[0], &fault), 0);
    }
    add_protection(&site.protected_vms, vms);
    const int file = written_site(&site);
    site_free(&site);
    *calls = 0;
    bytes_read = 0;
    for (int i = 0; i < SAMPLE; i++) {
        char vm[32];
        struct task_sessions found = {0};
        snprintf(vm, sizeof vm, "vm%d", i * (vms / SAMPLE));
        reads = 0;
        struct snapshot snapshot = opened(dup(file));
        ck_assert_int_eq(read_sessions(&snapshot, vm, &found, &fault), 0);
        *calls = reads > *calls ? reads : *calls;
        ck_assert_ptr_nonnull(find(&found, vm));
        snapshot_close(&snapshot);
        task_sessions_free(&found);
    }
    *bytes = bytes_read / SAMPLE;
    close(file);
}

START_TEST(one_vm_costs_the_same_however_many_there_are)
{
    size_t few_calls = 0;
    size_t few_bytes = 0;
    size_t many_calls = 0;
    size_t many_bytes = 0;
    cost_of_one(1000, &few_calls, &few_bytes);
    cost_of_one(20000, &many_calls, &many_bytes);
    ck_assert_uint_ge(few_calls, 1); // else they are not counted
    ck_assert_uint_le(few_calls, ALLOWED_READS);
    ck_assert_uint_le(many_calls, ALLOWED_READS);
    ck_assert_msg(many_bytes < few_bytes + 1024 && many_bytes < START + 4096,
                  "%zu bytes of 1,000 VMs, %zu of 20,000", few_bytes, many_bytes);
}
END_TEST

/* Whatever names have in common, a VM's block has few others in it. */
static const struct {
    const char *before;
    int digits;
    const char *after;
} name_patterns[] = {
    {"vm", 5, ""},        {"vm", 1, ""}, {"srv-db", 4, ""}, {"", 1, ".db.example.com"},
    {"SRV-", 1, "-prod"},
};

START_TEST(names_are_spread_over_the_buckets)
{
    enum { VMS = 2000, MOST = 8 };
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    for (int i = 0; i < VMS; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%0*d%s", name_patterns[_i].before, name_patterns[_i].digits,
                 i, name_patterns[_i].after);
        append(&sessions, &(struct task_session){
                              .vm = name, .state_text = "Completed", .result_text = "Success"});
    }
    struct snapshot snapshot = opened(written(&sessions));
    for (int i = 0; i < VMS; i++) {
        struct task_sessions found = {0};
        ck_assert_int_eq(read_sessions(&snapshot, sessions.items[i].vm, &found, &fault), 0);
        ck_assert_ptr_nonnull(find(&found, sessions.items[i].vm));
        ck_assert_msg(found.count <= MOST, "%zu with %s", found.count, sessions.items[i].vm);
        task_sessions_free(&found);
    }
    snapshot_close(&snapshot);
    task_sessions_free(&sessions);
}
END_TEST

/* Names that have a bucket in common, and sessions that are larger than what is written at once. */
START_TEST(a_bucket_takes_what_comes)
{
    enum { VMS = 40 };
    struct task_sessions sessions = {0};
    struct task_sessions found = {0};
    struct fault fault = {.kind = FAULT_NONE};
    char *reason = malloc(REASON_LIMIT + 1);
    ck_assert_ptr_nonnull(reason);
    memset(reason, 'r', REASON_LIMIT);
    reason[REASON_LIMIT] = '\0';
    for (int i = 0; i < VMS; i++) {
        append(&sessions, &(struct task_session){.vm = i % 2 == 0 ? "srv-db01" : "SRV-DB01",
                                                 .state_text = "Completed",
                                                 .state = SESSION_COMPLETED,
                                                 .result = RESULT_NONE,
                                                 .reason = reason,
                                                 .created = i});
    }
    struct snapshot snapshot = opened(written(&sessions));
    ck_assert_int_eq(read_sessions(&snapshot, "srv-db01", &found, &fault), 0);
    ck_assert_uint_eq(found.count, VMS);
    for (int i = 0; i < VMS; i++) {
        same_session(&sessions.items[i], &found.items[i]);
    }
    snapshot_close(&snapshot);
    task_sessions_free(&found);
    task_sessions_free(&sessions);
    free(reason);
}
END_TEST

/* ---- files that are not what they should be ---- */

static void bytes_of_small_snapshot(struct bytes *bytes)
{
    struct site site;
    fill_site(&site);
    bytes_of_site(&site, bytes);
    site_free(&site);
}

/*
 * Opens and reads, a VM alone or all. 0: what comes must be what was written; -1: it was refused as
 * a file, not for want of memory.
 */
static int try_bytes(const char *bytes, size_t length, const char *vm, size_t *count)
{
    struct snapshot snapshot;
    struct site found = {.from_snapshot = true};
    struct fault fault = {.kind = FAULT_NONE};
    const int file = file_of(bytes, length);
    int result = snapshot_open(&snapshot, file, IDENTITY, &fault);
    if (result == 0) {
        result = snapshot_read_commons(&snapshot, &found, &fault);
        result = result == 0 ? snapshot_read(&snapshot, vm, &found, &fault) : result;
        snapshot_close(&snapshot);
    } else {
        ck_assert_int_eq(snapshot.file, -1);
    }
    if (result < 0) {
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
    }
    *count = found.sessions.count + found.protected_vms.count + found.policies.count +
             found.collection.count + found.unjoined.count;
    site_free(&found);
    return result;
}

START_TEST(a_file_that_was_cut_is_refused)
{
    static struct bytes bytes;
    size_t count = 0;
    bytes_of_small_snapshot(&bytes);
    ck_assert_int_eq(try_bytes(bytes.text, bytes.length, NULL, &count), 0);
    for (size_t length = 0; length < bytes.length; length++) {
        ck_assert_msg(try_bytes(bytes.text, length, NULL, &count) < 0, "cut to %zu bytes", length);
        ck_assert_msg(try_bytes(bytes.text, length, "srv-db01", &count) < 0, "cut to %zu bytes",
                      length);
    }
}
END_TEST

START_TEST(a_file_that_goes_on_is_refused)
{
    static struct bytes bytes;
    size_t count = 0;
    bytes_of_small_snapshot(&bytes);
    bytes.text[bytes.length] = '\0';
    ck_assert_int_lt(try_bytes(bytes.text, bytes.length + 1, NULL, &count), 0);
}
END_TEST

START_TEST(a_byte_that_was_changed_is_found)
{
    static const unsigned char masks[] = {0x01, 0x80, 0xFF};
    static struct bytes bytes;
    size_t all = 0;
    size_t of_vm = 0;
    bytes_of_small_snapshot(&bytes);
    ck_assert_int_eq(try_bytes(bytes.text, bytes.length, NULL, &all), 0);
    ck_assert_int_eq(try_bytes(bytes.text, bytes.length, "srv-db01", &of_vm), 0);
    for (size_t i = 0; i < bytes.length; i++) {
        const char before = bytes.text[i];
        size_t count = 0;
        bytes.text[i] = (char)((unsigned char)before ^ masks[i % sizeof masks]);
        ck_assert_msg(try_bytes(bytes.text, bytes.length, NULL, &count) < 0, "byte %zu of %zu", i,
                      bytes.length);
        // What does not concern the VM need not be found.
        if (try_bytes(bytes.text, bytes.length, "srv-db01", &count) == 0) {
            ck_assert_uint_eq(count, of_vm);
        }
        bytes.text[i] = before;
    }
}
END_TEST

/* A disk that lost what was not yet on it. */
START_TEST(a_hole_is_found)
{
    enum { HOLE = 64 };
    static struct bytes bytes;
    static struct bytes holed;
    size_t count = 0;
    bytes_of_small_snapshot(&bytes);
    for (size_t start = 0; start + HOLE <= bytes.length; start += HOLE / 4) {
        holed = bytes;
        memset(holed.text + start, 0, HOLE);
        ck_assert_msg(try_bytes(holed.text, holed.length, NULL, &count) < 0, "hole at %zu", start);
    }
}
END_TEST

static const struct {
    struct snapshot_origin origin;
    bool sound;
} origins[] = {
    {{.asked = 1, .written = 2}, true},
    {{.has_clock_offset = true}, true},
    {{.has_clock_offset = true, .clock_offset = 3600 * UTC_SECOND}, true},
    {{.has_clock_offset = true, .clock_offset = -86400 * UTC_SECOND}, true},
    {{.asked = INT64_MAX}, false},
    {{.asked = INT64_MIN}, false},
    {{.written = INT64_MAX}, false},
    {{.asked_uptime = INT64_MIN}, false},
    {{.asked_uptime = INT64_MAX}, false},
    {{.has_clock_offset = true, .clock_offset = INT64_MIN}, false},
    {{.has_clock_offset = true, .clock_offset = INT64_MAX}, false},
    {{.full = 3, .full_tried = 4, .reach = 5, .reach_needed = 6}, true},
    {{.full = INT64_MAX}, false},
    {{.full_tried = INT64_MIN}, false},
    {{.reach = INT64_MAX}, false},
    {{.reach_needed = INT64_MIN}, false},
};

/* Times that no clock has would overflow where ages are computed. */
START_TEST(its_times_are_what_a_clock_may_say)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct snapshot snapshot;
    const int file = new_file();
    ck_assert_int_eq(snapshot_write(file, &nothing, IDENTITY, &origins[_i].origin, &fault), 0);
    const int result = snapshot_open(&snapshot, file, IDENTITY, &fault);
    ck_assert_int_eq(result, origins[_i].sound ? 0 : -1);
    if (origins[_i].sound) {
        same_origin(&snapshot.origin, &origins[_i].origin);
        snapshot_close(&snapshot);
    }
}
END_TEST

/* What is written is not what decode_task_session could have made: others rely on that. */
static const struct task_session impossible[] = {
    {.state = SESSION_COMPLETED, .result = RESULT_NONE}, // and no text that says so
    {.state = SESSION_OTHER, .result = RESULT_NONE},
    {.state_text = "Pending", .state = SESSION_COMPLETED, .result = RESULT_NONE},
    {.state_text = "Completed", .state = SESSION_COMPLETED, .result = RESULT_SUCCESS},
    {.state_text = "Completed", .state = SESSION_COMPLETED, .result = RESULT_OTHER},
    {.state_text = "Completed", .result_text = "None", .result = RESULT_NONE},
    {.state_text = "Completed", .result = RESULT_NONE, .created = INT64_MIN},
    {.state_text = "Completed", .result = RESULT_NONE, .ended = INT64_MAX},
    {.state_text = "Completed", .result = RESULT_NONE, .total_size = -1},
    {.state_text = "Completed", .result = RESULT_NONE, .total_size = 1e300},
    {.state_text = "Completed", .result = RESULT_NONE, .total_size = NAN},
    {.state = SESSION_OTHER, .result = RESULT_NONE, .defect = "\xFF"},
    {.state_text = "Completed", .result = RESULT_NONE, .oldest = INT64_MAX},
};

/* The same for the commons: what would end in arithmetic or text that nobody expects. */
#define SPOIL(name, statement) CHANGE(spoil_##name, statement)
SPOIL(rpo, site->policies.items[0].rpo_s = -1)
SPOIL(rpo_nan, site->policies.items[0].rpo_s = NAN)
SPOIL(long_term, site->policies.items[0].long_term_s = INFINITY)
SPOIL(pause, site->policies.items[0].replication_pause_s = 1e300)
SPOIL(long_term_pause, site->policies.items[0].long_term_pause_s = -INFINITY)
SPOIL(policy_name, site->policies.items[0].name = NULL)
SPOIL(vm_name, site->protected_vms.items[0].vm = NULL)
SPOIL(vm_path, site->protected_vms.items[1].replica = "a/vms/b?action=failover")
SPOIL(succeeded, site->collection.succeeded = INT64_MAX)
SPOIL(spacing, site->collection.spacing_s = NAN)
SPOIL(at, site->collection.servers[0].at = INT64_MIN)
SPOIL(oldest, site->sessions.items[0].oldest = INT64_MIN)
// NOLINTBEGIN(clang-analyzer-optin.core.EnumCastOutOfRange)
SPOIL(knowledge, site->answers[0].knowledge = (enum site_knowledge)(SITE_FAILED + 1))
SPOIL(fault_kind, site->answers[1].fault.kind = (enum fault_kind)(FAULT_INTERNAL + 1))
SPOIL(older, site->answers[SITE_OLDER].knowledge = (enum site_knowledge)(SITE_FAILED + 1))
SPOIL(why, site->answers[SITE_OLDER].fault.kind = (enum fault_kind)(FAULT_INTERNAL + 1))
// NOLINTEND(clang-analyzer-optin.core.EnumCastOutOfRange)
SPOIL(left_out, site->unjoined.left_out = 1)

static void (*const spoils[])(struct site *site) = {
    change_spoil_rpo,      change_spoil_rpo_nan,         change_spoil_long_term,
    change_spoil_pause,    change_spoil_long_term_pause, change_spoil_policy_name,
    change_spoil_vm_name,  change_spoil_succeeded,       change_spoil_spacing,
    change_spoil_at,       change_spoil_oldest,          change_spoil_knowledge,
    change_spoil_left_out, change_spoil_fault_kind,      change_spoil_older,
    change_spoil_why,      change_spoil_vm_path,
};

START_TEST(a_site_that_em_can_not_have_is_refused)
{
    struct site site;
    struct site found = {.from_snapshot = true};
    struct fault fault = {.kind = FAULT_NONE};
    fill_site(&site);
    spoils[_i](&site);
    struct snapshot snapshot = opened(written_site(&site));
    site.unjoined.left_out = 0;
    const int result = snapshot_read_commons(&snapshot, &found, &fault);
    ck_assert(result < 0 || snapshot_read(&snapshot, NULL, &found, &fault) < 0);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    snapshot_close(&snapshot);
    site_free(&found);
    site_free(&site);
}
END_TEST

START_TEST(a_session_that_em_can_not_have_is_refused)
{
    struct task_session session = impossible[_i];
    const struct task_sessions sessions = {.items = &session, .count = 1};
    struct task_sessions found = {0};
    struct fault fault = {.kind = FAULT_NONE};
    struct snapshot snapshot = opened(written(&sessions));
    ck_assert_int_lt(read_sessions(&snapshot, NULL, &found, &fault), 0);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    snapshot_close(&snapshot);
    task_sessions_free(&found);
}
END_TEST

/* What stands for the identity in a file; it is opened with IDENTITY. */
static const struct {
    const char *identity;
    size_t damaged; // a byte of it that is changed afterwards, from 1; 0: none
    const char *why;
} identities[] = {
    {IDENTITY, 0, NULL},
    {"", 0, "something else"},
    {"x", 0, "something else"},
    {IDENTITY " ", 0, "something else"},
    {"monitor@em01.example.com_9398\n259200\nverifie", 0, "something else"},
    {"monitor@em02.example.com_9398\n259200\nverified", 0, "something else"},
    {"monitor@em01.example.com_9398\n259200\nVerified", 0, "something else"},
    {"monitor@em01.example.com_9398\0259200\nverified", 0, "something else"},
    {IDENTITY, 1, "damaged"},
    {IDENTITY, sizeof IDENTITY - 1, "damaged"},
    {"x", 1, "something else"},
    // Damage that makes an identity of another one is no way to it.
    {"nonitor@em01.example.com_9398\n259200\nverified", 1, "damaged"},
};

START_TEST(another_question_has_another_answer)
{
    enum { HEADER_SIZE = 128 };
    const char *why = identities[_i].why;
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    const int file = new_file();
    ck_assert_int_eq(snapshot_write(file, &nothing, identities[_i].identity, &origin, &fault), 0);
    if (identities[_i].damaged > 0) {
        const size_t place = identities[_i].damaged - 1;
        const char changed = (char)(identities[_i].identity[place] ^ ('m' ^ 'n'));
        ck_assert_int_eq(pwrite(file, &changed, 1, (off_t)(HEADER_SIZE + place)), 1);
    }
    ck_assert_int_eq(snapshot_open(&snapshot, file, IDENTITY, &fault), why == NULL ? 0 : -1);
    ck_assert(why == NULL || fault.kind == FAULT_USAGE);
    ck_assert_msg(why == NULL || strstr(fault.text, why) != NULL, "%s", fault.text);
    ck_assert_int_eq(snapshot.file >= 0, why == NULL);
    snapshot_close(&snapshot);
}
END_TEST

START_TEST(an_identity_may_be_empty)
{
    cleanup_task_sessions struct task_sessions found = {.items = NULL};
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    const int file = new_file();
    ck_assert_int_eq(snapshot_write(file, &nothing, "", &origin, &fault), 0);
    ck_assert_int_eq(snapshot_open(&snapshot, file, "", &fault), 0);
    ck_assert_int_eq(read_sessions(&snapshot, NULL, &found, &fault), 0);
    snapshot_close(&snapshot);
}
END_TEST

START_TEST(an_identity_may_be_longer_than_what_is_read_at_once)
{
    struct site site;
    struct site again;
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    char identity[START + 100];
    const int file = new_file();
    memset(identity, 'i', sizeof identity);
    identity[sizeof identity - 1] = '\0';
    fill_site(&site);
    ck_assert_int_eq(snapshot_write(file, &site, identity, &origin, &fault), 0);
    ck_assert_int_eq(snapshot_open(&snapshot, file, identity, &fault), 0);
    read_site(&snapshot, "srv-db01", &again);
    same_commons(&site, &again);
    snapshot_close(&snapshot);
    site_free(&again);
    site_free(&site);
}
END_TEST

START_TEST(what_can_not_be_written_or_read_is_a_fault)
{
    struct snapshot snapshot;
    struct fault fault = {.kind = FAULT_NONE};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0); // neither pread nor pwrite goes there
    ck_assert_int_lt(snapshot_write(ends[1], &nothing, IDENTITY, &origin, &fault), 0);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    fault.kind = FAULT_NONE;
    ck_assert_int_lt(snapshot_open(&snapshot, ends[0], IDENTITY, &fault), 0);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    close(ends[1]);
}
END_TEST

Suite *snapshot_file_suite(void)
{
    Suite *suite = suite_create("snapshot_file");
    TCase *sound = tcase_create("sound");
    tcase_add_test(sound, all_sessions_are_read_as_they_were_written);
    tcase_add_test(sound, all_of_a_site_is_read_as_it_was_written);
    tcase_add_test(sound, a_vm_alone_has_its_sessions_its_protection_and_all_commons);
    tcase_add_loop_test(sound, each_member_of_a_site_is_in_the_file, 0, COUNT(changes));
    tcase_add_test(sound, commons_may_be_long);
    tcase_add_loop_test(sound, each_member_is_written_and_read, 0, SESSION_MEMBERS);
    tcase_add_test(sound, another_layout_is_another_version);
    tcase_add_test(sound, one_vm_is_read_whatever_the_case_of_its_letters);
    tcase_add_test(sound, no_sessions_are_a_snapshot_too);
    tcase_add_loop_test(sound, names_are_spread_over_the_buckets, 0, COUNT(name_patterns));
    tcase_add_test(sound, a_bucket_takes_what_comes);
    tcase_set_timeout(sound, 60); // valgrind takes its time
    suite_add_tcase(suite, sound);
    TCase *bulk = tcase_create("bulk");
    tcase_set_tags(bulk, "bulk");
    tcase_add_test(bulk, one_vm_costs_the_same_however_many_there_are);
    tcase_set_timeout(bulk, 60);
    suite_add_tcase(suite, bulk);
    TCase *unsound = tcase_create("unsound");
    tcase_add_test(unsound, a_file_that_was_cut_is_refused);
    tcase_add_test(unsound, a_file_that_goes_on_is_refused);
    tcase_add_test(unsound, a_byte_that_was_changed_is_found);
    tcase_add_test(unsound, a_hole_is_found);
    tcase_add_loop_test(unsound, its_times_are_what_a_clock_may_say, 0, COUNT(origins));
    tcase_add_loop_test(unsound, a_site_that_em_can_not_have_is_refused, 0, COUNT(spoils));
    tcase_add_loop_test(unsound, a_session_that_em_can_not_have_is_refused, 0, COUNT(impossible));
    tcase_add_loop_test(unsound, another_question_has_another_answer, 0, COUNT(identities));
    tcase_add_test(unsound, an_identity_may_be_empty);
    tcase_add_test(unsound, an_identity_may_be_longer_than_what_is_read_at_once);
    tcase_add_test(unsound, what_can_not_be_written_or_read_is_a_fault);
    tcase_set_timeout(unsound, 60);
    suite_add_tcase(suite, unsound);
    return suite;
}
