// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From task sessions to plugin states: rules, thresholds, clocks, faults. What a finding is in
 * words is tested with the reports.
 */
#include "cdp/judge.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "unit/command.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define NOW "2025-08-14T12:00:00Z"
#define H 3600.0
#define DAY 86400.0

/* Times are hours from NOW on. */
#define MIN (1 / 60.)
#define SEC (1 / 3600.)
#define N NAN // none, or not known
#define YEAR_1 (-INFINITY)

enum { O = STATE_OK, W = STATE_WARNING, C = STATE_CRITICAL, U = STATE_UNKNOWN };
enum { MOST_SESSIONS = 5 };

/*
 * A session: "C F" is Completed and Failed, '?' another State, '-' none; "C F [5]: x" has the
 * TotalSize 5 and the Reason "x".
 */
struct brief {
    const char *what;
    double created, ended;
};

/* Found is what is not the sessions' own states: "duration=W age=C", "ahead=300s idle=W". */
// clang-format off
static const struct {
    const char *name, *options;
    struct brief sessions[MOST_SESSIONS];
    int state;
    double duration, age, size;
    const char *found;
} cases[] = {
    // The table itself, and rule 3: the newest session and the last completed one.
    {"completed", "", {{"C S [5]", -3, -1}}, O, 2, 1, 5, ""},
    {"running alone", "", {{"I S [7]", -2.5, N}}, O, 2.5, 2.5, 7, ""},
    {"pending alone", "", {{"P -", -1, N}}, O, 1, 1, N, ""},
    {"completed without a result", "", {{"C -", -3, -1}}, U, 2, 1, N, ""},
    {"unknown state", "", {{"? S", -1, N}}, U, 1, 1, N, ""},
    {"the failure before a running session", "",
     {{"I S [1]", -1, N}, {"C F [2]: x", -9, -1}}, C, 1, 9, 1, ""},
    {"the warning before a pending session", "", {{"P -", -1, N}, {"C W", -9, -1}}, W, 1, 1, N, ""},
    {"the failure before a session of unknown state", "--map=Failed=critical",
     {{"? -", -1, N}, {"C F", -9, -1}}, C, 1, 9, N, ""},
    {"a failure before the last completed session", "",
     {{"I S", -1, N}, {"C S", -9, -1}, {"C F", -17, -9}}, O, 1, 1, N, ""},
    {"a failure before a completed newest", "",
     {{"C S", -9, -1}, {"C F", -17, -9}}, O, 8, 1, N, ""},
    {"several running: the newest and the last completed count", "",
     {{"P -", -0.5, N}, {"I F", -1, N}, {"C S", -9, -2}}, O, 0.5, 2, N, ""},
    {"several running, none completed", "",
     {{"I S", -1, N}, {"I S", -3, N}, {"I S", -2, N}}, O, 1, 3, N, ""},
    {"--no-last-completed", "--no-last-completed",
     {{"I S", -1, N}, {"C F", -9, -2}}, O, 1, 9, N, ""},
    {"--no-last-completed and a failed newest", "--no-last-completed",
     {{"C F", -1, -0.5}, {"C S", -9, -2}}, C, 0.5, 2, N, ""},
    {"order of the answer does not count", "",
     {{"C F", -9, -1}, {"I S", -1, N}, {"C S", -17, -9}}, C, 1, 9, N, ""},

    // Rule 1: --map.
    {"--map of a pair", "--map=Completed/Failed=warning", {{"C F", -3, -1}}, W, 2, 3, N, ""},
    {"--map of an unlike pair", "--map=InProgress/Failed=warning",
     {{"C F", -3, -1}}, C, 2, 3, N, ""},
    {"--map twice", "--map=Pending=critical --map=none=warning", {{"P -", -1, N}}, C, 1, 1, N, ""},
    {"--map holds for the last completed too", "--map=Completed/Failed=ok",
     {{"I S", -1, N}, {"C F", -9, -1}}, O, 1, 9, N, ""},

    // Rule 2: --reason.
    {"--reason down", "--reason=ok:^Snapshot", {{"C F: Snapshot is busy", -3, -1}}, O, 2, 3, N, ""},
    {"--reason up", "--reason=critical:disk|memory", {{"C S: low memory", -3, -1}}, C, 2, 1, N, ""},
    {"--reason that does not match", "--reason=ok:^busy",
     {{"C F: Snapshot is busy", -3, -1}}, C, 2, 3, N, ""},
    {"--reason knows case", "--reason=ok:snapshot",
     {{"C F: Snapshot is busy", -3, -1}}, C, 2, 3, N, ""},
    {"the first --reason that matches",
     "--reason=ok:nothing --reason=warning:busy --reason=critical:Snapshot",
     {{"C S: Snapshot is busy", -3, -1}}, W, 2, 1, N, ""},
    {"no Reason, no rule", "--reason=critical:.*", {{"C S", -3, -1}}, O, 2, 1, N, ""},
    {"an empty Reason, no rule", "--reason=critical:.*", {{"C S: ", -3, -1}}, O, 2, 1, N, ""},
    {"--reason beats --map", "--map=Failed=critical --reason=warning:busy",
     {{"C F: busy", -3, -1}}, W, 2, 3, N, ""},
    {"--reason holds for one session alone", "--reason=ok:busy",
     {{"I F: busy", -1, N}, {"C F: gone", -9, -1}}, C, 1, 9, N, ""},

    // Rule 4: thresholds.
    {"duration at its limit", "-w 2h -c 4h", {{"C S", -3, -1}}, O, 2, 1, N, ""},
    {"duration over its limit", "-w 2h -c 4h",
     {{"C S", -3, -3599.999 * SEC}}, W, 7200.001 * SEC, 3599.999 * SEC, N, "duration=W"},
    {"duration critical", "-w 1h -c 2h", {{"I S", -3, N}}, C, 3, 3, N, "duration=C"},
    {"duration inside a range", "-c @0:5m",
     {{"C S", -1, -55 * MIN}}, C, 5 * MIN, 55 * MIN, N, "duration=C"},
    {"duration below a range", "-w 1h:",
     {{"C S", -1, -55 * MIN}}, W, 5 * MIN, 55 * MIN, N, "duration=W"},
    {"critical alone", "-c 1h", {{"I S", -3, N}}, C, 3, 3, N, "duration=C"},
    {"a threshold does not soften", "-w 1h", {{"C F", -3, -1}}, C, 2, 3, N, "duration=W"},
    {"a threshold beats a --reason", "-c 1h --reason=ok:busy",
     {{"C F: busy", -3, -1}}, C, 2, 3, N, "duration=C"},
    {"age", "--warning-age=1h --critical-age=3h",
     {{"I S", -1, N}, {"C S", -3, -2}}, W, 1, 2, N, "age=W"},
    {"age with none completed", "--critical-age=2h",
     {{"I S", -1, N}, {"I S", -3, N}}, C, 1, 3, N, "age=C"},
    {"age with none completed, nor known since when", "--critical-age=2h",
     {{"I S", -1, N}, {"I S", -3, N}, {"I S", N, N}}, C, 1, 3, N, "age=C"},
    {"age and --no-last-completed", "--critical-age=2h --no-last-completed",
     {{"I S", -1, N}, {"C S", -4, -3}}, C, 1, 3, N, "age=C"},
    {"size", "--warning-size=1GiB --critical-size=1TiB",
     {{"C S [214748364800]", -3, -1}}, W, 2, 1, 214748364800, "total_size=W"},
    {"size of nothing", "--critical-size=1:", {{"C S [0]", -3, -1}}, C, 2, 1, 0, "total_size=C"},
    {"two broken, the worse counts", "-w 1h --critical-age=30m",
     {{"C S", -3, -1}}, C, 2, 1, N, "duration=W age=C"},
    {"duration not known", "-w 1h", {{"C S", -0.5, N}}, U, N, N, N, "duration=U"},
    {"duration not known, critical", "-c 1h", {{"P -", N, N}}, U, N, N, N, "duration=U"},
    {"age not known", "--warning-age=1h", {{"C S", -0.5, N}}, U, N, N, N, "age=U"},
    {"age not known, critical", "--critical-age=1h",
     {{"I S", -1, N}, {"C S", -3, N}}, U, 1, N, N, "age=U"},
    {"size not known", "--warning-size=1TB", {{"C S", -3, -1}}, U, 2, 1, N, "total_size=U"},
    {"size not known, critical", "--critical-size=1TB",
     {{"C S", -3, -1}}, U, 2, 1, N, "total_size=U"},
    {"not known weighs less than a warning", "--critical-size=1TB",
     {{"C W", -3, -1}}, W, 2, 1, N, "total_size=U"},
    {"not known without a threshold", "", {{"C S", -0.5, N}}, O, N, N, N, ""},

    // Times.
    {"completed without an end", "", {{"C S", -1, N}}, O, N, N, N, ""},
    {"end before creation", "", {{"C S", -1, -3601 * SEC}}, O, N, N, N, ""},
    {"end of year 1", "", {{"C S", -1, YEAR_1}}, O, N, N, N, ""},
    {"end of year 1 while it runs", "", {{"I S", -3, YEAR_1}}, O, 3, 3, N, ""},
    {"no creation", "", {{"C S", N, -1}}, O, N, 1, N, ""},
    {"5 minutes ahead", "", {{"I S", 5 * MIN, N}}, O, 0, 0, N, ""},
    {"more than 5 minutes ahead", "", {{"I S", 300.000001 * SEC, N}}, U, 0, 0, N, "ahead=300s"},
    {"3 hours ahead", "", {{"I S", 3, N}}, U, 0, 0, N, "ahead=10800s"},
    {"ahead, and completed before", "",
     {{"I S", 1, N}, {"C S", -2, -1}}, U, 0, 1, N, "ahead=3600s"},
    {"ahead, and failed", "", {{"I S", 1, N}, {"C F", -2, -1}}, C, 0, 2, N, "ahead=3600s"},
    {"end a little ahead", "", {{"C S", 1 * MIN, 2 * MIN}}, O, 1 * MIN, 0, N, ""},

    // Defects are of one session, and not of the others.
    {"no state", "", {{"- S", -1, N}}, U, 1, 1, N, ""},
    {"no state in a session that does not count", "",
     {{"C S", -3, -1}, {"- S", -9, N}}, O, 2, 1, N, ""},
    {"no state, and a failure before", "", {{"- S", -1, N}, {"C F", -9, -1}}, C, 1, 9, N, ""},
};
// clang-format on

struct judged {
    struct options options;
    struct command command;
    struct scope scope;
    struct site site;
    struct verdict verdict;
};

static void start_with(struct judged *judged, const char *const options[])
{
    *judged = (struct judged){.scope = {.kind = SCOPE_WHOLE}};
    name_parts(&judged->scope, &judged->site, SCOPE_WHOLE, NULL);
    read_words(&judged->options, &judged->command, options);
}

/* The options have blanks between them. */
static void start(struct judged *judged, const char *options)
{
    const char *words[MOST_WORDS] = {NULL};
    char text[256];
    char *place = NULL;
    int count = 0;
    snprintf(text, sizeof text, "%s", options);
    for (char *word = strtok_r(text, " ", &place); word != NULL;
         word = strtok_r(NULL, " ", &place)) {
        words[count++] = word;
    }
    start_with(judged, words);
}

static void run(struct judged *judged)
{
    struct fault fault = {.kind = FAULT_NONE};
    judged->scope.newest_only = judged->options.scope.newest_only;
    judged->scope.limits = judged->options.scope.limits;
    judged->scope.since_s = judged->options.scope.since_s;
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

/* The time as EM writes it; NULL: none. */
static const char *write_time(char text[40], double hours)
{
    if (isnan(hours)) {
        return NULL;
    }
    if (isinf(hours)) {
        return "0001-01-01T00:00:00";
    }
    const utc_us time = moment(NOW) + (utc_us)llround(hours * H * (double)UTC_SECOND);
    const time_t seconds = (time_t)(time / UTC_SECOND);
    struct tm parts;
    const size_t length = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
    snprintf(text + length, 40 - length, ".%06dZ", (int)(time % UTC_SECOND));
    return text;
}

static const char *word_of(char letter)
{
    static const struct {
        char letter;
        const char *word;
    } words[] = {{'C', "Completed"}, {'I', "InProgress"}, {'P', "Pending"}, {'?', "Paused"},
                 {'S', "Success"},   {'W', "Warning"},    {'F', "Failed"},  {'-', NULL}};
    size_t i = 0;
    while (words[i].letter != letter) {
        i++;
    }
    return words[i].word;
}

static void add(struct judged *judged, const char *vm, const char *uid, const struct brief *brief)
{
    char created[40];
    char ended[40];
    char size[40] = "";
    const char *reason = strstr(brief->what, ": ");
    sscanf(brief->what + strlen("C F"), " [%39[^]]]", size);
    add_spec(&judged->site.sessions, &(struct spec){.uid = uid,
                                                    .vm = vm,
                                                    .state = word_of(brief->what[0]),
                                                    .result = word_of(brief->what[2]),
                                                    .created = write_time(created, brief->created),
                                                    .ended = write_time(ended, brief->ended),
                                                    .reason = reason != NULL ? reason + 2 : NULL,
                                                    .size = size[0] != '\0' ? size : NULL});
}

static void check_metric(const char *name, const struct vm_verdict *vm, enum metric metric,
                         double expected)
{
    const struct measure *measure = &vm->measures[metric];
    ck_assert_msg(measure->known == !isnan(expected), "%s: %s is %sknown", name,
                  metrics[metric].word, measure->known ? "" : "not ");
    ck_assert_msg(isnan(expected) || fabs(measure->value - expected) < 1e-6, "%s: %s is %g", name,
                  metrics[metric].word, measure->value);
}

static void append_found(struct buf *text, const struct vm_verdict *vm,
                         const struct finding *finding, utc_us now)
{
    const bool is_unmeasured = finding->kind == FINDING_UNMEASURED;
    buf_text(text, text->length > 0 ? " " : "");
    if (is_unmeasured || finding->kind == FINDING_BREACH) {
        buf_format(text, "%s=%c", metrics[finding->metric].label, "OWCU"[finding->state]);
        ck_assert(is_unmeasured == (finding->state == U));
    } else if (finding->kind == FINDING_AHEAD) {
        const utc_us ahead = task_session_ahead(finding->session, now);
        buf_format(text, "ahead=%.0fs", (double)ahead / (double)UTC_SECOND);
        ck_assert_int_eq(finding->state, U);
    } else if (finding->kind == FINDING_SIGN) {
        buf_format(text, "%s=%c", sign_words[vm->standing.sign], "OWCU"[finding->state]);
        ck_assert(vm->standing.shows_sign);
    } else if (finding->kind == FINDING_LEFT) {
        buf_text(text, "left");
        ck_assert(vm->standing.left && finding->state == O);
    } else {
        buf_format(text, "kind %d", (int)finding->kind);
    }
}

/* What is found of the only VM besides its sessions, which come first. */
static void check_found(const char *name, const struct verdict *verdict, const char *expected)
{
    const struct vm_verdict *vm = &verdict->vms[0];
    cleanup_buf struct buf text;
    size_t next = 0;
    buf_init(&text, 1000);
    while (vm_session(vm, next) != NULL) {
        next++;
    }
    ck_assert_uint_gt(next, 0);
    for (; next < vm->finding_count; next++) {
        append_found(&text, vm, &vm->findings[next], verdict->now);
    }
    ck_assert_msg(strcmp(buf_string(&text), expected) == 0, "%s: found '%s', not '%s'", name,
                  buf_string(&text), expected);
}

static bool has_finding(const struct verdict *verdict, enum finding_kind kind)
{
    bool found = false;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        found = found || verdict->findings[i].kind == kind;
    }
    return found;
}

START_TEST(judges_one_vm)
{
    struct judged judged;
    const char *name = cases[_i].name;
    const double values[VM_METRICS] = {[METRIC_DURATION] = cases[_i].duration * H,
                                       [METRIC_AGE] = cases[_i].age * H,
                                       [METRIC_TOTAL_SIZE] = cases[_i].size};
    start(&judged, cases[_i].options);
    for (int i = 0; i < MOST_SESSIONS && cases[_i].sessions[i].what != NULL; i++) {
        add(&judged, "srv-db01", NULL, &cases[_i].sessions[i]);
    }
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 1);
    const struct vm_verdict *vm = &judged.verdict.vms[0];
    ck_assert_msg(vm->state == cases[_i].state, "%s: %s", name, state_text(vm->state));
    ck_assert_int_eq(judged.verdict.state, cases[_i].state);
    ck_assert_uint_eq(judged.verdict.counts[cases[_i].state], 1);
    ck_assert_ptr_null(judged.verdict.fault);
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        check_metric(name, vm, metric, metric_is_of_points(metric) ? NAN : values[metric]);
    }
    check_found(name, &judged.verdict, cases[_i].found);
    finish(&judged);
}
END_TEST

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
    start_with(&judged, options);
    add_spec(&judged.site.sessions, &(struct spec){.vm = "srv",
                                                   .state = "Completed",
                                                   .result = "Warning",
                                                   .reason = reasons[_i].reason});
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
    start_with(&judged, options);
    add(&judged, "srv", NULL, &(struct brief){"C W: a  b", -3, -1});
    run(&judged);
    ck_assert_int_eq(judged.verdict.state, O);
    finish(&judged);
}
END_TEST

/* A metric of the wrong type is left out, which is found; State and Result stay. */
START_TEST(odd_metrics_leave_the_state)
{
    static const enum session_member members[] = {MEMBER_CREATED, MEMBER_ENDED, MEMBER_TOTAL_SIZE};
    struct judged judged;
    start(&judged, "-c 100d");
    add_spec(&judged.site.sessions, &(struct spec){.vm = "srv",
                                                   .state = "Completed",
                                                   .result = "Failed",
                                                   .created = "yesterday",
                                                   .ended = "today",
                                                   .size = "\"large\""});
    run(&judged);
    const struct vm_verdict *vm = &judged.verdict.vms[0];
    ck_assert_int_eq(judged.verdict.state, C);
    ck_assert_uint_eq(vm->finding_count, 3 + COUNT(members));
    ck_assert_int_eq(vm->findings[1].kind, FINDING_UNMEASURED);
    ck_assert_int_eq(vm->findings[2].kind, FINDING_SIGN); // it is not known since when
    for (int i = 0; i < COUNT(members); i++) {
        ck_assert_int_eq(vm->findings[3 + i].kind, FINDING_ODD);
        ck_assert_int_eq(vm->findings[3 + i].member, members[i]);
    }
    finish(&judged);
}
END_TEST

/* Those without a creation time have no place among the others: all of them speak for the VM. */
START_TEST(sessions_of_unknown_time_speak)
{
    enum { SESSIONS = 50 };
    struct judged judged;
    start(&judged, "-w 1h --warning-age=1h --warning-size=1");
    for (int i = 0; i < SESSIONS; i++) {
        add(&judged, "srv", NULL, &(struct brief){i == SESSIONS / 2 ? "C F" : "I S", N, N});
    }
    run(&judged);
    const struct vm_verdict *vm = &judged.verdict.vms[0];
    ck_assert_uint_eq(judged.verdict.vm_count, 1);
    ck_assert_uint_eq(vm->finding_count, SESSIONS + METRIC_RPO_LAG);
    ck_assert_ptr_nonnull(vm_session(vm, SESSIONS - 1));
    ck_assert_ptr_null(vm_session(vm, SESSIONS));
    ck_assert_int_eq(vm->state, C);
    finish(&judged);
}
END_TEST

/* A session that may be of either of two VMs, and failed, says nothing of either. */
START_TEST(what_is_in_doubt_is_unknown)
{
    struct judged judged;
    static const struct spec sessions[] = {
        {.vm = "a", .policy = "P", .state = "InProgress", .result = "Success"},
        {.vm = "a", .policy = "Q", .state = "InProgress", .result = "Success"},
        {.vm = "a", .state = "Completed", .result = "Failed"},
    };
    start(&judged, "");
    for (int i = 0; i < COUNT(sessions); i++) {
        add_spec(&judged.site.sessions, &sessions[i]);
    }
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 3);
    const struct vm_verdict *vm = &judged.verdict.vms[0];
    ck_assert_ptr_null(vm->policy);
    ck_assert_int_eq(vm->findings[0].state, C);
    ck_assert_int_eq(vm->findings[1].kind, FINDING_DOUBT);
    ck_assert_int_eq(vm->findings[1].doubt, DOUBT_VM);
    ck_assert_int_eq(vm->state, U);
    ck_assert_int_eq(judged.verdict.state, U);
    finish(&judged);
}
END_TEST

/* EM's clock is that far ahead of this host's, which is at NOW. */
// clang-format off
static const struct {
    double ahead; // N: it is not known
    struct brief session;
    int state;
    double duration, age;
    bool is_far;
    const char *found;
} clocks[] = {
    {N, {"I S", -0.5, N}, O, 0.5, 0.5, false, ""},
    {0, {"I S", -0.5, N}, O, 0.5, 0.5, false, ""},
    {5 * MIN, {"I S", -25 * MIN, N}, O, 0.5, 0.5, false, ""},
    {-5 * MIN, {"I S", -35 * MIN, N}, O, 0.5, 0.5, false, ""},
    {301 * SEC, {"I S", -1499 * SEC, N}, O, 0.5, 0.5, true, ""},
    {-301 * SEC, {"I S", -2101 * SEC, N}, O, 0.5, 0.5, true, ""},
    {1, {"I S", 59 * MIN, N}, O, 1 * MIN, 1 * MIN, true, ""},
    {1, {"C S", -0.5, 0.5}, O, 1, 0.5, true, ""},
    {-24, {"C S", -27, -25}, O, 2, 1, true, ""},
    {-24, {"C S", -35, -34}, C, 1, 10, true, "age=C idle=W"},
    {1, {"I S", 66 * MIN, N}, U, 0, 0, true, "ahead=360s"},
    {0, {"I S", 6 * MIN, N}, U, 0, 0, false, "ahead=360s"},
    {N, {"I S", 6 * MIN, N}, U, 0, 0, false, "ahead=360s"},
};
// clang-format on

static void set_clock(struct judged *judged, double ahead)
{
    judged->site.has_clock_offset = !isnan(ahead);
    judged->site.clock_offset = isnan(ahead) ? 0 : (utc_us)llround(ahead * H) * UTC_SECOND;
}

START_TEST(now_is_by_ems_clock)
{
    struct judged judged;
    char name[32];
    snprintf(name, sizeof name, "clock %d", _i);
    start(&judged, "--critical-age=8h");
    set_clock(&judged, clocks[_i].ahead);
    add(&judged, "srv", NULL, &clocks[_i].session);
    run(&judged);
    const struct verdict *verdict = &judged.verdict;
    ck_assert_msg(verdict->state == clocks[_i].state, "%s: %s", name, state_text(verdict->state));
    ck_assert(verdict->checked == moment(NOW));
    ck_assert(verdict->site.has_clock_offset == !isnan(clocks[_i].ahead));
    ck_assert(verdict->now == verdict->checked + verdict->site.clock_offset);
    check_metric(name, &verdict->vms[0], METRIC_DURATION, clocks[_i].duration * H);
    check_metric(name, &verdict->vms[0], METRIC_AGE, clocks[_i].age * H);
    ck_assert_uint_eq(verdict->finding_count, clocks[_i].is_far ? 1 : 0);
    ck_assert(has_finding(verdict, FINDING_CLOCK_OFFSET) == clocks[_i].is_far);
    check_found(name, verdict, clocks[_i].found);
    finish(&judged);
}
END_TEST

/* A fault says the difference as well: it may be what is behind it. */
START_TEST(a_fault_keeps_ems_clock_and_the_notices)
{
    struct judged judged;
    struct fault fault;
    start(&judged, "");
    set_clock(&judged, -2);
    judged.site.trust = SITE_UNVERIFIED;
    judged.site.from_snapshot = true;
    lines_add(&judged.site.notices, "one before");
    fault_set(&fault, FAULT_PROTOCOL, "what happened");
    verdict_of_fault(&fault, &judged.scope, &judged.options.rules, &judged.site, moment(NOW),
                     &judged.verdict);
    const struct verdict *verdict = &judged.verdict;
    ck_assert_uint_eq(verdict->site.notices.count, 1);
    ck_assert_str_eq(verdict->site.notices.text[0], "one before");
    ck_assert_uint_eq(verdict->finding_count, 3);
    ck_assert(has_finding(verdict, FINDING_CLOCK_OFFSET));
    ck_assert(has_finding(verdict, FINDING_UNVERIFIED));
    ck_assert(verdict->now == moment("2025-08-14T10:00:00Z"));
    ck_assert(verdict->site.has_clock_offset && !verdict->site.from_snapshot);
    finish(&judged);
}
END_TEST

/* What is found of the run, by how EM was asked; usage faults have none of it. */
static const struct {
    enum site_trust trust;
    enum fault_kind fault; // FAULT_NONE: a VM is judged
    int found;             // a finding_kind; -1: none
} trusts[] = {
    {SITE_TRUSTED, FAULT_NONE, -1},
    {SITE_UNVERIFIED, FAULT_NONE, FINDING_UNVERIFIED},
    {SITE_UNENCRYPTED, FAULT_NONE, FINDING_UNENCRYPTED},
    {SITE_TRUSTED, FAULT_TIMEOUT, -1},
    {SITE_UNVERIFIED, FAULT_TIMEOUT, FINDING_UNVERIFIED},
    {SITE_UNENCRYPTED, FAULT_PROTOCOL, FINDING_UNENCRYPTED},
    {SITE_UNENCRYPTED, FAULT_USAGE, -1},
};

START_TEST(what_weakens_the_trust_is_found)
{
    struct judged judged;
    start(&judged, "");
    judged.site.trust = trusts[_i].trust;
    if (trusts[_i].fault == FAULT_NONE) {
        add(&judged, "srv", NULL, &(struct brief){"C S", -3, -1});
        run(&judged);
        ck_assert_int_eq(judged.verdict.state, O);
        ck_assert_int_eq(judged.site.trust, trusts[_i].trust);
    } else {
        struct fault fault;
        fault_set(&fault, trusts[_i].fault, "what happened");
        verdict_of_fault(&fault, &judged.scope, &judged.options.rules, &judged.site, moment(NOW),
                         &judged.verdict);
        ck_assert_int_eq(judged.verdict.state, U);
    }
    const struct verdict *verdict = &judged.verdict;
    for (int kind = FINDING_UNENCRYPTED; kind <= FINDING_ASSUMED; kind++) {
        ck_assert(has_finding(verdict, (enum finding_kind)kind) == (kind == trusts[_i].found));
    }
    finish(&judged);
}
END_TEST

#define ID_1 "ad86fed0-4288-47ba-a7ab-0fca64d3ba5a"
#define ID_2 "2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"

START_TEST(each_id_is_a_target)
{
    struct judged judged;
    start(&judged, "");
    add(&judged, "srv-db01", ID_1, &(struct brief){"C F", -9, -1});
    add(&judged, "srv-db01", ID_2, &(struct brief){"I S", -1, N});
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
    static const struct spec many[] = {
        {.vm = "b", .state = "InProgress", .result = "Success", .created = "2025-08-14T11:00:00Z"},
        {.vm = "a", .policy = "P2", .state = "Completed", .result = "Warning"},
        {.vm = "a", .policy = "P1", .state = "InProgress", .result = "Success"},
        {.vm = "c", .result = "Success"},
        {.vm = "b", .state = "Completed", .result = "Failed", .created = "2025-08-14T01:00:00Z"}};
    static const int expected[] = {O, W, C, U};
    struct judged judged;
    start(&judged, "");
    for (int i = 0; i < COUNT(many); i++) {
        add_spec(&judged.site.sessions, &many[i]);
    }
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 4);
    for (int i = 0; i < COUNT(expected); i++) {
        ck_assert_int_eq(judged.verdict.vms[i].state, expected[i]);
        ck_assert_uint_eq(judged.verdict.counts[i], 1);
    }
    ck_assert_str_eq(judged.verdict.vms[0].policy, "P1");
    ck_assert_str_eq(judged.verdict.vms[3].name, "c");
    ck_assert_int_eq(judged.verdict.state, C);
    finish(&judged);
}
END_TEST

/* Some of a run's VMs are judged by the same rules as all of them. */
START_TEST(a_group_is_what_its_vms_come_to)
{
    struct judged judged;
    struct verdict group;
    static const size_t places[] = {0, 2};
    start(&judged, "--critical-age=8h");
    add(&judged, "a", NULL, &(struct brief){"C W [5]", -3, -1});
    add(&judged, "b", NULL, &(struct brief){"C F [7]", -9, -1});
    add(&judged, "c", NULL, &(struct brief){"C S [9]", -3, -2});
    run(&judged);
    ck_assert_int_eq(verdict_of_group(&judged.verdict, places, 2, &group), 0);
    ck_assert_int_eq(group.state, W);
    ck_assert_uint_eq(group.vm_count, 2);
    ck_assert_uint_eq(group.counts[C], 0);
    ck_assert_str_eq(group.vms[1].name, "c");
    ck_assert_uint_eq(verdict_worst(&group), 0);
    ck_assert_double_eq(group.measures[METRIC_AGE].value, 2 * H);
    ck_assert_str_eq(group.measures[METRIC_AGE].critical->text, "8h");
    ck_assert_double_eq(group.measures[METRIC_TOTAL_SIZE].value, 14);
    ck_assert_double_eq(judged.verdict.measures[METRIC_DURATION].value, 8 * H);
    ck_assert_double_eq(judged.verdict.measures[METRIC_TOTAL_SIZE].value, 21);
    verdict_free_group(&group);
    finish(&judged);
}
END_TEST

static const struct {
    const char *results[4]; // of one VM each, all InProgress; "!" is no State
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
    static const char *const names[] = {"a", "b", "c", "d"};
    struct judged judged;
    start(&judged, "");
    for (int i = 0; i < 4 && weights[_i].results[i] != NULL; i++) {
        const bool odd = weights[_i].results[i][0] == '!';
        add_spec(&judged.site.sessions,
                 &(struct spec){.vm = names[i],
                                .state = odd ? NULL : "InProgress",
                                .result = odd ? "Success" : weights[_i].results[i]});
    }
    run(&judged);
    ck_assert_int_eq(judged.verdict.state, weights[_i].state);
    finish(&judged);
}
END_TEST

/* What stands in for an answer: a fault of that kind, or a good session of that Result. */
struct answer {
    enum fault_kind fault;
    const char *result;
    int state;
};

// clang-format off
static const struct {
    const char *name, *options;
    struct answer answers[3];
    int state;
    enum fault_kind fault; // of the whole run
} faults[] = {
    {"one not found", "", {{FAULT_NOT_FOUND, NULL, U}}, U, FAULT_NOT_FOUND},
    {"--empty-result", "--empty-result=ok", {{FAULT_NOT_FOUND, NULL, O}}, O, FAULT_NOT_FOUND},
    {"--empty-result is of that fault alone", "--empty-result=ok",
     {{FAULT_PROTOCOL, NULL, U}}, U, FAULT_PROTOCOL},
    {"a fault beside a good answer", "",
     {{FAULT_NOT_FOUND, NULL, U}, {FAULT_NONE, "Success", O}}, U, FAULT_NONE},
    {"a fault hides no failure", "",
     {{FAULT_NONE, "Failed", C}, {FAULT_SERVER, NULL, U}, {FAULT_NONE, "Success", O}},
     C, FAULT_NONE},
    {"a fault weighs less than a warning", "",
     {{FAULT_PROTOCOL, NULL, U}, {FAULT_NONE, "Warning", W}}, W, FAULT_NONE},
    {"a critical fault", "--unreachable-result=critical",
     {{FAULT_SERVER, NULL, C}, {FAULT_NONE, "Warning", W}}, C, FAULT_NONE},
    {"all faulty: what makes the state", "--empty-result=warning --unreachable-result=0",
     {{FAULT_SERVER, NULL, O}, {FAULT_NOT_FOUND, NULL, W}, {FAULT_UNREACHABLE, NULL, O}},
     W, FAULT_NOT_FOUND},
    {"the timeout's state", "-t 10:critical",
     {{FAULT_TIMEOUT, NULL, C}, {FAULT_NONE, "Success", O}}, C, FAULT_NONE},
};
// clang-format on

static enum fault_kind kind_of(const struct finding *fault)
{
    return fault != NULL ? finding_fault_kind(fault) : FAULT_NONE;
}

START_TEST(faults_are_of_one_answer)
{
    struct judged judged;
    size_t count = 0;
    start(&judged, faults[_i].options);
    const char *names[] = {"a", "b", "c", NULL};
    const struct answer *answers = faults[_i].answers;
    while (count < 3 && (answers[count].fault != FAULT_NONE || answers[count].result != NULL)) {
        count++;
    }
    names[count] = NULL;
    name_parts(&judged.scope, &judged.site, SCOPE_VM, names);
    for (size_t i = 0; i < count; i++) {
        if (answers[i].fault != FAULT_NONE) {
            fault_set(&judged.site.parts[i].fault, answers[i].fault, "what happened");
        } else {
            add_spec(
                &judged.site.sessions,
                &(struct spec){.vm = names[i], .state = "InProgress", .result = answers[i].result});
        }
    }
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, count);
    ck_assert_int_eq(judged.verdict.state, faults[_i].state);
    ck_assert_int_eq(kind_of(judged.verdict.fault), faults[_i].fault);
    for (size_t i = 0; i < count; i++) {
        const struct vm_verdict *vm = &judged.verdict.vms[i];
        ck_assert_msg(vm->state == answers[i].state, "%s: answer %zu is %s", faults[_i].name, i,
                      state_text(vm->state));
        ck_assert_int_eq(kind_of(vm_fault(vm)), answers[i].fault);
        ck_assert_str_eq(vm->name, names[i]);
    }
    finish(&judged);
}
END_TEST

/* What EM has nothing of: a part of the scope each, or all there is. */
START_TEST(what_is_not_there_is_not_found)
{
    struct judged judged;
    start(&judged, "--empty-result=ok");
    add(&judged, "a", NULL, &(struct brief){"C S", -3, -1});
    name_parts(&judged.scope, &judged.site, SCOPE_VM, (const char *const[]){"b", NULL});
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 1);
    const struct finding *missing = vm_fault(&judged.verdict.vms[0]);
    ck_assert_int_eq(missing->kind, FINDING_NOT_FOUND);
    ck_assert_int_eq(missing->state, O);
    ck_assert_str_eq(missing->asked, "b");
    ck_assert_ptr_eq(judged.verdict.fault, missing);
    ck_assert_ptr_null(verdict_unanswered(&judged.verdict));
    finish(&judged);

    start(&judged, "--empty-result=warning");
    name_parts(&judged.scope, &judged.site, SCOPE_ALL, NULL);
    run(&judged);
    ck_assert_uint_eq(judged.verdict.vm_count, 0);
    ck_assert_int_eq(judged.verdict.state, W);
    ck_assert_int_eq(judged.verdict.fault->kind, FINDING_NOT_FOUND);
    ck_assert_int_eq(verdict_fault_state(&judged.verdict), W);
    finish(&judged);
}
END_TEST

/* The exit state of a run that a fault ended: these kinds have that state, all others UNKNOWN. */
static const struct {
    const char *option;
    enum fault_kind kinds[3];
    int state;
} exits[] = {
    {"--verbose", {FAULT_NONE}, U},
    {"--unreachable-result=critical", {FAULT_UNREACHABLE, FAULT_TLS, FAULT_SERVER}, C},
    {"--empty-result=ok", {FAULT_NOT_FOUND}, O},
    {"--timeout=9:warning", {FAULT_TIMEOUT}, W},
};

START_TEST(faults_of_the_run_have_states)
{
    struct judged judged;
    start(&judged, exits[_i].option);
    for (int kind = FAULT_USAGE; kind <= FAULT_INTERNAL; kind++) {
        struct fault fault;
        struct verdict verdict;
        int expected = U;
        for (int i = 0; i < COUNT(exits[_i].kinds); i++) {
            expected = (int)exits[_i].kinds[i] == kind ? exits[_i].state : expected;
        }
        fault_set(&fault, (enum fault_kind)kind, "what happened");
        verdict_of_fault(&fault, &judged.scope, &judged.options.rules, NULL, moment(NOW), &verdict);
        ck_assert_msg(verdict.state == expected, "%s: %s is %s", exits[_i].option,
                      fault_kind_name(fault.kind), state_text(verdict.state));
        ck_assert_int_eq((int)verdict.fault->fault->kind, kind);
        ck_assert_str_eq(verdict.fault->fault->text, "what happened");
        ck_assert_ptr_eq(verdict_unanswered(&verdict), verdict.fault);
        ck_assert_int_eq(finding_fault_kind(verdict.fault), kind);
        ck_assert_uint_eq(verdict.vm_count, 0);
        ck_assert(verdict.now == moment(NOW));
        verdict_free(&verdict);
    }
    finish(&judged);
}
END_TEST

/* What the run knew is in the report of the fault that ended it. */
START_TEST(without_memory_the_site_is_given_back)
{
    struct judged judged;
    struct fault fault = {.kind = FAULT_NONE};
    start(&judged, "");
    add(&judged, "a", NULL, &(struct brief){"C S", -3, -1});
    judged.site.trust = SITE_UNVERIFIED;
    judged.site.clock_offset = (utc_us)H * UTC_SECOND;
    lines_add(&judged.site.notices, "what EM said");
    judged.site.notices.no_memory = true;
    ck_assert_int_eq(judge(&judged.scope, &judged.options.rules, &judged.site, moment(NOW),
                           &judged.verdict, &fault),
                     -1);
    ck_assert_int_eq(fault.kind, FAULT_INTERNAL);
    ck_assert_uint_eq(judged.verdict.vm_count, 0);
    verdict_of_fault(&fault, &judged.scope, &judged.options.rules, &judged.site, moment(NOW),
                     &judged.verdict);
    ck_assert_uint_eq(judged.verdict.finding_count, 3);
    ck_assert_int_eq(judged.verdict.findings[1].kind, FINDING_UNVERIFIED);
    ck_assert_int_eq(judged.verdict.findings[2].kind, FINDING_CLOCK_OFFSET);
    ck_assert_uint_eq(judged.verdict.site.notices.count, 1);
    finish(&judged);
}
END_TEST

/* How far back sessions are looked for, in seconds. */
static const struct {
    const char *options[3];
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

START_TEST(a_limit_on_what_grows_can_be_reached)
{
    struct judged judged;
    start_with(&judged, reaches[_i].options);
    const double since = judged.options.scope.since_s;
    ck_assert_msg(fabs(since - reaches[_i].since) < 1e-6, "%s: %g days, not %g",
                  reaches[_i].options[0], since / DAY, reaches[_i].since / DAY);
    finish(&judged);
}
END_TEST

START_TEST(a_limit_on_each_metric_that_grows_can_be_reached)
{
    const struct metric_row *row = &metrics[_i];
    const char *const limits[] = {row->warning_option, row->critical_option};
    for (int i = 0; i < COUNT(limits); i++) {
        struct judged judged;
        char option[64];
        snprintf(option, sizeof option, "%s=%.0f", limits[i], 4 * DAY);
        start(&judged, option);
        ck_assert_msg(judged.options.scope.since_s == (row->grows ? 7 : 3) * DAY, "%s: %g days",
                      option, judged.options.scope.since_s / DAY);
        finish(&judged);
    }
}
END_TEST

/* The session that is the last one, and the same a day later. */
START_TEST(what_grows_while_a_vm_stands_still_says_so)
{
    static const struct brief last = {"C S [5]", -3, -1};
    static const struct brief a_day_later = {"C S [5]", -27, -25};
    struct judged early;
    struct judged late;
    start(&early, "");
    start(&late, "");
    add(&early, "srv", NULL, &last);
    add(&late, "srv", NULL, &a_day_later);
    run(&early);
    run(&late);
    for (enum metric metric = 0; metric < METRIC_RPO_LAG; metric++) {
        const struct measure *before = &early.verdict.vms[0].measures[metric];
        const struct measure *after = &late.verdict.vms[0].measures[metric];
        ck_assert_msg(before->known && after->known, "%s: give it to these sessions",
                      metrics[metric].word);
        ck_assert_msg((after->value > before->value) == metrics[metric].grows, "%s: %g, then %g",
                      metrics[metric].word, before->value, after->value);
    }
    finish(&early);
    finish(&late);
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
    tcase_add_test(all, sessions_of_unknown_time_speak);
    tcase_add_test(all, what_is_in_doubt_is_unknown);
    tcase_add_loop_test(all, now_is_by_ems_clock, 0, COUNT(clocks));
    tcase_add_test(all, a_fault_keeps_ems_clock_and_the_notices);
    tcase_add_loop_test(all, what_weakens_the_trust_is_found, 0, COUNT(trusts));
    tcase_add_test(all, each_id_is_a_target);
    tcase_add_test(all, one_answer_may_hold_many_vms);
    tcase_add_test(all, a_group_is_what_its_vms_come_to);
    tcase_add_loop_test(all, the_worst_counts, 0, COUNT(weights));
    tcase_add_loop_test(all, faults_are_of_one_answer, 0, COUNT(faults));
    tcase_add_test(all, what_is_not_there_is_not_found);
    tcase_add_loop_test(all, faults_of_the_run_have_states, 0, COUNT(exits));
    tcase_add_test(all, without_memory_the_site_is_given_back);
    tcase_add_loop_test(all, a_limit_on_what_grows_can_be_reached, 0, COUNT(reaches));
    tcase_add_loop_test(all, a_limit_on_each_metric_that_grows_can_be_reached, 0, METRIC_RPO_LAG);
    tcase_add_test(all, what_grows_while_a_vm_stands_still_says_so);
    suite_add_tcase(suite, all);
    return suite;
}
