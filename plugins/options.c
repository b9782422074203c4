// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The options are one table: what each is called, whether it takes a value, which function reads
 * that value, and where to. The first wrong one is the fault; the others are still read, so that
 * the fault is reported in the format that was asked for.
 */
#include "plugins/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "monitoring/mp.h"
#include "monitoring/range.h"
#include "report/report.h"

enum {
    PORT_TLS = 9398,
    PORT_PLAIN = 9399,
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_SINCE_S = 3 * 86400,
    DEFAULT_SNAPSHOT_AGE_S = 60,
    PASSWORD_LIMIT = 4096,
    HOST_LIMIT = 255
};

typedef int read_value(struct options *options, size_t place, char *value, struct fault *fault);

struct option_spec {
    const char *name;
    char letter; // 0: none
    bool takes_value;
    read_value *read;
    size_t place; // what `read` makes of it: an offset in struct options, a metric, a constant
};

static int not_one_of(struct fault *fault, const char *value, const char *choices)
{
    return fault_set(fault, FAULT_USAGE, "'%s' is not %s", value, choices);
}

static int read_text(struct options *options, size_t place, char *value, struct fault *fault)
{
    if (value[0] == '\0') {
        return fault_set(fault, FAULT_USAGE, "the value is empty");
    }
    memcpy((char *)options + place, &(const char *){value}, sizeof(const char *));
    return 0;
}

static int read_flag(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    *(bool *)((char *)options + place) = true;
    return 0;
}

static int read_action(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    options->action = (enum action)place;
    return 0;
}

static int read_family(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    options->em.server.family = (enum em_family)place;
    return 0;
}

static int read_verbose(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    (void)value;
    (void)fault;
    options->em.verbosity += options->em.verbosity < 3 ? 1 : 0;
    return 0;
}

/* A host name or an address: what may stand in a URL's place for it, and no more. */
static bool is_host(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._:%";
    for (size_t i = 0; text[i] != '\0'; i++) {
        if ((unsigned char)text[i] < 0x80 && strchr(allowed, text[i]) == NULL) {
            return false; // other bytes are those of an international name
        }
    }
    return text[0] != '\0' && strlen(text) <= HOST_LIMIT && text_is_utf8(text);
}

/* Its text is not shown if it may be a URL's: what stands before an @ there has a password. */
static int not_a_host(struct fault *fault, const char *value, const char *choices)
{
    return strchr(value, '@') == NULL
               ? not_one_of(fault, value, choices)
               : fault_set(fault, FAULT_USAGE, "the value contains an @, so it is not %s", choices);
}

static int read_host(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    const size_t length = strlen(value);
    const bool bracket = length > 2 && value[0] == '[' && value[length - 1] == ']';
    cleanup_free char *host = strndup(value + (bracket ? 1 : 0), length - (bracket ? 2 : 0));
    if (host == NULL) {
        return fault_no_memory(fault);
    }
    const char *colon = strchr(host, ':');
    if (!is_host(host) || (colon != NULL && strchr(colon + 1, ':') == NULL)) {
        return not_a_host(fault, value, "a host name or address (a port goes to --port)");
    }
    // In its place, where it is found when the value is read again.
    memcpy(value, host, strlen(host) + 1);
    options->em.server.host = value;
    return 0;
}

/* A port number and nothing behind it; 0 where the text is none. */
static uint16_t port_number(const char *text)
{
    char *end = NULL;
    const unsigned long port = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
    return port >= 1 && port <= UINT16_MAX && *end == '\0' ? (uint16_t)port : 0;
}

static int read_port(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    options->em.server.port = port_number(value);
    if (options->em.server.port == 0) {
        // The value is not shown: for some other plugins, -p is the password.
        return fault_set(fault, FAULT_USAGE, "the value is not a port from 1 to 65535");
    }
    return 0;
}

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. */
static bool is_host_and_port(const char *text)
{
    char host[HOST_LIMIT + 1];
    const bool bracket = text[0] == '[';
    const char *start = text + (bracket ? 1 : 0);
    const size_t length = strcspn(start, bracket ? "]" : ":");
    const char *rest = start + length;
    if (length >= sizeof host || (bracket && *rest++ != ']')) {
        return false;
    }
    memcpy(host, start, length);
    host[length] = '\0';
    return is_host(host) && (rest[0] == '\0' || (rest[0] == ':' && port_number(rest + 1) != 0));
}

static int read_connect_to(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    if (!is_host_and_port(value)) {
        return not_a_host(fault, value, "HOST or HOST:PORT (an IPv6 address stands in [])");
    }
    options->em.server.connect_to = value;
    return 0;
}

static int read_username(struct options *options, size_t place, char *value, struct fault *fault)
{
    if (strchr(value, ':') != NULL) {
        return fault_set(fault, FAULT_USAGE, "HTTP's Basic logon takes no ':' in a user name");
    }
    return read_text(options, place, value, fault);
}

static int read_password_text(struct options *options, size_t place, char *value,
                              struct fault *fault)
{
    (void)place;
    const size_t length = strlen(value);
    buf_wipe(&options->password);
    buf_text(&options->password, value);
    explicit_bzero(value, length); // from here on no list of processes shows it
    options->password_file = NULL;
    if (options->password.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    return length == 0 || options->password.failure == BUF_TOO_BIG
               ? fault_set(fault, FAULT_USAGE, "the password is empty or too long")
               : 0;
}

static int read_password_file(struct options *options, size_t place, char *value,
                              struct fault *fault)
{
    buf_wipe(&options->password);
    return read_text(options, place, value, fault);
}

static int read_pin(struct options *options, size_t place, char *value, struct fault *fault)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char prefix[] = "sha256//";
    const char *pin = value;
    for (;;) {
        const size_t prefix_length = strlen(prefix);
        const bool fine = strncmp(pin, prefix, prefix_length) == 0 &&
                          strspn(pin + prefix_length, base64) == 43 &&
                          pin[prefix_length + 43] == '=';
        const char end = fine ? pin[prefix_length + 44] : '\0';
        if (!fine || (end != '\0' && end != ';')) {
            return not_one_of(fault, value,
                              "sha256// and 44 characters of base64; several stand "
                              "with ';' between them");
        }
        if (end == '\0') {
            return read_text(options, place, value, fault);
        }
        pin += prefix_length + 45;
    }
}

static int read_tls_min(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    if (strcmp(value, "1.2") != 0 && strcmp(value, "1.3") != 0) {
        return not_one_of(fault, value, "1.2 or 1.3");
    }
    options->em.server.tls_min = value[2] == '3' ? EM_TLS_1_3 : EM_TLS_1_2;
    return 0;
}

static int read_state(const char *value, int *state, struct fault *fault)
{
    return state_read(value, state)
               ? 0
               : not_one_of(fault, value, "ok, warning, critical, unknown or 0-3");
}

/* The value is read twice, so it stays as it is. */
static int read_timeout(struct options *options, size_t place, char *value, struct fault *fault)
{
    static const double longest = 24 * 3600.0;
    double seconds = 0;
    const char *state = strchr(value, ':');
    cleanup_free char *number = strndup(value, strcspn(value, ":"));
    (void)place;
    if (number == NULL) {
        return fault_no_memory(fault);
    }
    if (state != NULL &&
        read_state(state + 1, &options->rules.fault_states[FAULT_TIMEOUT], fault) < 0) {
        return -1;
    }
    if (!duration_read(number, &seconds) || seconds < 0.001 || seconds > longest) {
        return not_one_of(fault, number, "a number of seconds above 0, up to a day");
    }
    options->timeout_ms = (int64_t)(seconds * 1000);
    return 0;
}

static int read_unreachable(struct options *options, size_t place, char *value, struct fault *fault)
{
    int state = STATE_UNKNOWN;
    (void)place;
    if (read_state(value, &state, fault) < 0) {
        return -1;
    }
    options->rules.fault_states[FAULT_UNREACHABLE] = state;
    options->rules.fault_states[FAULT_TLS] = state;
    options->rules.fault_states[FAULT_SERVER] = state;
    return 0;
}

static int read_empty(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    return read_state(value, &options->rules.fault_states[FAULT_NOT_FOUND], fault);
}

/* The place of the value among the words; -1: it is none of them. */
static int find_word(const char *value, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(value, words[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int read_format(struct options *options, size_t place, char *value, struct fault *fault)
{
    static const char *const words[] = {[FORMAT_TEXT] = "text",
                                        [FORMAT_JSON] = "json",
                                        [FORMAT_OPENMETRICS] = "openmetrics",
                                        [FORMAT_PASSIVE] = "passive"};
    const int format = find_word(value, words, sizeof words / sizeof words[0]);
    (void)place;
    if (format < 0) {
        return not_one_of(fault, value, "text, json, openmetrics or passive");
    }
    options->format = (enum format)format;
    return 0;
}

static int read_perfdata(struct options *options, size_t place, char *value, struct fault *fault)
{
    static const char *const words[] = {[PERFDATA_OPTION_AUTO] = "auto",
                                        [PERFDATA_OPTION_VM] = "vm",
                                        [PERFDATA_OPTION_SUMMARY] = "summary",
                                        [PERFDATA_OPTION_NONE] = "none"};
    const int perfdata = find_word(value, words, sizeof words / sizeof words[0]);
    (void)place;
    if (perfdata < 0) {
        return not_one_of(fault, value, "auto, vm, summary or none");
    }
    options->perfdata = (enum perfdata)perfdata;
    return 0;
}

/* A duration of at least `least` seconds, up to ten years. */
static int read_duration(double *seconds, double least, const char *value, struct fault *fault)
{
    static const double longest = 10 * 365 * 86400.0;
    if (!duration_read(value, seconds) || *seconds < least || *seconds > longest) {
        return not_one_of(fault, value, "a duration such as 90s, 12h or 3d");
    }
    return 0;
}

/* Three seconds are no one's idea of how far back to look: who writes 3 means days. */
static int read_since(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    if (value[0] != '\0' && value[strspn(value, "0123456789.")] == '\0') {
        return fault_set(fault, FAULT_USAGE, "'%s' needs a unit: s, m, h, d or w", value);
    }
    return read_duration(&options->since_s, 1, value, fault);
}

static int read_snapshot_age(struct options *options, size_t place, char *value,
                             struct fault *fault)
{
    (void)place;
    return read_duration(&options->snapshot_age_s, 0, value, fault);
}

static int add_selector(struct options *options, enum selector_kind kind, const char *text,
                        struct fault *fault)
{
    static const char *const names[] = {[SELECT_ID] = "--id",
                                        [SELECT_VM] = "--vm",
                                        [SELECT_POLICY] = "--policy",
                                        [SELECT_ALL] = "--all"};
    for (size_t i = 0; i < options->selector_count; i++) {
        if (options->selectors[i].kind != kind) {
            return fault_set(fault, FAULT_USAGE, "%s and %s don't go together: one of them",
                             names[options->selectors[i].kind], names[kind]);
        }
        if (strcmp(options->selectors[i].text, text) == 0) {
            return 0;
        }
    }
    struct selector *selectors =
        reallocarray(options->selectors, options->selector_count + 1, sizeof *selectors);
    if (selectors == NULL) {
        return fault_no_memory(fault);
    }
    options->selectors = selectors;
    selectors[options->selector_count++] = (struct selector){.kind = kind, .text = text};
    return 0;
}

/* The UUID takes the place of the value, in whose memory it always fits. */
static int read_id(struct options *options, size_t place, char *value, struct fault *fault)
{
    char uuid[UUID_SIZE];
    (void)place;
    if (!task_session_uuid(value, uuid)) {
        return fault_set(fault, FAULT_USAGE,
                         "'%s' is neither a UUID nor urn:veeam:CdpReplicaTaskSession:UUID", value);
    }
    memcpy(value, uuid, UUID_SIZE);
    return add_selector(options, SELECT_ID, value, fault);
}

static int read_name(struct options *options, size_t place, char *value, struct fault *fault)
{
    if (value[0] == '\0' || strlen(value) > 1024) {
        return fault_set(fault, FAULT_USAGE, "the name is empty or longer than 1024 bytes");
    }
    return add_selector(options, (enum selector_kind)place, value, fault);
}

static int read_all_vms(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    (void)value;
    return add_selector(options, SELECT_ALL, "", fault);
}

static int read_regex(struct options *options, struct pattern *pattern, const char *text,
                      struct fault *fault)
{
    if (pattern_compile(pattern, text, fault) < 0) {
        return -1;
    }
    options->matches_bytes = options->matches_bytes || pattern->by_bytes;
    return 0;
}

static int read_pattern(struct options *options, size_t place, char *value, struct fault *fault)
{
    void *member = (char *)options + place;
    struct vm_patterns *patterns = member;
    struct pattern *items = reallocarray(patterns->items, patterns->count + 1, sizeof *items);
    if (items == NULL) {
        return fault_no_memory(fault);
    }
    patterns->items = items;
    if (read_regex(options, &items[patterns->count], value, fault) < 0) {
        return -1;
    }
    patterns->count++;
    return 0;
}

static int read_backup_server(struct options *options, size_t place, char *value,
                              struct fault *fault)
{
    (void)place;
    if (value[0] == '\0') {
        return fault_set(fault, FAULT_USAGE, "the name is empty");
    }
    const char **servers =
        reallocarray(options->backup_servers, options->backup_server_count + 1, sizeof *servers);
    if (servers == NULL) {
        return fault_no_memory(fault);
    }
    options->backup_servers = servers;
    servers[options->backup_server_count++] = value;
    return 0;
}

static int read_threshold(struct threshold *threshold, enum metric metric, const char *value,
                          struct fault *fault)
{
    range *read = range_read(value, metric == METRIC_TOTAL_SIZE ? UNIT_SIZE : UNIT_DURATION, fault);
    if (read == NULL) {
        return -1;
    }
    range_free(threshold->range);
    *threshold = (struct threshold){.range = read, .text = value};
    return 0;
}

static int read_warning(struct options *options, size_t place, char *value, struct fault *fault)
{
    return read_threshold(&options->rules.warning[place], (enum metric)place, value, fault);
}

static int read_critical(struct options *options, size_t place, char *value, struct fault *fault)
{
    return read_threshold(&options->rules.critical[place], (enum metric)place, value, fault);
}

static int read_map(struct options *options, size_t place, char *value, struct fault *fault)
{
    (void)place;
    return matrix_map(&options->rules.matrix, value, fault);
}

static int read_reason(struct options *options, size_t place, char *value, struct fault *fault)
{
    struct rules *rules = &options->rules;
    char *pattern = strchr(value, ':');
    int state = STATE_UNKNOWN;
    (void)place;
    if (pattern == NULL || pattern[1] == '\0') {
        return not_one_of(fault, value, "STATE:REGEX");
    }
    *pattern++ = '\0';
    if (read_state(value, &state, fault) < 0) {
        return -1;
    }
    struct reason_rule *reasons =
        reallocarray(rules->reasons, rules->reason_count + 1, sizeof *reasons);
    if (reasons == NULL) {
        return fault_no_memory(fault);
    }
    rules->reasons = reasons;
    struct reason_rule *rule = &reasons[rules->reason_count];
    rule->state = state;
    if (read_regex(options, &rule->pattern, pattern, fault) < 0) {
        return -1;
    }
    rules->reason_count++;
    return 0;
}

#define IN(member) offsetof(struct options, member)

static const struct option_spec specs[] = {
    {"hostname", 'H', true, read_host, 0},
    {"port", 'p', true, read_port, 0},
    {"ipv4", '4', false, read_family, EM_FAMILY_IPV4},
    {"ipv6", '6', false, read_family, EM_FAMILY_IPV6},
    {"connect-to", 0, true, read_connect_to, 0},
    {"proxy", 0, true, read_text, IN(em.server.proxy)},
    {"username", 'u', true, read_username, IN(em.username)},
    {"password-file", 0, true, read_password_file, IN(password_file)},
    {"password", 0, true, read_password_text, 0},
    {"ca-file", 0, true, read_text, IN(em.server.ca_file)},
    {"ca-path", 0, true, read_text, IN(em.server.ca_path)},
    {"pinned-pubkey", 0, true, read_pin, IN(em.server.pinned_pubkey)},
    {"insecure", 'k', false, read_flag, IN(em.server.insecure)},
    {"tls-min", 0, true, read_tls_min, 0},
    {"no-tls", 0, false, read_flag, IN(em.server.plain)},
    {"timeout", 't', true, read_timeout, 0},
    {"session-cache", 0, true, read_text, IN(em.session_cache)},
    {"unreachable-result", 0, true, read_unreachable, 0},
    {"id", 'i', true, read_id, 0},
    {"vm", 0, true, read_name, SELECT_VM},
    {"policy", 0, true, read_name, SELECT_POLICY},
    {"all", 0, false, read_all_vms, 0},
    {"input", 0, true, read_text, IN(input)},
    {"backup-server", 0, true, read_backup_server, 0},
    {"include-vm", 0, true, read_pattern, IN(included)},
    {"exclude-vm", 0, true, read_pattern, IN(excluded)},
    {"since", 0, true, read_since, 0},
    {"snapshot", 0, true, read_text, IN(snapshot)},
    {"snapshot-age", 0, true, read_snapshot_age, 0},
    {"warning", 'w', true, read_warning, METRIC_DURATION},
    {"critical", 'c', true, read_critical, METRIC_DURATION},
    {"warning-age", 0, true, read_warning, METRIC_AGE},
    {"critical-age", 0, true, read_critical, METRIC_AGE},
    {"warning-size", 0, true, read_warning, METRIC_TOTAL_SIZE},
    {"critical-size", 0, true, read_critical, METRIC_TOTAL_SIZE},
    {"map", 0, true, read_map, 0},
    {"reason", 0, true, read_reason, 0},
    {"no-last-completed", 0, false, read_flag, IN(rules.newest_alone)},
    {"empty-result", 0, true, read_empty, 0},
    {"format", 0, true, read_format, 0},
    {"perfdata", 0, true, read_perfdata, 0},
    {"list", 0, false, read_flag, IN(list)},
    {"passive-host", 0, true, read_text, IN(passive_host)},
    {"passive-service", 0, true, read_text, IN(passive_service)},
    {"verbose", 'v', false, read_verbose, 0},
    {"help", 'h', false, read_action, ACTION_HELP},
    {"version", 'V', false, read_action, ACTION_VERSION},
};

enum { SPECS = sizeof specs / sizeof specs[0], FIRST_LONG = 256 };

/* What getopt_long wants: the table in its own shape. */
struct getopt_tables {
    struct option names[SPECS + 1];
    char letters[SPECS * 2 + 2];
};

static void fill_tables(struct getopt_tables *tables)
{
    char *letter = tables->letters;
    *letter++ = ':'; // tell a missing value from an unknown option
    for (int i = 0; i < SPECS; i++) {
        tables->names[i] =
            (struct option){.name = specs[i].name,
                            .has_arg = specs[i].takes_value ? required_argument : no_argument,
                            .val = FIRST_LONG + i};
        if (specs[i].letter != 0) {
            *letter++ = specs[i].letter;
            if (specs[i].takes_value) {
                *letter++ = ':';
            }
        }
    }
    tables->names[SPECS] = (struct option){0};
    *letter = '\0';
}

static const struct option_spec *find_spec(int code)
{
    for (int i = 0; i < SPECS; i++) {
        if (code == FIRST_LONG + i || (code != 0 && code == specs[i].letter)) {
            return &specs[i];
        }
    }
    return NULL;
}

/* getopt found something it can't take; `word` is where it stands. */
static int wrong_option(int code, const char *word, struct fault *fault)
{
    const struct option_spec *spec = find_spec(optopt);
    if (spec != NULL && code == ':') {
        return fault_set(fault, FAULT_USAGE, "--%s needs a value", spec->name);
    }
    if (spec != NULL) {
        return fault_set(fault, FAULT_USAGE, "--%s takes no value", spec->name);
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
    const struct option_spec *spec = code == '?' || code == ':' ? NULL : find_spec(code);
    if (spec == NULL) {
        return wrong_option(code, word, fault);
    }
    if (optarg != NULL && optarg == word && strncmp(word, "--", 2) == 0) {
        // A value that was left out, or an empty macro; what follows may be the password.
        return fault_set(fault, FAULT_USAGE,
                         "--%s needs a value (write one that starts with -- as --%s=VALUE)",
                         spec->name, spec->name);
    }
    if (spec->read(options, spec->place, optarg, fault) < 0) {
        return fault_wrap(fault, "--%s", spec->name);
    }
    return 0;
}

static int read_all(struct options *options, int argc, char **argv, struct fault *fault)
{
    struct getopt_tables tables = {0};
    int code = 0;
    fill_tables(&tables);
    optind = 0; // glibc: start afresh, for callers that read more than one command line
    opterr = 0;
    while ((code = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        struct fault found = {.kind = FAULT_NONE};
        const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
        if (read_option(options, code, word, &found) < 0 && fault->kind == FAULT_NONE) {
            *fault = found;
        }
    }
    if (optind < argc && fault->kind == FAULT_NONE) {
        // Its text is not shown: it may be a password that lost its option.
        fault_set(fault, FAULT_USAGE, "%d unexpected argument%s (write values as --name=VALUE)",
                  argc - optind, argc - optind == 1 ? "" : "s");
    }
    return fault->kind == FAULT_NONE ? 0 : -1;
}

void options_read_early(struct options *options, int argc, char **argv)
{
    static const char *const early[] = {"timeout", "format", "list", "hostname", "passive-service"};
    struct getopt_tables tables = {0};
    int code = 0;
    // getopt changes the order of the words.
    cleanup_free char **words = calloc((size_t)argc + 1, sizeof *words);
    if (words == NULL) {
        return;
    }
    memcpy(words, argv, (size_t)argc * sizeof *words);
    fill_tables(&tables);
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, words, tables.letters, tables.names, NULL)) != -1) {
        const struct option_spec *spec = code == '?' || code == ':' ? NULL : find_spec(code);
        if (spec != NULL && find_word(spec->name, early, sizeof early / sizeof early[0]) >= 0) {
            struct fault ignored;
            read_option(options, code, words[optind - 1], &ignored);
        }
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
    if (options->selector_count > 0 && options->selectors[0].kind == SELECT_ID) {
        return fault_set(fault, FAULT_USAGE,
                         "--snapshot has each VM's newest sessions, not those of any id: "
                         "--vm, --policy or --all");
    }
    return 0;
}

static int check_all(struct options *options, struct fault *fault)
{
    if (check_output(options, fault) < 0 || check_snapshot(options, fault) < 0) {
        return -1;
    }
    if (options->input != NULL) {
        return 0;
    }
    if (options->em.server.host == NULL) {
        return fault_set(fault, FAULT_USAGE, "--hostname is needed (or --input); see --help");
    }
    if (options->selector_count == 0) {
        return fault_set(fault, FAULT_USAGE, "--id, --vm, --policy or --all is needed; see --help");
    }
    if (options->em.username == NULL) {
        char *username = getenv("VEEAM_EM_USERNAME");
        if (username == NULL) {
            return fault_set(fault, FAULT_USAGE,
                             "--username is needed, or VEEAM_EM_USERNAME in the environment");
        }
        if (read_username(options, IN(em.username), username, fault) < 0) {
            return fault_wrap(fault, "VEEAM_EM_USERNAME");
        }
    }
    return check_trust(&options->em.server, fault);
}

void options_init(struct options *options)
{
    *options = (struct options){.timeout_ms = DEFAULT_TIMEOUT_MS,
                                .since_s = DEFAULT_SINCE_S,
                                .snapshot_age_s = DEFAULT_SNAPSHOT_AGE_S};
    buf_init(&options->password, PASSWORD_LIMIT);
    buf_init(&options->server_name, HOST_LIMIT + sizeof "[]:65535");
    matrix_init(&options->rules.matrix);
    for (size_t kind = 0; kind <= FAULT_INTERNAL; kind++) {
        options->rules.fault_states[kind] = STATE_UNKNOWN;
    }
}

static void name_server(struct options *options)
{
    const struct em_server *server = &options->em.server;
    if (options->em.server.port == 0) {
        options->em.server.port = server->plain ? PORT_PLAIN : PORT_TLS;
    }
    if (server->host != NULL && options->input == NULL) {
        em_server_append(&options->server_name, server);
    }
}

int options_read(struct options *options, int argc, char **argv, struct fault *fault)
{
    fault->kind = FAULT_NONE;
    char **expanded = np_extra_opts(&argc, argv, PROGRAM_NAME);
    if (expanded == NULL) {
        fault_set(fault, FAULT_USAGE, "--extra-opts: %s", mp_extra_opts_error());
        expanded = argv; // for the format alone
    }
    const int result = read_all(options, argc, expanded, fault);
    name_server(options);
    if (options->action != ACTION_CHECK) {
        fault->kind = FAULT_NONE;
        return 0;
    }
    if (result == 0 && options->server_name.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    return result < 0 ? -1 : check_all(options, fault);
}

static int read_password_from_environment(struct options *options, struct fault *fault)
{
    char *password = getenv("VEEAM_EM_PASSWORD");
    if (password == NULL) {
        return fault_set(fault, FAULT_USAGE,
                         "a password is needed: --password-file, or VEEAM_EM_PASSWORD in the "
                         "environment");
    }
    return read_password_text(options, 0, password, fault) < 0
               ? fault_wrap(fault, "VEEAM_EM_PASSWORD")
               : 0;
}

static bool is_in_a_pattern(const struct vm_patterns *patterns, const char *password)
{
    bool found = false;
    for (size_t i = 0; i < patterns->count; i++) {
        found = found || strstr(patterns->items[i].text, password) != NULL;
    }
    return found;
}

/* Whether a name or pattern in the command line has the password in it: then it is no secret. */
static bool is_in_a_name(const struct options *options, const char *password)
{
    bool found = strstr(options->em.username, password) != NULL ||
                 strstr(options->em.server.host, password) != NULL ||
                 is_in_a_pattern(&options->included, password) ||
                 is_in_a_pattern(&options->excluded, password);
    for (size_t i = 0; i < options->rules.reason_count; i++) {
        found = found || strstr(options->rules.reasons[i].pattern.text, password) != NULL;
    }
    for (size_t i = 0; i < options->selector_count; i++) {
        found = found || strstr(options->selectors[i].text, password) != NULL;
    }
    for (size_t i = 0; i < options->backup_server_count; i++) {
        found = found || strstr(options->backup_servers[i], password) != NULL;
    }
    return found;
}

/* Masked, what EM sends would no longer be what the command line means. */
static bool fill_mask(struct options *options)
{
    const char *password = options->em.password;
    return is_in_a_name(options, password) || mask_add(&options->mask, password);
}

int options_read_password(struct options *options, struct fault *fault)
{
    if (options->input != NULL) {
        return 0;
    }
    if (options->password_file != NULL) {
        if (file_read_secret(options->password_file, &options->password, fault) < 0) {
            return fault_wrap(fault, "--password-file");
        }
        if (options->password.length == 0) {
            return fault_set(fault, FAULT_USAGE, "--password-file: the first line of %s is empty",
                             options->password_file);
        }
    } else if (options->password.text == NULL &&
               read_password_from_environment(options, fault) < 0) {
        return -1;
    }
    options->em.password = buf_string(&options->password);
    options->em.mask = &options->mask;
    return fill_mask(options) ? 0 : fault_no_memory(fault);
}

static void free_patterns(struct vm_patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++) {
        pattern_free(&patterns->items[i]);
    }
    free(patterns->items);
}

void options_free(struct options *options)
{
    struct rules *rules = &options->rules;
    for (size_t i = 0; i < METRICS; i++) {
        range_free(rules->warning[i].range);
        range_free(rules->critical[i].range);
    }
    for (size_t i = 0; i < rules->reason_count; i++) {
        pattern_free(&rules->reasons[i].pattern);
    }
    free(rules->reasons);
    free_patterns(&options->included);
    free_patterns(&options->excluded);
    free(options->selectors);
    free(options->backup_servers);
    buf_free(&options->server_name);
    buf_wipe(&options->password);
    mask_free(&options->mask);
}
