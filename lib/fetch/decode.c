// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/decode.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "base/utc.h"
#include "em/json.h"

/* The bit of a member in a session's `odd`. */
#define BIT_OF(member) (uint16_t)(1u << (member))

/* What is known of one entity while it is decoded. */
struct decoder {
    const cJSON *members[SESSION_MEMBERS]; // NULL where absent or null
    const struct mask *mask;
    struct session_text_of texts[SESSION_TEXTS]; // the entity's own
    uint16_t odd;                                // as a session has it
};

static void find_members(const cJSON *entity, const cJSON *members[SESSION_MEMBERS])
{
    const char *names[SESSION_MEMBERS];
    const cJSON *child = NULL;
    for (size_t i = 0; i < SESSION_MEMBERS; i++) {
        members[i] = NULL;
        names[i] = task_session_members[i].name;
    }
    cJSON_ArrayForEach(child, entity)
    {
        size_t i = 0;
        while (i < SESSION_MEMBERS &&
               (names[i] == NULL || !json_same_key(child->string, names[i]))) {
            i++;
        }
        if (i < SESSION_MEMBERS) {
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
static void take_text(struct decoder *decoder, enum session_member member, enum session_text place)
{
    const bool is_uid = member == MEMBER_UID || member == MEMBER_POLICY_SESSION_UID;
    const cJSON *item = decoder->members[member];
    const char *text = is_uid ? cJSON_GetStringValue(item) : shown_text(decoder, item);
    if (text == NULL && decoder->members[member] != NULL) {
        decoder->odd |= BIT_OF(member);
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
static void drop_long_uid(struct decoder *decoder, enum session_member member,
                          enum session_text place)
{
    const char *uid = cJSON_GetStringValue(decoder->members[member]);
    if (uid != NULL && strlen(uid) > SESSION_TEXT_LIMIT) {
        decoder->odd |= BIT_OF(member);
        set_text(decoder, place, NULL, 0);
    }
}

static bool take_time(struct decoder *decoder, enum session_member member, utc_us *moment)
{
    if (decoder->members[member] == NULL) {
        return false;
    }
    const char *text = cJSON_GetStringValue(decoder->members[member]);
    if (text == NULL || !utc_parse(text, moment)) {
        decoder->odd |= BIT_OF(member);
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
        decoder->odd |= BIT_OF(MEMBER_TOTAL_SIZE);
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
    return (int)(length > SESSION_UID_SHOWN ? text_boundary(uid, SESSION_UID_SHOWN) : length);
}

int decode_task_session(const cJSON *entity, const struct mask *mask,
                        struct task_sessions *sessions, struct fault *fault)
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
    if (uid != NULL && task_session_uid_is_foreign(uid)) {
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
