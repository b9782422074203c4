// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { REPORT_SIZE = 4000, UNFINISHED = 3, LAST_WRITE_S = 1 };

struct words {
    char report[REPORT_SIZE];
    size_t length;
    int state;
};

/* What a signal handler may use: memory that was written while its signals were blocked. */
static struct words timeout_words;
static struct words terminated_words;
static volatile sig_atomic_t deferred;
static volatile sig_atomic_t silent;
static volatile sig_atomic_t leaving;
static int stop_pipe[2] = {-1, -1};

static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof stop_signals[0] };

static void end_run(const struct words *words)
{
    size_t written = 0;
    while (!silent && written < words->length) {
        const ssize_t count =
            write(STDOUT_FILENO, words->report + written, words->length - written);
        if (count <= 0) {
            break;
        }
        written += (size_t)count;
    }
    _exit(silent ? UNFINISHED : words->state);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    end_run(&timeout_words);
}

static void on_stop(int signal_number)
{
    const int saved_errno = errno;
    const char byte = (char)signal_number;
    if (silent) {
        // The report that is being written is to come whole; one second is for that, however many
        // signals come.
        if (!leaving) {
            leaving = true;
            alarm(LAST_WRITE_S);
        }
    } else if (!deferred || (write(stop_pipe[1], &byte, 1) < 0 && errno != EAGAIN)) {
        // A full pipe is readable, so a byte that does not fit is not missed.
        end_run(&terminated_words);
    }
    errno = saved_errno;
}

static void take_words(struct words *words, struct last_words from)
{
    words->length = from.report->length < REPORT_SIZE ? from.report->length : REPORT_SIZE;
    memcpy(words->report, buf_string(from.report), words->length);
    words->state = from.state;
}

static void set_timer(int64_t milliseconds)
{
    const struct itimerval timer = {.it_value = {.tv_sec = (time_t)(milliseconds / 1000),
                                                 .tv_usec = (milliseconds % 1000) * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void open_stop_pipe(void)
{
    if (stop_pipe[0] < 0 && pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
        stop_pipe[0] = -1;
    }
}

static void ending_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGALRM);
    for (int i = 0; i < STOP_SIGNALS; i++) {
        sigaddset(signals, stop_signals[i]);
    }
}

void ending_arm(int64_t after_ms, struct last_words timeout, struct last_words terminated)
{
    struct sigaction action = {.sa_handler = on_alarm};
    sigset_t signals;
    open_stop_pipe();
    ending_signals(&signals);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    take_words(&timeout_words, timeout);
    take_words(&terminated_words, terminated);
    action.sa_mask = signals;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = on_stop;
    for (int i = 0; i < STOP_SIGNALS; i++) {
        struct sigaction before;
        sigaction(stop_signals[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) { // as nohup and a shell's & have it
            sigaction(stop_signals[i], &action, NULL);
        }
    }
    set_timer(after_ms > 0 ? after_ms : 1);
    // Also where who started the plugin had them blocked.
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

int ending_defer(bool defer)
{
    deferred = defer && stop_pipe[0] >= 0;
    return deferred ? stop_pipe[0] : -1;
}

void ending_silence(void)
{
    silent = true;
}

void ending_disarm(void)
{
    sigset_t signals;
    ending_signals(&signals);
    sigprocmask(SIG_BLOCK, &signals, NULL);
}
