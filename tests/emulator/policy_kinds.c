// SPDX-License-Identifier: GPL-3.0-or-later
/* How EM shows CDP policies and the backup servers that they are of. */
#include "emulator/representation.h"
#include "emulator/shapes.h"

static const struct policy *policy(const void *record)
{
    return record;
}

static const char *policy_uid(const void *record)
{
    return policy(record)->uid;
}

static const char *policy_name(const void *record)
{
    return policy(record)->name;
}

static struct overrides policy_overrides(const void *record)
{
    return policy(record)->overrides;
}

static void policy_reference_links(struct arena *arena, struct node *links,
                                   const struct wording *wording, const void *record)
{
    represent_link_to(arena, links, wording, "Up", &server_kind, policy(record)->backup_server);
}

/* Some of them are for changing the policy. */
static void policy_links(struct arena *arena, struct node *links, const struct wording *wording,
                         const void *record)
{
    const bool enabled = policy(record)->enabled;
    const struct {
        const char *rel;
        const char *tail;
        const char *type;
    } others[] = {
        {"Edit", "", "CdpPolicyReference"},
        {"Down", "/includes", "ObjectInJobList"},
        {"Create", "/includes", "ObjectInJob"},
        {"Down", "/cdpReplicaSessions", "CdpReplicaSessionReferenceList"},
        {enabled ? "Disable" : "Enable", enabled ? "?action=disable" : "?action=enable", NULL},
    };
    policy_reference_links(arena, links, wording, record);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        represent_link(arena, links, others[i].rel,
                       represent_href(arena, wording, &policy_kind, record, others[i].tail), NULL,
                       others[i].type);
    }
}

/* ---- its schedules ---- */

static void add_schedule(struct arena *arena, struct node *parent, const struct wording *wording,
                         const char *name, const char *child, const struct schedule *schedule)
{
    struct node *node = node_object(arena, parent, name);
    shape_truth(arena, node, wording, "Enabled", schedule->enabled, NODE_ATTRIBUTE);
    struct node *days = shape_list(arena, node, wording, child, "Days", "Day", false);
    for (size_t i = 0; i < WEEK_DAYS; i++) {
        struct node *day = node_object(arena, days, "Day");
        node_text(arena, day, "Name", week_day_names[i], NODE_ATTRIBUTE);
        node_text(arena, day, wording->day_text, schedule->days[i], NODE_CONTENT);
    }
}

/* The thresholds of the vendor's example. */
static void add_reporting(struct arena *arena, struct node *parent, const struct wording *wording)
{
    static const char *const marks[] = {"MarkAsWarning", "MarkAsFailed"};
    struct node *reporting = node_object(arena, parent, "RPOReporting");
    for (int i = 0; i < 2; i++) {
        struct node *mark = node_object(arena, reporting, marks[i]);
        shape_truth(arena, mark, wording, "Enabled", true, NODE_ELEMENT);
        shape_number(arena, mark, wording, "RPOThresholdSeconds", 2 + i);
        shape_number(arena, mark, wording, "RPOThresholdMinutes", 0);
    }
}

static void add_schedule_options(struct arena *arena, struct node *entity,
                                 const struct wording *wording, const struct policy *policy)
{
    struct node *options = node_object(arena, entity, "PolicyScheduleOptions");
    struct node *replica = node_object(arena, options, "CdpReplica");
    shape_number(arena, replica, wording, "RecoveryPointObjectiveSeconds", policy->rpo_seconds);
    shape_number(arena, replica, wording, "RecoveryPointObjectiveMinutes", policy->rpo_minutes);
    add_schedule(arena, replica, wording, "RPOSchedule", "TimePeriods", &policy->rpo_schedule);
    add_reporting(arena, replica, wording);
    shape_number(arena, replica, wording, "ShortTermRetentionMinutes", 0);
    shape_number(arena, replica, wording, "ShortTermRetentionHours", policy->short_term_hours);
    shape_number(arena, replica, wording, "LongTermRetentionHours", policy->long_term_hours);
    shape_number(arena, replica, wording, "LongTermRetentionKeepDays", LONG_TERM_DAYS);
    add_schedule(arena, replica, wording, "LongTermRetentionSchedule", wording->long_term_days,
                 &policy->long_term_schedule);
}

/* ---- what it includes ---- */

static void add_guest_processing(struct arena *arena, struct node *parent,
                                 const struct wording *wording)
{
    struct node *guest = node_object(arena, parent, "GuestProcessingOptions");
    struct node *snapshot = node_object(arena, guest, "VssSnapshotOptions");
    node_text(arena, snapshot, "VssSnapshotMode", "Disabled", NODE_ELEMENT);
    shape_truth(arena, snapshot, wording, "IsCopyOnly", true, NODE_ELEMENT);
    node_text(arena, guest, "WindowsCredentialsId", "", NODE_ELEMENT);
    node_text(arena, guest, "LinuxCredentialsId", "", NODE_ELEMENT);
}

void represent_includes(struct arena *arena, struct node *list, const struct wording *wording,
                        const struct policy *policy)
{
    for (size_t i = 0; i < policy->include_count; i++) {
        const struct include *include = policy->includes[i];
        struct node *object = node_object(arena, list, "ObjectInJob");
        node_text(arena, object, "ObjectInJobId", include->uid, NODE_ELEMENT);
        node_text(
            arena, object, "HierarchyObjRef",
            store_reference(arena, policy->backup_server, include->type, include->display_name),
            NODE_ELEMENT);
        node_text(arena, object, "Name", include->name, NODE_ELEMENT);
        node_text(arena, object, "DisplayName", include->display_name, NODE_ELEMENT);
        add_guest_processing(arena, object, wording);
        node_text(arena, object, "Href",
                  represent_href(arena, wording, &policy_kind, policy,
                                 arena_format(arena, "/includes/%s", include->uid)),
                  NODE_ATTRIBUTE);
        node_text(arena, object, "Type", "ObjectInJob", NODE_ATTRIBUTE);
    }
}

static void add_policy_info(struct arena *arena, struct node *entity, const struct wording *wording,
                            const struct policy *policy)
{
    struct node *info = node_object(arena, entity, "CdpPolicyInfo");
    struct node *replica = node_object(arena, info, "CdpReplicaPolicyInfo");
    represent_includes(arena,
                       shape_list(arena, replica, wording, "Includes", "ObjectInJobs",
                                  "ObjectInJob", policy->include_count == 0),
                       wording, policy);
    add_guest_processing(arena, replica, wording);
}

static void policy_members(struct arena *arena, struct node *entity, const struct wording *wording,
                           const void *record)
{
    const struct policy *shown = record;
    node_text(arena, entity, "PolicyType", "CdpReplica", NODE_ELEMENT);
    node_text(arena, entity, "Platform", shown->platform, NODE_ELEMENT);
    node_text(arena, entity, "Description", shown->description, NODE_ELEMENT);
    shape_truth(arena, entity, wording, "ScheduleConfigured", shown->schedule_configured,
                NODE_ELEMENT);
    shape_truth(arena, entity, wording, "ScheduleEnabled", shown->enabled, NODE_ELEMENT);
    represent_moment(arena, entity, wording, "NextRun", shown->next_run);
    add_schedule_options(arena, entity, wording, shown);
    add_policy_info(arena, entity, wording, shown);
}

const struct resource_kind policy_kind = {
    .type = "CdpPolicy",
    .collection = "cdpPolicies",
    .container = "CdpPolicies",
    .element = "CdpPolicy",
    .root = "CdpPolicy",
    .uid = policy_uid,
    .name = policy_name,
    .links = policy_links,
    .reference_links = policy_reference_links,
    .members = policy_members,
    .overrides = policy_overrides,
};

/* ---- backup servers: as much as the links need ---- */

static const char *server_uid(const void *record)
{
    return ((const struct backup_server *)record)->uid;
}

static const char *server_name(const void *record)
{
    return ((const struct backup_server *)record)->name;
}

static void no_links(struct arena *arena, struct node *links, const struct wording *wording,
                     const void *record)
{
    (void)arena;
    (void)links;
    (void)wording;
    (void)record;
}

static void server_members(struct arena *arena, struct node *entity, const struct wording *wording,
                           const void *record)
{
    (void)wording;
    (void)record;
    node_number(arena, entity, "Port", 9392, NODE_ELEMENT);
}

const struct resource_kind server_kind = {
    .type = "BackupServer",
    .collection = "backupServers",
    .container = "BackupServers",
    .element = "BackupServer",
    .root = "BackupServer",
    .uid = server_uid,
    .name = server_name,
    .links = no_links,
    .members = server_members,
};
