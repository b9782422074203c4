// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/fetch/bench.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { TRACE_LIMIT = 64 * 1024 * 1024 };

struct bench bench;

void bench_start(const char *scenario)
{
    static const struct scope scope = {.kind = SCOPE_ALL};
    char error[512] = "";
    const struct emulator_settings settings = {.scenario = scenario, .plain_http = true};
    bench = (struct bench){.emulator = emulator_start(&settings, error, sizeof error)};
    ck_assert_msg(bench.emulator != NULL, "%s: %s", error, scenario);
    bench.settings = (struct em_settings){
        .server = {.host = "127.0.0.1", .port = emulator_port(bench.emulator), .plain = true},
        .username = "monitor",
        .password = "secret",
        .deadline_ms = clock_monotonic_ms() + 120000, // a busy machine takes a part of it
        .reserve_ms = 1000,
        .stop_descriptor = -1,
        .mask = &bench.mask,
    };
    buf_init(&bench.trace, TRACE_LIMIT);
    ck_assert_int_eq(site_init(&bench.site, &scope, &bench.fault), 0);
    mask_add(&bench.mask, "Tr0ub4dor");
    bench.client = em_client_open(&bench.settings, &bench.trace, &bench.site.notices, &bench.fault);
    ck_assert_msg(bench.client != NULL, "%s", bench.fault.text);
}

void bench_stop(void)
{
    ck_assert_int_eq(em_client_close(bench.client, &bench.fault), 0);
    ck_assert_uint_eq(emulator_counts(bench.emulator).writes, 0);
    emulator_stop(bench.emulator);
    site_free(&bench.site);
    buf_free(&bench.trace);
    mask_free(&bench.mask);
}

int bench_requests(const char *path)
{
    int found = 0;
    char start[128];
    char *log = emulator_log(bench.emulator);
    snprintf(start, sizeof start, "GET /api/%s", path);
    for (const char *at = strstr(log, start); at != NULL; at = strstr(at + 1, start)) {
        found++;
    }
    free(log);
    return found;
}
