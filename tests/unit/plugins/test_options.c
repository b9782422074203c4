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
#define PROBED "-H", "em01", "-u", "monitor", "--probe"
#define EM_ITSELF "-H", "em01", "-u", "monitor", "--em"

enum { MOST = 12, MOST_LINES = 14 };

/* A command line that is refused, and what the one line of the fault must name. */
static const struct {
    const char *words[MOST];
    const char *named;
} bad[] = {
    {{"-v"}, "--hostname"},
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

    // --em judges no VM, so nothing can be narrowed or measured.
    {{"--em"}, "--hostname"},
    {{"-H", "em01", "--em"}, "--username"},
    {{NEEDED, "--em"}, "--vm and --em don't go together"},
    // --probe judges nothing.
    {{"--probe"}, "--hostname"},
    {{"-H", "em01", "--probe"}, "--username"},
    {{NEEDED, "--probe"}, "--probe looks at all of EM: leave out --id, --vm"},
    {{EM_ITSELF, "--probe"}, "--probe looks at all of EM: leave out --id, --vm"},
    {{PROBED, "--input=x"}, "leave out --input"},
    {{PROBED, "--list"}, "leave out --list"},
    {{PROBED, "--sessions-only"}, "leave out --sessions-only"},
    {{PROBED, "--backup-server=a"}, "leave out --backup-server"},
    {{PROBED, "--include-vm=a"}, "leave out --include-vm"},
    {{PROBED, "--exclude-vm=a"}, "leave out --exclude-vm"},
    {{PROBED, "-w1h"}, "leave out --warning and --critical"},
    {{PROBED, "--critical-size=1GB"}, "leave out --warning and --critical"},
    {{PROBED, "--format=passive"}, "--probe goes with --format=text or json"},
    {{PROBED, "--format=openmetrics"}, "--probe goes with --format=text or json"},
    {{PROBED, "--save="}, "--save"},
    {{PROBED, "--save=-"}, "--save needs a file"},
    {{PROBED, "--save=/dev/null"}, "--save: /dev/null is refused: it is not a plain file"},
    {{PROBED, "--save=/nowhere/em.json"},
     "--save: /nowhere/em.json can't be written: No such file"},
    {{EM_ITSELF, "--save=em.json"}, "--save goes with --probe"},
    {{EM_ITSELF, "--all"}, "--em and --all don't go together"},
    {{EM_ITSELF, "--policy=a"}, "--em and --policy don't go together"},
    {{EM_ITSELF, "-i", UUID}, "--em and --id don't go together"},
    {{EM_ITSELF, "--input=x"}, "leave out --input"},
    {{"--em", "--input=-"}, "leave out --input"},
    {{EM_ITSELF, "--sessions-only"}, "leave out --sessions-only"},
    {{EM_ITSELF, "--list"}, "leave out --list"},
    {{EM_ITSELF, "--backup-server=a"}, "leave out --backup-server"},
    {{EM_ITSELF, "--include-vm=a"}, "leave out --include-vm"},
    {{EM_ITSELF, "--exclude-vm=a"}, "leave out --exclude-vm"},
    {{EM_ITSELF, "-w", "1h"}, "leave out --warning and --critical"},
    {{EM_ITSELF, "-c", "1h"}, "leave out --warning and --critical"},
    {{EM_ITSELF, "--warning-age=1d"}, "leave out --warning-age and --critical-age"},
    {{EM_ITSELF, "--critical-age=1d"}, "leave out --warning-age and --critical-age"},
    {{EM_ITSELF, "--critical-size=1TB"}, "leave out --warning-size and --critical-size"},

    // Where nothing is asked for the age of EM's data, a limit on it would look as if it held.
    {{NEEDED, "--sessions-only", "--warning-data-age=1h"}, "--sessions-only asks EM for no data"},
    {{NEEDED, "--sessions-only", "--critical-data-age=1h"}, "--sessions-only asks EM for no data"},
    {{"--input=x", "--critical-data-age=1h"}, "--input asks EM for no data"},
    {{"-H", "em01", "-u", "monitor", "-i", UUID, "--warning-data-age=1h"}, "--id asks EM for no"},
    {{NEEDED, "--warning-data-age="}, "--warning-data-age"},
    {{NEEDED, "--warning-data-age=45x"}, "--warning-data-age"},
    {{NEEDED, "--critical-data-age=1GB"}, "--critical-data-age"},
    {{NEEDED, "--idle-after=1"}, "--idle-after: '1' needs a unit"},
    {{NEEDED, "--idle-after=0s"}, "--idle-after"},
    {{NEEDED, "--idle-after="}, "--idle-after"},
    {{NEEDED, "--idle-after=~:1h"}, "--idle-after"},
    {{NEEDED, "--overdue-after=25"}, "--overdue-after: '25' needs a unit"},
    {{NEEDED, "--overdue-after=x"}, "--overdue-after"},
    {{NEEDED, "--sessions-only=1"}, "--sessions-only takes no value"},
    {{NEEDED, "--em=1"}, "--em takes no value"},
    {{NEEDED, "--map=standstill=ok"}, "a sign (idle, overdue, disabled, uncovered)"},

    // Each VM costs EM a request for its restore points, so it is named, or its policy is.
    {{EM_ITSELF, "--rpo"}, "--em judges no VM: leave out --rpo"},
    {{EM_ITSELF, "--critical-lag=5m"}, "leave out --warning-lag and --critical-lag"},
    {{EM_ITSELF, "--rpo-window=2h"}, "--rpo-window goes with --rpo"},
    {{"-H", "em01", "-u", "monitor", "--all", "--rpo"}, "go with --vm or --policy"},
    {{"-H", "em01", "-u", "monitor", "--all", "--warning-gap=5m"}, "go with --vm or --policy"},
    {{"-H", "em01", "-u", "monitor", "-i", UUID, "--rpo"}, "go with --vm or --policy"},
    {{"--input=x", "--rpo"}, "--input asks EM for no restore points"},
    {{"--input=x", "--vm=a", "--critical-compliance=75:"}, "--input asks EM for no restore points"},
    {{NEEDED, "--sessions-only", "--rpo"}, "--sessions-only asks EM for no restore points"},
    {{NEEDED, "--sessions-only", "--warning-app-age=1d"}, "--sessions-only asks EM for no"},
    {{NEEDED, "--rpo-window=2h"}, "--rpo-window goes with --rpo or a threshold"},
    {{NEEDED, "--rpo", "--rpo-window=7200"}, "--rpo-window: '7200' needs a unit"},
    {{NEEDED, "--rpo", "--rpo-window=0s"}, "--rpo-window"},
    {{NEEDED, "--rpo", "--rpo-window=11w:"}, "--rpo-window"},
    {{NEEDED, "--rpo", "--rpo-window=3651d"}, "--rpo-window"},
    {{NEEDED, "--rpo=1"}, "--rpo takes no value"},
    {{NEEDED, "--rp"}, "--rp"}, // --rpo or --rpo-window
    {{NEEDED, "--warning-lag="}, "--warning-lag"},
    {{NEEDED, "--critical-lag=5%"}, "--critical-lag"},
    {{NEEDED, "--warning-gap=1GB"}, "--warning-gap"},
    {{NEEDED, "--critical-gap=2:1"}, "--critical-gap"},
    {{NEEDED, "--warning-app-age=x"}, "--warning-app-age"},
    {{NEEDED, "--critical-app-age=1d:1h"}, "--critical-app-age"},
    {{NEEDED, "--warning-compliance="}, "--warning-compliance"},
    {{NEEDED, "--warning-compliance=x"}, "--warning-compliance"},
    {{NEEDED, "--warning-compliance=%"}, "--warning-compliance"},
    {{NEEDED, "--warning-compliance=95%%:"}, "--warning-compliance"},
    {{NEEDED, "--warning-compliance=95 %:"}, "--warning-compliance"},
    {{NEEDED, "--critical-compliance=95s:"}, "--critical-compliance"},
    {{NEEDED, "--critical-compliance=95GB:"}, "--critical-compliance"},
    {{NEEDED, "--critical-compliance=100%:95%"}, "--critical-compliance"},

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

/* ---- options as lines of text ---- */

static void add_text_line(struct buf *lines, const char *name, const char *value)
{
    buf_format(lines, "%s=%s\n", name, value != NULL ? value : "none");
}

static void add_connection(struct buf *lines, const struct options *options)
{
    static const char *const families[] = {
        [EM_FAMILY_ANY] = "any", [EM_FAMILY_IPV4] = "ipv4", [EM_FAMILY_IPV6] = "ipv6"};
    const struct em_server *server = &options->em.server;
    add_text_line(lines, "host", server->host);
    buf_format(lines, "port=%d\n", server->port);
    add_text_line(lines, "server", buf_string(&options->server_name));
    add_text_line(lines, "family", families[server->family]);
    add_text_line(lines, "connect-to", server->connect_to);
    add_text_line(lines, "proxy", server->proxy);
    add_text_line(lines, "user", options->em.username);
    add_text_line(lines, "tls",
                  server->plain      ? "none"
                  : server->insecure ? "insecure"
                                     : "verified");
    add_text_line(lines, "tls-min", server->tls_min == EM_TLS_1_3 ? "1.3" : "1.2");
    add_text_line(lines, "pin", server->pinned_pubkey);
    add_text_line(lines, "ca-file", server->ca_file);
    add_text_line(lines, "ca-path", server->ca_path);
}

static void add_outcome(struct buf *lines, const struct options *options)
{
    static const char *const actions[] = {[ACTION_CHECK] = "check",
                                          [ACTION_START] = "start",
                                          [ACTION_HELP] = "help",
                                          [ACTION_VERSION] = "version"};
    static const char *const formats[] = {[FORMAT_TEXT] = "text",
                                          [FORMAT_JSON] = "json",
                                          [FORMAT_OPENMETRICS] = "openmetrics",
                                          [FORMAT_PASSIVE] = "passive"};
    add_text_line(lines, "action", actions[options->action]);
    add_text_line(lines, "probe", options->probe ? "yes" : "no");
    add_text_line(lines, "format", formats[options->format]);
    buf_format(lines, "verbosity=%d\n", options->em.verbosity);
    buf_format(lines, "timeout-ms=%lld\n", (long long)options->timeout.ms);
    for (int kind = FAULT_NONE + 1; kind <= FAULT_INTERNAL; kind++) {
        buf_format(lines, "fault %s=%s\n", fault_kind_name((enum fault_kind)kind),
                   state_words[options->rules.fault_states[kind]]);
    }
}

static void add_names(struct buf *lines, const char *kind, const struct name_list *names)
{
    buf_format(lines, "%s=", kind);
    for (size_t i = 0; i < names->count; i++) {
        buf_format(lines, "%s%s", i > 0 ? "," : "", names->items[i]);
    }
    buf_text(lines, "\n");
}

static void add_scope(struct buf *lines, const struct options *options)
{
    static const char *const kinds[] = {
        [SCOPE_WHOLE] = "whole",   [SCOPE_ID] = "id",   [SCOPE_VM] = "vm",
        [SCOPE_POLICY] = "policy", [SCOPE_ALL] = "all", [SCOPE_EM] = "em"};
    add_text_line(lines, "input", options->input);
    add_names(lines, kinds[options->scope.kind], &options->scope.names);
    add_names(lines, "backup-server", &options->scope.backup_servers);
    add_text_line(lines, "sessions", options->scope.newest_only ? "newest" : "both");
    add_text_line(lines, "asked",
                  options->scope.sessions_only ? "sessions"
                  : options->scope.data_age    ? "all"
                                               : "all but data age");
    buf_format(lines, "since=%.0f\n", options->scope.since_s);
    buf_format(lines, "points=%.0f of %.0f\n", options->scope.points ? options->scope.window_s : 0,
               options->scope.points ? options->scope.points_since_s : 0);
    buf_format(lines, "idle-after=%.0f\n", options->scope.limits.idle_s);
    buf_format(lines, "overdue-after=%.0f\n", options->scope.limits.overdue_s);
}

/* Its range in base units, its text, and which of some values break it. */
static void add_threshold(struct buf *lines, const char *option, const struct threshold *threshold)
{
    static const double samples[] = {0, 0.5};
    buf_format(lines, "%s=", option);
    if (threshold->range != NULL) {
        range_append(lines, threshold->range);
        buf_format(lines, " %s", threshold->text);
    }
    for (int i = 0; threshold->range != NULL && i < COUNT(samples); i++) {
        if (range_is_broken(threshold->range, samples[i])) {
            buf_format(lines, " broken by %g", samples[i]);
        }
    }
    buf_text(lines, "\n");
}

static void add_matrix(struct buf *lines, const struct matrix *matrix)
{
    static const char *const states[] = {"Completed", "InProgress", "Pending", "other"};
    static const char *const results[] = {"Success", "Warning", "Failed", "None", "other"};
    for (int i = 0; i < SESSION_STATES; i++) {
        for (int j = 0; j < RESULTS; j++) {
            const int state = matrix_lookup(matrix, (enum session_state)i, (enum session_result)j);
            buf_format(lines, "%s/%s=%s\n", states[i], results[j], state_words[state]);
        }
    }
}

static void add_signs(struct buf *lines, const struct matrix *matrix)
{
    for (int sign = 0; sign < SIGNS; sign++) {
        add_text_line(lines, sign_words[sign], state_words[matrix->sign[sign]]);
    }
}

/* Of each rule its state, and which of some Reasons it matches. */
static void add_reasons(struct buf *lines, const struct rules *rules)
{
    static const char *const samples[] = {"-a:b-", "a", "xx.", "x."};
    buf_text(lines, "reasons=");
    for (size_t i = 0; i < rules->reason_count; i++) {
        buf_format(lines, "%s%s", i > 0 ? ", " : "", state_words[rules->reasons[i].state]);
        for (int j = 0; j < COUNT(samples); j++) {
            if (pattern_matches(&rules->reasons[i].pattern, samples[j]) == 1) {
                buf_format(lines, " %s", samples[j]);
            }
        }
    }
    buf_text(lines, "\n");
}

static void add_rules(struct buf *lines, const struct rules *rules)
{
    for (int i = 0; i < METRICS; i++) {
        add_threshold(lines, metrics[i].warning_option, &rules->warning[i]);
        add_threshold(lines, metrics[i].critical_option, &rules->critical[i]);
    }
    add_matrix(lines, &rules->matrix);
    add_signs(lines, &rules->matrix);
    add_reasons(lines, rules);
}

/* Whether one of the lines is that. */
static bool has_line(const struct buf *lines, const char *line)
{
    const size_t length = strlen(line);
    for (const char *at = buf_string(lines); *at != '\0'; at = strchr(at, '\n') + 1) {
        if (strncmp(at, line, length) == 0 && at[length] == '\n') {
            return true;
        }
    }
    return false;
}

/* `lines` ends at MOST_LINES or with a NULL. */
static void check_lines(const struct options *options, const char *const lines[])
{
    struct buf all;
    buf_init(&all, 65536);
    add_connection(&all, options);
    add_outcome(&all, options);
    add_scope(&all, options);
    add_rules(&all, &options->rules);
    ck_assert_int_eq(all.failure, BUF_FINE);
    for (int i = 0; i < MOST_LINES && lines[i] != NULL; i++) {
        ck_assert_msg(has_line(&all, lines[i]), "no %s in\n%s", lines[i], buf_string(&all));
    }
    buf_free(&all);
}

/* A command line that is taken, and some of the lines above that it must come to. */
static const struct {
    const char *words[MOST];
    const char *lines[MOST_LINES];
} good[] = {
    {{NEEDED},
     {"port=9398", "server=em01:9398", "tls=verified", "tls-min=1.2", "family=any",
      "connect-to=none", "host=em01", "user=monitor", "timeout-ms=30000", "format=text",
      "verbosity=0", "action=check", "sessions=both", "input=none"}},
    {{NEEDED, "-p", "443"}, {"port=443", "server=em01:443"}},
    {{NEEDED, "--port=65535"}, {"port=65535"}},
    {{NEEDED, "--no-tls"}, {"tls=none", "port=9399", "server=em01:9399"}},
    {{NEEDED, "--no-tls", "-p", "80"}, {"tls=none", "port=80"}},
    {{NEEDED, "-H", "::1"}, {"host=::1", "server=[::1]:9398"}},
    {{NEEDED, "-H", "[fe80::1%eth0]"}, {"host=fe80::1%eth0"}},
    {{NEEDED, "-4"}, {"family=ipv4"}},
    {{NEEDED, "-6"}, {"family=ipv6"}},
    {{NEEDED, "--connect-to=127.0.0.1:9398"}, {"connect-to=127.0.0.1:9398"}},
    {{NEEDED, "--connect-to=[::1]:9398"}, {"connect-to=[::1]:9398"}},
    {{NEEDED, "--proxy=http://127.0.0.1:3128"}, {"proxy=http://127.0.0.1:3128"}},
    {{NEEDED, "-u", "EXAMPLE\\monitor"}, {"user=EXAMPLE\\monitor"}},
    {{NEEDED, "-u", "monitor@example"}, {"user=monitor@example"}},
    {{NEEDED, "--pinned-pubkey=" KEY ";" KEY}, {"pin=" KEY ";" KEY}},
    {{NEEDED, "-k"}, {"tls=insecure"}},
    {{NEEDED, "--tls-min=1.3"}, {"tls-min=1.3"}},
    {{NEEDED, "--tls-min=1.2"}, {"tls-min=1.2"}},
    {{NEEDED, "--ca-file=/", "--ca-path=/"}, {"ca-file=/", "ca-path=/"}},
    {{NEEDED, "-t", "10"}, {"timeout-ms=10000", "fault timeout=unknown"}},
    {{NEEDED, "-t", "0.5:critical"}, {"timeout-ms=500", "fault timeout=critical"}},
    {{NEEDED, "--timeout=60:0"}, {"timeout-ms=60000", "fault timeout=ok"}},
    {{NEEDED, "--timeout=86400:UNKNOWN"}, {"timeout-ms=86400000", "fault timeout=unknown"}},
    {{NEEDED, "--unreachable-result=Critical"},
     {"fault unreachable=critical", "fault tls=critical", "fault server=critical",
      "fault logon=unknown", "fault timeout=unknown"}},
    {{NEEDED, "--empty-result=1"}, {"fault not-found=warning", "fault forbidden=unknown"}},
    {{"-H", "em01", "-u", "m", "-i", UUID, "--id=urn:veeam:CdpReplicaTaskSession:" OTHER_UUID},
     {"id=" UUID "," OTHER_UUID}},
    {{"-H", "em01", "-u", "m", "-i", UUID, "-i", "AD86FED0-4288-47BA-A7AB-0FCA64D3BA5A"},
     {"id=" UUID}},
    {{NEEDED, "--vm=a", "--vm", "b c;d\"e|f", "--vm=a"}, {"vm=srv-db01,a,b c;d\"e|f"}},
    {{"--input=-"}, {"input=-", "whole=", "server="}},
    {{"--input=saved.json", "--vm=a"}, {"input=saved.json", "vm=a"}},
    {{NEEDED, "--backup-server=b1", "--backup-server=b2"}, {"backup-server=b1,b2"}},
    {{NEEDED, "-w", "4h", "-c", "8h"},
     {"--warning=14400 4h", "--critical=28800 8h", "--warning-age=", "--warning-size="}},
    {{NEEDED, "--warning=1:2", "--warning=30m"}, {"--warning=1800 30m"}},
    {{NEEDED, "--warning-age=1d", "--critical-age=1w"},
     {"--warning-age=86400 1d", "--critical-age=604800 1w", "--warning="}},
    {{NEEDED, "--warning-size=1.5KiB", "--critical-size=2TB"},
     {"--warning-size=1536 1.5KiB", "--critical-size=2000000000000 2TB"}},
    {{NEEDED, "--map=Failed=ok,None=warning", "--map=Pending/Failed=2"},
     {"Completed/Failed=ok", "Pending/None=warning", "Pending/Failed=critical"}},
    {{NEEDED, "--reason=ok:a:b", "--reason=CRITICAL:^x{2,3}|y$"},
     {"reasons=ok -a:b-, critical xx."}},
    {{NEEDED, "--no-last-completed"}, {"sessions=newest"}},
    {{NEEDED, "--format=json"}, {"format=json"}},
    {{NEEDED, "--format=json", "--format=text"}, {"format=text"}},
    {{NEEDED, "-v"}, {"verbosity=1"}},
    {{NEEDED, "-vv", "--verbose"}, {"verbosity=3"}},
    {{NEEDED, "-vvvvvv"}, {"verbosity=3"}},
    {{NULL}, {"action=start"}},
    {{"-H", "em01", "-u", "monitor", "--probe"}, {"action=check", "probe=yes", "all="}},
    {{"-h"}, {"action=help"}},
    {{"--version"}, {"action=version"}},
    {{"--help", "--nonsense", "-p", "x"}, {"action=help"}},
    {{NEEDED, "--hostname", "em02", "--vm=--format"}, {"host=em02", "vm=srv-db01,--format"}},
    {{NEEDED, "--proxy=x", "--insecure"}, {"tls=insecure"}},
    {{NEEDED, "-H", "m\xC3\xBCnchen.example"}, {"host=m\xC3\xBCnchen.example"}},
    {{NEEDED, "-w", "@~:0"}, {"--warning=@~:0 @~:0 broken by 0"}},

    // Signs
    {{NEEDED},
     {"idle-after=3600", "overdue-after=0", "since=259200", "idle=warning", "overdue=warning",
      "disabled=warning", "uncovered=warning"}},
    {{NEEDED, "--map=idle=ok,Uncovered=critical", "--map=disabled=3"},
     {"idle=ok", "overdue=warning", "disabled=unknown", "uncovered=critical"}},
    {{NEEDED, "--idle-after=9h", "--overdue-after=2d"},
     {"idle-after=32400", "overdue-after=172800"}},
    {{NEEDED, "--idle-after=30m"}, {"idle-after=1800", "since=259200"}},
    // How far back EM is asked: 3 days beyond the limit.
    {{NEEDED, "--idle-after=9h"}, {"since=345600"}},
    {{NEEDED, "--idle-after=2d"}, {"since=432000"}},
    {{NEEDED, "--idle-after=2d", "--since=30d"}, {"since=2592000"}},
    {{NEEDED, "--idle-after=2d", "--critical-age=4d"}, {"since=604800"}},
    {{NEEDED, "--critical-data-age=30d"}, {"since=259200"}}, // of EM, not of a VM

    // The age of EM's data: asked for unless it is turned off
    {{NEEDED}, {"asked=all", "--warning-data-age=", "--critical-data-age="}},
    {{"-H", "em01", "-u", "m", "--policy=a"}, {"asked=all"}},
    {{"-H", "em01", "-u", "m", "--all"}, {"asked=all", "all="}},
    {{EM_ITSELF}, {"asked=all", "em="}},
    {{EM_ITSELF, "--warning-data-age=30m", "--critical-data-age=3h"},
     {"asked=all", "--warning-data-age=1800 30m", "--critical-data-age=10800 3h"}},
    {{EM_ITSELF, "--snapshot=/"}, {"em="}},
    {{EM_ITSELF, "--map=idle=ok", "--since=7d", "--no-last-completed"}, {"em="}},
    {{NEEDED, "--warning-data-age=1h"}, {"asked=all"}},
    {{NEEDED, "--warning-data-age=~:"}, {"asked=all but data age"}},
    {{NEEDED, "--warning-data-age=0:"}, {"asked=all but data age"}},
    {{NEEDED, "--warning-data-age=~:", "--critical-data-age=~:"}, {"asked=all but data age"}},
    {{NEEDED, "--warning-data-age=~:", "--critical-data-age=3h"}, {"asked=all"}},
    {{NEEDED, "--critical-data-age=~:"}, {"asked=all"}}, // the default holds for a warning
    {{"-H", "em01", "-u", "m", "-i", UUID}, {"asked=all but data age"}},
    {{"--input=-"}, {"asked=all but data age"}},
    {{NEEDED, "--sessions-only"}, {"asked=sessions"}},
    {{NEEDED, "--sessions-only", "--warning-data-age=~:"}, {"asked=sessions"}},

    // Restore points: asked for by --rpo or a threshold, and how far back
    {{NEEDED}, {"points=0 of 0"}},
    {{NEEDED, "--rpo"}, {"points=3600 of 86400", "--warning-lag=", "asked=all"}},
    {{"-H", "em01", "-u", "m", "--policy=a", "--rpo"}, {"points=3600 of 86400", "policy=a"}},
    {{NEEDED, "--warning-lag=1m", "--critical-lag=5m"},
     {"points=3600 of 86400", "--warning-lag=60 1m", "--critical-lag=300 5m", "--warning-gap="}},
    {{NEEDED, "--warning-gap=90", "--critical-gap=12m"},
     {"points=3600 of 86400", "--warning-gap=90 90", "--critical-gap=720 12m", "--warning-lag="}},
    {{NEEDED, "--warning-compliance=95:", "--critical-compliance=75%:"},
     {"points=3600 of 86400", "--warning-compliance=95: 95: broken by 0 broken by 0.5",
      "--critical-compliance=75: 75%: broken by 0 broken by 0.5"}},
    {{NEEDED, "--warning-compliance=@0:99.5%"},
     {"--warning-compliance=@0:99.5 @0:99.5% broken by 0 broken by 0.5"}},
    {{NEEDED, "--rpo", "--rpo-window=1d"}, {"points=86400 of 90000"}},
    {{NEEDED, "--rpo", "--rpo-window=10m"}, {"points=600 of 86400"}},
    {{NEEDED, "--critical-lag=~:"}, {"points=3600 of 86400"}},
    // It reaches an hour beyond a limit on the age of application-consistent points, at least.
    {{NEEDED, "--critical-app-age=1d"}, {"points=3600 of 90000", "--critical-app-age=86400 1d"}},
    {{NEEDED, "--warning-app-age=2d", "--critical-app-age=1d"}, {"points=3600 of 176400"}},
    {{NEEDED, "--critical-app-age=1d", "--rpo-window=1d"}, {"points=86400 of 90000"}},
    {{NEEDED, "--critical-app-age=1d", "--rpo-window=25h"}, {"points=90000 of 93600"}},
    {{NEEDED, "--critical-app-age=1d", "--rpo-window=2d"}, {"points=172800 of 176400"}},
    {{NEEDED, "--critical-app-age=10m"}, {"points=3600 of 86400"}},
    {{NEEDED, "--critical-app-age=0"}, {"points=3600 of 86400"}},
    {{NEEDED, "--critical-app-age=~:"}, {"points=3600 of 86400"}},
    {{NEEDED, "--critical-app-age=99999999w"}, {"points=3600 of 315360000"}},
    {{NEEDED, "--critical-lag=2d"}, {"points=3600 of 176400"}},
    {{NEEDED, "--warning-gap=36h", "--rpo-window=25h"}, {"points=90000 of 133200"}},
    {{NEEDED, "--critical-app-age=30d"},
     {"points=3600 of 2595600", "since=259200"}},     // of no session
    {{NEEDED, "--rpo", "--list"}, {"points=0 of 0"}}, // judges nothing
    {{NEEDED, "--rpo", "--snapshot=/"}, {"points=3600 of 86400"}},
    {{NEEDED, "--rpo", "--map=idle=ok", "--warning-data-age=~:"}, {"points=3600 of 86400"}},
};

START_TEST(accepts)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, good[_i].words);
    ck_assert_msg(read_command(&options, &command, &fault) == 0, "case %d: %s", _i, fault.text);
    check_lines(&options, good[_i].lines);
    options_free(&options);
    command_free(&command);
}
END_TEST

/* --crit is short for three: the others are read all the same. */
START_TEST(what_can_be_read_is_read)
{
    static const char *const words[] = {"--host=em02", "--user=m", "--vm=a", "--form=json",
                                        "--crit=5",    "--crit=5", NULL};
    static const char *const lines[] = {"host=em02", "user=m", "format=json", "--critical=", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, words);
    ck_assert_int_eq(read_command(&options, &command, &fault), -1);
    check_lines(&options, lines);
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
    tcase_add_test(line, what_can_be_read_is_read);
    tcase_add_loop_test(line, accepts_what_is_close_to_a_fault, 0, COUNT(close_calls));
    tcase_add_loop_test(line, the_format_is_known, 0, COUNT(still_json));
    tcase_add_loop_test(line, is_known_before_the_ini_file, 0, COUNT(early));
    tcase_add_test(line, the_first_wrong_option_is_told);
    tcase_add_test(line, no_value_of_an_unknown_option_is_shown);
    tcase_add_test(line, the_environment_names_the_user);
    suite_add_tcase(suite, line);

    return suite;
}
