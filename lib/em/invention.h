// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Invented values in place of a site's own: the same for the same, another one for another. They
 * are numbered as they come, so nothing of a value is in what stands for it. What was replaced is
 * not kept, only its hash, as long as the program runs.
 *
 * Each function appends what stands for a value. Without memory the buf has failed.
 */
#ifndef EM_INVENTION_H
#define EM_INVENTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/set.h"

enum invention_kind { INVENTION_NAME, INVENTION_TEXT, INVENTION_USER, INVENTION_ID };

/* {0} has invented nothing. */
struct inventions {
    struct set texts;     // numbers of texts without regard to the case of ASCII letters
    struct set spellings; // of each text
    struct invented_text *items;
    size_t count;
    size_t capacity;
    struct set uuids;
    struct set numbers;
    struct set words;
    struct set keys;
};

void inventions_free(struct inventions *inventions);

/*
 * "Name-1": the first kind that a text comes with stays. Of a text that is not all ASCII it has an
 * umlaut; of one of 100 bytes or more it has as many hundreds of them, up to 10,000 bytes. Texts
 * that differ in the case of ASCII letters only stand for each other in the same way.
 */
void invention_append_text(struct inventions *inventions, enum invention_kind kind,
                           const char *text, struct buf *buf);

/* In upper case where the UUID is; the same for the same in any case. */
void invention_append_uuid(struct inventions *inventions, const char *uuid, struct buf *buf);

/* With as many digits before and behind the point; 0 stays 0. `number` is as JSON writes it. */
void invention_append_number(struct inventions *inventions, const char *number, struct buf *buf);

/* "UnknownWord1", "UnknownKey1": with a small letter at the start where the word or key has one. */
void invention_append_word(struct inventions *inventions, const char *word, struct buf *buf);
void invention_append_key(struct inventions *inventions, const char *key, struct buf *buf);

#endif
