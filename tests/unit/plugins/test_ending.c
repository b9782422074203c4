// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How a run ends. Each case is a child with a standard output of its own; what it printed and its
 * exit code must belong together. No case depends on how fast the machine is: it waits for what is
 * to come, and what must not come would come first.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "plugins/ending.h"
#include "unit/suites.h"

enum { LATE = 1, STOPPED = 3, ABORTED = 4, OWN = 2, UNFINISHED = 3, BROKEN = 99 };
enum {
    SOON_MS = 50,
    A_WHILE_MS = 1000,
    NEVER_MS = 24 * 3600 * 1000,
    PIPE_FULL = 4096,
    OUTPUT_SIZE = 16 * 1024
};

static const char late[] = "too late\n";
static const char stopped[] = "stopped\n";
static const char aborted[] = "aborted\n";
static const char own[] = "the first line\nthe second line\n";

/* ---- what the linker sends here, to let it fail ---- */

static atomic_bool no_threads;
static bool no_close;

// NOLINTBEGIN(bugprone-reserved-identifier)
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __real_close(int descriptor);
int __wrap_close(int descriptor);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

int __wrap_close(int descriptor)
{
    const int result = __real_close(descriptor);
    if (no_close && descriptor == STDOUT_FILENO) {
        errno = EDQUOT;
        return -1;
    }
    return result;
}
// NOLINTEND(bugprone-reserved-identifier)

/* ---- a run ---- */

struct ended {
    char output[OUTPUT_SIZE];
    int status;
};

/* In a child: arms it with words that tell which of them came. */
static void arm(int64_t after_ms)
{
    static const char *const said[ENDINGS] = {late, stopped, aborted};
    static const int states[ENDINGS] = {LATE, STOPPED, ABORTED};
    struct fault fault;
    struct buf reports[ENDINGS];
    struct last_words words[ENDINGS];
    for (size_t i = 0; i < ENDINGS; i++) {
        buf_init(&reports[i], strlen(said[i]));
        buf_text(&reports[i], said[i]);
        words[i] = (struct last_words){&reports[i], states[i]};
    }
    if (ending_arm(clock_monotonic_ms() + after_ms, words, &fault) < 0) {
        _exit(BROKEN);
    }
    for (size_t i = 0; i < ENDINGS; i++) {
        buf_free(&reports[i]);
    }
}

static void start(int64_t after_ms)
{
    struct fault fault;
    if (ending_start(&fault) < 0) {
        _exit(BROKEN);
    }
    arm(after_ms);
}

static void hang(void)
{
    for (;;) {
        pause();
    }
}

static int print_own(void)
{
    return ending_print(own, strlen(own), false, OWN);
}

/* Runs the child, whose exit code is what it returns, with standard output into the descriptor. */
static pid_t begin(int (*child)(void), int output)
{
    const pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        signal(SIGTERM, SIG_DFL); // Check's handlers are for its whole group of processes
        signal(SIGINT, SIG_DFL);
        signal(SIGHUP, SIG_DFL); // ignored under nohup, and so left alone
        dup2(output, STDOUT_FILENO);
        close(output);
        exit(child());
    }
    return pid;
}

static void run(int (*child)(void), struct ended *ended)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = begin(child, ends[1]);
    close(ends[1]);
    const ssize_t length = io_read(ends[0], ended->output, OUTPUT_SIZE - 1, IO_NEXT);
    ck_assert_int_ge(length, 0);
    ended->output[length] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &ended->status, 0), pid);
}

static void expect(int (*child)(void), const char *output, int exit_code)
{
    struct ended ended;
    run(child, &ended);
    ck_assert_str_eq(ended.output, output);
    ck_assert_msg(WIFEXITED(ended.status), "ended by signal %d", WTERMSIG(ended.status));
    ck_assert_int_eq(WEXITSTATUS(ended.status), exit_code);
}

/* ---- while it runs ---- */

static int hangs(void)
{
    start(SOON_MS);
    hang();
    return 0;
}

static int is_armed_again_for_sooner(void)
{
    start(NEVER_MS);
    arm(A_WHILE_MS);
    hang();
    return 0;
}

/* The first deadline passes while it sleeps. */
static int is_armed_again_for_later(void)
{
    start(A_WHILE_MS);
    arm(NEVER_MS);
    poll(NULL, 0, A_WHILE_MS + SOON_MS);
    return print_own();
}

START_TEST(the_deadline_ends_it)
{
    expect(hangs, late, LATE);
    const int64_t before_ms = clock_monotonic_ms();
    expect(is_armed_again_for_sooner, late, LATE);
    ck_assert_int_ge(clock_monotonic_ms() - before_ms, A_WHILE_MS); // not by being armed
    expect(is_armed_again_for_later, own, OWN);
}
END_TEST

static int signal_number;

static int gets_signal(void)
{
    start(NEVER_MS);
    kill(getpid(), signal_number);
    hang();
    return 0;
}

static int gets_signal_before(void)
{
    struct fault fault;
    if (ending_start(&fault) < 0) {
        return BROKEN;
    }
    kill(getpid(), signal_number);
    arm(NEVER_MS);
    hang();
    return 0;
}

/* As a shell starts a job: the signals may be blocked. */
static int gets_signal_that_was_blocked(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    return gets_signal();
}

static int ignores_signal(void)
{
    signal(signal_number, SIG_IGN);
    start(NEVER_MS);
    kill(getpid(), signal_number);
    return print_own();
}

START_TEST(a_signal_ends_it)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGXCPU};
    signal_number = numbers[_i];
    expect(gets_signal, stopped, STOPPED);
    expect(gets_signal_before, stopped, STOPPED);
    expect(gets_signal_that_was_blocked, stopped, STOPPED);
    expect(ignores_signal, own, OWN);
}
END_TEST

/* `perl -e 'alarm 10; exec @ARGV'` leaves one behind. */
START_TEST(an_alarm_of_others_is_a_deadline)
{
    signal_number = SIGALRM;
    expect(gets_signal, late, LATE);
    expect(gets_signal_before, late, LATE);
}
END_TEST

/* What signals of full pipes and of limits would do. */
static int gets_other_signals(void)
{
    start(NEVER_MS);
    kill(getpid(), SIGPIPE);
    kill(getpid(), SIGXFSZ);
    return print_own();
}

START_TEST(signals_of_writes_are_ignored)
{
    expect(gets_other_signals, own, OWN);
}
END_TEST

static int waits_for_stop(void)
{
    start(NEVER_MS);
    struct pollfd stop = {.fd = ending_defer(true), .events = POLLIN};
    kill(getpid(), SIGTERM);
    if (poll(&stop, 1, -1) != 1) {
        return BROKEN;
    }
    ending_defer(false);
    return print_own();
}

static int does_not_stop(void)
{
    start(NEVER_MS);
    struct pollfd stop = {.fd = ending_defer(true), .events = POLLIN};
    kill(getpid(), SIGTERM);
    if (poll(&stop, 1, -1) != 1) {
        return BROKEN;
    }
    arm(SOON_MS);
    hang();
    return 0;
}

static int defers_no_more(void)
{
    start(NEVER_MS);
    ending_defer(true);
    ending_defer(false);
    kill(getpid(), SIGTERM);
    hang();
    return 0;
}

START_TEST(a_signal_is_deferred)
{
    expect(waits_for_stop, own, OWN);
    expect(does_not_stop, stopped, STOPPED);
    expect(defers_no_more, stopped, STOPPED);
}
END_TEST

static void *block(void *unused)
{
    (void)unused;
    hang();
    return NULL;
}

/* As a resolver's. Signals of the process must not go to it. */
static int has_a_thread_that_hangs(void)
{
    pthread_t thread;
    start(NEVER_MS);
    pthread_create(&thread, NULL, block, NULL);
    kill(getpid(), SIGTERM);
    hang();
    return 0;
}

START_TEST(other_threads_are_left_alone)
{
    expect(has_a_thread_that_hangs, stopped, STOPPED);
}
END_TEST

/* ---- a library that gives up ---- */

static int aborts(void)
{
    start(NEVER_MS);
    abort();
}

static int aborts_though_ignored(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGABRT, SIG_IGN);
    return aborts();
}

static void *give_up(void *unused)
{
    (void)unused;
    abort();
}

static int aborts_in_another_thread(void)
{
    pthread_t thread;
    start(NEVER_MS);
    pthread_create(&thread, NULL, give_up, NULL);
    hang();
    return 0;
}

/* With the main thread out of reach, it waits, and the watchdog does not take it. */
static int is_aborted_from_outside(void)
{
    sigset_t all;
    start(NEVER_MS);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    kill(getpid(), SIGABRT);
    poll(NULL, 0, SOON_MS);
    return print_own();
}

static int aborts_late(void)
{
    start(NEVER_MS);
    atexit(abort);
    return print_own();
}

#ifndef NDEBUG
/* Of base/buf: it says so on standard error, too. */
static int breaks_an_invariant(void)
{
    struct buf buf;
    start(NEVER_MS);
    buf_init(&buf, 10);
    buf_text(&buf, "Tr0ub4dor");
    buf.length = 11;
    buf_text(&buf, "&3");
    return print_own();
}
#endif

/* The deadline ends it as any other. */
static int aborts_soon(void)
{
    start(4 * (int64_t)SOON_MS);
    abort();
}

START_TEST(a_library_that_gives_up_ends_it)
{
    expect(aborts, aborted, ABORTED);
    expect(aborts_though_ignored, aborted, ABORTED);
    expect(aborts_in_another_thread, aborted, ABORTED);
    expect(is_aborted_from_outside, own, OWN);
    expect(aborts_late, own, OWN);
#ifndef NDEBUG
    expect(breaks_an_invariant, aborted, ABORTED);
#endif
}
END_TEST

/* ---- once it has printed ---- */

static void hang_at_exit(void)
{
    arm(SOON_MS);
    hang();
}

static int hangs_at_exit(void)
{
    start(NEVER_MS);
    atexit(hang_at_exit);
    return print_own();
}

static bool hangs_in_destructors;

__attribute__((destructor)) static void destroy(void)
{
    if (hangs_in_destructors) {
        hang_at_exit();
    }
}

/* As of a library's. */
static int hangs_in_destructor(void)
{
    start(NEVER_MS);
    hangs_in_destructors = true;
    return print_own();
}

static void get_signal_at_exit(void)
{
    kill(getpid(), SIGTERM);
    hang();
}

static int gets_signal_at_exit(void)
{
    start(NEVER_MS);
    atexit(get_signal_at_exit);
    return print_own();
}

START_TEST(what_was_printed_is_the_exit_code)
{
    expect(print_own, own, OWN); // without a watchdog, as where none could be started
    expect(hangs_at_exit, own, OWN);
    expect(hangs_in_destructor, own, OWN);
    expect(gets_signal_at_exit, own, OWN);
}
END_TEST

/* ---- what can't be written ---- */

static int prints(void)
{
    start(NEVER_MS);
    return print_own();
}

static int prints_soon(void)
{
    start(4 * (int64_t)SOON_MS);
    return print_own();
}

static int prints_and_gets_signal(void)
{
    start(NEVER_MS);
    kill(getpid(), SIGTERM);
    return print_own();
}

static int prints_to_closed(void)
{
    close(STDOUT_FILENO);
    return prints();
}

static int hangs_with_closed(void)
{
    close(STDOUT_FILENO);
    return hangs();
}

static int prints_but_cannot_close(void)
{
    no_close = true;
    return prints();
}

static int hangs_and_cannot_close(void)
{
    no_close = true;
    return hangs();
}

static int wait_for(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int exit_code_with(int (*child)(void), int output)
{
    return wait_for(begin(child, output));
}

START_TEST(what_is_not_written_ends_with_3)
{
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const int unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    const int outputs[] = {full, unwritable, ends[1]};
    for (int i = 0; i < COUNT(outputs); i++) {
        ck_assert_int_eq(exit_code_with(prints, outputs[i]), UNFINISHED);
        ck_assert_int_eq(exit_code_with(hangs, outputs[i]), UNFINISHED);
        close(outputs[i]);
    }
    expect(prints_to_closed, "", UNFINISHED);
    expect(hangs_with_closed, "", UNFINISHED);
    expect(prints_but_cannot_close, own, UNFINISHED);
    expect(hangs_and_cannot_close, late, UNFINISHED);
}
END_TEST

/* A pipe that nobody reads: the writing end, which may block, and the reading end. */
static void fill_pipe(int ends[2])
{
    static const char filling[PIPE_FULL];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], filling, sizeof filling) > 0) {
    }
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
}

START_TEST(a_full_pipe_ends_with_3)
{
    static int (*const children[])(void) = {hangs, prints_soon, prints_and_gets_signal,
                                            aborts_soon};
    pid_t pids[COUNT(children)];
    int ends[2];
    fill_pipe(ends);
    for (int i = 0; i < COUNT(children); i++) {
        pids[i] = begin(children[i], ends[1]); // at once, as each takes a second
    }
    for (int i = 0; i < COUNT(children); i++) {
        ck_assert_int_eq(wait_for(pids[i]), UNFINISHED);
    }
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* One that is read late loses nothing, be it blocking or not. */
START_TEST(a_pipe_that_is_read_late_gets_all)
{
    static char read_late[1024 * 1024];
    int ends[2];
    fill_pipe(ends);
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, _i == 0 ? 0 : O_NONBLOCK), 0);
    const pid_t pid = begin(prints, ends[1]);
    close(ends[1]);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, 0), 0);
    poll(NULL, 0, SOON_MS);
    const ssize_t length = io_read(ends[0], read_late, sizeof read_late, IO_NEXT);
    close(ends[0]);
    ck_assert_int_gt(length, (int)strlen(own));
    ck_assert_mem_eq(read_late + length - strlen(own), own, strlen(own));
    ck_assert_int_eq(wait_for(pid), OWN);
}
END_TEST

static int prints_lines(void)
{
    start(NEVER_MS);
    return ending_print(own, strlen(own), true, OWN);
}

/* Each write to such a pipe is a packet. */
START_TEST(lines_are_written_one_by_one)
{
    char packet[OUTPUT_SIZE];
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
    ck_assert_int_eq(exit_code_with(prints_lines, ends[1]), OWN);
    ck_assert_int_eq(read(ends[0], packet, sizeof packet), (int)strlen("the first line\n"));
    ck_assert_int_eq(read(ends[0], packet, sizeof packet), (int)strlen("the second line\n"));
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* ---- without threads ---- */

static int has_no_threads(void)
{
    struct buf words;
    struct fault fault;
    no_threads = true;
    buf_init(&words, 1);
    const struct last_words none[ENDINGS] = {{&words, BROKEN}, {&words, BROKEN}, {&words, BROKEN}};
    if (ending_start(&fault) < 0 ||
        ending_arm(clock_monotonic_ms() + NEVER_MS, none, &fault) == 0 ||
        fault.kind != FAULT_INTERNAL || strstr(fault.text, "thread") == NULL) {
        return BROKEN;
    }
    return print_own();
}

static int has_no_threads_and_gets_signal(void)
{
    const int state = has_no_threads();
    kill(getpid(), SIGTERM);
    return state;
}

/* The watchdog prints by itself then. */
static int has_no_thread_for_last_words(void)
{
    start(NEVER_MS);
    no_threads = true;
    arm(SOON_MS);
    hang();
    return 0;
}

START_TEST(a_thread_that_cannot_be_started)
{
    struct ended ended;
    expect(has_no_threads, own, OWN);
    expect(has_no_thread_for_last_words, late, LATE);
    run(has_no_threads_and_gets_signal, &ended);
    ck_assert(WIFSIGNALED(ended.status));
    ck_assert_int_eq(WTERMSIG(ended.status), SIGTERM);
}
END_TEST

Suite *ending_suite(void)
{
    Suite *suite = suite_create("ending");
    TCase *tests = tcase_create("ending");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_deadline_ends_it);
    tcase_add_loop_test(tests, a_signal_ends_it, 0, 4);
    tcase_add_test(tests, an_alarm_of_others_is_a_deadline);
    tcase_add_test(tests, signals_of_writes_are_ignored);
    tcase_add_test(tests, a_signal_is_deferred);
    tcase_add_test(tests, other_threads_are_left_alone);
    tcase_add_test(tests, a_library_that_gives_up_ends_it);
    tcase_add_test(tests, what_was_printed_is_the_exit_code);
    tcase_add_test(tests, what_is_not_written_ends_with_3);
    tcase_add_test(tests, a_full_pipe_ends_with_3);
    tcase_add_loop_test(tests, a_pipe_that_is_read_late_gets_all, 0, 2);
    tcase_add_test(tests, lines_are_written_one_by_one);
    tcase_add_test(tests, a_thread_that_cannot_be_started);
    suite_add_tcase(suite, tests);
    return suite;
}
