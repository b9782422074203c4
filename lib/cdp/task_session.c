// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/task_session.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/vec.h"

static const char task_session_urn[] = "urn:veeam:CdpReplicaTaskSession:";

const struct session_member_of_em task_session_members[SESSION_MEMBERS] = {
    [MEMBER_UID] = {"UID", "text of at most 1,024 bytes"},
    [MEMBER_NAME] = {"Name", "text"},
    [MEMBER_VM] = {"VmDisplayName", "text"},
    [MEMBER_LINKS] = {"Links", "list"},
    [MEMBER_POLICY_SESSION_UID] = {"PolicySessionUid", "text of at most 1,024 bytes"},
    [MEMBER_REASON] = {"Reason", "text"},
    [MEMBER_STATE] = {"State", "text"},
    [MEMBER_RESULT] = {"Result", "text"},
    [MEMBER_CREATED] = {"CreationTimeUTC", "time"},
    [MEMBER_ENDED] = {"EndTimeUTC", "time"},
    [MEMBER_TOTAL_SIZE] = {"TotalSize", "size"},
};
static_assert(SESSION_MEMBERS <= 15, "a bit each, and SESSION_UNPLACED");

/* Where a session has each of its texts. */
static const size_t text_places[SESSION_TEXTS] = {
    [TEXT_UID] = offsetof(struct task_session, uid),
    [TEXT_NAME] = offsetof(struct task_session, name),
    [TEXT_VM] = offsetof(struct task_session, vm),
    [TEXT_POLICY] = offsetof(struct task_session, policy),
    [TEXT_BACKUP_SERVER] = offsetof(struct task_session, backup_server),
    [TEXT_POLICY_SESSION_UID] = offsetof(struct task_session, policy_session_uid),
    [TEXT_STATE] = offsetof(struct task_session, state_text),
    [TEXT_RESULT] = offsetof(struct task_session, result_text),
    [TEXT_REASON] = offsetof(struct task_session, reason),
    [TEXT_DEFECT] = offsetof(struct task_session, defect),
};

static const char *const state_names[SESSION_OTHER] = {
    [SESSION_COMPLETED] = "Completed",
    [SESSION_IN_PROGRESS] = "InProgress",
    [SESSION_PENDING] = "Pending",
};

static const char *const result_names[RESULT_OTHER] = {
    [RESULT_SUCCESS] = "Success",
    [RESULT_WARNING] = "Warning",
    [RESULT_FAILED] = "Failed",
    [RESULT_NONE] = "None",
};

static size_t size_of(const struct task_session *session)
{
    return sizeof *session + session->texts_size;
}

void task_sessions_keep(struct task_sessions *sessions, const bool *keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        if (keep[i]) {
            sessions->items[kept++] = sessions->items[i];
        } else {
            sessions->size -= size_of(&sessions->items[i]);
            free(sessions->items[i].texts);
        }
    }
    sessions->count = kept;
    sessions->ranked = 0;
}

bool task_sessions_have_uids(const struct task_sessions *sessions)
{
    bool all = true;
    for (size_t i = 0; i < sessions->count && all; i++) {
        all = sessions->items[i].uid != NULL;
    }
    return all;
}

void task_sessions_free(struct task_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->items[i].texts);
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

bool task_session_uid_is_foreign(const char *uid)
{
    static const char veeam[] = "urn:veeam:";
    return strncasecmp(uid, veeam, strlen(veeam)) == 0 &&
           strncasecmp(uid, task_session_urn, strlen(task_session_urn)) != 0;
}

static int find_name(const char *const names[], int count, const char *text)
{
    int found = 0;
    while (found < count && !text_equal_nocase(names[found], text)) {
        found++;
    }
    return found;
}

enum session_state task_session_state(const char *text)
{
    return (enum session_state)find_name(state_names, SESSION_OTHER, text);
}

enum session_result task_session_result(const char *text)
{
    return text[0] == '\0' ? RESULT_NONE
                           : (enum session_result)find_name(result_names, RESULT_OTHER, text);
}

const char *task_session_state_text(const char *text)
{
    const enum session_state state = task_session_state(text);
    return state < SESSION_OTHER ? state_names[state] : text;
}

const char *task_session_result_text(const char *text)
{
    const enum session_result result = task_session_result(text);
    return result < RESULT_OTHER ? result_names[result] : text;
}

bool task_session_runs(const struct task_session *session)
{
    return session->state != SESSION_COMPLETED;
}

bool task_session_is_good(const struct task_session *session)
{
    return !task_session_runs(session) && session->result != RESULT_FAILED;
}

bool task_session_is_size(double bytes)
{
    return bytes >= 0 && bytes <= 9223372036854775808.0; // the largest Long, as a double
}

const char *task_session_text(const struct task_session *session, enum session_text text)
{
    const char *found = NULL;
    memcpy(&found, (const char *)session + text_places[text], sizeof found);
    return found;
}

utc_us task_session_ahead(const struct task_session *session, utc_us now)
{
    utc_us ahead = 0;
    if (session->has_created && session->created - now > ahead) {
        ahead = session->created - now;
    }
    if (!task_session_runs(session) && session->has_ended && session->ended - now > ahead) {
        ahead = session->ended - now;
    }
    return ahead;
}

/* Makes room for `more` sessions of so many bytes. */
static int make_room(struct task_sessions *sessions, size_t more, size_t size, struct fault *fault)
{
    if (sessions->count + more > TASK_SESSIONS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d task sessions",
                         TASK_SESSIONS_LIMIT);
    }
    if (sessions->size + sessions->beside + size > TASK_SESSIONS_SIZE_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d MiB of task sessions",
                         TASK_SESSIONS_SIZE_LIMIT / (1024 * 1024));
    }
    return vec_reserve(sessions->items, sessions->count, sessions->capacity, more)
               ? 0
               : fault_no_memory(fault);
}

/* Copies the text to `at`, and moves that on. */
static const char *copy_text(char **at, const struct session_text_of *text)
{
    if (text->text == NULL) {
        return NULL;
    }
    char *copy = *at;
    memcpy(copy, text->text, text->length);
    copy[text->length] = '\0';
    *at += text->length + 1;
    return copy;
}

/* One allocation a session: a fleet has tens of thousands. */
static int copy_texts(struct task_session *session,
                      const struct session_text_of texts[SESSION_TEXTS], struct fault *fault)
{
    size_t size = 1;
    for (size_t i = 0; i < SESSION_TEXTS; i++) {
        size += texts[i].text != NULL ? texts[i].length + 1 : 0;
    }
    session->texts_size = size;
    session->texts = malloc(size);
    if (session->texts == NULL) {
        return fault_no_memory(fault);
    }
    char *at = session->texts;
    for (size_t i = 0; i < SESSION_TEXTS; i++) {
        const char *copy = copy_text(&at, &texts[i]);
        memcpy((char *)session + text_places[i], &copy, sizeof copy);
    }
    return 0;
}

struct task_session *task_sessions_append(struct task_sessions *sessions,
                                          const struct task_session *session,
                                          const struct session_text_of texts[SESSION_TEXTS],
                                          struct fault *fault)
{
    struct task_session copy = *session;
    if (copy_texts(&copy, texts, fault) < 0) {
        return NULL;
    }
    if (make_room(sessions, 1, size_of(&copy), fault) < 0) {
        free(copy.texts);
        return NULL;
    }
    sessions->size += size_of(&copy);
    sessions->items[sessions->count] = copy;
    return &sessions->items[sessions->count++];
}

int task_sessions_copy(struct task_sessions *sessions, const struct task_session *session,
                       struct fault *fault)
{
    struct session_text_of texts[SESSION_TEXTS];
    for (size_t i = 0; i < SESSION_TEXTS; i++) {
        const char *text = task_session_text(session, (enum session_text)i);
        texts[i] = (struct session_text_of){text, text != NULL ? strlen(text) : 0};
    }
    return task_sessions_append(sessions, session, texts, fault) != NULL ? 0 : -1;
}

/* Gives what is free behind the sessions back. */
static void fit(struct task_sessions *sessions)
{
    struct task_session *items =
        sessions->count > 0 ? realloc(sessions->items, sessions->count * sizeof *items) : NULL;
    if (items != NULL) {
        sessions->items = items;
        sessions->capacity = sessions->count;
    }
}

/* Gives an empty list the sessions without a copy, which would take megabytes. */
static void hand_over(struct task_sessions *to, struct task_sessions *from)
{
    fit(from);
    free(to->items);
    to->items = from->items;
    to->capacity = from->capacity;
    to->count = from->count;
    to->ranked = from->ranked;
    from->items = NULL;
}

int task_sessions_move(struct task_sessions *to, struct task_sessions *from, struct fault *fault)
{
    const bool is_first = to->count == 0;
    if (make_room(to, is_first ? 0 : from->count, from->size, fault) < 0) {
        return -1;
    }
    if (is_first) {
        hand_over(to, from);
    } else if (from->count > 0) {
        memcpy(&to->items[to->count], from->items, from->count * sizeof *from->items);
        to->count += from->count;
    }
    to->size += from->size;
    free(from->items);
    *from = (struct task_sessions){.beside = from->beside};
    return 0;
}
