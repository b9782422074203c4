// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/representation.h"

#include <stddef.h>

void represent_link(struct arena *arena, struct node *links, const char *rel, const char *href,
                    const char *name, const char *type)
{
    struct node *link = node_object(arena, links, "Link");
    node_text(arena, link, "Rel", rel, NODE_ATTRIBUTE);
    node_text(arena, link, "Href", href, NODE_ATTRIBUTE);
    node_text(arena, link, "Name", name, NODE_ATTRIBUTE);
    node_text(arena, link, "Type", type, NODE_ATTRIBUTE);
}

static const char *href_of(struct arena *arena, const struct wording *wording,
                           const char *collection, const char *uid, const char *tail)
{
    return arena_format(arena, "%s/api/%s/%s%s", wording->origin, collection, uid, tail);
}

static const char *reference_type(struct arena *arena, const char *type)
{
    return arena_format(arena, "%sReference", type);
}

static void link_to(struct arena *arena, struct node *links, const struct wording *wording,
                    const char *rel, const struct resource_kind *kind, const void *record)
{
    represent_link(arena, links, rel,
                   href_of(arena, wording, kind->collection, kind->uid(record), ""),
                   kind->name(record), reference_type(arena, kind->type));
}

static void moment_member(struct arena *arena, struct node *entity, const struct wording *wording,
                          const char *name, moment when)
{
    const int usual = wording->node.camel ? 6 : 3;
    const int digits = wording->fraction_digits >= 0 ? wording->fraction_digits : usual;
    node_text(arena, entity, name, moment_text(arena, when, digits), NODE_ELEMENT);
}

static void end_member(struct arena *arena, struct node *entity, const struct wording *wording,
                       bool has_ended, moment ended)
{
    if (has_ended) {
        moment_member(arena, entity, wording, "EndTimeUTC", ended);
    } else if (wording->running_end == ABSENCE_NULL) {
        node_null(arena, entity, "EndTimeUTC");
    }
}

/* ---- task sessions ---- */

static const char *task_uid(const void *record)
{
    return ((const struct task_session *)record)->uid;
}

static const char *task_name(const void *record)
{
    return ((const struct task_session *)record)->name;
}

static struct overrides task_overrides(const void *record)
{
    return ((const struct task_session *)record)->overrides;
}

static void task_links(struct arena *arena, struct node *links, const struct wording *wording,
                       const void *record)
{
    const struct policy_session *session = ((const struct task_session *)record)->policy_session;
    link_to(arena, links, wording, "Up", &server_kind, session->policy->backup_server);
    link_to(arena, links, wording, "Up", &policy_session_kind, session);
}

static void reason_member(struct arena *arena, struct node *entity, const struct wording *wording,
                          const struct task_session *task)
{
    if (task->reason[0] != '\0') {
        node_text(arena, entity, "Reason", task->reason, NODE_ELEMENT);
    } else if (wording->empty_reason == ABSENCE_NULL) {
        node_null(arena, entity, "Reason");
    } else if (wording->empty_reason == ABSENCE_EMPTY) {
        // in XML a session that runs has no Reason element at all
        node_text(arena, entity, "Reason", "", task->has_ended ? NODE_ELEMENT : NODE_JSON_ONLY);
    }
}

static void task_members(struct arena *arena, struct node *entity, const struct wording *wording,
                         const void *record)
{
    const struct task_session *task = record;
    node_text(arena, entity, "PolicySessionUid",
              arena_format(arena, "urn:veeam:CdpReplicaSession:%s", task->policy_session->uid),
              NODE_ELEMENT);
    moment_member(arena, entity, wording, "CreationTimeUTC", task->created);
    end_member(arena, entity, wording, task->has_ended, task->ended);
    node_text(arena, entity, "State", task_state_names[task->state], NODE_ELEMENT);
    node_text(arena, entity, "Result", result_names[task->result], NODE_ELEMENT);
    reason_member(arena, entity, wording, task);
    node_number(arena, entity, "TotalSize", task->total_size, NODE_ELEMENT);
    node_text(arena, entity, "VmDisplayName", task->vm, NODE_ATTRIBUTE);
}

const struct resource_kind task_kind = {
    .type = "CdpReplicaTaskSession",
    .collection = "cdpReplicaTaskSessions",
    .container = "CdpReplicaTaskSessions",
    .element = "CdpReplicaTaskSession",
    .root = "CdpReplicaTaskSession",
    .self = "replicaTaskSessions", // as in all of the vendor's examples
    .uid = task_uid,
    .name = task_name,
    .links = task_links,
    .members = task_members,
    .overrides = task_overrides,
};

/* ---- policy sessions ---- */

static const char *policy_session_uid(const void *record)
{
    return ((const struct policy_session *)record)->uid;
}

static const char *policy_session_name(const void *record)
{
    return ((const struct policy_session *)record)->name;
}

static struct overrides policy_session_overrides(const void *record)
{
    return ((const struct policy_session *)record)->overrides;
}

static void policy_session_links(struct arena *arena, struct node *links,
                                 const struct wording *wording, const void *record)
{
    const struct policy_session *session = record;
    link_to(arena, links, wording, "Up", &server_kind, session->policy->backup_server);
    link_to(arena, links, wording, "Up", &policy_kind, session->policy);
    represent_link(arena, links, "Down",
                   href_of(arena, wording, policy_session_kind.collection, session->uid,
                           "/cdpReplicaTaskSessions"),
                   NULL, "CdpReplicaTaskSessionReferenceList");
}

static void policy_session_members(struct arena *arena, struct node *entity,
                                   const struct wording *wording, const void *record)
{
    const struct policy_session *session = record;
    node_text(arena, entity, "PolicyUid",
              arena_format(arena, "urn:veeam:CdpPolicy:%s", session->policy->uid), NODE_ELEMENT);
    node_text(arena, entity, "PolicyName", session->policy->name, NODE_ELEMENT);
    node_text(arena, entity, "PolicyType", "CdpReplica", NODE_ELEMENT);
    moment_member(arena, entity, wording, "CreationTimeUTC", session->created);
    end_member(arena, entity, wording, session->has_ended, session->ended);
    node_text(arena, entity, "State", policy_state_names[session->state], NODE_ELEMENT);
    node_text(arena, entity, "Result", result_names[session->result], NODE_ELEMENT);
    node_number(arena, entity, "Progress", 0, NODE_ELEMENT);
    node_text(arena, entity, "FailureMessage", session->failure_message, NODE_ELEMENT);
    node_truth(arena, entity, "IsRetry", false);
}

const struct resource_kind policy_session_kind = {
    .type = "CdpReplicaSession",
    .collection = "cdpReplicaSessions",
    .container = "CdpReplicaSessions",
    .element = "CdpPolicySession",
    .root = "CdpPolicySession",
    .self = "cdpReplicaSessions",
    .uid = policy_session_uid,
    .name = policy_session_name,
    .links = policy_session_links,
    .members = policy_session_members,
    .overrides = policy_session_overrides,
};

/* ---- policies and backup servers: as much as the links need ---- */

static const char *policy_uid(const void *record)
{
    return ((const struct policy *)record)->uid;
}

static const char *policy_name(const void *record)
{
    return ((const struct policy *)record)->name;
}

static void policy_links(struct arena *arena, struct node *links, const struct wording *wording,
                         const void *record)
{
    const struct policy *policy = record;
    link_to(arena, links, wording, "Up", &server_kind, policy->backup_server);
    represent_link(
        arena, links, "Down",
        href_of(arena, wording, policy_kind.collection, policy->uid, "/cdpReplicaSessions"), NULL,
        "CdpReplicaSessionReferenceList");
}

static void policy_members(struct arena *arena, struct node *entity, const struct wording *wording,
                           const void *record)
{
    (void)wording;
    (void)record;
    node_text(arena, entity, "Platform", "VMware", NODE_ELEMENT);
    node_truth(arena, entity, "ScheduleEnabled", true);
}

const struct resource_kind policy_kind = {
    .type = "CdpPolicy",
    .collection = "cdpPolicies",
    .container = "CdpPolicies",
    .element = "CdpPolicy",
    .root = "CdpPolicy",
    .self = "cdpPolicies",
    .uid = policy_uid,
    .name = policy_name,
    .links = policy_links,
    .members = policy_members,
};

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
    .self = "backupServers",
    .uid = server_uid,
    .name = server_name,
    .links = no_links,
    .members = server_members,
};

/* ---- what all have in common ---- */

static void override(struct arena *arena, struct node *entity, const struct overrides *overrides)
{
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, overrides->members)
    {
        node_replace(arena, entity, value);
    }
    cJSON_ArrayForEach(value, overrides->omit)
    {
        if (cJSON_IsString(value)) {
            node_remove(entity, value->valuestring);
        }
    }
}

static void identity(struct arena *arena, struct node *node, const struct resource_kind *kind,
                     const void *record)
{
    node_text(arena, node, "Name", kind->name(record), NODE_ATTRIBUTE);
    node_text(arena, node, "UID",
              arena_format(arena, "urn:veeam:%s:%s", kind->type, kind->uid(record)),
              NODE_ATTRIBUTE);
}

struct node *represent_entity(struct arena *arena, struct node *parent,
                              const struct wording *wording, const struct resource_kind *kind,
                              const void *record)
{
    struct node *entity = node_object(arena, parent, parent != NULL ? kind->element : kind->root);
    kind->members(arena, entity, wording, record);
    identity(arena, entity, kind, record);
    struct node *links = node_list(arena, entity, "Links", NODE_ELEMENT);
    kind->links(arena, links, wording, record);
    link_to(arena, links, wording, "Alternate", kind, record);
    const char *self = wording->proper_self_href ? kind->collection : kind->self;
    node_text(arena, entity, "Href",
              href_of(arena, wording, self, kind->uid(record), "?format=Entity"), NODE_ATTRIBUTE);
    node_text(arena, entity, "Type", kind->type, NODE_ATTRIBUTE);
    if (kind->overrides != NULL) {
        const struct overrides overrides = kind->overrides(record);
        override(arena, entity, &overrides);
    }
    return entity;
}

struct node *represent_reference(struct arena *arena, struct node *parent,
                                 const struct wording *wording, const struct resource_kind *kind,
                                 const void *record)
{
    struct node *reference = node_object(arena, parent, parent != NULL ? "Ref" : "EntityRef");
    struct node *links = node_list(arena, reference, "Links", NODE_ELEMENT);
    kind->links(arena, links, wording, record);
    represent_link(arena, links, "Alternate",
                   href_of(arena, wording, kind->collection, kind->uid(record), "?format=Entity"),
                   kind->name(record), kind->type);
    node_text(arena, reference, "UID",
              arena_format(arena, "urn:veeam:%s:%s", kind->type, kind->uid(record)),
              NODE_ATTRIBUTE);
    node_text(arena, reference, "Name", kind->name(record), NODE_ATTRIBUTE);
    node_text(arena, reference, "Href",
              href_of(arena, wording, kind->collection, kind->uid(record), ""), NODE_ATTRIBUTE);
    node_text(arena, reference, "Type", reference_type(arena, kind->type), NODE_ATTRIBUTE);
    return reference;
}
