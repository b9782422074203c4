// SPDX-License-Identifier: GPL-3.0-or-later
/* From task sessions to plugin states: rules, thresholds, clocks, faults. */
#include "cdp/judge.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "unit/command.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define NOW "2025-08-14T12:00:00Z"

enum { O = STATE_OK, W = STATE_WARNING, C = STATE_CRITICAL, U = STATE_UNKNOWN };
enum { MOST_SESSIONS = 5, MOST_OPTIONS = 7, H = 3600 };

/* One VM's sessions, as the answer to --vm. */
#define DONE(ended_at) .state = "Completed", .result = "Success", .ended = ended_at
#define RUNS .state = "InProgress", .result = "Success"

static const struct {
    const char *name;
    const char *options[MOST_OPTIONS];
    struct spec sessions[MOST_SESSIONS];
    int state;
    double duration, age, size; // NAN: not known
    const char *why;            // a part of the reasons; NULL: there are none
} cases[] = {
    // The table itself, and rule 4: the newest session and the last completed one.
    {"completed",
     {NULL},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z", .size = "5"}},
     O,
     2 * H,
     H,
     5,
     NULL},
    {"running alone",
     {NULL},
     {{RUNS, .created = "2025-08-14T09:30:00Z", .size = "7"}},
     O,
     9000,
     9000,
     7,
     NULL},
    {"pending alone",
     {NULL},
     {{.state = "Pending", .created = "2025-08-14T11:00:00Z"}},
     O,
     H,
     H,
     NAN,
     NULL},
    {"completed without a result",
     {NULL},
     {{.state = "Completed", .created = "2025-08-14T09:00:00Z", .ended = "2025-08-14T11:00:00Z"}},
     U,
     2 * H,
     H,
     NAN,
     NULL},
    {"unknown state",
     {NULL},
     {{.state = "Paused", .result = "Success", .created = "2025-08-14T11:00:00Z"}},
     U,
     H,
     H,
     NAN,
     NULL},
    {"the failure before a running session",
     {NULL},
     {{RUNS, .created = "2025-08-14T11:00:00Z", .size = "1"},
      {.state = "Completed",
       .result = "Failed",
       .reason = "x",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z",
       .size = "2"}},
     C,
     H,
     H,
     1,
     NULL},
    {"the warning before a pending session",
     {NULL},
     {{.state = "Pending", .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Warning",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     W,
     H,
     H,
     NAN,
     NULL},
    {"the failure before a session of unknown state",
     {"--map=Failed=critical"},
     {{.state = "Paused", .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     H,
     H,
     NAN,
     NULL},
    {"a failure before the last completed session",
     {NULL},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T03:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-13T19:00:00Z",
       .ended = "2025-08-14T03:00:00Z"}},
     O,
     H,
     H,
     NAN,
     NULL},
    {"a failure before a completed newest",
     {NULL},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T03:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-13T19:00:00Z",
       .ended = "2025-08-14T03:00:00Z"}},
     O,
     8 * H,
     H,
     NAN,
     NULL},
    {"several running: the newest and the last completed count",
     {NULL},
     {{.state = "Pending", .created = "2025-08-14T11:30:00Z"},
      {.state = "InProgress", .result = "Failed", .created = "2025-08-14T11:00:00Z"},
      {DONE("2025-08-14T10:00:00Z"), .created = "2025-08-14T03:00:00Z"}},
     O,
     1800,
     2 * H,
     NAN,
     NULL},
    {"several running, none completed",
     {NULL},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {RUNS, .created = "2025-08-14T09:00:00Z"},
      {RUNS, .created = "2025-08-14T10:00:00Z"}},
     O,
     H,
     3 * H,
     NAN,
     NULL},
    {"--no-last-completed",
     {"--no-last-completed"},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T10:00:00Z"}},
     O,
     H,
     2 * H,
     NAN,
     NULL},
    {"--no-last-completed and a failed newest",
     {"--no-last-completed"},
     {{.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T11:00:00Z",
       .ended = "2025-08-14T11:30:00Z"},
      {DONE("2025-08-14T10:00:00Z"), .created = "2025-08-14T03:00:00Z"}},
     C,
     1800,
     1800,
     NAN,
     NULL},
    {"order of the answer does not count",
     {NULL},
     {{.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"},
      {RUNS, .created = "2025-08-14T11:00:00Z"},
      {DONE("2025-08-14T03:00:00Z"), .created = "2025-08-13T19:00:00Z"}},
     C,
     H,
     H,
     NAN,
     NULL},

    // Rule 1: --map.
    {"--map of a pair",
     {"--map=Completed/Failed=warning"},
     {{.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     W,
     2 * H,
     H,
     NAN,
     NULL},
    {"--map of an unlike pair",
     {"--map=InProgress/Failed=warning"},
     {{.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     NULL},
    {"--map twice",
     {"--map=Pending=critical", "--map=none=warning"},
     {{.state = "Pending", .created = "2025-08-14T11:00:00Z"}},
     C,
     H,
     H,
     NAN,
     NULL},
    {"--map holds for the last completed too",
     {"--map=Completed/Failed=ok"},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     O,
     H,
     H,
     NAN,
     NULL},

    // Rule 2: --reason.
    {"--reason down",
     {"--reason=ok:^Snapshot"},
     {{.state = "Completed",
       .result = "Failed",
       .reason = "Snapshot is busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     O,
     2 * H,
     H,
     NAN,
     NULL},
    {"--reason up",
     {"--reason=critical:disk|memory"},
     {{.state = "Completed",
       .result = "Success",
       .reason = "low memory",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     NULL},
    {"--reason that does not match",
     {"--reason=ok:^busy"},
     {{.state = "Completed",
       .result = "Failed",
       .reason = "Snapshot is busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     NULL},
    {"--reason knows case",
     {"--reason=ok:snapshot"},
     {{.state = "Completed",
       .result = "Failed",
       .reason = "Snapshot is busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     NULL},
    {"the first --reason that matches",
     {"--reason=ok:nothing", "--reason=warning:busy", "--reason=critical:Snapshot"},
     {{.state = "Completed",
       .result = "Success",
       .reason = "Snapshot is busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     W,
     2 * H,
     H,
     NAN,
     NULL},
    {"no Reason, no rule",
     {"--reason=critical:.*"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     O,
     2 * H,
     H,
     NAN,
     NULL},
    {"an empty Reason, no rule",
     {"--reason=critical:.*"},
     {{DONE("2025-08-14T11:00:00Z"), .reason = "", .created = "2025-08-14T09:00:00Z"}},
     O,
     2 * H,
     H,
     NAN,
     NULL},
    {"--reason beats --map",
     {"--map=Failed=critical", "--reason=warning:busy"},
     {{.state = "Completed",
       .result = "Failed",
       .reason = "busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     W,
     2 * H,
     H,
     NAN,
     NULL},
    {"--reason holds for one session alone",
     {"--reason=ok:busy"},
     {{.state = "InProgress",
       .result = "Failed",
       .reason = "busy",
       .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .reason = "gone",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     H,
     H,
     NAN,
     NULL},

    // Rule 3: thresholds.
    {"duration at its limit",
     {"-w", "2h", "-c", "4h"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     O,
     2 * H,
     H,
     NAN,
     NULL},
    {"duration over its limit",
     {"-w", "2h", "-c", "4h"},
     {{DONE("2025-08-14T11:00:00.001Z"), .created = "2025-08-14T09:00:00Z"}},
     W,
     2 * H + 0.001,
     3599.999,
     NAN,
     "duration"},
    {"duration critical",
     {"-w", "1h", "-c", "2h"},
     {{RUNS, .created = "2025-08-14T09:00:00Z"}},
     C,
     3 * H,
     3 * H,
     NAN,
     "duration 3h (critical: 2h)"},
    {"duration inside a range",
     {"-c", "@0:5m"},
     {{DONE("2025-08-14T11:05:00Z"), .created = "2025-08-14T11:00:00Z"}},
     C,
     300,
     55 * 60,
     NAN,
     "@0:5m"},
    {"duration below a range",
     {"-w", "1h:"},
     {{DONE("2025-08-14T11:05:00Z"), .created = "2025-08-14T11:00:00Z"}},
     W,
     300,
     55 * 60,
     NAN,
     "1h:"},
    {"critical alone",
     {"-c", "1h"},
     {{RUNS, .created = "2025-08-14T09:00:00Z"}},
     C,
     3 * H,
     3 * H,
     NAN,
     "duration"},
    {"a threshold does not soften",
     {"-w", "1h"},
     {{.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     "duration"},
    {"a threshold beats a --reason",
     {"-c", "1h", "--reason=ok:busy"},
     {{.state = "Completed",
       .result = "Failed",
       .reason = "busy",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     "duration"},
    {"age",
     {"--warning-age=1h", "--critical-age=3h"},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {DONE("2025-08-14T10:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     W,
     H,
     2 * H,
     NAN,
     "age"},
    {"age with none completed",
     {"--critical-age=2h"},
     {{RUNS, .created = "2025-08-14T11:00:00Z"}, {RUNS, .created = "2025-08-14T09:00:00Z"}},
     C,
     H,
     3 * H,
     NAN,
     "age 3h (critical: 2h)"},
    {"age and --no-last-completed",
     {"--critical-age=2h", "--no-last-completed"},
     {{RUNS, .created = "2025-08-14T11:00:00Z"},
      {DONE("2025-08-14T09:00:00Z"), .created = "2025-08-14T08:00:00Z"}},
     C,
     H,
     3 * H,
     NAN,
     "age"},
    {"size",
     {"--warning-size=1GiB", "--critical-size=1TiB"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z", .size = "214748364800"}},
     W,
     2 * H,
     H,
     214748364800.0,
     "total size 200.0 GiB (warning: 1GiB)"},
    {"size of nothing",
     {"--critical-size=1:"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z", .size = "0"}},
     C,
     2 * H,
     H,
     0,
     "total size"},
    {"two broken, the worse counts",
     {"-w", "1h", "--critical-age=30m"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     C,
     2 * H,
     H,
     NAN,
     "duration"},
    {"duration not known",
     {"-w", "1h"},
     {{.state = "Completed", .result = "Success", .created = "2025-08-14T09:00:00Z"}},
     U,
     NAN,
     NAN,
     NAN,
     "--warning"},
    {"duration not known, critical",
     {"-c", "1h"},
     {{.state = "Pending"}},
     U,
     NAN,
     NAN,
     NAN,
     "--critical"},
    {"age not known",
     {"--warning-age=1h"},
     {{.state = "Completed", .result = "Success", .created = "2025-08-14T09:00:00Z"}},
     U,
     NAN,
     NAN,
     NAN,
     "--warning-age"},
    {"age not known, critical",
     {"--critical-age=1h"},
     {{.state = "Completed", .result = "Success"}},
     U,
     NAN,
     NAN,
     NAN,
     "--critical-age"},
    {"size not known",
     {"--warning-size=1TB"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     U,
     2 * H,
     H,
     NAN,
     "--warning-size"},
    {"size not known, critical",
     {"--critical-size=1TB"},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"}},
     U,
     2 * H,
     H,
     NAN,
     "--critical-size"},
    {"not known weighs less than a warning",
     {"--critical-size=1TB"},
     {{.state = "Completed",
       .result = "Warning",
       .created = "2025-08-14T09:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     W,
     2 * H,
     H,
     NAN,
     "--critical-size"},
    {"not known without a threshold",
     {NULL},
     {{.state = "Completed", .result = "Success"}},
     O,
     NAN,
     NAN,
     NAN,
     NULL},

    // Times.
    {"completed without an end",
     {NULL},
     {{.state = "Completed", .result = "Success", .created = "2025-08-14T09:00:00Z"}},
     O,
     NAN,
     NAN,
     NAN,
     NULL},
    {"end before creation",
     {NULL},
     {{DONE("2025-08-14T08:59:59Z"), .created = "2025-08-14T09:00:00Z"}},
     O,
     NAN,
     NAN,
     NAN,
     NULL},
    {"end of year 1",
     {NULL},
     {{DONE("0001-01-01T00:00:00"), .created = "2025-08-14T09:00:00Z"}},
     O,
     NAN,
     NAN,
     NAN,
     NULL},
    {"end of year 1 while it runs",
     {NULL},
     {{RUNS, .ended = "0001-01-01T00:00:00", .created = "2025-08-14T09:00:00Z"}},
     O,
     3 * H,
     3 * H,
     NAN,
     NULL},
    {"no creation", {NULL}, {{DONE("2025-08-14T11:00:00Z")}}, O, NAN, H, NAN, NULL},
    {"5 minutes ahead", {NULL}, {{RUNS, .created = "2025-08-14T12:05:00Z"}}, O, 0, 0, NAN, NULL},
    {"more than 5 minutes ahead",
     {NULL},
     {{RUNS, .created = "2025-08-14T12:05:00.000001Z"}},
     U,
     0,
     0,
     NAN,
     "5m"},
    {"3 hours ahead", {NULL}, {{RUNS, .created = "2025-08-14T15:00:00Z"}}, U, 0, 0, NAN, "3h"},
    {"ahead, and completed before",
     {NULL},
     {{RUNS, .created = "2025-08-14T13:00:00Z"},
      {DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T10:00:00Z"}},
     U,
     0,
     H,
     NAN,
     "1h"},
    {"ahead, and failed",
     {NULL},
     {{RUNS, .created = "2025-08-14T13:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T10:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     0,
     H,
     NAN,
     "1h"},
    {"end a little ahead",
     {NULL},
     {{DONE("2025-08-14T12:02:00Z"), .created = "2025-08-14T12:01:00Z"}},
     O,
     60,
     0,
     NAN,
     NULL},

    // Defects are of one session, and not of the others.
    {"no state",
     {NULL},
     {{.result = "Success", .created = "2025-08-14T11:00:00Z"}},
     U,
     H,
     H,
     NAN,
     NULL},
    {"no state in a session that does not count",
     {NULL},
     {{DONE("2025-08-14T11:00:00Z"), .created = "2025-08-14T09:00:00Z"},
      {.result = "Success", .created = "2025-08-14T03:00:00Z"}},
     O,
     2 * H,
     H,
     NAN,
     NULL},
    {"no state, and a failure before",
     {NULL},
     {{.result = "Success", .created = "2025-08-14T11:00:00Z"},
      {.state = "Completed",
       .result = "Failed",
       .created = "2025-08-14T03:00:00Z",
       .ended = "2025-08-14T11:00:00Z"}},
     C,
     H,
     H,
     NAN,
     NULL},
};

struct judged {
    struct options options;
    struct command command;
    struct scope scope;
    struct site site;
    struct verdict verdict;
};

static void start(struct judged *judged, const char *const options[])
{
    *judged = (struct judged){.scope = {.kind = SCOPE_WHOLE}};
    name_parts(&judged->scope, &judged->site, SCOPE_WHOLE, NULL);
    read_words(&judged->options, &judged->command, options);
}

static void run(struct judged *judged)
{
    struct fault fault = {.kind = FAULT_NONE};
    judged->scope.newest_only = judged->options.scope.newest_only;
    ck_assert_int_eq(judge(&judged->scope, &judged->options.rules, &judged->site, moment(NOW),
                           &judged->verdict, &fault),
                     0);
}

static void finish(struct judged *judged)
{
    verdict_free(&judged->verdict);
    site_free(&judged->site);
    scope_free(&judged->scope);
    options_free(&judged->options);
    command_free(&judged->command);
}

static void add_all(struct judged *judged, const struct spec specs[])
{
    for (int i = 0; i < MOST_SESSIONS; i++) {
        if (specs[i].state != NULL || specs[i].result != NULL) {
            struct spec spec = specs[i];
            spec.vm = spec.vm != NULL ? spec.vm : "srv-db01";
            add_spec(&judged->site.sessions, &spec);
        }
    }
}

static void check_metric(const char *name, const struct vm_verdict *vm, enum metric metric,
                         double expected)
{
    static const char *const names[METRICS] = {"duration", "age", "total size"};
    ck_assert_msg(vm->has_metric[metric] == !isnan(expected), "%s: %s is %sknown", name,
                  names[metric], vm->has_metric[metric] ? "" : "not ");
    ck_assert_msg(isnan(expected) || fabs(vm->metrics[metric] - expected) < 1e-6, "%s: %s is %g",
                  name, names[metric], vm->metrics[metric]);
}

static bool is_told(const struct lines *lines, const char *part)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (strstr(lines->text[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

START_TEST(judges_one_vm)
{
    struct judged judged;
    const char *name = cases[_i].name;
    start(&judged, cases[_i].options);
    add_all(&judged, cases[_i].sessions);
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 1);
    const struct vm_verdict *vm = &judged.verdict.vms[0];
    ck_assert_msg(vm->state == cases[_i].state, "%s: %s", name, state_text(vm->state));
    ck_assert_int_eq(judged.verdict.state, cases[_i].state);
    ck_assert_uint_eq(judged.verdict.counts[cases[_i].state], 1);
    ck_assert_int_eq(judged.verdict.fault.kind, FAULT_NONE);
    check_metric(name, vm, METRIC_DURATION, cases[_i].duration);
    check_metric(name, vm, METRIC_AGE, cases[_i].age);
    check_metric(name, vm, METRIC_TOTAL_SIZE, cases[_i].size);
    if (cases[_i].why == NULL) {
        ck_assert_msg(vm->why.count == 0, "%s: %s", name, vm->why.text[0]);
    } else {
        ck_assert_msg(is_told(&vm->why, cases[_i].why), "%s: '%s' is not told", name,
                      cases[_i].why);
    }
    finish(&judged);
}
END_TEST

/* A metric of the wrong type is dropped with a notice; State and Result stay. */
/* What EM sent, and what whoever writes the pattern has seen of it. */
static const struct {
    const char *reason, *option;
    int state;
} reasons[] = {
    {"Target disk lost\r\n", "--reason=critical:^Target disk lost$", C},
    {"  Target disk lost", "--reason=critical:^Target disk lost$", C},
    {"Target  disk\tlost", "--reason=critical:^Target disk lost$", C},
    {"Target | disk lost", "--reason=critical:^Target disk lost$", C},
    {"Target\xE2\x80\xA8"
     "disk lost",
     "--reason=critical:^Target disk lost$", C},
    {"Target disk lost\r\n", "--reason=critical:lost$", C},
    {"Target disk\xFF", "--reason=critical:^Target disk.$", C},
    {"Target disk\xFF", "--reason=critical:disk\xEF\xBF\xBD$", C},
    {"Target disk lost\r\n", "--reason=critical:^disk", W},
    // As it was sent counts as well.
    {"Target | disk lost", "--reason=critical:Target [|] disk", C},
    {"Target  disk", "--reason=critical:Target  disk", C},
    {"one\ntwo", "--reason=critical:one\ntwo", C},
    {"one\ntwo", "--reason=critical:^two", W},
    // By characters.
    {"Ger\xC3\xA4t \xC3\xB6", "--reason=critical:^Ger.t [\xC3\xB6\xC3\xA4]$", C},
    {"caf\xC3\xA9", "--reason=critical:[\xC3\xA4\xC3\xB6\xC3\xBC]", W},
    {" ", "--reason=critical:x", W},
};

START_TEST(reason_is_matched_as_shown_and_as_sent)
{
    struct judged judged;
    const char *options[] = {reasons[_i].option, NULL};
    const struct spec session = {.state = "Completed",
                                 .result = "Warning",
                                 .reason = reasons[_i].reason,
                                 .created = "2025-08-14T09:00:00Z",
                                 .ended = "2025-08-14T11:00:00Z"};
    start(&judged, options);
    add_spec(&judged.site.sessions, &session);
    run(&judged);
    ck_assert_msg(judged.verdict.state == reasons[_i].state, "%s ~ %s: %s", reasons[_i].option,
                  reasons[_i].reason, state_text(judged.verdict.state));
    finish(&judged);
}
END_TEST

/* A rule that matches the shown text does not come before an earlier one that matches the other. */
START_TEST(the_first_rule_counts_whichever_text_it_matches)
{
    struct judged judged;
    const char *options[] = {"--reason=ok:a  b", "--reason=critical:a b", NULL};
    const struct spec session = {.state = "Completed",
                                 .result = "Warning",
                                 .reason = "a  b",
                                 .created = "2025-08-14T09:00:00Z",
                                 .ended = "2025-08-14T11:00:00Z"};
    start(&judged, options);
    add_spec(&judged.site.sessions, &session);
    run(&judged);
    ck_assert_int_eq(judged.verdict.state, O);
    finish(&judged);
}
END_TEST

START_TEST(odd_metrics_leave_the_state)
{
    static const struct spec odd[MOST_SESSIONS] = {{.state = "Completed",
                                                    .result = "Failed",
                                                    .created = "yesterday",
                                                    .ended = "today",
                                                    .size = "\"large\""}};
    static const char *const options[] = {"-c", "100d", NULL};
    struct judged judged;
    start(&judged, options);
    add_all(&judged, odd);
    run(&judged);
    ck_assert_int_eq(judged.verdict.state, C);
    ck_assert_uint_eq(judged.verdict.oddities.count, 3);
    ck_assert(is_told(&judged.verdict.vms[0].why, "--critical"));
    finish(&judged);
}
END_TEST

/* EM's clock is that far ahead of this host's, which is at NOW. */
static const struct {
    double ahead; // seconds; NAN: it is not known
    struct spec session;
    int state;
    double duration, age;
    const char *notice; // NULL: none
    const char *why;
} clocks[] = {
    {NAN, {RUNS, .created = "2025-08-14T11:30:00Z"}, O, 1800, 1800, NULL, NULL},
    {0, {RUNS, .created = "2025-08-14T11:30:00Z"}, O, 1800, 1800, NULL, NULL},
    {300, {RUNS, .created = "2025-08-14T11:35:00Z"}, O, 1800, 1800, NULL, NULL},
    {-300, {RUNS, .created = "2025-08-14T11:25:00Z"}, O, 1800, 1800, NULL, NULL},
    {301, {RUNS, .created = "2025-08-14T11:35:01Z"}, O, 1800, 1800, "is 5m ahead of this", NULL},
    {-301, {RUNS, .created = "2025-08-14T11:24:59Z"}, O, 1800, 1800, "is 5m behind this", NULL},
    {H, {RUNS, .created = "2025-08-14T12:59:00Z"}, O, 60, 60, "is 1h ahead of this host's", NULL},
    {H,
     {DONE("2025-08-14T12:30:00Z"), .created = "2025-08-14T11:30:00Z"},
     O,
     H,
     1800,
     "is 1h ahead",
     NULL},
    {-24 * H,
     {DONE("2025-08-13T11:00:00Z"), .created = "2025-08-13T09:00:00Z"},
     O,
     2 * H,
     H,
     "is 1d behind this host's",
     NULL},
    {-24 * H,
     {DONE("2025-08-13T02:00:00Z"), .created = "2025-08-13T01:00:00Z"},
     C,
     H,
     10 * H,
     "is 1d behind",
     "age 10h"},
    {H,
     {RUNS, .created = "2025-08-14T13:06:00Z"},
     U,
     0,
     0,
     "is 1h ahead",
     "6m ahead of EM's clock: compare the clocks of EM and the backup server"},
    {0,
     {RUNS, .created = "2025-08-14T12:06:00Z"},
     U,
     0,
     0,
     NULL,
     "6m ahead of EM's clock: compare the clocks of EM and the backup server"},
    {NAN,
     {RUNS, .created = "2025-08-14T12:06:00Z"},
     U,
     0,
     0,
     NULL,
     "6m ahead of this clock: compare the clocks of this host and the backup server"},
};

static void set_clock(struct judged *judged, double ahead)
{
    judged->site.has_clock_offset = !isnan(ahead);
    judged->site.clock_offset = isnan(ahead) ? 0 : (utc_us)ahead * UTC_SECOND;
}

START_TEST(now_is_by_ems_clock)
{
    static const char *const options[] = {"--critical-age=8h", NULL};
    struct judged judged;
    char name[32];
    snprintf(name, sizeof name, "clock %d", _i);
    start(&judged, options);
    set_clock(&judged, clocks[_i].ahead);
    add_all(&judged, (struct spec[MOST_SESSIONS]){clocks[_i].session});
    run(&judged);
    const struct verdict *verdict = &judged.verdict;
    ck_assert_msg(verdict->state == clocks[_i].state, "%s: %s", name, state_text(verdict->state));
    ck_assert(verdict->checked == moment(NOW));
    ck_assert(verdict->site.has_clock_offset == !isnan(clocks[_i].ahead));
    ck_assert(verdict->now == verdict->checked + verdict->site.clock_offset);
    check_metric(name, &verdict->vms[0], METRIC_DURATION, clocks[_i].duration);
    check_metric(name, &verdict->vms[0], METRIC_AGE, clocks[_i].age);
    ck_assert_uint_eq(verdict->notices.count, clocks[_i].notice != NULL ? 1 : 0);
    ck_assert(clocks[_i].notice == NULL || is_told(&verdict->notices, clocks[_i].notice));
    ck_assert_uint_eq(verdict->vms[0].why.count, clocks[_i].why != NULL ? 1 : 0);
    ck_assert(clocks[_i].why == NULL || is_told(&verdict->vms[0].why, clocks[_i].why));
    finish(&judged);
}
END_TEST

/* A fault says the difference as well: it may be what is behind it. */
START_TEST(a_fault_keeps_ems_clock_and_the_notices)
{
    static const char *const options[] = {NULL};
    struct judged judged;
    struct fault fault;
    start(&judged, options);
    set_clock(&judged, -2 * H);
    lines_add(&judged.site.notices, "one before");
    fault_set(&fault, FAULT_PROTOCOL, "what happened");
    judge_fault(&fault, &judged.site, &judged.options.rules, moment(NOW), &judged.verdict);
    ck_assert_uint_eq(judged.verdict.notices.count, 2);
    ck_assert(is_told(&judged.verdict.notices, "one before"));
    ck_assert(is_told(&judged.verdict.notices, "EM's clock is 2h behind this host's"));
    ck_assert(judged.verdict.now == moment("2025-08-14T10:00:00Z"));
    ck_assert(judged.verdict.site.has_clock_offset);
    finish(&judged);
}
END_TEST

#define ID_1 "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"
#define ID_2 "2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"

START_TEST(each_id_is_a_target)
{
    static const struct spec failed[MOST_SESSIONS] = {{.uid = ID_1,
                                                       .state = "Completed",
                                                       .result = "Failed",
                                                       .created = "2025-08-14T03:00:00Z",
                                                       .ended = "2025-08-14T11:00:00Z"}};
    static const struct spec running[MOST_SESSIONS] = {
        {.uid = ID_2, RUNS, .created = "2025-08-14T11:00:00Z"}};
    static const char *const options[] = {NULL};
    struct judged judged;
    start(&judged, options);
    add_all(&judged, failed);
    add_all(&judged, running);
    name_parts(&judged.scope, &judged.site, SCOPE_ID, (const char *const[]){ID_1, ID_2, NULL});
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 2);
    ck_assert_int_eq(judged.verdict.vms[0].state, C);
    ck_assert_int_eq(judged.verdict.vms[1].state, O);
    ck_assert_str_eq(judged.verdict.vms[1].asked, ID_2);
    ck_assert_int_eq(judged.verdict.state, C);
    ck_assert_uint_eq(judged.verdict.counts[C], 1);
    ck_assert_uint_eq(judged.verdict.counts[O], 1);
    finish(&judged);
}
END_TEST

/* One answer with many VMs, as a saved one has. */
START_TEST(one_answer_may_hold_many_vms)
{
    static const struct spec many[MOST_SESSIONS] = {
        {.vm = "b", RUNS, .created = "2025-08-14T11:00:00Z"},
        {.vm = "a", .policy = "P2", .state = "Completed", .result = "Warning"},
        {.vm = "a", .policy = "P1", .state = "Completed", .result = "Success"},
        {.vm = "c", .result = "Success"},
        {.vm = "b", .state = "Completed", .result = "Failed", .created = "2025-08-14T01:00:00Z"}};
    static const char *const options[] = {NULL};
    static const int expected[] = {O, W, C, U};
    struct judged judged;
    start(&judged, options);
    add_all(&judged, many);
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 4);
    for (int i = 0; i < COUNT(expected); i++) {
        ck_assert_int_eq(judged.verdict.vms[i].state, expected[i]);
        ck_assert_uint_eq(judged.verdict.counts[i], 1);
    }
    ck_assert_str_eq(judged.verdict.vms[0].policy, "P1");
    ck_assert_str_eq(judged.verdict.vms[3].vm, "c");
    ck_assert_int_eq(judged.verdict.state, C);
    finish(&judged);
}
END_TEST

static const struct {
    const char *results[4]; // of one VM each, all Completed; "!" is no State
    int state;
} weights[] = {
    {{"Success"}, O},
    {{"Success", "Success"}, O},
    {{"Success", "!"}, U},
    {{"!", "Success"}, U},
    {{"!", "Warning"}, W},
    {{"Warning", "!", "Success"}, W},
    {{"!", "Failed", "Warning"}, C},
    {{"Success", "Warning", "!", "Failed"}, C},
};

START_TEST(the_worst_counts)
{
    static const char *const options[] = {NULL};
    static const char *const names[] = {"a", "b", "c", "d"};
    struct judged judged;
    start(&judged, options);
    for (int i = 0; i < 4 && weights[_i].results[i] != NULL; i++) {
        const bool odd = weights[_i].results[i][0] == '!';
        add_spec(&judged.site.sessions,
                 &(struct spec){.vm = names[i],
                                .state = odd ? NULL : "Completed",
                                .result = odd ? "Success" : weights[_i].results[i]});
    }
    run(&judged);
    ck_assert_int_eq(judged.verdict.state, weights[_i].state);
    finish(&judged);
}
END_TEST

/* What stands in for an answer: a fault of that kind, or a good session of that Result. */
static const struct {
    const char *name;
    const char *options[MOST_OPTIONS];
    enum fault_kind faults[3];
    const char *results[3];
    int states[3];
    size_t count;
    int state;
    enum fault_kind fault; // of the whole run
} faults[] = {
    {"one not found", {NULL}, {FAULT_NOT_FOUND}, {NULL}, {U}, 1, U, FAULT_NOT_FOUND},
    {"--empty-result",
     {"--empty-result=ok"},
     {FAULT_NOT_FOUND},
     {NULL},
     {O},
     1,
     O,
     FAULT_NOT_FOUND},
    {"--empty-result is of that fault alone",
     {"--empty-result=ok"},
     {FAULT_PROTOCOL},
     {NULL},
     {U},
     1,
     U,
     FAULT_PROTOCOL},
    {"a fault beside a good answer",
     {NULL},
     {FAULT_NOT_FOUND, FAULT_NONE},
     {NULL, "Success"},
     {U, O},
     2,
     U,
     FAULT_NONE},
    {"a fault hides no failure",
     {NULL},
     {FAULT_NONE, FAULT_SERVER, FAULT_NONE},
     {"Failed", NULL, "Success"},
     {C, U, O},
     3,
     C,
     FAULT_NONE},
    {"a fault weighs less than a warning",
     {NULL},
     {FAULT_PROTOCOL, FAULT_NONE},
     {NULL, "Warning"},
     {U, W},
     2,
     W,
     FAULT_NONE},
    {"a critical fault",
     {"--unreachable-result=critical"},
     {FAULT_SERVER, FAULT_NONE},
     {NULL, "Warning"},
     {C, W},
     2,
     C,
     FAULT_NONE},
    {"all faulty",
     {"--empty-result=warning", "--unreachable-result=0"},
     {FAULT_SERVER, FAULT_NOT_FOUND, FAULT_UNREACHABLE},
     {NULL},
     {O, W, O},
     3,
     W,
     FAULT_NOT_FOUND}, // what makes the state
    {"the timeout's state",
     {"-t", "10:critical"},
     {FAULT_TIMEOUT, FAULT_NONE},
     {NULL, "Success"},
     {C, O},
     2,
     C,
     FAULT_NONE},
};

START_TEST(faults_are_of_one_answer)
{
    struct judged judged;
    const size_t count = faults[_i].count;
    start(&judged, faults[_i].options);
    const char *names[] = {"a", "b", "c", NULL};
    names[count] = NULL;
    name_parts(&judged.scope, &judged.site, SCOPE_VM, names);
    for (size_t i = 0; i < count; i++) {
        if (faults[_i].faults[i] != FAULT_NONE) {
            fault_set(&judged.site.faults[i], faults[_i].faults[i], "what happened");
        } else {
            add_spec(&judged.site.sessions, &(struct spec){.vm = names[i],
                                                           .state = "Completed",
                                                           .result = faults[_i].results[i]});
        }
    }
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, count);
    ck_assert_int_eq(judged.verdict.state, faults[_i].state);
    ck_assert_int_eq(judged.verdict.fault.kind, faults[_i].fault);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(judged.verdict.vms[i].state == faults[_i].states[i], "%s: answer %zu is %s",
                      faults[_i].name, i, state_text(judged.verdict.vms[i].state));
        ck_assert_int_eq(judged.verdict.vms[i].fault.kind, faults[_i].faults[i]);
        ck_assert_str_eq(judged.verdict.vms[i].vm, names[i]);
    }
    finish(&judged);
}
END_TEST

/* The exit state of a run that a fault ended, by options and kind. */
static const struct {
    const char *option;
    int states[FAULT_INTERNAL + 1];
} exits[] = {
    {"--verbose", {[FAULT_NONE] = U, U, U, U, U, U, U, U, U, U, U, U}},
    {"--unreachable-result=critical",
     {[FAULT_NONE] = U,
      [FAULT_USAGE] = U,
      [FAULT_UNREACHABLE] = C,
      [FAULT_TLS] = C,
      [FAULT_TIMEOUT] = U,
      [FAULT_SERVER] = C,
      [FAULT_LOGON] = U,
      [FAULT_FORBIDDEN] = U,
      [FAULT_NOT_FOUND] = U,
      [FAULT_PROTOCOL] = U,
      [FAULT_TERMINATED] = U,
      [FAULT_INTERNAL] = U}},
    {"--empty-result=ok",
     {[FAULT_NONE] = U,
      [FAULT_USAGE] = U,
      [FAULT_UNREACHABLE] = U,
      [FAULT_TLS] = U,
      [FAULT_TIMEOUT] = U,
      [FAULT_SERVER] = U,
      [FAULT_LOGON] = U,
      [FAULT_FORBIDDEN] = U,
      [FAULT_NOT_FOUND] = O,
      [FAULT_PROTOCOL] = U,
      [FAULT_TERMINATED] = U,
      [FAULT_INTERNAL] = U}},
    {"--timeout=9:warning",
     {[FAULT_NONE] = U,
      [FAULT_USAGE] = U,
      [FAULT_UNREACHABLE] = U,
      [FAULT_TLS] = U,
      [FAULT_TIMEOUT] = W,
      [FAULT_SERVER] = U,
      [FAULT_LOGON] = U,
      [FAULT_FORBIDDEN] = U,
      [FAULT_NOT_FOUND] = U,
      [FAULT_PROTOCOL] = U,
      [FAULT_TERMINATED] = U,
      [FAULT_INTERNAL] = U}},
};

START_TEST(faults_of_the_run_have_states)
{
    const char *const options[] = {exits[_i].option, NULL};
    struct judged judged;
    start(&judged, options);
    for (int kind = FAULT_USAGE; kind <= FAULT_INTERNAL; kind++) {
        struct fault fault;
        struct verdict verdict;
        fault_set(&fault, (enum fault_kind)kind, "what happened");
        judge_fault(&fault, NULL, &judged.options.rules, moment(NOW), &verdict);
        ck_assert_msg(verdict.state == exits[_i].states[kind], "%s: %s is %s", exits[_i].option,
                      fault_kind_name(fault.kind), state_text(verdict.state));
        ck_assert_int_eq((int)verdict.fault.kind, kind);
        ck_assert_str_eq(verdict.fault.text, "what happened");
        ck_assert_uint_eq(verdict.vm_count, 0);
        ck_assert(verdict.now == moment(NOW));
        verdict_free(&verdict);
    }
    finish(&judged);
}
END_TEST

#define DAY 86400.0

/* How far back sessions are looked for, in seconds. */
static const struct {
    const char *options[MOST_OPTIONS];
    double since;
} reaches[] = {
    {{NULL}, 3 * DAY},
    {{"--since=5h"}, 5 * H},
    {{"--critical-age=4d"}, 7 * DAY},
    {{"--critical-age=4d", "--since=2w"}, 14 * DAY},
    {{"--critical-age=4d", "--since=1h"}, 7 * DAY},
    {{"--warning-age=5d", "--critical-age=4d"}, 8 * DAY},
    {{"--warning-age=1d", "--critical-age=2d"}, 5 * DAY},
    {{"--critical-age=26h"}, 5 * DAY}, // whole days
    {{"--critical-age=1"}, 4 * DAY},
    {{"--critical-age=0"}, 3 * DAY},
    {{"--critical-age=1d:4d"}, 7 * DAY},
    {{"--critical-age=~:4d"}, 7 * DAY},
    {{"--critical-age=@1d:4d"}, 7 * DAY},
    {{"--critical-age=@4d:"}, 7 * DAY},
    {{"--critical-age=@~:4d"}, 7 * DAY},
    {{"--critical-age=4d:"}, 3 * DAY}, // is broken by what is younger
    {{"--critical-age=~:"}, 3 * DAY},
    {{"--critical=9d", "--critical-size=1TB"}, 3 * DAY},
    {{"--critical-age=1000w"}, 3650 * DAY},
    {{"--critical-age=99999999999w"}, 3650 * DAY},
};

START_TEST(a_limit_on_the_age_can_be_reached)
{
    struct judged judged;
    start(&judged, reaches[_i].options);
    const double since = judged.options.scope.since_s;
    ck_assert_msg(fabs(since - reaches[_i].since) < 1e-6, "%s: %g days, not %g",
                  reaches[_i].options[0], since / DAY, reaches[_i].since / DAY);
    finish(&judged);
}
END_TEST

static const struct {
    enum metric metric;
    double value;
    const char *shown;
} shown_metrics[] = {
    {METRIC_DURATION, 0, "0s"},
    {METRIC_DURATION, 7980, "2h 13m"},
    {METRIC_AGE, 90061, "1d 1h"},
    {METRIC_TOTAL_SIZE, 0, "0 B"},
    {METRIC_TOTAL_SIZE, 1023, "1023 B"},
    {METRIC_TOTAL_SIZE, 1024, "1.0 KiB"},
    {METRIC_TOTAL_SIZE, 214748364800.0, "200.0 GiB"},
    {METRIC_TOTAL_SIZE, 9223372036854775808.0, "8.0 EiB"},
};

START_TEST(shows_metrics)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    metrics[shown_metrics[_i].metric].append(&shown, shown_metrics[_i].value);
    ck_assert_str_eq(buf_string(&shown), shown_metrics[_i].shown);
}
END_TEST

Suite *judge_suite(void)
{
    Suite *suite = suite_create("judge");
    TCase *all = tcase_create("judge");
    tcase_add_loop_test(all, judges_one_vm, 0, COUNT(cases));
    tcase_add_loop_test(all, reason_is_matched_as_shown_and_as_sent, 0, COUNT(reasons));
    tcase_add_test(all, the_first_rule_counts_whichever_text_it_matches);
    tcase_add_test(all, odd_metrics_leave_the_state);
    tcase_add_loop_test(all, now_is_by_ems_clock, 0, COUNT(clocks));
    tcase_add_test(all, a_fault_keeps_ems_clock_and_the_notices);
    tcase_add_test(all, each_id_is_a_target);
    tcase_add_test(all, one_answer_may_hold_many_vms);
    tcase_add_loop_test(all, the_worst_counts, 0, COUNT(weights));
    tcase_add_loop_test(all, faults_are_of_one_answer, 0, COUNT(faults));
    tcase_add_loop_test(all, faults_of_the_run_have_states, 0, COUNT(exits));
    tcase_add_loop_test(all, shows_metrics, 0, COUNT(shown_metrics));
    tcase_add_loop_test(all, a_limit_on_the_age_can_be_reached, 0, COUNT(reaches));
    suite_add_tcase(suite, all);
    return suite;
}
