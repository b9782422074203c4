// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The filter language of EM's query service: comparisons (== != > < >= <=) joined by ';' (and) and
 * ',' (or), grouped by '(' and ')'. It knows fields by their description alone, not what they are
 * of.
 */
#ifndef EMULATOR_CRITERIA_H
#define EMULATOR_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/arena.h"

enum field_kind { FIELD_TEXT, FIELD_UID, FIELD_MOMENT, FIELD_ENUM, FIELD_NUMBER, FIELD_TRUTH };

struct field_value {
    bool absent; // matches no comparison, sorts before all others
    const char *text;
    int64_t number;
};

struct field {
    const char *name;
    enum field_kind kind;
    const char *const *names; // of an enum, in the order they compare by; ends in NULL
    const char *urn;          // of a UID: the type within "urn:veeam:TYPE:UUID"
    struct field_value (*read)(const void *record);
    bool ignored; // every comparison with it is true
};

struct criterion;

/* The field of that name, in whatever case of letters; NULL: none. Fields end in a NULL name. */
const struct field *criteria_field(const struct field *fields, const char *name);

/* Parses the decoded filter. NULL: *error is what is wrong with it. All lives in the arena. */
const struct criterion *criteria_parse(struct arena *arena, const char *filter,
                                       const struct field *fields, const char **error);

bool criteria_match(const struct criterion *criterion, const void *record, bool any_text_case);

/* Below, at or above zero, as for qsort. */
int criteria_compare(const struct field *field, const struct field_value *a,
                     const struct field_value *b, bool any_text_case);

#endif
