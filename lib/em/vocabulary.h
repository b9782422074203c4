// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What EM's answers have in common on every site: the names of members, the words of enumerations,
 * the words of paths. Whatever else stands in an answer belongs to a site.
 */
#ifndef EM_VOCABULARY_H
#define EM_VOCABULARY_H

#include <stdbool.h>

#include "base/set.h"

/* What a member may hold besides null and what nests. */
enum vocabulary_kind {
    VOCABULARY_UNKNOWN,  // no member of EM's
    VOCABULARY_NAME,     // a name, a time, a UID, an Href
    VOCABULARY_PROSE,    // sentences
    VOCABULARY_USER,     // who logged on
    VOCABULARY_ID,       // an id without a form
    VOCABULARY_WORD,     // of an enumeration
    VOCABULARY_COUNT,    // a small number that says how something is set, or where one is
    VOCABULARY_SIZE,     // a number of the site's
    VOCABULARY_FLAG,     // true or false
    VOCABULARY_DAYS,     // the days of a schedule, each with its Name
    VOCABULARY_HOURS,    // in these, a digit an hour
    VOCABULARY_VERSIONS, // of the API, each with its Name
};

/* {0} is not ready for use. */
struct vocabulary {
    struct set members;
    struct set words;
    struct set path_words;
};

/* False: no memory. Free it in either case. */
bool vocabulary_init(struct vocabulary *vocabulary);
void vocabulary_free(struct vocabulary *vocabulary);

/* In any case of ASCII letters, as are all of these. */
enum vocabulary_kind vocabulary_member(const struct vocabulary *vocabulary, const char *name);

/* Also with what EM puts behind the name of a type: Reference, ReferenceList, List. */
bool vocabulary_has_word(const struct vocabulary *vocabulary, const char *text);

/* A segment of a path below /api, or "api". */
bool vocabulary_has_path_word(const struct vocabulary *vocabulary, const char *text);

bool vocabulary_is_week_day(const char *text);

#endif
