// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The one loop that reads and the one that writes. A call that a signal has interrupted is
 * repeated, and a descriptor that is not ready is waited for, without a limit: the deadline of the
 * run is the limit, and plugins/ending.h enforces it.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

/* Instead of an offset: continue where the descriptor stands. */
enum { IO_NEXT = -1 };

/* How much io_append reads. */
enum io_extent { IO_WHOLE, IO_FIRST_LINE };

/* Reads `length` bytes, or fewer up to the end. Returns how many, or -1 with errno. */
ssize_t io_read(int descriptor, void *bytes, size_t length, off_t offset);

/*
 * Appends everything up to the end, or the first line without its line break, to `buf`, whose
 * failure ends it early. Nothing is left in other memory. Returns 0, or -1 with errno.
 */
int io_append(int descriptor, struct buf *buf, enum io_extent extent);

/* Writes all of it. Returns 0, or -1 with errno: then a part of it may have been written. */
int io_write(int descriptor, const void *bytes, size_t length, off_t offset);

/*
 * Waits so long until the descriptor is readable, and says if it is. A negative one never is; a
 * signal ends the wait.
 */
bool io_wait(int descriptor, int milliseconds);

/*
 * Opens /dev/null in the place of each standard descriptor that is closed, so that nothing that is
 * opened later is taken for one. Returns 0, or -1 with errno.
 */
int io_fill_standard(void);

/* Whether io_fill_standard found the standard descriptor (0 to 2) closed. */
bool io_was_closed(int descriptor);

#endif
