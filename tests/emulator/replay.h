// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The answers of another EM, as the plugin's --save keeps them in a file, served again: to the same
 * requests, whatever times their filters have, in the order in which they came. Their times are
 * moved so that everything is as old as it was then. Not safe for threads, but for the bodies.
 */
#ifndef EMULATOR_REPLAY_H
#define EMULATOR_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "emulator/moment.h"
#include "emulator/request.h"
#include "emulator/resources.h"

struct replay;

/* `path` may be the text itself, which starts with '{'. NULL: `error` says why. */
struct replay *replay_load(const char *path, char *error, size_t size);
void replay_free(struct replay *replay);

/*
 * Answers as the file says. Logons take the manager's user and password where the file has one that
 * succeeded; with a token of theirs everything else is asked for. False: the file has no such
 * request, and the answer is a 404.
 */
bool replay_answer(struct replay *replay, struct manager *manager, const struct request *request,
                   struct answer *answer);

/* Of an answer that is played: whether there is none; its body, to be freed, and its headers. */
bool replay_is_lost(const struct played *played);
char *replay_body(const struct played *played, moment shift, size_t *length);
const char *replay_content_type(const struct played *played); // NULL: it has none, as the next
const char *replay_server(const struct played *played);
bool replay_date(const struct played *played, moment shift, moment *date);

#endif
