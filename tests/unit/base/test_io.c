// SPDX-License-Identifier: GPL-3.0-or-later
/* The loops that read and write: what the kernel may do to a call, and standard descriptors. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "unit/scratch.h"
#include "unit/suites.h"

enum { LARGE = 300 * 1000 };

/*
 * The linker sends each call of the program here: while it is disturbed, every other one is
 * interrupted, and the rest transfer three bytes at most.
 */
// NOLINTBEGIN(bugprone-reserved-identifier)
ssize_t __real_read(int file, void *to, size_t length);
ssize_t __wrap_read(int file, void *to, size_t length);
ssize_t __real_write(int file, const void *from, size_t length);
ssize_t __wrap_write(int file, const void *from, size_t length);
// NOLINTEND(bugprone-reserved-identifier)

static bool disturbed;
static unsigned calls;

static bool interrupts(size_t *length)
{
    enum { MOST = 3 };
    if (!disturbed) {
        return false;
    }
    *length = *length < MOST ? *length : MOST;
    errno = EINTR;
    return calls++ % 2 == 0;
}

ssize_t __wrap_read(int file, void *to, size_t length) // NOLINT(bugprone-reserved-identifier)
{
    return interrupts(&length) ? -1 : __real_read(file, to, length);
}

ssize_t __wrap_write(int file, const void *from,
                     size_t length) // NOLINT(bugprone-reserved-identifier)
{
    return interrupts(&length) ? -1 : __real_write(file, from, length);
}

static const char lines[] = "the first line\nthe second\nand no more";

static void setup(void)
{
    disturbed = false;
    calls = 0;
}

START_TEST(interrupted_and_short_calls_are_continued)
{
    char got[100] = "";
    struct buf text;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    disturbed = true;
    ck_assert_int_eq(io_write(ends[1], lines, strlen(lines), IO_NEXT), 0);
    ck_assert_int_eq(io_read(ends[0], got, 20, IO_NEXT), 20);
    close(ends[1]);
    ck_assert_int_eq(io_read(ends[0], got + 20, sizeof got - 20, IO_NEXT),
                     (int)strlen(lines) - 20); // up to the end
    ck_assert_str_eq(got, lines);
    buf_init(&text, 100);
    ck_assert_int_eq(io_append(ends[0], &text, IO_WHOLE), 0);
    ck_assert_str_eq(buf_string(&text), "");
    buf_free(&text);
    close(ends[0]);
}
END_TEST

START_TEST(offsets_are_those_of_the_file)
{
    char path[SCRATCH_SIZE];
    char got[4] = "";
    scratch_template(path, "io");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    unlink(path);
    ck_assert_int_eq(io_write(file, "....", 4, 3), 0);
    ck_assert_int_eq(io_write(file, "abc", 3, 0), 0);
    ck_assert_int_eq(io_read(file, got, 3, 2), 3);
    ck_assert_str_eq(got, "c..");
    ck_assert_int_eq(io_read(file, got, 3, 6), 1);
    ck_assert_int_eq(io_read(file, got, 3, 7), 0);
    close(file);
}
END_TEST

START_TEST(a_line_is_taken_before_the_end_has_come)
{
    struct buf text;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(io_write(ends[1], lines, strlen(lines), IO_NEXT), 0);
    buf_init(&text, 100);
    ck_assert_int_eq(io_append(ends[0], &text, IO_FIRST_LINE), 0);
    ck_assert_str_eq(buf_string(&text), "the first line");
    buf_free(&text);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_limit_ends_the_reading)
{
    struct buf text;
    const int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    buf_init(&text, 50000);
    ck_assert_int_eq(io_append(zeros, &text, IO_WHOLE), 0);
    ck_assert_int_eq(text.failure, BUF_TOO_BIG);
    buf_free(&text);
    close(zeros);
}
END_TEST

/* In a child: exits with 0 where it has read LARGE bytes of `letter` and then the end. */
static void read_late(int file, char letter)
{
    static char got[LARGE + 1];
    ssize_t length = io_read(file, got, sizeof got, IO_NEXT);
    for (ssize_t i = 0; i < length; i++) {
        length = got[i] == letter ? length : -1;
    }
    _exit(length == LARGE ? 0 : 1);
}

/* Both ends of the pipe are not to block: whoever comes first has to wait for the other. */
START_TEST(what_is_not_ready_is_waited_for)
{
    static char written[LARGE];
    int ends[2];
    int status = 0;
    memset(written, 'x', sizeof written);
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(ends[1]);
        read_late(ends[0], 'x');
    }
    close(ends[0]);
    ck_assert_int_eq(io_write(ends[1], written, sizeof written, IO_NEXT), 0);
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error)
{
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(io_write(full, lines, 1, IO_NEXT), -1);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_int_eq(io_write(full, lines, 0, IO_NEXT), 0);
    close(full);
    ck_assert_int_eq(io_write(full, lines, 1, IO_NEXT), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
    char got[4];
    struct buf text;
    const int folder = open("/", O_RDONLY | O_CLOEXEC);
    buf_init(&text, 100);
    ck_assert_int_eq(io_append(folder, &text, IO_WHOLE), -1);
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_int_eq(io_read(folder, got, sizeof got, IO_NEXT), -1);
    close(folder);
    ck_assert_int_eq(io_read(folder, got, sizeof got, 0), -1);
    ck_assert_int_eq(errno, EBADF);
    buf_free(&text);
}
END_TEST

/* In a child without the standard descriptors whose bits are in `closed`. Its exit code: 0: fine.
 */
static int fill(int closed)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        if ((closed >> file & 1) != 0) {
            close(file);
        }
    }
    if (io_fill_standard() < 0) {
        return 1;
    }
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        const bool was_closed = (closed >> file & 1) != 0;
        char byte = 'x';
        if (io_was_closed(file) != was_closed || fcntl(file, F_GETFD) < 0) {
            return 2;
        }
        if (was_closed &&
            (io_read(file, &byte, 1, IO_NEXT) != 0 || io_write(file, &byte, 1, IO_NEXT) < 0)) {
            return 3;
        }
    }
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return next > STDERR_FILENO ? 0 : 4;
}

START_TEST(closed_standard_descriptors_are_filled)
{
    int status = 0;
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        _exit(fill(_i));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(status == 0, "closed: %d, exit code %d", _i, WEXITSTATUS(status));
}
END_TEST

START_TEST(others_are_no_standard_descriptors)
{
    ck_assert(!io_was_closed(-1));
    ck_assert(!io_was_closed(3));
}
END_TEST

Suite *io_suite(void)
{
    enum { COMBINATIONS = 8 };
    Suite *suite = suite_create("io");
    TCase *tests = tcase_create("io");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, interrupted_and_short_calls_are_continued);
    tcase_add_test(tests, offsets_are_those_of_the_file);
    tcase_add_test(tests, a_line_is_taken_before_the_end_has_come);
    tcase_add_test(tests, a_limit_ends_the_reading);
    tcase_add_test(tests, what_is_not_ready_is_waited_for);
    tcase_add_test(tests, what_cannot_be_written_is_an_error);
    tcase_add_test(tests, what_cannot_be_read_is_an_error);
    tcase_add_loop_test(tests, closed_standard_descriptors_are_filled, 0, COMBINATIONS);
    tcase_add_test(tests, others_are_no_standard_descriptors);
    suite_add_tcase(suite, tests);
    return suite;
}
