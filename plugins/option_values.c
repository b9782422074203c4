// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/option_values.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/vec.h"
#include "cdp/rules.h"
#include "cdp/scope.h"
#include "cdp/task_session.h"
#include "monitoring/mp.h"
#include "monitoring/range.h"
#include "monitoring/state.h"

enum { VERBOSITY_LIMIT = 3, WORDS_LIMIT = 200 };

static int not_one_of(struct fault *fault, const char *value, const char *choices)
{
    return fault_set(fault, FAULT_USAGE, "'%s' is not %s", value, choices);
}

int option_value_flag(const struct option_target *target, char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    *(bool *)target->member = true;
    return 0;
}

int option_value_choice(const struct option_target *target, char *value, struct fault *fault)
{
    (void)value;
    (void)fault;
    *(int *)target->member = target->choice;
    return 0;
}

int option_value_verbosity(const struct option_target *target, char *value, struct fault *fault)
{
    int *verbosity = target->member;
    (void)value;
    (void)fault;
    *verbosity += *verbosity < VERBOSITY_LIMIT ? 1 : 0;
    return 0;
}

int option_value_text(const struct option_target *target, char *value, struct fault *fault)
{
    const char **text = target->member;
    if (value[0] == '\0') {
        return fault_set(fault, FAULT_USAGE, "the value is empty");
    }
    *text = value;
    return 0;
}

/* "a|b|c" as people say it: "a, b or c". */
static int not_a_word(struct fault *fault, const char *value, const char *words)
{
    cleanup_buf struct buf choices;
    buf_init(&choices, WORDS_LIMIT);
    for (const char *last = strrchr(words, '|'); *words != '\0'; words++) {
        if (*words == '|') {
            buf_text(&choices, words == last ? " or " : ", ");
        } else {
            buf_add(&choices, words, 1);
        }
    }
    return choices.failure == BUF_FINE ? not_one_of(fault, value, buf_string(&choices))
                                       : fault_no_memory(fault);
}

int option_value_word(const struct option_target *target, char *value, struct fault *fault)
{
    const char *word = target->argument;
    for (int place = 0;; place++) {
        const size_t length = strcspn(word, "|");
        if (strlen(value) == length && strncmp(word, value, length) == 0) {
            *(int *)target->member = place;
            return 0;
        }
        if (word[length] == '\0') {
            return not_a_word(fault, value, target->argument);
        }
        word += length + 1;
    }
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

int option_value_host(const struct option_target *target, char *value, struct fault *fault)
{
    const char **host = target->member;
    const size_t length = strlen(value);
    const bool bracket = length > 2 && value[0] == '[' && value[length - 1] == ']';
    cleanup_free char *bare = strndup(value + (bracket ? 1 : 0), length - (bracket ? 2 : 0));
    if (bare == NULL) {
        return fault_no_memory(fault);
    }
    const char *colon = strchr(bare, ':');
    if (!is_host(bare) || (colon != NULL && strchr(colon + 1, ':') == NULL)) {
        return not_a_host(fault, value, "a host name or address (a port goes to --port)");
    }
    // In its place, where it is found when the value is read again.
    memcpy(value, bare, strlen(bare) + 1);
    *host = value;
    return 0;
}

/* A port number and nothing behind it; 0 if the text is something else. */
static uint16_t port_number(const char *text)
{
    char *end = NULL;
    const unsigned long port = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
    return port >= 1 && port <= UINT16_MAX && *end == '\0' ? (uint16_t)port : 0;
}

int option_value_port(const struct option_target *target, char *value, struct fault *fault)
{
    uint16_t *port = target->member;
    *port = port_number(value);
    // The value is not shown: for some other plugins, -p is the password.
    return *port != 0 ? 0
                      : fault_set(fault, FAULT_USAGE, "the value is not a port from 1 to 65535");
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

int option_value_host_and_port(const struct option_target *target, char *value, struct fault *fault)
{
    return is_host_and_port(value)
               ? option_value_text(target, value, fault)
               : not_a_host(fault, value, "HOST or HOST:PORT (an IPv6 address stands in [])");
}

int option_value_username(const struct option_target *target, char *value, struct fault *fault)
{
    return strchr(value, ':') == NULL
               ? option_value_text(target, value, fault)
               : fault_set(fault, FAULT_USAGE, "HTTP's Basic logon takes no ':' in a user name");
}

int option_value_password(const struct option_target *target, char *value, struct fault *fault)
{
    struct option_password *password = target->member;
    const size_t length = strlen(value);
    buf_wipe(&password->text);
    buf_text(&password->text, value);
    explicit_bzero(value, length); // from here on no list of processes shows it
    password->file = NULL;
    if (password->text.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    return length == 0 || password->text.failure == BUF_TOO_BIG
               ? fault_set(fault, FAULT_USAGE, "the password is empty or too long")
               : 0;
}

int option_value_password_file(const struct option_target *target, char *value, struct fault *fault)
{
    struct option_password *password = target->member;
    const struct option_target file = {.member = &password->file};
    buf_wipe(&password->text);
    return option_value_text(&file, value, fault);
}

/* The length of the pin that the text starts with; 0: none. */
static size_t pin_length(const char *text)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char prefix[] = "sha256//";
    const size_t prefix_length = strlen(prefix);
    const bool fine = strncmp(text, prefix, prefix_length) == 0 &&
                      strspn(text + prefix_length, base64) == 43 && text[prefix_length + 43] == '=';
    return fine ? prefix_length + 44 : 0;
}

int option_value_pin(const struct option_target *target, char *value, struct fault *fault)
{
    size_t length = pin_length(value);
    const char *end = value + length;
    while (length > 0 && *end == ';') {
        length = pin_length(end + 1);
        end += 1 + length;
    }
    return length > 0 && *end == '\0'
               ? option_value_text(target, value, fault)
               : not_one_of(fault, value,
                            "sha256// and 44 characters of base64; several stand with ';' between "
                            "them");
}

static int read_state(const char *value, int *state, struct fault *fault)
{
    return state_read(value, state)
               ? 0
               : not_one_of(fault, value, "ok, warning, critical, unknown or 0-3");
}

int option_value_deadline(const struct option_target *target, char *value, struct fault *fault)
{
    static const double longest = 24 * 3600.0;
    struct option_deadline *deadline = target->member;
    double seconds = 0;
    const char *state = strchr(value, ':');
    cleanup_free char *number = strndup(value, strcspn(value, ":"));
    if (number == NULL) {
        return fault_no_memory(fault);
    }
    if (state != NULL && read_state(state + 1, &deadline->state, fault) < 0) {
        return -1;
    }
    if (!duration_read(number, &seconds) || seconds < 0.001 || seconds > longest) {
        return not_one_of(fault, number, "a number of seconds above 0, up to a day");
    }
    deadline->ms = (int64_t)(seconds * 1000);
    return 0;
}

int option_value_fault_state(const struct option_target *target, char *value, struct fault *fault)
{
    int *states = target->member;
    int state = STATE_UNKNOWN;
    if (read_state(value, &state, fault) < 0) {
        return -1;
    }
    for (int kind = 0; kind <= FAULT_INTERNAL; kind++) {
        states[kind] = (target->choice & (1 << kind)) != 0 ? state : states[kind];
    }
    return 0;
}

/* A duration of at least `least` seconds, up to ten years. */
static int read_duration(double *seconds, double least, const char *value, struct fault *fault)
{
    static const double longest = 10 * 365 * 86400.0;
    double read = 0;
    if (!duration_read(value, &read) || read < least || read > longest) {
        return not_one_of(fault, value, "a duration such as 90s, 12h or 3d");
    }
    *seconds = read;
    return 0;
}

int option_value_duration(const struct option_target *target, char *value, struct fault *fault)
{
    return read_duration(target->member, 0, value, fault);
}

/* Three seconds are no one's idea of how far back to look: who writes 3 means days. */
int option_value_period(const struct option_target *target, char *value, struct fault *fault)
{
    if (value[0] != '\0' && value[strspn(value, "0123456789.")] == '\0') {
        return fault_set(fault, FAULT_USAGE, "'%s' needs a unit: s, m, h, d or w", value);
    }
    return read_duration(target->member, 1, value, fault);
}

static int read_threshold(struct threshold *threshold, enum unit_family units, const char *value,
                          struct fault *fault)
{
    range *read = range_read(value, units, fault);
    if (read == NULL) {
        return -1;
    }
    free(threshold->range);
    *threshold = (struct threshold){.range = read, .text = value};
    return 0;
}

int option_value_times(const struct option_target *target, char *value, struct fault *fault)
{
    return read_threshold(target->member, UNIT_DURATION, value, fault);
}

int option_value_sizes(const struct option_target *target, char *value, struct fault *fault)
{
    return read_threshold(target->member, UNIT_SIZE, value, fault);
}

int option_value_percents(const struct option_target *target, char *value, struct fault *fault)
{
    struct threshold *threshold = target->member;
    if (read_threshold(target->member, UNIT_PERCENT, value, fault) < 0) {
        return -1;
    }
    // Nobody wants to hear that all is well; it is the bare number that is meant so.
    return range_is_broken(threshold->range, 100)
               ? fault_set(fault, FAULT_USAGE,
                           "100 %% would be an alarm: write 95: for an alarm below 95 %%")
               : 0;
}

static int add_to_list(struct name_list *list, const char *name, struct fault *fault)
{
    if (!vec_reserve(list->items, list->count, list->capacity, 1)) {
        return fault_no_memory(fault);
    }
    list->items[list->count++] = name;
    return 0;
}

static int set_kind(struct scope *scope, enum scope_kind kind, struct fault *fault)
{
    static const char *const options[] = {[SCOPE_ID] = "--id",
                                          [SCOPE_VM] = "--vm",
                                          [SCOPE_POLICY] = "--policy",
                                          [SCOPE_ALL] = "--all",
                                          [SCOPE_EM] = "--em"};
    if (scope->kind != SCOPE_WHOLE && scope->kind != kind) {
        return fault_set(fault, FAULT_USAGE, "%s and %s don't go together: one of them",
                         options[scope->kind], options[kind]);
    }
    scope->kind = kind;
    return 0;
}

static int add_to_scope(struct scope *scope, enum scope_kind kind, const char *name,
                        struct fault *fault)
{
    if (set_kind(scope, kind, fault) < 0) {
        return -1;
    }
    for (size_t i = 0; i < scope->names.count; i++) {
        if (strcmp(scope->names.items[i], name) == 0) {
            return 0;
        }
    }
    return add_to_list(&scope->names, name, fault);
}

/* The UUID takes the place of the value, in whose memory it always fits. */
int option_value_id(const struct option_target *target, char *value, struct fault *fault)
{
    char uuid[UUID_SIZE];
    if (!task_session_uuid(value, uuid)) {
        return fault_set(fault, FAULT_USAGE,
                         "'%s' is neither a UUID nor urn:veeam:CdpReplicaTaskSession:UUID", value);
    }
    memcpy(value, uuid, UUID_SIZE);
    return add_to_scope(target->member, SCOPE_ID, value, fault);
}

int option_value_scope(const struct option_target *target, char *value, struct fault *fault)
{
    if (value[0] == '\0' || strlen(value) > SESSION_TEXT_LIMIT) { // no session bears a longer one
        return fault_set(fault, FAULT_USAGE, "the name is empty or longer than 1024 bytes");
    }
    return add_to_scope(target->member, (enum scope_kind)target->choice, value, fault);
}

int option_value_kind(const struct option_target *target, char *value, struct fault *fault)
{
    (void)value;
    return set_kind(target->member, (enum scope_kind)target->choice, fault);
}

int option_value_name(const struct option_target *target, char *value, struct fault *fault)
{
    return value[0] != '\0' ? add_to_list(target->member, value, fault)
                            : fault_set(fault, FAULT_USAGE, "the name is empty");
}

int option_value_pattern(const struct option_target *target, char *value, struct fault *fault)
{
    struct vm_patterns *patterns = target->member;
    if (!vec_reserve(patterns->items, patterns->count, patterns->capacity, 1)) {
        return fault_no_memory(fault);
    }
    if (pattern_compile(&patterns->items[patterns->count], value, fault) < 0) {
        return -1;
    }
    patterns->count++;
    return 0;
}

int option_value_state_map(const struct option_target *target, char *value, struct fault *fault)
{
    return matrix_map(target->member, value, fault);
}

int option_value_reason(const struct option_target *target, char *value, struct fault *fault)
{
    struct rules *rules = target->member;
    char *pattern = strchr(value, ':');
    int state = STATE_UNKNOWN;
    if (pattern == NULL || pattern[1] == '\0') {
        return not_one_of(fault, value, "STATE:REGEX");
    }
    *pattern++ = '\0';
    if (read_state(value, &state, fault) < 0) {
        return -1;
    }
    if (!vec_reserve(rules->reasons, rules->reason_count, rules->reason_capacity, 1)) {
        return fault_no_memory(fault);
    }
    struct reason_rule *rule = &rules->reasons[rules->reason_count];
    rule->state = state;
    if (pattern_compile(&rule->pattern, pattern, fault) < 0) {
        return -1;
    }
    rules->reason_count++;
    return 0;
}
