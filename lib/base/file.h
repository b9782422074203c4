// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading whole files, with a largest size and with care for those that hold secrets. */
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

#endif
