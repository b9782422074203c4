// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One logon session of EM, kept in a directory for the next runs of this user: its file can be read
 * by no one else, is replaced as a whole, and is locked while one of many runs logs on.
 *
 * The faults say why the cache is of no use; to the check none of them matters.
 */
#ifndef EM_CACHE_H
#define EM_CACHE_H

#include <stdint.h>

#include "base/fault.h"
#include "base/utc.h"
#include "em/logon.h"
#include "em/server.h"

struct em_cache;

/*
 * Opens the directory, which is made where it does not exist, for the logon of that user on that
 * server. NULL: it can't be trusted or opened.
 */
struct em_cache *cache_open(const char *directory, const struct em_server *server,
                            const char *username, struct fault *fault);

/* Gives up the lock, if it is held, and frees the cache; NULL is allowed. */
void cache_close(struct em_cache *cache);

/*
 * Reads the logon that was made with this password and was in use less than 14 minutes before
 * `now`; EM ends it after 15. 1: there is one. 0: there is none. -1: its file is refused or can't
 * be read.
 */
int cache_read(struct em_cache *cache, const char *password, utc_us now, struct em_logon *logon,
               struct fault *fault);

/*
 * Waits until no other run has the lock, until the deadline (of clock_monotonic_ms) or until
 * `stop_descriptor` is readable, which is a fault of kind terminated. 0 or -1.
 */
int cache_lock(struct em_cache *cache, int64_t deadline_ms, int stop_descriptor,
               struct fault *fault);

void cache_unlock(struct em_cache *cache);

/* Puts a logon in the place of the present one. The lock must be held. 0 or -1. */
int cache_write(struct em_cache *cache, const char *password, const struct em_logon *logon,
                struct fault *fault);

/* Notes when the logon that was read or written last was in use. 0 or -1. */
int cache_touch(struct em_cache *cache, utc_us used, struct fault *fault);

#endif
