// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/reference.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "em/entity.h"
#include "em/json.h"

enum link_member { LINK_TYPE, LINK_NAME, LINK_HREF, LINK_MEMBERS };
static const struct entity_member link_members[LINK_MEMBERS] = {
    [LINK_TYPE] = {"Type", ENTITY_RAW},
    [LINK_NAME] = {"Name", ENTITY_TEXT},
    [LINK_HREF] = {"Href", ENTITY_RAW},
};

bool reference_is_name(const char *name)
{
    return name != NULL && name[0] != '\0' && strlen(name) <= SESSION_TEXT_LIMIT &&
           strstr(name, json_no_character) == NULL;
}

const char *reference_name(const cJSON *links, const char *type, const struct mask *mask)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, links)
    {
        struct entity_value link[LINK_MEMBERS];
        entity_read(item, link_members, LINK_MEMBERS, mask, link);
        if (link[LINK_TYPE].known && text_equal_nocase(link[LINK_TYPE].text, type) &&
            reference_is_name(link[LINK_NAME].text)) {
            return link[LINK_NAME].text;
        }
    }
    return NULL;
}

const char *reference_policy(char *name, const char *wanted, const struct mask *mask)
{
    if (name == NULL || (wanted != NULL && strcmp(name, wanted) == 0)) {
        return name == NULL ? NULL : wanted;
    }
    mask_text(mask, name);
    return name;
}

/* Whether the text starts with one. */
static bool is_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool fits = true;
    for (size_t i = 0; shape[i] != '\0' && fits; i++) {
        fits = shape[i] == 'x' ? isxdigit((unsigned char)text[i]) != 0 : text[i] == '-';
    }
    return fits;
}

/* Takes the UUID that the text starts with; what follows may be a further path or a query. */
static bool take_uuid(const char *text, char uuid[UUID_SIZE])
{
    const size_t length = UUID_SIZE - 1;
    if (!is_uuid(text) || strchr("/?", text[length]) == NULL) { // or its end
        return false;
    }
    memcpy(uuid, text, length);
    uuid[length] = '\0';
    return true;
}

static bool take_uuid_of_uid(const char *uid, char uuid[UUID_SIZE])
{
    const char *colon = uid != NULL ? strrchr(uid, ':') : NULL;
    return uid != NULL && take_uuid(colon != NULL ? colon + 1 : uid, uuid);
}

/*
 * The documents have an Href "/https://…", and one with all of it twice, so the last "/api/" counts
 * (cdpreplicas_id_vms).
 */
static bool take_uuid_of_href(const char *href, const char *collection, char uuid[UUID_SIZE])
{
    static const char api[] = "/api/";
    const char *path = NULL;
    for (const char *at = href != NULL ? strstr(href, api) : NULL; at != NULL;
         at = strstr(path, api)) {
        path = at + strlen(api);
    }
    const size_t length = strlen(collection);
    return path != NULL && strncasecmp(path, collection, length) == 0 && path[length] == '/' &&
           take_uuid(path + length + 1, uuid);
}

bool reference_uuid(const cJSON *entity, const char *collection, char uuid[UUID_SIZE])
{
    const cJSON *links = NULL;
    const cJSON *link = NULL;
    bool found = take_uuid_of_uid(json_text(entity, "UID"), uuid);
    if (!found && entity_list(json_member(entity, "Links"), &links) == 0) {
        cJSON_ArrayForEach(link, links)
        {
            found = found || take_uuid_of_href(json_text(link, "Href"), collection, uuid);
        }
    }
    return found || take_uuid_of_href(json_text(entity, "Href"), collection, uuid);
}

static const char vms[] = "/vms/";

bool reference_replica(const cJSON *vm, const char *replica, char path[REFERENCE_REPLICA_SIZE])
{
    char of_replica[UUID_SIZE];
    char of_vm[UUID_SIZE];
    const char *href = json_text(vm, "Href");
    const char *behind = href != NULL ? strstr(href, vms) : NULL;
    const bool has_vm = take_uuid_of_uid(json_text(vm, "UID"), of_vm) ||
                        (behind != NULL && take_uuid(behind + strlen(vms), of_vm));
    const bool has_replica = (replica != NULL && take_uuid(replica, of_replica)) ||
                             take_uuid_of_uid(json_text(vm, "ReplicaUid"), of_replica) ||
                             take_uuid_of_href(href, "cdpReplicas", of_replica);
    path[0] = '\0';
    if (has_vm && has_replica) {
        snprintf(path, REFERENCE_REPLICA_SIZE, "%s%s%s", of_replica, vms, of_vm);
    }
    return path[0] != '\0';
}

bool reference_are_replicas(const char *paths)
{
    static const size_t length = UUID_SIZE - 1;
    const size_t of_path = 2 * length + strlen(vms);
    for (;; paths += of_path + 1) {
        if (strnlen(paths, of_path) < of_path || !is_uuid(paths) ||
            strncmp(paths + length, vms, strlen(vms)) != 0 ||
            !is_uuid(paths + length + strlen(vms))) {
            return false;
        }
        if (paths[of_path] != ' ') {
            return paths[of_path] == '\0';
        }
    }
}

int reference_list(const cJSON *answer, const char *const names[], const cJSON **list)
{
    *list = NULL;
    for (size_t i = 0; names[i] != NULL; i++) {
        if (json_is(answer, cJSON_Object) && json_has(answer, names[i])) {
            return entity_list(json_member(answer, names[i]), list);
        }
    }
    // An object that has no list, such as {}, is not EM's answer.
    return entity_list(answer, list) == 0 && *list != NULL ? 0 : -1;
}
