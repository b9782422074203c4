// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Three files for each user and server: the session, which is only ever replaced by rename; the new
 * one, which only who has the lock writes, so that what a killed run left is written over; and the
 * lock, which is never removed, as another run may wait for it. When the session was used last is
 * its file's time of modification.
 */
#include "em/cache.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "em/cached_logon.h"

enum {
    LONGEST_USE_S = 14 * 60,
    TOLERATED_SKEW_S = 30,
    LOCK_STEP_MS = 10,
    OWNER_ALONE = 0600,
    FILE_NAME_LIMIT = 240
};

static const char session_suffix[] = ".session";
static const char new_suffix[] = ".new";
static const char lock_suffix[] = ".lock";

struct em_cache {
    int directory;
    int session; // what was read or written last; -1: nothing yet
    int lock;    // -1: not held
    struct buf name;
};

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

/*
 * The part of the files' names that tells one logon from another: USER@HOST_PORT. No two logons
 * share it, as what separates its parts is encoded within them.
 */
static void append_name(struct buf *name, const struct em_server *server, const char *username)
{
    text_append_encoded(name, username);
    buf_text(name, "@");
    for (const char *at = server->host; *at != '\0'; at++) {
        const char letter[] = {(char)tolower((unsigned char)*at), '\0'};
        text_append_encoded(name, letter);
    }
    buf_format(name, "_%u%s", (unsigned)server->port, server->plain ? "_plain" : "");
    if (server->connect_to != NULL) {
        buf_text(name, "@");
        text_append_encoded(name, server->connect_to);
    }
}

/* "NAME.session" and so on. The caller frees it; NULL: no memory. */
static char *file_name(const struct em_cache *cache, const char *suffix)
{
    char *name = NULL;
    return asprintf(&name, "%s%s", buf_string(&cache->name), suffix) < 0 ? NULL : name;
}

static int system_fault(struct fault *fault, const char *what)
{
    const int error = errno;
    if (error == ENOMEM) {
        return fault_no_memory(fault);
    }
    return fault_set(fault, FAULT_USAGE, "%s: %s", what,
                     error == ELOOP ? "it is a symbolic link" : strerror(error));
}

static int open_directory(const char *path)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const int opened = open(path, flags);
    if (opened >= 0 || errno != ENOENT) {
        return opened;
    }
    // Of many runs at once, another one may have made it since.
    return mkdir(path, S_IRWXU) == 0 || errno == EEXIST ? open(path, flags) : -1;
}

/* Who can write to the directory can put a token of his own there, or have ours replaced. */
static int check_directory(int directory, struct fault *fault)
{
    struct stat status;
    if (fstat(directory, &status) < 0) {
        return system_fault(fault, "the directory can't be looked at");
    }
    if (status.st_uid != geteuid()) {
        return fault_set(fault, FAULT_USAGE, "the directory is another user's");
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fault_set(fault, FAULT_USAGE, "others can write to the directory (chmod 700)");
    }
    return 0;
}

struct em_cache *cache_open(const char *directory, const struct em_server *server,
                            const char *username, struct fault *fault)
{
    struct em_cache *cache = malloc(sizeof *cache);
    char *path = strdup(directory);
    if (cache == NULL || path == NULL) {
        free(cache);
        free(path);
        fault_no_memory(fault);
        return NULL;
    }
    *cache = (struct em_cache){.directory = -1, .session = -1, .lock = -1};
    buf_init(&cache->name, FILE_NAME_LIMIT);
    append_name(&cache->name, server, username);
    // With a slash behind it, a link would be followed.
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--) {
        path[end - 1] = '\0';
    }
    cache->directory = open_directory(path);
    int result = 0;
    if (cache->name.failure == BUF_TOO_BIG) {
        result = fault_set(fault, FAULT_USAGE, "user and host are too long for a file's name");
    } else if (cache->name.failure != BUF_FINE) {
        result = fault_no_memory(fault);
    } else if (cache->directory < 0) {
        result = errno == ENOTDIR
                     ? fault_set(fault, FAULT_USAGE, "it is no directory, or a symbolic link")
                     : system_fault(fault, "the directory can't be opened");
    } else {
        result = check_directory(cache->directory, fault);
    }
    free(path);
    if (result < 0) {
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
        close_descriptor(&cache->directory);
        buf_free(&cache->name);
        free(cache);
    }
}

/* A descriptor, or -1 with errno. O_NONBLOCK: a FIFO in the file's place must not hold the run up.
 */
static int open_file(const struct em_cache *cache, const char *suffix, int flags)
{
    char *name = file_name(cache, suffix);
    if (name == NULL) {
        errno = ENOMEM;
        return -1;
    }
    const int opened = openat(cache->directory, name,
                              flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, OWNER_ALONE);
    const int error = errno;
    free(name);
    errno = error;
    return opened;
}

/* Whether the file is one that this program could have made. */
static int check_file(int file, struct stat *status, struct fault *fault)
{
    if (fstat(file, status) < 0) {
        return system_fault(fault, "the file can't be looked at");
    }
    if (!S_ISREG(status->st_mode)) {
        return fault_set(fault, FAULT_USAGE, "the file is no plain file");
    }
    if (status->st_uid != geteuid()) {
        return fault_set(fault, FAULT_USAGE, "the file is another user's");
    }
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fault_set(fault, FAULT_USAGE, "others can read or write the file");
    }
    return 0;
}

/* Reads a file that is small, all of it. */
static int read_text(int file, char text[CACHED_LOGON_LIMIT], size_t *length, struct fault *fault)
{
    *length = 0;
    for (;;) {
        const ssize_t got = read(file, text + *length, CACHED_LOGON_LIMIT - *length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return system_fault(fault, "the file can't be read");
        }
        *length += (size_t)got;
        if (*length == CACHED_LOGON_LIMIT) {
            return fault_set(fault, FAULT_USAGE, "the file is too large");
        }
        if (got == 0) {
            text[*length] = '\0';
            return 0;
        }
    }
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
    if (check_file(file, &status, fault) < 0) {
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
    if (result < 0 || !password_matches(password, cached.password_hash)) {
        return result;
    }
    *logon = cached.logon;
    return 1;
}

int cache_read(struct em_cache *cache, const char *password, utc_us now, struct em_logon *logon,
               struct fault *fault)
{
    int file = open_file(cache, session_suffix, O_RDONLY);
    if (file < 0) {
        return errno == ENOENT ? 0 : system_fault(fault, "the file can't be opened");
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

/* Waits a little, or until the run is to stop: true. */
static bool wait_or_stop(int stop_descriptor)
{
    struct pollfd stop = {.fd = stop_descriptor, .events = POLLIN};
    return poll(&stop, 1, LOCK_STEP_MS) > 0;
}

/*
 * It asks again and again rather than have flock wait: a signal that came just before would not
 * wake it.
 */
static int wait_for_lock(int lock, int64_t deadline_ms, int stop_descriptor, struct fault *fault)
{
    while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return system_fault(fault, "its lock can't be had");
        }
        if (wait_or_stop(stop_descriptor)) {
            return fault_set(fault, FAULT_TERMINATED,
                             "by a signal, while waiting for the lock of the session cache");
        }
        if (clock_monotonic_ms() >= deadline_ms) {
            return fault_set(fault, FAULT_TIMEOUT, "another run has held its lock for too long");
        }
    }
    return 0;
}

int cache_lock(struct em_cache *cache, int64_t deadline_ms, int stop_descriptor,
               struct fault *fault)
{
    struct stat status;
    int lock = open_file(cache, lock_suffix, O_RDWR | O_CREAT);
    if (lock < 0) {
        return system_fault(fault, "its lock can't be opened");
    }
    if (check_file(lock, &status, fault) < 0 ||
        wait_for_lock(lock, deadline_ms, stop_descriptor, fault) < 0) {
        close_descriptor(&lock);
        return -1;
    }
    cache->lock = lock;
    return 0;
}

void cache_unlock(struct em_cache *cache)
{
    close_descriptor(&cache->lock);
}

static int write_text(int file, const char *text, struct fault *fault)
{
    for (size_t left = strlen(text); left > 0;) {
        const ssize_t written = write(file, text, left);
        if (written < 0 && errno != EINTR) {
            return system_fault(fault, "it can't be written");
        }
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return 0;
}

static int write_session(int file, const char *password, const struct em_logon *logon,
                         struct fault *fault)
{
    char text[CACHED_LOGON_LIMIT];
    cleanup_cached_logon struct cached_logon cached = {.logon = *logon};
    int result = 0;
    if (!password_hash(password, cached.password_hash)) {
        result = fault_set(fault, FAULT_USAGE,
                           "the password can't be hashed: crypt(3) takes 511 bytes at most");
    } else if (!cached_logon_write(&cached, text)) {
        result = fault_no_memory(fault);
    } else {
        result = write_text(file, text, fault);
    }
    explicit_bzero(text, sizeof text);
    return result;
}

static int replace_session(const struct em_cache *cache, struct fault *fault)
{
    char *from = file_name(cache, new_suffix);
    char *to = file_name(cache, session_suffix);
    int result = 0;
    if (from == NULL || to == NULL) {
        result = fault_no_memory(fault);
    } else if (renameat(cache->directory, from, cache->directory, to) < 0) {
        result = system_fault(fault, "the file can't be replaced");
    }
    free(from);
    free(to);
    return result;
}

static void remove_new(const struct em_cache *cache)
{
    char *name = file_name(cache, new_suffix);
    if (name != NULL) {
        unlinkat(cache->directory, name, 0);
        free(name);
    }
}

int cache_write(struct em_cache *cache, const char *password, const struct em_logon *logon,
                struct fault *fault)
{
    // Whatever is there, a killed run's half file or a link, gives way to a file of our own.
    remove_new(cache);
    int file = open_file(cache, new_suffix, O_RDWR | O_CREAT | O_EXCL);
    if (file < 0) {
        return system_fault(fault, "it can't be written");
    }
    if (write_session(file, password, logon, fault) < 0 || replace_session(cache, fault) < 0) {
        close_descriptor(&file);
        remove_new(cache);
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
               ? system_fault(fault, "its time of use can't be noted")
               : 0;
}
