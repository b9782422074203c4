// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The emulator, held to what is documented of EM: a small client that asks it through real sockets
 * and TLS. It shares no code with the program under test either.
 */
#ifndef TESTS_UNIT_EMULATOR_CLIENT_H
#define TESTS_UNIT_EMULATOR_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <cJSON.h>
#include <curl/curl.h>

#include "emulator/emulator.h"

#define CLIENT_JSON "Accept: application/json"
#define CLIENT_BASIC "Authorization: Basic bW9uaXRvcjpzZWNyZXQ=" // of monitor:secret
#define CLIENT_NOWHERE "00000000-0000-0000-0000-000000000000"

struct client_answer {
    CURLcode code;
    long status;
    char *headers;
    char *body;
    size_t length;
};

/* The one emulator of a test, and what its client knows. */
struct client {
    struct emulator *emulator;
    CURL *curl;
    struct client_answer answered; // the last answer
    char token_header[256];        // of the last logon, as the next two
    char token[128];
    char session_id[64];
};

extern struct client client;

/* A fixture: the emulator is started by the test. */
void client_set_up(void);
void client_tear_down(void);
void client_start(const struct emulator_settings *settings);
void client_start_scenario(const char *scenario); // over plain HTTP

void client_send_request(CURL *handle, const char *method, const char *path,
                         struct curl_slist *headers, const char *body,
                         struct client_answer *answer);
void client_forget(struct client_answer *answer);
/* Further arguments are header lines up to a NULL. Returns the status, 0 where none came. */
long client_ask(const char *method, const char *path, ...);
void client_log_on(void);
void client_take_token(void); // of the last answer
long client_get(const char *path);
long client_get_xml(const char *path);
/* The entities of that type that match the filter, which may be empty; more parameters may follow.
 */
long client_query(const char *type, const char *filter, const char *more);

/* Of the last answer: a header's value, to free, NULL: none; whether a text is in it; its JSON, to
   delete; how many items the list of that path has, -1: no list; that it is this error of EM. */
char *client_header(const char *name);
bool client_has(const char *part);
cJSON *client_document(void);
int client_count(const char *path);
void client_expect_error(long status, const char *message);

/* The member of the last answer is this JSON, or "absent"; the path as below. */
void client_expect(const char *path, const char *expected);

/* The member of that path, as "Links.0.Rel"; NULL, "(no text)": there is none. */
const cJSON *client_member(const cJSON *json, const char *path);
const char *client_text(const cJSON *json, const char *path);

#endif
