// SPDX-License-Identifier: GPL-3.0-or-later
/* The command line and the environment, good and bad. */
#include "plugins/options.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdp/task_session.h"
#include "monitoring/range.h"
#include "unit/command.h"
#include "unit/suites.h"

#define UUID "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"
#define OTHER_UUID "0c5dbe2d-6d0e-43c1-9b6a-1f7f16d7ac47"
#define KEY "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define NINETY_NINE                                                                                \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaa"
/* What a run against EM needs at least. */
#define NEEDED "-H", "em01", "-u", "monitor", "--vm=srv-db01"

enum { MOST = 12 };

/* A command line that is refused, and what the one line of the fault must name. */
static const struct {
    const char *words[MOST];
    const char *named;
} bad[] = {
    {{NULL}, "--hostname"},
    {{"-u", "monitor", "--vm=a"}, "--hostname"},
    {{"-H", "em01", "--vm=a"}, "--username"},
    {{"-H", "em01", "--vm=a"}, "VEEAM_EM_USERNAME"},
    {{"-H", "em01", "-u", "monitor"}, "--vm"},
    {{"-H", "em01", "-u", "monitor"}, "--id"},

    {{NEEDED, "--hostname="}, "--hostname"},
    {{NEEDED, "-H", "em 01"}, "--hostname"},
    {{NEEDED, "-H", "https://em01"}, "--hostname"},
    {{NEEDED, "-H", "em01/api"}, "--hostname"},
    {{NEEDED, "-H", "em01:9398"}, "--hostname"},
    {{NEEDED, "-H", "[::1]:9398"}, "--hostname"},
    {{NEEDED, "-H", "[::1"}, "--hostname"},
    {{NEEDED, "-H", "[[::1]]"}, "'[[::1]]'"},
    {{NEEDED, "-H", "[em01:1]"}, "'[em01:1]'"},
    {{NEEDED, "-H", "user@em01"}, "--hostname"},
    {{NEEDED, "-H", "em01?x"}, "--hostname"},
    {{NEEDED, "-H", "em01#x"}, "--hostname"},
    {{NEEDED, "-H", "em01\r\nX: y"}, "--hostname"},
    {{NEEDED, "-p", "0"}, "--port"},
    {{NEEDED, "-p", "65536"}, "--port"},
    {{NEEDED, "-p", "-1"}, "--port"},
    {{NEEDED, "-p", "+1"}, "--port"},
    {{NEEDED, "-p", "9398x"}, "--port"},
    {{NEEDED, "-p", " 9398"}, "--port"},
    {{NEEDED, "-p", "0x24b6"}, "--port"},
    {{NEEDED, "-p", "99999999999999999999"}, "--port"},
    {{NEEDED, "--port="}, "--port"},
    {{NEEDED, "--connect-to="}, "--connect-to"},
    {{NEEDED, "--connect-to=:9398"}, "--connect-to"},
    {{NEEDED, "--connect-to=em01:"}, "--connect-to"},
    {{NEEDED, "--connect-to=em01:x"}, "--connect-to"},
    {{NEEDED, "--connect-to=em01:0"}, "--connect-to"},
    {{NEEDED, "--connect-to=em01:65536"}, "--connect-to"},
    {{NEEDED, "--connect-to=em01:9398:1"}, "--connect-to"},
    {{NEEDED, "--connect-to=::1"}, "--connect-to"},
    {{NEEDED, "--connect-to=[]"}, "--connect-to"},
    {{NEEDED, "--connect-to=[::1"}, "--connect-to"},
    {{NEEDED, "--connect-to=[::1]x"}, "--connect-to"},
    {{NEEDED, "--connect-to=em 01"}, "--connect-to"},
    {{NEEDED, "--connect-to=" NINETY_NINE NINETY_NINE NINETY_NINE NINETY_NINE "/x"},
     "--connect-to"},
    {{NEEDED, "--proxy="}, "--proxy"},
    {{NEEDED, "--username="}, "--username"},
    {{NEEDED, "-u", "a:b"}, "--username"},
    {{NEEDED, "--password-file="}, "--password-file"},
    {{NEEDED, "--password="}, "--password"},
    {{NEEDED, "--ca-file="}, "--ca-file"},
    {{NEEDED, "--ca-file=/nonexistent/ca.pem"}, "--ca-file"},
    {{NEEDED, "--ca-path=/nonexistent"}, "--ca-path"},
    {{NEEDED, "--pinned-pubkey="}, "--pinned-pubkey"},
    {{NEEDED, "--pinned-pubkey=sha256//AAAA="}, "--pinned-pubkey"},
    {{NEEDED, "--pinned-pubkey=" KEY ";"}, "--pinned-pubkey"},
    {{NEEDED, "--pinned-pubkey=" KEY ",x"}, "--pinned-pubkey"},
    {{NEEDED, "--pinned-pubkey=/etc/ssl/key.pem"}, "--pinned-pubkey"},
    {{NEEDED, "--tls-min="}, "--tls-min"},
    {{NEEDED, "--tls-min=1.1"}, "--tls-min: '1.1' is not 1.2 or 1.3"},
    {{NEEDED, "--tls-min=1.4"}, "--tls-min"},
    {{NEEDED, "--tls-min=1.30"}, "--tls-min"},
    {{NEEDED, "--insecure=yes"}, "--insecure"},
    {{NEEDED, "--no-tls=1"}, "--no-tls"},

    {{NEEDED, "-t", "0"}, "--timeout"},
    {{NEEDED, "-t", "0.0001"}, "--timeout"},
    {{NEEDED, "-t", "-1"}, "--timeout"},
    {{NEEDED, "-t", "x"}, "--timeout"},
    {{NEEDED, "-t", "10x"}, "--timeout"},
    {{NEEDED, "-t", "1e3"}, "--timeout"},
    {{NEEDED, "-t", "inf"}, "--timeout"},
    {{NEEDED, "-t", "nan"}, "--timeout"},
    {{NEEDED, "-t", "86401"}, "--timeout"},
    {{NEEDED, "-t", "10:"}, "--timeout"},
    {{NEEDED, "-t", ":critical"}, "--timeout"},
    {{NEEDED, "-t", "10:fine"}, "--timeout"},
    {{NEEDED, "-t", "10:4"}, "--timeout"},
    {{NEEDED, "-t", "10:ok:ok"}, "--timeout"},
    {{NEEDED, "--timeout="}, "--timeout"},
    {{NEEDED, "--unreachable-result=fine"}, "--unreachable-result"},
    {{NEEDED, "--unreachable-result="}, "--unreachable-result"},
    {{NEEDED, "--unreachable-result=4"}, "--unreachable-result"},
    {{NEEDED, "--empty-result=nothing"}, "--empty-result"},
    {{NEEDED, "--empty-result=-1"}, "--empty-result"},

    {{NEEDED, "--vm="}, "--vm"},
    {{NEEDED, "-i", UUID}, "--id"},
    {{"-H", "em01", "-u", "monitor", "-i", UUID, "--vm=a"}, "--vm"},
    {{"-H", "em01", "-u", "monitor", "-i", "5"}, "--id"},
    {{"-H", "em01", "-u", "monitor", "-i", ""}, "--id"},
    {{"-H", "em01", "-u", "monitor", "-i", UUID "/x"}, "--id"},
    {{"-H", "em01", "-u", "monitor", "-i", "urn:veeam:CdpReplicaSession:" UUID}, "--id"},
    {{"--input=x", "--vm=a", "-i", UUID}, "--id"},
    {{"--input="}, "--input"},
    {{NEEDED, "--backup-server="}, "--backup-server"},

    {{NEEDED, "--since=3"}, "'3' needs a unit"},
    {{NEEDED, "--since=0"}, "needs a unit"},
    {{NEEDED, "--since", "259200"}, "needs a unit"},
    {{NEEDED, "--since=1.5"}, "needs a unit"},
    {{NEEDED, "--since="}, "--since"},
    {{NEEDED, "--since=d"}, "--since"},

    {{NEEDED, "-w", ""}, "--warning"},
    {{NEEDED, "-w", "x"}, "--warning"},
    {{NEEDED, "-w", "1x"}, "--warning"},
    {{NEEDED, "-w", "8h:4h"}, "--warning"},
    {{NEEDED, "-w", "4 h"}, "--warning"},
    {{NEEDED, "-w", "4GB"}, "--warning"},
    {{NEEDED, "-w", "1:2:3"}, "--warning"},
    {{NEEDED, "-c", "xx"}, "--critical"},
    {{NEEDED, "-c", "~"}, "--critical"},
    {{NEEDED, "-c", "@"}, "--critical"},
    {{NEEDED, "-c", ":"}, "--critical"},
    {{NEEDED, "-c", "4h "}, "--critical"},
    {{NEEDED, "-c", "4H"}, "--critical"},
    {{NEEDED, "--warning-age=2d:1d"}, "--warning-age"},
    {{NEEDED, "--critical-age=1TB"}, "--critical-age"},
    {{NEEDED, "--warning-size=4h"}, "--warning-size"},
    {{NEEDED, "--critical-size=1gb"}, "--critical-size"},
    {{NEEDED, "--map="}, "--map"},
    {{NEEDED, "--map=Failed"}, "--map"},
    {{NEEDED, "--map=Failed=fine"}, "--map"},
    {{NEEDED, "--map=Lost=ok"}, "--map"},
    {{NEEDED, "--reason="}, "--reason"},
    {{NEEDED, "--reason=ok"}, "--reason"},
    {{NEEDED, "--reason=ok:"}, "--reason"},
    {{NEEDED, "--reason=:busy"}, "--reason"},
    {{NEEDED, "--reason=fine:busy"}, "--reason"},
    {{NEEDED, "--reason=ok:("}, "--reason"},
    {{NEEDED, "--reason=ok:[a"}, "--reason"},
    {{NEEDED, "--reason=ok:a{2,1}"}, "--reason"},
    {{NEEDED, "--no-last-completed=1"}, "--no-last-completed"},
    {{NEEDED, "--format="}, "--format: '' is not text, json, openmetrics or passive"},
    {{NEEDED, "--format=xml"}, "--format"},
    {{NEEDED, "--format=JSON"}, "--format"},
    {{NEEDED, "--format=tex"}, "--format"},
    {{NEEDED, "--format=text|json"}, "--format"},
    {{NEEDED, "--perfdata=all"}, "--perfdata: 'all' is not auto, vm, summary or none"},
    {{NEEDED, "--verbose=3"}, "--verbose"},

    {{NEEDED, "--nonsense"}, "--nonsense"},
    {{NEEDED, "--nonsense=5"}, "--nonsense"},
    {{NEEDED, "-x"}, "-x"},
    {{NEEDED, "-vx"}, "-x"},
    {{NEEDED, "--warn=1h"}, "--warn"}, // --warning, --warning-age or --warning-size
    {{NEEDED, "--c=1"}, "--c"},
    {{"--vm=a", "-H", "--password=S3CRET"}, "--hostname needs a value"},
    {{NEEDED, "-w", "--critical=5"}, "--warning needs a value"},
    // Not named: it may be a password that lost its option.
    {{NEEDED, "stray"}, "1 unexpected argument ("},
    {{"stray", NEEDED, "another"}, "2 unexpected arguments ("},
    {{NEEDED, "--", "-v"}, "1 unexpected argument ("},
    {{NEEDED, "-"}, "1 unexpected argument ("},
};

START_TEST(refuses)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, bad[_i].words);
    ck_assert_msg(read_command(&options, &command, &fault) == -1,
                  "case %d is taken: it must name %s", _i, bad[_i].named);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_msg(strstr(fault.text, bad[_i].named) != NULL, "%s is not named: %s", bad[_i].named,
                  fault.text);
    ck_assert_int_eq(options.rules.fault_states[FAULT_USAGE], STATE_UNKNOWN);
    options_free(&options);
    command_free(&command);
}
END_TEST

/* What no session can bear is refused, so that EM is not asked for it in vain. */
START_TEST(no_name_is_longer_than_a_session_bears)
{
    for (int over = 0; over < 2; over++) {
        char word[sizeof "--vm=" + SESSION_TEXT_LIMIT + 1];
        const char *const words[] = {NEEDED, word, NULL};
        struct options options;
        struct command command;
        struct fault fault = {.kind = FAULT_NONE};
        snprintf(word, sizeof word, "--vm=%0*d", SESSION_TEXT_LIMIT + over, 0);
        command_make(&command, words);
        ck_assert_int_eq(read_command(&options, &command, &fault), -over);
        ck_assert_int_eq(fault.kind, over > 0 ? FAULT_USAGE : FAULT_NONE);
        options_free(&options);
        command_free(&command);
    }
}
END_TEST

static void needs_a_value(const char *word, const char *name)
{
    const char *const words[] = {NEEDED, word, NULL};
    char expected[64];
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    snprintf(expected, sizeof expected, "--%s needs a value", name);
    command_make(&command, words);
    ck_assert_int_eq(read_command(&options, &command, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_str_eq(fault.text, expected);
    options_free(&options);
    command_free(&command);
}

START_TEST(names_the_option_without_a_value)
{
    int count = 0;
    for (const struct option_row *row = options_table; row->name != NULL; row++) {
        char word[64];
        if (row->argument == NULL || row->read == NULL) {
            continue;
        }
        snprintf(word, sizeof word, "--%s", row->name);
        needs_a_value(word, row->name);
        snprintf(word, sizeof word, "-%c", row->letter);
        if (row->letter != 0) {
            needs_a_value(word, row->name);
        }
        count++;
    }
    ck_assert_int_gt(count, 30);
}
END_TEST

static bool same(const char *text, const char *expected)
{
    return text != NULL && strcmp(text, expected) == 0;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static bool is_range(const struct threshold *threshold, double start, double end, const char *text)
{
    return threshold->range != NULL && is_near(threshold->range->start, start) &&
           is_near(threshold->range->end, end) && same(threshold->text, text);
}

/* A command line that is taken, and what it must have come to. */
static const struct {
    const char *words[MOST];
    int test;
} good[] = {
    {{NEEDED}, 0},
    {{NEEDED, "-p", "443"}, 1},
    {{NEEDED, "--port=65535"}, 2},
    {{NEEDED, "--no-tls"}, 3},
    {{NEEDED, "--no-tls", "-p", "80"}, 4},
    {{NEEDED, "-H", "::1"}, 5},
    {{NEEDED, "-H", "[fe80::1%eth0]"}, 6},
    {{NEEDED, "-4"}, 7},
    {{NEEDED, "-6"}, 8},
    {{NEEDED, "--connect-to=127.0.0.1:9398"}, 9},
    {{NEEDED, "--connect-to=[::1]:9398"}, 10},
    {{NEEDED, "--proxy=http://127.0.0.1:3128"}, 11},
    {{NEEDED, "-u", "EXAMPLE\\monitor"}, 12},
    {{NEEDED, "-u", "monitor@example"}, 13},
    {{NEEDED, "--pinned-pubkey=" KEY ";" KEY}, 14},
    {{NEEDED, "-k"}, 15},
    {{NEEDED, "--tls-min=1.3"}, 16},
    {{NEEDED, "--tls-min=1.2"}, 17},
    {{NEEDED, "--ca-file=/", "--ca-path=/"}, 18},
    {{NEEDED, "-t", "10"}, 19},
    {{NEEDED, "-t", "0.5:critical"}, 20},
    {{NEEDED, "--timeout=60:0"}, 21},
    {{NEEDED, "--timeout=86400:UNKNOWN"}, 22},
    {{NEEDED, "--unreachable-result=Critical"}, 23},
    {{NEEDED, "--empty-result=1"}, 24},
    {{"-H", "em01", "-u", "m", "-i", UUID, "--id=urn:veeam:CdpReplicaTaskSession:" OTHER_UUID}, 25},
    {{"-H", "em01", "-u", "m", "-i", UUID, "-i", "AD86FED0-4288-47BA-A7AB-0FCA64D3BA5A"}, 26},
    {{NEEDED, "--vm=a", "--vm", "b c;d\"e|f", "--vm=a"}, 27},
    {{"--input=-"}, 28},
    {{"--input=saved.json", "--vm=a"}, 29},
    {{NEEDED, "--backup-server=b1", "--backup-server=b2"}, 30},
    {{NEEDED, "-w", "4h", "-c", "8h"}, 31},
    {{NEEDED, "--warning=1:2", "--warning=30m"}, 32},
    {{NEEDED, "--warning-age=1d", "--critical-age=1w"}, 33},
    {{NEEDED, "--warning-size=1.5KiB", "--critical-size=2TB"}, 34},
    {{NEEDED, "--map=Failed=ok,None=warning", "--map=Pending/Failed=2"}, 35},
    {{NEEDED, "--reason=ok:a:b", "--reason=CRITICAL:^x{2,3}|y$"}, 36},
    {{NEEDED, "--no-last-completed"}, 37},
    {{NEEDED, "--format=json"}, 38},
    {{NEEDED, "--format=json", "--format=text"}, 39},
    {{NEEDED, "-v"}, 40},
    {{NEEDED, "-vv", "--verbose"}, 41},
    {{NEEDED, "-vvvvvv"}, 42},
    {{"-h"}, 43},
    {{"--version"}, 44},
    {{"--help", "--nonsense", "-p", "x"}, 45},
    {{"--host=em02", "--user=m", "--vm=a", "--form=json", "--crit=5", "--crit=5"}, 46},
    {{NEEDED, "--hostname", "em02", "--vm=--format"}, 47},
    {{NEEDED, "--proxy=x", "--insecure"}, 15},
    {{NEEDED, "-H", "m\xC3\xBCnchen.example"}, 48},
    {{NEEDED, "-w", "@~:0"}, 49},
};

static bool connection_is_fine(const struct options *o, int test)
{
    const struct em_server *s = &o->em.server;
    switch (test) {
    case 1:
        return s->port == 443 && same(buf_string(&o->server_name), "em01:443");
    case 2:
        return s->port == 65535;
    case 3:
        return s->plain && s->port == 9399 && same(buf_string(&o->server_name), "em01:9399");
    case 4:
        return s->plain && s->port == 80;
    case 5:
        return same(s->host, "::1") && same(buf_string(&o->server_name), "[::1]:9398");
    case 6:
        return same(s->host, "fe80::1%eth0");
    case 7:
        return s->family == EM_FAMILY_IPV4;
    case 8:
        return s->family == EM_FAMILY_IPV6;
    case 9:
        return same(s->connect_to, "127.0.0.1:9398");
    case 10:
        return same(s->connect_to, "[::1]:9398");
    case 11:
        return same(s->proxy, "http://127.0.0.1:3128");
    case 12:
        return same(o->em.username, "EXAMPLE\\monitor");
    case 13:
        return same(o->em.username, "monitor@example");
    case 14:
        return same(s->pinned_pubkey, KEY ";" KEY);
    case 15:
        return s->insecure && !s->plain;
    case 16:
        return s->tls_min == EM_TLS_1_3;
    case 17:
        return s->tls_min == EM_TLS_1_2;
    case 18:
        return same(s->ca_file, "/") && same(s->ca_path, "/");
    case 48:
        return same(s->host, "m\xC3\xBCnchen.example");
    default:
        return s->port == 9398 && same(buf_string(&o->server_name), "em01:9398") && !s->plain &&
               !s->insecure && s->tls_min == EM_TLS_1_2 && s->family == EM_FAMILY_ANY &&
               s->connect_to == NULL && same(s->host, "em01") && same(o->em.username, "monitor") &&
               o->timeout.ms == 30000 && o->format == FORMAT_TEXT && o->em.verbosity == 0 &&
               o->action == ACTION_CHECK && !o->scope.newest_only && o->input == NULL;
    }
}

static bool outcome_is_fine(const struct options *o, int test)
{
    const int *states = o->rules.fault_states;
    switch (test) {
    case 19:
        return o->timeout.ms == 10000 && states[FAULT_TIMEOUT] == STATE_UNKNOWN;
    case 20:
        return o->timeout.ms == 500 && states[FAULT_TIMEOUT] == STATE_CRITICAL;
    case 21:
        return o->timeout.ms == 60000 && states[FAULT_TIMEOUT] == STATE_OK;
    case 22:
        return o->timeout.ms == 86400000 && states[FAULT_TIMEOUT] == STATE_UNKNOWN;
    case 23:
        return states[FAULT_UNREACHABLE] == STATE_CRITICAL && states[FAULT_TLS] == STATE_CRITICAL &&
               states[FAULT_SERVER] == STATE_CRITICAL && states[FAULT_LOGON] == STATE_UNKNOWN &&
               states[FAULT_TIMEOUT] == STATE_UNKNOWN;
    case 24:
        return states[FAULT_NOT_FOUND] == STATE_WARNING && states[FAULT_FORBIDDEN] == STATE_UNKNOWN;
    case 38:
        return o->format == FORMAT_JSON;
    case 39:
        return o->format == FORMAT_TEXT;
    case 40:
        return o->em.verbosity == 1;
    case 41:
    case 42:
        return o->em.verbosity == 3;
    case 43:
    case 45:
        return o->action == ACTION_HELP;
    case 44:
        return o->action == ACTION_VERSION;
    default: // 46
        return same(o->em.server.host, "em02") && same(o->em.username, "m") &&
               o->format == FORMAT_JSON && o->rules.critical[METRIC_DURATION].range == NULL;
    }
}

static bool names_are(const struct options *o, enum scope_kind kind, const char *const *names,
                      size_t count)
{
    bool fine = o->scope.kind == kind && o->scope.names.count == count;
    for (size_t i = 0; fine && i < count; i++) {
        fine = same(o->scope.names.items[i], names[i]);
    }
    return fine;
}

static bool selection_is_fine(const struct options *o, int test)
{
    static const char *const ids[] = {UUID, OTHER_UUID};
    static const char *const vms[] = {"srv-db01", "a", "b c;d\"e|f"};
    static const char *const option_like[] = {"srv-db01", "--format"};
    switch (test) {
    case 25:
        return names_are(o, SCOPE_ID, ids, 2);
    case 26:
        return names_are(o, SCOPE_ID, ids, 1);
    case 27:
        return names_are(o, SCOPE_VM, vms, 3);
    case 28:
        return same(o->input, "-") && o->scope.kind == SCOPE_WHOLE &&
               same(buf_string(&o->server_name), "");
    case 29:
        return same(o->input, "saved.json") && names_are(o, SCOPE_VM, vms + 1, 1);
    case 30:
        return o->scope.backup_servers.count == 2 && same(o->scope.backup_servers.items[0], "b1") &&
               same(o->scope.backup_servers.items[1], "b2");
    default: // 47
        return same(o->em.server.host, "em02") && names_are(o, SCOPE_VM, option_like, 2);
    }
}

static bool rules_are_fine(const struct options *o, int test)
{
    const struct rules *r = &o->rules;
    switch (test) {
    case 31:
        return is_range(&r->warning[METRIC_DURATION], 0, 14400, "4h") &&
               is_range(&r->critical[METRIC_DURATION], 0, 28800, "8h") &&
               r->warning[METRIC_AGE].range == NULL && r->warning[METRIC_TOTAL_SIZE].range == NULL;
    case 32:
        return is_range(&r->warning[METRIC_DURATION], 0, 1800, "30m");
    case 33:
        return is_range(&r->warning[METRIC_AGE], 0, 86400, "1d") &&
               is_range(&r->critical[METRIC_AGE], 0, 604800, "1w") &&
               r->warning[METRIC_DURATION].range == NULL;
    case 34:
        return is_range(&r->warning[METRIC_TOTAL_SIZE], 0, 1536, "1.5KiB") &&
               is_range(&r->critical[METRIC_TOTAL_SIZE], 0, 2e12, "2TB");
    case 35:
        return matrix_lookup(&r->matrix, SESSION_COMPLETED, RESULT_FAILED) == STATE_OK &&
               matrix_lookup(&r->matrix, SESSION_PENDING, RESULT_NONE) == STATE_WARNING &&
               matrix_lookup(&r->matrix, SESSION_PENDING, RESULT_FAILED) == STATE_CRITICAL;
    case 36:
        return r->reason_count == 2 && r->reasons[0].state == STATE_OK &&
               r->reasons[1].state == STATE_CRITICAL &&
               pattern_matches(&r->reasons[0].pattern, "-a:b-") == 1 &&
               pattern_matches(&r->reasons[0].pattern, "a") == 0 &&
               pattern_matches(&r->reasons[1].pattern, "xx.") == 1 &&
               pattern_matches(&r->reasons[1].pattern, "x.") == 0;
    case 37:
        return o->scope.newest_only;
    default: // 49
        return r->warning[METRIC_DURATION].range != NULL &&
               range_is_broken(r->warning[METRIC_DURATION].range, 0) &&
               !range_is_broken(r->warning[METRIC_DURATION].range, 0.5);
    }
}

static bool is_fine(const struct options *options, int test)
{
    if (test <= 18 || test == 48) {
        return connection_is_fine(options, test);
    }
    if (test <= 24 || (test >= 38 && test <= 46)) {
        return outcome_is_fine(options, test);
    }
    return test <= 30 || test == 47 ? selection_is_fine(options, test)
                                    : rules_are_fine(options, test);
}

START_TEST(accepts)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, good[_i].words);
    const bool ambiguous = good[_i].test == 46; // --crit is short for three
    const int result = read_command(&options, &command, &fault);
    ck_assert_msg(result == (ambiguous ? -1 : 0), "case %d: %s", good[_i].test, fault.text);
    ck_assert_msg(is_fine(&options, good[_i].test), "case %d is read wrong", good[_i].test);
    options_free(&options);
    command_free(&command);
}
END_TEST

/* What is close to one of the faults, and is none. */
static const char *const close_calls[][MOST] = {
    {NEEDED, "-4", "-H", "127.0.0.1"},
    {NEEDED, "-6", "-H", "::1"},
    {NEEDED, "-6", "-H", "[fe80::1%eth0]"},
    {NEEDED, "-6", "-H", "127.0.0.1.example"},
    {NEEDED, "-4", "-H", "fe80.example"},
    // Something else is dialled.
    {NEEDED, "-6", "-H", "127.0.0.1", "--connect-to=em02"},
    {NEEDED, "-6", "-H", "127.0.0.1", "--connect-to=[::1]:9398"},
    {NEEDED, "-4", "-H", "::1", "--connect-to=127.0.0.1:9398"},
    {NEEDED, "-6", "-H", "127.0.0.1", "--proxy=http://proxy:3128"},
    {"--input=-", "-6", "-H", "127.0.0.1"},
    {NEEDED, "--since=90s"},
    {NEEDED, "--since=1.5d"},
    {NEEDED, "--snapshot=/", "--snapshot-age=90"},
    {NEEDED, "-w", "90", "-t", "90"},
};

START_TEST(accepts_what_is_close_to_a_fault)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, close_calls[_i]);
    ck_assert_msg(read_command(&options, &command, &fault) == 0, "%s", fault.text);
    options_free(&options);
    command_free(&command);
}
END_TEST

/* The fault is reported in the format that was asked for, wherever on the line either stands. */
static const char *const still_json[][MOST] = {
    {"--format=json", "-p", "x"},
    {"-p", "x", "--format=json"},
    {"--nonsense", "--format", "json"},
    {"stray", "--format=json"},
    {"-p", "x", "--timeout=0", "stray", "--form=json"},
#ifndef WITH_MONITORING_PLUGINS // whose library ends the program there
    {"--extra-opts=@/nonexistent/plugins.ini", "--format=json"},
#endif
    {"--format=json", "--format=xml"},
    {"--format=json"},
};

START_TEST(the_format_is_known)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, still_json[_i]);
    ck_assert_int_eq(read_command(&options, &command, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_int_eq(options.format, FORMAT_JSON);
    options_free(&options);
    command_free(&command);
}
END_TEST

/* What is known before the ini file is read, which the words name. */
static const struct {
    const char *words[MOST];
    int64_t timeout_ms;
    int state; // of a timeout
    enum format format;
    bool list;
    const char *host, *service;
} early[] = {
    {{"--extra-opts"}, 30000, 3, FORMAT_TEXT, false, NULL, NULL},
    {{"--extra-opts=@x", "-t", "5:critical", "--format=json"},
     5000,
     2,
     FORMAT_JSON,
     false,
     NULL,
     NULL},
    {{"-t5", "--extra-opts", "@x", "--form", "passive", "-H", "[::1]"},
     5000,
     3,
     FORMAT_PASSIVE,
     false,
     "::1",
     NULL},
    {{"--timeout=1.5:0", "-kvH", "em01", "--list", "--passive-service={vm}"},
     1500,
     0,
     FORMAT_TEXT,
     true,
     "em01",
     "{vm}"},
    {{"-t", "5", "-t", "6:ok", "-t", "7"}, 7000, 0, FORMAT_TEXT, false, NULL, NULL},
    // Wrong ones are left to the second reading, and hide none behind them.
    {{"-t", "never", "--format=xml", "--no-such", "x", "-t", "2"},
     2000,
     3,
     FORMAT_TEXT,
     false,
     NULL,
     NULL},
    {{"--vm", "--format=json", "-t", "2"}, 2000, 3, FORMAT_TEXT, false, NULL, NULL},
    {{"--", "--format=json"}, 30000, 3, FORMAT_TEXT, false, NULL, NULL},
    {{"--format"}, 30000, 3, FORMAT_TEXT, false, NULL, NULL},
    {{NULL}, 30000, 3, FORMAT_TEXT, false, NULL, NULL},
};

static bool same_text(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

START_TEST(is_known_before_the_ini_file)
{
    struct options options;
    struct command command;
    command_make(&command, early[_i].words);
    options_init(&options);
    options_read_early(&options, command.argc, command.argv);
    ck_assert_int_eq(options.timeout.ms, early[_i].timeout_ms);
    ck_assert_int_eq(options.rules.fault_states[FAULT_TIMEOUT], early[_i].state);
    ck_assert_int_eq(options.format, early[_i].format);
    ck_assert(options.list == early[_i].list);
    ck_assert(same_text(options.em.server.host, early[_i].host));
    ck_assert(same_text(options.passive_service, early[_i].service));
    // The rest is not read, and no word has moved.
    ck_assert_uint_eq(options.scope.names.count, 0);
    ck_assert_int_eq(options.em.verbosity, 0);
    ck_assert_ptr_null(options.password.text.text);
    for (int i = 0; i + 1 < command.argc; i++) {
        ck_assert_ptr_eq(command.argv[i + 1], command.owned[i + 1]);
    }
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(the_first_wrong_option_is_told)
{
    const char *const words[] = {NEEDED, "-p", "x", "--timeout=0", "stray", "--nonsense", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, words);
    ck_assert_int_eq(read_command(&options, &command, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "--port"));
    ck_assert_ptr_null(strstr(fault.text, "--timeout"));
    options_free(&options);
    command_free(&command);
}
END_TEST

/* A misspelt name may stand before a password. */
START_TEST(no_value_of_an_unknown_option_is_shown)
{
    const char *const words[] = {NEEDED, "--pasword=S3cret", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, words);
    ck_assert_int_eq(read_command(&options, &command, &fault), -1);
    ck_assert_ptr_null(strstr(fault.text, "S3cret"));
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(the_environment_names_the_user)
{
    const char *const words[] = {"-H", "em01", "--vm=a", NULL};
    const char *const over[] = {"-H", "em01", "--vm=a", "-u", "other", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    setenv("VEEAM_EM_USERNAME", "monitor", 1);
    command_make(&command, words);
    ck_assert_int_eq(read_command(&options, &command, &fault), 0);
    ck_assert_str_eq(options.em.username, "monitor");
    options_free(&options);
    command_free(&command);
    command_make(&command, over);
    ck_assert_int_eq(read_command(&options, &command, &fault), 0);
    ck_assert_str_eq(options.em.username, "other");
    options_free(&options);
    command_free(&command);
    static const char *const wrong[] = {"", "a:b"};
    for (int i = 0; i < COUNT(wrong); i++) {
        setenv("VEEAM_EM_USERNAME", wrong[i], 1);
        command_make(&command, words);
        ck_assert_int_eq(read_command(&options, &command, &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_ptr_nonnull(strstr(fault.text, "VEEAM_EM_USERNAME"));
        options_free(&options);
        command_free(&command);
    }
}
END_TEST

Suite *options_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *line = tcase_create("command line");
    tcase_add_checked_fixture(line, clear_environment, clear_environment);
    tcase_add_loop_test(line, refuses, 0, COUNT(bad));
    tcase_add_test(line, no_name_is_longer_than_a_session_bears);
    tcase_add_test(line, names_the_option_without_a_value);
    tcase_add_loop_test(line, accepts, 0, COUNT(good));
    tcase_add_loop_test(line, accepts_what_is_close_to_a_fault, 0, COUNT(close_calls));
    tcase_add_loop_test(line, the_format_is_known, 0, COUNT(still_json));
    tcase_add_loop_test(line, is_known_before_the_ini_file, 0, COUNT(early));
    tcase_add_test(line, the_first_wrong_option_is_told);
    tcase_add_test(line, no_value_of_an_unknown_option_is_shown);
    tcase_add_test(line, the_environment_names_the_user);
    suite_add_tcase(suite, line);

    return suite;
}
