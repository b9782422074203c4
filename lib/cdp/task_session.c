// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/task_session.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "em/json.h"

enum { SHOWN_UID = 80 }; // of a UID in notices; EM's have 68

static const char task_session_urn[] = "urn:veeam:CdpReplicaTaskSession:";

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

static int find_name(const char *const names[], int count, const char *text)
{
    int found = 0;
    while (found < count && !text_same(names[found], text)) {
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

/* EM's members of a task session, as version 12 writes their names. */
enum member {
    MEMBER_UID,
    MEMBER_NAME,
    MEMBER_VM,
    MEMBER_LINKS,
    MEMBER_POLICY_SESSION_UID,
    MEMBER_REASON,
    MEMBER_STATE,
    MEMBER_RESULT,
    MEMBER_CREATED,
    MEMBER_ENDED,
    MEMBER_TOTAL_SIZE,
    MEMBERS
};

/* The bit of a member in a session's `odd`. */
#define ODD(member) (uint16_t)(1u << (member))

static_assert(MEMBERS <= 15, "a bit each, and SESSION_UNPLACED");

/* Their names, and what they are. */
static const struct {
    const char *name, *kind;
} members_of_em[] = {
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

/* What is known of one entity while it is decoded. */
struct decoder {
    const cJSON *members[MEMBERS]; // NULL where absent or null
    const struct mask *mask;
    struct session_text_of texts[SESSION_TEXTS]; // the entity's own
    uint16_t odd;                                // as a session has it
};

static void find_members(const cJSON *entity, const cJSON *members[MEMBERS])
{
    const char *names[MEMBERS];
    const cJSON *child = NULL;
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i] = NULL;
        names[i] = members_of_em[i].name;
    }
    cJSON_ArrayForEach(child, entity)
    {
        size_t i = 0;
        while (i < MEMBERS && (names[i] == NULL || !json_same_key(child->string, names[i]))) {
            i++;
        }
        if (i < MEMBERS) {
            names[i] = NULL; // the first of that name counts
            members[i] = cJSON_IsNull(child) ? NULL : child;
        }
    }
}

static void set_text(struct decoder *decoder, enum session_text place, const char *text,
                     size_t length)
{
    decoder->texts[place] = (struct session_text_of){text, length};
}

/*
 * A text that is shown, masked before anything cuts or cleans it; NULL: the item is no text. UIDs,
 * known States and Results are not masked: a password may happen to be a part of one.
 */
static const char *shown_text(const struct decoder *decoder, const cJSON *item)
{
    if (!cJSON_IsString(item)) {
        return NULL;
    }
    mask_text(decoder->mask, item->valuestring);
    return item->valuestring;
}

/* The length of a text, or as much of it as is kept. */
static size_t kept_length(const char *text, size_t limit)
{
    const size_t length = strlen(text);
    return length > limit ? text_boundary(text, limit) : length;
}

static void note_defect(struct decoder *decoder, const char *defect)
{
    set_text(decoder, TEXT_DEFECT, defect, strlen(defect));
}

/*
 * Names tell VMs apart. One that can't be had as EM means it makes the session one that can't be
 * judged, of a VM by the name that there is.
 */
static void take_name(struct decoder *decoder, enum session_text place, const char *name,
                      size_t length)
{
    static const struct {
        const char *too_long, *no_text;
    } defects[SESSION_TEXTS] = {
        [TEXT_VM] = {"its VM's name has more than 1,024 bytes",
                     "its VM's name has a NUL or half a character"},
        [TEXT_POLICY] = {"its policy's name has more than 1,024 bytes",
                         "its policy's name has a NUL or half a character"},
        [TEXT_BACKUP_SERVER] = {"its backup server's name has more than 1,024 bytes",
                                "its backup server's name has a NUL or half a character"},
    };
    if (length > SESSION_TEXT_LIMIT) {
        note_defect(decoder, defects[place].too_long);
        length = text_boundary(name, SESSION_TEXT_LIMIT);
    } else if (memmem(name, length, json_no_character, strlen(json_no_character)) != NULL) {
        note_defect(decoder, defects[place].no_text);
    }
    set_text(decoder, place, name, length);
}

/* A text member, none where it is absent or ""; where it is there but no text, a notice as well. */
static void take_text(struct decoder *decoder, enum member member, enum session_text place)
{
    const bool is_uid = member == MEMBER_UID || member == MEMBER_POLICY_SESSION_UID;
    const cJSON *item = decoder->members[member];
    const char *text = is_uid ? cJSON_GetStringValue(item) : shown_text(decoder, item);
    if (text == NULL && decoder->members[member] != NULL) {
        decoder->odd |= ODD(member);
    }
    if (text == NULL || text[0] == '\0') {
        return;
    }
    if (place == TEXT_VM) {
        take_name(decoder, place, text, strlen(text));
    } else {
        set_text(decoder, place, text,
                 kept_length(text, place == TEXT_REASON ? REASON_LIMIT : SESSION_TEXT_LIMIT));
    }
}

/* A UID that was cut is none: it might be another one's as well. */
static void drop_long_uid(struct decoder *decoder, enum member member, enum session_text place)
{
    const char *uid = cJSON_GetStringValue(decoder->members[member]);
    if (uid != NULL && strlen(uid) > SESSION_TEXT_LIMIT) {
        decoder->odd |= ODD(member);
        set_text(decoder, place, NULL, 0);
    }
}

static bool take_time(struct decoder *decoder, enum member member, utc_us *moment)
{
    if (decoder->members[member] == NULL) {
        return false;
    }
    const char *text = cJSON_GetStringValue(decoder->members[member]);
    if (text == NULL || !utc_parse(text, moment)) {
        decoder->odd |= ODD(member);
        return false;
    }
    return true;
}

static bool take_total_size(struct decoder *decoder, double *bytes)
{
    const cJSON *member = decoder->members[MEMBER_TOTAL_SIZE];
    if (member == NULL) {
        return false;
    }
    static const double largest = 9223372036854775808.0; // EM's Long
    if (!cJSON_IsNumber(member) || !(member->valuedouble >= 0 && member->valuedouble <= largest)) {
        decoder->odd |= ODD(MEMBER_TOTAL_SIZE);
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

/* The names of the first links Up to the policy session and the backup server. */
static void take_links(struct decoder *decoder)
{
    const cJSON *link = NULL;
    cJSON_ArrayForEach(link, decoder->members[MEMBER_LINKS])
    {
        const char *type = json_text(link, "Type");
        if (type == NULL) {
            continue;
        }
        const enum session_text place = text_same(type, "CdpReplicaSessionReference") ? TEXT_POLICY
                                        : text_same(type, "BackupServerReference")
                                            ? TEXT_BACKUP_SERVER
                                            : SESSION_TEXTS;
        const char *name =
            place != SESSION_TEXTS ? shown_text(decoder, json_member(link, "Name")) : NULL;
        if (name != NULL && name[0] != '\0' && decoder->texts[place].text == NULL) {
            take_name(decoder, place, name, length_without_date(name));
        }
    }
}

static void take_verdict(struct decoder *decoder, struct task_session *session)
{
    const cJSON *state = decoder->members[MEMBER_STATE];
    const cJSON *result = decoder->members[MEMBER_RESULT];
    session->state = SESSION_OTHER;
    session->result = RESULT_NONE;
    if (!cJSON_IsString(state) || state->valuestring[0] == '\0') {
        note_defect(decoder,
                    state == NULL ? "EM's answer has no State" : "EM's State is not a text");
    } else {
        session->state = task_session_state(state->valuestring);
        if (session->state == SESSION_OTHER) {
            shown_text(decoder, state);
        }
        set_text(decoder, TEXT_STATE, task_session_state_text(state->valuestring),
                 kept_length(state->valuestring, SESSION_TEXT_LIMIT));
    }
    if (result != NULL && !cJSON_IsString(result)) {
        session->result = RESULT_OTHER;
        note_defect(decoder, "EM's Result is not a text");
    } else if (result != NULL) {
        session->result = task_session_result(result->valuestring);
        if (session->result == RESULT_OTHER) {
            shown_text(decoder, result);
        }
        if (session->result != RESULT_NONE) {
            set_text(decoder, TEXT_RESULT, task_session_result_text(result->valuestring),
                     kept_length(result->valuestring, SESSION_TEXT_LIMIT));
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

static void take_texts(struct decoder *decoder)
{
    take_text(decoder, MEMBER_NAME, TEXT_NAME);
    take_text(decoder, MEMBER_VM, TEXT_VM);
    if (decoder->texts[TEXT_VM].text == NULL && decoder->texts[TEXT_NAME].text != NULL) {
        const char *name = decoder->texts[TEXT_NAME].text;
        take_name(decoder, TEXT_VM, name, length_without_date(name));
    }
    take_links(decoder);
    take_text(decoder, MEMBER_POLICY_SESSION_UID, TEXT_POLICY_SESSION_UID);
    drop_long_uid(decoder, MEMBER_POLICY_SESSION_UID, TEXT_POLICY_SESSION_UID);
    take_text(decoder, MEMBER_REASON, TEXT_REASON);
}

/* How much of a UID is shown. */
static int shown_length(const char *uid)
{
    const size_t length = strlen(uid);
    return (int)(length > SHOWN_UID ? text_boundary(uid, SHOWN_UID) : length);
}

/* Whether the UID says that this is something else, such as a BackupTaskSession. */
static bool is_foreign(const char *uid)
{
    static const char veeam[] = "urn:veeam:";
    return uid != NULL && strncasecmp(uid, veeam, strlen(veeam)) == 0 &&
           strncasecmp(uid, task_session_urn, strlen(task_session_urn)) != 0;
}

/*
 * Makes room for `more` sessions of so many bytes. Grows by half at least, so that many additions
 * cost few copies.
 */
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

static const char *put(char **at, const struct session_text_of *text)
{
    if (text->text == NULL) {
        return NULL;
    }
    char *place = *at;
    memcpy(place, text->text, text->length);
    place[text->length] = '\0';
    *at += text->length + 1;
    return place;
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
    session->uid = put(&at, &texts[TEXT_UID]);
    session->name = put(&at, &texts[TEXT_NAME]);
    session->vm = put(&at, &texts[TEXT_VM]);
    session->policy = put(&at, &texts[TEXT_POLICY]);
    session->backup_server = put(&at, &texts[TEXT_BACKUP_SERVER]);
    session->policy_session_uid = put(&at, &texts[TEXT_POLICY_SESSION_UID]);
    session->state_text = put(&at, &texts[TEXT_STATE]);
    session->result_text = put(&at, &texts[TEXT_RESULT]);
    session->reason = put(&at, &texts[TEXT_REASON]);
    session->defect = put(&at, &texts[TEXT_DEFECT]);
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

int task_sessions_add(struct task_sessions *sessions, const cJSON *entity, const struct mask *mask,
                      struct fault *fault)
{
    if (!cJSON_IsObject(entity)) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM's list of task sessions also holds other things");
    }
    struct decoder decoder = {.mask = mask};
    struct task_session session = {.uid = NULL};
    find_members(entity, decoder.members);
    take_text(&decoder, MEMBER_UID, TEXT_UID);
    const char *uid = decoder.texts[TEXT_UID].text;
    if (is_foreign(uid)) {
        uid = shown_text(&decoder, decoder.members[MEMBER_UID]);
        return fault_set(fault, FAULT_PROTOCOL, "%.*s is not a CDP task session", shown_length(uid),
                         uid);
    }
    drop_long_uid(&decoder, MEMBER_UID, TEXT_UID);
    take_texts(&decoder);
    take_verdict(&decoder, &session);
    session.has_created = take_time(&decoder, MEMBER_CREATED, &session.created);
    session.has_ended = take_time(&decoder, MEMBER_ENDED, &session.ended);
    session.has_total_size = take_total_size(&decoder, &session.total_size);
    session.odd = decoder.odd;
    drop_sentinels(&session);
    return task_sessions_append(sessions, &session, decoder.texts, fault) != NULL ? 0 : -1;
}

void task_session_note_odd(const struct task_session *session, struct lines *oddities)
{
    // What is longer than EM's own is not shown in part: a cut might come upon a secret in it.
    const char *uid = session->uid == NULL               ? "without a UID"
                      : strlen(session->uid) > SHOWN_UID ? "with a long UID"
                                                         : session->uid;
    for (size_t i = 0; session->odd != 0 && i < MEMBERS; i++) {
        if ((session->odd & ODD(i)) != 0) {
            lines_add(oddities, "session %s: its %s is not a %s and was left out", uid,
                      members_of_em[i].name, members_of_em[i].kind);
        }
    }
}

int task_sessions_move(struct task_sessions *to, struct task_sessions *from,
                       bool (*is_wanted)(const struct task_session *session, const void *wanted),
                       const void *wanted, struct fault *fault)
{
    size_t kept = 0;
    size_t moved = 0;
    size_t size = 0;
    for (size_t i = 0; i < from->count; i++) {
        const bool moves = is_wanted == NULL || is_wanted(&from->items[i], wanted);
        moved += moves ? 1 : 0;
        size += moves ? size_of(&from->items[i]) : 0;
    }
    if (make_room(to, moved, size, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (is_wanted == NULL || is_wanted(&from->items[i], wanted)) {
            to->items[to->count++] = from->items[i];
        } else {
            from->items[kept++] = from->items[i];
        }
    }
    from->count = kept;
    from->size -= size;
    to->size += size;
    return 0;
}
