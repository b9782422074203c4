// SPDX-License-Identifier: GPL-3.0-or-later
/* Members and words are those of systemsessions_id and systemsessions_id_events. */
#include "fetch/decode_collection.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "em/entity.h"
#include "em/json.h"
#include "fetch/reference.h"

enum session_part {
    SYSTEM_NAME,
    SYSTEM_TYPE,
    SYSTEM_CREATED,
    SYSTEM_ENDED,
    SYSTEM_STATE,
    SYSTEM_MEMBERS
};
static const struct entity_member system_members[SYSTEM_MEMBERS] = {
    [SYSTEM_NAME] = {"Name", ENTITY_RAW},
    [SYSTEM_TYPE] = {"SessionType", ENTITY_RAW},
    [SYSTEM_CREATED] = {"CreationTimeUTC", ENTITY_TIME},
    [SYSTEM_ENDED] = {"EndTimeUTC", ENTITY_TIME},
    [SYSTEM_STATE] = {"State", ENTITY_RAW},
};

/* "2025-01-27 17:05:52.069837" behind the name's "@". */
static bool take_time_of_name(const char *name, utc_us *moment)
{
    char text[40];
    const char *at = name != NULL ? strrchr(name, '@') : NULL;
    if (at == NULL || strlen(at + 1) >= sizeof text) {
        return false;
    }
    memcpy(text, at + 1, strlen(at + 1) + 1);
    char *blank = strchr(text, ' ');
    if (blank != NULL) {
        *blank = 'T';
    }
    return utc_parse(text, moment);
}

static bool collects_data(const struct entity_value values[SYSTEM_MEMBERS])
{
    static const char start[] = "Collect Job @";
    const char *type = values[SYSTEM_TYPE].text;
    const char *name = values[SYSTEM_NAME].text;
    return type != NULL ? text_equal_nocase(type, "CollectJob")
                        : name != NULL && strncasecmp(name, start, strlen(start)) == 0;
}

static enum data_collection_state state_of(const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return DATA_COLLECTION_UNKNOWN;
    }
    return text_equal_nocase(text, "CompletedSuccessfully") ? DATA_COLLECTION_SUCCEEDED
           : text_equal_nocase(text, "InProgress")          ? DATA_COLLECTION_RUNS
                                                            : DATA_COLLECTION_TROUBLED;
}

bool decode_data_collection(const cJSON *item, struct data_collection *collection)
{
    struct entity_value values[SYSTEM_MEMBERS];
    *collection = (struct data_collection){.state = DATA_COLLECTION_UNKNOWN};
    entity_read(item, system_members, SYSTEM_MEMBERS, NULL, values);
    if (!collects_data(values)) {
        return false;
    }
    collection->created = values[SYSTEM_CREATED].time;
    if (!values[SYSTEM_CREATED].known &&
        !take_time_of_name(values[SYSTEM_NAME].text, &collection->created)) {
        return false;
    }
    collection->state = state_of(values[SYSTEM_STATE].text);
    // An end before the beginning, as in .NET's year 1, is none.
    collection->has_ended =
        values[SYSTEM_ENDED].known && values[SYSTEM_ENDED].time >= collection->created;
    collection->ended = collection->has_ended ? values[SYSTEM_ENDED].time : 0;
    if (!reference_uuid(item, "systemSessions", collection->uuid)) {
        collection->uuid[0] = '\0';
    }
    return true;
}

/* ---- the log ---- */

static const struct {
    const char *before, *behind; // the server's name
    enum data_collection_event event;
} messages[] = {
    {"Retrieving data from ", "...", EVENT_SERVER_BEGUN},
    {"Data collection from ", " completed successfully.", EVENT_SERVER_COLLECTED},
    {"Data collection from ", " completed successfully", EVENT_SERVER_COLLECTED},
};

enum data_collection_event decode_event(const cJSON *event, const struct mask *mask,
                                        char server[SESSION_TEXT_LIMIT + 1])
{
    const char *message = json_text(event, "Message");
    const size_t length = message != NULL ? strlen(message) : 0;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        const size_t before = strlen(messages[i].before);
        const size_t behind = strlen(messages[i].behind);
        if (length <= before + behind || length - before - behind > SESSION_TEXT_LIMIT ||
            strncasecmp(message, messages[i].before, before) != 0 ||
            strcasecmp(message + length - behind, messages[i].behind) != 0) {
            continue;
        }
        memcpy(server, message + before, length - before - behind);
        server[length - before - behind] = '\0';
        mask_text(mask, server);
        return reference_is_name(server) ? messages[i].event : EVENT_OF_NO_SERVER;
    }
    return EVENT_OF_NO_SERVER;
}
