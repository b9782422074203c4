// SPDX-License-Identifier: GPL-3.0-or-later
/* A site that is filled from an emulated EM, over plain HTTP; and what EM was asked for. */
#ifndef TESTS_UNIT_FETCH_BENCH_H
#define TESTS_UNIT_FETCH_BENCH_H

#include "base/buf.h"
#include "base/lines.h"
#include "cdp/site.h"
#include "em/client.h"
#include "emulator/emulator.h"

struct bench {
    struct emulator *emulator;
    struct em_client *client;
    struct em_settings settings;
    struct mask mask;
    struct buf trace;
    struct site site;
    struct fault fault; // of the last fetch
};

extern struct bench bench;

/* Starts an EM that plays the scenario, a JSON object, and logs on; bench_stop logs off. */
void bench_start(const char *scenario);
void bench_stop(void);

/* The GETs so far that start with `path` after "/api/". */
int bench_requests(const char *path);

#endif
