// SPDX-License-Identifier: GPL-3.0-or-later
/* When the session was used last is its file's time of modification. */
#include "em/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/cache_dir.h"
#include "em/cached_logon.h"

enum { LONGEST_USE_S = 14 * 60, TOLERATED_SKEW_S = 30 };

static const char session_suffix[] = ".session";
static const char new_suffix[] = ".new";

struct em_cache {
    struct cache_dir files;
    int session; // what was read or written last; -1: nothing yet
    int lock;    // -1: not held
};

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

struct em_cache *cache_open(const char *directory, const struct em_server *server,
                            const char *username, struct fault *fault)
{
    struct em_cache *cache = malloc(sizeof *cache);
    struct buf name;
    if (cache == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    *cache = (struct em_cache){.session = -1, .lock = -1};
    buf_init(&name, CACHE_DIR_NAME_LIMIT);
    em_server_append_key(&name, server, username);
    if (cache_dir_open(&cache->files, directory, &name, fault) < 0) {
        cache_close(cache);
        return NULL;
    }
    return cache;
}

void cache_close(struct em_cache *cache)
{
    if (cache != NULL) {
        close_descriptor(&cache->session);
        close_descriptor(&cache->lock);
        cache_dir_close(&cache->files);
        free(cache);
    }
}

/* Reads a file that is small, all of it. */
static int read_text(int file, char text[CACHED_LOGON_LIMIT], size_t *length, struct fault *fault)
{
    const ssize_t got = io_read(file, text, CACHED_LOGON_LIMIT, IO_NEXT);
    if (got < 0) {
        return cache_dir_fault(fault, "the file can't be read");
    }
    if (got == CACHED_LOGON_LIMIT) {
        return fault_set(fault, FAULT_USAGE, "the file is too large");
    }
    *length = (size_t)got;
    text[got] = '\0';
    return 0;
}

/*
 * Another run may have used it since `now` was asked for, and a file server's clock may be a little
 * ahead. A time that is further ahead is that of a clock that was set back: how old the logon is,
 * is not known then.
 */
static bool is_fresh(const struct stat *status, utc_us now)
{
    const utc_us used =
        (utc_us)status->st_mtim.tv_sec * UTC_SECOND + status->st_mtim.tv_nsec / 1000;
    return used - now <= TOLERATED_SKEW_S * UTC_SECOND && now - used < LONGEST_USE_S * UTC_SECOND;
}

static int read_session(int file, const char *password, utc_us now, struct em_logon *logon,
                        struct fault *fault)
{
    struct stat status;
    char text[CACHED_LOGON_LIMIT];
    size_t length = 0;
    cleanup_cached_logon struct cached_logon cached = {.logon = {.token = ""}};
    if (cache_dir_check_file(file, &status, fault) < 0) {
        return -1;
    }
    if (!is_fresh(&status, now)) {
        return 0;
    }
    int result = read_text(file, text, &length, fault);
    if (result == 0) {
        result = cached_logon_read(text, length, &cached, fault);
    }
    explicit_bzero(text, sizeof text);
    if (result < 0 || !password_hash_matches(cached.password_hash, password)) {
        return result;
    }
    *logon = cached.logon;
    return 1;
}

int cache_read(struct em_cache *cache, const char *password, utc_us now, struct em_logon *logon,
               struct fault *fault)
{
    int file = cache_dir_open_file(&cache->files, session_suffix, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT ? 0 : cache_dir_fault(fault, "the file can't be opened");
    }
    const int found = read_session(file, password, now, logon, fault);
    if (found == 1) {
        close_descriptor(&cache->session);
        cache->session = file;
    } else {
        close_descriptor(&file);
    }
    return found;
}

int cache_lock(struct em_cache *cache, int64_t deadline_ms, int stop_descriptor,
               struct fault *fault)
{
    cache->lock = cache_dir_lock(&cache->files, deadline_ms, stop_descriptor, fault);
    return cache->lock < 0 ? -1 : 0;
}

void cache_unlock(struct em_cache *cache)
{
    close_descriptor(&cache->lock);
}

static int write_session(int file, const char *password, const struct em_logon *logon,
                         struct fault *fault)
{
    char text[CACHED_LOGON_LIMIT];
    cleanup_cached_logon struct cached_logon cached = {.logon = *logon};
    int result = 0;
    if (!password_hash_make(password, cached.password_hash)) {
        result = fault_set(fault, FAULT_USAGE,
                           "the password can't be hashed: crypt(3) takes 511 bytes at most");
    } else if (!cached_logon_write(&cached, text)) {
        result = fault_no_memory(fault);
    } else if (io_write(file, text, strlen(text), IO_NEXT) < 0) {
        result = cache_dir_fault(fault, "it can't be written");
    }
    explicit_bzero(text, sizeof text);
    return result;
}

int cache_write(struct em_cache *cache, const char *password, const struct em_logon *logon,
                struct fault *fault)
{
    int file = cache_dir_create(&cache->files, new_suffix, fault);
    if (file < 0) {
        return -1;
    }
    if (write_session(file, password, logon, fault) < 0 ||
        cache_dir_replace(&cache->files, new_suffix, session_suffix, fault) < 0) {
        close_descriptor(&file);
        cache_dir_remove(&cache->files, new_suffix);
        return -1;
    }
    close_descriptor(&cache->session);
    cache->session = file;
    return 0;
}

int cache_touch(struct em_cache *cache, utc_us used, struct fault *fault)
{
    const struct timespec moment = {.tv_sec = (time_t)(used / UTC_SECOND),
                                    .tv_nsec = (long)(used % UTC_SECOND) * 1000};
    const struct timespec times[] = {moment, moment};
    return futimens(cache->session, times) < 0
               ? cache_dir_fault(fault, "its time of use can't be noted")
               : 0;
}
