// SPDX-License-Identifier: GPL-3.0-or-later
/* How EM shows task sessions and policy sessions. */
#include "emulator/representation.h"

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
    represent_link_to(arena, links, wording, "Up", &server_kind, session->policy->backup_server);
    represent_link_to(arena, links, wording, "Up", &policy_session_kind, session);
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
    represent_moment(arena, entity, wording, "CreationTimeUTC", task->created);
    represent_end(arena, entity, wording, task->has_ended, task->ended);
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
    represent_link_to(arena, links, wording, "Up", &server_kind, session->policy->backup_server);
    represent_link_to(arena, links, wording, "Up", &policy_kind, session->policy);
    represent_link(
        arena, links, "Down",
        represent_href(arena, wording, &policy_session_kind, session, "/cdpReplicaTaskSessions"),
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
    represent_moment(arena, entity, wording, "CreationTimeUTC", session->created);
    represent_end(arena, entity, wording, session->has_ended, session->ended);
    node_text(arena, entity, "State", policy_state_names[session->state], NODE_ELEMENT);
    node_text(arena, entity, "Result", result_names[session->result], NODE_ELEMENT);
    node_number(arena, entity, "Progress", 0, NODE_ELEMENT);
    node_text(arena, entity, "FailureMessage", session->failure_message, NODE_ELEMENT);
    node_truth(arena, entity, "IsRetry", false, NODE_ELEMENT);
}

const struct resource_kind policy_session_kind = {
    .type = "CdpReplicaSession",
    .collection = "cdpReplicaSessions",
    .container = "CdpReplicaSessions",
    .element = "CdpPolicySession",
    .root = "CdpPolicySession",
    .uid = policy_session_uid,
    .name = policy_session_name,
    .links = policy_session_links,
    .members = policy_session_members,
    .overrides = policy_session_overrides,
};
