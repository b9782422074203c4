// SPDX-License-Identifier: GPL-3.0-or-later
/* What the parts of the running emulator share: emulator.c, exchange.c and control.c. */
#ifndef EMULATOR_SERVER_H
#define EMULATOR_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <microhttpd.h>

#include "emulator/certificate.h"
#include "emulator/emulator.h"
#include "emulator/logons.h"
#include "emulator/replay.h"
#include "emulator/store.h"

enum { LOG_SIZE = 10000, DAEMONS = 2 };

/* A scenario while it is played; requests that still read an old one keep it alive. */
struct world {
    struct store *store;
    int *occurrences; // of each reply, how many requests it matched
    int references;
    pthread_rwlock_t turning; // who reads the store, and who has its fleets rotate
};

/* What a connection was used for below /api. */
struct usage {
    moment first; // when its first request came
    moment last;  // when the last one that was answered was
    unsigned long requests;
};

struct emulator {
    pthread_mutex_t mutex; // guards everything below up to the blank line
    pthread_cond_t stop;
    bool stopping;
    struct world *world;
    struct logons logons;
    struct emulator_counts counts;
    char *log[LOG_SIZE];           // a ring
    size_t logged;                 // entries ever put there
    struct usage usages[LOG_SIZE]; // a ring as well, a connection each
    size_t used;                   // connections ever put there
    size_t forgotten;              // the first so many of them
    moment advanced;
    struct replay *replay; // NULL: the scenario is played

    struct emulator_settings settings;
    char *user;     // of the settings, NULL: the scenario's
    char *password; // likewise
    struct certificate certificate;
    struct MHD_Daemon *daemons[DAEMONS];
    uint16_t port;
};

/*
 * The store as it is now, and when that is. It stays so until it is let go. The caller must not
 * hold the mutex.
 */
const struct store *emulator_read_world(struct emulator *emulator, struct world *world,
                                        moment *now);
void emulator_let_go(struct world *world);

/* EM's time. The caller holds the mutex. */
moment emulator_now(const struct emulator *emulator);

struct world *emulator_take_world(struct emulator *emulator); // the caller holds the mutex
void emulator_give_world(struct emulator *emulator, struct world *world); // and here it does not

/* exchange.c: the callbacks for libmicrohttpd, whose closure is the emulator. */
void *exchange_begin(void *closure, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_handle(void *closure, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **exchange);
void exchange_end(void *closure, struct MHD_Connection *connection, void **exchange,
                  enum MHD_RequestTerminationCode code);
void exchange_connection(void *closure, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code);

/* control.c: what is below /emulator. Returns the HTTP status, *text is the body to free. */
unsigned int control_answer(struct emulator *emulator, const char *method, const char *path,
                            const char *body, char **text);

#endif
