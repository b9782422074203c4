// SPDX-License-Identifier: GPL-3.0-or-later
/* A logon session of Enterprise Manager: what is sent with each request, and what it ends by. */
#ifndef EM_LOGON_H
#define EM_LOGON_H

#include <stdbool.h>
#include <stddef.h>

enum { LOGON_TOKEN_SIZE = 1024, LOGON_ID_SIZE = 64 };

struct em_logon {
    char token[LOGON_TOKEN_SIZE]; // of X-RestSvcSessionId; "": there is no logon session
    char id[LOGON_ID_SIZE];       // its SessionId; "": not known
};

/*
 * Copies a token without the white space around it. False where it does not fit, or has characters
 * with which it could not be sent back as the value of one header.
 */
bool logon_copy_token(char token[LOGON_TOKEN_SIZE], const char *text, size_t length);

/* Whether a text can be the id of a logon session: hexadecimal digits and dashes. */
bool logon_is_id(const char *text);

/*
 * Sets the id to log off by: the SessionId in the body of the logon's answer; where that can't be
 * had, the token, which is the base64 form of the same id. `body` is followed by a NUL that
 * `length` does not count.
 */
void logon_find_id(struct em_logon *logon, const char *body, size_t length);

/* Overwrites it. */
void logon_forget(struct em_logon *logon);

#define cleanup_logon __attribute__((cleanup(logon_forget)))

#endif
