// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the played EM knows: backup servers, CDP policies, VMs, their sessions, and how it words its
 * answers. A store is filled by scenario.c and does not change afterwards, so that any number of
 * threads may read it; only the sessions of fleets that rotate do, by rotation.c.
 */
#ifndef EMULATOR_STORE_H
#define EMULATOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cJSON.h>

#include "emulator/arena.h"
#include "emulator/moment.h"
#include "emulator/node.h"

enum { UUID_SIZE = 37 };

/* What a scenario says about the members of an entity as such, whatever they mean. */
struct overrides {
    const cJSON *members; // object: these values instead
    const cJSON *omit;    // array of names: these members not at all
};

/* For how long long-term restore points are kept. */
enum { LONG_TERM_DAYS = 7 };

struct backup_server {
    const char *uid;
    const char *name;
};

/* Some hours of the week, Sunday first: a digit an hour, with commas between them. */
enum { WEEK_DAYS = 7 };
struct schedule {
    bool enabled;
    const char *days[WEEK_DAYS];
};

extern const char *const week_day_names[WEEK_DAYS + 1];

/* What a policy names: a VM or a container of VMs. */
struct include {
    const char *uid;
    const char *type; // "Vm", "Folder", ...
    const char *name;
    const char *display_name;
};

struct policy {
    const char *uid;
    const char *name;
    const struct backup_server *backup_server;
    const char *platform;
    const char *description;
    bool schedule_configured;
    bool enabled;
    moment next_run;
    int64_t rpo_seconds;
    int64_t rpo_minutes;
    int64_t short_term_hours;
    int64_t long_term_hours;
    struct schedule rpo_schedule;
    struct schedule long_term_schedule;
    bool names_its_vms; // what it includes follows from its VMs, as the scenario does not say
    struct include **includes;
    size_t include_count;
    const char *replica_uid; // NULL: one of its own making
    struct replica *replica; // NULL: there is none
    bool deleted;            // what it left behind still is of it
    struct overrides overrides;
};

/* Indices into the names below: filters compare enums by index. -1 is an absent value. */
enum task_state { TASK_IN_PROGRESS, TASK_PENDING, TASK_COMPLETED, TASK_STATES };
enum result { RESULT_NONE, RESULT_SUCCESS, RESULT_WARNING, RESULT_FAILED, RESULTS };
enum policy_state {
    POLICY_STARTING,
    POLICY_STOPPING,
    POLICY_WORKING,
    POLICY_PAUSING,
    POLICY_RESUMING,
    POLICY_STOPPED,
    POLICY_STATES
};

extern const char *const task_state_names[TASK_STATES + 1];
extern const char *const result_names[RESULTS + 1];
extern const char *const policy_state_names[POLICY_STATES + 1];

/* What a policy has made; it stays until it is deleted. */
struct replica {
    const char *uid;
    const struct policy *policy;
};

/* A part of time: from a moment until before another, or by how long ago it began. */
struct span {
    moment since;
    moment until;
    bool moves; // it is told from now, whenever that is, by the next two
    moment ago;
    moment length;
};

/* How a VM's short-term restore points in a part of time differ from the others. */
struct stretch {
    struct span span;
    bool none;
    int64_t rpo_seconds; // 0: as the others
    const char *type;    // NULL: likewise
};

/* What is wrong with the link to a VM's intervals. */
enum interval_link {
    INTERVAL_LINK_PROPER,
    INTERVAL_LINK_MISSING,
    INTERVAL_LINK_SLASH, // "/https://..."
    INTERVAL_LINK_OTHER_HOST,
    INTERVAL_LINK_OTHER_VM,
    INTERVAL_LINK_SWAPPED, // with that of the failover
};

/* The restore points of a replica's VM, and how EM tells them. */
struct journal {
    int status;          // of the error that is answered instead; 0: none
    moment lag;          // of the newest short-term point
    bool none;           // there is none of these
    int64_t rpo_seconds; // between them; 0: as the policy says
    const char *type;
    struct stretch *stretches; // the first that fits counts
    size_t stretch_count;
    bool long_term; // there are long-term points
    bool consistent;
    moment consistent_age; // of the newest consistent one; below 0: by the clock
    struct span window;    // what is answered about; without an end, as asked
    const cJSON *answer;   // its members in place of all that; NULL: none
    enum interval_link link;
    const char *href; // of the link; NULL: the one it should have
};

struct replica_vm {
    const char *uid;
    const char *name; // of the replica, which may differ from the VM's
    const char *vm;
    const struct replica *replica;
    const struct journal *journal;
    const struct replica_vm *other; // which its link may lead to; NULL: none was looked for
    struct overrides overrides;
};

struct policy_session {
    const char *uid;
    const char *name;
    const struct policy *policy;
    moment created;
    moment ended;
    bool has_ended;
    int state;
    int result;
    const char *failure_message;
    bool rotates; // it comes and goes with the sessions of a fleet that rotates
    struct overrides overrides;
};

struct task_session {
    const char *uid;
    const char *name;
    const char *vm;
    const struct policy_session *policy_session;
    moment created;
    moment ended;
    bool has_ended;
    int state;
    int result;
    const char *reason; // "" for none
    int64_t total_size;
    bool is_new; // not yet where its UID belongs in the store's array
    struct overrides overrides;
};

enum system_state { SYSTEM_IN_PROGRESS, SYSTEM_SUCCESS, SYSTEM_WARNING, SYSTEM_FAILED };

extern const char *const system_state_names[SYSTEM_FAILED + 2];

/* A session of one of EM's own jobs. */
struct system_session {
    const char *uid;
    const char *name;
    const char *type; // "CollectJob", ...
    moment created;
    moment ended;
    bool has_ended;
    int state;
    const char *message;
    bool is_canceled;
    const cJSON *misses;      // names of the servers that were not collected
    const char *missed_event; // what the log has of each of these; NULL: nothing
    const cJSON *events;      // the messages of its log; NULL: those of its type
    struct overrides overrides;
};

/* How the data collections that start from `since` until before `until` differ from the others. */
struct period {
    moment since;
    moment until;
    bool none; // none starts
    int state;
    const cJSON *misses;
    const char *missed_event;
    const char *message;
    moment takes; // below 0: as the others
};

struct collecting {
    moment every; // 0: never
    moment newest;
    moment takes;
    bool others;            // EM's other jobs run as well
    struct period *periods; // the first that fits counts
    size_t period_count;
};

/* One fault to play instead of, or in front of, the real answer. */
struct reply {
    const char *method; // NULL: any
    const char *path;   // start of the request's target, as received
    int first;          // the first occurrence it is played for, from 1
    int times;          // how often from there on; 0: always
    int status;         // 0: the real answer
    const cJSON *headers;
    const char *body;
    size_t body_length;
    size_t repeat;
    size_t truncate; // bytes that are announced and never sent
    double delay;    // seconds before the answer
    double stall;    // seconds between what is sent of a truncated body and the close
    bool drop;       // close without an answer
};

enum absence { ABSENCE_NULL, ABSENCE_OMITTED, ABSENCE_EMPTY };

/* Mistakes of EM's documents: "/https://..." and "https://.../api/https://...". */
enum odd_href { ODD_HREF_NONE, ODD_HREF_SLASH, ODD_HREF_TWICE };

struct wording {
    struct node_style node;
    bool bom;
    enum absence running_end;  // EndTimeUTC of a session that has none
    enum absence empty_reason; // Reason where there is none
    int fraction_digits;       // of times, at most; -1: 3, as EM 12, or 6, as EM 13
    const char *origin;        // what Hrefs start with: scheme, host and port
    bool proper_self_href;
    bool any_path_case;
    bool any_text_case;        // filters compare texts without regard to case
    const char *refused_field; // filters can't be by it; "": there is no such field
    const char *ignored_field; // filters by it leave everything; "": the same
    int largest_page;          // 0: none
    bool hides_largest_page;
    bool lacks_date; // no answer has the header Date, unless a played one has its own
    /* Below: policies, replicas, system sessions. In XML only the last three make a difference. */
    bool bare_lists;                   // [..] instead of {"Days":[..]}
    bool singular_lists;               // {"Day":[..]}
    enum absence empty_lists;          // of what is around the items
    bool scalars_as_text;              // "true" and "15" instead of true and 15
    const char *day_text;              // the member with a day's hours: "Value" or "#text"
    const char *long_term_days;        // the member with those of LongTermRetentionSchedule
    enum odd_href odd_href;            // of VMs of replicas
    bool system_sessions_are_entities; // their list, whatever format is asked for
    /* Of the intervals of a VM. */
    moment intervals_earlier;   // how far their times are before those of the question
    bool interval_times_in_utc; // they end in Z
    bool takes_xml_spec;
    bool takes_json_spec;
    int refused_spec_status; // of one that it does not take
};

struct permissions {
    bool log_on;
    bool read_cdp;
};

/* What an EM may lack, or a user may not see. */
enum feature {
    FEATURE_ALWAYS,
    FEATURE_POLICIES,
    FEATURE_POLICY_QUERY,
    FEATURE_REPLICAS,
    FEATURE_REPLICA_QUERY,
    FEATURE_REPLICA_VMS,
    FEATURE_SYSTEM_SESSIONS,
    FEATURE_SYSTEM_SESSION_QUERY,
    FEATURE_SYSTEM_SESSION_EVENTS,
    FEATURE_INTERVALS,
    FEATURES
};

struct rotation;
struct rotating_day;

struct store {
    struct arena arena;
    cJSON *document; // the scenario as read: overrides and replies point into it
    moment now;      // when it was loaded
    const char *user;
    const char *password;
    struct permissions may;
    int refuses[FEATURES]; // the status that a request gets; 0: its real answer
    struct wording wording;
    struct backup_server **servers;
    size_t server_count;
    struct policy **policies;
    size_t policy_count;
    size_t deleted_policy_count; // behind these in the array
    struct replica **replicas;
    size_t replica_count;
    struct replica_vm **replica_vms;
    size_t replica_vm_count;
    struct policy_session **policy_sessions;
    size_t policy_session_count;
    struct task_session **tasks;
    size_t task_count;
    struct rotation **rotations; // below: see rotation.h
    size_t rotation_count;
    struct rotating_day **rotating_days;
    size_t rotating_day_count;
    moment newest_rotation; // what rotates is as it was to be from then on
    moment next_rotation;   // until then
    struct collecting collecting;
    struct system_session **system_sessions; // those that do not follow from it
    size_t system_session_count;
    struct reply *replies;
    size_t reply_count;
};

/* The reference of an object of the virtual infrastructure, the same wherever EM names it. */
const char *store_reference(struct arena *arena, const struct backup_server *server,
                            const char *type, const char *name);

/* A UUID that the same text always gets. */
char *store_uuid(struct arena *arena, const char *text);
void store_make_uuid(const char *text, char uuid[UUID_SIZE]);
/* Whether it has the form of a UUID, in either case of letters. */
bool store_is_uuid(const char *text);

/* When the policy session of 24 hours began that a task session created then belongs to. */
moment store_policy_session_start(moment when);

void store_add_policy_session(struct store *store, struct policy_session *session);
void store_add_task(struct store *store, struct task_session *task);

/* Sorts everything by UID: lookups need it, and EM's lists come in no useful order either. */
void store_sort(struct store *store);
/* The same if all is sorted but what is new or was added. */
void store_sort_new_tasks(struct store *store);
void store_sort_policy_sessions(struct store *store);
/* The object of that UID among those that are sorted; NULL: none. */
void *store_find(void *const *objects, size_t count, const char *uid);

/* Releases the store and all that it points to; NULL is fine. */
void store_free(struct store *store);

#endif
