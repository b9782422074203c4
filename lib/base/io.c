// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/io.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_SIZE = 16 * 1024, STANDARD_DESCRIPTORS = 3 };

static bool closed[STANDARD_DESCRIPTORS];

/* After a call has failed: whether to repeat it, once the descriptor is ready if it was not. */
static bool may_repeat(int descriptor, short event)
{
    if (errno == EAGAIN) {
        struct pollfd ready = {.fd = descriptor, .events = event};
        return poll(&ready, 1, -1) > 0 || errno == EINTR;
    }
    return errno == EINTR;
}

/* What comes first: at least one byte, 0 at the end, or -1 with errno. */
static ssize_t read_some(int descriptor, void *bytes, size_t length, off_t offset)
{
    ssize_t got = 0;
    do {
        got = offset == IO_NEXT ? read(descriptor, bytes, length)
                                : pread(descriptor, bytes, length, offset);
    } while (got < 0 && may_repeat(descriptor, POLLIN));
    return got;
}

ssize_t io_read(int descriptor, void *bytes, size_t length, off_t offset)
{
    assert(descriptor >= 0 && offset >= IO_NEXT);
    assert(bytes != NULL || length == 0);
    size_t done = 0;
    while (done < length) {
        const ssize_t got = read_some(descriptor, (char *)bytes + done, length - done,
                                      offset == IO_NEXT ? (off_t)IO_NEXT : offset + (off_t)done);
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
        assert(done <= length);
    }
    return (ssize_t)done;
}

int io_append(int descriptor, struct buf *buf, enum io_extent extent)
{
    assert(descriptor >= 0);
    char block[BLOCK_SIZE];
    const char *line_end = NULL;
    ssize_t got = 0;
    do {
        got = read_some(descriptor, block, sizeof block, IO_NEXT);
        if (got > 0) {
            line_end = extent == IO_FIRST_LINE ? memchr(block, '\n', (size_t)got) : NULL;
            buf_add(buf, block, line_end != NULL ? (size_t)(line_end - block) : (size_t)got);
        }
    } while (got > 0 && line_end == NULL && buf->failure == BUF_FINE);
    const int error = errno;
    explicit_bzero(block, sizeof block);
    errno = error;
    return got < 0 ? -1 : 0;
}

int io_write(int descriptor, const void *bytes, size_t length, off_t offset)
{
    assert(descriptor >= 0 && offset >= IO_NEXT);
    assert(bytes != NULL || length == 0);
    size_t done = 0;
    while (done < length) {
        const char *from = (const char *)bytes + done;
        const ssize_t written = offset == IO_NEXT
                                    ? write(descriptor, from, length - done)
                                    : pwrite(descriptor, from, length - done, offset + (off_t)done);
        if (written < 0 && !may_repeat(descriptor, POLLOUT)) {
            return -1;
        }
        done += written > 0 ? (size_t)written : 0;
        assert(done <= length);
    }
    return 0;
}

bool io_wait(int descriptor, int milliseconds)
{
    struct pollfd ready = {.fd = descriptor, .events = POLLIN};
    return poll(&ready, 1, milliseconds) > 0;
}

int io_fill_standard(void)
{
    for (int descriptor = 0; descriptor < STANDARD_DESCRIPTORS; descriptor++) {
        // The lower ones are open, so a new descriptor is this one.
        closed[descriptor] = fcntl(descriptor, F_GETFD) < 0;
        if (closed[descriptor] && open("/dev/null", O_RDWR) < 0) {
            return -1;
        }
    }
    return 0;
}

bool io_was_closed(int descriptor)
{
    return descriptor >= 0 && descriptor < STANDARD_DESCRIPTORS && closed[descriptor];
}
