// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How the parts of a scenario are read: strictly, members by name and type. The first thing that is
 * wrong is kept; what comes after it is read for nothing.
 */
#ifndef EMULATOR_LOADER_H
#define EMULATOR_LOADER_H

#include "emulator/store.h"

struct loader {
    struct store *store;
    char *error; // of `size` bytes; what was wrong first
    size_t size;
    bool failed;
};

enum kind {
    KIND_TEXT,
    KIND_WHOLE,
    KIND_SIGNED, // a whole number of seconds, which may be below 0
    KIND_DECIMAL,
    KIND_TRUTH,
    KIND_ARRAY,
    KIND_OBJECT,
    KIND_ANY
};

/* A member that an object may have; lists of them end in a NULL name. */
struct key {
    const char *name;
    enum kind kind;
};

void loader_fail(struct loader *loader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whatever is not an object, or has other members, or of another kind, is wrong. */
void loader_check_keys(struct loader *loader, const cJSON *object, const struct key *keys,
                       const char *where);

/* The member, and what stands for one that is absent. A NULL object has no members. */
const cJSON *loader_member(const cJSON *object, const char *name);
const char *loader_text(const cJSON *object, const char *name, const char *otherwise);
int64_t loader_whole(const cJSON *object, const char *name, int64_t otherwise);
/* The member's number of seconds; out of range, it is wrong. */
moment loader_seconds(struct loader *loader, const cJSON *object, const char *name,
                      int64_t otherwise);
double loader_decimal(const cJSON *object, const char *name, double otherwise);
bool loader_truth(const cJSON *object, const char *name, bool otherwise);
/* The index of the member's text among `names`, which end in NULL. */
int loader_choice(struct loader *loader, const cJSON *object, const char *name,
                  const char *const *names, int otherwise);
const char *loader_needed_text(struct loader *loader, const cJSON *object, const char *name,
                               const char *where);
/* False: there is none, or it is wrong. */
bool loader_time(struct loader *loader, const cJSON *object, const char *name, moment *when);
/* The member "uid", else a UUID made of the other text. */
const char *loader_uid(struct loader *loader, const cJSON *object, const char *otherwise);
struct overrides loader_overrides(const cJSON *object);

/* Calls it for each item of the list; NULL is an empty one. */
void loader_each(struct loader *loader, const cJSON *list,
                 void (*load)(struct loader *, const cJSON *));

#endif
