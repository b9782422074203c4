// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The names of members are those of cdppolicies_id and put_cdppolicies_id, which show XML. In JSON
 * their lists may be bare or wrapped, numbers and booleans may be texts.
 */
#include "fetch/decode_policy.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "em/entity.h"
#include "em/json.h"
#include "fetch/reference.h"

#define BIT_OF(member) (1u << (member))

static const double hour_s = 3600;

/* ---- schedules: a digit an hour, a row a day ---- */

/* A day has 23 hours in spring and 25 in autumn; the documents, too, have a row of 23. */
enum { DAYS = 7, DAY_HOURS = 24, MOST_DAY_HOURS = 25, WEEK_HOURS = DAYS * DAY_HOURS };

static const char *const day_names[DAYS] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};

struct day {
    size_t hours; // 0: nothing is known of it
    bool allowed[MOST_DAY_HOURS];
};

enum day_member { DAY_NAME, DAY_VALUE, DAY_TEXT, DAY_MEMBERS };
static const struct entity_member day_members[DAY_MEMBERS] = {
    [DAY_NAME] = {"Name", ENTITY_RAW},
    [DAY_VALUE] = {"Value", ENTITY_RAW},
    [DAY_TEXT] = {"#text", ENTITY_RAW}, // as converters from XML write it
};

/* Reads "1,1,0,…"; `digits` are those that the schedule has, the first of which forbids the hour.
 */
static bool read_row(const char *text, const char *digits, struct day *day)
{
    for (bool more = text[strspn(text, " ")] != '\0'; more;) {
        text += strspn(text, " ");
        if (*text == '\0' || strchr(digits, *text) == NULL || day->hours == MOST_DAY_HOURS) {
            return false;
        }
        day->allowed[day->hours++] = *text++ != digits[0];
        text += strspn(text, " ");
        more = *text == ',';
        text += more ? 1 : 0;
    }
    return *text == '\0' || text[strspn(text, " ")] == '\0';
}

static struct day *find_day(struct day days[DAYS], const char *name)
{
    for (size_t i = 0; name != NULL && i < DAYS; i++) {
        if (text_equal_nocase(name, day_names[i])) {
            return &days[i];
        }
    }
    return NULL;
}

static bool read_days(const cJSON *list, const char *digits, struct day days[DAYS])
{
    const cJSON *item = NULL;
    bool seen[DAYS] = {false};
    cJSON_ArrayForEach(item, list)
    {
        struct entity_value values[DAY_MEMBERS];
        entity_read(item, day_members, DAY_MEMBERS, NULL, values);
        const char *row = values[DAY_VALUE].known ? values[DAY_VALUE].text : values[DAY_TEXT].text;
        struct day *day = find_day(days, values[DAY_NAME].text);
        if (day == NULL || row == NULL || seen[day - days] || !read_row(row, digits, day)) {
            return false;
        }
        seen[day - days] = true;
    }
    return true;
}

/* In hours, around the week. A day of which nothing is known allows each of its hours. */
static size_t longest_pause(const struct day days[DAYS])
{
    bool allowed[DAYS * MOST_DAY_HOURS] = {false};
    size_t hours = 0;
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < DAYS; i++) {
        const size_t count = days[i].hours > 0 ? days[i].hours : DAY_HOURS;
        for (size_t hour = 0; hour < count; hour++) {
            allowed[hours++] = days[i].hours == 0 || days[i].allowed[hour];
        }
    }
    for (size_t i = 0; i < 2 * hours && longest < WEEK_HOURS; i++) {
        run = allowed[i % hours] ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/*
 * How long the schedule's longest pause lasts, in seconds. What is not a schedule has none: a limit
 * that grows by it must not grow by what is not understood.
 */
static double pause_of(const cJSON *schedule, const char *const lists[], const char *digits)
{
    static const struct entity_member enabled_member = {"Enabled", ENTITY_BOOLEAN};
    struct entity_value enabled;
    struct day days[DAYS] = {{0}};
    const cJSON *periods = NULL;
    const cJSON *list = NULL;
    entity_read(schedule, &enabled_member, 1, NULL, &enabled);
    for (size_t i = 0; periods == NULL && lists[i] != NULL; i++) {
        periods = json_member(schedule, lists[i]);
    }
    if ((enabled.known && !enabled.truth) || entity_list(periods, &list) < 0 ||
        !read_days(list, digits, days)) {
        return 0;
    }
    return (double)longest_pause(days) * hour_s;
}

/* ---- how often ---- */

enum option_member { RPO_SECONDS, RPO_MINUTES, LONG_TERM_HOURS, OPTION_MEMBERS };
static const struct entity_member option_members[OPTION_MEMBERS] = {
    [RPO_SECONDS] = {"RecoveryPointObjectiveSeconds", ENTITY_COUNT},
    [RPO_MINUTES] = {"RecoveryPointObjectiveMinutes", ENTITY_COUNT},
    // The interval between long-term restore points; ...KeepDays is how long they are kept.
    [LONG_TERM_HOURS] = {"LongTermRetentionHours", ENTITY_COUNT},
};

/* A week without an hour is no pause that a limit may grow by: nothing comes after it. */
static void drop_endless_pauses(struct policy *policy)
{
    static const double week_s = (double)WEEK_HOURS * hour_s;
    if (policy->replication_pause_s >= week_s) {
        policy->replication_pause_s = 0;
    }
    if (policy->long_term_pause_s >= week_s) {
        policy->long_term_pause_s = 0;
        policy->has_long_term = false;
    }
}

static void take_options(const cJSON *options, struct policy *policy)
{
    static const char *const rpo_lists[] = {"TimePeriods", NULL};
    static const char *const long_term_lists[] = {"TimePeriods", "Schedule", NULL};
    struct entity_value values[OPTION_MEMBERS];
    const uint32_t odd = entity_read(options, option_members, OPTION_MEMBERS, NULL, values);
    const bool is_whole = (odd & (BIT_OF(RPO_SECONDS) | BIT_OF(RPO_MINUTES))) == 0;
    policy->rpo_s = is_whole ? values[RPO_SECONDS].number + 60 * values[RPO_MINUTES].number : 0;
    policy->has_rpo = policy->rpo_s > 0;
    policy->long_term_s =
        values[LONG_TERM_HOURS].known ? values[LONG_TERM_HOURS].number * hour_s : 0;
    policy->has_long_term = policy->long_term_s > 0;
    policy->replication_pause_s = pause_of(json_member(options, "RPOSchedule"), rpo_lists, "01");
    // 1 is a crash-consistent, 2 an application-consistent restore point.
    policy->long_term_pause_s =
        pause_of(json_member(options, "LongTermRetentionSchedule"), long_term_lists, "012");
    drop_endless_pauses(policy);
}

/* ---- what it includes ---- */

enum include_member { INCLUDE_REF, INCLUDE_NAME, INCLUDE_DISPLAY_NAME, INCLUDE_MEMBERS };
static const struct entity_member include_members[INCLUDE_MEMBERS] = {
    [INCLUDE_REF] = {"HierarchyObjRef", ENTITY_RAW},
    [INCLUDE_NAME] = {"Name", ENTITY_TEXT},
    [INCLUDE_DISPLAY_NAME] = {"DisplayName", ENTITY_TEXT},
};

/* "Vm" of "urn:VMware:Vm:ROOT.vm-123"; NULL: there is none. */
static const char *find_type(const char *reference, size_t *length)
{
    const char *type = NULL;
    if (reference != NULL && strncasecmp(reference, "urn:", strlen("urn:")) == 0) {
        type = strchr(reference + strlen("urn:"), ':');
    }
    type = type != NULL ? type + 1 : NULL;
    *length = type != NULL ? strcspn(type, ":") : 0;
    if (*length > 0 && type[*length] == ':') {
        return type;
    }
    *length = 0;
    return NULL;
}

static bool is_vm(const char *reference)
{
    size_t length = 0;
    const char *type = find_type(reference, &length);
    return type != NULL && length == strlen("Vm") && strncasecmp(type, "Vm", length) == 0;
}

static bool is_known(const struct set *known, const char *name)
{
    return known != NULL && set_find(known, hash_text(name)) != NULL;
}

const char *decode_included_vm(const cJSON *include, const struct mask *mask,
                               const struct set *known)
{
    struct entity_value values[INCLUDE_MEMBERS];
    entity_read(include, include_members, INCLUDE_MEMBERS, mask, values);
    const char *name = values[INCLUDE_NAME].text;
    const char *display_name = values[INCLUDE_DISPLAY_NAME].text;
    name = reference_is_name(name) ? name : NULL;
    display_name = reference_is_name(display_name) ? display_name : NULL;
    if (!is_vm(values[INCLUDE_REF].text)) {
        return NULL;
    }
    if (display_name == NULL || name == NULL) {
        return display_name != NULL ? display_name : name;
    }
    return !is_known(known, display_name) && is_known(known, name) ? name : display_name;
}

/* Appends "Folder Prod" to what is included besides VMs, and what may be cut later. */
static void append_container(struct buf *containers, const cJSON *include, const struct mask *mask)
{
    struct entity_value values[INCLUDE_MEMBERS];
    size_t type_length = 0;
    entity_read(include, include_members, INCLUDE_MEMBERS, mask, values);
    const char *type = find_type(values[INCLUDE_REF].text, &type_length);
    const char *name = values[INCLUDE_DISPLAY_NAME].text;
    name = name != NULL && name[0] != '\0' ? name : values[INCLUDE_NAME].text;
    name = name != NULL ? name : "";
    type = type != NULL ? type : "object";
    type_length = type_length > 0 ? type_length : strlen(type);
    const size_t name_length = strnlen(name, CONTAINERS_SHOWN + 1);
    buf_text(containers, containers->length > 0 ? ", " : "");
    buf_add(containers, type, type_length < CONTAINERS_SHOWN ? type_length : CONTAINERS_SHOWN);
    buf_text(containers, name_length > 0 ? " " : "");
    buf_add(containers, name, name_length);
}

static int keep_containers(struct buf *containers, const struct mask *mask,
                           struct decoded_policy *decoded, struct fault *fault)
{
    const bool none = containers->length == 0;
    if (containers->failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    mask_buf(mask, containers);
    const char *text = buf_string(containers);
    const size_t length = strlen(text);
    const bool cut = length > CONTAINERS_SHOWN;
    const size_t kept = cut ? text_boundary(text, CONTAINERS_SHOWN) : length;
    memcpy(decoded->containers, text, kept);
    const char *end = cut ? "..." : "";
    memcpy(decoded->containers + kept, end, strlen(end) + 1);
    decoded->policy.containers = none ? NULL : decoded->containers;
    return 0;
}

static int take_includes(const cJSON *entity, const struct mask *mask,
                         struct decoded_policy *decoded, struct fault *fault)
{
    const cJSON *info = json_member(json_member(entity, "CdpPolicyInfo"), "CdpReplicaPolicyInfo");
    const bool is_list = entity_list(json_member(info, "Includes"), &decoded->includes) == 0;
    const cJSON *include = NULL;
    bool all_vms = is_list && json_length(decoded->includes) > 0;
    cleanup_buf struct buf containers;
    buf_init(&containers, (size_t)4 * CONTAINERS_SHOWN);
    cJSON_ArrayForEach(include, decoded->includes)
    {
        const bool has_vm = decode_included_vm(include, mask, NULL) != NULL;
        all_vms = all_vms && has_vm;
        if (!has_vm && !is_vm(json_text(include, "HierarchyObjRef")) &&
            containers.length <= CONTAINERS_SHOWN) {
            append_container(&containers, include, mask);
        }
    }
    decoded->policy.lists_all = all_vms;
    return keep_containers(&containers, mask, decoded, fault);
}

/* ---- the policy ---- */

enum policy_member { POLICY_NAME, POLICY_UID, POLICY_LINKS, POLICY_ENABLED, POLICY_MEMBERS };
static const struct entity_member policy_members[POLICY_MEMBERS] = {
    [POLICY_NAME] = {"Name", ENTITY_RAW},
    [POLICY_UID] = {"UID", ENTITY_RAW},
    [POLICY_LINKS] = {"Links", ENTITY_LIST},
    [POLICY_ENABLED] = {"ScheduleEnabled", ENTITY_BOOLEAN},
};

int decode_policy(const cJSON *entity, const char *wanted, const struct mask *mask,
                  struct decoded_policy *decoded, struct fault *fault)
{
    struct entity_value values[POLICY_MEMBERS];
    *decoded = (struct decoded_policy){.uid = NULL};
    entity_read(entity, policy_members, POLICY_MEMBERS, mask, values);
    if (!reference_is_name(values[POLICY_NAME].text)) {
        return 0;
    }
    const cJSON *options = json_member(json_member(entity, "PolicyScheduleOptions"), "CdpReplica");
    struct policy *policy = &decoded->policy;
    decoded->uid = values[POLICY_UID].text;
    policy->name = reference_policy(values[POLICY_NAME].text, wanted, mask);
    policy->backup_server =
        reference_name(values[POLICY_LINKS].list, "BackupServerReference", mask);
    policy->has_enabled = values[POLICY_ENABLED].known;
    policy->enabled = values[POLICY_ENABLED].known && values[POLICY_ENABLED].truth;
    take_options(options, policy);
    return take_includes(entity, mask, decoded, fault) < 0 ? -1 : 1;
}
