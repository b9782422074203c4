// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A second thread, the watchdog, waits for signals and the deadline: it can end the run where a
 * signal handler can't, in waits that only a fatal signal ends, such as those for a hard NFS mount.
 * All other threads have these signals blocked. The lock is held by whoever changes the stage, and
 * by a watchdog that ends the run, for good: the run's own report then never begins.
 *
 *                  ending_print              all is written
 *     RUNNING ──────────────────► PRINTING ─────────────────► PRINTED ───► exit
 *        │                           │                           │
 *        │ deadline, signal          │ deadline, signal: a little later in both stages
 *        ▼                           ▼                           ▼
 *     last words, their state     _exit (3)                   _exit (the state that was printed)
 *
 * The watchdog is never joined: exit handlers and destructors of libraries may hang, too.
 */
#include "plugins/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

enum {
    REPORT_SIZE = 4000,
    UNFINISHED = 3,
    STACK_SIZE = 128 * 1024,
    LOGOFF_MS = 3000, // from a signal on: em takes a second for a logon, another one for its end
    LAST_WRITE_MS = 1000, // from a signal, or the last words, on
    PRINT_GRACE_MS = 500, // from the deadline on
};

struct words {
    char report[REPORT_SIZE];
    size_t length;
    int state;
};

enum stage { RUNNING, PRINTING, PRINTED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // for all down to `woken`
static enum stage stage;
static int64_t deadline;
static struct words last_words[ENDINGS];
static int printed_state;
static bool deferred;
static bool stopped; // a signal has come
// The watchdog's next SIGALRM is this program's own: the deadline has changed. An alarm of others
// is pending for the process, this one for the thread, so neither hides the other.
static bool woken;

static pthread_t watchdog;
static bool watching;
static int stop_pipe[2] = {-1, -1};
static sigset_t signals; // those that the watchdog waits for
static sigset_t signals_before;

/* ---- what is printed ---- */

static bool write_whole(const char *text, size_t length, bool by_line)
{
    while (length > 0) {
        const char *line_end = by_line ? memchr(text, '\n', length) : NULL;
        const size_t piece = line_end != NULL ? (size_t)(line_end - text) + 1 : length;
        if (io_write(STDOUT_FILENO, text, piece, IO_NEXT) < 0) {
            return false;
        }
        text += piece;
        length -= piece;
    }
    return true;
}

/* A file server may report only in the end that its disk is full. */
static int print(const char *text, size_t length, bool by_line, int state)
{
    const bool written = write_whole(text, length, by_line);
    const bool closed = close(STDOUT_FILENO) == 0 || errno == EINTR;
    return written && closed && !io_was_closed(STDOUT_FILENO) ? state : UNFINISHED;
}

static void *print_last_words(void *of_ending)
{
    const struct words *words = of_ending;
    _exit(print(words->report, words->length, false, words->state));
}

static int start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        pthread_attr_setstacksize(&attributes, STACK_SIZE);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        error = pthread_create(thread, &attributes, run, argument);
        pthread_attr_destroy(&attributes);
    }
    return error;
}

/* Standard output may be a full pipe or a dead disk: another thread gets stuck there. */
static _Noreturn void end_with(struct words *words)
{
    const struct timespec patience = {.tv_sec = LAST_WRITE_MS / 1000};
    pthread_t writer;
    if (start_thread(&writer, print_last_words, words) != 0) {
        print_last_words(words);
    }
    nanosleep(&patience, NULL); // all signals are blocked that could interrupt it
    _exit(UNFINISHED);
}

/* ---- the watchdog, which has the lock except while it waits ---- */

static _Noreturn void on_deadline(void)
{
    if (stage == RUNNING) {
        end_with(&last_words[stopped ? ENDING_TERMINATED : ENDING_TIMEOUT]);
    }
    _exit(stage == PRINTED ? printed_state : UNFINISHED);
}

static void end_within(int64_t milliseconds)
{
    const int64_t then = clock_monotonic_ms() + milliseconds;
    deadline = then < deadline ? then : deadline;
}

static bool tell_to_stop(void)
{
    // A full pipe is readable, so a byte that does not fit is not missed.
    return write(stop_pipe[1], "", 1) == 1 || errno == EAGAIN;
}

static void on_signal(int number)
{
    if (stage != RUNNING) {
        end_within(LAST_WRITE_MS);
        return;
    }
    stopped = stopped || number != SIGALRM;
    end_within(deferred && number != SIGALRM && tell_to_stop() ? LOGOFF_MS : 0);
}

static void *watch(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        const int64_t left_ms = deadline - clock_monotonic_ms();
        if (left_ms <= 0) {
            on_deadline();
        }
        pthread_mutex_unlock(&lock);
        const struct timespec left = {.tv_sec = (time_t)(left_ms / 1000),
                                      .tv_nsec = (long)(left_ms % 1000) * 1000000};
        const int number = sigtimedwait(&signals, NULL, &left);
        pthread_mutex_lock(&lock);
        if (number == SIGALRM && woken) {
            woken = false;
        } else if (number > 0) {
            on_signal(number); // an alarm from others is a deadline of theirs
        }
    }
}

/* ---- a library that gives up ---- */

/*
 * It may run in any thread, within malloc or with the lock held, so it takes no memory and waits
 * for no lock: if the lock is taken, the run ends without words. While it writes, the deadline
 * holds as in that stage. What it can't do is to log off from EM, and to keep the main thread from
 * printing, too, if another thread has called abort at that very moment.
 */
static void on_abort(int number)
{
    (void)number;
    if (pthread_mutex_trylock(&lock) == 0) {
        const enum stage before = stage;
        stage = before == RUNNING ? PRINTING : before;
        pthread_mutex_unlock(&lock);
        if (before == RUNNING) {
            print_last_words(&last_words[ENDING_ABORTED]);
        }
        _exit(before == PRINTED ? printed_state : UNFINISHED);
    }
    _exit(UNFINISHED);
}

static void catch_aborts(const sigset_t *aborts)
{
    const struct sigaction action = {.sa_handler = on_abort};
    sigaction(SIGABRT, &action, NULL);
    // From glibc 2.41 on, abort takes a signal that is blocked for one without a handler.
    pthread_sigmask(SIG_UNBLOCK, aborts, NULL);
}

/* ---- the run ---- */

static void choose_signals(void)
{
    static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGXCPU};
    sigemptyset(&signals);
    sigaddset(&signals, SIGALRM);
    for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++) {
        struct sigaction action;
        sigaction(stop_signals[i], NULL, &action);
        if (action.sa_handler != SIG_IGN) { // as nohup and a shell's & have it
            sigaddset(&signals, stop_signals[i]);
        }
    }
}

int ending_start(struct fault *fault)
{
    if (io_fill_standard() < 0) {
        return fault_set(fault, FAULT_INTERNAL, "/dev/null can't be opened: %s", strerror(errno));
    }
    choose_signals();
    pthread_sigmask(SIG_BLOCK, &signals, &signals_before);
    // Writes that these are about fail instead.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

static int start_watching(struct fault *fault)
{
    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        stop_pipe[0] = -1;
    }
    // An abort that is sent to the process is for the main thread: if the watchdog took it, nobody
    // would keep the deadline.
    sigset_t aborts;
    sigemptyset(&aborts);
    sigaddset(&aborts, SIGABRT);
    pthread_sigmask(SIG_BLOCK, &aborts, NULL);
    const int error = start_thread(&watchdog, watch, NULL);
    catch_aborts(&aborts);
    if (error != 0) {
        pthread_sigmask(SIG_SETMASK, &signals_before, NULL);
        return fault_set(fault, FAULT_INTERNAL, "no thread for the deadline can be started: %s",
                         strerror(error));
    }
    watching = true;
    return 0;
}

static void take_words(struct words *words, struct last_words from)
{
    words->length = from.report->length < REPORT_SIZE ? from.report->length : REPORT_SIZE;
    memcpy(words->report, buf_string(from.report), words->length);
    words->state = from.state;
}

int ending_arm(int64_t deadline_ms, const struct last_words words[ENDINGS], struct fault *fault)
{
    pthread_mutex_lock(&lock);
    const bool sooner = watching && deadline_ms < deadline;
    woken = woken || sooner;
    for (size_t i = 0; i < ENDINGS; i++) {
        take_words(&last_words[i], words[i]);
    }
    deadline = deadline_ms;
    pthread_mutex_unlock(&lock);
    if (!watching) {
        return start_watching(fault);
    }
    if (sooner) {
        pthread_kill(watchdog, SIGALRM);
    }
    return 0;
}

int ending_defer(bool defer)
{
    pthread_mutex_lock(&lock);
    deferred = defer && stop_pipe[0] >= 0;
    pthread_mutex_unlock(&lock);
    return defer ? stop_pipe[0] : -1;
}

static void enter(enum stage next)
{
    pthread_mutex_lock(&lock);
    stage = next;
    deadline += next == PRINTING ? PRINT_GRACE_MS : 0;
    pthread_mutex_unlock(&lock);
}

int ending_print(const char *report, size_t length, bool by_line, int state)
{
    enter(PRINTING);
    printed_state = print(report, length, by_line, state);
    enter(PRINTED);
    return printed_state;
}
