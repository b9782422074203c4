// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/entity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "em/json.h"

int entity_list(const cJSON *value, const cJSON **list)
{
    *list = NULL;
    if (value == NULL || json_is(value, cJSON_Array)) {
        *list = value;
        return 0;
    }
    const cJSON *member = NULL;
    const cJSON *found = NULL;
    bool empty = json_is(value, cJSON_Object);
    cJSON_ArrayForEach(member, value)
    {
        empty = empty && json_is(member, cJSON_NULL);
        if (json_is(member, cJSON_Array) && found != NULL) {
            return -1; // which of the two?
        }
        if (json_is(member, cJSON_Array)) {
            found = member;
        }
    }
    *list = found;
    return found != NULL || empty ? 0 : -1;
}

static bool take_boolean(const cJSON *item, bool *truth)
{
    const char *text = json_string(item);
    *truth = json_is(item, cJSON_True) || (text != NULL && text_equal_nocase(text, "true"));
    return *truth || json_is(item, cJSON_False) ||
           (text != NULL && text_equal_nocase(text, "false"));
}

static bool take_count(const cJSON *item, double *count)
{
    static const char digits[] = "0123456789";
    const char *text = json_string(item);
    *count = item->valuedouble;
    if (text != NULL) {
        const size_t length = strspn(text, digits);
        *count = length > 0 && text[length] == '\0' ? strtod(text, NULL) : -1;
    }
    return (text != NULL || json_is(item, cJSON_Number)) && *count >= 0 &&
           *count <= (double)ENTITY_COUNT_LIMIT && *count == (double)(long)*count;
}

/* False: the item is not of the kind. */
static bool take_value(const cJSON *item, enum entity_kind kind, const struct mask *mask,
                       struct entity_value *value)
{
    const char *text = NULL;
    switch (kind) {
    case ENTITY_TEXT:
    case ENTITY_RAW:
        value->text = json_string(item);
        if (kind == ENTITY_TEXT && value->text != NULL) {
            mask_text(mask, value->text);
        }
        return value->text != NULL;
    case ENTITY_TIME:
        text = json_string(item);
        return text != NULL && utc_parse(text, &value->time);
    case ENTITY_NUMBER:
        value->number = item->valuedouble;
        return json_is(item, cJSON_Number);
    case ENTITY_COUNT:
        return take_count(item, &value->number);
    case ENTITY_BOOLEAN:
        return take_boolean(item, &value->truth);
    case ENTITY_LIST:
        return entity_list(item, &value->list) == 0;
    }
    return false;
}

uint32_t entity_read(const cJSON *entity, const struct entity_member *members, size_t count,
                     const struct mask *mask, struct entity_value *values)
{
    assert(count <= ENTITY_MEMBERS_LIMIT);
    uint32_t seen = 0;
    uint32_t odd = 0;
    const cJSON *item = NULL;
    memset(values, 0, count * sizeof *values);
    cJSON_ArrayForEach(item, entity)
    {
        size_t i = 0;
        while (i < count && ((seen & 1u << i) != 0 || !json_is_named(item, members[i].name))) {
            i++;
        }
        if (i == count) {
            continue;
        }
        seen |= 1u << i;
        if (!json_is(item, cJSON_NULL)) {
            values[i].known = take_value(item, members[i].kind, mask, &values[i]);
            odd |= values[i].known ? 0 : 1u << i;
        }
    }
    return odd;
}
