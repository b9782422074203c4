// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/text.h"

static int read_from(int descriptor, const char *path, enum io_extent extent, struct buf *buf,
                     struct fault *fault)
{
    if (io_append(descriptor, buf, extent) < 0) {
        return fault_set(fault, FAULT_USAGE, "%s can't be read: %s", path, strerror(errno));
    }
    if (buf->failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_USAGE, "%s is larger than %zu bytes", path, buf->limit);
    }
    return buf->failure == BUF_FINE ? 0 : fault_no_memory(fault);
}

static int read_standard_input(enum io_extent extent, struct buf *buf, struct fault *fault)
{
    if (io_was_closed(STDIN_FILENO)) {
        return fault_set(fault, FAULT_USAGE, "standard input is closed");
    }
    return read_from(STDIN_FILENO, "standard input", extent, buf, fault);
}

int file_read(const char *path, struct buf *buf, struct fault *fault)
{
    if (strcmp(path, "-") == 0) {
        return read_standard_input(IO_WHOLE, buf, fault);
    }
    cleanup_close int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fault_set(fault, FAULT_USAGE, "%s can't be opened: %s", path, strerror(errno));
    }
    return read_from(descriptor, path, IO_WHOLE, buf, fault);
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static int open_secret(const char *path, struct fault *fault)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const char *refused = NULL;
    if (descriptor < 0) {
        return fault_set(fault, FAULT_USAGE, "%s can't be opened: %s", path,
                         errno == ELOOP ? "it is a symbolic link" : strerror(errno));
    }
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) {
        refused = "it is not a plain file";
    } else if ((status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        refused = "group or others can read it (chmod 600)";
    } else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refused = "group or others can write to it (chmod 600)";
    }
    if (refused != NULL) {
        close(descriptor);
        return fault_set(fault, FAULT_USAGE, "%s is refused: %s", path, refused);
    }
    return descriptor;
}

static int read_first_line(const char *path, struct buf *buf, struct fault *fault)
{
    if (strcmp(path, "-") == 0) {
        return read_standard_input(IO_FIRST_LINE, buf, fault);
    }
    cleanup_close int descriptor = open_secret(path, fault);
    return descriptor < 0 ? -1 : read_from(descriptor, path, IO_FIRST_LINE, buf, fault);
}

int file_read_secret(const char *path, struct buf *buf, struct fault *fault)
{
    if (read_first_line(path, buf, fault) < 0) {
        return -1;
    }
    if (memchr(buf_string(buf), '\0', buf->length) != NULL) {
        return fault_set(fault, FAULT_USAGE, "%s has a NUL byte in its first line", path);
    }
    const size_t mark = text_mark_length(buf_string(buf), buf->length);
    if (mark > 0) {
        buf->length -= mark;
        memmove(buf->text, buf->text + mark, buf->length + 1);
    }
    if (buf->length > 0 && buf->text[buf->length - 1] == '\r') {
        buf->text[--buf->length] = '\0';
    }
    return 0;
}

/* Who gave the path can mend it, or the disk is in the way. */
static int write_fault(const char *path, int reason, struct fault *fault)
{
    static const char no_folder[] = "; create its folder, or name a file elsewhere";
    static const char no_right[] =
        "; this user needs the right to write to its folder and to replace the file";
    static const char no_room[] = "; make room there, or name a file elsewhere";
    static const struct {
        int reason;
        enum fault_kind kind;
        const char *advice;
    } rows[] = {
        {ENOENT, FAULT_USAGE, no_folder},
        {ENOTDIR, FAULT_USAGE, no_folder},
        {EACCES, FAULT_USAGE, no_right},
        {EPERM, FAULT_USAGE, no_right},
        {EROFS, FAULT_USAGE, "; name a file elsewhere"},
        {ENAMETOOLONG, FAULT_USAGE, "; give a shorter name"},
        {ENOSPC, FAULT_INTERNAL, no_room},
        {EDQUOT, FAULT_INTERNAL, no_room},
        {EFBIG, FAULT_INTERNAL, no_room},
    };
    enum fault_kind kind = FAULT_INTERNAL;
    const char *advice = "; name a file elsewhere";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kind = rows[i].reason == reason ? rows[i].kind : kind;
        advice = rows[i].reason == reason ? rows[i].advice : advice;
    }
    return fault_set(fault, kind, "%s can't be written: %s%s", path, strerror(reason), advice);
}

static int refuse_others(const char *path, struct fault *fault)
{
    struct stat status;
    if (path[0] == '\0') {
        return fault_set(fault, FAULT_USAGE, "a file without a name can't be written");
    }
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return fault_set(fault, FAULT_USAGE,
                         "%s is refused: it is not a plain file; name another one", path);
    }
    return 0;
}

/* Makes an empty file beside `path`, called `beside`. A descriptor, or -1 with a fault. */
static int create_beside(const char *path, char beside[PATH_MAX], struct fault *fault)
{
    const int length = snprintf(beside, PATH_MAX, "%s.XXXXXX", path);
    const bool fits = length > 0 && length < PATH_MAX;
    const int descriptor = fits ? mkostemp(beside, O_CLOEXEC) : -1;
    return descriptor >= 0 ? descriptor : write_fault(path, fits ? errno : ENAMETOOLONG, fault);
}

int file_can_replace(const char *path, struct fault *fault)
{
    char beside[PATH_MAX];
    const int descriptor = refuse_others(path, fault) < 0 ? -1 : create_beside(path, beside, fault);
    if (descriptor < 0) {
        return -1;
    }
    close(descriptor);
    unlink(beside);
    return 0;
}

int file_replace(const char *path, const struct buf *text, struct fault *fault)
{
    char beside[PATH_MAX];
    const int descriptor = refuse_others(path, fault) < 0 ? -1 : create_beside(path, beside, fault);
    if (descriptor < 0) {
        return -1;
    }
    int written = io_write(descriptor, buf_string(text), text->length, IO_NEXT);
    int reason = errno;
    if (close(descriptor) < 0 && written == 0) {
        written = -1;
        reason = errno;
    }
    if (written == 0 && rename(beside, path) < 0) {
        written = -1;
        reason = errno;
    }
    if (written < 0) {
        unlink(beside);
        return write_fault(path, reason, fault);
    }
    return 0;
}
