// SPDX-License-Identifier: GPL-3.0-or-later
/* Signs that a VM's replication stands still, by its sessions, its policy and what is expected. */
#include "cdp/sign.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "unit/suites.h"

/* Times are hours from now on. */
#define N NAN
#define US (1 / 3600e6)
#define ON .has_enabled = true, .enabled = true
#define OFF .has_enabled = true
#define EVERY(hours) .has_long_term = true, .long_term_s = (hours)*3600.0
// NOLINTBEGIN(bugprone-macro-parentheses): members of an initializer
#define PAUSE(hours) .replication_pause_s = (hours)*3600.0
#define LONG_PAUSE(hours) .long_term_pause_s = (hours)*3600.0
// NOLINTEND(bugprone-macro-parentheses)

enum { MOST_SESSIONS = 3 };

/* 'I' runs, 'C' has completed, 'F' has and failed; '?' is of a State that EM does not document. */
struct brief {
    char what;
    double created, ended;
};

/* Whether there is a policy, and what is expected: 'n' by its policy's name, 'r' by a replica. */
struct expectation {
    bool known;
    struct policy policy;
    char by;
};

#define NONE                                                                                       \
    {                                                                                              \
        false, {.name = NULL}, 0                                                                   \
    }
#define WITH(...)                                                                                  \
    {                                                                                              \
        true, {.name = "P", __VA_ARGS__}, 0                                                        \
    }
#define NAMED(...)                                                                                 \
    {                                                                                              \
        true, {.name = "P", __VA_ARGS__}, 'n'                                                      \
    }
#define REPLICA(...)                                                                               \
    {                                                                                              \
        true, {.name = "P", __VA_ARGS__}, 'r'                                                      \
    }
#define ONLY_REPLICA                                                                               \
    {                                                                                              \
        false, {.name = NULL}, 'r'                                                                 \
    }

// clang-format off
static const struct {
    const char *name;
    struct brief sessions[MOST_SESSIONS]; // newest first
    struct expectation of;
    double idle, overdue; // limits; overdue 0: not given
    double collected;
    const char *sign;     // "left" as well; "": none
    double lasts;         // N: it is not known since when
} cases[] = {
    {"it runs", {{'I', -2, N}, {'C', -10, -2}}, NONE, 1, 0, 0, "", 2},
    // Idle.
    {"ended as long ago as it may have", {{'C', -10, -1}}, NONE, 1, 0, 0, "", 1},
    {"and a microsecond longer", {{'C', -10, -1 - US}}, NONE, 1, 0, 0, "idle", 1 + US},
    {"not by the collection's time", {{'C', -10, -1.5}}, NONE, 1, 0, -0.5, "", 1},
    {"by the collection's time", {{'C', -10, -1.5 - US}}, NONE, 1, 0, -0.5, "idle", 1 + US},
    {"ended after the collection", {{'C', -10, -1}}, NONE, 1, 0, -2, "", 0},
    {"--idle-after", {{'C', -10, -5}}, NONE, 5, 0, 0, "", 5},
    {"--idle-after is over", {{'C', -10, -5}}, NONE, 4.9, 0, 0, "idle", 5},
    {"without an end, since it began", {{'C', -10, N}}, NONE, 1, 0, 0, "idle", 10},
    {"without an end, just begun", {{'C', -1, N}}, NONE, 1, 0, 0, "", 1},
    {"no time at all", {{'C', N, N}}, NONE, 1, 0, 0, "idle", N},
    {"failed", {{'F', -10, -2}}, NONE, 1, 0, 0, "idle", 2},
    {"the newest counts, not the last to end", {{'C', -10, -2}, {'C', -11, -0.5}}, NONE,
     1, 0, 0, "idle", 2},
    {"a session of long ago that seems to run", {{'C', -10, -2}, {'I', -30, N}}, NONE,
     1, 0, 0, "idle", 2},
    {"beside one that runs, not known since when", {{'C', -10, -2}, {'I', N, N}}, NONE,
     1, 0, 0, "idle", 2},
    {"no hours are without replication", {{'C', -10, -2}}, WITH(ON), 1, 0, 0, "idle", 2},
    {"hours without replication", {{'C', -20, -11}}, WITH(ON, PAUSE(10)), 1, 0, 0, "", 11},
    {"and longer", {{'C', -20, -11 - US}}, WITH(ON, PAUSE(10)), 1, 0, 0, "idle", 11 + US},
    {"hours without long-term points", {{'C', -20, -2}}, WITH(ON, LONG_PAUSE(10)),
     1, 0, 0, "idle", 2},
    // Overdue.
    {"25 hours", {{'I', -25, N}, {'C', -33, -25}}, NONE, 1, 0, 0, "", 25},
    {"and longer", {{'I', -25 - US, N}, {'C', -33, -25}}, NONE, 1, 0, 0, "overdue", 25 + US},
    {"by the collection's time", {{'I', -26, N}, {'C', -33, -26}}, NONE, 1, 0, -1, "", 25},
    {"of another State", {{'?', -26, N}, {'C', -33, -26}}, NONE, 1, 0, 0, "overdue", 26},
    {"--overdue-after", {{'I', -4, N}, {'C', -33, -4}}, NONE, 1, 4, 0, "", 4},
    {"--overdue-after is over", {{'I', -4 - US, N}, {'C', -33, -4}}, NONE, 1, 4, 0,
     "overdue", 4 + US},
    {"the policy's interval", {{'I', -9, N}, {'C', -17, -9}}, WITH(ON, EVERY(8)), 1, 0, 0, "", 9},
    {"and longer", {{'I', -9 - US, N}, {'C', -17, -9}}, WITH(ON, EVERY(8)), 1, 0, 0,
     "overdue", 9 + US},
    {"--overdue-after beats it", {{'I', -12, N}, {'C', -17, -9}}, WITH(ON, EVERY(8)), 1, 12, 0,
     "", 12},
    {"an interval of 0", {{'I', -25, N}, {'C', -33, -25}}, WITH(ON, EVERY(0)), 1, 0, 0, "", 25},
    {"no interval", {{'I', -25 - US, N}, {'C', -33, -25}}, WITH(ON), 1, 0, 0,
     "overdue", 25 + US},
    {"longer than a day", {{'I', -49, N}, {'C', -99, -49}}, WITH(ON, EVERY(48)), 1, 0, 0, "", 49},
    {"hours without long-term points", {{'I', -19, N}, {'C', -33, -19}},
     WITH(ON, EVERY(8), LONG_PAUSE(10)), 1, 0, 0, "", 19},
    {"hours without replication", {{'I', -19, N}, {'C', -33, -19}},
     WITH(ON, EVERY(8), PAUSE(10)), 1, 0, 0, "", 19},
    {"the longer of the two", {{'I', -20, N}, {'C', -33, -19}},
     WITH(ON, EVERY(8), PAUSE(10), LONG_PAUSE(8)), 1, 0, 0, "overdue", 20},
    {"and with --overdue-after", {{'I', -13, N}, {'C', -33, -13}}, WITH(ON, PAUSE(10)), 1, 2, 0,
     "overdue", 13},
    {"the first session", {{'I', -25, N}}, WITH(ON, EVERY(8)), 1, 0, 0, "", 25},
    {"the first session, and longer", {{'I', -25 - US, N}}, WITH(ON, EVERY(8)), 1, 0, 0,
     "overdue no point", 25 + US},
    {"the first session, and --overdue-after", {{'I', -25, N}}, NONE, 1, 4, 0, "", 25},
    {"the first session, and a longer one", {{'I', -47, N}}, NONE, 1, 48, 0, "", 47},
    {"only a failure before", {{'I', -9 - US, N}, {'F', -17, -9}}, WITH(ON, EVERY(8)), 1, 0, 0,
     "overdue", 9 + US},
    {"runs, not known since when", {{'I', N, N}}, NONE, 1, 0, 0, "", N},
    {"runs since the one before it ended", {{'I', N, N}, {'C', N, -26}}, NONE, 1, 0, 0,
     "overdue", 26},
    {"of a disabled policy", {{'I', -26, N}, {'C', -33, -26}}, WITH(OFF), 1, 0, 0, "overdue", 26},
    {"runs, and its policy names others", {{'I', -26, N}, {'C', -33, -26}},
     WITH(ON, .lists_all = true), 1, 0, 0, "overdue", 26},
    // Disabled.
    {"just stopped", {{'C', -10, -0.1}}, NAMED(OFF), 1, 0, 0, "disabled", 0.1},
    {"long stopped", {{'C', -100, -99}}, NAMED(OFF), 1, 0, 0, "disabled", 99},
    {"never begun", {{0}}, NAMED(OFF), 1, 0, 0, "disabled", N},
    {"it still runs", {{'I', -2, N}}, NAMED(OFF), 1, 0, 0, "", 2},
    {"EM does not say so", {{'C', -10, -2}}, WITH(.enabled = false), 1, 0, 0, "idle", 2},
    // Uncovered; sessions since 72 hours were asked for.
    {"no session", {{0}}, NAMED(ON), 1, 0, 0, "uncovered", N},
    {"no session, and a replica", {{0}}, REPLICA(ON), 1, 0, 0, "uncovered", N},
    {"no session, and its policy is not known", {{0}}, ONLY_REPLICA, 1, 0, 0, "uncovered", N},
    {"an older session", {{'C', -80, -73}}, NAMED(ON), 1, 0, 0, "uncovered", 73},
    {"an older session, and a replica", {{'F', -80, -73}}, ONLY_REPLICA, 1, 0, 0,
     "uncovered", 73},
    {"the oldest that was asked for", {{'C', -80, -72}}, NAMED(ON), 1, 0, 0, "idle", 72},
    {"nobody expects more", {{'C', -80, -73}}, WITH(ON), 1, 0, 0, "idle", 73},
    {"days without replication", {{'C', -99, -90}}, NAMED(ON, PAUSE(120)), 1, 0, 0, "", 90},
    {"EM was last told before it ended", {{'C', -99, -90}}, NAMED(ON), 1, 0, -95, "", 0},
    // Left.
    {"others are named", {{'C', -10, -2}}, WITH(ON, .lists_all = true), 1, 0, 0, "left", 2},
    {"others are named, a replica is left", {{0}}, REPLICA(ON, .lists_all = true), 1, 0, 0,
     "left", N},
    {"of a disabled policy", {{'C', -10, -2}}, WITH(OFF, .lists_all = true), 1, 0, 0, "left", 2},
    {"it is named", {{'C', -10, -2}}, NAMED(ON, .lists_all = true), 1, 0, 0, "idle", 2},
    {"it may be in a folder", {{'C', -10, -2}}, WITH(ON, .containers = "Folder Prod"),
     1, 0, 0, "idle", 2},
    {"it has just ended", {{'C', -10, -0.5}}, WITH(ON, .lists_all = true), 1, 0, 0, "", 0.5},
};
// clang-format on

static const utc_us now = INT64_C(1755172800) * UTC_SECOND;

static utc_us at(double hours)
{
    return now + (utc_us)llround(hours * 3600e6);
}

static struct task_session read_session(const struct brief *brief)
{
    struct task_session session = {.state = brief->what == 'I'   ? SESSION_IN_PROGRESS
                                            : brief->what == '?' ? SESSION_OTHER
                                                                 : SESSION_COMPLETED,
                                   .result = brief->what == 'F' ? RESULT_FAILED : RESULT_SUCCESS};
    session.has_created = !isnan(brief->created);
    session.created = session.has_created ? at(brief->created) : 0;
    session.has_ended = !isnan(brief->ended);
    session.ended = session.has_ended ? at(brief->ended) : 0;
    return session;
}

static const char *word_of(const struct standing *standing)
{
    if (standing->left) {
        ck_assert(!standing->shows_sign);
        return "left";
    }
    if (!standing->shows_sign) {
        return "";
    }
    return standing->sign == SIGN_OVERDUE && standing->no_point ? "overdue no point"
                                                                : sign_words[standing->sign];
}

START_TEST(finds_signs)
{
    struct task_session sessions[MOST_SESSIONS];
    const struct task_session *sorted[MOST_SESSIONS];
    const struct expectation *of = &cases[_i].of;
    const struct protected_vm expected = {.vm = "a", .named = of->by == 'n', .has_replica = true};
    struct target target = {.vm = "a", .sessions = sorted};
    for (; target.count < MOST_SESSIONS && cases[_i].sessions[target.count].what != 0;
         target.count++) {
        sessions[target.count] = read_session(&cases[_i].sessions[target.count]);
        sorted[target.count] = &sessions[target.count];
    }
    target.expected = of->by != 0 ? &expected : NULL;
    const struct sign_view view = {
        .target = &target,
        .policy = of->known ? &of->policy : NULL,
        .limits = {.idle_s = cases[_i].idle * 3600, .overdue_s = cases[_i].overdue * 3600},
        .collected = at(cases[_i].collected),
        .since = at(-72)};
    const struct standing standing = sign_find(&view);
    ck_assert_msg(strcmp(word_of(&standing), cases[_i].sign) == 0, "%s: '%s'", cases[_i].name,
                  word_of(&standing));
    ck_assert_msg(standing.has_moment == !isnan(cases[_i].lasts), "%s: %d", cases[_i].name,
                  (int)standing.has_moment);
    const double lasts = (double)standing.lasts / 3600e6;
    ck_assert_msg(isnan(cases[_i].lasts) || fabs(lasts - cases[_i].lasts) < US / 2, "%s: %.10f",
                  cases[_i].name, lasts);
}
END_TEST

Suite *sign_suite(void)
{
    Suite *suite = suite_create("sign");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, finds_signs, 0, COUNT(cases));
    suite_add_tcase(suite, all);
    return suite;
}
