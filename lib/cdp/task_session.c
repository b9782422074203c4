// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/task_session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cdp/matrix.h"
#include "em/json.h"

enum { SHOWN_UID = 80 }; // of a UID in notices; EM's have 68

static const char task_session_urn[] = "urn:veeam:CdpReplicaTaskSession:";

static void free_session(struct task_session *session)
{
    free(session->uid);
    free(session->name);
    free(session->vm);
    free(session->policy);
    free(session->backup_server);
    free(session->policy_session_uid);
    free(session->state_text);
    free(session->result_text);
    free(session->reason);
}

void task_sessions_keep(struct task_sessions *sessions, const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        if (keep[i]) {
            sessions->items[kept++] = sessions->items[i];
        } else {
            free_session(&sessions->items[i]);
        }
    }
    sessions->count = kept;
}

void task_sessions_free(struct task_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free_session(&sessions->items[i]);
    }
    free(sessions->items);
    *sessions = (struct task_sessions){0};
}

bool task_session_uuid(const char *text, char uuid[UUID_SIZE])
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strncasecmp(text, task_session_urn, strlen(task_session_urn)) == 0) {
        text += strlen(task_session_urn);
    }
    for (size_t i = 0; i < UUID_SIZE - 1; i++) {
        const unsigned char mark = (unsigned char)text[i];
        if (shape[i] == '-' ? mark != '-' : !isxdigit(mark)) {
            return false;
        }
        uuid[i] = (char)tolower(mark);
    }
    uuid[UUID_SIZE - 1] = '\0';
    return text[UUID_SIZE - 1] == '\0';
}

bool task_session_runs(const struct task_session *session)
{
    return session->state != SESSION_COMPLETED;
}

static void shorten_uid(const char *uid, char shown[SHOWN_UID + 1])
{
    const size_t length = text_boundary(uid, strnlen(uid, SHOWN_UID));
    memcpy(shown, uid, length);
    shown[length] = '\0';
}

/* What the decoding of one entity needs besides the entity. */
struct decoder {
    const cJSON *entity;
    const char *called; // the session's name in notices
    struct lines *notices;
    bool no_memory;
};

static char *copy(struct decoder *decoder, const char *text, size_t length)
{
    char *owned = strndup(text, length);
    decoder->no_memory = decoder->no_memory || owned == NULL;
    return owned;
}

/* A text member, NULL where it is absent or ""; where it is there but no text, a notice as well. */
static char *take_text(struct decoder *decoder, const char *key, size_t limit)
{
    const cJSON *member = json_member(decoder->entity, key);
    const char *text = cJSON_GetStringValue(member);
    if (text == NULL) {
        if (member != NULL) {
            lines_add(decoder->notices, "session %s: its %s is no text and was left out",
                      decoder->called, key);
        }
        return NULL;
    }
    if (text[0] == '\0') {
        return NULL;
    }
    return copy(decoder, text, text_boundary(text, strnlen(text, limit)));
}

static bool take_time(struct decoder *decoder, const char *key, utc_us *moment)
{
    const cJSON *member = json_member(decoder->entity, key);
    if (member == NULL) {
        return false;
    }
    const char *text = cJSON_GetStringValue(member);
    if (text == NULL || !utc_parse(text, moment)) {
        lines_add(decoder->notices, "session %s: its %s is no time and was left out",
                  decoder->called, key);
        return false;
    }
    return true;
}

static bool take_total_size(struct decoder *decoder, double *bytes)
{
    const cJSON *member = json_member(decoder->entity, "TotalSize");
    if (member == NULL) {
        return false;
    }
    static const double largest = 9223372036854775808.0; // EM's Long
    if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0 && member->valuedouble <= largest)) {
        lines_add(decoder->notices, "session %s: its TotalSize is no size and was left out",
                  decoder->called);
        return false;
    }
    *bytes = member->valuedouble;
    return true;
}

/*
 * The length of a session's name ("virt03@2021-02-12 00:00:10") without the "@date time" that EM
 * appends; the whole length where it has no such tail.
 */
static size_t length_without_date(const char *name)
{
    const char *at = strrchr(name, '@');
    if (at == NULL || at == name || !isdigit((unsigned char)at[1]) || strchr(at, ':') == NULL ||
        at[1 + strspn(at + 1, "0123456789 -:./TZAPM+")] != '\0') {
        return strlen(name);
    }
    return (size_t)(at - name);
}

/* The Name of the Up link of that type, less its "@date time"; NULL where there is none. */
static char *take_link_name(struct decoder *decoder, const char *type)
{
    const cJSON *link = NULL;
    cJSON_ArrayForEach(link, json_member(decoder->entity, "Links"))
    {
        const char *link_type = json_text(link, "Type");
        const char *name = json_text(link, "Name");
        if (link_type != NULL && name != NULL && name[0] != '\0' && text_same(link_type, type)) {
            return copy(decoder, name, length_without_date(name));
        }
    }
    return NULL;
}

static void take_verdict(struct decoder *decoder, struct task_session *session)
{
    const cJSON *state = json_member(decoder->entity, "State");
    const cJSON *result = json_member(decoder->entity, "Result");
    session->state = SESSION_OTHER;
    session->result = RESULT_NONE;
    if (!cJSON_IsString(state) || state->valuestring[0] == '\0') {
        snprintf(session->defect, sizeof session->defect,
                 state == NULL ? "EM's answer has no State" : "EM's State is no text");
    } else {
        session->state = matrix_state(state->valuestring);
        session->state_text =
            copy(decoder, matrix_state_text(state->valuestring), strlen(state->valuestring));
    }
    if (result != NULL && !cJSON_IsString(result)) {
        session->result = RESULT_OTHER;
        snprintf(session->defect, sizeof session->defect, "EM's Result is no text");
    } else if (result != NULL) {
        session->result = matrix_result(result->valuestring);
        if (session->result != RESULT_NONE) {
            session->result_text =
                copy(decoder, matrix_result_text(result->valuestring), strlen(result->valuestring));
        }
    }
}

/*
 * .NET's and SQL's ways to say "no time yet" are years up to 1900. An end before the creation is no
 * end either.
 */
static void drop_sentinels(struct task_session *session)
{
    static const utc_us year_1901 = INT64_C(-2177452800) * UTC_SECOND;
    session->has_created = session->has_created && session->created >= year_1901;
    session->has_ended = session->has_ended && session->ended >= year_1901 &&
                         (!session->has_created || session->ended >= session->created);
}

static void take_names(struct decoder *decoder, struct task_session *session)
{
    session->name = take_text(decoder, "Name", SIZE_MAX);
    session->vm = take_text(decoder, "VmDisplayName", SIZE_MAX);
    if (session->vm == NULL && session->name != NULL) {
        session->vm = copy(decoder, session->name, length_without_date(session->name));
    }
    session->policy = take_link_name(decoder, "CdpReplicaSessionReference");
    session->backup_server = take_link_name(decoder, "BackupServerReference");
    session->policy_session_uid = take_text(decoder, "PolicySessionUid", SIZE_MAX);
    session->reason = take_text(decoder, "Reason", REASON_LIMIT);
}

/* Whether the UID says that this is something else, such as a BackupTaskSession. */
static bool is_foreign(const char *uid)
{
    static const char veeam[] = "urn:veeam:";
    return uid != NULL && strncasecmp(uid, veeam, strlen(veeam)) == 0 &&
           strncasecmp(uid, task_session_urn, strlen(task_session_urn)) != 0;
}

/* Grows by half at least, so that many additions cost few copies. */
static int make_room(struct task_sessions *sessions, size_t more, struct fault *fault)
{
    if (sessions->capacity - sessions->count >= more) {
        return 0;
    }
    const size_t capacity = sessions->count + sessions->count / 2 + more;
    struct task_session *items = reallocarray(sessions->items, capacity, sizeof *items);
    if (items == NULL) {
        return fault_no_memory(fault);
    }
    sessions->items = items;
    sessions->capacity = capacity;
    return 0;
}

struct task_session *task_sessions_add_empty(struct task_sessions *sessions, struct fault *fault)
{
    if (sessions->count >= TASK_SESSIONS_LIMIT) {
        fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d task sessions",
                  TASK_SESSIONS_LIMIT);
        return NULL;
    }
    if (make_room(sessions, 1, fault) < 0) {
        return NULL;
    }
    struct task_session *session = &sessions->items[sessions->count++];
    *session = (struct task_session){0};
    return session;
}

int task_sessions_add(struct task_sessions *sessions, const cJSON *entity, struct lines *notices,
                      struct fault *fault)
{
    if (!cJSON_IsObject(entity)) {
        return fault_set(fault, FAULT_PROTOCOL, "EM's list of task sessions holds what is none");
    }
    struct task_session *session = task_sessions_add_empty(sessions, fault);
    if (session == NULL) {
        return -1;
    }

    char called[SHOWN_UID + 1] = "without a UID";
    struct decoder decoder = {.entity = entity, .called = called, .notices = notices};
    session->uid = take_text(&decoder, "UID", SIZE_MAX);
    if (session->uid != NULL) {
        shorten_uid(session->uid, called);
    }
    if (is_foreign(session->uid)) {
        return fault_set(fault, FAULT_PROTOCOL, "%s is no CDP task session", called);
    }
    take_names(&decoder, session);
    take_verdict(&decoder, session);
    session->has_created = take_time(&decoder, "CreationTimeUTC", &session->created);
    session->has_ended = take_time(&decoder, "EndTimeUTC", &session->ended);
    session->has_total_size = take_total_size(&decoder, &session->total_size);
    drop_sentinels(session);
    return decoder.no_memory ? fault_no_memory(fault) : 0;
}

int task_sessions_move(struct task_sessions *to, struct task_sessions *from,
                       bool (*is_wanted)(const struct task_session *session, const void *wanted),
                       const void *wanted, struct fault *fault)
{
    size_t kept = 0;
    if (make_room(to, from->count, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (is_wanted(&from->items[i], wanted)) {
            to->items[to->count++] = from->items[i];
        } else {
            from->items[kept++] = from->items[i];
        }
    }
    from->count = kept;
    return 0;
}
