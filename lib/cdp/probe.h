// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What this plugin relies on in an EM, and what a probe has seen of it: a line for each, with typed
 * values. fetch/probe.c fills in what was seen, probe_judge what is odd about it, and reports put
 * it into words. Pure.
 */
#ifndef CDP_PROBE_H
#define CDP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/lines.h"
#include "base/utc.h"

enum probe_outcome {
    PROBE_OK,
    PROBE_NO,  // EM does not have it, or does not give it to this user
    PROBE_ODD, // the plugin lives with it, but people should know
    PROBE_OUTCOMES
};
extern const char *const probe_outcome_words[PROBE_OUTCOMES];

/* In the order in which they are shown. */
enum probe_topic {
    PROBE_ADDRESS,
    PROBE_TLS,
    PROBE_CERTIFICATE,
    PROBE_PIN,
    PROBE_LOGON,
    PROBE_VERSION,
    PROBE_CLOCK,
    PROBE_MARK,
    PROBE_CASE,
    PROBE_SESSIONS,
    PROBE_STATES,
    PROBE_RESULTS,
    PROBE_MEMBERS,
    PROBE_RUNNING,
    PROBE_SORT,
    PROBE_FILTER, // a line for each
    PROBE_PAGES,
    PROBE_POLICIES,
    PROBE_COLLECTION,
    PROBE_REPLICAS,
    PROBE_VMS,
    PROBE_INTERVALS,
    PROBE_RIGHTS,
    PROBE_TOPICS
};
extern const char *const probe_topic_words[PROBE_TOPICS];

enum probe_kind { PROBE_TEXT, PROBE_NUMBER, PROBE_TRUTH, PROBE_TIME, PROBE_LIST };

/* What is seen. probe_keys has the name and the kind of each. */
enum probe_key {
    // address, tls, certificate, pin
    PROBE_HOST,
    PROBE_TRIED,
    PROBE_ADDRESS_USED,
    PROBE_PROXY,
    PROBE_PLAIN,
    PROBE_TLS_VERSION,
    PROBE_SUBJECT,
    PROBE_ISSUER,
    PROBE_NAMES, // that the certificate is for
    PROBE_EXPIRES,
    PROBE_SELF_SIGNED,
    PROBE_TRUST, // a word of probe_trust_words
    PROBE_PUBLIC_KEY,
    // logon, version, clock, byte_order_mark, key_case
    PROBE_USER,
    PROBE_SERVER,
    PROBE_API_VERSIONS,
    PROBE_OFFSET,
    PROBE_ANSWERS,
    PROBE_MARKED,
    PROBE_PASCAL,
    PROBE_CAMEL,
    // sessions, states, results, members, running_members, sort
    PROBE_COUNT,
    PROBE_SAMPLE, // of these sessions, the newest, the next lines speak
    PROBE_SEEN,   // words, and how often
    PROBE_UNKNOWN,
    PROBE_ABSENT,
    PROBE_NULL,
    PROBE_WITH_END, // sessions that run and have an end nevertheless
    PROBE_IN_ORDER,
    // filter
    PROBE_CONDITION,
    PROBE_USED_BY,
    PROBE_NEEDED,   // by these: they fail without it
    PROBE_MATCHING, // so many of PROBE_COUNT EM gives
    PROBE_WRONG,    // of those that were looked at, so many do not fit
    PROBE_FITTING,  // sessions that are known to fit
    PROBE_MISFIT,   // sessions that are known not to
    // pages
    PROBE_ASKED,
    PROBE_GRANTED,
    // policies, data_collection, replicas
    PROBE_DISABLED,
    PROBE_INTERVAL, // the longest between long-term restore points, in seconds
    PROBE_CONTAINERS,
    PROBE_NAMED,
    PROBE_WAY,
    PROBE_COLLECTED,
    PROBE_DATA_AGE,
    PROBE_SPACING,
    PROBE_MISSED,
    // vms
    PROBE_RUNS,
    PROBE_IDLE,
    PROBE_OVERDUE,
    PROBE_UNCOVERED,
    PROBE_IDLE_FOR,   // the median of those that are idle, in seconds
    PROBE_RUNS_FOR,   // the longest of those that are overdue, in seconds
    PROBE_IDLE_AFTER, // what probe_judge proposes for the option, in seconds
    PROBE_OVERDUE_AFTER,
    // intervals
    PROBE_VM,
    PROBE_FORM, // in which EM takes the request: xml or json
    PROBE_WINDOW,
    PROBE_LAG,
    // rights
    PROBE_REFUSED,
    PROBE_KEYS
};
extern const struct probe_key_row {
    const char *name; // in JSON
    enum probe_kind kind;
} probe_keys[PROBE_KEYS];

/* How far the certificate is trusted. */
enum probe_trust {
    PROBE_TRUST_VERIFIED,
    PROBE_TRUST_PINNED,
    PROBE_TRUST_UNVERIFIED, // --insecure
    PROBE_TRUST_REFUSED,
    PROBE_TRUST_UNKNOWN, // something else went wrong before
    PROBE_TRUSTS
};
extern const char *const probe_trust_words[PROBE_TRUSTS];

/* Why a line is not as it should be, and so what to do. */
enum probe_advice {
    PROBE_FINE,
    PROBE_FAILED, // the line's fault says why
    PROBE_REFUSES,
    PROBE_NOT_REACHED,
    PROBE_UNENCRYPTED,
    PROBE_NO_HANDSHAKE,
    PROBE_EXPIRED,
    PROBE_EXPIRES_SOON,
    PROBE_UNTRUSTED,
    PROBE_UNPROVEN_KEY,
    PROBE_UNVERIFIED,
    PROBE_OLD_API,
    PROBE_CLOCK_UNKNOWN,
    PROBE_CLOCK_DIFFERS,
    PROBE_NO_SESSIONS,
    PROBE_NEW_WORDS,
    PROBE_LACKS_MEMBERS,
    PROBE_RUNS_WITH_END,
    PROBE_NONE_RUNS,
    PROBE_UNSORTED,
    PROBE_CANT_FILTER,
    PROBE_IGNORES,
    PROBE_LOSES,
    PROBE_UNPROVEN,
    PROBE_SMALL_PAGES,
    PROBE_NO_POLICIES,
    PROBE_NO_REPLICAS,
    PROBE_NO_COLLECTION,
    PROBE_OLD_DATA,
    PROBE_NO_POINTS,
    PROBE_ALL_IDLE,
    PROBE_STANDSTILL,
    PROBE_ALL_OVERDUE,
    PROBE_ADVICES
};

enum { PROBE_VALUES = 12, PROBE_LINES = 48 };

struct probe_value {
    enum probe_key key;
    union {
        char *text;
        double number;
        bool truth;
        utc_us time;
        struct lines list;
    };
};

struct probe_line {
    enum probe_topic topic;
    enum probe_outcome outcome;
    enum probe_advice advice;
    int64_t took_ms;    // -1: nothing was asked for it
    struct fault fault; // why it is not known, if EM or the network did not say
    bool refused;       // it was EM's refusal: 400, 403, 404
    struct probe_value values[PROBE_VALUES];
    size_t count;
};

/* {0} is one that has seen nothing. It owns its texts. */
struct probe {
    struct probe_line lines[PROBE_LINES];
    size_t count;
    utc_us now;         // by this host's clock
    struct fault fault; // why the plugin can't do its work there; FAULT_NONE: it can
    char *vm;           // the name of a VM that was seen; NULL: none
    struct lines notices;
    bool no_memory; // a text is missing; lists know it themselves
};

/* Adds a line, of which nothing is known yet. It stays where it is. */
struct probe_line *probe_add(struct probe *probe, enum probe_topic topic);

/* Each adds a value; a text is copied. What is not known is not added: a NULL text, "". */
void probe_set_text(struct probe *probe, struct probe_line *line, enum probe_key key,
                    const char *text);
void probe_set_number(struct probe_line *line, enum probe_key key, double number);
void probe_set_truth(struct probe_line *line, enum probe_key key, bool truth);
void probe_set_time(struct probe_line *line, enum probe_key key, utc_us time);

/* Adds an empty list, to add to. */
struct lines *probe_set_list(struct probe_line *line, enum probe_key key);

/* NULL: it is not known. */
const struct probe_value *probe_find(const struct probe_line *line, enum probe_key key);

/* The value, or what stands for one that is not known: "", 0, false, none. */
const char *probe_text(const struct probe_line *line, enum probe_key key);
double probe_number(const struct probe_line *line, enum probe_key key);
bool probe_truth(const struct probe_line *line, enum probe_key key);
size_t probe_length(const struct probe_line *line, enum probe_key key);

/* The first line of that topic; NULL: there is none. */
const struct probe_line *probe_line_of(const struct probe *probe, enum probe_topic topic);

/* How many lines have that outcome. */
size_t probe_outcomes(const struct probe *probe, enum probe_outcome outcome);

/* Whether one of its texts is missing. */
bool probe_lacks_memory(const struct probe *probe);

/* Frees the texts. It has no lines then. */
void probe_free(struct probe *probe);

#endif
