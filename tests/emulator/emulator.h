// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A Veeam Backup Enterprise Manager (EM) to test against: its REST API as far as CDP sessions need
 * it, over real sockets and TLS, with faults on demand. It shares no code with the program under
 * test. It runs in threads of the process that starts it; README.md has the scenario format.
 *
 * A test that forks (Check's default) and asks for counts must start the emulator in the process
 * that asks, which is what a checked fixture does; from another process, GET /emulator/counts.
 */
#ifndef EMULATOR_EMULATOR_H
#define EMULATOR_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emulator;

enum emulator_casing { EMULATOR_CASING_OF_SCENARIO, EMULATOR_PASCAL, EMULATOR_CAMEL };

/* All zeros: TLS on a free port, one VM, user "monitor", password "secret". */
struct emulator_settings {
    const char *scenario; // a path, or JSON text if it starts with '{'; NULL: a small one
    const char *replay;   // likewise of --save, whose answers are served; NULL: the scenario's
    enum emulator_casing casing;
    bool bom; // UTF-8 BOM before every body, whatever the scenario says
    bool plain_http;
    uint16_t port;                // 0: a free one
    const char *user;             // NULL: the scenario's
    const char *password;         // NULL: the scenario's
    int idle_timeout_seconds;     // 0: 900, as EM
    int64_t clock_offset_seconds; // EM's clock minus this machine's
    bool require_content_length;  // 411 for a logon without it
    int tls_version;              // 12 or 13: that version alone; 0: either

    const char *certificate_host; // NULL: this machine's host name
    bool certificate_host_alone;  // not also localhost, 127.0.0.1 and ::1
    /* From the machine's time; both 0: from a day ago until in a year. */
    int64_t certificate_not_before_seconds;
    int64_t certificate_not_after_seconds;
};

struct emulator_counts {
    unsigned long logons;      // successful
    unsigned long logoffs;     // successful
    unsigned long requests;    // below /api
    unsigned long connections; // that carried at least one request below /api
    unsigned long open_sessions;
    /* Requests that could change something in EM: all but GET, HEAD, the logon, a logoff, and the
       POST whose query is exactly action=intervals; README.md has it exactly. No reset takes them
       back. */
    unsigned long writes;
};

/* Returns when it listens on 127.0.0.1, and on ::1 where there is one. NULL: `error` says why. */
struct emulator *emulator_start(const struct emulator_settings *settings, char *error, size_t size);
/* Closes every connection, waits for the threads, frees all. NULL is fine. */
void emulator_stop(struct emulator *emulator);

uint16_t emulator_port(const struct emulator *emulator);
/* These stay the emulator's; "" without TLS. */
const char *emulator_certificate_pem(const struct emulator *emulator);
const char *emulator_pin(const struct emulator *emulator);

struct emulator_counts emulator_counts(struct emulator *emulator);
/* The last requests below /api, one "METHOD target" a line; the caller frees it. */
char *emulator_log(struct emulator *emulator);
/* Zeroes counts, except writes, and log. Sessions stay open, and played replies go on counting. */
void emulator_reset(struct emulator *emulator);
/* Ends all logon sessions: their tokens get 401. */
void emulator_expire(struct emulator *emulator);
/* Moves EM's clock, so that a test of time-outs need not sleep. */
void emulator_advance(struct emulator *emulator, int64_t seconds);
/* Plays another scenario from now on; logon sessions stay. 0, or -1 and `error`. */
int emulator_play(struct emulator *emulator, const char *scenario, char *error, size_t size);

#endif
