// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A library to be preloaded. When the program has ended, after its atexit handlers, it writes all
 * memory that the program could have written to into files: one for each mapping, in the folder
 * that DUMP_MEMORY_TO names. What a test looks for in there never comes near the program itself.
 *
 * It allocates nothing and keeps its frames small, so that it covers up as little as can be of what
 * is left on the stack.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAPS_SIZE = 256 * 1024, PATH_SIZE = 4096 };

static char maps[MAPS_SIZE];
static char path[PATH_SIZE];

static void complain(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        _exit(99);
    }
    _exit(99);
}

static void read_maps(void)
{
    const int descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = 1;
    while (descriptor >= 0 && got > 0 && length < sizeof maps - 1) {
        got = read(descriptor, maps + length, sizeof maps - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    if (descriptor < 0 || got != 0) {
        complain("dump_memory: /proc/self/maps can't be read\n");
    }
    close(descriptor);
}

/* FOLDER/START-END-NAME, with the slashes of NAME as underscores. */
static void make_path(const char *folder, const char *line, const char *name)
{
    const size_t range = strcspn(line, " ");
    const size_t folder_length = strlen(folder);
    const size_t name_length = strcspn(name, "\n");
    if (folder_length + range + name_length + 3 > sizeof path) {
        complain("dump_memory: a path is too long\n");
    }
    char *end = mempcpy(path, folder, folder_length);
    *end++ = '/';
    end = mempcpy(end, line, range);
    *end++ = '-';
    for (size_t i = 0; i < name_length; i++) {
        *end++ = name[i];
        if (end[-1] == '/' || end[-1] == ' ') {
            end[-1] = '_';
        }
    }
    *end = '\0';
}

static void dump(uintptr_t start, uintptr_t end)
{
    const char *bytes = NULL;
    memcpy(&bytes, &start, sizeof bytes);
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t written = 0;
    while (descriptor >= 0 && written >= 0 && start < end) {
        written = write(descriptor, bytes, end - start);
        start += written > 0 ? (size_t)written : 0;
        bytes += written > 0 ? written : 0;
    }
    if (start < end) {
        complain("dump_memory: memory can't be written to a file\n");
    }
    close(descriptor);
}

/* A line is "START-END rw-p OFFSET DEVICE INODE   NAME". */
static void dump_line(const char *folder, const char *line)
{
    char *rest = NULL;
    const uintptr_t start = strtoul(line, &rest, 16);
    const uintptr_t end = strtoul(rest + 1, &rest, 16);
    const char *name = rest + 1;
    if (strncmp(name, "rw", 2) != 0) {
        return;
    }
    for (int field = 0; field < 4; field++) {
        name += strcspn(name, " \n");
        name += strspn(name, " ");
    }
    make_path(folder, line, name);
    dump(start, end);
}

__attribute__((destructor)) static void dump_memory(void)
{
    const char *folder = getenv("DUMP_MEMORY_TO");
    if (folder == NULL) {
        return;
    }
    read_maps();
    for (const char *line = maps; *line != '\0'; line += strcspn(line, "\n") + 1) {
        dump_line(folder, line);
    }
}
