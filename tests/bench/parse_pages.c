// SPDX-License-Identifier: GPL-3.0-or-later
/* parse_pages FILE...: has cJSON parse each file, and nothing else: what is least to be done. */
#include <stdio.h>
#include <stdlib.h>

#include <cJSON.h>

/* Returns whether the file was JSON. */
static int parse_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    char *text = size > 0 ? malloc((size_t)size) : NULL;
    rewind(file);
    const int read = text != NULL && fread(text, 1, (size_t)size, file) == (size_t)size;
    fclose(file);
    if (!read) {
        free(text);
        return 0;
    }
    cJSON *document = cJSON_ParseWithLength(text, (size_t)size);
    const int parsed = document != NULL;
    cJSON_Delete(document);
    free(text);
    return parsed;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!parse_file(argv[i])) {
            fprintf(stderr, "%s can't be read\n", argv[i]);
            return 1;
        }
    }
    return 0;
}
