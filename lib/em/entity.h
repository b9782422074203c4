// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads the members of one of EM's entities, such as a task session, by a table of their names and
 * kinds. A member that is not of its kind is left out, and a bit says so.
 */
#ifndef EM_ENTITY_H
#define EM_ENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "base/utc.h"

/* What a member is. Null is as good as absent for each of them. */
enum entity_kind {
    ENTITY_TEXT,    // a text to be shown: its secrets are masked, in the entity as well
    ENTITY_RAW,     // a text to be compared, as EM wrote it: mask it before it is shown
    ENTITY_TIME,    // EM's DateTime
    ENTITY_NUMBER,  // not a text with digits
    ENTITY_COUNT,   // a whole number from 0 to ENTITY_COUNT_LIMIT, or a text of its digits
    ENTITY_BOOLEAN, // or a text that says true or false
    ENTITY_LIST,    // as entity_list has it
};

struct entity_member {
    const char *name; // in any case of ASCII letters
    enum entity_kind kind;
};

/* More minutes or hours than EM has. */
enum { ENTITY_COUNT_LIMIT = 1000000000 };

/* Each bit of a uint32_t stands for a member. */
enum { ENTITY_MEMBERS_LIMIT = 32 };

struct entity_value {
    bool known; // false: absent, null or of another kind; a text and a list are NULL then
    union {
        char *text; // the entity's, like the list
        utc_us time;
        double number;
        bool truth;
        const cJSON *list; // an array, or NULL, which is empty
    };
};

/*
 * Reads `count` members in one pass over the entity: values[i] is that of members[i]. The first of
 * several members of one name counts. What is not an object has no members. Returns 1 << i for each
 * member that is there and not of its kind.
 */
uint32_t entity_read(const cJSON *entity, const struct entity_member *members, size_t count,
                     const struct mask *mask, struct entity_value *values);

/*
 * EM's lists are arrays, or objects with one array, whatever its name. `list` is NULL if there is
 * none, as in an object that has only nulls. -1: `value` is something else.
 */
int entity_list(const cJSON *value, const cJSON **list);

#endif
