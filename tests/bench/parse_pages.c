// SPDX-License-Identifier: GPL-3.0-or-later
/* parse_pages FILE...: has cJSON parse each file, and nothing else: what is least to be done. */
#include <stdio.h>
#include <stdlib.h>

#include <cJSON.h>

/* The file's text, which the caller frees; NULL: it can't be read. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    const long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end > 0 && fseek(file, 0, SEEK_SET) == 0 ? malloc((size_t)end) : NULL;
    *size = text != NULL ? fread(text, 1, (size_t)end, file) : 0;
    const int whole = fclose(file) == 0 && (long)*size == end;
    if (!whole) {
        free(text);
        return NULL;
    }
    return text;
}

/* Returns whether the file was JSON. */
static int parse_file(const char *path)
{
    size_t size = 0;
    char *text = read_file(path, &size);
    if (text == NULL) {
        return 0;
    }
    cJSON *document = cJSON_ParseWithLength(text, size);
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
