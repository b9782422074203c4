// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The options are one table: what each is for, what it is called and takes, which function reads
 * that, and where to. The first wrong one is the fault; the others are still read, so that
 * the fault is reported in the format that was asked for.
 */
#include "plugins/options.h"

#include <assert.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/version.h"
#include "monitoring/mp.h"
#include "monitoring/range.h"
#include "report/report.h"

enum {
    PORT_TLS = 9398,
    PORT_PLAIN = 9399,
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_SINCE_S = 3 * 86400,
    DEFAULT_IDLE_S = 3600,
    DEFAULT_SNAPSHOT_AGE_S = 60,
    PASSWORD_LIMIT = 4096,
    NOT_REACHED = 1 << FAULT_UNREACHABLE | 1 << FAULT_TLS | 1 << FAULT_SERVER
};

static_assert(sizeof(enum action) == sizeof(int) && sizeof(enum format) == sizeof(int) &&
                  sizeof(enum report_perfdata) == sizeof(int) &&
                  sizeof(enum em_family) == sizeof(int) &&
                  sizeof(enum em_tls_version) == sizeof(int),
              "readers write enumerations as int");

#define IN(member) offsetof(struct options, member)

static const char check[] = "Check";
static const char look[] = "Look first";
static const char narrow[] = "Narrow";
static const char reach[] = "Reach EM";
static const char logon[] = "Log on";
static const char trust[] = "Trust EM";
static const char spare[] = "Spare EM";
static const char alarms[] = "Alarm";
static const char measure[] = "Measure lag";
static const char give_up[] = "Give up";
static const char print[] = "Print";

const struct option_row options_table[] = {
    {check, 0, "vm", "NAME", option_value_scope, IN(scope), SCOPE_VM},
    {check, 0, "policy", "NAME", option_value_scope, IN(scope), SCOPE_POLICY},
    {check, 0, "all", NULL, option_value_kind, IN(scope), SCOPE_ALL},
    {check, 0, "em", NULL, option_value_kind, IN(scope), SCOPE_EM},
    {check, 'i', "id", "ID", option_value_id, IN(scope), 0},
    {check, 0, "input", "FILE", option_value_text, IN(input), 0},

    {look, 0, "probe", NULL, option_value_flag, IN(probe), 0},
    {look, 0, "save", "FILE", option_value_text, IN(save), 0},

    {narrow, 0, "include-vm", "REGEX", option_value_pattern, IN(scope.included), 0},
    {narrow, 0, "exclude-vm", "REGEX", option_value_pattern, IN(scope.excluded), 0},
    {narrow, 0, "backup-server", "NAME", option_value_name, IN(scope.backup_servers), 0},
    {narrow, 0, "since", "DURATION", option_value_period, IN(scope.since_s), 0},

    {reach, 'H', "hostname", "HOST", option_value_host, IN(em.server.host), 0},
    {reach, 'p', "port", "PORT", option_value_port, IN(em.server.port), 0},
    {reach, '4', "ipv4", NULL, option_value_choice, IN(em.server.family), EM_FAMILY_IPV4},
    {reach, '6', "ipv6", NULL, option_value_choice, IN(em.server.family), EM_FAMILY_IPV6},
    {reach, 0, "connect-to", "HOST[:PORT]", option_value_host_and_port, IN(em.server.connect_to),
     0},
    {reach, 0, "proxy", "URL|none", option_value_text, IN(em.server.proxy), 0},

    {logon, 'u', "username", "USER", option_value_username, IN(em.username), 0},
    {logon, 0, "password-file", "FILE", option_value_password_file, IN(password), 0},
    {logon, 0, "password", "TEXT", option_value_password, IN(password), 0},
    // np_extra_opts takes it out of the command line.
    {logon, 0, "extra-opts", "[=[SECTION][@FILE]]", NULL, 0, 0},

    {trust, 0, "ca-file", "FILE", option_value_text, IN(em.server.ca_file), 0},
    {trust, 0, "ca-path", "DIR", option_value_text, IN(em.server.ca_path), 0},
    {trust, 0, "pinned-pubkey", "sha256//BASE64[;...]", option_value_pin,
     IN(em.server.pinned_pubkey), 0},
    {trust, 0, "tls-min", "1.2|1.3", option_value_word, IN(em.server.tls_min), 0},
    {trust, 'k', "insecure", NULL, option_value_flag, IN(em.server.insecure), 0},
    {trust, 0, "no-tls", NULL, option_value_flag, IN(em.server.plain), 0},

    {spare, 0, "session-cache", "DIR", option_value_text, IN(em.session_cache), 0},
    {spare, 0, "snapshot", "DIR", option_value_text, IN(snapshot), 0},
    {spare, 0, "snapshot-age", "DURATION", option_value_duration, IN(snapshot_age_s), 0},
    {spare, 0, "sessions-only", NULL, option_value_flag, IN(scope.sessions_only), 0},

    {alarms, 'w', "warning", "RANGE", option_value_times, IN(rules.warning[METRIC_DURATION]), 0},
    {alarms, 'c', "critical", "RANGE", option_value_times, IN(rules.critical[METRIC_DURATION]), 0},
    {alarms, 0, "warning-age", "RANGE", option_value_times, IN(rules.warning[METRIC_AGE]), 0},
    {alarms, 0, "critical-age", "RANGE", option_value_times, IN(rules.critical[METRIC_AGE]), 0},
    {alarms, 0, "warning-size", "RANGE", option_value_sizes, IN(rules.warning[METRIC_TOTAL_SIZE]),
     0},
    {alarms, 0, "critical-size", "RANGE", option_value_sizes, IN(rules.critical[METRIC_TOTAL_SIZE]),
     0},
    {alarms, 0, "warning-data-age", "RANGE", option_value_times, IN(rules.warning[METRIC_DATA_AGE]),
     0},
    {alarms, 0, "critical-data-age", "RANGE", option_value_times,
     IN(rules.critical[METRIC_DATA_AGE]), 0},
    {alarms, 0, "idle-after", "DURATION", option_value_period, IN(scope.limits.idle_s), 0},
    {alarms, 0, "overdue-after", "DURATION", option_value_period, IN(scope.limits.overdue_s), 0},
    {alarms, 0, "map", "WHAT=STATE[,...]", option_value_state_map, IN(rules.matrix), 0},
    {alarms, 0, "reason", "STATE:REGEX", option_value_reason, IN(rules), 0},
    {alarms, 0, "no-last-completed", NULL, option_value_flag, IN(scope.newest_only), 0},

    {measure, 0, "rpo", NULL, option_value_flag, IN(scope.points), 0},
    {measure, 0, "warning-lag", "RANGE", option_value_times, IN(rules.warning[METRIC_RPO_LAG]), 0},
    {measure, 0, "critical-lag", "RANGE", option_value_times, IN(rules.critical[METRIC_RPO_LAG]),
     0},
    {measure, 0, "warning-gap", "RANGE", option_value_times, IN(rules.warning[METRIC_RPO_GAP]), 0},
    {measure, 0, "critical-gap", "RANGE", option_value_times, IN(rules.critical[METRIC_RPO_GAP]),
     0},
    {measure, 0, "warning-compliance", "RANGE", option_value_percents,
     IN(rules.warning[METRIC_RPO_COMPLIANCE]), 0},
    {measure, 0, "critical-compliance", "RANGE", option_value_percents,
     IN(rules.critical[METRIC_RPO_COMPLIANCE]), 0},
    {measure, 0, "warning-app-age", "RANGE", option_value_times, IN(rules.warning[METRIC_APP_AGE]),
     0},
    {measure, 0, "critical-app-age", "RANGE", option_value_times,
     IN(rules.critical[METRIC_APP_AGE]), 0},
    {measure, 0, "rpo-window", "DURATION", option_value_period, IN(rpo_window_s), 0},

    {give_up, 't', "timeout", "SECONDS[:STATE]", option_value_deadline, IN(timeout), 0},
    {give_up, 0, "unreachable-result", "STATE", option_value_fault_state, IN(rules.fault_states),
     NOT_REACHED},
    {give_up, 0, "empty-result", "STATE", option_value_fault_state, IN(rules.fault_states),
     1 << FAULT_NOT_FOUND},

    {print, 0, "format", "text|json|openmetrics|passive", option_value_word, IN(format), 0},
    {print, 0, "perfdata", "auto|vm|summary|none", option_value_word, IN(perfdata), 0},
    {print, 0, "list", NULL, option_value_flag, IN(list), 0},
    {print, 0, "passive-host", "TEMPLATE", option_value_text, IN(passive_host), 0},
    {print, 0, "passive-service", "TEMPLATE", option_value_text, IN(passive_service), 0},
    {print, 'v', "verbose", NULL, option_value_verbosity, IN(em.verbosity), 0},
    {print, 'h', "help", NULL, option_value_choice, IN(action), ACTION_HELP},
    {print, 'V', "version", NULL, option_value_choice, IN(action), ACTION_VERSION},
    {.name = NULL},
};

enum { ROWS = sizeof options_table / sizeof options_table[0] - 1, FIRST_LONG = 256 };

/* What getopt_long wants: the table in its own shape. */
struct getopt_tables {
    struct option names[ROWS + 1];
    char letters[ROWS * 2 + 2];
};

static void fill_tables(struct getopt_tables *tables)
{
    struct option *name = tables->names;
    char *letter = tables->letters;
    *letter++ = ':'; // tell a missing value from an unknown option
    for (int i = 0; i < ROWS; i++) {
        const struct option_row *row = &options_table[i];
        const bool takes_value = row->argument != NULL;
        if (row->read == NULL) {
            continue;
        }
        *name = (struct option){.name = row->name,
                                .has_arg = takes_value ? required_argument : no_argument,
                                .val = FIRST_LONG + i};
        name++;
        if (row->letter != 0) {
            *letter++ = row->letter;
            if (takes_value) {
                *letter++ = ':';
            }
        }
    }
    *name = (struct option){0};
    *letter = '\0';
}

static const struct option_row *find_row(int code)
{
    for (int i = 0; i < ROWS; i++) {
        if (code == FIRST_LONG + i || (code != 0 && code == options_table[i].letter)) {
            return &options_table[i];
        }
    }
    return NULL;
}

/* getopt found something it can't take; `word` is where it stands. */
static int wrong_option(int code, const char *word, struct fault *fault)
{
    const struct option_row *row = find_row(optopt);
    if (row != NULL && code == ':') {
        return fault_set(fault, FAULT_USAGE, "--%s needs a value", row->name);
    }
    if (row != NULL) {
        return fault_set(fault, FAULT_USAGE, "--%s takes no value", row->name);
    }
    if (optopt != 0) {
        return fault_set(fault, FAULT_USAGE, "-%c: unknown option; see --help", optopt);
    }
    // Not its value: that may be a password behind a misspelt name.
    return fault_set(fault, FAULT_USAGE, "%.*s: unknown or ambiguous option; see --help",
                     (int)strcspn(word, "="), word);
}

static int read_option(struct options *options, int code, const char *word, struct fault *fault)
{
    const struct option_row *row = code == '?' || code == ':' ? NULL : find_row(code);
    if (row == NULL) {
        return wrong_option(code, word, fault);
    }
    if (optarg != NULL && optarg == word && strncmp(word, "--", 2) == 0) {
        // A value that was left out, or an empty macro; what follows may be the password.
        return fault_set(fault, FAULT_USAGE,
                         "--%s needs a value (write one that starts with -- as --%s=VALUE)",
                         row->name, row->name);
    }
    const struct option_target target = {
        .member = (char *)options + row->member, .choice = row->choice, .argument = row->argument};
    if (row->read(&target, optarg, fault) < 0) {
        return fault_wrap(fault, "--%s", row->name);
    }
    return 0;
}

/* Whether the report of a run that ends early needs it. */
static bool is_early(int code)
{
    static const char *const early[] = {"timeout", "format",   "list",
                                        "probe",   "hostname", "passive-service"};
    const struct option_row *row = find_row(code);
    bool found = false;
    for (size_t i = 0; row != NULL && i < sizeof early / sizeof early[0]; i++) {
        found = found || strcmp(row->name, early[i]) == 0;
    }
    return found;
}

/*
 * Reads all options: those of the ini file, and from argv[own] on those of the command line. 0 for
 * `own`: only the early ones. getopt changes the order of the words.
 */
static int read_words(struct options *options, int argc, char **argv, int own, struct fault *fault)
{
    struct getopt_tables tables = {0};
    int code = 0;
    int before = 1; // the word that is read
    fill_tables(&tables);
    optind = 0; // glibc: start afresh, for callers that read more than one command line
    opterr = 0;
    while ((code = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        struct fault found = {.kind = FAULT_NONE};
        const struct option_row *row = find_row(code);
        const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
        if (own == 0 && !is_early(code)) {
            continue;
        }
        if (read_option(options, code, word, &found) < 0) {
            *fault = fault->kind == FAULT_NONE ? found : *fault;
        } else if (row != NULL && own > 0 && before >= own) {
            probe_command_add(&options->command, row->name, row->letter, optarg);
        }
        before = optind;
    }
    if (optind < argc && fault->kind == FAULT_NONE) {
        // Its text is not shown: it may be a password that lost its option.
        fault_set(fault, FAULT_USAGE, "%d unexpected argument%s (write values as --name=VALUE)",
                  argc - optind, argc - optind == 1 ? "" : "s");
    }
    options->rules.fault_states[FAULT_TIMEOUT] = options->timeout.state;
    return fault->kind == FAULT_NONE ? 0 : -1;
}

void options_read_early(struct options *options, int argc, char **argv)
{
    struct fault ignored = {.kind = FAULT_NONE};
    cleanup_free char **words = calloc((size_t)argc + 1, sizeof *words);
    if (words != NULL) {
        memcpy(words, argv, (size_t)argc * sizeof *words);
        read_words(options, argc, words, 0, &ignored);
    }
}

static int check_trust(const struct em_server *server, struct fault *fault)
{
    const struct {
        const char *option, *path;
    } files[] = {{"--ca-file", server->ca_file}, {"--ca-path", server->ca_path}};
    const bool trusts =
        server->ca_file != NULL || server->ca_path != NULL || server->pinned_pubkey != NULL;
    if (trusts && (server->insecure || server->plain)) {
        return fault_set(fault, FAULT_USAGE,
                         "%s verifies nothing: leave out --ca-file, --ca-path and --pinned-pubkey",
                         server->plain ? "--no-tls" : "--insecure");
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].path != NULL && access(files[i].path, R_OK) < 0) {
            return fault_set(fault, FAULT_USAGE, "%s: %s can't be read", files[i].option,
                             files[i].path);
        }
    }
    return 0;
}

static int check_output(const struct options *options, struct fault *fault)
{
    const struct {
        const char *option, *text;
    } templates[] = {{"--passive-host", options->passive_host},
                     {"--passive-service", options->passive_service}};
    const bool passive = options->format == FORMAT_PASSIVE;
    if (options->list && (passive || options->format == FORMAT_OPENMETRICS)) {
        return fault_set(fault, FAULT_USAGE, "--list goes with --format=text or json");
    }
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        if (templates[i].text != NULL && !passive) {
            return fault_set(fault, FAULT_USAGE, "%s goes with --format=passive",
                             templates[i].option);
        }
        if (templates[i].text != NULL && passive_template_check(templates[i].text, fault) < 0) {
            return fault_wrap(fault, "%s", templates[i].option);
        }
    }
    return 0;
}

/* A snapshot holds the sessions that speak for VMs, of what EM has. */
static int check_snapshot(const struct options *options, struct fault *fault)
{
    if (options->snapshot == NULL) {
        return 0;
    }
    if (options->input != NULL) {
        return fault_set(fault, FAULT_USAGE, "--snapshot is of EM's answers: leave out --input");
    }
    if (options->scope.kind == SCOPE_ID) {
        return fault_set(fault, FAULT_USAGE,
                         "--snapshot has each VM's newest sessions, not those of any id: "
                         "--vm, --policy or --all");
    }
    return 0;
}

static bool has_threshold(const struct rules *rules, enum metric metric)
{
    return rules->warning[metric].range != NULL || rules->critical[metric].range != NULL;
}

/* A range that nothing breaks turns a threshold off. */
static bool can_break(const struct threshold *threshold)
{
    return threshold->range != NULL && range_can_break(threshold->range);
}

/* What can't be judged must not be asked for: it would look as if it were fine. */
static int check_data_age(const struct options *options, struct fault *fault)
{
    if (!can_break(&options->rules.warning[METRIC_DATA_AGE]) &&
        !can_break(&options->rules.critical[METRIC_DATA_AGE])) {
        return 0;
    }
    const char *without = options->scope.sessions_only      ? "--sessions-only"
                          : options->input != NULL          ? "--input"
                          : options->scope.kind == SCOPE_ID ? "--id"
                                                            : NULL;
    return without == NULL
               ? 0
               : fault_set(fault, FAULT_USAGE,
                           "%s asks EM for no data collection: leave out --warning-data-age and "
                           "--critical-data-age",
                           without);
}

/*
 * EM is asked about a day, which is what its documents ask about, so that a lag or a gap that is
 * longer than the window has its length; and about an hour more than the longest limit.
 */
static void complete_points(struct options *options)
{
    static const double hour = 3600;
    static const double day = 86400;
    static const double longest = 10 * 365 * 86400.0; // as --rpo-window itself
    struct scope *scope = &options->scope;
    scope->window_s = options->rpo_window_s > 0 ? options->rpo_window_s : hour;
    double needed = scope->window_s;
    for (enum metric metric = METRIC_RPO_LAG; metric < VM_METRICS; metric++) {
        const bool is_span = metric != METRIC_RPO_COMPLIANCE;
        const double largest = is_span ? rules_largest_limit(&options->rules, metric) : 0;
        needed = largest > needed ? largest : needed;
        scope->points = scope->points || has_threshold(&options->rules, metric);
    }
    needed = needed + hour > day ? needed + hour : day;
    scope->points_since_s = needed < longest ? needed : longest;
}

/* Each VM costs EM a request, so VMs are named, by themselves or by their policy. */
static int check_points(const struct options *options, struct fault *fault)
{
    const struct scope *scope = &options->scope;
    if (!scope->points) {
        return options->rpo_window_s > 0
                   ? fault_set(fault, FAULT_USAGE,
                               "--rpo-window goes with --rpo or a threshold on restore points")
                   : 0;
    }
    if (options->input != NULL || scope->sessions_only) {
        return fault_set(fault, FAULT_USAGE,
                         "%s asks EM for no restore points: leave out --rpo and thresholds on lag, "
                         "gap, compliance and app-age",
                         options->input != NULL ? "--input" : "--sessions-only");
    }
    return scope->kind == SCOPE_VM || scope->kind == SCOPE_POLICY || scope->kind == SCOPE_EM ||
                   scope->kind == SCOPE_WHOLE
               ? 0
               : fault_set(fault, FAULT_USAGE,
                           "--rpo and thresholds on lag, gap, compliance and app-age go with --vm "
                           "or --policy: each VM costs EM a request");
}

static bool has_any_threshold(const struct rules *rules)
{
    bool found = false;
    for (enum metric metric = 0; metric < METRICS; metric++) {
        found = found || has_threshold(rules, metric);
    }
    return found;
}

/* A probe looks at all of EM, and judges nothing. */
static int check_probe(const struct options *options, struct fault *fault)
{
    const struct scope *scope = &options->scope;
    const struct {
        const char *option;
        bool given;
    } others[] = {{"--id, --vm, --policy, --all and --em", scope->kind != SCOPE_WHOLE},
                  {"--input", options->input != NULL},
                  {"--sessions-only", scope->sessions_only},
                  {"--list", options->list},
                  {"--backup-server", scope->backup_servers.count > 0},
                  {"--include-vm", scope->included.count > 0},
                  {"--exclude-vm", scope->excluded.count > 0},
                  {"--warning and --critical", has_any_threshold(&options->rules)},
                  {"--rpo", scope->points}};
    if (options->format != FORMAT_TEXT && options->format != FORMAT_JSON) {
        return fault_set(fault, FAULT_USAGE, "--probe goes with --format=text or json");
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].given) {
            return fault_set(fault, FAULT_USAGE, "--probe looks at all of EM: leave out %s",
                             others[i].option);
        }
    }
    return 0;
}

/* Before EM is asked: whoever has waited for a probe should have the file. */
static int check_save(const struct options *options, struct fault *fault)
{
    if (options->save == NULL) {
        return 0;
    }
    if (!options->probe) {
        return fault_set(fault, FAULT_USAGE, "--save goes with --probe");
    }
    if (strcmp(options->save, "-") == 0) {
        return fault_set(fault, FAULT_USAGE, "--save needs a file: standard output has the report");
    }
    return file_can_replace(options->save, fault) < 0 ? fault_wrap(fault, "--save") : 0;
}

/* --em judges no VM. */
static int check_em(const struct options *options, struct fault *fault)
{
    const struct scope *scope = &options->scope;
    if (scope->kind != SCOPE_EM) {
        return 0;
    }
    const struct {
        const char *option;
        bool given;
    } others[] = {{"--input", options->input != NULL},
                  {"--sessions-only", scope->sessions_only},
                  {"--list", options->list},
                  {"--backup-server", scope->backup_servers.count > 0},
                  {"--include-vm", scope->included.count > 0},
                  {"--exclude-vm", scope->excluded.count > 0}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].given) {
            return fault_set(fault, FAULT_USAGE, "--em judges no VM: leave out %s",
                             others[i].option);
        }
    }
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        if (has_threshold(&options->rules, metric)) {
            return fault_set(fault, FAULT_USAGE, "--em judges no VM: leave out %s and %s",
                             metrics[metric].warning_option, metrics[metric].critical_option);
        }
    }
    return scope->points ? fault_set(fault, FAULT_USAGE, "--em judges no VM: leave out --rpo") : 0;
}

static int check_all(struct options *options, struct fault *fault)
{
    if (check_save(options, fault) < 0 || (options->probe && check_probe(options, fault) < 0)) {
        return -1;
    }
    if (check_output(options, fault) < 0 || check_snapshot(options, fault) < 0 ||
        check_data_age(options, fault) < 0 || check_em(options, fault) < 0 ||
        check_points(options, fault) < 0) {
        return -1;
    }
    if (options->input != NULL) {
        return 0;
    }
    if (options->em.server.host == NULL) {
        return fault_set(fault, FAULT_USAGE, "--hostname is needed (or --input); see --help");
    }
    if (options->scope.kind == SCOPE_WHOLE && !options->probe) {
        return fault_set(fault, FAULT_USAGE,
                         "--id, --vm, --policy, --all, --em or --probe is needed; see --help");
    }
    if (options->em.username == NULL) {
        char *username = getenv("VEEAM_EM_USERNAME");
        if (username == NULL) {
            return fault_set(fault, FAULT_USAGE,
                             "--username is needed, or VEEAM_EM_USERNAME in the environment");
        }
        const struct option_target target = {.member = &options->em.username};
        if (option_value_username(&target, username, fault) < 0) {
            return fault_wrap(fault, "VEEAM_EM_USERNAME");
        }
    }
    return check_trust(&options->em.server, fault);
}

void options_init(struct options *options)
{
    *options = (struct options){
        .timeout = {DEFAULT_TIMEOUT_MS, STATE_UNKNOWN},
        .scope = {.since_s = DEFAULT_SINCE_S, .limits = {.idle_s = DEFAULT_IDLE_S}},
        .snapshot_age_s = DEFAULT_SNAPSHOT_AGE_S};
    buf_init(&options->password.text, PASSWORD_LIMIT);
    buf_init(&options->server_name, HOST_LIMIT + sizeof "[]:65535");
    matrix_init(&options->rules.matrix);
    for (size_t kind = 0; kind <= FAULT_INTERNAL; kind++) {
        options->rules.fault_states[kind] = STATE_UNKNOWN;
    }
}

static uint16_t usual_port(bool plain)
{
    return plain ? PORT_PLAIN : PORT_TLS;
}

/* What follows from the options that were given. */
static void complete(struct options *options)
{
    struct em_server *server = &options->em.server;
    options->em.refusals =
        options->em.session_cache != NULL ? options->em.session_cache : options->snapshot;
    if (server->port == 0) {
        server->port = usual_port(server->plain);
    }
    if (server->host != NULL && options->input == NULL) {
        em_server_append(&options->server_name, server);
    }
}

/* EM is asked unless --warning-data-age turns its default off and nothing else can alert. */
static bool wants_data_age(const struct options *options)
{
    const struct threshold *warning = &options->rules.warning[METRIC_DATA_AGE];
    const struct threshold *critical = &options->rules.critical[METRIC_DATA_AGE];
    const enum scope_kind kind = options->scope.kind;
    const bool of_em =
        kind == SCOPE_VM || kind == SCOPE_POLICY || kind == SCOPE_ALL || kind == SCOPE_EM;
    return of_em && options->input == NULL && !options->scope.sessions_only &&
           (warning->range == NULL || can_break(warning) || can_break(critical));
}

/* The words of --extra-opts, which np_extra_opts takes out; the value may be the next word. */
static struct lines words_of_ini(int argc, char **argv)
{
    static const char name[] = "--extra-opts";
    struct lines words = {.text = NULL};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, sizeof name - 1) != 0) {
            continue;
        }
        lines_add(&words, "%s", argv[i]);
        if (argv[i][sizeof name - 1] == '\0' && i + 1 < argc && argv[i + 1][0] != '-') {
            lines_add(&words, "%s", argv[i + 1]);
        }
    }
    return words;
}

int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    fault->kind = FAULT_NONE;
    if (argc <= 1) {
        options->action = ACTION_START;
        return 0;
    }
    struct lines ini = words_of_ini(argc, argv);
    const int own = argc - 1 - (int)ini.count;
    probe_command_start(&options->command, argv[0], &ini);
    lines_free(&ini);
    char **expanded = np_extra_opts(&argc, argv, PROGRAM_NAME);
    if (expanded == NULL) {
        fault_set(fault, FAULT_USAGE, "--extra-opts: %s", mp_extra_opts_error());
        expanded = argv; // for the format alone
    }
    const int result = read_words(options, argc, expanded, argc - own, fault);
    complete(options);
    if (options->action != ACTION_CHECK) {
        fault->kind = FAULT_NONE;
        return 0;
    }
    if (result == 0 && options->server_name.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    options->scope.data_age = wants_data_age(options);
    complete_points(options);
    options->scope.since_s =
        rules_since(&options->rules, options->scope.limits.idle_s, options->scope.since_s);
    if (result < 0 || check_all(options, fault) < 0) {
        return -1;
    }
    options->scope.points = options->scope.points && !options->list; // which judges nothing
    if (options->probe) { // what --all asks for is looked at
        options->scope.kind = SCOPE_ALL;
        options->scope.data_age = true;
    }
    return 0;
}

void options_free(struct options *options)
{
    struct rules *rules = &options->rules;
    for (size_t i = 0; i < METRICS; i++) {
        free(rules->warning[i].range);
        free(rules->critical[i].range);
    }
    for (size_t i = 0; i < rules->reason_count; i++) {
        pattern_free(&rules->reasons[i].pattern);
    }
    free(rules->reasons);
    probe_command_free(&options->command);
    scope_free(&options->scope);
    buf_free(&options->server_name);
    buf_wipe(&options->password.text);
    mask_free(&options->mask);
}
