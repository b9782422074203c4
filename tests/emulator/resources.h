// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's resources below /api: which there are, who may see them, and what they answer. */
#ifndef EMULATOR_RESOURCES_H
#define EMULATOR_RESOURCES_H

#include "emulator/logons.h"
#include "emulator/request.h"
#include "emulator/store.h"

struct manager {
    const struct store *store;
    struct logons *logons;
    const char *user;
    const char *password;
    bool needs_length; // a logon without Content-Length is a 411
    bool logged_on;    // what this request did
    bool logged_off;
};

/*
 * Whether the request is all about logons, which change; everything else reads the store alone and
 * needs no lock once resources_authorize() has let it pass.
 */
bool resources_is_about_logons(const struct request *request);
/* Checks the token and marks its session as used. False: the answer is a 401. */
bool resources_authorize(struct manager *manager, const struct request *request,
                         struct answer *answer);
void resources_answer_logon(struct manager *manager, const struct request *request,
                            struct answer *answer);
void resources_answer(const struct store *store, const struct request *request,
                      struct answer *answer);

#endif
