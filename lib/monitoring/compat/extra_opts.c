// SPDX-License-Identifier: GPL-3.0-or-later
/* --extra-opts: finds the ini file, reads it, and puts its options before the command line's. */
#include "monitoring/mp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fault.h"
#include "base/io.h"
#include "monitoring/compat/ini.h"

enum { LARGEST_FILE = 1024 * 1024, LARGEST_PATH = 4096 };

/* What one call of np_extra_opts made. All are kept: getopt and the options point into them. */
struct expansion {
    struct ini_arguments arguments;
    char **vector;
    struct expansion *previous;
};

static struct expansion *expansions;
static struct fault extra_opts_fault;

const char *mp_extra_opts_error(void)
{
    return extra_opts_fault.kind != FAULT_NONE ? extra_opts_fault.text : NULL;
}

/* Looks through the folders of NAGIOS_CONFIG_PATH; whether *path names a file then, or failed. */
static bool find_in_folders(const char *folders, struct buf *path)
{
    static const char *const names[] = {"monitoring-plugins.ini", "plugins.ini",
                                        "nagios-plugins.ini"};
    while (*folders != '\0') {
        const size_t length = strcspn(folders, ":");
        for (size_t i = 0; length > 0 && i < sizeof names / sizeof names[0]; i++) {
            buf_free(path);
            buf_add(path, folders, length);
            buf_text(path, "/");
            buf_text(path, names[i]);
            // Without memory this may be the file that is meant, so no other is to be taken.
            if (path->failure == BUF_NO_MEMORY ||
                (path->failure == BUF_FINE && access(path->text, F_OK) == 0)) {
                return true;
            }
        }
        folders += length;
        folders += strspn(folders, ":");
    }
    buf_free(path);
    return false;
}

/* The file that is meant where none is named. monitoring-plugins looks at the same places. */
static bool find_file(struct buf *path)
{
    static const char *const usual[] = {
        "/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
        "/usr/local/etc/monitoring-plugins.ini",
        "/etc/monitoring-plugins/monitoring-plugins.ini",
        "/etc/monitoring-plugins.ini",
        "/etc/nagios/plugins.ini",
        "/usr/local/nagios/etc/plugins.ini",
        "/usr/local/etc/nagios/plugins.ini",
        "/etc/opt/nagios/plugins.ini",
        "/etc/nagios-plugins.ini",
        "/usr/local/etc/nagios-plugins.ini",
        "/etc/opt/nagios-plugins.ini",
    };
    const char *named = getenv("MP_CONFIG_FILE");
    if (named != NULL) {
        buf_text(path, named);
        return *named != '\0';
    }
    const char *folders = getenv("NAGIOS_CONFIG_PATH");
    if (folders != NULL && find_in_folders(folders, path)) {
        return true;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (access(usual[i], F_OK) == 0) {
            buf_text(path, usual[i]);
            return true;
        }
    }
    return false;
}

static int read_descriptor(int descriptor, struct buf *text, struct fault *fault)
{
    if (io_append(descriptor, text, IO_WHOLE) < 0) {
        return fault_set(fault, FAULT_USAGE, "can't be read: %s", strerror(errno));
    }
    if (text->failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_USAGE, "is larger than %d bytes", LARGEST_FILE);
    }
    return text->failure == BUF_FINE ? 0 : fault_no_memory(fault);
}

/* Whether it is a plain file, whose mode has one of these bits. */
static bool has_mode(int descriptor, mode_t bits)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & bits) != 0;
}

static int read_section_of_file(const char *path, const char *section,
                                struct ini_arguments *arguments, struct fault *fault)
{
    const bool standard_input = strcmp(path, "-") == 0;
    if (standard_input && io_was_closed(STDIN_FILENO)) {
        return fault_set(fault, FAULT_USAGE, "standard input is closed");
    }
    cleanup_close int opened = standard_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!standard_input && opened < 0) {
        return fault_set(fault, FAULT_USAGE, "can't be opened: %s", strerror(errno));
    }
    const int descriptor = standard_input ? STDIN_FILENO : opened;
    cleanup_secret_buf struct buf text;
    buf_init(&text, LARGEST_FILE);
    // Whoever can write to it can have the password sent to another host, or nothing checked.
    if (has_mode(descriptor, S_IWGRP | S_IWOTH)) {
        return fault_set(fault, FAULT_USAGE, "group or others can write to it: chmod go-w");
    }
    arguments->has_password = false;
    if (read_descriptor(descriptor, &text, fault) < 0 ||
        ini_read_section(buf_string(&text), text.length, section, arguments, fault) < 0) {
        return -1;
    }
    // Group may read a file with a password: root:nagios 0640 is how these files are usually kept.
    return arguments->has_password && has_mode(descriptor, S_IROTH)
               ? fault_set(fault, FAULT_USAGE,
                           "holds a password and everyone can read it: chmod o-rwx, or 600")
               : 0;
}

/* Reads the section that [SECTION][@FILE] names. */
static int read_located(const char *locator, const char *default_section,
                        struct ini_arguments *arguments, struct fault *fault)
{
    const size_t section_length = strcspn(locator, "@");
    cleanup_buf struct buf path;
    buf_init(&path, LARGEST_PATH);
    if (locator[section_length] == '@') {
        buf_text(&path, locator + section_length + 1);
        if (path.length == 0 && path.failure == BUF_FINE) {
            return fault_set(fault, FAULT_USAGE, "no file is named behind the @");
        }
    } else if (!find_file(&path)) {
        return fault_set(fault, FAULT_USAGE,
                         "there is no ini file at the usual places; name one as "
                         "--extra-opts=[SECTION]@FILE or in MP_CONFIG_FILE");
    }
    if (path.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    if (path.failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_USAGE, "the file's name is too long");
    }
    cleanup_buf struct buf section;
    buf_init(&section, section_length + strlen(default_section));
    buf_add(&section, locator, section_length);
    buf_text(&section, section_length == 0 ? default_section : "");
    if (section.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (read_section_of_file(path.text, buf_string(&section), arguments, fault) < 0) {
        return fault_wrap(fault, "ini file '%s'", path.text);
    }
    return 0;
}

/* Whether --extra-opts takes this argument as its value: one or two dashes start an option. */
static bool is_value(const char *argument)
{
    const size_t dashes = strspn(argument, "-");
    return dashes != 1 && dashes != 2;
}

/* What --extra-opts at *at names, "" for nothing; *at moves to its last word. NULL: another. */
static const char *locator_at(int argc, char **argv, int *at)
{
    static const char option[] = "--extra-opts";
    const size_t length = strlen(option);
    if (strncmp(argv[*at], option, length) != 0) {
        return NULL;
    }
    if (argv[*at][length] == '=') {
        return argv[*at] + length + 1;
    }
    if (argv[*at][length] != '\0') {
        return NULL;
    }
    return *at + 1 < argc && is_value(argv[*at + 1]) ? argv[++*at] : "";
}

static bool has_extra_opts(int argc, char **argv)
{
    for (int at = 1; at < argc; at++) {
        if (locator_at(argc, argv, &at) != NULL) {
            return true;
        }
    }
    return false;
}

static int read_all_located(int argc, char **argv, const char *plugin_name,
                            struct ini_arguments *arguments, struct fault *fault)
{
    for (int at = 1; at < argc; at++) {
        const char *locator = locator_at(argc, argv, &at);
        if (locator != NULL && read_located(locator, plugin_name, arguments, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Program name, ini options, the command line without --extra-opts. NULL: no memory. */
static char **join(int *argc, char **argv, const struct ini_arguments *arguments)
{
    char **vector = calloc((size_t)*argc + arguments->count + 1, sizeof *vector);
    if (vector == NULL) {
        return NULL;
    }
    int used = 0;
    vector[used++] = argv[0];
    for (size_t i = 0; i < arguments->count; i++) {
        vector[used++] = arguments->items[i];
    }
    for (int at = 1; at < *argc; at++) {
        if (locator_at(*argc, argv, &at) == NULL) {
            vector[used++] = argv[at];
        }
    }
    *argc = used;
    return vector;
}

static void expansion_free(struct expansion *expansion)
{
    ini_arguments_free(&expansion->arguments);
    free(expansion->vector);
    free(expansion);
}

static struct expansion *expand(int *argc, char **argv, const char *plugin_name,
                                struct fault *fault)
{
    struct expansion *made = calloc(1, sizeof *made);
    if (made == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    if (read_all_located(*argc, argv, plugin_name, &made->arguments, fault) < 0) {
        expansion_free(made);
        return NULL;
    }
    made->vector = join(argc, argv, &made->arguments);
    if (made->vector == NULL) {
        expansion_free(made);
        fault_no_memory(fault);
        return NULL;
    }
    return made;
}

char **np_extra_opts(int *argc, char **argv, const char *plugin_name)
{
    extra_opts_fault = (struct fault){.kind = FAULT_NONE};
    if (!has_extra_opts(*argc, argv)) {
        return argv;
    }
    struct expansion *made = expand(argc, argv, plugin_name, &extra_opts_fault);
    if (made == NULL) {
        return NULL;
    }
    made->previous = expansions;
    expansions = made;
    return made->vector;
}
