// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * check_veeam_cdp_task: the state of CDP replication task sessions, as Veeam Backup Enterprise
 * Manager has them. Reads the options, asks EM (or a saved answer), judges, reports.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "cdp/ask.h"
#include "cdp/ask_snapshot.h"
#include "cdp/judge.h"
#include "plugins/ending.h"
#include "plugins/help.h"
#include "plugins/options.h"
#include "plugins/password.h"
#include "plugins/secrecy.h"
#include "report/report.h"

enum {
    OUTPUT_LIMIT = 64 * 1024 * 1024,
    INPUT_LIMIT = 16 * 1024 * 1024, // as much as of an answer that comes from EM
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
    if (options->selectors.count == 0) {
        return vm_count == 1 ? PERFDATA_VM : PERFDATA_SUMMARY;
    }
    const enum selector_kind kind = options->selectors.items[0].kind;
    return kind == SELECT_ID || kind == SELECT_VM ? PERFDATA_VM : PERFDATA_SUMMARY;
}

static void append_report(struct buf *output, const struct verdict *verdict,
                          const struct options *options)
{
    const struct report_settings settings = {
        .perfdata = choose_perfdata(options, verdict->vm_count),
        .verbosity = options->em.verbosity,
        .server = options->server_name.length > 0 ? buf_string(&options->server_name) : NULL,
        .rules = &options->rules,
        .asked_by = options->selectors.count > 0 ? options->selectors.items[0].kind : SELECT_ALL,
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

static int ask(const struct options *options, int64_t started_ms, struct answers *answers,
               struct buf *trace, struct fault *fault)
{
    const utc_us now = clock_utc();
    const double since_s = rules_since(&options->rules, options->since_s);
    const struct question question = {
        .selectors = options->selectors.items,
        .selector_count = options->selectors.count,
        .backup_servers = options->backup_servers.items,
        .backup_server_count = options->backup_servers.count,
        .included = options->included,
        .excluded = options->excluded,
        .since = now - (utc_us)(since_s * UTC_SECOND),
        .newest_alone = options->rules.newest_alone,
    };
    if (options->input == NULL) {
        const int64_t timeout_ms = options->timeout.ms;
        struct em_settings em = options->em;
        em.deadline_ms = started_ms + timeout_ms;
        em.reserve_ms = timeout_ms / 2 < LOGOFF_RESERVE_MS ? timeout_ms / 2 : LOGOFF_RESERVE_MS;
        em.stop_descriptor = ending_defer(true);
        const struct snapshot_settings settings = {
            .directory = options->snapshot, .age_s = options->snapshot_age_s, .since_s = since_s};
        const int result = options->snapshot == NULL
                               ? ask_em(&em, &question, answers, trace, fault)
                               : ask_snapshot(&em, &settings, &question, answers, trace, fault);
        ending_defer(false);
        return result;
    }
    struct buf saved;
    buf_init(&saved, INPUT_LIMIT);
    int result = file_read(options->input, &saved, fault);
    if (result == 0) {
        result = ask_saved(buf_string(&saved), saved.length, &question, answers, fault);
    }
    buf_free(&saved);
    return result < 0 ? fault_wrap(fault, "--input=%s", options->input) : 0;
}

/* The one way from a started run to its verdict. */
static void check(struct options *options, int64_t started_ms, struct fault *fault,
                  struct answers *answers, struct verdict *verdict, struct buf *trace)
{
    if (arm_ending(options, started_ms, fault) < 0 || password_read(options, fault) < 0 ||
        ask(options, started_ms, answers, trace, fault) < 0 ||
        judge(answers, &options->rules, clock_utc(), verdict, fault) < 0) {
        verdict_free(verdict);
        judge_fault(fault, answers, &options->rules, clock_utc(), verdict);
    }
    add_trust_notices(verdict, options);
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
    struct answers answers = {0};
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
        check(&options, started_ms, &fault, &answers, &verdict, &trace);
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
    answers_free(&answers);
    options_free(&options);
    buf_free(&trace);
    buf_free(&output);
    return state;
}
