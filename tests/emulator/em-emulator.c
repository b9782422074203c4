// SPDX-License-Identifier: GPL-3.0-or-later
/* The emulator as a program, for tests that are scripts and for people who want to try things. */
#include <errno.h>
#include <getopt.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emulator/emulator.h"

enum {
    ERROR_SIZE = 512,
    PATH_SIZE = 4096,
    PASSWORD_SIZE = 1024,
    DEFAULT_LIFETIME = 3600,
    MOST_DESCRIPTORS = 1024
};

struct invocation {
    struct emulator_settings settings;
    const char *directory;
    char password[PASSWORD_SIZE];
    long lifetime;
    bool background;
};

enum option_code {
    OPTION_SCENARIO = 256,
    OPTION_REPLAY,
    OPTION_CASING,
    OPTION_BOM,
    OPTION_NO_TLS,
    OPTION_PORT,
    OPTION_USER,
    OPTION_PASSWORD_FILE,
    OPTION_IDLE_TIMEOUT,
    OPTION_CLOCK_OFFSET,
    OPTION_REQUIRE_LENGTH,
    OPTION_TLS_VERSION,
    OPTION_HOST,
    OPTION_HOST_ALONE,
    OPTION_NOT_BEFORE,
    OPTION_NOT_AFTER,
    OPTION_DIRECTORY,
    OPTION_LIFETIME,
    OPTION_BACKGROUND,
    OPTION_HELP,
};

static const struct option options[] = {
    {"scenario", required_argument, NULL, OPTION_SCENARIO},
    {"replay", required_argument, NULL, OPTION_REPLAY},
    {"casing", required_argument, NULL, OPTION_CASING},
    {"bom", no_argument, NULL, OPTION_BOM},
    {"no-tls", no_argument, NULL, OPTION_NO_TLS},
    {"port", required_argument, NULL, OPTION_PORT},
    {"user", required_argument, NULL, OPTION_USER},
    {"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
    {"idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT},
    {"clock-offset", required_argument, NULL, OPTION_CLOCK_OFFSET},
    {"require-content-length", no_argument, NULL, OPTION_REQUIRE_LENGTH},
    {"tls-version", required_argument, NULL, OPTION_TLS_VERSION},
    {"certificate-host", required_argument, NULL, OPTION_HOST},
    {"certificate-host-alone", no_argument, NULL, OPTION_HOST_ALONE},
    {"certificate-not-before", required_argument, NULL, OPTION_NOT_BEFORE},
    {"certificate-not-after", required_argument, NULL, OPTION_NOT_AFTER},
    {"dir", required_argument, NULL, OPTION_DIRECTORY},
    {"lifetime", required_argument, NULL, OPTION_LIFETIME},
    {"background", no_argument, NULL, OPTION_BACKGROUND},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "Usage: em-emulator [OPTION...]\n"
    "Plays a Veeam Backup Enterprise Manager on loopback, for tests.\n\n"
    "  --scenario=FILE             what to play; without it one healthy VM\n"
    "  --replay=FILE               serve the answers that the plugin's --save has kept\n"
    "  --casing=pascal|camel       keys of JSON; without it as the scenario says\n"
    "  --bom                       a byte order mark before every body\n"
    "  --no-tls                    plain HTTP\n"
    "  --port=PORT                 without it a free one\n"
    "  --user=USER                 without it the scenario's, \"monitor\" by default\n"
    "  --password-file=FILE        its first line; or EMULATOR_PASSWORD; or the scenario's\n"
    "  --idle-timeout=SECONDS      after which a logon expires, 900\n"
    "  --clock-offset=SECONDS      how far this EM's clock is ahead\n"
    "  --require-content-length    a logon without it is a 411\n"
    "  --tls-version=1.2|1.3       that one alone\n"
    "  --certificate-host=NAME     without it this machine's name\n"
    "  --certificate-host-alone    not for localhost, 127.0.0.1 and ::1\n"
    "  --certificate-not-before=SECONDS, --certificate-not-after=SECONDS   from now\n"
    "  --dir=DIR                   write the certificate to DIR/cert.pem\n"
    "  --background                return once it listens\n"
    "  --lifetime=SECONDS          end by itself after that long, 3600; 0: never\n\n"
    "Prints EM_PORT, EM_PID, EM_PIN and EM_CA as assignments for a shell.\n";

__attribute__((format(printf, 1, 2))) static int complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("em-emulator: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return -1;
}

static int read_number(const char *text, int64_t smallest, int64_t largest, int64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || *number < smallest || *number > largest) {
        return complain("\"%s\" is not a number in range", text);
    }
    return 0;
}

static int read_choice(const char *text, const char *const choices[2], int *choice)
{
    for (*choice = 0; *choice < 2; (*choice)++) {
        if (strcmp(choices[*choice], text) == 0) {
            return 0;
        }
    }
    return complain("\"%s\" is neither %s nor %s", text, choices[0], choices[1]);
}

static int read_password(struct invocation *invocation, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return complain("%s: %s", path, strerror(errno));
    }
    if (fgets(invocation->password, sizeof invocation->password, file) == NULL) {
        invocation->password[0] = '\0';
    }
    fclose(file);
    invocation->password[strcspn(invocation->password, "\r\n")] = '\0';
    invocation->settings.password = invocation->password;
    return 0;
}

static int take_number(struct invocation *invocation, int code, const char *argument)
{
    struct emulator_settings *settings = &invocation->settings;
    int64_t number = 0;
    const bool is_signed =
        code == OPTION_CLOCK_OFFSET || code == OPTION_NOT_BEFORE || code == OPTION_NOT_AFTER;
    const int64_t largest = code == OPTION_PORT ? UINT16_MAX : INT32_MAX;
    if (read_number(argument, is_signed ? -largest : 0, largest, &number) != 0) {
        return -1;
    }
    if (code == OPTION_PORT) {
        settings->port = (uint16_t)number;
    } else if (code == OPTION_IDLE_TIMEOUT) {
        settings->idle_timeout_seconds = (int)number;
    } else if (code == OPTION_CLOCK_OFFSET) {
        settings->clock_offset_seconds = number;
    } else if (code == OPTION_NOT_BEFORE) {
        settings->certificate_not_before_seconds = number;
    } else if (code == OPTION_NOT_AFTER) {
        settings->certificate_not_after_seconds = number;
    } else {
        invocation->lifetime = (long)number;
    }
    return 0;
}

static int take_option(struct invocation *invocation, int code, const char *argument)
{
    static const char *const casings[2] = {"pascal", "camel"};
    static const char *const versions[2] = {"1.2", "1.3"};
    struct emulator_settings *settings = &invocation->settings;
    int choice = 0;
    int failed = 0;
    switch (code) {
    case OPTION_SCENARIO:
        settings->scenario = argument;
        break;
    case OPTION_REPLAY:
        settings->replay = argument;
        break;
    case OPTION_CASING:
        failed = read_choice(argument, casings, &choice);
        settings->casing = choice == 0 ? EMULATOR_PASCAL : EMULATOR_CAMEL;
        break;
    case OPTION_TLS_VERSION:
        failed = read_choice(argument, versions, &choice);
        settings->tls_version = 12 + choice;
        break;
    case OPTION_BOM:
        settings->bom = true;
        break;
    case OPTION_NO_TLS:
        settings->plain_http = true;
        break;
    case OPTION_USER:
        settings->user = argument;
        break;
    case OPTION_PASSWORD_FILE:
        failed = read_password(invocation, argument);
        break;
    case OPTION_REQUIRE_LENGTH:
        settings->require_content_length = true;
        break;
    case OPTION_HOST:
        settings->certificate_host = argument;
        break;
    case OPTION_HOST_ALONE:
        settings->certificate_host_alone = true;
        break;
    case OPTION_DIRECTORY:
        invocation->directory = argument;
        break;
    case OPTION_BACKGROUND:
        invocation->background = true;
        break;
    default:
        failed = take_number(invocation, code, argument);
        break;
    }
    return failed;
}

/* 0: go on. 1: the help was asked for. -1: a complaint is on stderr. */
static int read_options(struct invocation *invocation, int count, char **arguments)
{
    int code = 0;
    invocation->settings.password = getenv("EMULATOR_PASSWORD");
    while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
        if (code == OPTION_HELP) {
            fputs(help, stdout);
            return 1;
        }
        if (code == '?' || take_option(invocation, code, optarg) != 0) {
            return -1;
        }
    }
    return optind < count ? complain("unexpected argument \"%s\"", arguments[optind]) : 0;
}

static int write_certificate(const struct invocation *invocation, const char *pem,
                             char path[PATH_SIZE])
{
    path[0] = '\0';
    if (invocation->directory == NULL || pem[0] == '\0') {
        return 0;
    }
    if (snprintf(path, PATH_SIZE, "%s/cert.pem", invocation->directory) >= PATH_SIZE) {
        return complain("%s: the name is too long", invocation->directory);
    }
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fputs(pem, file) >= 0;
    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    return written ? 0 : complain("%s: cannot be written", path);
}

/* In single quotes, as a shell reads it. */
static void print_assignment(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s='", name);
    for (; *value != '\0'; value++) {
        fputs(*value == '\'' ? "'\\''" : (const char[]){*value, '\0'}, out);
    }
    fputs("'\n", out);
}

static int print_assignments(const struct emulator *emulator, const char *path)
{
    printf("EM_PORT=%u\nEM_PID=%ld\n", (unsigned int)emulator_port(emulator), (long)getpid());
    print_assignment(stdout, "EM_PIN", emulator_pin(emulator));
    print_assignment(stdout, "EM_CA", path);
    return fflush(stdout) == 0 ? 0 : complain("%s cannot be written", "standard output");
}

/* Sleeps until a signal that ends it, but no longer than the lifetime. */
static void serve(const struct invocation *invocation, const sigset_t *signals)
{
    const struct timespec lifetime = {.tv_sec = invocation->lifetime};
    int signal_number = -1;
    do {
        signal_number = invocation->lifetime > 0 ? sigtimedwait(signals, NULL, &lifetime)
                                                 : sigwaitinfo(signals, NULL);
    } while (signal_number < 0 && errno == EINTR);
}

static int run(const struct invocation *invocation)
{
    char error[ERROR_SIZE] = "";
    char path[PATH_SIZE] = "";
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); // inherited by every thread
    signal(SIGPIPE, SIG_IGN);
    struct emulator *emulator = emulator_start(&invocation->settings, error, sizeof error);
    if (emulator == NULL) {
        complain("%s", error);
        return EXIT_FAILURE;
    }
    int failed = write_certificate(invocation, emulator_certificate_pem(emulator), path);
    if (failed == 0) {
        failed = print_assignments(emulator, path);
    }
    if (failed == 0 && invocation->background) {
        // the parent waits for the end of these
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
            dup2(nowhere, i);
        }
        close(nowhere);
    }
    if (failed == 0) {
        serve(invocation, &signals);
    }
    emulator_stop(emulator);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Hands on what the child prints until it has closed its standard output. 0: it printed a port. */
static int relay(int descriptor)
{
    char part[1024];
    bool any = false;
    ssize_t got = 0;
    while ((got = read(descriptor, part, sizeof part)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0) {
            any = true;
            fwrite(part, 1, (size_t)got, stdout);
        }
    }
    return fflush(stdout) == 0 && any ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Forks before any thread is there; the pipe's end tells that the child serves, or has failed. */
static int run_in_background(const struct invocation *invocation)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        complain("%s", strerror(errno));
        return EXIT_FAILURE;
    }
    pid_t child = fork();
    if (child < 0) {
        complain("%s", strerror(errno));
        return EXIT_FAILURE;
    }
    if (child > 0) {
        close(ends[1]);
        int status = relay(ends[0]);
        close(ends[0]);
        return status;
    }
    setsid();
    dup2(ends[1], STDOUT_FILENO);
    for (int i = STDERR_FILENO + 1; i < MOST_DESCRIPTORS; i++) {
        close(i); // a pipe of the caller's must not stay open because of this process
    }
    return run(invocation);
}

int main(int count, char **arguments)
{
    struct invocation invocation = {.lifetime = DEFAULT_LIFETIME};
    int outcome = read_options(&invocation, count, arguments);
    if (outcome != 0) {
        return outcome > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return invocation.background ? run_in_background(&invocation) : run(&invocation);
}
