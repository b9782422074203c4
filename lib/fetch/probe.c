// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/probe.h"

#include <string.h>

#include "cdp/coverage.h"
#include "cdp/probe_vms.h"
#include "em/entity.h"
#include "em/query.h"
#include "fetch/fleet.h"
#include "fetch/lag.h"
#include "fetch/live.h"
#include "fetch/older.h"
#include "fetch/probe_filters.h"
#include "fetch/probe_sample.h"
#include "fetch/topics.h"

/* ---- before the logon ---- */

static void add_address(struct probe *probe, const struct em_server *server,
                        const struct em_peer *peer)
{
    struct probe_line *line = probe_add(probe, PROBE_ADDRESS);
    probe_set_text(probe, line, PROBE_HOST,
                   server->connect_to != NULL ? server->connect_to : server->host);
    probe_set_text(probe, line, PROBE_TRIED, peer->tried);
    probe_set_text(probe, line, PROBE_ADDRESS_USED, peer->address);
    probe_set_text(probe, line, PROBE_PROXY, peer->proxy);
    line->took_ms = peer->connected_ms;
}

/* After a handshake, EM answers, or doesn't. */
static bool is_after_handshake(enum fault_kind kind)
{
    return kind == FAULT_NONE || kind == FAULT_LOGON || kind == FAULT_FORBIDDEN ||
           kind == FAULT_NOT_FOUND || kind == FAULT_SERVER || kind == FAULT_PROTOCOL;
}

static enum probe_trust trust_of(const struct em_server *server, const struct fault *fault)
{
    return fault->kind == FAULT_TLS           ? PROBE_TRUST_REFUSED
           : !is_after_handshake(fault->kind) ? PROBE_TRUST_UNKNOWN
           : server->insecure                 ? PROBE_TRUST_UNVERIFIED
           : server->pinned_pubkey != NULL    ? PROBE_TRUST_PINNED
                                              : PROBE_TRUST_VERIFIED;
}

static void add_tls(struct probe *probe, const struct em_server *server, const struct em_peer *peer,
                    const struct fault *fault)
{
    struct probe_line *line = probe_add(probe, PROBE_TLS);
    probe_set_truth(line, PROBE_PLAIN, server->plain);
    probe_set_text(probe, line, PROBE_TLS_VERSION, peer->tls);
    if (server->plain || peer->tls[0] == '\0') {
        return;
    }
    line->took_ms = peer->secured_ms;
    line = probe_add(probe, PROBE_CERTIFICATE);
    probe_set_text(probe, line, PROBE_SUBJECT, peer->subject);
    probe_set_text(probe, line, PROBE_ISSUER, peer->issuer);
    probe_set_text(probe, line, PROBE_NAMES, peer->names);
    if (peer->has_end) {
        probe_set_time(line, PROBE_EXPIRES, peer->end);
    }
    probe_set_truth(line, PROBE_SELF_SIGNED, peer_is_self_signed(peer));
    probe_set_text(probe, line, PROBE_TRUST, probe_trust_words[trust_of(server, fault)]);
    if (peer->pin[0] != '\0') {
        probe_set_text(probe, probe_add(probe, PROBE_PIN), PROBE_PUBLIC_KEY, peer->pin);
    }
}

/* Whether there was nothing more to see. */
static bool saw_all(const struct em_server *server, const struct em_peer *peer)
{
    return peer->address[0] != '\0' &&
           (server->plain || (peer->pin[0] != '\0' && peer->subject[0] != '\0' &&
                              peer->issuer[0] != '\0' && peer->names[0] != '\0' && peer->has_end));
}

/* Whether something answered the logon, be it by a certificate that is not trusted. */
static bool has_answered(const struct fault *fault)
{
    return fault->kind == FAULT_NONE || fault->kind == FAULT_TLS || fault->kind == FAULT_SERVER ||
           fault->kind == FAULT_LOGON || fault->kind == FAULT_FORBIDDEN ||
           fault->kind == FAULT_PROTOCOL;
}

/* What answered the logon can be looked at, though the first look failed or lacked memory. */
static void look_again(const struct em_settings *settings, const struct fault *fault,
                       struct em_peer *peer)
{
    struct em_peer again;
    struct fault ignored = {.kind = FAULT_NONE};
    if (has_answered(fault) && !saw_all(&settings->server, peer) &&
        em_client_inspect(settings, &again, &ignored) == 0 && again.address[0] != '\0') {
        *peer = again;
    }
}

/* Logs on; what there is to see before that is told in any case. NULL: probe->fault says why. */
static struct em_client *connect(const struct em_settings *settings, struct probe *probe,
                                 struct buf *trace)
{
    struct em_peer peer;
    if (em_client_inspect(settings, &peer, &probe->fault) < 0) {
        return NULL;
    }
    const int64_t begun_ms = probing_begin();
    struct em_client *client = em_client_open(settings, trace, &probe->notices, &probe->fault);
    look_again(settings, &probe->fault, &peer);
    add_address(probe, &settings->server, &peer);
    if (peer.address[0] != '\0') {
        add_tls(probe, &settings->server, &peer, &probe->fault);
    }
    if (client != NULL || probe->fault.kind == FAULT_LOGON ||
        probe->fault.kind == FAULT_FORBIDDEN || probe->fault.kind == FAULT_PROTOCOL) {
        struct probe_line *line = probe_add(probe, PROBE_LOGON);
        probe_set_text(probe, line, PROBE_USER, settings->username);
        line->fault = probe->fault;
        probing_end(line, begun_ms);
    }
    return client;
}

/* ---- what EM says of itself ---- */

static int ask_version(struct probing *probing, struct fault *fault)
{
    struct probe *probe = probing->probe;
    struct probe_line *line = probe_add(probe, PROBE_VERSION);
    struct fault trouble = {.kind = FAULT_NONE};
    const cJSON *versions = NULL;
    const cJSON *version = NULL;
    const int64_t begun_ms = probing_begin();
    const int got = em_client_get(probing->client, "/api/", &probing->answer, &trouble);
    probe_set_text(probe, line, PROBE_SERVER, em_client_looks(probing->client).server);
    if (got < 0) {
        return probing_take_fault(probing, line, &trouble, fault);
    }
    probing_end(line, begun_ms);
    struct lines *list = probe_set_list(line, PROBE_API_VERSIONS);
    entity_list(json_member(probing->answer.root, "SupportedVersions"), &versions);
    cJSON_ArrayForEach(version, versions)
    {
        const char *name = json_text(version, "Name");
        lines_add(list, "%s", name != NULL ? name : "?");
    }
    return 0;
}

static void add_clock(struct probing *probing)
{
    struct probe_line *line = probe_add(probing->probe, PROBE_CLOCK);
    utc_us offset = 0;
    if (em_client_clock_offset(probing->client, &offset)) {
        probe_set_number(line, PROBE_OFFSET, (double)offset / (double)UTC_SECOND);
    }
}

/* At the end, of all answers. */
static void add_looks(struct probing *probing)
{
    const struct em_looks looks = em_client_looks(probing->client);
    struct probe_line *line = probe_add(probing->probe, PROBE_MARK);
    probe_set_number(line, PROBE_ANSWERS, (double)looks.answers);
    probe_set_number(line, PROBE_MARKED, (double)looks.marked);
    line = probe_add(probing->probe, PROBE_CASE);
    probe_set_number(line, PROBE_PASCAL, (double)looks.pascal);
    probe_set_number(line, PROBE_CAMEL, (double)looks.camel);
}

/* ---- all that --all asks for ---- */

static int ask_all_sessions(struct asking *asking, struct probing *probing, struct fault *fault)
{
    struct probe_line *line = probe_add(probing->probe, PROBE_PAGES);
    struct fault trouble = {.kind = FAULT_NONE};
    const int64_t begun_ms = probing_begin();
    probe_set_number(line, PROBE_ASKED, QUERY_LARGE_PAGE_SIZE);
    const int result = live_fetch_parts(asking, &trouble);
    const struct site_part *answer = asking->parts[0].answer;
    if (result < 0) {
        return probing_take_fault(probing, line, &trouble, fault);
    }
    probing_end(line, begun_ms);
    probe_set_number(line, PROBE_COUNT, (double)answer->read);
    if (answer->page_size > 0) {
        probe_set_number(line, PROBE_GRANTED, (double)answer->page_size);
    }
    return 0;
}

static void add_policies(struct probing *probing, struct probe_line *line)
{
    const struct site *site = &probing->site;
    double interval = 0;
    size_t disabled = 0;
    size_t containers = 0;
    size_t named = 0;
    for (size_t i = 0; i < site->policies.count; i++) {
        const struct policy *policy = &site->policies.items[i];
        const bool is_disabled = policy->has_enabled && !policy->enabled;
        disabled += is_disabled ? 1 : 0;
        containers += policy->containers != NULL ? 1 : 0;
        if (!is_disabled && policy->has_long_term && policy->long_term_s > interval) {
            interval = policy->long_term_s;
        }
    }
    for (size_t i = 0; i < site->protected_vms.count; i++) {
        named += site->protected_vms.items[i].named ? 1 : 0;
    }
    probe_set_number(line, PROBE_COUNT, (double)site->policies.count);
    probe_set_number(line, PROBE_DISABLED, (double)disabled);
    probe_set_number(line, PROBE_CONTAINERS, (double)containers);
    probe_set_number(line, PROBE_NAMED, (double)named);
    if (interval > 0) {
        probe_set_number(line, PROBE_INTERVAL, interval);
    }
}

static const char *way_of(const struct probing *probing, enum site_topic topic)
{
    return probing->site.answers[topic].way == SITE_WAY_LIST ? "list" : "query";
}

static utc_us ems_now(const struct probing *probing)
{
    utc_us offset = 0;
    em_client_clock_offset(probing->client, &offset);
    return clock_utc() + offset;
}

static void add_collection(struct probing *probing, struct probe_line *line)
{
    const struct collection *collection = &probing->site.collection;
    probe_set_text(probing->probe, line, PROBE_WAY, way_of(probing, SITE_COLLECTION));
    if (collection->has_succeeded) {
        const int64_t age_s = (ems_now(probing) - collection->succeeded) / UTC_SECOND;
        probe_set_time(line, PROBE_COLLECTED, collection->succeeded);
        probe_set_number(line, PROBE_DATA_AGE, age_s > 0 ? (double)age_s : 0);
    }
    if (collection->spacing_s > 0) {
        probe_set_number(line, PROBE_SPACING, collection->spacing_s);
    }
    struct lines *missed = probe_set_list(line, PROBE_MISSED);
    for (size_t i = 0; i < collection->count; i++) {
        if (collection->servers[i].missed) {
            lines_add(missed, "%s", collection->servers[i].name);
        }
    }
}

static void add_replicas(struct probing *probing, struct probe_line *line)
{
    const struct protected_vms *vms = &probing->site.protected_vms;
    size_t count = 0;
    for (size_t i = 0; i < vms->count; i++) {
        count += vms->items[i].has_replica ? 1 : 0;
    }
    probe_set_text(probing->probe, line, PROBE_WAY, way_of(probing, SITE_REPLICAS));
    probe_set_number(line, PROBE_COUNT, (double)count);
}

static const struct {
    enum site_topic site;
    enum probe_topic probe;
    void (*add)(struct probing *probing, struct probe_line *line);
} topics[] = {
    {SITE_POLICIES, PROBE_POLICIES, add_policies},
    {SITE_COLLECTION, PROBE_COLLECTION, add_collection},
    {SITE_REPLICAS, PROBE_REPLICAS, add_replicas},
};

static int ask_topics(struct asking *asking, struct probing *probing, struct fault *fault)
{
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        struct probe_line *line = probe_add(probing->probe, topics[i].probe);
        const struct site_answer *answer = &probing->site.answers[topics[i].site];
        const int64_t begun_ms = probing_begin();
        if (topics_ask(asking, topics[i].site, fault) < 0) {
            return -1;
        }
        probing_end(line, begun_ms);
        line->fault = answer->fault;
        line->refused = answer->knowledge == SITE_REFUSED;
        if (asking->lost.kind != FAULT_NONE) {
            *fault = asking->lost;
            return -1;
        }
        if (answer->knowledge == SITE_TOLD) {
            topics[i].add(probing, line);
        }
    }
    return 0;
}

/* As checks ask for by default. */
static const utc_us interval_window = INT64_C(86400) * UTC_SECOND;

/* A VM with a replica, if it can be the one that the next commands name; SIZE_MAX: there is none.
 */
static size_t find_replicated(const struct site *site, const char *vm)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < site->protected_vms.count; i++) {
        const struct protected_vm *item = &site->protected_vms.items[i];
        const bool is_that = vm != NULL && strcmp(item->vm, vm) == 0;
        if (item->replica != NULL && (found == SIZE_MAX || is_that)) {
            found = i;
            if (is_that) {
                break;
            }
        }
    }
    return found;
}

static void add_intervals(struct probe_line *line, const struct intervals *intervals)
{
    double lag = 0;
    size_t count = 0;
    for (size_t i = 0; i < intervals->count; i++) {
        count += intervals->items[i].has_points ? 1 : 0;
    }
    probe_set_number(line, PROBE_COUNT, (double)count);
    probe_set_number(line, PROBE_WINDOW, intervals_window(intervals));
    if (intervals_lag(intervals, &lag)) {
        probe_set_number(line, PROBE_LAG, lag);
    }
}

/* The one POST beside the logon, for one VM, if there is one. */
static int ask_intervals(struct asking *asking, struct probing *probing, struct fault *fault)
{
    const struct site *site = &probing->site;
    const size_t place = find_replicated(site, probing->probe->vm);
    bool as_json = false;
    if (place == SIZE_MAX) {
        return 0;
    }
    const struct protected_vm *vm = &site->protected_vms.items[place];
    struct probe_line *line = probe_add(probing->probe, PROBE_INTERVALS);
    const int64_t begun_ms = probing_begin();
    if (lag_fetch_one(asking, place, interval_window, &as_json, fault) < 0) {
        return -1;
    }
    probing_end(line, begun_ms);
    probe_set_text(probing->probe, line, PROBE_VM, vm->vm);
    if (vm->recovery->known) {
        probe_set_text(probing->probe, line, PROBE_FORM, as_json ? "json" : "xml");
        add_intervals(line, &vm->recovery->intervals);
        return 0;
    }
    line->fault = vm->recovery->why;
    line->refused = em_client_refused(probing->client);
    *fault = asking->lost;
    return asking->lost.kind == FAULT_NONE ? 0 : -1;
}

/* What this user is not to see. */
static void add_rights(struct probing *probing)
{
    struct probe_line *line = probe_add(probing->probe, PROBE_RIGHTS);
    struct lines *refused = probe_set_list(line, PROBE_REFUSED);
    for (size_t i = 0; i + 1 < probing->probe->count; i++) {
        const struct probe_line *other = &probing->probe->lines[i];
        if (other->refused && other->fault.kind == FAULT_FORBIDDEN &&
            other->topic != PROBE_FILTER) {
            lines_add(refused, "%s", probe_topic_words[other->topic]);
        }
    }
}

static int count_vms(struct asking *asking, struct probing *probing, int64_t begun_ms,
                     struct fault *fault)
{
    struct site *site = asking->site;
    if (protected_vms_sort(&site->protected_vms, fault) < 0 || older_fetch(asking, fault) < 0 ||
        coverage_settle(site, fault) < 0) {
        return -1;
    }
    if (asking->lost.kind != FAULT_NONE) {
        *fault = asking->lost;
        return -1;
    }
    struct probe_line *line = probe_add(probing->probe, PROBE_VMS);
    probing_end(line, begun_ms);
    return probe_vms_count(asking->scope, site, part_now(asking), probing->probe, line, fault);
}

/* As live_all_stages, with a line for each. */
static int ask_stages(struct asking *asking, void *context, struct fault *fault)
{
    struct probing *probing = context;
    const int64_t begun_ms = probing_begin();
    if (ask_all_sessions(asking, probing, fault) < 0 || ask_topics(asking, probing, fault) < 0) {
        return -1;
    }
    const bool has_sessions = asking->parts[0].answer->fault.kind == FAULT_NONE;
    if (has_sessions && count_vms(asking, probing, begun_ms, fault) < 0) {
        return -1;
    }
    return ask_intervals(asking, probing, fault);
}

/* ---- the probe ---- */

static int ask(struct probing *probing, struct fault *fault)
{
    add_clock(probing);
    if (ask_version(probing, fault) < 0 || probe_sample_read(probing, fault) < 0 ||
        probe_filters_try_sessions(probing, fault) < 0 ||
        live_ask(probing->client, probing->scope, &probing->site, ask_stages, probing, fault) < 0) {
        return -1;
    }
    return probe_filters_try_policies(probing, fault);
}

static void take_notices(struct probing *probing)
{
    struct lines *notices = &probing->site.notices;
    for (size_t i = 0; i < notices->count; i++) {
        lines_add(&probing->probe->notices, "%s", notices->text[i]);
    }
    probing->probe->no_memory = probing->probe->no_memory || notices->no_memory;
}

static void log_off(struct em_client *client, struct lines *notices)
{
    struct fault logoff = {.kind = FAULT_NONE};
    if (em_client_close(client, &logoff) < 0) {
        lines_add(notices, "logoff failed, EM ends the session after 15 minutes: %s: %s",
                  fault_kind_name(logoff.kind), logoff.text);
    }
}

void probe_fetch(const struct em_settings *settings, const struct scope *scope, struct probe *probe,
                 struct buf *trace)
{
    struct probing probing = {.settings = settings, .scope = scope, .probe = probe};
    probing.client = connect(settings, probe, trace);
    if (probing.client == NULL) {
        return;
    }
    if (site_init(&probing.site, scope, &probe->fault) == 0) {
        ask(&probing, &probe->fault);
    }
    probe_vms_choose(&probing.sample, probe);
    add_looks(&probing);
    add_rights(&probing);
    take_notices(&probing);
    log_off(probing.client, &probe->notices);
    site_free(&probing.site);
    task_sessions_free(&probing.sample);
    json_free(&probing.answer);
    json_free(&probing.newest);
}
