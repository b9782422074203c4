// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int read_all(int descriptor, const char *path, struct buf *buf, struct fault *fault)
{
    char block[16 * 1024];
    int result = 0;
    for (;;) {
        const ssize_t got = read(descriptor, block, sizeof block);
        if (got > 0) {
            buf_add(buf, block, (size_t)got);
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            result = fault_set(fault, FAULT_USAGE, "%s can't be read: %s", path, strerror(errno));
        }
        if (buf->failure == BUF_TOO_BIG) {
            result = fault_set(fault, FAULT_USAGE, "%s is larger than %zu bytes", path, buf->limit);
        } else if (buf->failure == BUF_NO_MEMORY) {
            result = fault_no_memory(fault);
        }
        if (got <= 0 || result < 0) {
            explicit_bzero(block, sizeof block);
            return result;
        }
    }
}

int file_read(const char *path, struct buf *buf, struct fault *fault)
{
    if (strcmp(path, "-") == 0) {
        return read_all(STDIN_FILENO, "standard input", buf, fault);
    }
    cleanup_close int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return fault_set(fault, FAULT_USAGE, "%s can't be opened: %s", path, strerror(errno));
    }
    return read_all(descriptor, path, buf, fault);
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static int open_secret(const char *path, struct fault *fault)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const char *refused = NULL;
    if (descriptor < 0) {
        fault_set(fault, FAULT_USAGE, "%s can't be opened: %s", path,
                  errno == ELOOP ? "it is a symbolic link" : strerror(errno));
        return -1;
    }
    if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode)) {
        refused = "it is not a plain file";
    } else if ((status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        refused = "group or others can read it (chmod 600)";
    }
    if (refused != NULL) {
        fault_set(fault, FAULT_USAGE, "%s is refused: %s", path, refused);
        close(descriptor);
        return -1;
    }
    return descriptor;
}

int file_read_secret(const char *path, struct buf *buf, struct fault *fault)
{
    int result = 0;
    if (strcmp(path, "-") == 0) {
        result = file_read(path, buf, fault);
    } else {
        cleanup_close int descriptor = open_secret(path, fault);
        result = descriptor < 0 ? -1 : read_all(descriptor, path, buf, fault);
    }
    if (result == 0 && buf->text != NULL) {
        buf->length = strcspn(buf->text, "\r\n");
        explicit_bzero(buf->text + buf->length, buf->capacity - buf->length);
    }
    return result;
}
