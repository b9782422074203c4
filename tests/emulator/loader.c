// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Longer than anything is played for, and what times are reckoned with does not overflow. */
#define LONGEST_SECONDS 4e9

void loader_fail(struct loader *loader, const char *format, ...)
{
    if (loader->failed) {
        return;
    }
    loader->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(loader->error, loader->size, format, arguments);
    va_end(arguments);
}

/* ---- members by name and type ---- */

static bool has_kind(const cJSON *value, enum kind kind)
{
    switch (kind) {
    case KIND_TEXT:
        return cJSON_IsString(value);
    case KIND_WHOLE:
        return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= 9e15 &&
               value->valuedouble == (double)(int64_t)value->valuedouble;
    case KIND_SIGNED:
        return cJSON_IsNumber(value) && value->valuedouble >= -LONGEST_SECONDS &&
               value->valuedouble <= LONGEST_SECONDS &&
               value->valuedouble == (double)(int64_t)value->valuedouble;
    case KIND_DECIMAL:
        return cJSON_IsNumber(value) && value->valuedouble >= 0;
    case KIND_TRUTH:
        return cJSON_IsBool(value);
    case KIND_ARRAY:
        return cJSON_IsArray(value);
    case KIND_OBJECT:
        return cJSON_IsObject(value);
    case KIND_ANY:
        return true;
    }
    return false;
}

static const struct key *find_key(const struct key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) {
            return keys;
        }
    }
    return NULL;
}

void loader_check_keys(struct loader *loader, const cJSON *object, const struct key *keys,
                       const char *where)
{
    if (!cJSON_IsObject(object)) {
        loader_fail(loader, "%s: not an object", where);
        return;
    }
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, object)
    {
        const struct key *key = find_key(keys, value->string);
        if (key == NULL) {
            loader_fail(loader, "%s: unknown key \"%s\"", where, value->string);
        } else if (!has_kind(value, key->kind)) {
            loader_fail(loader, "%s: \"%s\" has the wrong type or range", where, value->string);
        } else if (cJSON_GetObjectItemCaseSensitive(object, value->string) != value) {
            loader_fail(loader, "%s: \"%s\" is given twice", where, value->string);
        }
    }
}

const cJSON *loader_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *loader_text(const cJSON *object, const char *name, const char *otherwise)
{
    const cJSON *value = loader_member(object, name);
    return cJSON_IsString(value) ? value->valuestring : otherwise;
}

int64_t loader_whole(const cJSON *object, const char *name, int64_t otherwise)
{
    const cJSON *value = loader_member(object, name);
    return cJSON_IsNumber(value) ? (int64_t)value->valuedouble : otherwise;
}

moment loader_seconds(struct loader *loader, const cJSON *object, const char *name,
                      int64_t otherwise)
{
    const int64_t seconds = loader_whole(object, name, otherwise);
    if (seconds > (int64_t)LONGEST_SECONDS) {
        loader_fail(loader, "\"%s\" has the wrong type or range", name);
        return 0;
    }
    return seconds * MOMENT_SECOND;
}

double loader_decimal(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *value = loader_member(object, name);
    return cJSON_IsNumber(value) ? value->valuedouble : otherwise;
}

bool loader_truth(const cJSON *object, const char *name, bool otherwise)
{
    const cJSON *value = loader_member(object, name);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : otherwise;
}

int loader_choice(struct loader *loader, const cJSON *object, const char *name,
                  const char *const *names, int otherwise)
{
    const char *text = loader_text(object, name, NULL);
    if (text == NULL) {
        return otherwise;
    }
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            return i;
        }
    }
    loader_fail(loader, "\"%s\" cannot be \"%s\"", name, text);
    return otherwise;
}

const char *loader_needed_text(struct loader *loader, const cJSON *object, const char *name,
                               const char *where)
{
    const char *text = loader_text(object, name, NULL);
    if (text == NULL) {
        loader_fail(loader, "%s: \"%s\" is missing", where, name);
        return "";
    }
    return text;
}

bool loader_time(struct loader *loader, const cJSON *object, const char *name, moment *when)
{
    const char *text = loader_text(object, name, NULL);
    if (text == NULL) {
        return false;
    }
    if (!moment_parse_scenario(text, loader->store->now, when)) {
        loader_fail(loader, "\"%s\": \"%s\" is not a time", name, text);
        return false;
    }
    return true;
}

const char *loader_uid(struct loader *loader, const cJSON *object, const char *otherwise)
{
    const char *uid = loader_text(object, "uid", NULL);
    if (uid != NULL && !store_is_uuid(uid)) {
        loader_fail(loader, "\"uid\": \"%s\" is not a UUID", uid);
    }
    return uid != NULL ? uid : store_uuid(&loader->store->arena, otherwise);
}

struct overrides loader_overrides(const cJSON *object)
{
    return (struct overrides){.members = loader_member(object, "members"),
                              .omit = loader_member(object, "omit")};
}

void loader_each(struct loader *loader, const cJSON *list,
                 void (*load)(struct loader *, const cJSON *))
{
    const cJSON *object = NULL;
    cJSON_ArrayForEach(object, list)
    {
        load(loader, object);
    }
}
