// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Files that the runs of one user share: NAME.SUFFIX in a directory that no one else can write to.
 * They are read by no one else, replaced as a whole, and locked while one of many runs makes them.
 *
 * Faults are of kind usage, unless they say otherwise.
 */
#ifndef BASE_CACHE_DIR_H
#define BASE_CACHE_DIR_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fault.h"

enum { CACHE_DIR_NAME_LIMIT = 240 };

struct cache_dir {
    int directory;
    struct buf name;
};

/*
 * Opens the directory, which is made where it does not exist, for files called `name`, whose text
 * is taken over; its failure is a fault. -1: it can't be trusted or opened. Close them in either
 * case.
 */
int cache_dir_open(struct cache_dir *files, const char *directory, struct buf *name,
                   struct fault *fault);
void cache_dir_close(struct cache_dir *files);

/* Opens NAME.SUFFIX without following links or waiting. A descriptor, or -1 with errno. */
int cache_dir_open_file(const struct cache_dir *files, const char *suffix, int flags);

/* Whether the file is one that this program could have made. 0, or -1 with a fault. */
int cache_dir_check_file(int file, struct stat *status, struct fault *fault);

/* Makes NAME.SUFFIX anew in the place of whatever is there. A descriptor, or -1 with a fault. */
int cache_dir_create(const struct cache_dir *files, const char *suffix, struct fault *fault);

/* Puts NAME.FROM in the place of NAME.TO. 0, or -1 with a fault. */
int cache_dir_replace(const struct cache_dir *files, const char *from, const char *to,
                      struct fault *fault);

void cache_dir_remove(const struct cache_dir *files, const char *suffix);

/*
 * Waits until no other run has the lock NAME.SUFFIX, until the deadline (of clock_monotonic_ms),
 * which is a fault of kind timeout, or until `stop_descriptor` is readable, which is one of kind
 * terminated. A descriptor, which holds the lock until it is closed, or -1.
 */
int cache_dir_lock(const struct cache_dir *files, const char *suffix, int64_t deadline_ms,
                   int stop_descriptor, struct fault *fault);

/* Sets a fault that says "what: " and what errno means. Returns -1. */
int cache_dir_fault(struct fault *fault, const char *what);

#endif
