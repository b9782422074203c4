// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The client of lib/em and the questions of lib/cdp against an emulated EM in a thread of the test,
 * over TLS. What the emulator counted is asserted, too.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cdp/judge.h"
#include "em/curl.h"
#include "em/json.h"
#include "em/client.h"
#include "fetch/live.h"
#include "fetch/points.h"
#include "report/fault_words.h"
#include "emulator/emulator.h"
#include "unit/scratch.h"
#include "unit/suites.h"

#define REPLICA "7665222c-2e99-4a3f-b892-1827ba8d1eee"
#define VM "e809a086-2562-4a0f-a9a8-9c115ff8f0ba"

static const char entity[] =
    "/api/cdpReplicaTaskSessions/00000000-0000-4000-8000-000000000001?format=Entity";

/* One VM with one completed session; %s: more members of the scenario. */
static const char scenario_format[] =
    "{\"user\": \"monitor\", \"password\": \"Tr0ub4dor-7f3a9c\", "
    "\"policies\": [{\"name\": \"Gold\", \"replica_uid\": \"" REPLICA "\"}],"
    "\"vms\": [{\"name\": \"srv01\", \"policy\": \"Gold\", \"replica\": {\"uid\": \"" VM
    "\"}, \"sessions\": [{\"uid\": "
    "\"00000000-0000-4000-8000-000000000001\", \"state\": \"Completed\", \"result\": \"Success\","
    "\"created\": \"-9h\", \"ended\": \"-1h\", \"total_size\": 214748364800}]}]%s}";

enum { TRACE_LIMIT = 1024 * 1024 };

struct bench {
    struct emulator *emulator;
    struct em_settings settings;
    struct mask mask;
    struct buf trace;
    struct lines notices;
    struct fault fault;
};

static struct bench bench;

/* Starts an EM that plays `more` besides its one VM, and sets up a client that trusts its key. */
static void start_playing(const char *more)
{
    char scenario[4096];
    char error[512] = "";
    snprintf(scenario, sizeof scenario, scenario_format, more);
    const struct emulator_settings settings = {.scenario = scenario};
    bench.emulator = emulator_start(&settings, error, sizeof error);
    ck_assert_msg(bench.emulator != NULL, "%s", error);
    bench.settings = (struct em_settings){
        .server = {.host = "127.0.0.1",
                   .port = emulator_port(bench.emulator),
                   .pinned_pubkey = emulator_pin(bench.emulator)},
        .username = "monitor",
        .password = "Tr0ub4dor-7f3a9c",
        .deadline_ms = clock_monotonic_ms() + 120000, // a busy machine takes a part of it
        .reserve_ms = 1000,
        .stop_descriptor = -1,
        .verbosity = 3,
        .mask = &bench.mask,
    };
    mask_add(&bench.mask, bench.settings.password);
    buf_init(&bench.trace, TRACE_LIMIT);
    bench.fault = (struct fault){.kind = FAULT_NONE};
}

static void stop(void)
{
    ck_assert_uint_eq(emulator_counts(bench.emulator).writes, 0);
    emulator_stop(bench.emulator);
    bench.emulator = NULL;
    buf_free(&bench.trace);
    mask_free(&bench.mask);
    lines_free(&bench.notices);
}

static void ck_counts(unsigned long logons, unsigned long logoffs, unsigned long requests)
{
    const struct emulator_counts counts = emulator_counts(bench.emulator);
    ck_assert_uint_eq(counts.logons, logons);
    ck_assert_uint_eq(counts.logoffs, logoffs);
    ck_assert_uint_eq(counts.requests, requests);
    ck_assert_uint_eq(counts.open_sessions, 0);
    ck_assert_uint_eq(counts.connections, 1);
}

static struct em_client *log_on(void)
{
    struct em_client *client =
        em_client_open(&bench.settings, &bench.trace, &bench.notices, &bench.fault);
    ck_assert_msg(client != NULL, "%s", bench.fault.text);
    return client;
}

static void get_entity(struct em_client *client)
{
    cleanup_json struct json_document answer = {.root = NULL};
    ck_assert_msg(em_client_get(client, entity, &answer, &bench.fault) == 0, "%s",
                  bench.fault.text);
    ck_assert_str_eq(json_text(answer.root, "State"), "Completed");
}

START_TEST(one_session_one_connection)
{
    start_playing("");
    struct em_client *client = log_on();
    get_entity(client);
    get_entity(client);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(1, 1, 4);
    stop();
}
END_TEST

START_TEST(an_ended_session_costs_one_logon)
{
    start_playing("");
    struct em_client *client = log_on();
    emulator_expire(bench.emulator);
    get_entity(client);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(2, 1, 6); // logon, 401, logoff of what is gone, logon, the answer, logoff
    stop();
}
END_TEST

START_TEST(fifteen_idle_minutes_cost_one_logon)
{
    start_playing("");
    struct em_client *client = log_on();
    emulator_advance(bench.emulator, 15 * 60 + 1);
    get_entity(client);
    emulator_advance(bench.emulator, 15 * 60 + 1);
    cleanup_json struct json_document answer = {.root = NULL};
    ck_assert_int_eq(em_client_get(client, entity, &answer, &bench.fault), -1);
    ck_assert_int_eq(bench.fault.kind, FAULT_LOGON); // once a run is enough
    const struct fault first = bench.fault;
    ck_assert_int_eq(em_client_get(client, entity, &answer, &bench.fault), -1);
    ck_assert_str_eq(bench.fault.text, first.text);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    // logon, 401, logoff of what is gone, logon, the answer, 401, logoff of what is gone
    ck_assert_uint_eq(emulator_counts(bench.emulator).requests, 7);
    ck_assert_uint_eq(emulator_counts(bench.emulator).logons, 2);
    stop();
}
END_TEST

START_TEST(nothing_secret_is_traced)
{
    start_playing(", \"replies\": [{\"path\": \"/api/query\", \"status\": 200, \"body\": "
                  "\"{\\\"echo\\\": \\\"Tr0ub4dor-7f3a9c\\\"}\"}]");
    struct em_client *client = log_on();
    cleanup_json struct json_document answer = {.root = NULL};
    ck_assert_int_eq(em_client_get(client, "/api/query?x=1", &answer, &bench.fault), 0);
    get_entity(client);
    em_client_close(client, &bench.fault);
    const char *trace = buf_string(&bench.trace);
    ck_assert_ptr_nonnull(strstr(trace, "POST /api/sessionMngr/?v=latest: 201"));
    ck_assert_ptr_nonnull(strstr(trace, "{\"echo\": \"***\"}"));
    ck_assert_ptr_nonnull(strstr(trace, "\"TotalSize\":214748364800"));
    ck_assert_ptr_nonnull(strstr(trace, "DELETE /api/logonSessions/***: 204"));
    ck_assert_ptr_null(strstr(trace, "Tr0ub4dor"));
    stop();
}
END_TEST

/* However long the target is, the line has what it asks for, status, size and time. */
static const int target_lengths[] = {100, 799, 800, 801, 1023, 5000, 14999};

START_TEST(a_long_target_is_shortened_in_its_middle)
{
    static const char start[] = "/api/query?type=CdpReplicaTaskSession&filter=";
    static const char end[] = "&pageSize=1000&page=12";
    static char target[15000];
    cleanup_json struct json_document answer = {.root = NULL};
    memset(target, 'f', sizeof target);
    memcpy(target, start, strlen(start));
    strcpy(target + target_lengths[_i] - strlen(end), end);
    start_playing("");
    struct em_client *client = log_on();
    ck_assert_int_eq(em_client_get(client, target, &answer, &bench.fault), -1);
    em_client_close(client, &bench.fault);
    const char *line =
        strstr(buf_string(&bench.trace), "GET /api/query?type=CdpReplicaTaskSession");
    ck_assert_ptr_nonnull(line);
    const size_t length = strcspn(line, "\n");
    char *shown = strndup(line, length);
    ck_assert_uint_le(length, 900);
    ck_assert_msg(strstr(shown, "&pageSize=1000&page=12: 400, ") != NULL, "%s", shown);
    ck_assert_str_eq(shown + length - strlen(" ms"), " ms");
    ck_assert_ptr_nonnull(strstr(shown, " bytes, "));
    ck_assert((strstr(shown, "...") != NULL) == (target_lengths[_i] > 800));
    free(shown);
    stop();
}
END_TEST

START_TEST(a_wrong_password_opens_nothing)
{
    start_playing("");
    bench.settings.password = "Tr0ub4dor-is-wrong";
    ck_assert_ptr_null(em_client_open(&bench.settings, &bench.trace, &bench.notices, &bench.fault));
    ck_assert_int_eq(bench.fault.kind, FAULT_LOGON);
    ck_counts(0, 0, 1);
    stop();
}
END_TEST

/* The token is the id in base64: enough to log off where the answer's body is of no use. */
START_TEST(a_logon_whose_answer_is_rubbish_is_logged_off)
{
    start_playing(
        ", \"replies\": [{\"path\": \"/api/sessionMngr\", \"status\": 201, \"headers\": "
        "{\"x-restsvcsessionid\": "
        "\"ZGVjMGRlNWUtM2E0Yi00YzVkLThlNmYtMTIzNDU2Nzg5YWJj\"}, \"body\": \"<rubbish\"}]");
    struct em_client *client = log_on();
    em_client_close(client, &bench.fault);
    char *log = emulator_log(bench.emulator);
    ck_assert_ptr_nonnull(
        strstr(log, "DELETE /api/logonSessions/dec0de5e-3a4b-4c5d-8e6f-123456789abc"));
    free(log);
    stop();
}
END_TEST

static const char query[] = "/api/query?type=CdpReplicaTaskSession&format=Entities";

static const struct {
    const char *reply;
    enum fault_kind kind;
    const char *text;
    bool to_query; // else to the GET of an id
} faults[] = {
    {"\"status\": 500, \"body\": {\"Message\": \"out of luck\"}", FAULT_SERVER, "out of luck",
     false},
    {"\"status\": 503, \"body\": \"<html>\"", FAULT_SERVER, "503", false},
    {"\"status\": 403", FAULT_FORBIDDEN, "Portal Administrator", false},
    {"\"path\": \"/api/cdp\", \"status\": 404, \"body\": {\"message\": \"gone\"}", FAULT_NOT_FOUND,
     "gone", false},
    {"\"status\": 404, \"body\": {\"message\": \"gone\"}", FAULT_PROTOCOL,
     "EM answers 404 to GET /api/query: gone; is this EM's port?", false},
    {"\"status\": 404, \"body\": {\"message\": \"gone\"}", FAULT_PROTOCOL,
     "gone; is this EM's port? 9419 is another API", true},
    {"\"status\": 400, \"body\": {\"Message\": \"bad\"}", FAULT_PROTOCOL, "bad", true},
    {"\"status\": 400, \"body\": {\"Message\": \"bad\"}", FAULT_PROTOCOL, "bad", false},
    {"\"status\": 301, \"headers\": {\"Location\": \"http://elsewhere.invalid/\"}", FAULT_PROTOCOL,
     "http://elsewhere.invalid/", false},
    {"\"status\": 204", FAULT_PROTOCOL, "204", false},
    {"\"status\": 200", FAULT_PROTOCOL, "empty", false},
    {"\"status\": 200, \"body\": \"<QueryResult/>\"", FAULT_PROTOCOL, "XML", false},
    {"\"status\": 200, \"body\": \"{}x\"", FAULT_PROTOCOL, "not JSON", false},
    {"\"status\": 200, \"body\": \"{}\", \"truncate\": 50", FAULT_PROTOCOL, "cut short", false},
    {"\"drop\": true", FAULT_UNREACHABLE, "closed without an answer", false},
};

START_TEST(faults_have_their_kind)
{
    char more[512];
    cleanup_json struct json_document answer = {.root = NULL};
    snprintf(more, sizeof more, ", \"replies\": [{\"method\": \"GET\", %s}]", faults[_i].reply);
    start_playing(more);
    struct em_client *client = log_on();
    ck_assert_int_eq(
        em_client_get(client, faults[_i].to_query ? query : entity, &answer, &bench.fault), -1);
    ck_assert_msg(bench.fault.kind == faults[_i].kind, "%s: %s: %s", faults[_i].reply,
                  fault_kind_name(bench.fault.kind), bench.fault.text);
    ck_assert_msg(strstr(bench.fault.text, faults[_i].text) != NULL, "%s", bench.fault.text);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 0);
    stop();
}
END_TEST

/* Of the last answer only, and not of a proxy's, a 401 or an error of EM's. */
START_TEST(knows_what_is_refused)
{
    static const struct {
        int status;
        bool refused;
    } answers[] = {{400, true}, {403, true}, {404, true}, {405, false}, {500, false}, {302, false}};
    for (int i = 0; i < COUNT(answers); i++) {
        char more[256];
        cleanup_json struct json_document answer = {.root = NULL};
        snprintf(more, sizeof more,
                 ", \"replies\": [{\"path\": \"/api/cdp\", \"times\": 1, \"status\": %d, "
                 "\"body\": {\"Message\": \"no\"}}]",
                 answers[i].status);
        start_playing(more);
        struct em_client *client = log_on();
        ck_assert(!em_client_refused(client));
        ck_assert_int_eq(em_client_get(client, entity, &answer, &bench.fault), -1);
        ck_assert_msg(em_client_refused(client) == answers[i].refused, "%d", answers[i].status);
        get_entity(client);
        ck_assert(!em_client_refused(client));
        ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
        stop();
    }
}
END_TEST

START_TEST(the_deadline_leaves_time_for_the_logoff)
{
    cleanup_json struct json_document answer = {.root = NULL};
    start_playing(", \"replies\": [{\"method\": \"GET\", \"delay\": 60}]");
    bench.settings.deadline_ms = clock_monotonic_ms() + 20500; // half a second until the reserve
    bench.settings.reserve_ms = 20000;
    struct em_client *client = log_on();
    ck_assert_int_eq(em_client_get(client, entity, &answer, &bench.fault), -1);
    ck_assert_int_eq(bench.fault.kind, FAULT_TIMEOUT);
    ck_assert_msg(em_client_close(client, &bench.fault) == 0, "%s", bench.fault.text);
    ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 0);
    stop();
}
END_TEST

/* Nothing can be logged off before the logon's answer: giving up early would leave a session. */
START_TEST(a_slow_logon_may_use_most_of_the_reserve)
{
    start_playing(", \"replies\": [{\"path\": \"/api/sessionMngr\", \"delay\": 2.5}]");
    bench.settings.deadline_ms = clock_monotonic_ms() + 10000;
    bench.settings.reserve_ms = 8000;
    struct em_client *client = log_on();
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(1, 1, 2);
    stop();
}
END_TEST

/* The verdict on VMs, up to the first NULL, as the played EM has them. */
static void judge_vms(const char *names[], struct verdict *verdict)
{
    static struct scope scope; // the verdict borrows it
    static const struct rules rules = {.reason_count = 0};
    struct site site;
    scope = (struct scope){.kind = SCOPE_VM, .names = {.items = names}, .sessions_only = true};
    while (names[scope.names.count] != NULL) {
        scope.names.count++;
    }
    ck_assert_int_eq(site_init(&site, &scope, &bench.fault), 0);
    ck_assert_int_eq(live_fetch(&bench.settings, &scope, &site, &bench.trace, &bench.fault), 0);
    ck_assert_int_eq(judge(&scope, &rules, &site, clock_utc(), verdict, &bench.fault), 0);
}

START_TEST(a_vm_is_found_by_its_exact_name)
{
    const char *names[] = {"srv01", "SRV01", NULL};
    struct verdict verdict;
    start_playing("");
    judge_vms(names, &verdict);
    ck_assert_uint_eq(verdict.vm_count, 2);
    ck_assert_ptr_null(vm_fault(&verdict.vms[0]));
    ck_assert_str_eq(verdict.vms[0].policy, "Gold");
    ck_assert_int_eq(vm_fault(&verdict.vms[1])->kind, FINDING_NOT_FOUND);
    verdict_free(&verdict);
    ck_counts(1, 1, 4);
    stop();
}
END_TEST

/* With hundreds of --vm, all sessions of each would be too much. */
START_TEST(of_a_vm_no_more_is_kept_than_its_verdict_needs)
{
    const char *names[] = {"many00001", "many00002", NULL};
    struct verdict verdict;
    start_playing(", \"generate\": {\"vms\": 2, \"completed\": 150, \"prefix\": \"many\"}");
    judge_vms(names, &verdict);
    ck_assert_uint_eq(verdict.vm_count, 2);
    for (size_t i = 0; i < verdict.vm_count; i++) {
        ck_assert(task_session_runs(vm_session(&verdict.vms[i], 0)));
        ck_assert(!task_session_runs(vm_session(&verdict.vms[i], 1)));
        ck_assert_ptr_null(vm_session(&verdict.vms[i], 2));
    }
    ck_assert_uint_eq(verdict.site.sessions.count, 4);
    verdict_free(&verdict);
    stop();
}
END_TEST

/* Some databases compare without case: then the answer has a VM that was not asked for. */
START_TEST(a_name_in_another_case_is_pointed_out)
{
    const char *names[] = {"SRV01", NULL};
    struct verdict verdict;
    start_playing(", \"wording\": {\"any_text_case\": true}");
    judge_vms(names, &verdict);
    ck_assert_int_eq(vm_fault(&verdict.vms[0])->kind, FINDING_NOT_FOUND);
    ck_assert(fault_words_write(&verdict, vm_fault(&verdict.vms[0]), &bench.fault));
    ck_assert_msg(strstr(bench.fault.text, "it has srv01: case counts") != NULL, "%s",
                  bench.fault.text);
    verdict_free(&verdict);
    stop();
}
END_TEST

/* ---- settings that libcurl refuses ---- */

static CURLcode (*real_setopt)(CURL *, CURLoption, ...);
static CURLoption refused_option;
static int refusals;

/* Whatever the value's type is, it has the size of a pointer. */
static CURLcode refusing_setopt(CURL *curl, CURLoption option, ...)
{
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    if (option == refused_option) {
        refusals++;
        return CURLE_UNKNOWN_OPTION;
    }
    return real_setopt(curl, option, value);
}

static const CURLoption needed_options[] = {
    CURLOPT_SSL_VERIFYPEER,
    CURLOPT_SSL_VERIFYHOST,
    CURLOPT_SSLVERSION,
    CURLOPT_FOLLOWLOCATION,
    CURLOPT_PINNEDPUBLICKEY,
    CURLOPT_SUPPRESS_CONNECT_HEADERS,
    CURLOPT_HTTP_VERSION,
    CURLOPT_NOSIGNAL,
    CURLOPT_PROXY,
    CURLOPT_NOPROXY,
    CURLOPT_IPRESOLVE,
    CURLOPT_CONNECT_TO,
    CURLOPT_URL,
    CURLOPT_REQUEST_TARGET,
    CURLOPT_TIMEOUT_MS,
    CURLOPT_HTTPAUTH,
    CURLOPT_POSTFIELDS,
    CURLOPT_HTTPHEADER,
    CURLOPT_WRITEFUNCTION,
    CURLOPT_WRITEDATA,
    CURLOPT_HEADERFUNCTION,
    CURLOPT_HEADERDATA,
#if LIBCURL_VERSION_NUM >= 0x075500
    CURLOPT_PROTOCOLS_STR,
#else
    CURLOPT_PROTOCOLS,
#endif
};

START_TEST(without_a_setting_nothing_is_sent)
{
    start_playing("");
    ck_assert_int_eq(curl_load(&bench.fault), 0);
    real_setopt = libcurl.easy_setopt;
    libcurl.easy_setopt = refusing_setopt;
    refused_option = needed_options[_i];
    refusals = 0;
    struct em_client *client =
        em_client_open(&bench.settings, &bench.trace, &bench.notices, &bench.fault);
    libcurl.easy_setopt = real_setopt;
    ck_assert_ptr_null(client);
    ck_assert_int_eq(refusals, 1);
    ck_assert_int_eq(bench.fault.kind, FAULT_USAGE);
    const struct emulator_counts counts = emulator_counts(bench.emulator);
    ck_assert_uint_eq(counts.connections, 0);
    ck_assert_uint_eq(counts.requests, 0);
    stop();
}
END_TEST

/* ---- questions by POST ---- */

static const char intervals[] = "/api/cdpReplicas/" REPLICA "/vms/" VM "?action=intervals";

static const struct em_body xml_body = {
    .text = "<?xml version=\"1.0\" encoding=\"utf-8\"?><CdpIntervalsSpec "
            "xmlns=\"http://www.veeam.com/ent/v1.0\"><StartDate>2025-08-14T11:00:00Z</StartDate>"
            "<EndDate>2025-08-14T12:00:00Z</EndDate></CdpIntervalsSpec>",
    .type = "application/xml",
    .limit_ms = 20000};

static const struct em_body json_body = {
    .text = "{\"StartDate\":\"2025-08-14T11:00:00Z\",\"EndDate\":\"2025-08-14T12:00:00Z\"}",
    .type = "application/json",
    .limit_ms = 20000};

/* A reply to questions by POST, as more of the scenario. */
#define TO_POST(reply) ", \"replies\": [{\"method\": \"POST\", \"path\": \"/api/cdp\", " reply "}]"

static int post(struct em_client *client, const struct em_body *body)
{
    cleanup_json struct json_document answer = {.root = NULL};
    const int result = em_client_post(client, intervals, body, &answer, &bench.fault);
    ck_assert((result == 0) == (json_text(answer.root, "EndDate") != NULL));
    return result;
}

/* How often EM was asked so. */
static int asked(const char *request)
{
    int count = 0;
    char *log = emulator_log(bench.emulator);
    for (const char *at = strstr(log, request); at != NULL; at = strstr(at + 1, request)) {
        count++;
    }
    free(log);
    return count;
}

START_TEST(a_post_is_answered)
{
    const struct em_body *const bodies[] = {&xml_body, &json_body};
    for (int i = 0; i < COUNT(bodies); i++) {
        start_playing("");
        struct em_client *client = log_on();
        ck_assert_msg(post(client, bodies[i]) == 0, "%s", bench.fault.text);
        ck_assert(!em_client_disliked_body(client));
        get_entity(client); // on the same connection
        ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
        ck_counts(1, 1, 4);
        ck_assert_int_eq(asked("POST /api/cdpReplicas/" REPLICA "/vms/" VM "?action=intervals\n"),
                         1);
        stop();
    }
}
END_TEST

/* The type goes along: EM takes one of them only, and says so by 415 or 400. */
START_TEST(a_body_that_em_dislikes)
{
    static const struct {
        const char *taken;
        int status;
    } rows[] = {{"xml", 415}, {"xml", 400}, {"json", 415}, {"json", 400}};
    for (int i = 0; i < COUNT(rows); i++) {
        const bool takes_xml = strcmp(rows[i].taken, "xml") == 0;
        char more[128];
        snprintf(more, sizeof more,
                 ", \"wording\": {\"interval_bodies\": \"%s\", \"refused_body_status\": %d}",
                 rows[i].taken, rows[i].status);
        start_playing(more);
        struct em_client *client = log_on();
        ck_assert_int_eq(post(client, takes_xml ? &json_body : &xml_body), -1);
        ck_assert_int_eq(bench.fault.kind, FAULT_PROTOCOL);
        ck_assert(em_client_disliked_body(client));
        ck_assert(em_client_refused(client) == (rows[i].status == 400));
        ck_assert_msg(post(client, takes_xml ? &xml_body : &json_body) == 0, "%s",
                      bench.fault.text);
        ck_assert(!em_client_disliked_body(client));
        ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
        ck_counts(1, 1, 4);
        stop();
    }
}
END_TEST

/* As points.c asks: by XML first, by JSON if EM takes no XML, and from then on. */
START_TEST(the_form_that_em_takes)
{
    static const struct {
        const char *more;
        int result;
        int first, second; // POSTs for a VM, and for the next one
    } rows[] = {
        {"", 0, 1, 1},
        {", \"wording\": {\"interval_bodies\": \"json\"}", 0, 2, 1},
        {", \"wording\": {\"interval_bodies\": \"json\", \"refused_body_status\": 400}", 0, 2, 1},
        {TO_POST("\"status\": 415"), -1, 2, 2}, // it is not the form
        {TO_POST("\"status\": 400"), -1, 2, 2},
        {TO_POST("\"status\": 405"), -1, 1, 1},
    };
    static const char replica[] = REPLICA "/vms/" VM;
    for (int i = 0; i < COUNT(rows); i++) {
        start_playing(rows[i].more);
        const utc_us end = clock_utc() / UTC_SECOND * UTC_SECOND;
        struct em_client *client = log_on();
        struct points_query points = {
            .client = client, .start = end - 3600 * UTC_SECOND, .end = end};
        const int expected[] = {rows[i].first, rows[i].second};
        for (int vm = 0; vm < COUNT(expected); vm++) {
            const int before = asked("?action=intervals");
            struct intervals found;
            ck_assert_int_eq(points_read(&points, replica, 20000, &found, &bench.fault),
                             rows[i].result);
            ck_assert_int_eq(bench.fault.kind, rows[i].result == 0 ? FAULT_NONE : FAULT_PROTOCOL);
            ck_assert_int_eq(asked("?action=intervals") - before, expected[vm]);
            intervals_free(&found);
        }
        ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
        stop();
    }
}
END_TEST

START_TEST(posts_have_their_faults)
{
    static const struct {
        const char *reply;
        enum fault_kind kind;
        const char *text;
        bool refused;
    } rows[] = {
        {TO_POST("\"status\": 404, \"body\": {\"Message\": \"gone\"}"), FAULT_NOT_FOUND,
         "EM answers 404 to POST ?action=intervals: gone", true},
        {TO_POST("\"status\": 403"), FAULT_FORBIDDEN, "Portal Administrator", true},
        {TO_POST("\"status\": 405"), FAULT_PROTOCOL, "405 to POST ?action=intervals", false},
        {TO_POST("\"status\": 500, \"body\": {\"Message\": \"away\"}"), FAULT_SERVER, "away",
         false},
        {TO_POST("\"status\": 302, \"headers\": {\"Location\": \"http://elsewhere.invalid/\"}"),
         FAULT_PROTOCOL, "http://elsewhere.invalid/; redirects are not followed", false},
        {TO_POST("\"status\": 307, \"headers\": {\"Location\": "
                 "\"/api/cdpReplicas/1?action=failover\"}"),
         FAULT_PROTOCOL, "redirects are not followed", false},
        {TO_POST("\"status\": 200"), FAULT_PROTOCOL, "?action=intervals: ", false},
        {TO_POST("\"status\": 200, \"body\": \"<html>\""), FAULT_PROTOCOL,
         "?action=intervals: ", false},
        {TO_POST("\"status\": 200, \"body\": \"{}\", \"truncate\": 50"), FAULT_PROTOCOL,
         "cut short", false},
        {TO_POST("\"drop\": true"), FAULT_UNREACHABLE, "closed without an answer", false},
    };
    for (int i = 0; i < COUNT(rows); i++) {
        start_playing(rows[i].reply);
        struct em_client *client = log_on();
        ck_assert_int_eq(post(client, &xml_body), -1);
        ck_assert_msg(bench.fault.kind == rows[i].kind && strstr(bench.fault.text, rows[i].text),
                      "%s: %s: %s", rows[i].reply, fault_kind_name(bench.fault.kind),
                      bench.fault.text);
        ck_assert(em_client_refused(client) == rows[i].refused);
        ck_assert(!em_client_disliked_body(client));
        get_entity(client); // one question without an answer is not the end
        ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
        ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 0);
        // What a connection that was in use lost is asked for once more, by libcurl.
        ck_assert_int_eq(asked("POST /api/cdpReplicas/"),
                         rows[i].kind == FAULT_UNREACHABLE ? 2 : 1);
        ck_assert_int_eq(asked("failover"), 0);
        stop();
    }
}
END_TEST

START_TEST(a_401_to_a_post_costs_one_logon)
{
    start_playing(TO_POST("\"status\": 401, \"times\": 1"));
    struct em_client *client = log_on();
    ck_assert_msg(post(client, &xml_body) == 0, "%s", bench.fault.text);
    get_entity(client);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(2, 2, 7); // logon, 401, logoff, logon, the answer, the entity, logoff
    stop();
    start_playing(TO_POST("\"status\": 401"));
    client = log_on();
    ck_assert_int_eq(post(client, &xml_body), -1);
    ck_assert_int_eq(bench.fault.kind, FAULT_LOGON);
    ck_assert_int_eq(post(client, &xml_body), -1); // nothing more is sent
    ck_assert_int_eq(bench.fault.kind, FAULT_LOGON);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(2, 2, 6); // logon, 401, logoff, logon, 401, logoff
    stop();
}
END_TEST

START_TEST(no_other_post_is_sent)
{
    static const char *const targets[] = {
        "/api/cdpReplicas/" REPLICA "/vms/" VM "?action=failover",
        "/api/cdpReplicas/" REPLICA "/vms/" VM "?action=intervals&action=failover",
        "/api/cdpReplicas/" REPLICA "/vms/" VM,
        "/api/cdpReplicas/../backupServers/" VM "?action=intervals",
        "/api/backupServers/" VM "?action=collect",
    };
    start_playing("");
    struct em_client *client = log_on();
    for (int i = 0; i < COUNT(targets); i++) {
        cleanup_json struct json_document answer = {.root = NULL};
        ck_assert_int_eq(em_client_post(client, targets[i], &xml_body, &answer, &bench.fault), -1);
        ck_assert_int_eq(bench.fault.kind, FAULT_INTERNAL);
        ck_assert_ptr_nonnull(strstr(bench.fault.text, targets[i]));
    }
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(1, 1, 2);
    stop();
}
END_TEST

/* Its own limit leaves time for others, the run's deadline some for the logoff. */
START_TEST(a_post_ends_in_time)
{
    static const struct {
        int64_t limit_ms, deadline_ms;
        bool leaves_time;
    } rows[] = {{100, 20000, true}, {20000, 1300, false}};
    for (int i = 0; i < COUNT(rows); i++) {
        struct em_body body = xml_body;
        start_playing(TO_POST("\"delay\": 60"));
        const int64_t start_ms = clock_monotonic_ms();
        bench.settings.deadline_ms = start_ms + rows[i].deadline_ms;
        body.limit_ms = rows[i].limit_ms;
        struct em_client *client = log_on();
        ck_assert_int_eq(post(client, &body), -1);
        ck_assert_int_eq(bench.fault.kind, FAULT_TIMEOUT);
        ck_assert((em_client_time_left(client) > 0) == rows[i].leaves_time);
        if (rows[i].leaves_time) {
            get_entity(client);
        }
        ck_assert_msg(em_client_close(client, &bench.fault) == 0, "%s", bench.fault.text);
        ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 0);
        ck_assert_int_lt(clock_monotonic_ms() - start_ms, 10000);
        stop();
    }
}
END_TEST

START_TEST(a_post_ends_when_the_run_is_to_stop)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    start_playing(TO_POST("\"delay\": 60"));
    bench.settings.stop_descriptor = ends[0];
    struct em_client *client = log_on();
    ck_assert_int_eq(write(ends[1], "", 1), 1);
    const int64_t start_ms = clock_monotonic_ms();
    ck_assert_int_eq(post(client, &xml_body), -1);
    ck_assert_int_eq(bench.fault.kind, FAULT_TERMINATED);
    ck_assert_msg(em_client_close(client, &bench.fault) == 0, "%s", bench.fault.text);
    ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 0);
    ck_assert_int_lt(clock_monotonic_ms() - start_ms, 10000);
    close(ends[0]);
    close(ends[1]);
    stop();
}
END_TEST

/* As a libcurl without memory, which goes on without the query of a URL. */
static CURLcode forgetful_setopt(CURL *curl, CURLoption option, ...)
{
    char url[256];
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    if (option != CURLOPT_URL) {
        return real_setopt(curl, option, value);
    }
    snprintf(url, sizeof url, "%.*s", (int)strcspn(value, "?"), (const char *)value);
    return real_setopt(curl, option, url);
}

/* The query alone says that EM is asked for intervals, and not to fail over. */
START_TEST(a_post_has_its_query_whatever_becomes_of_the_url)
{
    start_playing("");
    struct em_client *client = log_on();
    real_setopt = libcurl.easy_setopt;
    libcurl.easy_setopt = forgetful_setopt;
    const int result = post(client, &xml_body);
    libcurl.easy_setopt = real_setopt;
    ck_assert_msg(result == 0, "%s", bench.fault.text);
    ck_assert_int_eq(em_client_close(client, &bench.fault), 0);
    ck_counts(1, 1, 3);
    stop();
}
END_TEST

/* ---- a session cache ---- */

static char folder[SCRATCH_SIZE];

static void make_folder(void)
{
    scratch_make_folder(folder, "client");
}

static void remove_folder(void)
{
    scratch_remove_folder(folder);
}

static void start_with_cache(void)
{
    start_playing("");
    bench.settings.session_cache = folder;
}

static void ck_logons(unsigned long logons, unsigned long logoffs, unsigned long requests)
{
    const struct emulator_counts counts = emulator_counts(bench.emulator);
    ck_assert_uint_eq(counts.logons, logons);
    ck_assert_uint_eq(counts.logoffs, logoffs);
    ck_assert_uint_eq(counts.requests, requests);
    ck_assert_uint_eq(bench.notices.count, 0);
}

static void close_run(struct em_client *client)
{
    ck_assert_msg(em_client_close(client, &bench.fault) == 0, "%s", bench.fault.text);
}

START_TEST(a_cache_saves_logon_and_logoff)
{
    start_with_cache();
    for (int run = 0; run < 3; run++) {
        struct em_client *client = log_on();
        get_entity(client);
        close_run(client);
    }
    ck_logons(1, 0, 4);
    stop();
}
END_TEST

START_TEST(a_session_that_em_has_ended_costs_one_logon)
{
    start_with_cache();
    close_run(log_on());
    emulator_expire(bench.emulator);
    struct em_client *client = log_on();
    get_entity(client);
    close_run(client);
    ck_logons(2, 0, 5); // logon; 401, logoff of what is gone, logon, the answer
    client = log_on();
    get_entity(client);
    close_run(client);
    ck_logons(2, 0, 6);
    stop();
}
END_TEST

START_TEST(what_another_run_has_logged_on_is_taken)
{
    start_with_cache();
    struct em_client *one = log_on();
    struct em_client *two = log_on();
    emulator_expire(bench.emulator);
    get_entity(one); // 401, logoff of what is gone, logon, the answer
    ck_logons(2, 0, 5);
    get_entity(two); // 401, the answer
    ck_logons(2, 0, 7);
    close_run(two);
    close_run(one);
    ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 1);
    stop();
}
END_TEST

START_TEST(once_a_run_another_logon_is_taken_then_a_fresh_one)
{
    start_with_cache();
    struct em_client *one = log_on();
    struct em_client *two = log_on();
    emulator_expire(bench.emulator);
    get_entity(one);
    emulator_expire(bench.emulator);
    get_entity(two); // 401; the other one's: 401; logoff of that, logon, the answer
    ck_logons(3, 0, 10);
    close_run(two);
    close_run(one);
    ck_assert_uint_eq(emulator_counts(bench.emulator).logons, 3);
    stop();
}
END_TEST

/* Whoever gives up what EM has refused must not put its logon over one that others still use. */
START_TEST(what_em_has_not_refused_stays_in_the_cache)
{
    start_with_cache();
    struct em_client *one = log_on();
    struct em_client *two = log_on();
    struct em_client *three = log_on();
    emulator_expire(bench.emulator);
    get_entity(one);
    get_entity(two); // 401; the answer by the other one's
    emulator_expire(bench.emulator);
    get_entity(three); // 401; the first one's: 401; logoff of that, logon, the answer
    ck_logons(3, 0, 12);
    get_entity(two); // 401; logoff of what is gone, logon, the answer
    ck_logons(4, 0, 16);
    close_run(two); // logoff
    ck_logons(4, 1, 17);
    close_run(three);
    close_run(one);
    ck_assert_uint_eq(emulator_counts(bench.emulator).open_sessions, 1);
    one = log_on();
    get_entity(one);
    close_run(one);
    ck_logons(4, 1, 18);
    stop();
}
END_TEST

START_TEST(a_logon_that_fails_leaves_no_lock)
{
    start_with_cache();
    bench.settings.password = "Tr0ub4dor-is-wrong";
    ck_assert_ptr_null(em_client_open(&bench.settings, &bench.trace, &bench.notices, &bench.fault));
    ck_assert_int_eq(bench.fault.kind, FAULT_LOGON);
    bench.settings.password = "Tr0ub4dor-7f3a9c";
    struct em_client *client = log_on();
    get_entity(client);
    close_run(client);
    ck_logons(1, 0, 3);
    stop();
}
END_TEST

/* Whatever is done with the cache and its secrets, the trace tells none. */
START_TEST(nothing_secret_of_the_cache_is_traced)
{
    start_with_cache();
    for (int run = 0; run < 2; run++) {
        struct em_client *client = log_on();
        get_entity(client);
        emulator_expire(bench.emulator);
        get_entity(client);
        close_run(client);
    }
    const char *trace = buf_string(&bench.trace);
    ck_assert_ptr_nonnull(strstr(trace, "session cache: an earlier run's logon is used"));
    ck_assert_ptr_nonnull(strstr(trace, "DELETE /api/logonSessions/***: 401"));
    ck_assert_ptr_null(strstr(trace, "Tr0ub4dor"));
    stop();
}
END_TEST

Suite *client_suite(void)
{
    Suite *suite = suite_create("client");
    TCase *logons = tcase_create("logon sessions");
    tcase_add_test(logons, one_session_one_connection);
    tcase_add_test(logons, an_ended_session_costs_one_logon);
    tcase_add_test(logons, fifteen_idle_minutes_cost_one_logon);
    tcase_add_test(logons, nothing_secret_is_traced);
    tcase_add_loop_test(logons, a_long_target_is_shortened_in_its_middle, 0,
                        (int)(sizeof target_lengths / sizeof target_lengths[0]));
    tcase_add_test(logons, a_wrong_password_opens_nothing);
    tcase_add_test(logons, a_logon_whose_answer_is_rubbish_is_logged_off);
    suite_add_tcase(suite, logons);

    TCase *answers = tcase_create("answers");
    tcase_set_timeout(answers, 60);
    tcase_add_loop_test(answers, faults_have_their_kind, 0, sizeof faults / sizeof faults[0]);
    tcase_add_test(answers, knows_what_is_refused);
    tcase_add_test(answers, the_deadline_leaves_time_for_the_logoff);
    tcase_add_test(answers, a_slow_logon_may_use_most_of_the_reserve);
    tcase_add_test(answers, a_vm_is_found_by_its_exact_name);
    tcase_add_test(answers, of_a_vm_no_more_is_kept_than_its_verdict_needs);
    tcase_add_test(answers, a_name_in_another_case_is_pointed_out);
    suite_add_tcase(suite, answers);

    TCase *settings = tcase_create("settings");
    tcase_add_loop_test(settings, without_a_setting_nothing_is_sent, 0,
                        (int)(sizeof needed_options / sizeof needed_options[0]));
    suite_add_tcase(suite, settings);

    TCase *posts = tcase_create("posts");
    tcase_set_timeout(posts, 60);
    tcase_add_test(posts, a_post_is_answered);
    tcase_add_test(posts, a_body_that_em_dislikes);
    tcase_add_test(posts, the_form_that_em_takes);
    tcase_add_test(posts, posts_have_their_faults);
    tcase_add_test(posts, a_401_to_a_post_costs_one_logon);
    tcase_add_test(posts, no_other_post_is_sent);
    tcase_add_test(posts, a_post_ends_in_time);
    tcase_add_test(posts, a_post_ends_when_the_run_is_to_stop);
    tcase_add_test(posts, a_post_has_its_query_whatever_becomes_of_the_url);
    suite_add_tcase(suite, posts);

    TCase *cache = tcase_create("session cache");
    tcase_add_checked_fixture(cache, make_folder, remove_folder);
    tcase_add_test(cache, a_cache_saves_logon_and_logoff);
    tcase_add_test(cache, a_session_that_em_has_ended_costs_one_logon);
    tcase_add_test(cache, what_another_run_has_logged_on_is_taken);
    tcase_add_test(cache, once_a_run_another_logon_is_taken_then_a_fresh_one);
    tcase_add_test(cache, what_em_has_not_refused_stays_in_the_cache);
    tcase_add_test(cache, a_logon_that_fails_leaves_no_lock);
    tcase_add_test(cache, nothing_secret_of_the_cache_is_traced);
    suite_add_tcase(suite, cache);
    return suite;
}
