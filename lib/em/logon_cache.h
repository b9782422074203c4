// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One logon session of EM, kept in a directory for the next runs of this user: its file can be read
 * by no one else, is replaced as a whole, and is locked while one of many runs logs on.
 *
 * The faults say why the cache is of no use; to the check none of them matters.
 */
#ifndef EM_LOGON_CACHE_H
#define EM_LOGON_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/password_hash.h"
#include "base/utc.h"
#include "em/logon.h"
#include "em/server.h"

enum { LOGON_CACHE_TEXT_SIZE = 4096 };

struct logon_cache;

/* What the file says. */
struct logon_cache_entry {
    struct em_logon logon;
    char password_hash[PASSWORD_HASH_SIZE]; // of the password it was made with
};

/*
 * Opens the directory, which is made where it does not exist, for the logon of that user on that
 * server. NULL: it can't be trusted or opened.
 */
struct logon_cache *logon_cache_open(const char *directory, const struct em_server *server,
                                     const char *username, struct fault *fault);

/* Gives up the lock, if it is held, and frees the cache; NULL is allowed. */
void logon_cache_close(struct logon_cache *cache);

/*
 * Reads the logon that was made with this password and was in use less than 14 minutes before
 * `now`; EM ends it after 15. 1: there is one. 0: there is none. -1: its file is refused or can't
 * be read.
 */
int logon_cache_read(struct logon_cache *cache, const char *password, utc_us now,
                     struct em_logon *logon, struct fault *fault);

/*
 * Waits until no other run has the lock, until the deadline (of clock_monotonic_ms) or until
 * `stop_descriptor` is readable, which is a fault of kind terminated. 0 or -1.
 */
int logon_cache_lock(struct logon_cache *cache, int64_t deadline_ms, int stop_descriptor,
                     struct fault *fault);

void logon_cache_unlock(struct logon_cache *cache);

/* Puts a logon in the place of the present one. The lock must be held. 0 or -1. */
int logon_cache_write(struct logon_cache *cache, const char *password, const struct em_logon *logon,
                      struct fault *fault);

/*
 * Notes when the logon that was read or written last was in use; there must have been one. 0 or -1.
 */
int logon_cache_touch(struct logon_cache *cache, utc_us used, struct fault *fault);

/*
 * Reads the file's text, which is followed by a NUL that `length` does not count. 0, or -1 with a
 * fault if it is not what logon_cache_print makes; it quotes nothing of the text.
 */
int logon_cache_parse(const char *text, size_t length, struct logon_cache_entry *entry,
                      struct fault *fault);

/* Writes the file's text. False: there is no memory. */
bool logon_cache_print(const struct logon_cache_entry *entry, char text[LOGON_CACHE_TEXT_SIZE]);

/* Overwrites it. */
void logon_cache_forget_entry(struct logon_cache_entry *entry);

#define cleanup_logon_cache_entry __attribute__((cleanup(logon_cache_forget_entry)))

#endif
