// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Of each name there are at least the file, which is only ever replaced by rename; the new one,
 * which only who has the lock writes, so that what a killed run left is written over; and the lock,
 * which is never removed, as another run may wait for it.
 */
#include "base/cache_dir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/io.h"

enum { FIRST_STEP_MS = 10, LONGEST_STEP_MS = 80, OWNER_ALONE = 0600 };

int cache_dir_fault(struct fault *fault, const char *what)
{
    const int error = errno;
    if (error == ENOMEM) {
        return fault_no_memory(fault);
    }
    return fault_set(fault, FAULT_USAGE, "%s: %s", what,
                     error == ELOOP ? "it is a symbolic link" : strerror(error));
}

/* Without the slashes at its end: with one, a link would be followed. */
static int open_directory(const char *directory)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    cleanup_free char *path = strdup(directory);
    if (path == NULL) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--) {
        path[end - 1] = '\0';
    }
    const int opened = open(path, flags);
    if (opened >= 0 || errno != ENOENT) {
        return opened;
    }
    // Of many runs at once, another one may have made it since.
    return mkdir(path, S_IRWXU) == 0 || errno == EEXIST ? open(path, flags) : -1;
}

/* Who can write to the directory can put a file of his own there, or have ours replaced. */
static int check_directory(int directory, struct fault *fault)
{
    struct stat status;
    if (fstat(directory, &status) < 0) {
        return cache_dir_fault(fault, "the directory can't be looked at");
    }
    if (status.st_uid != geteuid()) {
        return fault_set(fault, FAULT_USAGE, "the directory is another user's");
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fault_set(fault, FAULT_USAGE, "others can write to the directory (chmod 700)");
    }
    return 0;
}

int cache_dir_open(struct cache_dir *files, const char *directory, struct buf *name,
                   struct fault *fault)
{
    *files = (struct cache_dir){.directory = -1, .name = *name};
    *name = (struct buf){.text = NULL};
    if (files->name.failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_USAGE, "user and host are too long for a file's name");
    }
    if (files->name.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    assert(strchr(buf_string(&files->name), '/') == NULL); // it stays in the directory
    files->directory = open_directory(directory);
    if (files->directory < 0) {
        return errno == ENOTDIR
                   ? fault_set(fault, FAULT_USAGE, "it is not a directory, or is a symbolic link")
                   : cache_dir_fault(fault, "the directory can't be opened");
    }
    return check_directory(files->directory, fault);
}

void cache_dir_close(struct cache_dir *files)
{
    if (files->directory >= 0) {
        close(files->directory);
        files->directory = -1;
    }
    buf_free(&files->name);
}

/* The caller frees it; NULL: no memory. */
static char *file_name(const struct cache_dir *files, const char *suffix)
{
    char *name = NULL;
    assert(files->directory >= 0);
    assert(suffix[0] == '.' && strchr(suffix, '/') == NULL);
    return asprintf(&name, "%s%s", buf_string(&files->name), suffix) < 0 ? NULL : name;
}

/* O_NONBLOCK: a FIFO in the file's place must not hold the run up. */
int cache_dir_open_file(const struct cache_dir *files, const char *suffix, int flags)
{
    char *name = file_name(files, suffix);
    if (name == NULL) {
        errno = ENOMEM;
        return -1;
    }
    const int opened = openat(files->directory, name,
                              flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, OWNER_ALONE);
    const int error = errno;
    free(name);
    errno = error;
    return opened;
}

int cache_dir_check_file(int file, struct stat *status, struct fault *fault)
{
    if (fstat(file, status) < 0) {
        return cache_dir_fault(fault, "the file can't be looked at");
    }
    if (!S_ISREG(status->st_mode)) {
        return fault_set(fault, FAULT_USAGE, "the file is not a plain file");
    }
    if (status->st_uid != geteuid()) {
        return fault_set(fault, FAULT_USAGE, "the file is another user's");
    }
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fault_set(fault, FAULT_USAGE, "others can read or write the file");
    }
    return 0;
}

int cache_dir_create(const struct cache_dir *files, const char *suffix, struct fault *fault)
{
    // Whatever is there, a killed run's half file or a link, gives way to a file of our own.
    cache_dir_remove(files, suffix);
    const int file = cache_dir_open_file(files, suffix, O_RDWR | O_CREAT | O_EXCL);
    return file < 0 ? cache_dir_fault(fault, "it can't be written") : file;
}

int cache_dir_replace(const struct cache_dir *files, const char *from, const char *to,
                      struct fault *fault)
{
    cleanup_free char *from_name = file_name(files, from);
    cleanup_free char *to_name = file_name(files, to);
    if (from_name == NULL || to_name == NULL) {
        return fault_no_memory(fault);
    }
    return renameat(files->directory, from_name, files->directory, to_name) < 0
               ? cache_dir_fault(fault, "the file can't be replaced")
               : 0;
}

void cache_dir_remove(const struct cache_dir *files, const char *suffix)
{
    cleanup_free char *name = file_name(files, suffix);
    if (name != NULL) {
        unlinkat(files->directory, name, 0);
    }
}

/*
 * It asks again and again rather than have flock wait: a signal that came just before would not
 * wake it. Less often as time goes by: of a thousand runs that wait, each is to cost next to
 * nothing.
 */
static int wait_for_lock(int lock, int64_t deadline_ms, int stop_descriptor, struct fault *fault)
{
    int step_ms = FIRST_STEP_MS;
    while (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return cache_dir_fault(fault, "its lock can't be had");
        }
        if (io_wait(stop_descriptor, step_ms)) {
            return fault_set(fault, FAULT_TERMINATED,
                             "by a signal, while waiting for the lock of another run");
        }
        if (clock_monotonic_ms() >= deadline_ms) {
            return fault_set(fault, FAULT_TIMEOUT, "another run has held its lock for too long");
        }
        step_ms = step_ms < LONGEST_STEP_MS ? 2 * step_ms : LONGEST_STEP_MS;
    }
    return 0;
}

int cache_dir_lock(const struct cache_dir *files, const char *suffix, int64_t deadline_ms,
                   int stop_descriptor, struct fault *fault)
{
    struct stat status;
    const int lock = cache_dir_open_file(files, suffix, O_RDWR | O_CREAT);
    if (lock < 0) {
        return cache_dir_fault(fault, "its lock can't be opened");
    }
    if (cache_dir_check_file(lock, &status, fault) < 0 ||
        wait_for_lock(lock, deadline_ms, stop_descriptor, fault) < 0) {
        close(lock);
        return -1;
    }
    return lock;
}
