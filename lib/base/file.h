// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading whole files, with a largest size and with care for those that hold secrets; and writing
 * one that only this user may read.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/fault.h"

/*
 * Appends the content of `path`, or of standard input where it is "-". -1: a usage fault that names
 * the path. What does not fit the buf's limit is a fault too.
 */
int file_read(const char *path, struct buf *buf, struct fault *fault);

/*
 * Appends the first line, without its line break, of a file with a secret: a plain file, no link,
 * that neither group nor others can read, or standard input where `path` is "-".
 */
int file_read_secret(const char *path, struct buf *buf, struct fault *fault);

/*
 * Whether file_replace could write it now, by writing an empty one beside it, which is removed. 0,
 * or -1 with a usage fault.
 */
int file_can_replace(const char *path, struct fault *fault);

/*
 * Writes the text into a new file that only this user may read, which then takes the place of
 * `path`, as a whole. What is there may be a plain file, but not a link. 0, or -1 with
 * a fault of kind usage, or of kind internal if the text could not be written; `path` is as it was.
 */
int file_replace(const char *path, const struct buf *text, struct fault *fault);

#endif
