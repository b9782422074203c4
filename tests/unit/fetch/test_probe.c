// SPDX-License-Identifier: GPL-3.0-or-later
/* A probe whose first look at EM, before the logon, shows nothing. */
#include "fetch/probe.h"

#include <check.h>
#include <string.h>

#include "base/clock.h"
#include "em/curl.h"
#include "unit/fetch/bench.h"
#include "unit/suites.h"

static const char scenario[] =
    "{\"vms\": [{\"name\": \"srv-db01\", \"sessions\": [{\"created\": \"-2h\"}]}]}";

static CURLMcode (*real_add_handle)(CURLM *, CURL *);
static int connections;
static int failing; // so many of them

static CURLMcode failing_add_handle(CURLM *multi, CURL *curl)
{
    return connections++ < failing ? CURLM_OUT_OF_MEMORY : real_add_handle(multi, curl);
}

/* Probes the played EM, with the first `fail` connections failing. */
static void look(struct probe *probe, int fail)
{
    static const struct scope scope = {.kind = SCOPE_ALL};
    *probe = (struct probe){.now = clock_utc()};
    real_add_handle = libcurl.multi_add_handle;
    libcurl.multi_add_handle = failing_add_handle;
    connections = 0;
    failing = fail;
    probe_fetch(&bench.settings, &scope, probe, &bench.trace);
    libcurl.multi_add_handle = real_add_handle;
}

static const char *address_of(const struct probe *probe)
{
    const struct probe_line *line = probe_line_of(probe, PROBE_ADDRESS);
    ck_assert_ptr_nonnull(line);
    return probe_text(line, PROBE_ADDRESS_USED);
}

/* What answers the logon has an address. */
START_TEST(looks_again_at_what_answers)
{
    struct probe probe;
    bench_start(scenario);
    for (int fail = 0; fail < 2; fail++) {
        look(&probe, fail);
        ck_assert_msg(probe.fault.kind == FAULT_NONE, "%s", probe.fault.text);
        ck_assert_str_eq(address_of(&probe), "127.0.0.1");
        ck_assert_ptr_nonnull(probe_line_of(&probe, PROBE_TLS));
        probe_free(&probe);
    }
    bench.settings.password = "Tr0ub4dor-is-wrong";
    look(&probe, 1);
    ck_assert_int_eq(probe.fault.kind, FAULT_LOGON);
    ck_assert_str_eq(address_of(&probe), "127.0.0.1");
    probe_free(&probe);
    bench_stop();
}
END_TEST

START_TEST(does_not_look_again_at_nothing)
{
    struct probe probe;
    bench_start(scenario);
    bench.settings.server.port = 1;
    look(&probe, 0);
    ck_assert_int_eq(probe.fault.kind, FAULT_UNREACHABLE);
    ck_assert_str_eq(address_of(&probe), "");
    ck_assert_int_eq(connections, 2); // the look, and the logon
    probe_free(&probe);
    bench.settings.server.port = emulator_port(bench.emulator);
    bench_stop();
}
END_TEST

Suite *probing_suite(void)
{
    Suite *suite = suite_create("probing");
    TCase *tcase = tcase_create("looks");
    tcase_add_test(tcase, looks_again_at_what_answers);
    tcase_add_test(tcase, does_not_look_again_at_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
