// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/distinct.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"

/* Of the places of two texts in the list: by text, then in the order of the VMs. */
static int compare_places(const void *left, const void *right)
{
    char *const *const a = *(char **const *)left;
    char *const *const b = *(char **const *)right;
    const int order = strcmp(*a, *b);
    return order != 0 ? order : (a > b) - (a < b);
}

/* Gives texts that stand more than once the next detail. False: no memory. */
static bool tell_apart(char **texts, char ***places, const struct verdict *verdict,
                       distinct_writer *write, unsigned detail)
{
    const size_t count = verdict->vm_count;
    vec_sort(places, count, sizeof *places, compare_places);
    for (size_t start = 0, end = 0; start < count; start = end) {
        while (end < count && strcmp(*places[start], *places[end]) == 0) {
            end++;
        }
        for (size_t i = start; end - start > 1 && i < end; i++) {
            char **place = places[i];
            char *text = write(verdict, &verdict->vms[place - texts], detail, i - start + 1);
            if (text == NULL) {
                return false;
            }
            free(*place);
            *place = text;
        }
    }
    return true;
}

char **distinct_texts(const struct verdict *verdict, distinct_writer *write, unsigned details)
{
    const size_t count = verdict->vm_count;
    char **texts = calloc(count + 1, sizeof *texts);
    cleanup_free char ***places = calloc(count + 1, sizeof *places);
    bool ok = true;
    if (texts == NULL || places == NULL) {
        free(texts);
        return NULL;
    }
    for (size_t i = 0; ok && i < count; i++) {
        places[i] = &texts[i];
        texts[i] = write(verdict, &verdict->vms[i], 0, 1);
        ok = texts[i] != NULL;
    }
    for (unsigned detail = 1; ok && detail < details; detail++) {
        ok = tell_apart(texts, places, verdict, write, detail);
    }
    if (!ok) {
        distinct_free(&texts);
    }
    return texts;
}

void distinct_free(char ***texts)
{
    for (size_t i = 0; *texts != NULL && (*texts)[i] != NULL; i++) {
        free((*texts)[i]);
    }
    free(*texts);
    *texts = NULL;
}
