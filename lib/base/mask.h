// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The secrets of a run, and how they are put out of a text from outside: as they were sent, and as
 * JSON, URLs and XML write them, or one of these within another.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Shorter ones stay in a text: they may be a word of it, or of the report. So *** is never longer
 * than what it replaces.
 */
enum { MASK_SHORTEST = 6 };

struct mask {
    struct mask_secret *secrets;
    size_t count;
    size_t capacity;
    bool starts[256]; // bytes that a secret may start with, in whatever form
};

/* Adds a secret; one that is there already, or too short, changes nothing. False: no memory. */
bool mask_add(struct mask *mask, const char *secret);

/* The same for an id, which counts in any case of its ASCII letters. */
bool mask_add_id(struct mask *mask, const char *id);

/* Adds what HTTP's Basic logon sends: "user:password" in base64. */
bool mask_add_basic(struct mask *mask, const char *user, const char *password);

/*
 * Replaces each secret in the text by ***, in place, and overwrites what is left behind. Returns
 * the new length. `mask` may be NULL: there are no secrets.
 */
size_t mask_text(const struct mask *mask, char *text);

/* The same for all of a buf. */
void mask_buf(const struct mask *mask, struct buf *buf);

/* Overwrites and frees the secrets; the mask is empty then. */
void mask_free(struct mask *mask);

#endif
