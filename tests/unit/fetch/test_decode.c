// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's JSON of one task session as a struct. */
#include "fetch/decode.h"

#include <check.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/spec.h"
#include "unit/suites.h"

struct decoded {
    struct task_sessions sessions;
    const struct task_session *session;
};

static void decode(struct decoded *decoded, const cJSON *entity)
{
    struct fault fault = {.kind = FAULT_NONE};
    *decoded = (struct decoded){.session = NULL};
    ck_assert_int_eq(decode_task_session(entity, NULL, &decoded->sessions, &fault), 0);
    ck_assert_uint_eq(decoded->sessions.count, 1);
    decoded->session = &decoded->sessions.items[0];
}

/* The first of the session's members that were left out; NULL: none was. */
static const char *left_out(const struct task_session *session)
{
    size_t member = 0;
    while (member < SESSION_MEMBERS && (session->odd & 1u << member) == 0) {
        member++;
    }
    ck_assert((session->odd != 0) == (member < SESSION_MEMBERS));
    return member < SESSION_MEMBERS ? task_session_members[member].name : NULL;
}

static void decode_text(struct decoded *decoded, const char *text)
{
    cJSON *entity = cJSON_Parse(text);
    ck_assert_msg(entity != NULL, "no JSON: %s", text);
    decode(decoded, entity);
    cJSON_Delete(entity);
}

static void decoded_free(struct decoded *decoded)
{
    task_sessions_free(&decoded->sessions);
}

/* What a session has, a bit each: a text, or a number that has no text. */
enum field {
    UID = 1 << TEXT_UID,
    NAME = 1 << TEXT_NAME,
    VM = 1 << TEXT_VM,
    POLICY = 1 << TEXT_POLICY,
    SERVER = 1 << TEXT_BACKUP_SERVER,
    POLICY_SESSION = 1 << TEXT_POLICY_SESSION_UID,
    STATE = 1 << TEXT_STATE,
    RESULT = 1 << TEXT_RESULT,
    REASON = 1 << TEXT_REASON,
    DEFECT = 1 << TEXT_DEFECT,
    CREATED = 1 << SESSION_TEXTS,
    ENDED = 2 << SESSION_TEXTS,
    SIZE = 4 << SESSION_TEXTS,
};

static bool differ(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

/* The fields in which two sessions differ. */
static int differences(const struct task_session *a, const struct task_session *b)
{
    int found = (a->state != b->state ? STATE : 0) | (a->result != b->result ? RESULT : 0);
    for (int i = 0; i < SESSION_TEXTS; i++) {
        const enum session_text text = (enum session_text)i;
        found |= differ(task_session_text(a, text), task_session_text(b, text)) ? 1 << i : 0;
    }
    return found | (a->has_created != b->has_created || a->created != b->created ? CREATED : 0) |
           (a->has_ended != b->has_ended || a->ended != b->ended ? ENDED : 0) |
           (a->has_total_size != b->has_total_size || fabs(a->total_size - b->total_size) > 0 ? SIZE
                                                                                              : 0);
}

/* The fields that hold nothing, of those that depend on no other. */
static int empty_fields(const struct task_session *session)
{
    int found = (session->has_created ? 0 : CREATED) | (session->has_ended ? 0 : ENDED) |
                (session->has_total_size ? 0 : SIZE);
    for (int i = 0; i < SESSION_TEXTS; i++) {
        found |= task_session_text(session, (enum session_text)i) == NULL ? 1 << i : 0;
    }
    return found & ~(STATE | RESULT | DEFECT);
}

START_TEST(decodes_every_field)
{
    struct decoded decoded;
    decode_text(&decoded, complete_session);
    const struct task_session expected = {
        .uid = COMPLETE_UID,
        .name = "srv-db01.example@2025-08-14 07:00:06",
        .vm = "srv-db01",
        .policy = "CDP Policy",
        .backup_server = "backup01",
        .policy_session_uid = "urn:veeam:CdpReplicaSession:0c5dbe2d-6d0e-43c1-9b6a-1f7f16d7ac47",
        .state_text = "Completed",
        .result_text = "Warning",
        .reason = "RPO was exceeded",
        .state = SESSION_COMPLETED,
        .result = RESULT_WARNING,
        .has_created = true,
        .has_ended = true,
        .has_total_size = true,
        .created = moment("2025-08-14T07:00:06.123Z"),
        .ended = moment("2025-08-14T15:00:08Z"),
        .total_size = 214748364800,
    };
    ck_assert_int_eq(differences(decoded.session, &expected), 0);
    ck_assert_ptr_null(left_out(decoded.session));
    decoded_free(&decoded);
}
END_TEST

/* As EM 13 writes its keys: "UID" is "uid", "CreationTimeUTC" is "creationTimeUTC". */
static void make_camel_case(cJSON *item)
{
    for (cJSON *child = item->child; child != NULL; child = child->next) {
        if (child->string != NULL && strcmp(child->string, "UID") == 0) {
            memcpy(child->string, "uid", sizeof "uid");
        } else if (child->string != NULL) {
            child->string[0] = (char)tolower((unsigned char)child->string[0]);
        }
        make_camel_case(child);
    }
}

START_TEST(both_casings_are_the_same)
{
    struct decoded pascal;
    struct decoded camel;
    cJSON *entity = cJSON_Parse(complete_session);
    decode_text(&pascal, complete_session);
    make_camel_case(entity);
    char *text = cJSON_PrintUnformatted(entity);
    ck_assert_ptr_nonnull(strstr(text, "\"creationTimeUTC\":"));
    ck_assert_ptr_nonnull(strstr(text, "\"rel\":"));
    ck_assert_ptr_null(strstr(text, "\"UID\":"));
    decode_text(&camel, text);
    ck_assert_int_eq(differences(pascal.session, camel.session), 0);
    ck_assert_ptr_null(left_out(camel.session));
    free(text);
    cJSON_Delete(entity);
    decoded_free(&pascal);
    decoded_free(&camel);
}
END_TEST

/* What becomes of the session when one member is replaced; NULL: left out. */
static const struct {
    const char *member;
    const char *value;
    int changed;
    bool is_odd;
} members[] = {
    {"UID", NULL, UID, false},
    {"UID", "null", UID, false},
    {"UID", "\"\"", UID, false},
    {"UID", "5", UID, true},
    {"UID", "{}", UID, true},
    {"Name", NULL, NAME, false},
    {"Name", "null", NAME, false},
    {"Name", "\"\"", NAME, false},
    {"Name", "[\"a\"]", NAME, true},
    {"PolicySessionUid", NULL, POLICY_SESSION, false},
    {"PolicySessionUid", "null", POLICY_SESSION, false},
    {"PolicySessionUid", "1.5", POLICY_SESSION, true},
    {"Reason", NULL, REASON, false},
    {"Reason", "null", REASON, false},
    {"Reason", "\"\"", REASON, false},
    {"Reason", "5", REASON, true},
    {"Reason", "true", REASON, true},
    {"Reason", "[\"a\"]", REASON, true},
    {"Reason", "{\"a\":\"b\"}", REASON, true},
    {"CreationTimeUTC", NULL, CREATED, false},
    {"CreationTimeUTC", "null", CREATED, false},
    {"CreationTimeUTC", "1755174690", CREATED, true},
    {"CreationTimeUTC", "\"yesterday\"", CREATED, true},
    {"CreationTimeUTC", "\"\"", CREATED, true},
    {"CreationTimeUTC", "{}", CREATED, true},
    {"CreationTimeUTC", "false", CREATED, true},
    {"EndTimeUTC", NULL, ENDED, false},
    {"EndTimeUTC", "null", ENDED, false},
    {"EndTimeUTC", "1755174690", ENDED, true},
    {"EndTimeUTC", "\"2025-02-30T00:00:00Z\"", ENDED, true},
    {"EndTimeUTC", "[]", ENDED, true},
    {"EndTimeUTC", "\"0001-01-01T00:00:00\"", ENDED, false},
    {"EndTimeUTC", "\"0001-01-01T00:00:00Z\"", ENDED, false},
    {"EndTimeUTC", "\"1899-12-30T00:00:00Z\"", ENDED, false},
    {"EndTimeUTC", "\"1900-01-01T00:00:00Z\"", ENDED, false},
    {"EndTimeUTC", "\"1900-12-31T23:59:59Z\"", ENDED, false},
    {"EndTimeUTC", "\"2025-08-14T07:00:06.122Z\"", ENDED, false}, // before the creation
    {"TotalSize", NULL, SIZE, false},
    {"TotalSize", "null", SIZE, false},
    {"TotalSize", "\"214748364800\"", SIZE, true},
    {"TotalSize", "true", SIZE, true},
    {"TotalSize", "-1", SIZE, true},
    {"TotalSize", "1e300", SIZE, true},
    {"TotalSize", "[1]", SIZE, true},
    {"VmDisplayName", "5", VM, true},
    {"State", NULL, STATE | DEFECT, false},
    {"State", "null", STATE | DEFECT, false},
    {"State", "5", STATE | DEFECT, false},
    {"State", "{}", STATE | DEFECT, false},
    {"State", "[\"Completed\"]", STATE | DEFECT, false},
    {"State", "\"Paused\"", STATE, false},
    {"State", "\"completed\"", 0, false},
    {"Result", NULL, RESULT, false},
    {"Result", "null", RESULT, false},
    {"Result", "\"\"", RESULT, false},
    {"Result", "\"None\"", RESULT, false},
    {"Result", "5", RESULT | DEFECT, false},
    {"Result", "[]", RESULT | DEFECT, false},
    {"Result", "\"Skipped\"", RESULT, false},
    {"Result", "\"WARNING\"", 0, false},
    {"Links", NULL, POLICY | SERVER, false},
    {"Links", "null", POLICY | SERVER, false},
    {"Links", "[]", POLICY | SERVER, false},
    {"Links", "5", POLICY | SERVER, false},
    {"Links", "\"x\"", POLICY | SERVER, false},
    {"Links", "[null,5,\"x\",[],{}]", POLICY | SERVER, false},
    {"Links", "{\"Links\":[{\"Type\":\"BackupServerReference\",\"Name\":\"backup01\"}]}", POLICY,
     false},
    {"Links", "{\"Link\":null}", POLICY | SERVER, false},
    {"Links", "{\"a\":[],\"b\":[]}", POLICY | SERVER, false},
    {"Links", "[{\"Type\":5,\"Name\":\"a\"}]", POLICY | SERVER, false},
    {"Links", "[{\"Type\":\"BackupServerReference\",\"Name\":5}]", POLICY | SERVER, false},
    {"Links", "[{\"Type\":\"BackupServerReference\",\"Name\":\"backup01\"}]", POLICY, false},
    {"Links", "[{\"Type\":\"BackupServerReference\",\"Name\":\"\"}]", POLICY | SERVER, false},
    {"Unknown", "5", 0, false},
};

START_TEST(odd_members_change_nothing_else)
{
    struct decoded before;
    struct decoded after;
    cJSON *entity = cJSON_Parse(complete_session);
    decode(&before, entity);
    cJSON_DeleteItemFromObjectCaseSensitive(entity, members[_i].member);
    if (members[_i].value != NULL) {
        cJSON_AddItemToObject(entity, members[_i].member, cJSON_Parse(members[_i].value));
    }
    decode(&after, entity);
    const int changed = differences(before.session, after.session);
    ck_assert_msg(changed == members[_i].changed, "%s=%s changes %#x, not %#x", members[_i].member,
                  members[_i].value != NULL ? members[_i].value : "absent", (unsigned)changed,
                  (unsigned)members[_i].changed);
    const int lost = members[_i].changed & ~(VM | STATE | RESULT | DEFECT);
    ck_assert_msg(empty_fields(after.session) == lost, "%s=%s empties %#x, not %#x",
                  members[_i].member, members[_i].value != NULL ? members[_i].value : "absent",
                  (unsigned)empty_fields(after.session), (unsigned)lost);
    const char *odd = left_out(after.session);
    ck_assert_msg((odd != NULL) == members[_i].is_odd, "%s=%s: %s", members[_i].member,
                  members[_i].value != NULL ? members[_i].value : "absent",
                  odd != NULL ? odd : "nothing is left out");
    ck_assert(odd == NULL || strcmp(odd, members[_i].member) == 0);
    cJSON_Delete(entity);
    decoded_free(&before);
    decoded_free(&after);
}
END_TEST

/* Whether the table above has a row in which that member changes something. */
static bool has_row(const char *member)
{
    for (int i = 0; i < COUNT(members); i++) {
        if (members[i].changed != 0 && strcmp(members[i].member, member) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(each_member_counts)
{
    cJSON *entity = cJSON_Parse(complete_session);
    const char *name = task_session_members[_i].name;
    ck_assert_msg(cJSON_HasObjectItem(entity, name), "complete_session has no %s", name);
    ck_assert_msg(has_row(name), "odd_members_change_nothing_else has no case of %s", name);
    cJSON_Delete(entity);
}
END_TEST

/* Odd ones of State, Result and Links are no notice: the first two are the session's defect. */
START_TEST(each_odd_member_has_its_bit)
{
    enum { SILENT = 1 << MEMBER_STATE | 1 << MEMBER_RESULT | 1 << MEMBER_LINKS };
    struct decoded decoded;
    cJSON *entity = cJSON_CreateObject();
    for (int i = 0; i < SESSION_MEMBERS; i++) {
        cJSON_AddTrueToObject(entity, task_session_members[i].name);
    }
    decode(&decoded, entity);
    ck_assert_int_eq(decoded.session->odd, ((1 << SESSION_MEMBERS) - 1) & ~SILENT);
    ck_assert_ptr_nonnull(decoded.session->defect);
    cJSON_Delete(entity);
    decoded_free(&decoded);
}
END_TEST

static const struct {
    const char *state, *result; // as JSON; NULL: left out
    bool defect;
} verdicts[] = {
    {"\"Completed\"", "\"Success\"", false},
    {"\"Completed\"", NULL, false},
    {"\"Paused\"", "\"Skipped\"", false},
    {NULL, "\"Success\"", true},
    {"5", "\"Success\"", true},
    {"\"Completed\"", "5", true},
    {"\"Completed\"", "{}", true},
    {NULL, NULL, true},
    {"false", "false", true},
};

START_TEST(what_cannot_be_judged_is_a_defect)
{
    struct decoded decoded;
    cJSON *entity = cJSON_CreateObject();
    if (verdicts[_i].state != NULL) {
        cJSON_AddItemToObject(entity, "State", cJSON_Parse(verdicts[_i].state));
    }
    if (verdicts[_i].result != NULL) {
        cJSON_AddItemToObject(entity, "Result", cJSON_Parse(verdicts[_i].result));
    }
    decode(&decoded, entity);
    ck_assert_int_eq(decoded.session->defect != NULL, verdicts[_i].defect);
    cJSON_Delete(entity);
    decoded_free(&decoded);
}
END_TEST

static const struct {
    const char *number;
    double bytes;
} sizes[] = {
    {"0", 0},
    {"1", 1},
    {"4294967295", 4294967295.0},
    {"4294967296", 4294967296.0},
    {"214748364800", 214748364800.0},
    {"9007199254740991", 9007199254740991.0},
    {"1152921504606846976", 1152921504606846976.0},
    {"9223372036854775807", 9223372036854775808.0}, // the largest Long, as a double
};

START_TEST(sizes_go_beyond_32_bits)
{
    struct decoded decoded;
    cJSON *entity = cJSON_CreateObject();
    cJSON_AddItemToObject(entity, "TotalSize", cJSON_Parse(sizes[_i].number));
    decode(&decoded, entity);
    ck_assert_msg(decoded.session->has_total_size, "%s is refused", sizes[_i].number);
    ck_assert_double_eq(decoded.session->total_size, sizes[_i].bytes);
    cJSON_Delete(entity);
    decoded_free(&decoded);
}
END_TEST

static const struct {
    const char *name; // of the session and of the policy's session
    const char *vm;   // and the policy
} names[] = {
    {"srv-db01@2021-02-12 00:00:10", "srv-db01"},
    {"srv-db01@2025-06-16 06:22:59.39912", "srv-db01"},
    {"srv@home@2021-02-12 00:00:10", "srv@home"},
    {"@srv@2021-02-12 00:00:10", "@srv"},
    {"srv@home", "srv@home"},
    {"srv@2019", "srv@2019"},
    {"srv-db01", "srv-db01"},
    {"CDP Policy@2025-06-15 15:00:08", "CDP Policy"},
    {"CDP Policy@6/15/2025 3:00:08 PM", "CDP Policy"},
    {"m\xC3\xBCller \xE6\xBC\xA2@2021-02-12 00:00:10", "m\xC3\xBCller \xE6\xBC\xA2"},
    {"srv@", "srv@"},
    {"m\xFC", "m\xFC"}, // what is no UTF-8 is no character's beginning that could be cut
    {"m\xE6\xBC", "m\xE6\xBC"},
};

START_TEST(names_lose_their_date)
{
    struct decoded decoded;
    cJSON *entity = cJSON_CreateObject();
    cJSON_AddStringToObject(entity, "Name", names[_i].name);
    cJSON *links = cJSON_AddArrayToObject(entity, "Links");
    cJSON *link = cJSON_CreateObject();
    cJSON_AddStringToObject(link, "Type", "CdpReplicaSessionReference");
    cJSON_AddStringToObject(link, "Name", names[_i].name);
    cJSON_AddItemToArray(links, link);
    decode(&decoded, entity);
    ck_assert_str_eq(decoded.session->name, names[_i].name);
    ck_assert_str_eq(decoded.session->vm, names[_i].vm);
    ck_assert_str_eq(decoded.session->policy, names[_i].vm);
    cJSON_Delete(entity);
    decoded_free(&decoded);
}
END_TEST

/* VmDisplayName is the name as it is, whatever it ends in. */
START_TEST(display_names_are_whole)
{
    struct decoded decoded;
    decode_text(&decoded, "{\"Name\":\"other@2021-02-12 00:00:10\","
                          "\"VmDisplayName\":\"srv@2021-02-12 00:00:10\"}");
    ck_assert_str_eq(decoded.session->vm, "srv@2021-02-12 00:00:10");
    decoded_free(&decoded);
    static const char *const absent[] = {"null", "\"\"", "5"};
    for (int i = 0; i < COUNT(absent); i++) {
        cleanup_buf struct buf text;
        buf_init(&text, 1000);
        buf_format(&text, "{\"Name\":\"srv-db01@2021-02-12 00:00:10\",\"VmDisplayName\":%s}",
                   absent[i]);
        decode_text(&decoded, buf_string(&text));
        ck_assert_str_eq(decoded.session->vm, "srv-db01");
        decoded_free(&decoded);
    }
    decode_text(&decoded, "{}");
    ck_assert_ptr_null(decoded.session->vm);
    decoded_free(&decoded);
}
END_TEST

/* Years up to 1900 say "no time"; an end that is the creation is one. */
static const struct {
    const char *created, *ended; // NULL: left out
    bool has_created, has_ended;
} sentinels[] = {
    {"0001-01-01T00:00:00", "2025-08-14T15:00:08Z", false, true},
    {"1900-01-01T00:00:00Z", "2025-08-14T15:00:08Z", false, true},
    {"1900-12-31T23:59:59.999Z", NULL, false, false},
    {"1901-01-01T00:00:00Z", NULL, true, false},
    {NULL, "0001-01-01T00:00:00Z", false, false},
    {NULL, "1900-12-31T23:59:59.999Z", false, false},
    {NULL, "1901-01-01T00:00:00Z", false, true},
    {"2025-08-14T15:00:08Z", "2025-08-14T15:00:08Z", true, true},
    {"2025-08-14T15:00:08Z", "2025-08-14T15:00:07.999999Z", true, false},
};

START_TEST(sentinels_are_no_times)
{
    struct task_sessions sessions = {0};
    add_spec(&sessions, &(struct spec){.state = "Completed",
                                       .created = sentinels[_i].created,
                                       .ended = sentinels[_i].ended});
    ck_assert_int_eq(sessions.items[0].has_created, sentinels[_i].has_created);
    ck_assert_int_eq(sessions.items[0].has_ended, sentinels[_i].has_ended);
    ck_assert_uint_eq(sessions.items[0].odd, 0);
    task_sessions_free(&sessions);
}
END_TEST

START_TEST(long_reasons_are_cut_between_characters)
{
    struct decoded decoded;
    char *reason = malloc(REASON_LIMIT + 100);
    memset(reason, 'a', (size_t)_i);
    for (size_t at = (size_t)_i; at < REASON_LIMIT + 10; at += 4) {
        memcpy(reason + at, "\xF0\x9F\x98\x80", 5);
    }
    cJSON *entity = cJSON_CreateObject();
    cJSON_AddStringToObject(entity, "Reason", reason);
    decode(&decoded, entity);
    const size_t length = strlen(decoded.session->reason);
    ck_assert_uint_le(length, REASON_LIMIT);
    ck_assert_uint_gt(length, REASON_LIMIT - 4);
    ck_assert_int_eq((int)((length - (size_t)_i) % 4), 0);
    ck_assert_int_eq(strncmp(decoded.session->reason, reason, length), 0);
    cJSON_Delete(entity);
    free(reason);
    decoded_free(&decoded);
}
END_TEST

/* Names that can't be had as EM means them. `length` repeats the text's first letter. */
static const struct {
    const char *member; // or the type of a link
    const char *text;
    size_t length;
    const char *defect; // NULL: none
} odd_names[] = {
    {"VmDisplayName", "n", 1024, NULL},
    {"VmDisplayName", "n", 1025, "its VM's name has more than 1,024 bytes"},
    {"VmDisplayName", "n", 100000, "its VM's name has more than 1,024 bytes"},
    {"VmDisplayName", "a\xEF\xBF\xBF", 0, "its VM's name has a NUL or half a character"},
    {"VmDisplayName", "a\xEF\xBF\xBD", 0, NULL},
    {"Name", "n", 1025, NULL},
    {"Name", "a\xEF\xBF\xBF", 0, NULL},
    {"CdpReplicaSessionReference", "n", 1024, NULL},
    {"CdpReplicaSessionReference", "n", 1025, "its policy's name has more than 1,024 bytes"},
    {"CdpReplicaSessionReference", "\xEF\xBF\xBFz", 0, "its policy's name has a NUL"},
    {"BackupServerReference", "n", 1025, "its backup server's name has more than 1,024 bytes"},
    {"BackupServerReference", "a\xEF\xBF\xBFz", 0, "its backup server's name has a NUL"},
};

START_TEST(names_that_are_none_are_the_sessions_fault)
{
    struct decoded decoded;
    const bool is_link = strstr(odd_names[_i].member, "Reference") != NULL;
    const size_t repeated = odd_names[_i].length;
    char *text = repeated > 0 ? calloc(1, repeated + 1) : strdup(odd_names[_i].text);
    ck_assert_ptr_nonnull(text);
    memset(text, odd_names[_i].text[0], repeated);
    cJSON *entity = cJSON_Parse(complete_session);
    cJSON_DeleteItemFromObjectCaseSensitive(entity, is_link ? "Links" : odd_names[_i].member);
    if (is_link) {
        cJSON *link = cJSON_CreateObject();
        cJSON_AddStringToObject(link, "Type", odd_names[_i].member);
        cJSON_AddStringToObject(link, "Name", text);
        cJSON_AddItemToArray(cJSON_AddArrayToObject(entity, "Links"), link);
    } else {
        cJSON_AddStringToObject(entity, odd_names[_i].member, text);
    }
    decode(&decoded, entity);
    const char *defect = decoded.session->defect;
    ck_assert_msg((defect != NULL) == (odd_names[_i].defect != NULL), "%s %d: %s",
                  odd_names[_i].member, _i, defect);
    ck_assert(defect == NULL || strstr(defect, odd_names[_i].defect) != NULL);
    ck_assert_ptr_null(left_out(decoded.session));
    const char *kept[] = {decoded.session->vm, decoded.session->name, decoded.session->policy,
                          decoded.session->backup_server};
    for (int i = 0; i < COUNT(kept); i++) {
        ck_assert(kept[i] == NULL || strlen(kept[i]) <= SESSION_TEXT_LIMIT);
    }
    ck_assert_int_eq(decoded.session->state, SESSION_COMPLETED);
    cJSON_Delete(entity);
    free(text);
    decoded_free(&decoded);
}
END_TEST

/* A UID that was cut might be another one's. */
START_TEST(long_uids_are_none)
{
    static const char *const uids[] = {"UID", "PolicySessionUid"};
    for (int i = 0; i < COUNT(uids); i++) {
        for (size_t length = SESSION_TEXT_LIMIT; length <= SESSION_TEXT_LIMIT + 1; length++) {
            struct decoded decoded;
            char uid[SESSION_TEXT_LIMIT + 2];
            memset(uid, 'u', sizeof uid);
            uid[length] = '\0';
            cJSON *entity = cJSON_Parse(complete_session);
            cJSON_DeleteItemFromObjectCaseSensitive(entity, uids[i]);
            cJSON_AddStringToObject(entity, uids[i], uid);
            decode(&decoded, entity);
            const char *kept = i == 0 ? decoded.session->uid : decoded.session->policy_session_uid;
            ck_assert((kept != NULL) == (length == SESSION_TEXT_LIMIT));
            const char *odd = left_out(decoded.session);
            ck_assert((odd == NULL) == (kept != NULL));
            ck_assert(odd == NULL || strcmp(odd, uids[i]) == 0);
            cJSON_Delete(entity);
            decoded_free(&decoded);
        }
    }
}
END_TEST

/* Before a Reason is cut; UIDs and what decides stay, whatever the password is. */
START_TEST(texts_are_masked)
{
    struct mask mask = {.secrets = NULL};
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    char reason[REASON_LIMIT + 100];
    memset(reason, 'x', sizeof reason);
    memcpy(reason + REASON_LIMIT - 8, "Tr0ub4dor", sizeof "Tr0ub4dor");
    cJSON *entity = cJSON_Parse(
        "{\"UID\":\"urn:veeam:CdpReplicaTaskSession:123456\",\"PolicySessionUid\":\"x-123456\","
        "\"VmDisplayName\":\"vm Tr0ub4dor\",\"State\":\"Completed\",\"Result\":\"Tr0ub4dor\","
        "\"Name\":\"Tr0ub4dor@2025-08-14 12:00:00\",\"Links\":[{\"Name\":\"pol Tr0ub4dor@2025-08-14"
        " 12:00:00\",\"Type\":\"CdpReplicaSessionReference\"},{\"Name\":\"Tr0ub4dor.local\","
        "\"Type\":\"BackupServerReference\"}]}");
    cJSON_AddStringToObject(entity, "Reason", reason);
    mask_add(&mask, "Tr0ub4dor");
    mask_add(&mask, "Completed");
    mask_add(&mask, "123456");
    ck_assert_int_eq(decode_task_session(entity, &mask, &sessions, &fault), 0);
    const struct task_session *session = &sessions.items[0];
    ck_assert_str_eq(session->uid, "urn:veeam:CdpReplicaTaskSession:123456");
    ck_assert_str_eq(session->policy_session_uid, "x-123456");
    ck_assert_str_eq(session->vm, "vm ***");
    ck_assert_str_eq(session->name, "***@2025-08-14 12:00:00");
    ck_assert_str_eq(session->policy, "pol ***");
    ck_assert_str_eq(session->backup_server, "***.local");
    ck_assert_int_eq(session->state, SESSION_COMPLETED);
    ck_assert_str_eq(session->state_text, "Completed");
    ck_assert_int_eq(session->result, RESULT_OTHER);
    ck_assert_str_eq(session->result_text, "***");
    ck_assert_uint_eq(strlen(session->reason), REASON_LIMIT - 8 + 3);
    ck_assert_ptr_null(strstr(session->reason, "Tr0"));
    cJSON_Delete(entity);
    mask_free(&mask);
    task_sessions_free(&sessions);
}
END_TEST

static const char *const no_entities[] = {"null", "5", "\"x\"", "[]", "true"};

START_TEST(what_is_no_object_is_a_fault)
{
    struct task_sessions sessions = {0};
    struct fault fault = {.kind = FAULT_NONE};
    cJSON *entity = cJSON_Parse(no_entities[_i]);
    ck_assert_int_eq(decode_task_session(entity, NULL, &sessions, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    ck_assert_uint_eq(sessions.count, 0);
    cJSON_Delete(entity);
    task_sessions_free(&sessions);
}
END_TEST

static const struct {
    const char *entity;
    const char *uid; // NULL: a fault
    const char *policy;
} policy_sessions[] = {
    {"{\"UID\":\"u\",\"PolicyName\":\"p\"}", "u", "p"},
    {"{\"policyName\":\"p\",\"uid\":\"u\"}", "u", "p"},
    {"{\"UID\":\"u\"}", "u", NULL},
    {"{\"UID\":\"u\",\"PolicyName\":5}", "u", NULL},
    {"{\"UID\":null,\"PolicyName\":\"p\"}", NULL, NULL},
    {"{\"UID\":5}", NULL, NULL},
    {"{}", NULL, NULL},
    {"[]", NULL, NULL},
    {"null", NULL, NULL},
};

START_TEST(decodes_policy_sessions)
{
    struct policy_session session;
    struct fault fault = {.kind = FAULT_NONE};
    cJSON *entity = cJSON_Parse(policy_sessions[_i].entity);
    const int result = decode_policy_session(entity, &session, &fault);
    ck_assert_int_eq(result, policy_sessions[_i].uid != NULL ? 0 : -1);
    ck_assert_int_eq(fault.kind, result < 0 ? FAULT_PROTOCOL : FAULT_NONE);
    if (result == 0) {
        ck_assert(!differ(session.uid, policy_sessions[_i].uid));
        ck_assert(!differ(session.policy, policy_sessions[_i].policy));
    }
    cJSON_Delete(entity);
}
END_TEST

Suite *decode_suite(void)
{
    Suite *suite = suite_create("decode");
    TCase *cases = tcase_create("decode");
    tcase_add_test(cases, decodes_every_field);
    tcase_add_test(cases, both_casings_are_the_same);
    tcase_add_loop_test(cases, odd_members_change_nothing_else, 0, COUNT(members));
    tcase_add_loop_test(cases, each_member_counts, 0, SESSION_MEMBERS);
    tcase_add_test(cases, each_odd_member_has_its_bit);
    tcase_add_loop_test(cases, what_cannot_be_judged_is_a_defect, 0, COUNT(verdicts));
    tcase_add_loop_test(cases, sizes_go_beyond_32_bits, 0, COUNT(sizes));
    tcase_add_loop_test(cases, names_lose_their_date, 0, COUNT(names));
    tcase_add_test(cases, display_names_are_whole);
    tcase_add_loop_test(cases, sentinels_are_no_times, 0, COUNT(sentinels));
    tcase_add_loop_test(cases, long_reasons_are_cut_between_characters, 0, 4);
    tcase_add_test(cases, texts_are_masked);
    tcase_add_loop_test(cases, names_that_are_none_are_the_sessions_fault, 0, COUNT(odd_names));
    tcase_add_test(cases, long_uids_are_none);
    tcase_add_loop_test(cases, what_is_no_object_is_a_fault, 0, COUNT(no_entities));
    tcase_add_loop_test(cases, decodes_policy_sessions, 0, COUNT(policy_sessions));
    suite_add_tcase(suite, cases);
    return suite;
}
