// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Replays a fuzz target's corpus without libFuzzer, so that `make check` does it with any compiler:
 * each file of the folders on the command line, or of CORPUS where there are none. An input is
 * named before it is replayed, so the last name is that of the one that ended the program.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

enum { INPUT_LIMIT = 64 * 1024 };

#ifndef CORPUS
#define CORPUS "." // for who compiles this without local.mk
#endif

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* False: the file can't be read, or is too large for a seed; or it is named good-* and refused. */
static bool replay_file(const char *folder, const char *name)
{
    static uint8_t bytes[INPUT_LIMIT];
    char path[4096];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "rb") : NULL;
    if (file == NULL) {
        perror(path);
        return false;
    }
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    const bool whole = !ferror(file) && size < sizeof bytes;
    fclose(file);
    if (!whole) {
        fprintf(stderr, "%s: can't be read, or is too large\n", path);
        return false;
    }
    printf("%s\n", path);
    fflush(stdout);
    const unsigned long taken = fuzz_taken;
    LLVMFuzzerTestOneInput(bytes, size);
    if (strncmp(name, "good-", strlen("good-")) == 0 && fuzz_taken == taken) {
        fprintf(stderr, "%s: refused, though it is named good\n", path);
        return false;
    }
    return true;
}

/* The number of inputs, or -1. */
static int replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_input, alphasort);
    bool fine = count > 0;
    if (!fine) {
        fprintf(stderr, "%s: no inputs\n", folder);
    }
    for (int i = 0; i < count; i++) {
        fine = replay_file(folder, entries[i]->d_name) && fine;
        free(entries[i]);
    }
    free(entries);
    return fine ? count : -1;
}

int main(int argc, char **argv)
{
    const int folders = argc > 1 ? argc - 1 : 1;
    int inputs = 0;
    bool fine = true;
    for (int i = 0; i < folders; i++) {
        const int count = replay_folder(argc > 1 ? argv[i + 1] : CORPUS);
        fine = fine && count >= 0;
        inputs += count > 0 ? count : 0;
    }
    printf("replayed %d inputs\n", inputs);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
