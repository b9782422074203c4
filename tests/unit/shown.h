// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of reports share: a verdict from task sessions in a few words, and how it is
 * shown. */
#ifndef TESTS_UNIT_SHOWN_H
#define TESTS_UNIT_SHOWN_H

#include <check.h>
#include <stdlib.h>

#include "cdp/judge.h"
#include "report/report.h"
#include "support.h"

#define NOW "2025-08-14T12:00:00Z"
#define DONE .state = "Completed", .ended = "2025-08-14T11:00:00Z"
#define AT_9 .created = "2025-08-14T09:00:00Z"

enum { SHOWN_LIMIT = 64 * 1024 * 1024 };

/* A verdict, all that it borrows from, and how it is shown. */
struct shown {
    struct options options;
    struct command command;
    struct answer items[8];
    struct selector selectors[8];
    struct answers answers;
    struct verdict verdict;
    struct report_settings settings;
    struct buf text;
};

static inline void start(struct shown *shown, const char *const options[])
{
    *shown = (struct shown){.answers = {.items = NULL}};
    read_words(&shown->options, &shown->command, options);
    shown->settings = (struct report_settings){.perfdata = PERFDATA_VM,
                                               .verbosity = shown->options.em.verbosity,
                                               .server = "em01:9398",
                                               .rules = &shown->options.rules,
                                               .asked_by = SELECT_VM};
    buf_init(&shown->text, SHOWN_LIMIT);
}

static inline void add(struct shown *shown, const struct spec *spec)
{
    add_spec(&shown->answers.sessions, spec);
}

static inline void judge_all(struct shown *shown, size_t count)
{
    const struct question question = {.none_is_fine = true};
    struct fault fault = {.kind = FAULT_NONE};
    shown->answers.items = shown->items;
    shown->answers.count = count;
    ck_assert_int_eq(answers_group(&shown->answers, &question, &fault), 0);
    ck_assert_int_eq(
        judge(&shown->answers, &shown->options.rules, moment(NOW), &shown->verdict, &fault), 0);
}

static inline const char *write_text(struct shown *shown)
{
    buf_free(&shown->text);
    report_text(&shown->text, &shown->verdict, &shown->settings);
    ck_assert_int_eq(shown->text.failure, BUF_FINE);
    return buf_string(&shown->text);
}

static inline void finish(struct shown *shown)
{
    verdict_free(&shown->verdict);
    for (int i = 0; i < COUNT(shown->items); i++) {
        free(shown->items[i].picks.items);
    }
    targets_free(&shown->answers.targets);
    task_sessions_free(&shown->answers.sessions);
    lines_free(&shown->answers.notices);
    options_free(&shown->options);
    command_free(&shown->command);
    buf_free(&shown->text);
}

#endif
