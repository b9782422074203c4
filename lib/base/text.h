// SPDX-License-Identifier: GPL-3.0-or-later
/* Text from outside, made safe to print: EM's strings, file names, option values. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * The largest n <= `length` such that the first n bytes of `text` do not end inside a UTF-8
 * character.
 */
size_t text_boundary(const char *text, size_t length);

/* The length of the byte order mark that the text starts with; 0: none. Windows' editors write it.
 */
size_t text_mark_length(const char *text, size_t length);

/* Whether all of `text` is ASCII. */
bool text_is_ascii(const char *text);

/* Whether all of `text` is UTF-8. */
bool text_is_utf8(const char *text);

/*
 * Appends `text` as valid UTF-8: each byte that is not part of a character becomes U+FFFD, and so
 * does U+FFFF.
 */
void text_append_utf8(struct buf *buf, const char *text);

/*
 * Appends `text` for a line of plugin output: valid UTF-8; control and line-breaking characters,
 * those that change the writing direction, and '|', which starts performance data, become spaces;
 * runs of spaces become one. What would take more than `limit` bytes is cut at a character
 * boundary and ends in "...".
 */
void text_append_clean(struct buf *buf, const char *text, size_t limit);

/* Whether text_append_clean, given the room, leaves `text` as it is. */
bool text_is_clean(const char *text);

/*
 * Appends `text` with all but the unreserved characters of RFC 3986 percent-encoded: what EM itself
 * does in the links it sends.
 */
void text_append_encoded(struct buf *buf, const char *text);

/*
 * Puts a copy in the place of each text; NULL stays NULL. The copies stand one after the other in
 * memory that is returned and that the caller frees. NULL: no memory; the texts are as they were.
 */
char *text_copy_all(const char **const texts[], size_t count);

/* Whether the two are the same but for the case of ASCII letters. */
bool text_equal_nocase(const char *a, const char *b);

/* The same for names, which have other letters as well; of those, if the system has a locale. */
bool text_equal_name_nocase(const char *a, const char *b);

#endif
