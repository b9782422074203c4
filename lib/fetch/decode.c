// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/decode.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/utc.h"
#include "em/entity.h"
#include "em/json.h"

#define BIT_OF(member) (1u << (member))

#define MEMBER(member, kind) [member] = {task_session_members[member].name, kind}

/* UIDs, known States and Results are not masked: a password may happen to be a part of one. */
static const struct entity_member members[SESSION_MEMBERS] = {
    MEMBER(MEMBER_UID, ENTITY_RAW),
    MEMBER(MEMBER_NAME, ENTITY_TEXT),
    MEMBER(MEMBER_VM, ENTITY_TEXT),
    MEMBER(MEMBER_LINKS, ENTITY_LIST),
    MEMBER(MEMBER_POLICY_SESSION_UID, ENTITY_RAW),
    MEMBER(MEMBER_REASON, ENTITY_TEXT),
    MEMBER(MEMBER_STATE, ENTITY_RAW),
    MEMBER(MEMBER_RESULT, ENTITY_RAW),
    MEMBER(MEMBER_CREATED, ENTITY_TIME),
    MEMBER(MEMBER_ENDED, ENTITY_TIME),
    MEMBER(MEMBER_TOTAL_SIZE, ENTITY_NUMBER),
};

/* Odd ones of these are no notice: the first two are the session's defect. */
static const uint32_t silent = BIT_OF(MEMBER_STATE) | BIT_OF(MEMBER_RESULT) | BIT_OF(MEMBER_LINKS);

enum link_member { LINK_TYPE, LINK_NAME, LINK_MEMBERS };
static const struct entity_member link_members[LINK_MEMBERS] = {
    [LINK_TYPE] = {"Type", ENTITY_RAW},
    [LINK_NAME] = {"Name", ENTITY_TEXT},
};

/* What is known of one task session while it is decoded. */
struct decoder {
    struct entity_value values[SESSION_MEMBERS];
    const struct mask *mask;
    struct session_text_of texts[SESSION_TEXTS]; // the entity's own
    uint32_t odd;
};

static void set_text(struct decoder *decoder, enum session_text place, const char *text,
                     size_t length)
{
    decoder->texts[place] = (struct session_text_of){text, length};
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

static bool has_no_character(const char *text, size_t length)
{
    // Hardly any text has its first byte.
    return memchr(text, json_no_character[0], length) != NULL &&
           memmem(text, length, json_no_character, strlen(json_no_character)) != NULL;
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
    } else if (has_no_character(name, length)) {
        note_defect(decoder, defects[place].no_text);
    }
    set_text(decoder, place, name, length);
}

/* A text member, none if it is absent or "". */
static void take_text(struct decoder *decoder, enum session_member member, enum session_text place)
{
    const char *text = decoder->values[member].text;
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
static void take_uid(struct decoder *decoder, enum session_member member, enum session_text place)
{
    const char *uid = decoder->values[member].text;
    if (uid != NULL && strlen(uid) > SESSION_TEXT_LIMIT) {
        decoder->odd |= BIT_OF(member);
    } else {
        take_text(decoder, member, place);
    }
}

static bool take_time(const struct decoder *decoder, enum session_member member, utc_us *moment)
{
    *moment = decoder->values[member].known ? decoder->values[member].time : 0;
    return decoder->values[member].known;
}

static bool take_total_size(struct decoder *decoder, double *bytes)
{
    const struct entity_value *value = &decoder->values[MEMBER_TOTAL_SIZE];
    if (!value->known) {
        return false;
    }
    if (!task_session_is_size(value->number)) {
        decoder->odd |= BIT_OF(MEMBER_TOTAL_SIZE);
        return false;
    }
    *bytes = value->number;
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

static enum session_text place_of_link(const char *type)
{
    return text_equal_nocase(type, "CdpReplicaSessionReference") ? TEXT_POLICY
           : text_equal_nocase(type, "BackupServerReference")    ? TEXT_BACKUP_SERVER
                                                                 : SESSION_TEXTS;
}

/* The names of the first links Up to the policy session and the backup server. */
static void take_links(struct decoder *decoder)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, decoder->values[MEMBER_LINKS].list)
    {
        struct entity_value link[LINK_MEMBERS];
        entity_read(item, link_members, LINK_MEMBERS, decoder->mask, link);
        const char *type = link[LINK_TYPE].text;
        const char *name = link[LINK_NAME].text;
        const enum session_text place = type != NULL ? place_of_link(type) : SESSION_TEXTS;
        if (place != SESSION_TEXTS && name != NULL && name[0] != '\0' &&
            decoder->texts[place].text == NULL) {
            take_name(decoder, place, name, length_without_date(name));
        }
    }
}

static void take_state(struct decoder *decoder, struct task_session *session)
{
    char *state = decoder->values[MEMBER_STATE].text;
    const bool absent = state == NULL && (decoder->odd & BIT_OF(MEMBER_STATE)) == 0;
    session->state = SESSION_OTHER;
    if (state == NULL || state[0] == '\0') {
        note_defect(decoder, absent ? "EM's answer has no State" : "EM's State is not a text");
        return;
    }
    session->state = task_session_state(state);
    if (session->state == SESSION_OTHER) {
        mask_text(decoder->mask, state);
    }
    set_text(decoder, TEXT_STATE, task_session_state_text(state),
             kept_length(state, SESSION_TEXT_LIMIT));
}

static void take_result(struct decoder *decoder, struct task_session *session)
{
    char *result = decoder->values[MEMBER_RESULT].text;
    session->result = RESULT_NONE;
    if ((decoder->odd & BIT_OF(MEMBER_RESULT)) != 0) {
        session->result = RESULT_OTHER;
        note_defect(decoder, "EM's Result is not a text");
        return;
    }
    if (result == NULL) {
        return;
    }
    session->result = task_session_result(result);
    if (session->result == RESULT_OTHER) {
        mask_text(decoder->mask, result);
    }
    if (session->result != RESULT_NONE) {
        set_text(decoder, TEXT_RESULT, task_session_result_text(result),
                 kept_length(result, SESSION_TEXT_LIMIT));
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
    take_uid(decoder, MEMBER_UID, TEXT_UID);
    take_text(decoder, MEMBER_NAME, TEXT_NAME);
    take_text(decoder, MEMBER_VM, TEXT_VM);
    if (decoder->texts[TEXT_VM].text == NULL && decoder->texts[TEXT_NAME].text != NULL) {
        const char *name = decoder->texts[TEXT_NAME].text;
        take_name(decoder, TEXT_VM, name, length_without_date(name));
    }
    take_links(decoder);
    take_uid(decoder, MEMBER_POLICY_SESSION_UID, TEXT_POLICY_SESSION_UID);
    take_text(decoder, MEMBER_REASON, TEXT_REASON);
}

/* How much of a UID is shown. */
static int shown_length(const char *uid)
{
    const size_t length = strlen(uid);
    return (int)(length > SESSION_UID_SHOWN ? text_boundary(uid, SESSION_UID_SHOWN) : length);
}

int decode_task_session(const cJSON *entity, const struct mask *mask,
                        struct task_sessions *sessions, struct fault *fault)
{
    if (!json_is(entity, cJSON_Object)) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM's list of task sessions also holds other things");
    }
    struct decoder decoder = {.mask = mask};
    struct task_session session = {.uid = NULL};
    decoder.odd = entity_read(entity, members, SESSION_MEMBERS, mask, decoder.values);
    char *uid = decoder.values[MEMBER_UID].text;
    if (uid != NULL && task_session_uid_is_foreign(uid)) {
        mask_text(mask, uid);
        return fault_set(fault, FAULT_PROTOCOL, "%.*s is not a CDP task session", shown_length(uid),
                         uid);
    }
    take_texts(&decoder);
    take_state(&decoder, &session);
    take_result(&decoder, &session);
    session.has_created = take_time(&decoder, MEMBER_CREATED, &session.created);
    session.has_ended = take_time(&decoder, MEMBER_ENDED, &session.ended);
    session.has_total_size = take_total_size(&decoder, &session.total_size);
    session.odd = (uint16_t)(decoder.odd & ~silent);
    drop_sentinels(&session);
    return task_sessions_append(sessions, &session, decoder.texts, fault) != NULL ? 0 : -1;
}

enum policy_session_member { POLICY_SESSION_UID, POLICY_SESSION_POLICY, POLICY_SESSION_MEMBERS };
static const struct entity_member policy_session_members[POLICY_SESSION_MEMBERS] = {
    [POLICY_SESSION_UID] = {"UID", ENTITY_RAW},
    [POLICY_SESSION_POLICY] = {"PolicyName", ENTITY_RAW},
};

int decode_policy_session(const cJSON *entity, struct policy_session *session, struct fault *fault)
{
    struct entity_value values[POLICY_SESSION_MEMBERS];
    entity_read(entity, policy_session_members, POLICY_SESSION_MEMBERS, NULL, values);
    session->uid = values[POLICY_SESSION_UID].text;
    session->policy = values[POLICY_SESSION_POLICY].text;
    return session->uid != NULL && strlen(session->uid) <= SESSION_TEXT_LIMIT
               ? 0
               : fault_set(fault, FAULT_PROTOCOL, "a CDP policy session has no UID");
}
