// SPDX-License-Identifier: GPL-3.0-or-later
/* The logon sessions that EM has open, and when they end by themselves. Not safe for threads. */
#ifndef EMULATOR_LOGONS_H
#define EMULATOR_LOGONS_H

#include <stdbool.h>
#include <stddef.h>

#include "emulator/moment.h"
#include "emulator/store.h"

enum { TOKEN_SIZE = 64 };

struct logon {
    char id[UUID_SIZE];
    char token[TOKEN_SIZE]; // base64 of the id's text
    char *user;
    moment used;
};

struct logons {
    struct logon *open;
    size_t count;
    moment idle_timeout;
};

const struct logon *logons_add(struct logons *logons, const char *user, moment now);
/* The session of the token, which counts as used now; NULL: there is none, or it has expired. */
const struct logon *logons_use(struct logons *logons, const char *token, moment now);
bool logons_remove(struct logons *logons, const char *id);
/* Drops those that were idle for too long. */
void logons_expire(struct logons *logons, moment now);
void logons_clear(struct logons *logons);

#endif
