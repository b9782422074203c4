// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of reports share: a verdict from task sessions in a few words, and how it is
 * shown. */
#ifndef TESTS_UNIT_SHOWN_H
#define TESTS_UNIT_SHOWN_H

#include <check.h>
#include <stdlib.h>

#include "cdp/judge.h"
#include "report/report.h"
#include "unit/command.h"
#include "unit/spec.h"

#define NOW "2025-08-14T12:00:00Z"
#define DONE .state = "Completed", .ended = "2025-08-14T11:00:00Z"
#define AT_9 .created = "2025-08-14T09:00:00Z"

/* The performance data of a VM whose session is DONE and AT_9, with what is around each label. */
#define MEASURED(before, behind)                                                                   \
    before "duration" behind "=7200s;;;0 " before "age" behind "=3600s;;;0"

/* The same of one that failed: its age counts from its creation on. */
#define MEASURED_FAILED(before, behind)                                                            \
    before "duration" behind "=7200s;;;0 " before "age" behind "=10800s;;;0"

enum { SHOWN_LIMIT = 64 * 1024 * 1024 };

/* A verdict, all that it borrows from, and how it is shown. */
struct shown {
    struct options options;
    struct command command;
    struct scope scope;
    struct site site;
    struct verdict verdict;
    struct report_settings settings;
    struct buf text;
};

static inline void start(struct shown *shown, const char *const options[])
{
    *shown = (struct shown){.scope = {.kind = SCOPE_WHOLE}};
    name_parts(&shown->scope, &shown->site, SCOPE_WHOLE, NULL);
    read_words(&shown->options, &shown->command, options);
    shown->settings = (struct report_settings){
        .perfdata = PERFDATA_VM, .verbosity = shown->options.em.verbosity, .server = "em01:9398"};
    buf_init(&shown->text, SHOWN_LIMIT);
}

static inline void add(struct shown *shown, const struct spec *spec)
{
    add_spec(&shown->site.sessions, spec);
}

static inline void judge_all(struct shown *shown)
{
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(judge(&shown->scope, &shown->options.rules, &shown->site, moment(NOW),
                           &shown->verdict, &fault),
                     0);
}

/* The verdict of a run that such a fault ended, before the site was known. */
static inline void end_by(struct shown *shown, enum fault_kind kind, const char *text)
{
    struct fault fault;
    fault_set(&fault, kind, "%s", text);
    verdict_of_fault(&fault, &shown->scope, &shown->options.rules, NULL, moment(NOW),
                     &shown->verdict);
}

static inline const char *write_as(struct shown *shown, enum format format)
{
    buf_free(&shown->text);
    report(&shown->text, format, &shown->verdict, &shown->settings);
    ck_assert_int_eq(shown->text.failure, BUF_FINE);
    return buf_string(&shown->text);
}

static inline void finish(struct shown *shown)
{
    verdict_free(&shown->verdict);
    site_free(&shown->site);
    scope_free(&shown->scope);
    options_free(&shown->options);
    command_free(&shown->command);
    buf_free(&shown->text);
}

#endif
