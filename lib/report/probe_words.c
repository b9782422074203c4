// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/probe_words.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "report/wording.h"

/* Of a filter, which may name VMs, and of a certificate's names. */
enum { CONDITION_LIMIT = 300, NAMES_LIMIT = 160 };

static const double hour = 3600;

/* Without its fraction. */
static double whole(double number)
{
    return (double)(long long)number;
}

/* ---- pieces ---- */

static void append_text(struct buf *buf, const struct probe_line *line, enum probe_key key,
                        size_t limit)
{
    text_append_clean(buf, probe_text(line, key), limit);
}

static void append_number(struct buf *buf, const struct probe_line *line, enum probe_key key)
{
    number_append(buf, probe_number(line, key));
}

/* "1 VM", "3 VMs" */
static void append_count(struct buf *buf, const struct probe_line *line, enum probe_key key,
                         const char *one, const char *many)
{
    append_number(buf, line, key);
    buf_format(buf, " %s", probe_number(line, key) == 1 ? one : many);
}

static void append_span(struct buf *buf, double seconds)
{
    utc_append_span(buf, (utc_us)(seconds * (double)UTC_SECOND));
}

static void append_list(struct buf *buf, const struct probe_line *line, enum probe_key key)
{
    const struct probe_value *value = probe_find(line, key);
    struct enumeration names = {0};
    for (size_t i = 0; value != NULL && i < value->list.count; i++) {
        if (enumeration_next(&names, buf)) {
            append_name(buf, value->list.text[i], "-");
        }
    }
    enumeration_end(&names, buf);
}

/* The list, if it has something, behind those words. */
static void append_some(struct buf *buf, const struct probe_line *line, enum probe_key key,
                        const char *before)
{
    if (probe_length(line, key) > 0) {
        buf_text(buf, before);
        append_list(buf, line, key);
    }
}

void probe_words_append_hours(struct buf *buf, double seconds)
{
    const double hours = whole(seconds / hour);
    number_append(buf, hours * hour < seconds ? hours + 1 : hours);
    buf_text(buf, "h");
}

/* ---- what was seen ---- */

typedef void append_seen(struct buf *buf, const struct probe_line *line);

/* Of a proxy, if there is one: it looks for EM's address itself. */
static void append_address(struct buf *buf, const struct probe_line *line)
{
    const bool proxied = probe_find(line, PROBE_PROXY) != NULL;
    append_text(buf, line, PROBE_HOST, NAMES_LIMIT);
    if (proxied) {
        buf_text(buf, ": through ");
        append_text(buf, line, PROBE_PROXY, NAMES_LIMIT);
    }
    if (probe_find(line, PROBE_ADDRESS_USED) != NULL) {
        buf_text(buf, proxied ? ", whose address is " : " is ");
        append_text(buf, line, PROBE_ADDRESS_USED, NAMES_LIMIT);
    } else if (probe_find(line, PROBE_TRIED) != NULL) {
        buf_text(buf, ": no connection to ");
        append_text(buf, line, PROBE_TRIED, NAMES_LIMIT);
    } else {
        buf_text(buf, proxied ? ": no address of it found" : ": no address found");
    }
}

static void append_tls(struct buf *buf, const struct probe_line *line)
{
    if (probe_truth(line, PROBE_PLAIN)) {
        buf_text(buf, "none, by --no-tls");
    } else if (probe_find(line, PROBE_TLS_VERSION) == NULL) {
        buf_text(buf, "no handshake");
    } else {
        append_text(buf, line, PROBE_TLS_VERSION, NAMES_LIMIT);
    }
}

static const char *trust_of(const struct probe_line *line)
{
    static const char *const words[PROBE_TRUSTS] = {
        [PROBE_TRUST_VERIFIED] = "verified",
        [PROBE_TRUST_PINNED] = "trusted by its key (--pinned-pubkey)",
        [PROBE_TRUST_UNVERIFIED] = "not looked at (--insecure)",
        [PROBE_TRUST_REFUSED] = "not trusted",
        [PROBE_TRUST_UNKNOWN] = "it is not known whether it is trusted"};
    for (size_t i = 0; i < PROBE_TRUSTS; i++) {
        if (strcmp(probe_text(line, PROBE_TRUST), probe_trust_words[i]) == 0) {
            return words[i];
        }
    }
    return "";
}

static void append_certificate(struct buf *buf, const struct probe_line *line)
{
    append_text(buf, line, PROBE_SUBJECT, NAMES_LIMIT);
    if (probe_truth(line, PROBE_SELF_SIGNED)) {
        buf_text(buf, ", self-signed");
    } else {
        buf_text(buf, ", issued by ");
        append_text(buf, line, PROBE_ISSUER, NAMES_LIMIT);
    }
    if (probe_find(line, PROBE_NAMES) != NULL) {
        buf_text(buf, ", for ");
        append_text(buf, line, PROBE_NAMES, NAMES_LIMIT);
    }
    const struct probe_value *expires = probe_find(line, PROBE_EXPIRES);
    if (expires != NULL) {
        buf_text(buf, ", valid until ");
        utc_append_minute(buf, expires->time);
    }
    buf_format(buf, ": %s", trust_of(line));
}

static void append_pin(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, "--pinned-pubkey=");
    append_text(buf, line, PROBE_PUBLIC_KEY, NAMES_LIMIT);
}

static void append_logon(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, "as ");
    append_text(buf, line, PROBE_USER, NAMES_LIMIT);
}

static void append_version(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, "REST API ");
    append_list(buf, line, PROBE_API_VERSIONS);
    if (probe_find(line, PROBE_SERVER) != NULL) {
        buf_text(buf, "; web server ");
        append_text(buf, line, PROBE_SERVER, NAMES_LIMIT);
    }
}

static void append_clock(struct buf *buf, const struct probe_line *line)
{
    static const double minute = 60;
    const double offset = probe_number(line, PROBE_OFFSET);
    const double ahead = fabs(offset);
    if (probe_find(line, PROBE_OFFSET) == NULL) {
        buf_text(buf, "EM does not say its time");
    } else if (offset == 0) {
        buf_text(buf, "as this host's");
    } else {
        append_span(buf, ahead < hour ? ahead : whole((ahead + minute / 2) / minute) * minute);
        buf_format(buf, " %s this host's", offset > 0 ? "ahead of" : "behind");
    }
}

static void append_mark(struct buf *buf, const struct probe_line *line)
{
    if (probe_number(line, PROBE_MARKED) <= 0) {
        buf_text(buf, "none in ");
        append_count(buf, line, PROBE_ANSWERS, "answer", "answers");
        return;
    }
    buf_text(buf, "before ");
    append_number(buf, line, PROBE_MARKED);
    buf_text(buf, " of ");
    append_count(buf, line, PROBE_ANSWERS, "answer", "answers");
    buf_text(buf, "; it is skipped");
}

static void append_case(struct buf *buf, const struct probe_line *line)
{
    const double pascal = probe_number(line, PROBE_PASCAL);
    const double camel = probe_number(line, PROBE_CAMEL);
    buf_text(buf, pascal > 0 && camel > 0 ? "both PascalCase and camelCase"
                  : pascal > 0            ? "PascalCase, as EM 12 and older"
                  : camel > 0             ? "camelCase, as EM 13"
                                          : "not known");
}

static void append_sessions(struct buf *buf, const struct probe_line *line)
{
    if (probe_find(line, PROBE_COUNT) == NULL) {
        buf_text(buf, "EM does not say how many there are");
    } else {
        append_count(buf, line, PROBE_COUNT, "task session", "task sessions");
    }
}

static void append_sample(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, " (in ");
    append_count(buf, line, PROBE_SAMPLE, "session)", "sessions)");
}

static void append_words(struct buf *buf, const struct probe_line *line)
{
    append_list(buf, line, PROBE_SEEN);
    append_sample(buf, line);
    append_some(buf, line, PROBE_UNKNOWN, "; not known to this plugin: ");
}

static void append_members(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, probe_length(line, PROBE_ABSENT) > 0 ? "" : "all that are needed");
    append_some(buf, line, PROBE_ABSENT, "absent or null in some: ");
    append_sample(buf, line);
    append_some(buf, line, PROBE_UNKNOWN, "; not known to this plugin, and not needed: ");
}

static void append_running(struct buf *buf, const struct probe_line *line)
{
    if (probe_number(line, PROBE_SAMPLE) <= 0) {
        buf_text(buf, "no session runs");
        return;
    }
    buf_text(buf, "of ");
    append_count(buf, line, PROBE_SAMPLE, "session that runs", "sessions that run");
    append_some(buf, line, PROBE_NULL, ": null ");
    append_some(buf, line, PROBE_ABSENT,
                probe_length(line, PROBE_NULL) > 0 ? "; absent " : ": absent ");
    if (probe_length(line, PROBE_NULL) + probe_length(line, PROBE_ABSENT) == 0) {
        buf_text(buf, ": none is null or absent");
    }
    if (probe_number(line, PROBE_WITH_END) > 0) {
        buf_text(buf, "; ");
        append_number(buf, line, PROBE_WITH_END);
        buf_text(buf, " with an end nevertheless");
    }
}

static void append_sort(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, "sortDesc=");
    append_text(buf, line, PROBE_CONDITION, CONDITION_LIMIT);
    buf_text(buf, probe_truth(line, PROBE_IN_ORDER) ? ": honoured" : ": not honoured");
    append_sample(buf, line);
}

static void append_filter(struct buf *buf, const struct probe_line *line)
{
    const bool has_counts =
        probe_find(line, PROBE_COUNT) != NULL && probe_find(line, PROBE_MATCHING) != NULL;
    append_text(buf, line, PROBE_CONDITION, CONDITION_LIMIT);
    if (has_counts) {
        buf_text(buf, ": gives ");
        append_number(buf, line, PROBE_MATCHING);
        buf_text(buf, " of ");
        append_number(buf, line, PROBE_COUNT);
    }
    if (probe_number(line, PROBE_WRONG) > 0) {
        buf_text(buf, ", of which ");
        append_number(buf, line, PROBE_WRONG);
        buf_text(buf, " on the first page don't fit");
    }
    buf_text(buf, line->advice != PROBE_UNPROVEN ? ""
                  : has_counts                   ? "; there is nothing to leave out now"
                                                 : "; how many it leaves out is not known");
}

static void append_pages(struct buf *buf, const struct probe_line *line)
{
    buf_text(buf, "asked for ");
    append_number(buf, line, PROBE_ASKED);
    buf_text(buf, " sessions a page");
    if (probe_find(line, PROBE_GRANTED) != NULL) {
        buf_text(buf, ", granted ");
        append_number(buf, line, PROBE_GRANTED);
    }
    if (probe_find(line, PROBE_COUNT) != NULL) {
        buf_text(buf, "; --all reads ");
        append_count(buf, line, PROBE_COUNT, "session", "sessions");
    }
}

static void append_policies(struct buf *buf, const struct probe_line *line)
{
    append_count(buf, line, PROBE_COUNT, "policy", "policies");
    if (probe_number(line, PROBE_DISABLED) > 0) {
        buf_text(buf, ", ");
        append_number(buf, line, PROBE_DISABLED);
        buf_text(buf, " disabled");
    }
    if (probe_find(line, PROBE_INTERVAL) != NULL) {
        buf_text(buf, "; up to ");
        append_span(buf, probe_number(line, PROBE_INTERVAL));
        buf_text(buf, " between long-term restore points");
    }
    buf_text(buf, "; they name ");
    append_count(buf, line, PROBE_NAMED, "VM", "VMs");
    if (probe_number(line, PROBE_CONTAINERS) > 0) {
        buf_text(buf, ", and ");
        append_number(buf, line, PROBE_CONTAINERS);
        buf_text(buf, " of them folders, tags or the like, which EM does not resolve");
    }
}

static bool is_by_list(const struct probe_line *line)
{
    return strcmp(probe_text(line, PROBE_WAY), "list") == 0;
}

static void append_collection(struct buf *buf, const struct probe_line *line)
{
    const struct probe_value *collected = probe_find(line, PROBE_COLLECTED);
    if (collected != NULL) {
        buf_text(buf, "the last successful one ended ");
        append_span(buf, probe_number(line, PROBE_DATA_AGE));
        buf_text(buf, " ago, ");
        utc_append_minute(buf, collected->time);
    } else {
        buf_text(buf, "none that succeeded");
    }
    if (probe_find(line, PROBE_SPACING) != NULL) {
        buf_text(buf, ", one every ");
        append_span(buf, probe_number(line, PROBE_SPACING));
    }
    buf_text(buf, is_by_list(line) ? "; by the list /systemSessions" : "; by a query");
    append_some(buf, line, PROBE_MISSED, "; missed by the newest: ");
}

static void append_replicas(struct buf *buf, const struct probe_line *line)
{
    append_count(buf, line, PROBE_COUNT, "VM has one", "VMs have one");
    buf_text(buf, is_by_list(line) ? "; by /cdpReplica/vms" : "; by a query and /cdpReplicas");
}

static void append_vms(struct buf *buf, const struct probe_line *line)
{
    static const struct {
        enum probe_key key;
        const char *word;
    } counts[] = {{PROBE_RUNS, "running"},
                  {PROBE_IDLE, "idle"},
                  {PROBE_OVERDUE, "overdue"},
                  {PROBE_UNCOVERED, "uncovered"},
                  {PROBE_DISABLED, "disabled"}};
    append_count(buf, line, PROBE_COUNT, "VM", "VMs");
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (probe_number(line, counts[i].key) > 0) {
            buf_text(buf, separator);
            append_number(buf, line, counts[i].key);
            buf_format(buf, " %s", counts[i].word);
            separator = ", ";
        }
    }
}

static void append_intervals(struct buf *buf, const struct probe_line *line)
{
    append_text(buf, line, PROBE_VM, NAMES_LIMIT);
    buf_text(buf, ": ");
    append_count(buf, line, PROBE_COUNT, "interval", "intervals");
    buf_text(buf, " of short-term restore points in ");
    append_span(buf, probe_number(line, PROBE_WINDOW));
    if (probe_find(line, PROBE_LAG) != NULL) {
        buf_text(buf, ", the newest point ");
        append_span(buf, probe_number(line, PROBE_LAG));
        buf_text(buf, " before its end");
    }
    buf_text(buf, strcmp(probe_text(line, PROBE_FORM), "json") == 0 ? "; asked for in JSON"
                                                                    : "; asked for in XML");
}

static void append_rights(struct buf *buf, const struct probe_line *line);

static const struct {
    const char *subject;
    append_seen *append;
} topics[PROBE_TOPICS] = {
    [PROBE_ADDRESS] = {"address", append_address},
    [PROBE_TLS] = {"TLS", append_tls},
    [PROBE_CERTIFICATE] = {"certificate", append_certificate},
    [PROBE_PIN] = {"pin", append_pin},
    [PROBE_LOGON] = {"logon", append_logon},
    [PROBE_VERSION] = {"version", append_version},
    [PROBE_CLOCK] = {"clock", append_clock},
    [PROBE_MARK] = {"byte order mark", append_mark},
    [PROBE_CASE] = {"case of keys", append_case},
    [PROBE_SESSIONS] = {"sessions", append_sessions},
    [PROBE_STATES] = {"States", append_words},
    [PROBE_RESULTS] = {"Results", append_words},
    [PROBE_MEMBERS] = {"members", append_members},
    [PROBE_RUNNING] = {"while it runs", append_running},
    [PROBE_SORT] = {"order", append_sort},
    [PROBE_FILTER] = {"filter", append_filter},
    [PROBE_PAGES] = {"pages", append_pages},
    [PROBE_POLICIES] = {"policies", append_policies},
    [PROBE_COLLECTION] = {"data collection", append_collection},
    [PROBE_REPLICAS] = {"replicas", append_replicas},
    [PROBE_VMS] = {"VMs", append_vms},
    [PROBE_INTERVALS] = {"intervals", append_intervals},
    [PROBE_RIGHTS] = {"rights", append_rights},
};

/* What JSON has as words of topics. */
static void append_rights(struct buf *buf, const struct probe_line *line)
{
    const struct probe_value *value = probe_find(line, PROBE_REFUSED);
    const char *separator = "refused to this user: ";
    for (size_t i = 0; value != NULL && i < value->list.count; i++) {
        for (enum probe_topic topic = 0; topic < PROBE_TOPICS; topic++) {
            if (strcmp(value->list.text[i], probe_topic_words[topic]) == 0) {
                buf_format(buf, "%s%s", separator, topics[topic].subject);
                separator = ", ";
            }
        }
    }
    buf_text(buf, probe_length(line, PROBE_REFUSED) > 0 ? "" : "nothing is refused to this user");
}

const char *probe_words_subject(const struct probe_line *line)
{
    return topics[line->topic].subject;
}

void probe_words_append_seen(struct buf *buf, const struct probe_line *line)
{
    if (line->fault.kind == FAULT_NONE) {
        topics[line->topic].append(buf, line);
        return;
    }
    if (line->topic == PROBE_FILTER) {
        append_text(buf, line, PROBE_CONDITION, CONDITION_LIMIT);
        buf_text(buf, ": ");
    }
    append_fault_text(buf, &line->fault);
}

/* ---- what to do ---- */

/* What the plugin does without, if EM refuses it or fails to tell. */
static const char *const without[PROBE_TOPICS] = {
    [PROBE_VERSION] = "nothing depends on it",
    [PROBE_POLICIES] =
        ("checks don't know disabled policies, schedules and intervals: --overdue-after "
         "may be needed"),
    [PROBE_COLLECTION] = "checks don't know how old EM's data is, and say so in a notice",
    [PROBE_REPLICAS] =
        ("checks see a VM as long as it has sessions, or a policy names it; --snapshot "
         "remembers it for 7 days more"),
    [PROBE_INTERVALS] = "--rpo and thresholds on the lag behind the RPO can't be used",
    [PROBE_PAGES] = "--all, --policy and --snapshot don't work with this EM; use --vm",
    [PROBE_RIGHTS] = "the plugin works without it; the role Portal Administrator sees everything",
};

static void append_without(struct buf *buf, const struct probe_line *line)
{
    if (line->topic == PROBE_LOGON && line->fault.kind == FAULT_PROTOCOL) {
        buf_text(buf, "EM's port is 9398 unless it was changed: try it without --port");
    } else if (without[line->topic] != NULL) {
        buf_text(buf, without[line->topic]);
    }
}

static void append_filter_advice(struct buf *buf, const struct probe_line *line)
{
    const bool refreshes = strstr(probe_text(line, PROBE_USED_BY), "--snapshot") != NULL;
    buf_text(buf, "used by ");
    append_text(buf, line, PROBE_USED_BY, NAMES_LIMIT);
    if (line->advice == PROBE_LOSES) {
        buf_text(buf, ": EM leaves out sessions that fit, so some may be missed; report it");
    } else if (line->advice == PROBE_IGNORES) {
        buf_text(buf, ": EM does not filter by it, so more is read than is needed");
        buf_text(buf, refreshes ? ", and each refresh of a snapshot is a full fetch" : "");
        buf_text(buf, "; verdicts stay right");
    } else if (probe_truth(line, PROBE_NEEDED)) {
        buf_text(buf, ", which fail with this EM; report it");
    } else {
        buf_text(buf, ", which does without");
    }
}

static void append_option(struct buf *buf, const struct probe_line *line)
{
    if (line->advice == PROBE_ALL_OVERDUE) {
        buf_text(buf, "sessions of most VMs last longer than their policies say; if EM's own pages "
                      "show that these VMs are well, this EM needs --overdue-after=");
        probe_words_append_hours(buf, probe_number(line, PROBE_OVERDUE_AFTER));
        return;
    }
    if (line->advice == PROBE_STANDSTILL) {
        buf_text(buf, "nothing has run for ");
        append_span(buf, probe_number(line, PROBE_IDLE_FOR));
        buf_text(buf, " for most VMs: the backup server or EM stands still, or this EM lists no "
                      "running sessions, which needs --idle-after=");
    } else {
        buf_text(buf,
                 "most VMs have recently ended a session and run none: this EM lists no running "
                 "sessions and needs --idle-after=");
    }
    probe_words_append_hours(buf, probe_number(line, PROBE_IDLE_AFTER));
}

/* What is the same, whatever was seen. */
static const char *const advices[PROBE_ADVICES] = {
    [PROBE_UNENCRYPTED] = "password and answers travel in clear; use EM's TLS port, 9398",
    [PROBE_EXPIRED] = "it has expired: renew it in EM, or trust its key with --pinned-pubkey",
    [PROBE_EXPIRES_SOON] = "it expires within 30 days: renew it in EM",
    [PROBE_UNTRUSTED] = "the first line says what happened, and what to do",
    [PROBE_UNPROVEN_KEY] =
        "use it only if EM's own host has this key: see \"The pin\" in the README",
    [PROBE_UNVERIFIED] =
        "anyone could answer in EM's place: use the pin below in place of --insecure",
    [PROBE_OLD_API] = "EM 12 and 13 have v1_7; CDP sessions came with v1_6",
    [PROBE_CLOCK_UNKNOWN] = "ages are measured by this host's clock",
    [PROBE_CLOCK_DIFFERS] =
        "ages are measured by EM's clock, and each check says so; set both by NTP",
    [PROBE_NO_SESSIONS] = ("EM knows no CDP task sessions: does it manage the backup server that "
                           "replicates, and may this user see it?"),
    [PROBE_NEW_WORDS] = "VMs with such a word are UNKNOWN unless --map says what it is; report it",
    [PROBE_LACKS_MEMBERS] = "checks may confuse VMs, or not know their times; report it",
    [PROBE_RUNS_WITH_END] = "checks take this end for the time when the session ended; report it",
    [PROBE_NONE_RUNS] = "a healthy VM always has a session that runs: see VMs below",
    [PROBE_UNSORTED] = "checks read all pages instead of the first; verdicts stay right",
    [PROBE_SMALL_PAGES] = ("each page is a request: many VMs take long; raise --timeout, and share "
                           "answers with --snapshot"),
    [PROBE_NO_POLICIES] = "EM shows this user no CDP policies",
    [PROBE_NO_REPLICAS] = "EM shows this user no VMs of CDP replicas",
    [PROBE_NO_COLLECTION] = ("is EM's data collected by hand? Checks warn that its age is unknown "
                             "unless --warning-data-age=~: is given"),
    [PROBE_NO_POINTS] = "the lag behind the RPO can't be measured: does this VM replicate?",
    [PROBE_OLD_DATA] = "checks warn of it: look at EM's data collection, or set --warning-data-age",
};

void probe_words_append_advice(struct buf *buf, const struct probe_line *line)
{
    if ((line->topic == PROBE_FILTER && line->advice == PROBE_FAILED) ||
        line->advice == PROBE_IGNORES || line->advice == PROBE_LOSES ||
        line->advice == PROBE_CANT_FILTER) {
        append_filter_advice(buf, line);
    } else if (line->advice == PROBE_FAILED || line->advice == PROBE_REFUSES) {
        append_without(buf, line);
    } else if (line->advice == PROBE_ALL_IDLE || line->advice == PROBE_STANDSTILL ||
               line->advice == PROBE_ALL_OVERDUE) {
        append_option(buf, line);
    } else if (advices[line->advice] != NULL) {
        buf_text(buf, advices[line->advice]);
    }
}
