// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From the vendor's reference of EM's REST API, builds 11 to 13.1, and from public captures of EM
 * 12 and 13 for what a logon and a query list.
 */
#include "em/vocabulary.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/text.h"

/* The longest of EM's names, and a NUL. Pointers would have to be relocated at each start. */
enum { NAME_SIZE = 32 };

static const struct {
    char name[NAME_SIZE];
    enum vocabulary_kind kind;
} members[] = {
    // of all entities, references and links
    {"UID", VOCABULARY_ID},
    {"Id", VOCABULARY_ID},
    {"Name", VOCABULARY_NAME},
    {"DisplayName", VOCABULARY_NAME},
    {"Description", VOCABULARY_PROSE},
    {"Href", VOCABULARY_NAME},
    {"Type", VOCABULARY_WORD},
    {"Links", VOCABULARY_NAME},
    {"Link", VOCABULARY_NAME},
    {"Rel", VOCABULARY_WORD},
    // of an answer
    {"Refs", VOCABULARY_NAME},
    {"Ref", VOCABULARY_NAME},
    {"Entities", VOCABULARY_NAME},
    {"Resources", VOCABULARY_NAME},
    {"PagingInfo", VOCABULARY_NAME},
    {"PageNum", VOCABULARY_COUNT},
    {"PageSize", VOCABULARY_COUNT},
    {"PagesCount", VOCABULARY_COUNT},
    // of the API, a logon, an error
    {"SupportedVersions", VOCABULARY_VERSIONS},
    {"SupportedVersion", VOCABULARY_VERSIONS},
    {"LogonSessions", VOCABULARY_NAME},
    {"LogonSession", VOCABULARY_NAME},
    {"UserName", VOCABULARY_USER},
    {"SessionId", VOCABULARY_ID},
    {"FirstChanceExceptionMessage", VOCABULARY_PROSE},
    {"Message", VOCABULARY_PROSE},
    {"StackTrace", VOCABULARY_PROSE},
    {"Status", VOCABULARY_WORD},
    {"StatusCode", VOCABULARY_COUNT},
    // of sessions
    {"PolicySessionUid", VOCABULARY_ID},
    {"PolicySessionName", VOCABULARY_NAME},
    {"JobSessionUid", VOCABULARY_ID},
    {"JobUid", VOCABULARY_ID},
    {"JobName", VOCABULARY_NAME},
    {"CreationTime", VOCABULARY_NAME},
    {"CreationTimeUTC", VOCABULARY_NAME},
    {"EndTime", VOCABULARY_NAME},
    {"EndTimeUTC", VOCABULARY_NAME},
    {"State", VOCABULARY_WORD},
    {"Result", VOCABULARY_WORD},
    {"Reason", VOCABULARY_PROSE},
    {"FailureMessage", VOCABULARY_PROSE},
    {"Progress", VOCABULARY_COUNT},
    {"IsRetry", VOCABULARY_FLAG},
    {"IsCanceled", VOCABULARY_FLAG},
    {"TotalSize", VOCABULARY_SIZE},
    {"VmUid", VOCABULARY_ID},
    {"VmDisplayName", VOCABULARY_NAME},
    {"SessionType", VOCABULARY_WORD},
    {"Events", VOCABULARY_NAME},
    {"Event", VOCABULARY_NAME},
    {"Order", VOCABULARY_COUNT},
    // of policies
    {"PolicyUid", VOCABULARY_ID},
    {"PolicyId", VOCABULARY_ID},
    {"PolicyName", VOCABULARY_NAME},
    {"PolicyType", VOCABULARY_WORD},
    {"BackupServer", VOCABULARY_NAME},
    {"BackupServerUid", VOCABULARY_ID},
    {"BackupServerName", VOCABULARY_NAME},
    {"Platform", VOCABULARY_WORD},
    {"ScheduleConfigured", VOCABULARY_FLAG},
    {"ScheduleEnabled", VOCABULARY_FLAG},
    {"Enabled", VOCABULARY_FLAG},
    {"NextRun", VOCABULARY_NAME},
    {"PolicyScheduleOptions", VOCABULARY_NAME},
    {"CdpReplica", VOCABULARY_NAME},
    {"RecoveryPointObjectiveSeconds", VOCABULARY_COUNT},
    {"RecoveryPointObjectiveMinutes", VOCABULARY_COUNT},
    {"RPOSchedule", VOCABULARY_DAYS},
    {"RPOReporting", VOCABULARY_NAME},
    {"MarkAsWarning", VOCABULARY_NAME},
    {"MarkAsFailed", VOCABULARY_NAME},
    {"RPOThresholdSeconds", VOCABULARY_COUNT},
    {"RPOThresholdMinutes", VOCABULARY_COUNT},
    {"ShortTermRetentionMinutes", VOCABULARY_COUNT},
    {"ShortTermRetentionHours", VOCABULARY_COUNT},
    {"LongTermRetentionHours", VOCABULARY_COUNT},
    {"LongTermRetentionKeepDays", VOCABULARY_COUNT},
    {"LongTermRetentionSchedule", VOCABULARY_DAYS},
    {"TimePeriods", VOCABULARY_DAYS},
    {"Schedule", VOCABULARY_DAYS},
    {"Days", VOCABULARY_DAYS},
    {"Day", VOCABULARY_DAYS},
    {"Value", VOCABULARY_HOURS},
    {"#text", VOCABULARY_HOURS},
    {"CdpPolicyInfo", VOCABULARY_NAME},
    {"CdpReplicaPolicyInfo", VOCABULARY_NAME},
    {"Includes", VOCABULARY_NAME},
    {"ObjectInJobs", VOCABULARY_NAME},
    {"ObjectsInJob", VOCABULARY_NAME},
    {"ObjectInJob", VOCABULARY_NAME},
    {"ObjectInJobId", VOCABULARY_ID},
    {"HierarchyObjRef", VOCABULARY_ID},
    {"GuestProcessingOptions", VOCABULARY_NAME},
    {"VssSnapshotOptions", VOCABULARY_NAME},
    {"VssSnapshotMode", VOCABULARY_WORD},
    {"IsCopyOnly", VOCABULARY_FLAG},
    {"WindowsCredentialsId", VOCABULARY_ID},
    {"LinuxCredentialsId", VOCABULARY_ID},
    // of replicas and the intervals of their VMs
    {"ReplicaUid", VOCABULARY_ID},
    {"VmRef", VOCABULARY_ID},
    {"RepositoryName", VOCABULARY_NAME},
    {"StartDate", VOCABULARY_NAME},
    {"EndDate", VOCABULARY_NAME},
    {"Date", VOCABULARY_NAME},
    {"HasApplicationConsistentState", VOCABULARY_FLAG},
    {"IsApplicationConsistent", VOCABULARY_FLAG},
    {"CdpReplicaIntervals", VOCABULARY_NAME},
    {"Intervals", VOCABULARY_NAME},
    {"Interval", VOCABULARY_NAME},
    {"IntervalType", VOCABULARY_WORD},
    {"Rpo", VOCABULARY_COUNT},
    {"RestorePoint", VOCABULARY_NAME},
    // the containers of a query, in EM's own spelling
    {"Jobs", VOCABULARY_NAME},
    {"FailoverPlans", VOCABULARY_NAME},
    {"Backups", VOCABULARY_NAME},
    {"Replicas", VOCABULARY_NAME},
    {"Repositories", VOCABULARY_NAME},
    {"RestorePoints", VOCABULARY_NAME},
    {"VmRestorePoints", VOCABULARY_NAME},
    {"VAppRestorePoints", VOCABULARY_NAME},
    {"VmReplicaPoints", VOCABULARY_NAME},
    {"BackupJobSessions", VOCABULARY_NAME},
    {"ReplicaJobSessions", VOCABULARY_NAME},
    {"ReplicaTaskSessions", VOCABULARY_NAME},
    {"RestoreSessions", VOCABULARY_NAME},
    {"HierarchyRoots", VOCABULARY_NAME},
    {"BackupTaskSessions", VOCABULARY_NAME},
    {"BackupServers", VOCABULARY_NAME},
    {"ManagedServers", VOCABULARY_NAME},
    {"EnterpiseRoles", VOCABULARY_NAME},
    {"EnterpiseAccounts", VOCABULARY_NAME},
    {"WanAccelerators", VOCABULARY_NAME},
    {"CloudGateways", VOCABULARY_NAME},
    {"CloudTenants", VOCABULARY_NAME},
    {"CloudReplicas", VOCABULARY_NAME},
    {"VCloudOrganizationConfigs", VOCABULARY_NAME},
    {"BackupFiles", VOCABULARY_NAME},
    {"VSphereSelfServiceConfigs", VOCABULARY_NAME},
    {"CloudPublicIps", VOCABULARY_NAME},
    {"CloudHardwarePlans", VOCABULARY_NAME},
    {"CloudVmReplicaPoints", VOCABULARY_NAME},
    {"AgentRestorePoints", VOCABULARY_NAME},
    {"AgentBackupJob", VOCABULARY_NAME},
    {"CloudGatewayPools", VOCABULARY_NAME},
    {"CloudFailoverPlans", VOCABULARY_NAME},
    {"ExternalRepositories", VOCABULARY_NAME},
    {"VlanConfigurations", VOCABULARY_NAME},
    {"CloudFailoverSessions", VOCABULARY_NAME},
    {"AgentProtectionGroups", VOCABULARY_NAME},
    {"DiscoveredComputers", VOCABULARY_NAME},
    {"FileServers", VOCABULARY_NAME},
    {"NASJobs", VOCABULARY_NAME},
    {"CdpReplicas", VOCABULARY_NAME},
    {"CdpReplicaVms", VOCABULARY_NAME},
    {"CdpPolicies", VOCABULARY_NAME},
    {"CdpReplicaSessions", VOCABULARY_NAME},
    {"CdpReplicaTaskSessions", VOCABULARY_NAME},
    {"VAppReplicaPoints", VOCABULARY_NAME},
    {"VmCdpReplicas", VOCABULARY_NAME},
    {"VAppCdpReplicas", VOCABULARY_NAME},
    {"VAppCdpReplicaVms", VOCABULARY_NAME},
    {"SystemSessions", VOCABULARY_NAME},
    {"Sessions", VOCABULARY_NAME}, // in no document: the list of system sessions may be called so
};

static const char words[][NAME_SIZE] = {
    // State and Result
    "InProgress",
    "Pending",
    "Completed",
    "Starting",
    "Stopping",
    "Working",
    "Pausing",
    "Resuming",
    "Stopped",
    "Idle",
    "Postprocessing",
    "CompletedSuccessfully",
    "CompletedWarning",
    "Success",
    "Warning",
    "Failed",
    "None",
    // SessionType
    "CollectJob",
    "HistoryCollectJob",
    "CatalogReplicationJob",
    "SecurityScopesRebuild",
    "LicAutoUpdate",
    "DatabaseMaintenance",
    // Platform, PolicyType, IntervalType, VssSnapshotMode
    "VMware",
    "vCloud",
    "HyperV",
    "CdpReplica",
    "RestoreAvailable",
    "Disabled",
    "RequireSuccess",
    "IgnoreFailures",
    // Rel
    "Up",
    "Down",
    "Alternate",
    "Related",
    "Create",
    "Delete",
    "Edit",
    "Enable",
    "Disable",
    "Start",
    "Stop",
    "Retry",
    "Sync",
    "First",
    "Next",
    "Last",
    "Previous",
    "Intervals",
    "Failover",
    "Failback",
    "Report",
    // Type, less Reference and List; and what a urn names
    "veeam",
    "EnterpriseManager",
    "LogonSession",
    "QueryService",
    "LookupService",
    "Task",
    "BackupServer",
    "ManagedServer",
    "Job",
    "FailoverPlan",
    "HierarchyRoot",
    "Repository",
    "ExternalRepository",
    "Backup",
    "BackupFile",
    "RestorePoint",
    "VmRestorePoint",
    "VAppRestorePoint",
    "Replica",
    "VmReplicaPoint",
    "VAppReplicaPoint",
    "CatalogVm",
    "BackupJobSession",
    "BackupTaskSession",
    "RestoreSession",
    "ReplicaJobSession",
    "ReplicaTaskSession",
    "EnterpriseSecuritySettings",
    "WanAccelerator",
    "CdpPolicy",
    "CdpReplicaSession",
    "CdpReplicaTaskSession",
    "CdpReplicaVm",
    "VmCdpReplica",
    "VAppCdpReplica",
    "VAppCdpReplicaVm",
    "CdpReplicaIntervals",
    "SystemSession",
    "SystemSessionEvents",
    "SystemSessionEvent",
    "ObjectInJob",
    "VCloudService",
    "AgentsService",
    "VSphereSelfService",
    "NasService",
    "Error",
    // what a HierarchyObjRef names
    "Vm",
    "VApp",
    "Template",
    "Folder",
    "Tag",
    "Category",
    "Cluster",
    "Host",
    "Datacenter",
    "ResourcePool",
    "Datastore",
    "StoragePod",
    "DatastoreCluster",
    "Server",
    "VirtualCenter",
    // of a query, and actions
    "Entity",
    "Entities",
    "Ref",
    "Refs",
    "Reference",
    "Collect",
    "latest",
};

static const char path_words[][NAME_SIZE] = {
    "api",
    "query",
    "querySvc",
    "lookup",
    "lookupSvc",
    "sessionMngr",
    "logonSessions",
    "tasks",
    "cdpPolicies",
    "cdpReplicaSessions",
    "cdpReplicaTaskSessions",
    "cdpReplicas",
    "cdpReplica",
    "vms",
    "vApps",
    "includes",
    "systemSessions",
    "events",
    "replicaTaskSessions",
    "backupTaskSessions",
    "backupSessions",
    "replicaSessions",
    "restoreSessions",
    "backupServers",
    "managedServers",
    "jobs",
    "failoverPlans",
    "hierarchyRoots",
    "repositories",
    "externalRepositories",
    "backups",
    "backupFiles",
    "restorePoints",
    "vmRestorePoints",
    "vAppRestorePoints",
    "replicas",
    "vmReplicaPoints",
    "vAppReplicaPoints",
    "catalog",
    "security",
    "wanAccelerators",
    "reports",
    "summary",
    "overview",
    "vCloud",
    "agents",
    "selfService",
    "vSphere",
    "nas",
};

enum {
    MEMBERS = sizeof members / sizeof members[0],
    WORDS = sizeof words / sizeof words[0],
    PATH_WORDS = sizeof path_words / sizeof path_words[0]
};

/* The number of a text is its place in the table, from 1. */
static bool fill(struct set *set, size_t count, const char *(*text_at)(size_t))
{
    if (!set_expect(set, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t *number = set_add(set, hash_text_nocase(text_at(i)));
        if (number == NULL) {
            return false;
        }
        *number = (uint32_t)i + 1;
    }
    return true;
}

static const char *member_at(size_t place)
{
    return members[place].name;
}

static const char *word_at(size_t place)
{
    return words[place];
}

static const char *path_word_at(size_t place)
{
    return path_words[place];
}

bool vocabulary_init(struct vocabulary *vocabulary)
{
    *vocabulary = (struct vocabulary){.members = {0}};
    return fill(&vocabulary->members, MEMBERS, member_at) &&
           fill(&vocabulary->words, WORDS, word_at) &&
           fill(&vocabulary->path_words, PATH_WORDS, path_word_at);
}

void vocabulary_free(struct vocabulary *vocabulary)
{
    set_free(&vocabulary->members);
    set_free(&vocabulary->words);
    set_free(&vocabulary->path_words);
}

/* Its place, from 1; 0: it is not there. A hash alone does not make a name one of EM's. */
static uint32_t find(const struct set *set, const char *text, const char *(*text_at)(size_t))
{
    const uint32_t *number = set_find(set, hash_text_nocase(text));
    return number != NULL && text_equal_nocase(text, text_at(*number - 1)) ? *number : 0;
}

enum vocabulary_kind vocabulary_member(const struct vocabulary *vocabulary, const char *name)
{
    const uint32_t number = find(&vocabulary->members, name, member_at);
    return number > 0 ? members[number - 1].kind : VOCABULARY_UNKNOWN;
}

bool vocabulary_has_word(const struct vocabulary *vocabulary, const char *text)
{
    static const char *const endings[] = {"ReferenceList", "Reference", "List"};
    char type[64];
    const size_t length = strlen(text);
    if (find(&vocabulary->words, text, word_at) > 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && length - ending < sizeof type &&
            strcasecmp(text + length - ending, endings[i]) == 0) {
            memcpy(type, text, length - ending);
            type[length - ending] = '\0';
            return find(&vocabulary->words, type, word_at) > 0;
        }
    }
    return false;
}

bool vocabulary_has_path_word(const struct vocabulary *vocabulary, const char *text)
{
    return find(&vocabulary->path_words, text, path_word_at) > 0;
}

bool vocabulary_is_week_day(const char *text)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    bool found = false;
    for (size_t i = 0; i < sizeof days / sizeof days[0] && !found; i++) {
        found = text_equal_nocase(text, days[i]);
    }
    return found;
}
