// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * check_veeam_cdp_task: the state of CDP replication task sessions, as Veeam Backup Enterprise
 * Manager has them. A run, stage by stage:
 *
 *     secrecy_start   plugins/secrecy.c     no core file, no password in the list of processes
 *     ending_start    plugins/ending.c      a deadline or a signal can end the run as well
 *     options_read    plugins/options.c     argv, environment, ini file ──► options
 *     password_read   plugins/password.c    option, file or environment ──► the options' password
 *     fetch           lib/fetch/fetch.c     EM, a snapshot or a saved answer ──► site
 *     judge           lib/cdp/judge.c       site, scope and rules ──► verdict
 *     report          lib/report/report.c   verdict ──► text, in the format asked for
 *     ending_print    plugins/ending.c      text ──► standard output, exit code
 *
 * With --probe, probe_fetch (lib/fetch/probe.c), probe_judge and probe_report_text stand in the
 * place of the three before the last. What ends a stage is a fault, of which verdict_of_fault makes
 * a verdict to report.
 */
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cdp/judge.h"
#include "cdp/probe_judge.h"
#include "em/record.h"
#include "fetch/fetch.h"
#include "fetch/probe.h"
#include "plugins/ending.h"
#include "plugins/help.h"
#include "plugins/options.h"
#include "plugins/password.h"
#include "plugins/secrecy.h"
#include "report/probe_report.h"
#include "report/report.h"

enum {
    OUTPUT_LIMIT = 64 * 1024 * 1024,
    SAVED_LIMIT = 256 * 1024 * 1024,
    LOGOFF_RESERVE_MS = 1000,
    DEADLINE_GRACE_MS = 500, // libcurl's own timeout comes first, and with a better report
};

/* What a run has, from its start on. */
struct run {
    int64_t started_ms; // of clock_monotonic_ms
    struct options options;
    struct verdict verdict;
    struct probe probe; // in place of the verdict, with --probe
    bool saved;         // what EM was asked for it, and what it answered
    struct buf trace;
    struct buf output;
    int state; // the exit code
};

static void run_init(struct run *run, int argc, char **argv)
{
    run->started_ms = clock_monotonic_ms();
    run->probe.now = clock_utc();
    run->state = STATE_UNKNOWN;
    buf_init(&run->trace, OUTPUT_LIMIT);
    buf_init(&run->output, OUTPUT_LIMIT);
    options_init(&run->options);
    options_read_early(&run->options, argc, argv);
}

static void run_free(struct run *run)
{
    verdict_free(&run->verdict);
    probe_free(&run->probe);
    options_free(&run->options);
    buf_free(&run->trace);
    buf_free(&run->output);
}

/* --perfdata=auto is each VM's if VMs were named, else that of all together. */
static enum report_perfdata choose_perfdata(const struct options *options, size_t vm_count)
{
    const enum scope_kind kind = options->scope.kind;
    const bool few = kind == SCOPE_ID || kind == SCOPE_VM || (kind == SCOPE_WHOLE && vm_count == 1);
    return options->perfdata == PERFDATA_VM && !few ? PERFDATA_SUMMARY : options->perfdata;
}

static enum format choose_format(const struct options *options)
{
    static const enum format lists[FORMATS] = {
        [FORMAT_TEXT] = FORMAT_LIST, [FORMAT_JSON] = FORMAT_LIST_JSON};
    return options->list && lists[options->format] != 0 ? lists[options->format] : options->format;
}

static void append_report(struct buf *output, const struct verdict *verdict,
                          const struct options *options)
{
    const struct report_settings settings = {
        .perfdata = choose_perfdata(options, verdict->vm_count),
        .verbosity = options->em.verbosity,
        .server = options->server_name.length > 0 ? buf_string(&options->server_name) : NULL,
        .host = options->em.server.host,
        .passive_host = options->passive_host,
        .passive_service = options->passive_service,
    };
    report(output, choose_format(options), verdict, &settings);
}

/* Returns the exit code. */
static int append_probe(struct buf *output, const struct probe *probe, const char *saved,
                        const struct options *options)
{
    const struct em_server *server = &options->em.server;
    const int state =
        probe->fault.kind == FAULT_NONE ? STATE_OK : options->rules.fault_states[probe->fault.kind];
    const struct probe_report_settings settings = {
        .server = options->server_name.length > 0 ? buf_string(&options->server_name) : NULL,
        .state = state,
        .command = &options->command.asks,
        .trust = &options->command.trust,
        .limits = &options->command.limits,
        .anchored =
            server->ca_file != NULL || server->ca_path != NULL || server->pinned_pubkey != NULL,
        .save = options->save,
        .saved = saved};
    if (options->format == FORMAT_JSON) {
        probe_report_json(output, probe, &settings);
    } else {
        probe_report_text(output, probe, &settings);
    }
    return state;
}

/* What to fetch from, by the clock of the run that started then. */
static struct fetch_settings fetch_settings_of(const struct options *options, int64_t started_ms)
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

/* A site of which is known only how far it will be trusted. */
static struct site unknown_site(const struct options *options)
{
    const struct fetch_settings settings = fetch_settings_of(options, 0);
    return (struct site){.trust = fetch_trust(&settings)};
}

/* The report of a run that this fault ends, whatever it knew. Returns the exit code. */
static int report_fault(struct buf *output, const struct fault *fault,
                        const struct options *options)
{
    if (options->probe) {
        static struct probe probe; // its lines take memory when they are written: there are none
        probe.now = clock_utc();
        probe.fault = *fault;
        return append_probe(output, &probe, NULL, options);
    }
    struct site site = unknown_site(options);
    struct verdict verdict;
    verdict_of_fault(fault, &options->scope, &options->rules, &site, clock_utc(), &verdict);
    append_report(output, &verdict, options);
    const int state = verdict.state;
    verdict_free(&verdict);
    return state;
}

/* From now on the run can be ended from outside, with words that are written here. */
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

/* It can be ended before the ini file is read: that, too, may keep the run waiting. */
static int read_options(struct run *run, int argc, char **argv, struct fault *fault)
{
    if (arm_ending(&run->options, run->started_ms, fault) < 0) {
        return -1;
    }
    return options_read(&run->options, argc, argv, fault);
}

/* While EM is asked, a signal does not end the run at once: there is a logon session to close. */
static int fetch_site(struct run *run, struct site *site, struct fault *fault)
{
    struct fetch_settings settings = fetch_settings_of(&run->options, run->started_ms);
    if (settings.input != NULL) {
        return fetch(&settings, &run->options.scope, site, &run->trace, fault);
    }
    settings.em.stop_descriptor = ending_defer(true);
    const int result = fetch(&settings, &run->options.scope, site, &run->trace, fault);
    ending_defer(false);
    return result;
}

/*
 * A probe that EM did not bring to its end is saved, too: then above all. If EM did not answer at
 * all, what an earlier one has saved is worth more.
 */
static void save(struct run *run, struct em_record *record)
{
    struct fault fault = {.kind = FAULT_NONE};
    if (record_is_empty(record)) {
        return;
    }
    if (!record_has_answer(record) && access(run->options.save, F_OK) == 0) {
        lines_add(&run->probe.notices, "--save: %s was left as it was, as EM gave no answer",
                  run->options.save);
        return;
    }
    const struct buf *text = record_finish(record, &fault);
    run->saved = text != NULL && file_replace(run->options.save, text, &fault) == 0;
    if (!run->saved && run->probe.fault.kind == FAULT_NONE) {
        fault_wrap(&fault, "--save");
        run->probe.fault = fault;
    }
}

/* The one way from options to a probe. It asks EM itself, whatever others have kept. */
static void probe(struct run *run)
{
    struct probe *probe = &run->probe;
    struct em_record *record = NULL;
    if (arm_ending(&run->options, run->started_ms, &probe->fault) < 0 ||
        password_read(&run->options, &probe->fault) < 0 ||
        (run->options.save != NULL && (record = record_open(SAVED_LIMIT, &probe->fault)) == NULL)) {
        return;
    }
    struct fetch_settings settings = fetch_settings_of(&run->options, run->started_ms);
    settings.em.session_cache = NULL;
    settings.em.refusals = NULL;
    settings.em.record = record;
    settings.em.stop_descriptor = ending_defer(true);
    probe_fetch(&settings.em, &run->options.scope, probe, &run->trace);
    ending_defer(false);
    probe_judge(probe);
    if (record != NULL) {
        save(run, record);
    }
    record_close(record);
}

/* The one way from options to a verdict. */
static void check(struct run *run)
{
    const struct options *options = &run->options;
    struct fault fault = {.kind = FAULT_NONE};
    struct site site = unknown_site(options);
    if (arm_ending(options, run->started_ms, &fault) < 0 ||
        password_read(&run->options, &fault) < 0 || fetch_site(run, &site, &fault) < 0 ||
        judge(&options->scope, &options->rules, &site, clock_utc(), &run->verdict, &fault) < 0) {
        verdict_of_fault(&fault, &options->scope, &options->rules, &site, clock_utc(),
                         &run->verdict);
    }
    site_free(&site);
}

/* Writes the verdict, or what was asked for in its place. */
static void write_output(struct run *run)
{
    const struct options *options = &run->options;
    if (options->action == ACTION_HELP) {
        help_append(&run->output);
        return;
    }
    if (options->action == ACTION_START) {
        start_append(&run->output);
        return;
    }
    if (options->action == ACTION_VERSION) {
        version_append(&run->output);
        return;
    }
    if (options->format == FORMAT_JSON) {
        // EM's pages have gone; what they took need not stand beside a report of megabytes.
        malloc_trim(0);
    }
    if (options->probe) {
        const char *saved = run->saved ? options->save : NULL;
        run->state = append_probe(&run->output, &run->probe, saved, options);
    } else {
        append_report(&run->output, &run->verdict, options);
    }
    buf_text(&run->output, options->format == FORMAT_TEXT ? buf_string(&run->trace) : "");
    buf_share_failure(&run->output, &run->trace);
    mask_buf(&options->mask, &run->output); // a net: what EM said is masked already
    if (!options->probe) {
        run->state = options->list ? verdict_fault_state(&run->verdict) : run->verdict.state;
    }
}

/* Prints what was written or, where it could not be, that fault, in the format asked for. */
static int show(struct run *run)
{
    struct buf *output = &run->output;
    if (output->failure != BUF_FINE) {
        struct fault fault;
        fault_set(&fault, FAULT_INTERNAL, "the report is too large, or memory is short");
        buf_free(output);
        run->state = report_fault(output, &fault, &run->options);
    }
    const bool fine = output->failure == BUF_FINE;
    const char *shown =
        fine ? buf_string(output) : report_last_resort(choose_format(&run->options));
    // What goes to a command pipe, where others write as well, gets there a line in one piece.
    return ending_print(shown, fine ? output->length : strlen(shown),
                        run->options.format == FORMAT_PASSIVE, fine ? run->state : STATE_UNKNOWN);
}

int main(int argc, char **argv)
{
    secrecy_start(argc, argv);
    struct fault fault = {.kind = FAULT_NONE};
    const bool started = ending_start(&fault) == 0;
    static struct run run; // the lines of a probe take memory when they are written
    run_init(&run, argc, argv);
    if (!started || read_options(&run, argc, argv, &fault) < 0) {
        run.probe.fault = fault;
        verdict_of_fault(&fault, &run.options.scope, &run.options.rules, NULL, clock_utc(),
                         &run.verdict);
    } else if (run.options.action == ACTION_CHECK && run.options.probe) {
        probe(&run);
    } else if (run.options.action == ACTION_CHECK) {
        check(&run);
    }
    write_output(&run);
    const int state = show(&run);
    run_free(&run);
    return state;
}
