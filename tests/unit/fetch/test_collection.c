// SPDX-License-Identifier: GPL-3.0-or-later
/* How fresh EM's data is: by its data collections, and by their logs if they had trouble. */
#include "fetch/collection.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fetch/decode_collection.h"
#include "fetch/policy.h"
#include "unit/fetch/bench.h"
#include "unit/spec.h"
#include "unit/suites.h"

#define ID "00057ade-8f1a-4b54-a265-391441981e25"
#define CREATED "\"CreationTimeUTC\":\"2025-01-27T17:05:52.069Z\""
#define ENDED "\"EndTimeUTC\":\"2025-01-27T17:06:10Z\""
#define JOB "\"SessionType\":\"CollectJob\"," CREATED

/* ---- decoding ---- */

static const struct {
    const char *entity;
    bool is_one;
    enum data_collection_state state;
    const char *ended; // NULL: it has no end
} decode_cases[] = {
    {"{}", false, 0, NULL},
    {"5", false, 0, NULL},
    {"{\"SessionType\":\"CollectJob\"}", false, 0, NULL},
    {"{\"SessionType\":\"HistoryCollectJob\"," CREATED "}", false, 0, NULL},
    {"{\"SessionType\":\"LicAutoUpdate\",\"Name\":\"Collect Job @2025-01-27 17:05:52\"}", false, 0,
     NULL},
    {"{" JOB "}", true, DATA_COLLECTION_UNKNOWN, NULL},
    {"{" JOB ",\"State\":\"\"}", true, DATA_COLLECTION_UNKNOWN, NULL},
    {"{" JOB ",\"State\":5}", true, DATA_COLLECTION_UNKNOWN, NULL},
    {"{" JOB ",\"State\":\"InProgress\",\"EndTimeUTC\":null}", true, DATA_COLLECTION_RUNS, NULL},
    {"{" JOB ",\"State\":\"CompletedSuccessfully\"," ENDED "}", true, DATA_COLLECTION_SUCCEEDED,
     "2025-01-27T17:06:10Z"},
    {"{\"sessionType\":\"collectjob\",\"creationTimeUTC\":\"2025-01-27T17:05:52.1234567\","
     "\"state\":\"completedsuccessfully\",\"endTimeUTC\":\"2025-01-27T17:06:10\"}",
     true, DATA_COLLECTION_SUCCEEDED, "2025-01-27T17:06:10Z"},
    {"{" JOB ",\"State\":\"CompletedWarning\"," ENDED "}", true, DATA_COLLECTION_TROUBLED,
     "2025-01-27T17:06:10Z"},
    {"{" JOB ",\"State\":\"Failed\"," ENDED "}", true, DATA_COLLECTION_TROUBLED,
     "2025-01-27T17:06:10Z"},
    {"{" JOB ",\"State\":\"Odd\"," ENDED "}", true, DATA_COLLECTION_TROUBLED,
     "2025-01-27T17:06:10Z"},
    {"{" JOB ",\"State\":\"Failed\",\"EndTimeUTC\":\"0001-01-01T00:00:00Z\"}", true,
     DATA_COLLECTION_TROUBLED, NULL},
    {"{" JOB ",\"State\":\"Failed\",\"EndTimeUTC\":5}", true, DATA_COLLECTION_TROUBLED, NULL},
    {"{\"Name\":\"Collect Job @2025-01-27 17:05:52.069837\"}", true, DATA_COLLECTION_UNKNOWN, NULL},
    {"{\"name\":\"collect job @2025-01-27 17:05:52\"}", true, DATA_COLLECTION_UNKNOWN, NULL},
    {"{\"Name\":\"History Collect Job @2025-01-27 17:05:52\"}", false, 0, NULL},
    {"{\"Name\":\"Collect Job @yesterday\"}", false, 0, NULL},
    {"{\"Name\":\"Collect Job\"}", false, 0, NULL},
};

START_TEST(decodes)
{
    struct data_collection collection;
    cJSON *entity = cJSON_Parse(decode_cases[_i].entity);
    ck_assert_msg(entity != NULL, "no JSON: %s", decode_cases[_i].entity);
    ck_assert_msg(decode_data_collection(entity, &collection) == decode_cases[_i].is_one, "%s",
                  decode_cases[_i].entity);
    if (decode_cases[_i].is_one) {
        const char *ended = decode_cases[_i].ended;
        ck_assert_int_eq(collection.created / UTC_SECOND,
                         moment("2025-01-27T17:05:52Z") / UTC_SECOND);
        ck_assert_int_eq(collection.state, decode_cases[_i].state);
        ck_assert(collection.has_ended == (ended != NULL));
        ck_assert(ended == NULL || collection.ended == moment(ended));
    }
    cJSON_Delete(entity);
}
END_TEST

static const struct {
    const char *message; // a JSON value
    enum data_collection_event event;
    const char *server;
} event_cases[] = {
    {"null", EVENT_OF_NO_SERVER, ""},
    {"5", EVENT_OF_NO_SERVER, ""},
    {"\"\"", EVENT_OF_NO_SERVER, ""},
    {"\"Job successfully started.\"", EVENT_OF_NO_SERVER, ""},
    {"\"Preparing to collect data from vbr01\"", EVENT_OF_NO_SERVER, ""},
    {"\"Retrieving data from vbr01...\"", EVENT_SERVER_BEGUN, "vbr01"},
    {"\"Retrieving data from vbr01.example.com...\"", EVENT_SERVER_BEGUN, "vbr01.example.com"},
    {"\"Retrieving data from 192.0.2.1...\"", EVENT_SERVER_BEGUN, "192.0.2.1"},
    {"\"retrieving DATA from vbr01...\"", EVENT_SERVER_BEGUN, "vbr01"},
    {"\"Retrieving data from ...\"", EVENT_OF_NO_SERVER, ""},
    {"\"Retrieving data from vbr01\"", EVENT_OF_NO_SERVER, ""},
    {"\"Retrieving data from Tr0ub4dor-1...\"", EVENT_SERVER_BEGUN, "***-1"},
    {"\"Data collection from vbr01 completed successfully.\"", EVENT_SERVER_COLLECTED, "vbr01"},
    {"\"Data collection from a.b.c completed successfully\"", EVENT_SERVER_COLLECTED, "a.b.c"},
    {"\"Data collection from  completed successfully.\"", EVENT_OF_NO_SERVER, ""},
    {"\"Data collection from vbr01 failed.\"", EVENT_OF_NO_SERVER, ""},
    {"\"Data collection from vbr01 completed successfully. Or not\"", EVENT_OF_NO_SERVER, ""},
};

START_TEST(reads_events)
{
    char text[256];
    char server[SESSION_TEXT_LIMIT + 1] = "";
    struct mask mask = {.secrets = NULL};
    mask_add(&mask, "Tr0ub4dor");
    snprintf(text, sizeof text, "{\"%s\":%s}", _i & 1 ? "message" : "Message",
             event_cases[_i].message);
    cJSON *event = cJSON_Parse(text);
    ck_assert_msg(event != NULL, "no JSON: %s", text);
    ck_assert_int_eq(decode_event(event, &mask, server), event_cases[_i].event);
    ck_assert_str_eq(server, event_cases[_i].server);
    cJSON_Delete(event);
    mask_free(&mask);
}
END_TEST

START_TEST(takes_no_endless_server)
{
    char server[SESSION_TEXT_LIMIT + 1] = "";
    for (int length = SESSION_TEXT_LIMIT - 1; length < SESSION_TEXT_LIMIT + 2; length++) {
        char *message = malloc((size_t)length + 100);
        const int start = sprintf(message, "Retrieving data from ");
        memset(message + start, 's', (size_t)length);
        strcpy(message + start + length, "...");
        cJSON *event = cJSON_CreateObject();
        cJSON_AddStringToObject(event, "Message", message);
        const bool fits = length <= SESSION_TEXT_LIMIT;
        ck_assert_int_eq(decode_event(event, NULL, server),
                         fits ? EVENT_SERVER_BEGUN : EVENT_OF_NO_SERVER);
        ck_assert(!fits || strlen(server) == (size_t)length);
        cJSON_Delete(event);
        free(message);
    }
}
END_TEST

/* ---- from EM ---- */

static void start_site(const char *keys)
{
    char scenario[8192];
    snprintf(scenario, sizeof scenario,
             "{\"backup_servers\":[{\"name\":\"vbr01.lab\"},{\"name\":\"vbr02\"}],"
             "\"policies\":[{\"name\":\"Gold\"},{\"name\":\"Two\",\"backup_server\":\"vbr02\"}],%s"
             "\"vms\":[]}",
             keys);
    bench_start(scenario);
    ck_assert_int_eq(policy_fetch(bench.client, NULL, &bench.site, &bench.fault), 0);
    emulator_reset(bench.emulator);
}

static int fetch_collection(void)
{
    return collection_fetch(bench.client, &bench.site, &bench.fault);
}

/* How many minutes ago, rounded down; a test takes less than one. */
static int minutes_since(utc_us moment)
{
    return (int)((clock_utc() - moment) / UTC_SECOND / 60);
}

/* "5m" or "-" for all servers, their spacing, and each server: "vbr02=20m!" is one that was missed.
 */
static void show(struct buf *shown)
{
    const struct collection *collection = &bench.site.collection;
    if (collection->has_succeeded) {
        buf_format(shown, "%dm", minutes_since(collection->succeeded));
    } else {
        buf_text(shown, "-");
    }
    buf_format(shown, "/%.15g", collection->spacing_s / 60);
    for (size_t i = 0; i < collection->count; i++) {
        const struct collected_server *server = &collection->servers[i];
        buf_format(shown, " %s=", server->name);
        if (server->collected) {
            buf_format(shown, "%dm", minutes_since(server->at));
        } else {
            buf_text(shown, "-");
        }
        buf_text(shown, server->missed ? "!" : "");
    }
}

#define COLLECTIONS(keys) "\"collections\":{" keys "},"
#define PERIODS(periods) COLLECTIONS("\"periods\":[" periods "]")
#define MISSES(since, servers) "{\"since\":\"" since "\",\"misses\":[" servers "]}"
#define NO_QUERY(status) "\"refuses\":{\"system_sessions_query\":" #status "},"

/* Collections begin 5, 20, … minutes ago and take 18 s. */
static const struct {
    const char *keys;
    const char *shown;
    int queries, lists, entities, logs;
} cases[] = {
    {"", "4m/15", 1, 0, 0, 0},
    {"\"wording\":{\"casing\":\"camel\"},", "4m/15", 1, 0, 0, 0},
    {COLLECTIONS("\"every_minutes\":60"), "4m/60", 1, 0, 0, 0},
    {COLLECTIONS("\"takes_seconds\":600"), "10m/15", 1, 0, 0, 0}, // one runs
    {PERIODS("{\"since\":\"-3h\",\"none\":true}"), "184m/15", 1, 0, 0, 0},
    // one server is missed; the other one was collected
    {PERIODS(MISSES("-30m", "\"vbr02\"")), "34m/15 vbr01.lab=4m vbr02=-!", 1, 0, 0, 2},
    {PERIODS(MISSES("-30m", "\"vbr02\"")) "\"wording\":{\"casing\":\"camel\",\"lists\":\"bare\"},",
     "34m/15 vbr01.lab=4m vbr02=-!", 1, 0, 0, 2},
    {PERIODS(MISSES("-10m", "\"vbr02\"") "," MISSES("-25m", "\"vbr01.lab\"")),
     "34m/15 vbr01.lab=4m vbr02=19m!", 1, 0, 0, 2},
    {PERIODS(MISSES("-10m", "") "," MISSES("-25m", "\"vbr01.lab\"")), "4m/15", 1, 0, 0, 0},
    {PERIODS(MISSES("-30m", "\"vbr02\",\"vbr01.lab\"")), "34m/15 vbr01.lab=-! vbr02=-!", 1, 0, 0,
     2},
    {PERIODS("{\"since\":\"-30m\",\"state\":\"CompletedWarning\"}"), "34m/15 vbr01.lab=4m vbr02=4m",
     1, 0, 0, 1},
    {PERIODS("{\"since\":\"-30m\",\"state\":\"Failed\",\"misses\":[\"vbr02\"],"
             "\"missed_event\":\"Data collection from vbr02 failed.\"}"),
     "34m/15 vbr01.lab=4m vbr02=-!", 1, 0, 0, 2},
    // none of the first ten succeeded
    {PERIODS(MISSES("-4h", "\"vbr02\"")), "244m/15 vbr01.lab=4m vbr02=-!", 2, 0, 0, 12},
    {PERIODS("{\"state\":\"Failed\",\"misses\":[\"vbr02\"]}"), "-/0 vbr01.lab=4m vbr02=-!", 4, 0, 0,
     12},
    // EM does not have the query
    {NO_QUERY(400), "4m/15", 1, 1, 0, 0},
    {NO_QUERY(404), "4m/15", 1, 1, 0, 0},
    {NO_QUERY(500), "4m/15", 1, 1, 0, 0},
    {NO_QUERY(400) "\"wording\":{\"casing\":\"camel\"},", "4m/15", 1, 1, 0, 0},
    {NO_QUERY(400) PERIODS(MISSES("-4h", "\"vbr02\"")), "244m/15 vbr01.lab=4m vbr02=-!", 1, 1, 0,
     12},
    // by hand, and never
    {COLLECTIONS("\"every_minutes\":0,\"others\":false"), "-/0", 1, 1, 0, 0},
    {COLLECTIONS("\"every_minutes\":0") "\"system_sessions\":[{\"created\":\"-3d\",\"ended\":"
                                        "\"-4319m\"}],",
     "4319m/0", 1, 0, 0, 0},
    {COLLECTIONS("\"every_minutes\":0") "\"system_sessions\":[{\"created\":\"-2m\"}],", "-/0", 1, 0,
     0, 0},
    {COLLECTIONS("\"every_minutes\":0,\"others\":false") "\"refuses\":{\"system_sessions\":403},",
     "-/0", 1, 1, 0, 0},
    // logs that can't be had say nothing
    {PERIODS(MISSES("-2h", "\"vbr02\"")) "\"refuses\":{\"system_session_events\":403},", "124m/15",
     2, 0, 0, 2},
    {PERIODS(MISSES("-2h", "\"vbr02\"")) "\"refuses\":{\"system_session_events\":404},", "124m/15",
     2, 0, 0, 2},
    {PERIODS(MISSES("-30m", "\"vbr02\"")) "\"replies\":[{\"path\":\"/api/systemSessions/\","
                                          "\"nth\":1,\"status\":404,\"body\":\"\"}],",
     "34m/15 vbr01.lab=19m vbr02=-", 1, 0, 0, 2},
    // a server that is known, and of which the newest log says nothing
    {"\"system_sessions\":[{\"created\":\"-2m\",\"ended\":\"-1m\",\"state\":\"CompletedWarning\","
     "\"events\":[\"Retrieving data from vbr01.lab...\","
     "\"Data collection from vbr01.lab completed successfully.\"]}],",
     "4m/15 vbr01.lab=1m vbr02=-!", 1, 0, 0, 1},
    // names with a domain and without
    {"\"system_sessions\":[{\"created\":\"-2m\",\"ended\":\"-1m\",\"state\":\"CompletedWarning\","
     "\"events\":[\"Retrieving data from VBR01...\",\"Retrieving data from vbr02.lab...\","
     "\"Data collection from VBR01 completed successfully.\"]}],",
     "4m/15 vbr01.lab=1m vbr02=-!", 1, 0, 0, 1},
    // what is collected twice, begun behind its success, or of another's log
    {"\"system_sessions\":[{\"created\":\"-2m\",\"ended\":\"-1m\",\"state\":\"Failed\",\"events\":["
     "\"Data collection from vbr01.lab completed successfully.\","
     "\"Retrieving data from vbr01.lab...\",\"Retrieving data from x...\","
     "\"Data collection from vbr02 completed successfully.\"]}],",
     "4m/15 vbr01.lab=1m x=-! vbr02=1m", 1, 0, 0, 1},
    // a clock that was wrong once
    {"\"system_sessions\":[{\"created\":\"+300d\",\"ended\":\"+301d\",\"state\":"
     "\"CompletedSuccessfully\"}],",
     "4m/15", 1, 0, 0, 0},
};

START_TEST(fetches)
{
    struct buf shown;
    buf_init(&shown, 4096);
    start_site(cases[_i].keys);
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_msg(strcmp(buf_string(&shown), cases[_i].shown) == 0, "%s: %s", cases[_i].keys,
                  buf_string(&shown));
    char *log = emulator_log(bench.emulator);
    int logs = 0;
    for (const char *at = strstr(log, "/events"); at != NULL; at = strstr(at + 1, "/events")) {
        logs++;
    }
    ck_assert_int_eq(bench_requests("query?type=SystemSession"), cases[_i].queries);
    ck_assert_int_eq(bench_requests("systemSessions?format=Entity"), cases[_i].lists);
    ck_assert_int_eq(logs, cases[_i].logs);
    ck_assert_int_eq(bench_requests("systemSessions/") - logs, cases[_i].entities);
    free(log);
    bench_stop();
    buf_free(&shown);
}
END_TEST

static const struct {
    const char *keys;
    enum fault_kind fault;
    bool refused;
} refusal_cases[] = {
    {"\"role\":\"Portal User\",", FAULT_FORBIDDEN, true},
    {"\"refuses\":{\"system_sessions_query\":400,\"system_sessions\":403},", FAULT_FORBIDDEN, true},
    {"\"refuses\":{\"system_sessions_query\":404,\"system_sessions\":404},", FAULT_NOT_FOUND, true},
    {"\"refuses\":{\"system_sessions_query\":500,\"system_sessions\":500},", FAULT_SERVER, false},
    {"\"replies\":[{\"path\":\"/api/query?type=System\",\"drop\":true}],", FAULT_UNREACHABLE,
     false},
    {"\"replies\":[{\"path\":\"/api/query?type=System\",\"status\":200,\"body\":{}},"
     "{\"path\":\"/api/systemSessions\",\"status\":200,\"body\":{}}],",
     FAULT_PROTOCOL, false},
    {PERIODS(MISSES("-2h", "\"vbr02\"")) "\"replies\":[{\"path\":\"/api/systemSessions/\","
                                         "\"drop\":true,\"nth\":2,\"times\":9}],",
     FAULT_UNREACHABLE, false},
};

START_TEST(is_refused)
{
    start_site(refusal_cases[_i].keys);
    ck_assert_int_eq(fetch_collection(), -1);
    ck_assert_int_eq(bench.fault.kind, refusal_cases[_i].fault);
    ck_assert(em_client_refused(bench.client) == refusal_cases[_i].refused);
    ck_assert(!bench.site.collection.has_succeeded);
    ck_assert_uint_eq(bench.site.collection.count, 0);
    bench_stop();
}
END_TEST

/* The list may have references only: then the newest few are looked up. */
static const struct {
    const char *periods;
    const char *shown;
    int looked_up;
} reference_cases[] = {
    {"", "4m/15", 3},
    {"{\"since\":\"-1h\",\"state\":\"Failed\"}", "64m/15 vbr01.lab=4m vbr02=4m", 7},
    {"{\"since\":\"-4h\",\"state\":\"Failed\"}", "-/0 vbr01.lab=4m vbr02=4m", 10},
};

/* EM's list of references to its system sessions. */
static char *get_references(void)
{
    cleanup_json struct json_document document = {.root = NULL};
    ck_assert_int_eq(em_client_get(bench.client, "/api/systemSessions", &document, &bench.fault),
                     0);
    return cJSON_PrintUnformatted(document.root);
}

/* Plays collections of fixed times, and so of fixed UIDs; with that list, if it is not NULL. */
static void play_references(utc_us now, const char *periods, const char *references)
{
    char error[512];
    struct buf newest;
    struct buf scenario;
    buf_init(&newest, 100);
    buf_init(&scenario, (size_t)16 * 1024 * 1024);
    utc_append_iso(&newest, now - 300 * UTC_SECOND);
    buf_format(&scenario,
               "{\"backup_servers\":[{\"name\":\"vbr01.lab\"},{\"name\":\"vbr02\"}],"
               "\"collections\":{\"newest\":\"%s\",\"periods\":[%s]},"
               "\"refuses\":{\"system_sessions_query\":400}",
               buf_string(&newest), periods);
    if (references != NULL) {
        buf_format(&scenario,
                   ",\"replies\":[{\"path\":\"/api/systemSessions?format=Entity\",\"status\":200,"
                   "\"body\":%s}]",
                   references);
    }
    buf_text(&scenario, "}");
    ck_assert_msg(emulator_play(bench.emulator, buf_string(&scenario), error, sizeof error) == 0,
                  "%s", error);
    buf_free(&newest);
    buf_free(&scenario);
}

START_TEST(looks_up_references)
{
    struct buf shown;
    buf_init(&shown, 4096);
    const utc_us now = clock_utc() / UTC_SECOND * UTC_SECOND;
    bench_start("{}");
    play_references(now, reference_cases[_i].periods, NULL);
    char *references = get_references();
    play_references(now, reference_cases[_i].periods, references);
    emulator_reset(bench.emulator);
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_str_eq(buf_string(&shown), reference_cases[_i].shown);
    char *log = emulator_log(bench.emulator);
    int looked_up = 0;
    for (const char *at = strstr(log, "?format=Entity\n"); at != NULL;
         at = strstr(at + 1, "?format=Entity\n")) {
        looked_up++;
    }
    ck_assert_int_eq(looked_up, 1 + reference_cases[_i].looked_up);
    free(log);
    cJSON_free(references);
    bench_stop();
    buf_free(&shown);
}
END_TEST

/* An answer to the query that is not what was asked for is not believed. */
static const char *const odd_answers[] = {
    "{\"CreationTimeUTC\":\"2025-01-01T00:00:00Z\",\"SessionType\":\"CollectJob\",\"UID\":\"a\","
    "\"State\":\"CompletedSuccessfully\"},{\"CreationTimeUTC\":\"2025-01-02T00:00:00Z\","
    "\"SessionType\":\"CollectJob\",\"UID\":\"b\",\"State\":\"CompletedSuccessfully\"}",
    ("{\"CreationTimeUTC\":\"2025-01-01T00:00:00Z\",\"SessionType\":\"LicAutoUpdate\","
     "\"State\":\"CompletedSuccessfully\"}"),
    "{\"SessionType\":\"CollectJob\",\"State\":\"CompletedSuccessfully\"}",
    "{\"CreationTimeUTC\":\"2025-01-01T00:00:00Z\",\"SessionType\":\"CollectJob\"}",
    "null",
};

START_TEST(believes_no_odd_answer)
{
    char keys[2048];
    struct buf shown;
    buf_init(&shown, 4096);
    snprintf(keys, sizeof keys,
             "\"replies\":[{\"path\":\"/api/query?type=System\",\"status\":200,\"body\":"
             "{\"Entities\":{\"SystemSessions\":[%s]},\"PagingInfo\":{\"PagesCount\":1}}}],",
             odd_answers[_i]);
    start_site(keys);
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_str_eq(buf_string(&shown), "4m/15");
    bench_stop();
    buf_free(&shown);
}
END_TEST

/* The servers of sessions are known as well, so logs are read until they were collected. */
START_TEST(looks_for_servers_of_sessions)
{
    start_site(PERIODS("{\"since\":\"-1h\",\"state\":\"CompletedWarning\"}"));
    add_spec(&bench.site.sessions, &(struct spec){.vm = "a",
                                                  .policy = "Gold",
                                                  .server = "vbr09",
                                                  .state = "InProgress",
                                                  .result = "Success",
                                                  .created = "2025-08-14T12:00:00Z"});
    ck_assert_int_eq(fetch_collection(), 0);
    ck_assert_int_eq(bench_requests("systemSessions/"), 4);
    ck_assert_ptr_null(collection_find(&bench.site.collection, "vbr09"));
    bench_stop();
}
END_TEST

/* ---- the servers that matter ---- */

/* A site of which a session on that server is known, and no policy. */
static void start_vm(const char *server, const char *keys)
{
    char scenario[8192];
    snprintf(scenario, sizeof scenario,
             "{\"backup_servers\":[{\"name\":\"vbr01.lab\"},{\"name\":\"vbr02\"}],%s\"vms\":[]}",
             keys);
    bench_start(scenario);
    add_spec(&bench.site.sessions, &(struct spec){.vm = "a",
                                                  .policy = "Gold",
                                                  .server = server,
                                                  .state = "InProgress",
                                                  .result = "Success",
                                                  .created = "2025-08-14T12:00:00Z"});
    emulator_reset(bench.emulator);
}

#define HOURLY(periods) COLLECTIONS("\"every_minutes\":60,\"periods\":[" periods "]")
#define NEWEST_HOURLY(newest, periods)                                                             \
    COLLECTIONS("\"newest\":\"" newest "\",\"every_minutes\":60,\"periods\":[" periods "]")

static const struct {
    const char *server;
    const char *keys;
    const char *shown;
    int queries, logs;
} server_cases[] = {
    {"vbr01.lab", "", "4m/15", 1, 0},
    // another server is away: for 30 minutes, 4 hours, always
    {"vbr01.lab", PERIODS(MISSES("-30m", "\"vbr02\"")), "34m/15 vbr01.lab=4m vbr02=-!", 1, 1},
    {"vbr01.lab", PERIODS(MISSES("-4h", "\"vbr02\"")), "-/0 vbr01.lab=4m vbr02=-!", 1, 1},
    {"vbr01.lab", PERIODS("{\"misses\":[\"vbr02\"]}"), "-/0 vbr01.lab=4m vbr02=-!", 1, 1},
    {"VBR01", PERIODS("{\"misses\":[\"vbr02\"]}"), "-/0 VBR01=4m vbr02=-!", 1, 1},
    // two of the ten succeeded: of no use for the spacing, and none is needed
    {"vbr01.lab", PERIODS(MISSES("-2h", "\"vbr02\"")), "124m/0 vbr01.lab=4m vbr02=-!", 1, 1},
    // the server itself: since 2 hours, and 4
    {"vbr02", PERIODS(MISSES("-2h", "\"vbr02\"")), "124m/15 vbr01.lab=4m vbr02=-!", 2, 8},
    {"vbr02", PERIODS(MISSES("-4h", "\"vbr02\"")), "244m/15 vbr01.lab=4m vbr02=-!", 2, 12},
    {"vbr02", PERIODS(MISSES("-10m", "\"vbr02\"") "," MISSES("-4h", "\"vbr01.lab\"")),
     "-/0 vbr01.lab=4m vbr02=19m!", 1, 2},
    // so rarely that three times their spacing is what counts once it is late
    {"vbr01.lab", HOURLY(MISSES("-20h", "\"vbr02\"")), "-/0 vbr01.lab=4m vbr02=-!", 1, 1},
    {"vbr01.lab", NEWEST_HOURLY("-50m", MISSES("-20h", "\"vbr02\"")),
     "1249m/60 vbr01.lab=49m vbr02=-!", 2, 1},
    // a session without a server needs a collection of all of them
    {NULL, PERIODS(MISSES("-4h", "\"vbr02\"")), "244m/15 vbr01.lab=4m vbr02=-!", 2, 1},
};

static int count_logs(void)
{
    char *log = emulator_log(bench.emulator);
    int logs = 0;
    for (const char *at = strstr(log, "/events"); at != NULL; at = strstr(at + 1, "/events")) {
        logs++;
    }
    free(log);
    return logs;
}

START_TEST(asks_no_more_than_its_servers_need)
{
    struct buf shown;
    buf_init(&shown, 4096);
    start_vm(server_cases[_i].server, server_cases[_i].keys);
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_msg(strcmp(buf_string(&shown), server_cases[_i].shown) == 0, "%s: %s",
                  server_cases[_i].keys, buf_string(&shown));
    ck_assert_int_eq(bench_requests("query?type=SystemSession"), server_cases[_i].queries);
    ck_assert_int_eq(count_logs(), server_cases[_i].logs);
    ck_assert_uint_eq(bench.site.notices.count, 0);
    bench_stop();
    buf_free(&shown);
}
END_TEST

/* ---- logs with other names ---- */

#define BEGUN(server) "\"Retrieving data from " server "...\""
#define DONE(server) BEGUN(server) ",\"Data collection from " server " completed successfully.\""
#define LOGGED(state, created, ended, events)                                                      \
    "{\"created\":\"" created "\",\"ended\":\"" ended "\",\"state\":\"" state                      \
    "\",\"events\":[" events "]}"
#define WARNED(events) LOGGED("CompletedWarning", "-2m", "-1m", events)
#define SUCCEEDED(events) LOGGED("CompletedSuccessfully", "-100m", "-99m", events)
#define ONLY(sessions) COLLECTIONS("\"every_minutes\":0") "\"system_sessions\":[" sessions "],"

static const struct {
    const char *sessions;
    const char *shown;
    int logs;
    size_t notices;
} name_cases[] = {
    // each that it names was collected
    {ONLY(WARNED(DONE("10.0.0.5") "," DONE("10.0.0.6"))), "1m/0", 1, 0},
    {ONLY(WARNED(DONE("10.0.0.5") "," DONE("10.0.0.6") "," DONE("10.0.0.7"))), "1m/0", 1, 0},
    // so does one that succeeded
    {ONLY(WARNED(DONE("10.0.0.5") "," DONE("10.0.0.6")) "," SUCCEEDED(DONE("10.0.0.5"))), "1m/0", 2,
     0},
    // that one has the known names, so they were missed
    {ONLY(WARNED(DONE("10.0.0.5") "," DONE("10.0.0.6")) "," SUCCEEDED(DONE("VBR02"))),
     "99m/0 vbr02=-! vbr01.lab=-!", 2, 0},
    // that one says nothing
    {ONLY(WARNED(DONE("10.0.0.5") "," DONE("10.0.0.6")) "," SUCCEEDED("")), "99m/0", 2, 1},
    // one was not collected
    {ONLY(WARNED(DONE("10.0.0.5") "," BEGUN("10.0.0.6"))), "-/0", 1, 1},
    {ONLY(WARNED(DONE("10.0.0.5") "," BEGUN("10.0.0.6")) "," SUCCEEDED(DONE("10.0.0.5"))), "99m/0",
     2, 1},
    // but all were by the one before
    {ONLY(WARNED(DONE("10.0.0.5") "," BEGUN("10.0.0.6")) "," LOGGED(
         "Failed", "-20m", "-19m", DONE("10.0.0.5") "," DONE("10.0.0.6"))),
     "19m/0", 2, 0},
    // the one before has a known name
    {ONLY(WARNED(DONE("10.0.0.5") "," BEGUN("10.0.0.6")) "," LOGGED("Failed", "-20m", "-19m",
                                                                    DONE("vbr02.lab"))),
     "-/0 vbr02=19m vbr01.lab=-!", 2, 0},
    // fewer than are known
    {ONLY(WARNED(DONE("10.0.0.5"))), "-/0 10.0.0.5=1m vbr02=-! vbr01.lab=-!", 1, 0},
    {ONLY(WARNED("")), "-/0 vbr02=-! vbr01.lab=-!", 1, 0},
};

START_TEST(reads_logs_with_other_names)
{
    struct buf shown;
    buf_init(&shown, 4096);
    start_site(name_cases[_i].sessions);
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_msg(strcmp(buf_string(&shown), name_cases[_i].shown) == 0, "%s: %s",
                  name_cases[_i].sessions, buf_string(&shown));
    ck_assert_int_eq(count_logs(), name_cases[_i].logs);
    ck_assert_uint_eq(bench.site.notices.count, name_cases[_i].notices);
    bench_stop();
    buf_free(&shown);
}
END_TEST

/* A VM's server of which EM's log does not say a word is not taken for one with another name. */
START_TEST(takes_no_other_server_for_a_vms)
{
    struct buf shown;
    buf_init(&shown, 4096);
    start_vm("vbr01.lab", "\"system_sessions\":[" WARNED(DONE("vbr02")) "],");
    ck_assert_msg(fetch_collection() == 0, "%s", bench.fault.text);
    show(&shown);
    ck_assert_str_eq(buf_string(&shown), "4m/15");
    ck_assert_int_eq(count_logs(), 2);
    bench_stop();
    buf_free(&shown);
}
END_TEST

Suite *collection_suite(void)
{
    Suite *suite = suite_create("collection");
    TCase *tests = tcase_create("collection");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, decodes, 0, COUNT(decode_cases));
    tcase_add_loop_test(tests, reads_events, 0, COUNT(event_cases));
    tcase_add_test(tests, takes_no_endless_server);
    tcase_add_loop_test(tests, is_refused, 0, COUNT(refusal_cases));
    tcase_add_test(tests, looks_for_servers_of_sessions);
    tcase_add_loop_test(tests, reads_logs_with_other_names, 0, COUNT(name_cases));
    tcase_add_test(tests, takes_no_other_server_for_a_vms);
    suite_add_tcase(suite, tests);

    TCase *bulk = tcase_create("bulk"); // days of collections, which the emulator lists each time
    tcase_set_tags(bulk, "bulk");
    tcase_set_timeout(bulk, 60);
    tcase_add_loop_test(bulk, fetches, 0, COUNT(cases));
    tcase_add_loop_test(bulk, looks_up_references, 0, COUNT(reference_cases));
    tcase_add_loop_test(bulk, believes_no_odd_answer, 0, COUNT(odd_answers));
    tcase_add_loop_test(bulk, asks_no_more_than_its_servers_need, 0, COUNT(server_cases));
    suite_add_tcase(suite, bulk);
    return suite;
}
