// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * check_veeam_cdp_task: the state of CDP replication task sessions, as Veeam Backup Enterprise
 * Manager has them. Reads the options, asks EM (or a saved answer), judges, reports.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cdp/judge.h"
#include "fetch/fetch.h"
#include "plugins/ending.h"
#include "plugins/help.h"
#include "plugins/options.h"
#include "plugins/password.h"
#include "plugins/secrecy.h"
#include "report/report.h"

enum {
    OUTPUT_LIMIT = 64 * 1024 * 1024,
    LOGOFF_RESERVE_MS = 1000,
    DEADLINE_GRACE_MS = 500, // libcurl's own timeout comes first, and with a better report
};

/* Performance data of each VM where VMs were named, of all together else. */
static enum report_perfdata choose_perfdata(const struct options *options, size_t vm_count)
{
    static const enum report_perfdata chosen[] = {[PERFDATA_OPTION_VM] = PERFDATA_VM_WHOLE,
                                                  [PERFDATA_OPTION_SUMMARY] = PERFDATA_SUMMARY,
                                                  [PERFDATA_OPTION_NONE] = PERFDATA_NONE};
    if (options->perfdata != PERFDATA_OPTION_AUTO) {
        return chosen[options->perfdata];
    }
    const enum scope_kind kind = options->scope.kind;
    const bool few = kind == SCOPE_ID || kind == SCOPE_VM || (kind == SCOPE_WHOLE && vm_count == 1);
    return few ? PERFDATA_VM : PERFDATA_SUMMARY;
}

static void append_report(struct buf *output, const struct verdict *verdict,
                          const struct options *options)
{
    const struct report_settings settings = {
        .perfdata = choose_perfdata(options, verdict->vm_count),
        .verbosity = options->em.verbosity,
        .server = options->server_name.length > 0 ? buf_string(&options->server_name) : NULL,
        .rules = &options->rules,
        .asked_by = options->scope.kind,
        .host = options->em.server.host,
        .passive_host = options->passive_host,
        .passive_service = options->passive_service,
    };
    bool written = true;
    switch (options->format) {
    case FORMAT_TEXT:
        (options->list ? report_list : report_text)(output, verdict, &settings);
        break;
    case FORMAT_JSON:
        written = (options->list ? report_list_json : report_json)(output, verdict, &settings);
        break;
    case FORMAT_OPENMETRICS:
        report_openmetrics(output, verdict, &settings);
        break;
    case FORMAT_PASSIVE:
        report_passive(output, verdict, &settings);
        break;
    }
    output->failure = written ? output->failure : BUF_NO_MEMORY;
}

/* What weakens the trust in the answer is said each time, and first. Usage faults have none. */
static void add_trust_notices(struct verdict *verdict, const struct options *options)
{
    struct lines first = {0};
    if (verdict->fault.kind == FAULT_USAGE) {
        return;
    }
    if (options->input == NULL && options->em.server.plain) {
        lines_add(&first, "--no-tls: password and answers travel in clear");
    } else if (options->input == NULL && options->em.server.insecure) {
        lines_add(&first,
                  "--insecure: the server's certificate was not verified; see --pinned-pubkey");
    }
    if (options->matches_bytes) {
        lines_add(&first,
                  "patterns are matched by bytes, so a letter such as \u00e4 counts as two: this "
                  "system has no UTF-8 locale (Debian: C.UTF-8, of libc-bin)");
    }
    lines_move(&first, &verdict->notices);
    verdict->notices = first;
}

/* The report of a run that a fault ended, written before that fault. Returns the exit code. */
static int report_fault(struct buf *output, const struct fault *fault,
                        const struct options *options)
{
    struct verdict verdict;
    judge_fault(fault, NULL, &options->rules, clock_utc(), &verdict);
    add_trust_notices(&verdict, options);
    append_report(output, &verdict, options);
    const int state = verdict.state;
    verdict_free(&verdict);
    return state;
}

static int arm_ending(const struct options *options, int64_t started_ms, struct fault *fault)
{
    struct fault faults[ENDINGS];
    struct buf reports[ENDINGS];
    struct last_words words[ENDINGS];
    fault_set(&faults[ENDING_TIMEOUT], FAULT_TIMEOUT,
              "the deadline of %.15g s has passed (--timeout)", (double)options->timeout.ms / 1000);
    fault_set(&faults[ENDING_TERMINATED], FAULT_TERMINATED, "by a signal");
    fault_set(&faults[ENDING_ABORTED], FAULT_INTERNAL,
              "a library has given up (SIGABRT); is memory short?");
    for (size_t i = 0; i < ENDINGS; i++) {
        buf_init(&reports[i], OUTPUT_LIMIT);
        words[i] = (struct last_words){&reports[i], report_fault(&reports[i], &faults[i], options)};
    }
    const int result =
        ending_arm(started_ms + options->timeout.ms + DEADLINE_GRACE_MS, words, fault);
    for (size_t i = 0; i < ENDINGS; i++) {
        buf_free(&reports[i]);
    }
    return result;
}

/* What to fetch from, by the clock of the run that started then. */
static struct fetch_settings settings_of(const struct options *options, int64_t started_ms)
{
    const int64_t half_ms = options->timeout.ms / 2;
    struct fetch_settings settings = {.em = options->em,
                                      .input = options->input,
                                      .snapshot = options->snapshot,
                                      .snapshot_age_s = options->snapshot_age_s};
    settings.em.deadline_ms = started_ms + options->timeout.ms;
    settings.em.reserve_ms = half_ms < LOGOFF_RESERVE_MS ? half_ms : LOGOFF_RESERVE_MS;
    settings.em.stop_descriptor = -1;
    return settings;
}

/* While EM is asked, a signal does not end the run at once: there is a logon session to close. */
static int fetch_site(const struct options *options, int64_t started_ms, struct site *site,
                      struct buf *trace, struct fault *fault)
{
    struct fetch_settings settings = settings_of(options, started_ms);
    if (options->input != NULL) {
        return fetch(&settings, &options->scope, site, trace, fault);
    }
    settings.em.stop_descriptor = ending_defer(true);
    const int result = fetch(&settings, &options->scope, site, trace, fault);
    ending_defer(false);
    return result;
}

/* The one way from a started run to its verdict. */
static void check(struct options *options, int64_t started_ms, struct verdict *verdict,
                  struct buf *trace)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct site site = {.faults = NULL};
    if (arm_ending(options, started_ms, &fault) < 0 || password_read(options, &fault) < 0 ||
        fetch_site(options, started_ms, &site, trace, &fault) < 0 ||
        judge(&options->scope, &options->rules, &site, clock_utc(), verdict, &fault) < 0) {
        verdict_free(verdict);
        judge_fault(&fault, &site, &options->rules, clock_utc(), verdict);
    }
    add_trust_notices(verdict, options);
    site_free(&site);
}

/* Prints what was written or, where it could not be, that fault, in the format asked for. */
static int show(struct buf *output, const struct options *options, int state)
{
    static const char text[] = "CDP TASK UNKNOWN: internal: out of memory\n";
    static const char *const without_memory[] = {
        [FORMAT_TEXT] = text,
        [FORMAT_JSON] = text,
        [FORMAT_OPENMETRICS] = "# TYPE veeam_cdp_up gauge\nveeam_cdp_up 0\n# EOF\n",
        [FORMAT_PASSIVE] = "", // the exit code must do
    };
    if (output->failure != BUF_FINE) {
        struct fault fault;
        fault_set(&fault, FAULT_INTERNAL, "the report is too large, or memory is short");
        buf_free(output);
        state = report_fault(output, &fault, options);
    }
    const bool fine = output->failure == BUF_FINE;
    const char *shown = fine ? buf_string(output) : without_memory[options->format];
    // What goes to a command pipe, where others write as well, gets there a line in one piece.
    return ending_print(shown, fine ? output->length : strlen(shown),
                        options->format == FORMAT_PASSIVE, fine ? state : STATE_UNKNOWN);
}

int main(int argc, char **argv)
{
    secrecy_start(argc, argv);
    struct fault fault = {.kind = FAULT_NONE};
    const bool started = ending_start(&fault) == 0;
    const int64_t started_ms = clock_monotonic_ms();
    struct options options;
    struct verdict verdict = {0};
    struct buf trace;
    struct buf output;
    buf_init(&trace, OUTPUT_LIMIT);
    buf_init(&output, OUTPUT_LIMIT);

    int state = STATE_UNKNOWN;
    options_init(&options);
    options_read_early(&options, argc, argv);
    // From here on it can be ended: an ini file, too, may keep the run waiting.
    if (!started || arm_ending(&options, started_ms, &fault) < 0 ||
        options_read(&options, argc, argv, &fault) < 0) {
        judge_fault(&fault, NULL, &options.rules, clock_utc(), &verdict);
    } else if (options.action == ACTION_CHECK) {
        check(&options, started_ms, &verdict, &trace);
    }
    if (options.action == ACTION_HELP) {
        help_append(&output);
    } else if (options.action == ACTION_VERSION) {
        version_append(&output);
    } else {
        append_report(&output, &verdict, &options);
        buf_text(&output, options.format == FORMAT_TEXT ? buf_string(&trace) : "");
        if (trace.failure == BUF_NO_MEMORY) {
            output.failure = BUF_NO_MEMORY;
        }
        mask_buf(&options.mask, &output); // a net: what EM said is masked already
        state = options.list ? report_list_state(&verdict) : verdict.state;
    }
    state = show(&output, &options, state);

    verdict_free(&verdict);
    options_free(&options);
    buf_free(&trace);
    buf_free(&output);
    return state;
}
