// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The client's logon session is in one of four states:
 *
 *   NONE     There is none.
 *   OWN      This run has opened it, so it logs it off.
 *   SHARED   It is in the cache, for other runs as well, so it is not logged off.
 *   REFUSED  EM has answered 401 to it. Most likely EM has ended it; if not, it must not stay open.
 *            So it is logged off, also if the run is ended while it waits for the cache's lock.
 *
 *              +------> NONE -------+
 *              |        |           |
 *              |        V           V
 *              +------ OWN -----> SHARED
 *              |        |           ^
 *              |        V           |
 *              +---- REFUSED <------+
 *
 *   NONE         -> OWN       log_on
 *   NONE         -> SHARED    take_cached
 *   OWN          -> SHARED    keep_logon
 *   OWN, SHARED  -> REFUSED   renew
 *   REFUSED      -> SHARED    take_cached: what another run has put there since
 *   OWN, REFUSED -> NONE      log_off; em_client_close leaves a SHARED one alone
 *
 * What the client relies on, and keeps:
 *
 * (1) There is a token in each state but NONE, and a cache if it is SHARED. The mask has the token
 *     before anything is kept of what EM says from then on.
 * (2) A run has the lock of the cache when it puts a session there, and never while it GETs. So of
 *     many runs at once one logs on, and none waits for the GETs of another one. What it replaces
 *     is of no use to anybody: other runs do not log off what they have from the cache.
 * (3) A run replaces what EM refuses by a fresh logon once, and before that by another run's once:
 *     `renewal` only grows. EM that refuses everything costs two logons, not many.
 * (4) Once there is no logon to be had, nothing more is sent but a logoff: `lost` stays.
 * (5) A 404 to an id is believed only from an EM that has answered a query in this run: `proven`.
 * (6) Of the runs that share a directory, one sends a password that EM has refused, once in ten
 *     minutes: refusal.h. Only a 401 to the logon counts, not one to a GET.
 * (7) Nothing is sent that could change anything in EM but its logon sessions: permitted.h.
 */
#include "em/client.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "em/cjson.h"
#include "em/http.h"
#include "em/json.h"
#include "em/logon_cache.h"
#include "em/permitted.h"
#include "em/refusal.h"
#include "em/status_fault.h"
#include "em/trace.h"

/*
 * What a run that is told to stop still grants each of the requests that must not be cut off: a
 * logon, whose answer says what is to be logged off, and the logoff.
 */
enum { LAST_GRACE_MS = 1000 };

/* What the logoff of a session that EM has refused may take of the time for a fresh one. */
enum { REFUSED_LOGOFF_MS = 2000 };

enum logon_state { LOGON_NONE, LOGON_OWN, LOGON_SHARED, LOGON_REFUSED };

/* What has replaced a logon session that EM refused. */
enum renewal { RENEWAL_NONE, RENEWAL_BY_CACHE, RENEWAL_BY_LOGON };

struct em_client {
    const struct em_settings *settings;
    struct em_trace trace;
    struct lines *notices;
    struct http *http;
    struct logon_cache *cache; // NULL: the logon session is not kept
    enum logon_state state;
    struct em_logon logon;
    utc_us used; // when EM took it last; 0: it did not yet
    enum renewal renewal;
    struct fault lost;   // why there is no logon session any more
    long status;         // of the last GET or POST; 0: EM gave none, or a proxy did
    bool proven;         // a query was answered as EM does, in this run
    utc_us clock_offset; // EM's clock minus this host's
    struct em_looks looks;
    char server[HTTP_SERVER_SIZE]; // what its first answer says of it
    utc_us clock_took;             // how long the answer took that had it; 0: none had
};

/* From now on nothing that EM says may show it: (1). */
static bool keep_secret(const struct em_client *client, const struct em_logon *logon)
{
    return mask_add(client->settings->mask, logon->token) &&
           mask_add_id(client->settings->mask, logon->id);
}

static void assert_invariants(const struct em_client *client)
{
    (void)client;                                                              // with NDEBUG
    assert((client->state == LOGON_NONE) == (client->logon.token[0] == '\0')); // (1)
    assert(client->state != LOGON_SHARED || client->cache != NULL);            // (1)
    assert(client->state != LOGON_REFUSED || client->lost.kind != FAULT_NONE); // (4)
}

static void set_state(struct em_client *client, enum logon_state state)
{
    static const bool edges[][4] = {
        [LOGON_NONE] = {[LOGON_OWN] = true, [LOGON_SHARED] = true},
        [LOGON_OWN] = {[LOGON_NONE] = true, [LOGON_SHARED] = true, [LOGON_REFUSED] = true},
        [LOGON_SHARED] = {[LOGON_REFUSED] = true},
        [LOGON_REFUSED] = {[LOGON_NONE] = true, [LOGON_SHARED] = true},
    };
    (void)edges; // with NDEBUG
    assert(edges[client->state][state]);
    client->state = state;
}

static void set_renewal(struct em_client *client, enum renewal renewal)
{
    assert(renewal > client->renewal); // (3)
    client->renewal = renewal;
}

const struct mask *em_client_mask(const struct em_client *client)
{
    return client->settings->mask;
}

/* EM's Date has whole seconds, and may be of any moment from the request to the answer. */
static void note_clock(struct em_client *client, const struct http_response *response, utc_us asked,
                       utc_us answered)
{
    static const utc_us tolerance = 2 * UTC_SECOND;
    const utc_us took = answered > asked ? answered - asked : 1;
    const bool is_ems = response->status >= 200 && response->status <= 299;
    if (!is_ems || response->date == 0 || (client->clock_took != 0 && took >= client->clock_took)) {
        return;
    }
    const utc_us offset = response->date + UTC_SECOND / 2 - (asked + took / 2);
    client->clock_offset =
        llabs(offset) > tolerance + took / 2 ? offset / UTC_SECOND * UTC_SECOND : 0;
    client->clock_took = took;
}

struct em_looks em_client_looks(const struct em_client *client)
{
    struct em_looks looks = client->looks;
    looks.server = client->server;
    return looks;
}

/* What an answer looks like that was read as JSON. */
static void note_looks(struct em_client *client, const struct http_response *response,
                       const cJSON *root)
{
    const char *key = root->child != NULL ? root->child->string : NULL;
    struct em_looks *looks = &client->looks;
    looks->answers++;
    looks->marked +=
        text_mark_length(buf_string(&response->body), response->body.length) > 0 ? 1 : 0;
    looks->pascal += key != NULL && isupper((unsigned char)key[0]) ? 1 : 0;
    looks->camel += key != NULL && islower((unsigned char)key[0]) ? 1 : 0;
}

bool em_client_refused(const struct em_client *client)
{
    return client->status == 400 || client->status == 403 || client->status == 404;
}

bool em_client_disliked_body(const struct em_client *client)
{
    return client->status == 400 || client->status == 415;
}

bool em_client_clock_offset(const struct em_client *client, utc_us *offset)
{
    *offset = client->clock_offset;
    return client->clock_took != 0;
}

static int perform(struct em_client *client, const struct http_request *request,
                   struct http_response *response, struct fault *fault)
{
    const int64_t start = clock_monotonic_ms();
    const utc_us asked = clock_utc();
    assert(request_is_permitted(request)); // (7)
    const int result = http_perform(client->http, request, response, fault);
    if (client->server[0] == '\0') {
        memcpy(client->server, response->server, sizeof client->server);
    }
    note_clock(client, response, asked, clock_utc());
    const char *failure = result < 0 ? fault_kind_name(fault->kind) : NULL;
    const int64_t took_ms = clock_monotonic_ms() - start;
    trace_request(&client->trace, request, response, took_ms, failure);
    record_add(client->settings->record, request, response, asked, took_ms, failure);
    return result;
}

static int status_fault(const struct em_client *client, const struct http_request *request,
                        const struct http_response *response, struct fault *fault)
{
    return status_fault_set(request, response, http_go_between(client->http),
                            client->settings->mask, fault);
}

/* What is not as EM sends it may come from a proxy. */
static int blame_go_between(const struct em_client *client, struct fault *fault)
{
    const struct em_proxy *go_between = http_go_between(client->http);
    return go_between != NULL ? fault_wrap(fault, "through %s", go_between->shown) : -1;
}

static int log_on(struct em_client *client, struct fault *fault)
{
    const struct em_settings *settings = client->settings;
    if (io_wait(settings->stop_descriptor, 0)) { // a run that is to stop opens nothing any more
        return fault_set(fault, FAULT_TERMINATED, "by a signal, before the logon");
    }
    const struct http_request request = {
        .method = "POST",
        .target = LOGON_TARGET,
        .username = settings->username,
        .password = settings->password,
        // There is nothing to log off before the answer; one that is given up here may leave a
        // session behind, so nearly all the time there is goes to it.
        .deadline_ms = settings->deadline_ms - settings->reserve_ms / 4,
        .grace_ms = LAST_GRACE_MS,
    };
    cleanup_http_response struct http_response response;
    const int result = perform(client, &request, &response, fault);
    if (response.token[0] != '\0') {
        // Even where the answer then broke off: EM has opened a session, so it must be closed.
        memcpy(client->logon.token, response.token, sizeof client->logon.token);
        logon_find_id(&client->logon, buf_string(&response.body), response.body.length);
        client->used = 0;
        set_state(client, LOGON_OWN);
    }
    if (!keep_secret(client, &client->logon)) {
        return fault_no_memory(fault);
    }
    if (result < 0) {
        return -1;
    }
    if (response.status != 201 && response.status != 200) {
        return status_fault(client, &request, &response, fault);
    }
    if (client->state == LOGON_NONE) {
        fault_set(fault, FAULT_PROTOCOL,
                  "the logon's answer has no X-RestSvcSessionId: is this EM's port? 9419 is "
                  "another API");
        return blame_go_between(client, fault);
    }
    return 0;
}

enum logoff { LOGOFF_DONE, LOGOFF_UNKNOWN, LOGOFF_LOST, LOGOFF_FAILED };

static enum logoff ask_to_log_off(struct em_client *client, const struct http_request *request,
                                  struct fault *fault)
{
    cleanup_http_response struct http_response response;
    if (perform(client, request, &response, fault) < 0) {
        const bool given_up = fault->kind == FAULT_TIMEOUT || fault->kind == FAULT_TERMINATED;
        return response.status == 0 && !given_up ? LOGOFF_LOST : LOGOFF_FAILED;
    }
    if (response.status >= 200 && response.status <= 299) {
        return LOGOFF_DONE;
    }
    status_fault(client, request, &response, fault);
    return response.status == 401 || response.status == 404 ? LOGOFF_UNKNOWN : LOGOFF_FAILED;
}

static int end_session(struct em_client *client, int64_t deadline_ms, struct fault *fault)
{
    if (client->logon.id[0] == '\0') {
        return fault_set(fault, FAULT_PROTOCOL, "EM's logon answer named no session to log off");
    }
    char target[64 + LOGON_ID_SIZE];
    snprintf(target, sizeof target, "/api/logonSessions/%s", client->logon.id);
    const struct http_request request = {
        .method = "DELETE",
        .target = target,
        .token = client->logon.token,
        .deadline_ms = deadline_ms,
        .grace_ms = LAST_GRACE_MS,
    };
    enum logoff outcome = ask_to_log_off(client, &request, fault);
    const bool lost = outcome == LOGOFF_LOST;
    if (lost) {
        // Memory may be there again, or the connection had gone stale. If the answer alone was
        // lost, EM knows no such session any more.
        outcome = ask_to_log_off(client, &request, fault);
    }
    explicit_bzero(target, sizeof target);
    // What EM refuses a second time has ended.
    const bool ended = outcome == LOGOFF_UNKNOWN && (lost || client->state == LOGON_REFUSED);
    return outcome == LOGOFF_DONE || ended ? 0 : -1;
}

static int log_off(struct em_client *client, int64_t deadline_ms, struct fault *fault)
{
    const int result = end_session(client, deadline_ms, fault);
    logon_forget(&client->logon);
    set_state(client, LOGON_NONE);
    return result;
}

/* What is wrong with the cache is a notice, not a fault of the check. */
static void note_cache(struct em_client *client, const struct fault *trouble)
{
    lines_add(client->notices, "--session-cache=%s: %s", client->settings->session_cache,
              trouble->text);
}

/* Reads the logon that is in the cache, unless it is the one that EM has just refused. */
static bool find_cached(struct em_client *client, struct em_logon *found, struct fault *trouble)
{
    const int count =
        logon_cache_read(client->cache, client->settings->password, clock_utc(), found, trouble);
    return count > 0 && strcmp(found->token, client->logon.token) != 0;
}

static bool take_cached(struct em_client *client, struct fault *trouble)
{
    cleanup_logon struct em_logon found = {.token = ""};
    if (!find_cached(client, &found, trouble)) {
        return false;
    }
    if (!keep_secret(client, &found)) {
        fault_no_memory(trouble);
        return false;
    }
    client->logon = found;
    client->used = 0;
    set_state(client, LOGON_SHARED);
    trace_cache(&client->trace, "an earlier run's logon is used");
    return true;
}

static bool has_cached(struct em_client *client, struct fault *trouble)
{
    cleanup_logon struct em_logon found = {.token = ""};
    return find_cached(client, &found, trouble);
}

/* Half of the time that is left is for who has the lock; without it the rest must do. */
static int lock_cache(struct em_client *client, struct fault *trouble)
{
    const struct em_settings *settings = client->settings;
    const int64_t now_ms = clock_monotonic_ms();
    const int64_t left_ms = settings->deadline_ms - settings->reserve_ms - now_ms;
    return logon_cache_lock(client->cache, now_ms + left_ms / 2, settings->stop_descriptor,
                            trouble);
}

static void keep_logon(struct em_client *client)
{
    struct fault trouble = {.kind = FAULT_NONE};
    const char *password = client->settings->password;
    if (logon_cache_write(client->cache, password, &client->logon, &trouble) < 0) {
        note_cache(client, &trouble);
        return;
    }
    set_state(client, LOGON_SHARED);
    trace_cache(&client->trace, "the logon is kept for the next run");
}

static struct refusal_key refusal_key_of(const struct em_settings *settings)
{
    return (struct refusal_key){.directory = settings->refusals,
                                .server = &settings->server,
                                .username = settings->username,
                                .password = settings->password,
                                .deadline_ms = settings->deadline_ms - settings->reserve_ms,
                                .stop_descriptor = settings->stop_descriptor};
}

bool em_client_is_held(const struct em_settings *settings, struct fault *fault)
{
    const struct refusal_key key = refusal_key_of(settings);
    return refusal_holds(&key, fault);
}

static void note_refusal(struct em_client *client, const struct refusal_key *key, const char *said)
{
    struct fault trouble = {.kind = FAULT_NONE};
    if (refusal_note(key, said, &trouble) < 0) {
        lines_add(client->notices,
                  "%s: that EM refused the password can't be noted, so the next check tries it "
                  "again: %s",
                  key->directory, trouble.text);
    }
}

/* Logs on, unless EM has refused this password of late: (6). */
static int log_on_if_allowed(struct em_client *client, struct fault *fault)
{
    const struct refusal_key key = refusal_key_of(client->settings);
    if (refusal_holds(&key, fault)) {
        return -1;
    }
    const int result = log_on(client, fault);
    if (result == 0) {
        refusal_lift(&key);
    } else if (fault->kind == FAULT_LOGON) {
        note_refusal(client, &key, fault->text);
    }
    return result;
}

/* The first logon of this run, or a fresh one in place of what EM has refused. */
static int log_on_afresh(struct em_client *client, struct fault *fault)
{
    if (client->state == LOGON_REFUSED) {
        struct fault ignored = {.kind = FAULT_NONE};
        const int64_t soon_ms = clock_monotonic_ms() + REFUSED_LOGOFF_MS;
        const int64_t deadline_ms = client->settings->deadline_ms;
        log_off(client, soon_ms < deadline_ms ? soon_ms : deadline_ms, &ignored);
        set_renewal(client, RENEWAL_BY_LOGON);
    }
    return log_on_if_allowed(client, fault);
}

enum cached { CACHED_TAKEN, CACHED_NONE_LOCKED, CACHED_NONE, CACHED_STOPPED };

/*
 * Takes a logon from the cache or, if there is none, locks it for this run to put one there. Of
 * many runs at once, one gets the lock, and the others wait for what it puts there.
 */
static enum cached take_or_lock(struct em_client *client, struct fault *trouble)
{
    const bool refused = client->state == LOGON_REFUSED;
    if (!refused && take_cached(client, trouble)) {
        return CACHED_TAKEN;
    }
    trouble->kind = FAULT_NONE; // what was wrong will be seen again
    if (lock_cache(client, trouble) < 0) {
        return trouble->kind == FAULT_TERMINATED ? CACHED_STOPPED : CACHED_NONE;
    }
    enum cached cached = CACHED_NONE_LOCKED;
    if (client->renewal != RENEWAL_NONE) {
        // One that is there by now is a third one: other runs may need it, this one does without.
        cached = has_cached(client, trouble) ? CACHED_NONE : CACHED_NONE_LOCKED;
    } else if (take_cached(client, trouble)) {
        if (refused) {
            set_renewal(client, RENEWAL_BY_CACHE);
        }
        cached = CACHED_TAKEN;
    }
    if (cached != CACHED_NONE_LOCKED) {
        logon_cache_unlock(client->cache);
    }
    return cached;
}

/* Gets a logon session: with a cache that of another run, or a fresh one, which is kept there. */
static int get_logon(struct em_client *client, struct fault *fault)
{
    struct fault trouble = {.kind = FAULT_NONE};
    const enum cached cached = client->cache != NULL ? take_or_lock(client, &trouble) : CACHED_NONE;
    if (cached == CACHED_STOPPED) {
        *fault = trouble;
        return -1;
    }
    if (trouble.kind != FAULT_NONE) {
        note_cache(client, &trouble);
    }
    if (cached == CACHED_TAKEN) {
        return 0;
    }
    const int result = log_on_afresh(client, fault);
    if (cached == CACHED_NONE_LOCKED) {
        if (result == 0) {
            keep_logon(client);
        }
        logon_cache_unlock(client->cache);
    }
    return result;
}

static void open_cache(struct em_client *client)
{
    const struct em_settings *settings = client->settings;
    struct fault trouble = {.kind = FAULT_NONE};
    if (settings->session_cache == NULL) {
        return;
    }
    client->cache =
        logon_cache_open(settings->session_cache, &settings->server, settings->username, &trouble);
    if (client->cache == NULL) {
        note_cache(client, &trouble);
    }
}

struct em_client *em_client_open(const struct em_settings *settings, struct buf *trace,
                                 struct lines *notices, struct fault *fault)
{
    if (cjson_load(fault) < 0) { // without it, what is logged on could not be logged off
        return NULL;
    }
    struct em_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    client->settings = settings;
    client->trace =
        (struct em_trace){.text = trace, .verbosity = settings->verbosity, .mask = settings->mask};
    client->notices = notices;
    client->http = http_open(&settings->server, settings->mask, settings->stop_descriptor, fault);
    if (client->http == NULL) {
        free(client);
        return NULL;
    }
    open_cache(client);
    const bool masked = mask_add_basic(settings->mask, settings->username, settings->password);
    if (!masked) {
        fault_no_memory(fault);
    }
    if (!masked || get_logon(client, fault) < 0) {
        struct fault ignored = {.kind = FAULT_NONE};
        em_client_close(client, &ignored);
        return NULL;
    }
    return client;
}

int em_client_inspect(const struct em_settings *settings, struct em_peer *peer, struct fault *fault)
{
    struct http *http =
        http_open(&settings->server, settings->mask, settings->stop_descriptor, fault);
    *peer = (struct em_peer){.tried = ""};
    if (http == NULL) {
        return -1;
    }
    http_inspect(http, settings->deadline_ms - settings->reserve_ms, peer);
    http_close(http);
    return 0;
}

static int parse_answer(struct em_client *client, const struct http_request *request,
                        const struct http_response *response, struct json_document *answer,
                        struct fault *fault)
{
    if (json_parse(buf_string(&response->body), response->body.length, answer, fault) == 0) {
        note_looks(client, response, answer->root);
        return 0;
    }
    const size_t path = strcspn(request->target, "?");
    if (request->body != NULL) {
        fault_wrap(fault, "%s", request->target + path); // whose path has two UUIDs
    } else {
        fault_wrap(fault, "%.*s", (int)path, request->target);
    }
    return blame_go_between(client, fault);
}

/*
 * Whatever stands at EM's address may answer 404 to every id, and a logon from the cache does not
 * show that it is EM. A query that is answered does.
 */
static int prove(struct em_client *client, struct fault *fault)
{
    static const char target[] = "/api/query?type=CdpReplicaTaskSession&format=Entities&filter="
                                 "State%3D%3DInProgress&sortDesc=CreationTimeUTC&pageSize=1&page=1";
    cleanup_json struct json_document answer = {.root = NULL};
    if (client->proven) {
        return 0;
    }
    if (em_client_get(client, target, &answer, fault) < 0) {
        return -1;
    }
    client->proven = json_member(answer.root, "Entities") != NULL;
    return client->proven ? 0
                          : fault_set(fault, FAULT_PROTOCOL,
                                      "a query's answer has no Entities: is this EM's port?");
}

/* Gets another logon session after a 401, if this run may. Else the 401 is the fault. */
static int renew(struct em_client *client, const struct http_request *request,
                 const struct http_response *response, struct fault *fault)
{
    set_state(client, LOGON_REFUSED);
    const int result = client->renewal == RENEWAL_BY_LOGON
                           ? status_fault(client, request, response, fault)
                           : get_logon(client, fault);
    if (result < 0) {
        client->lost = *fault;
    }
    return result;
}

/* Why there is no answer, whatever its status was. */
static int refuse(struct em_client *client, const struct http_request *request,
                  const struct http_response *response, struct fault *fault)
{
    if (status_fault_is_not_found(request, response) && prove(client, fault) < 0) {
        client->status = 0;
        return -1;
    }
    status_fault(client, request, response, fault);
    // What a proxy forbids is not EM's refusal.
    client->status = fault->kind != FAULT_UNREACHABLE ? response->status : 0;
    return -1;
}

/* Sends the request by the logon session that there is. */
static int ask(struct em_client *client, const struct http_request *question,
               struct json_document *answer, struct fault *fault)
{
    assert_invariants(client);
    answer->root = NULL;
    client->status = 0;
    if (client->lost.kind != FAULT_NONE) {
        *fault = client->lost;
        return -1;
    }
    for (;;) {
        struct http_request request = *question;
        request.token = client->logon.token;
        cleanup_http_response struct http_response response;
        if (perform(client, &request, &response, fault) < 0) {
            return -1;
        }
        if (response.status != 401 && response.status != 404 && response.status < 500) {
            client->used = clock_utc(); // whatever the answer, EM has taken the token
        }
        if (response.status == 200) {
            return parse_answer(client, &request, &response, answer, fault);
        }
        if (response.status != 401) {
            return refuse(client, &request, &response, fault);
        }
        if (renew(client, &request, &response, fault) < 0) {
            return -1;
        }
    }
}

static int64_t asking_ends_ms(const struct em_client *client)
{
    return client->settings->deadline_ms - client->settings->reserve_ms;
}

int em_client_get(struct em_client *client, const char *target, struct json_document *answer,
                  struct fault *fault)
{
    const struct http_request request = {
        .method = "GET", .target = target, .deadline_ms = asking_ends_ms(client)};
    return ask(client, &request, answer, fault);
}

int64_t em_client_time_left(const struct em_client *client)
{
    return asking_ends_ms(client) - clock_monotonic_ms();
}

int em_client_post(struct em_client *client, const char *target, const struct em_body *body,
                   struct json_document *answer, struct fault *fault)
{
    const int64_t until_ms = clock_monotonic_ms() + body->limit_ms;
    const int64_t end_ms = asking_ends_ms(client);
    const struct http_request request = {.method = "POST",
                                         .target = target,
                                         .body = body->text,
                                         .content_type = body->type,
                                         .deadline_ms = until_ms < end_ms ? until_ms : end_ms};
    if (!request_is_permitted(&request)) {
        return fault_set(fault, FAULT_INTERNAL, "a POST that may not be sent: %s", target);
    }
    return ask(client, &request, answer, fault);
}

/* From now on it may rest for 14 minutes. */
static void note_use(struct em_client *client)
{
    struct fault trouble = {.kind = FAULT_NONE};
    if (client->used != 0 && logon_cache_touch(client->cache, client->used, &trouble) < 0) {
        note_cache(client, &trouble);
    }
}

int em_client_close(struct em_client *client, struct fault *fault)
{
    int result = 0;
    if (client == NULL) {
        return 0;
    }
    assert_invariants(client);
    if (client->state == LOGON_SHARED) {
        note_use(client);
    } else if (client->state != LOGON_NONE) {
        result = log_off(client, client->settings->deadline_ms, fault);
    }
    logon_forget(&client->logon);
    logon_cache_close(client->cache);
    http_close(client->http);
    free(client);
    return result;
}
