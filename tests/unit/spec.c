// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/spec.h"

#include <stdlib.h>

#include <check.h>
#include <cjson/cJSON.h>

#include "base/buf.h"
#include "fetch/decode.h"

const char complete_session[] =
    "{\"PolicySessionUid\":\"urn:veeam:CdpReplicaSession:0c5dbe2d-6d0e-43c1-9b6a-1f7f16d7ac47\","
    "\"CreationTimeUTC\":\"2025-08-14T07:00:06.123Z\",\"EndTimeUTC\":\"2025-08-14T15:00:08Z\","
    "\"State\":\"Completed\",\"Result\":\"Warning\",\"Reason\":\"RPO was exceeded\","
    "\"TotalSize\":214748364800,\"VmDisplayName\":\"srv-db01\","
    "\"Name\":\"srv-db01.example@2025-08-14 07:00:06\",\"UID\":\"" COMPLETE_UID "\","
    "\"Links\":[{\"Rel\":\"Up\",\"Href\":\"https://em01:9398/api/backupServers/1\","
    "\"Name\":\"backup01\",\"Type\":\"BackupServerReference\"},"
    "{\"Rel\":\"Up\",\"Href\":\"https://em01:9398/api/cdpReplicaSessions/2\","
    "\"Name\":\"CDP Policy@2025-08-14 00:00:10\",\"Type\":\"CdpReplicaSessionReference\"},"
    "{\"Rel\":\"Alternate\",\"Href\":\"https://em01:9398/api/cdpReplicaTaskSessions/3\","
    "\"Name\":\"srv-db01@2025-08-14 07:00:06\",\"Type\":\"CdpReplicaTaskSessionReference\"}],"
    "\"Href\":\"https://em01:9398/api/replicaTaskSessions/3?format=Entity\","
    "\"Type\":\"CdpReplicaTaskSession\"}";

utc_us moment(const char *text)
{
    utc_us read = 0;
    ck_assert_msg(utc_parse(text, &read), "%s is no time", text);
    return read;
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text != NULL) {
        cJSON_AddStringToObject(object, key, text);
    }
}

static void add_link(cJSON *links, const char *type, const char *name, const char *tail)
{
    if (name == NULL) {
        return;
    }
    struct buf full;
    buf_init(&full, 65536);
    buf_format(&full, "%s%s", name, tail);
    cJSON *link = cJSON_CreateObject();
    add_text(link, "Rel", "Up");
    add_text(link, "Type", type);
    add_text(link, "Name", buf_string(&full));
    cJSON_AddItemToArray(links, link);
    buf_free(&full);
}

void add_spec(struct task_sessions *sessions, const struct spec *spec)
{
    struct fault fault = {.kind = FAULT_NONE};
    cJSON *entity = cJSON_CreateObject();
    cJSON *links = cJSON_AddArrayToObject(entity, "Links");
    add_link(links, "BackupServerReference", spec->server, "");
    add_link(links, "CdpReplicaSessionReference", spec->policy, "@2025-08-14 00:00:00");
    add_text(entity, "UID", spec->uid);
    add_text(entity, "VmDisplayName", spec->vm);
    add_text(entity, "CreationTimeUTC", spec->created);
    add_text(entity, "EndTimeUTC", spec->ended);
    add_text(entity, "State", spec->state);
    add_text(entity, "Result", spec->result);
    add_text(entity, "Reason", spec->reason);
    if (spec->size != NULL) {
        cJSON_AddItemToObject(entity, "TotalSize", cJSON_CreateRaw(spec->size));
    }
    char *text = cJSON_PrintUnformatted(entity);
    cJSON *parsed = cJSON_Parse(text);
    ck_assert_int_eq(decode_task_session(parsed, NULL, sessions, &fault), 0);
    cJSON_Delete(parsed);
    cJSON_Delete(entity);
    free(text);
}

void name_parts(struct scope *scope, struct site *site, enum scope_kind kind,
                const char *const names[])
{
    size_t count = 0;
    while (names != NULL && names[count] != NULL) {
        count++;
    }
    free(scope->names.items);
    free(site->parts);
    *scope = (struct scope){
        .kind = kind,
        .names = {.items = calloc(count + 1, sizeof *scope->names.items), .count = count},
        .since_s = 3 * 86400.0,
        .limits = {.idle_s = 3600}};
    site->part_count = scope_parts(scope);
    site->parts = calloc(site->part_count, sizeof *site->parts);
    ck_assert(scope->names.items != NULL && site->parts != NULL);
    for (size_t i = 0; i < count; i++) {
        scope->names.items[i] = names[i];
    }
}
