// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/fields.h"

#include "emulator/store.h"

static struct field_value text_value(const char *text)
{
    return (struct field_value){.text = text, .absent = text == NULL};
}

static struct field_value number_value(int64_t number)
{
    return (struct field_value){.number = number};
}

static struct field_value truth_value(bool truth)
{
    return number_value(truth ? 1 : 0);
}

static struct field_value end_value(bool has_ended, moment ended)
{
    return (struct field_value){.absent = !has_ended, .number = ended};
}

static const struct task_session *task(const void *record)
{
    return record;
}

static const struct policy_session *policy_session(const void *record)
{
    return record;
}

static const struct policy *policy(const void *record)
{
    return record;
}

static const struct replica *replica(const void *record)
{
    return record;
}

static const struct system_session *system_session(const void *record)
{
    return record;
}

#define READER(name, expression)                                                                   \
    static struct field_value name(const void *record)                                             \
    {                                                                                              \
        return expression;                                                                         \
    }

READER(read_task_id, text_value(task(record)->uid))
READER(read_task_name, text_value(task(record)->name))
READER(read_task_session_uid, text_value(task(record)->policy_session->uid))
READER(read_task_session_name, text_value(task(record)->policy_session->name))
READER(read_task_server_uid, text_value(task(record)->policy_session->policy->backup_server->uid))
READER(read_task_server_name, text_value(task(record)->policy_session->policy->backup_server->name))
READER(read_task_created, number_value(task(record)->created))
READER(read_task_ended, end_value(task(record)->has_ended, task(record)->ended))
READER(read_task_state, number_value(task(record)->state))
READER(read_task_reason, text_value(task(record)->reason))
READER(read_task_size, number_value(task(record)->total_size))
READER(read_task_vm, text_value(task(record)->vm))

const struct field fields_of_tasks[] = {
    {.name = "Id", .kind = FIELD_UID, .urn = "CdpReplicaTaskSession", .read = read_task_id},
    {.name = "Name", .kind = FIELD_TEXT, .read = read_task_name},
    {.name = "PolicySessionUid",
     .kind = FIELD_UID,
     .urn = "CdpReplicaSession",
     .read = read_task_session_uid},
    {.name = "PolicySessionName", .kind = FIELD_TEXT, .read = read_task_session_name},
    {.name = "BackupServerUid",
     .kind = FIELD_UID,
     .urn = "BackupServer",
     .read = read_task_server_uid},
    {.name = "BackupServerName", .kind = FIELD_TEXT, .read = read_task_server_name},
    {.name = "CreationTimeUTC", .kind = FIELD_MOMENT, .read = read_task_created},
    {.name = "EndTimeUTC", .kind = FIELD_MOMENT, .read = read_task_ended},
    {.name = "State", .kind = FIELD_ENUM, .names = task_state_names, .read = read_task_state},
    {.name = "Reason", .kind = FIELD_TEXT, .read = read_task_reason},
    {.name = "TotalSize", .kind = FIELD_NUMBER, .read = read_task_size},
    {.name = "VmDisplayName", .kind = FIELD_TEXT, .read = read_task_vm},
    {.name = NULL},
};

READER(read_session_id, text_value(policy_session(record)->uid))
READER(read_session_name, text_value(policy_session(record)->name))
READER(read_session_policy_uid, text_value(policy_session(record)->policy->uid))
READER(read_session_policy_name, text_value(policy_session(record)->policy->name))
READER(read_session_server_uid, text_value(policy_session(record)->policy->backup_server->uid))
READER(read_session_server_name, text_value(policy_session(record)->policy->backup_server->name))
READER(read_session_created, number_value(policy_session(record)->created))
READER(read_session_ended,
       end_value(policy_session(record)->has_ended, policy_session(record)->ended))
READER(read_session_state, number_value(policy_session(record)->state))
READER(read_session_result, number_value(policy_session(record)->result))
READER(read_session_message, text_value(policy_session(record)->failure_message))

const struct field fields_of_policy_sessions[] = {
    {.name = "Id", .kind = FIELD_UID, .urn = "CdpReplicaSession", .read = read_session_id},
    {.name = "Name", .kind = FIELD_TEXT, .read = read_session_name},
    {.name = "PolicyUid", .kind = FIELD_UID, .urn = "CdpPolicy", .read = read_session_policy_uid},
    {.name = "PolicyName", .kind = FIELD_TEXT, .read = read_session_policy_name},
    {.name = "BackupServerUid",
     .kind = FIELD_UID,
     .urn = "BackupServer",
     .read = read_session_server_uid},
    {.name = "BackupServerName", .kind = FIELD_TEXT, .read = read_session_server_name},
    {.name = "CreationTimeUTC", .kind = FIELD_MOMENT, .read = read_session_created},
    {.name = "EndTimeUTC", .kind = FIELD_MOMENT, .read = read_session_ended},
    {.name = "State", .kind = FIELD_ENUM, .names = policy_state_names, .read = read_session_state},
    {.name = "Result", .kind = FIELD_ENUM, .names = result_names, .read = read_session_result},
    {.name = "FailureMessage", .kind = FIELD_TEXT, .read = read_session_message},
    {.name = NULL},
};

READER(read_policy_uid, text_value(policy(record)->uid))
READER(read_policy_name, text_value(policy(record)->name))
READER(read_policy_description, text_value(policy(record)->description))
READER(read_policy_next_run, number_value(policy(record)->next_run))
READER(read_policy_configured, truth_value(policy(record)->schedule_configured))
READER(read_policy_enabled, truth_value(policy(record)->enabled))
READER(read_policy_server_uid, text_value(policy(record)->backup_server->uid))
READER(read_policy_server_name, text_value(policy(record)->backup_server->name))

const struct field fields_of_policies[] = {
    {.name = "UID", .kind = FIELD_UID, .urn = "CdpPolicy", .read = read_policy_uid},
    {.name = "Name", .kind = FIELD_TEXT, .read = read_policy_name},
    {.name = "Description", .kind = FIELD_TEXT, .read = read_policy_description},
    {.name = "NextRun", .kind = FIELD_MOMENT, .read = read_policy_next_run},
    {.name = "ScheduleConfigured", .kind = FIELD_TRUTH, .read = read_policy_configured},
    {.name = "ScheduleEnabled", .kind = FIELD_TRUTH, .read = read_policy_enabled},
    {.name = "BackupServerUid",
     .kind = FIELD_UID,
     .urn = "BackupServer",
     .read = read_policy_server_uid},
    {.name = "BackupServerName", .kind = FIELD_TEXT, .read = read_policy_server_name},
    {.name = NULL},
};

READER(read_replica_uid, text_value(replica(record)->uid))
READER(read_replica_policy_id, text_value(replica(record)->policy->uid))
READER(read_replica_policy_name, text_value(replica(record)->policy->name))
READER(read_replica_server_uid, text_value(replica(record)->policy->backup_server->uid))
READER(read_replica_server_name, text_value(replica(record)->policy->backup_server->name))

const struct field fields_of_replicas[] = {
    {.name = "UID", .kind = FIELD_UID, .urn = "CdpReplica", .read = read_replica_uid},
    {.name = "Name", .kind = FIELD_TEXT, .read = read_replica_policy_name},
    {.name = "PolicyId", .kind = FIELD_TEXT, .read = read_replica_policy_id},
    {.name = "PolicyName", .kind = FIELD_TEXT, .read = read_replica_policy_name},
    {.name = "BackupServerUid",
     .kind = FIELD_UID,
     .urn = "BackupServer",
     .read = read_replica_server_uid},
    {.name = "BackupServerName", .kind = FIELD_TEXT, .read = read_replica_server_name},
    {.name = NULL},
};

READER(read_system_uid, text_value(system_session(record)->uid))
READER(read_system_name, text_value(system_session(record)->name))
READER(read_system_type, text_value(system_session(record)->type))
READER(read_system_created, number_value(system_session(record)->created))
READER(read_system_ended,
       end_value(system_session(record)->has_ended, system_session(record)->ended))
READER(read_system_state, number_value(system_session(record)->state))

/* No document has this query type. */
const struct field fields_of_system_sessions[] = {
    {.name = "UID", .kind = FIELD_UID, .urn = "SystemSession", .read = read_system_uid},
    {.name = "Name", .kind = FIELD_TEXT, .read = read_system_name},
    {.name = "SessionType", .kind = FIELD_TEXT, .read = read_system_type},
    {.name = "CreationTimeUTC", .kind = FIELD_MOMENT, .read = read_system_created},
    {.name = "EndTimeUTC", .kind = FIELD_MOMENT, .read = read_system_ended},
    {.name = "State", .kind = FIELD_ENUM, .names = system_state_names, .read = read_system_state},
    {.name = NULL},
};
