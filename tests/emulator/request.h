// SPDX-License-Identifier: GPL-3.0-or-later
/* One HTTP request as the rooms behind the server see it, and the answer they give. */
#ifndef EMULATOR_REQUEST_H
#define EMULATOR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "emulator/arena.h"
#include "emulator/moment.h"
#include "emulator/node.h"
#include "emulator/store.h"

struct played; // replay.h

struct parameter {
    const char *name;
    const char *value; // decoded
    const char *raw;   // as received
};

enum { MOST_PARAMETERS = 32 };

struct request {
    struct arena *arena;
    const char *method;
    const char *target; // as received: path and query
    const char *path;   // decoded
    struct parameter parameters[MOST_PARAMETERS];
    size_t parameter_count;
    const char *accept;        // NULL: no such header, as the others
    const char *authorization; // of a logon
    const char *token;         // what counts as the token: the cookie, else the header
    bool has_length;           // whether the size of the body was told
    const char *content_type;  // of the body
    const char *body;          // ends in a NUL; "": there is none
    size_t body_length;
    moment now;
};

struct answer {
    unsigned int status;
    struct node *root;           // NULL: no body
    const char *token;           // of a logon: the new token
    const char *location;        // of a logon: its resource
    const char *allow;           // with 405
    const struct played *played; // of a file: it has everything but the token; NULL: none
    moment shift;                // of its times
    moment date_shift;           // of its Date
};

/* Splits and decodes the target. False: it is malformed. */
bool request_read_target(struct request *request, const char *target);

/* The decoded value, NULL where there is none. Names count in any case of letters. */
const char *request_parameter(const struct request *request, const char *name);

/* Whether its query is that text, as received. */
bool request_has_query(const struct request *request, const char *query);

/* JSON is for those who name it in Accept, at whatever place; everyone else gets XML. */
bool request_wants_json(const struct request *request);

/* Makes it an answer with EM's Error body. */
void answer_error(struct arena *arena, struct answer *answer, unsigned int status,
                  const char *message);

/* Decodes percent sequences and, with `plus`, '+' as a space. NULL: malformed. */
char *request_decode(struct arena *arena, const char *text, size_t length, bool plus);

#endif
