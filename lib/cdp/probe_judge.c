// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/probe_judge.h"

#include <math.h>
#include <string.h>

/* A certificate that expires sooner is worth a word. */
static const utc_us soon = INT64_C(30) * 86400 * UTC_SECOND;

/* As everywhere: a smaller difference of the clocks is none. */
static const double tolerated_offset_s = 300;

/* What checks warn of by default, if EM collects every 15 minutes. */
static const double old_data_s = 45 * 60;

static const double hour_s = 3600;

/* As for a policy whose interval is not known. */
static const double unknown_interval_s = 24 * 3600;

/* EM's usual page; each that is smaller is a request more. */
static const double usual_page = 100;

static const enum probe_outcome outcomes[PROBE_ADVICES] = {
    [PROBE_FINE] = PROBE_OK,           [PROBE_FAILED] = PROBE_NO,
    [PROBE_REFUSES] = PROBE_NO,        [PROBE_NOT_REACHED] = PROBE_NO,
    [PROBE_UNENCRYPTED] = PROBE_ODD,   [PROBE_NO_HANDSHAKE] = PROBE_NO,
    [PROBE_EXPIRED] = PROBE_ODD,       [PROBE_EXPIRES_SOON] = PROBE_ODD,
    [PROBE_UNTRUSTED] = PROBE_NO,      [PROBE_UNVERIFIED] = PROBE_ODD,
    [PROBE_UNPROVEN_KEY] = PROBE_ODD,  [PROBE_OLD_API] = PROBE_ODD,
    [PROBE_CLOCK_UNKNOWN] = PROBE_NO,  [PROBE_CLOCK_DIFFERS] = PROBE_ODD,
    [PROBE_NO_SESSIONS] = PROBE_ODD,   [PROBE_NEW_WORDS] = PROBE_ODD,
    [PROBE_LACKS_MEMBERS] = PROBE_ODD, [PROBE_RUNS_WITH_END] = PROBE_ODD,
    [PROBE_NONE_RUNS] = PROBE_ODD,     [PROBE_UNSORTED] = PROBE_ODD,
    [PROBE_CANT_FILTER] = PROBE_ODD,   [PROBE_IGNORES] = PROBE_ODD,
    [PROBE_LOSES] = PROBE_ODD,         [PROBE_UNPROVEN] = PROBE_OK,
    [PROBE_SMALL_PAGES] = PROBE_ODD,   [PROBE_NO_POLICIES] = PROBE_ODD,
    [PROBE_NO_REPLICAS] = PROBE_ODD,   [PROBE_NO_COLLECTION] = PROBE_ODD,
    [PROBE_OLD_DATA] = PROBE_ODD,      [PROBE_NO_POINTS] = PROBE_ODD,
    [PROBE_ALL_IDLE] = PROBE_ODD,      [PROBE_STANDSTILL] = PROBE_ODD,
    [PROBE_ALL_OVERDUE] = PROBE_ODD,
};

/* The advice for a line of a topic that has no fault. */
typedef enum probe_advice judge_line(const struct probe *probe, struct probe_line *line);

static enum probe_advice judge_address(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_find(line, PROBE_ADDRESS_USED) != NULL ? PROBE_FINE : PROBE_NOT_REACHED;
}

static enum probe_advice judge_tls(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_truth(line, PROBE_PLAIN)                ? PROBE_UNENCRYPTED
           : probe_find(line, PROBE_TLS_VERSION) == NULL ? PROBE_NO_HANDSHAKE
                                                         : PROBE_FINE;
}

static bool is_trust(const struct probe_line *line, enum probe_trust trust)
{
    return strcmp(probe_text(line, PROBE_TRUST), probe_trust_words[trust]) == 0;
}

static enum probe_advice judge_certificate(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *expires = probe_find(line, PROBE_EXPIRES);
    if (is_trust(line, PROBE_TRUST_REFUSED) || is_trust(line, PROBE_TRUST_UNKNOWN)) {
        return PROBE_UNTRUSTED;
    }
    if (expires != NULL && expires->time <= probe->now) {
        return PROBE_EXPIRED;
    }
    if (is_trust(line, PROBE_TRUST_UNVERIFIED)) {
        return PROBE_UNVERIFIED;
    }
    return expires != NULL && expires->time - probe->now < soon ? PROBE_EXPIRES_SOON : PROBE_FINE;
}

/* Only someone who knows EM's own key can say whose this one is. */
static enum probe_advice judge_pin(const struct probe *probe, struct probe_line *line)
{
    (void)line;
    const struct probe_line *certificate = probe_line_of(probe, PROBE_CERTIFICATE);
    const bool is_proven = certificate == NULL || is_trust(certificate, PROBE_TRUST_VERIFIED) ||
                           is_trust(certificate, PROBE_TRUST_PINNED);
    return is_proven ? PROBE_FINE : PROBE_UNPROVEN_KEY;
}

/* REST 1.6 is EM 11's, the first that has CDP sessions. */
static enum probe_advice judge_version(const struct probe *probe, struct probe_line *line)
{
    static const char *const known[] = {"v1_6", "v1_7"};
    const struct probe_value *versions = probe_find(line, PROBE_API_VERSIONS);
    bool found = false;
    (void)probe;
    for (size_t i = 0; versions != NULL && i < versions->list.count; i++) {
        for (size_t j = 0; j < sizeof known / sizeof known[0]; j++) {
            found = found || strcmp(versions->list.text[i], known[j]) == 0;
        }
    }
    return found ? PROBE_FINE : PROBE_OLD_API;
}

static enum probe_advice judge_clock(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *offset = probe_find(line, PROBE_OFFSET);
    (void)probe;
    return offset == NULL                              ? PROBE_CLOCK_UNKNOWN
           : fabs(offset->number) > tolerated_offset_s ? PROBE_CLOCK_DIFFERS
                                                       : PROBE_FINE;
}

static enum probe_advice judge_sessions(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *count = probe_find(line, PROBE_COUNT);
    (void)probe;
    return count != NULL && count->number <= 0 ? PROBE_NO_SESSIONS : PROBE_FINE;
}

/* Words that the plugin does not know make a VM's state UNKNOWN. */
static enum probe_advice judge_words(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_length(line, PROBE_UNKNOWN) > 0 ? PROBE_NEW_WORDS : PROBE_FINE;
}

/* A key that the plugin does not know does no harm; one that it needs and that is missing does. */
static enum probe_advice judge_members(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_length(line, PROBE_ABSENT) > 0 ? PROBE_LACKS_MEMBERS : PROBE_FINE;
}

static enum probe_advice judge_running(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_number(line, PROBE_SAMPLE) <= 0    ? PROBE_NONE_RUNS
           : probe_number(line, PROBE_WITH_END) > 0 ? PROBE_RUNS_WITH_END
                                                    : PROBE_FINE;
}

static enum probe_advice judge_sort(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return !probe_truth(line, PROBE_IN_ORDER)     ? PROBE_UNSORTED
           : probe_number(line, PROBE_SAMPLE) < 2 ? PROBE_UNPROVEN
                                                  : PROBE_FINE;
}

/*
 * A filter is honoured if all that EM gives fits, and is less than all there is. If EM has nothing
 * that it would leave out, this is not known.
 */
static enum probe_advice judge_filter(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *all = probe_find(line, PROBE_COUNT);
    const struct probe_value *matching = probe_find(line, PROBE_MATCHING);
    const double fitting = probe_number(line, PROBE_FITTING);
    const double misfit = probe_number(line, PROBE_MISFIT);
    (void)probe;
    if (probe_number(line, PROBE_WRONG) > 0) {
        return PROBE_IGNORES;
    }
    if (all == NULL || matching == NULL) {
        return PROBE_UNPROVEN;
    }
    if (matching->number < fitting) {
        return PROBE_LOSES;
    }
    if (matching->number < all->number) {
        return PROBE_FINE;
    }
    return misfit > 0 ? PROBE_IGNORES : PROBE_UNPROVEN;
}

static enum probe_advice judge_pages(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *granted = probe_find(line, PROBE_GRANTED);
    (void)probe;
    return granted != NULL && granted->number < usual_page &&
                   granted->number < probe_number(line, PROBE_ASKED)
               ? PROBE_SMALL_PAGES
               : PROBE_FINE;
}

static enum probe_advice judge_policies(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_number(line, PROBE_COUNT) > 0 ? PROBE_FINE : PROBE_NO_POLICIES;
}

static enum probe_advice judge_collection(const struct probe *probe, struct probe_line *line)
{
    const struct probe_value *age = probe_find(line, PROBE_DATA_AGE);
    const double usual = 3 * probe_number(line, PROBE_SPACING);
    (void)probe;
    return age == NULL                                               ? PROBE_NO_COLLECTION
           : age->number > (usual > old_data_s ? usual : old_data_s) ? PROBE_OLD_DATA
                                                                     : PROBE_FINE;
}

static enum probe_advice judge_replicas(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_number(line, PROBE_COUNT) > 0 ? PROBE_FINE : PROBE_NO_REPLICAS;
}

/* A duration in whole hours, and one more. */
static double with_an_hour(double seconds)
{
    const double hours = (double)(long long)(seconds / hour_s);
    return (hours * hour_s < seconds ? hours + 2 : hours + 1) * hour_s;
}

/* The longest interval of the policies, by which a session lasts. */
static double interval_of(const struct probe *probe)
{
    const struct probe_line *policies = probe_line_of(probe, PROBE_POLICIES);
    const double interval = policies != NULL ? probe_number(policies, PROBE_INTERVAL) : 0;
    return interval > 0 ? interval : unknown_interval_s;
}

/*
 * What most VMs show is more likely this EM's way than theirs. If they began a session within the
 * interval in which a healthy VM ends one, EM may not list those that run; else all stands still.
 */
static enum probe_advice judge_vms(const struct probe *probe, struct probe_line *line)
{
    const double half = probe_number(line, PROBE_COUNT) / 2;
    const double interval = interval_of(probe);
    if (probe_number(line, PROBE_COUNT) <= 0) {
        return PROBE_NO_SESSIONS;
    }
    if (probe_number(line, PROBE_IDLE) > half) {
        probe_set_number(line, PROBE_IDLE_AFTER, with_an_hour(interval));
        return probe_number(line, PROBE_IDLE_FOR) <= interval + hour_s ? PROBE_ALL_IDLE
                                                                       : PROBE_STANDSTILL;
    }
    if (probe_number(line, PROBE_OVERDUE) > half) {
        const double longest = probe_number(line, PROBE_RUNS_FOR);
        probe_set_number(line, PROBE_OVERDUE_AFTER,
                         with_an_hour(longest > unknown_interval_s ? longest : unknown_interval_s));
        return PROBE_ALL_OVERDUE;
    }
    return PROBE_FINE;
}

static enum probe_advice judge_intervals(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_find(line, PROBE_LAG) != NULL ? PROBE_FINE : PROBE_NO_POINTS;
}

static enum probe_advice judge_rights(const struct probe *probe, struct probe_line *line)
{
    (void)probe;
    return probe_length(line, PROBE_REFUSED) > 0 ? PROBE_REFUSES : PROBE_FINE;
}

/* NULL: nothing of it is odd. */
static judge_line *const judges[PROBE_TOPICS] = {
    [PROBE_ADDRESS] = judge_address,         [PROBE_TLS] = judge_tls,
    [PROBE_CERTIFICATE] = judge_certificate, [PROBE_PIN] = judge_pin,
    [PROBE_VERSION] = judge_version,         [PROBE_CLOCK] = judge_clock,
    [PROBE_SESSIONS] = judge_sessions,       [PROBE_STATES] = judge_words,
    [PROBE_RESULTS] = judge_words,           [PROBE_MEMBERS] = judge_members,
    [PROBE_RUNNING] = judge_running,         [PROBE_SORT] = judge_sort,
    [PROBE_FILTER] = judge_filter,           [PROBE_PAGES] = judge_pages,
    [PROBE_POLICIES] = judge_policies,       [PROBE_COLLECTION] = judge_collection,
    [PROBE_REPLICAS] = judge_replicas,       [PROBE_VMS] = judge_vms,
    [PROBE_INTERVALS] = judge_intervals,     [PROBE_RIGHTS] = judge_rights,
};

void probe_judge(struct probe *probe)
{
    for (size_t i = 0; i < probe->count; i++) {
        struct probe_line *line = &probe->lines[i];
        if (line->fault.kind != FAULT_NONE) {
            line->advice = !line->refused                ? PROBE_FAILED
                           : line->topic == PROBE_FILTER ? PROBE_CANT_FILTER
                                                         : PROBE_REFUSES;
        } else if (judges[line->topic] != NULL) {
            line->advice = judges[line->topic](probe, line);
        } else {
            line->advice = PROBE_FINE;
        }
        line->outcome = outcomes[line->advice];
    }
}
