// SPDX-License-Identifier: GPL-3.0-or-later
/* Enterprise Manager itself, as --em shows it, in text and to programs. */
#include "report/em_words.h"

#include <check.h>
#include <string.h>

#include "unit/shown.h"
#include "unit/suites.h"

enum { MINUTE = 60, H = 60 * MINUTE };

/* A verdict by hand, and what it borrows from. */
struct scene {
    struct scope scope;
    struct verdict verdict;
    struct server_verdict servers[2];
    struct threshold warning;
    range range;
};

static void nothing(struct scene *scene)
{
    (void)scene;
}

static void add_policy(struct scene *scene, const char *name, const char *server, bool has_enabled,
                       bool enabled)
{
    struct fault fault;
    const struct policy policy = {
        .name = name, .backup_server = server, .has_enabled = has_enabled, .enabled = enabled};
    scene->verdict.site.answers[SITE_POLICIES].knowledge = SITE_TOLD;
    ck_assert_int_eq(policies_append(&scene->verdict.site.policies, &policy, &fault), 0);
}

/* One server was collected a while ago, another one was missed since. */
static void tell_age(struct scene *scene, double seconds)
{
    struct verdict *verdict = &scene->verdict;
    struct collection *collection = &verdict->site.collection;
    verdict->site.answers[SITE_COLLECTION].knowledge = SITE_TOLD;
    collection->has_succeeded = true;
    collection->succeeded = moment(NOW) - (utc_us)seconds * UTC_SECOND;
    struct collected_server *entry = collection_add(collection, "vbr|02");
    ck_assert_ptr_nonnull(entry);
    entry->missed = true;
    ck_assert_ptr_nonnull(collection_add(collection, "vbr01"));
    scene->servers[0] = (struct server_verdict){.name = "vbr01"};
    scene->servers[1] = (struct server_verdict){.name = NULL};
    verdict->servers = scene->servers;
    verdict->server_count = 2;
    scene->range = (range){.end = 45 * MINUTE, .alert_on = OUTSIDE};
    scene->warning = (struct threshold){.range = &scene->range, .text = "45m"};
    verdict->measures[METRIC_DATA_AGE] =
        (struct measure){.known = true, .value = seconds, .warning = &scene->warning};
}

static void is_well(struct scene *scene)
{
    tell_age(scene, 7 * MINUTE);
    add_policy(scene, "Gold", "vbr01", true, true);
    add_policy(scene, "Sil|ver", "vbr01", true, false);
    add_policy(scene, "Bronze", NULL, true, false);
    add_policy(scene, "Tin", NULL, false, false);
}

static void has_one_policy(struct scene *scene)
{
    scene->verdict.site.answered_s = 12.345;
    add_policy(scene, "Gold", "vbr01", true, true);
}

static void is_stale(struct scene *scene)
{
    tell_age(scene, 3 * H);
    scene->verdict.findings[0] =
        (struct finding){.kind = FINDING_STALE, .state = STATE_WARNING, .metric = METRIC_DATA_AGE};
    scene->verdict.finding_count = 1;
    scene->verdict.state = STATE_WARNING;
}

/* The second finding weighs more. */
static void is_critical(struct scene *scene)
{
    is_stale(scene);
    scene->range.end = 2 * H;
    scene->verdict.measures[METRIC_DATA_AGE].critical = &scene->warning;
    scene->verdict.findings[0].kind = FINDING_UNCOLLECTED;
    scene->verdict.findings[1] =
        (struct finding){.kind = FINDING_STALE, .state = STATE_CRITICAL, .metric = METRIC_DATA_AGE};
    scene->verdict.finding_count = 2;
    scene->verdict.state = STATE_CRITICAL;
}

static void refuses(struct scene *scene)
{
    scene->verdict.site.answers[SITE_COLLECTION].knowledge = SITE_REFUSED;
}

static void fails(struct scene *scene)
{
    scene->verdict.site.answers[SITE_COLLECTION] = (struct site_answer){
        .knowledge = SITE_FAILED, .fault = {.kind = FAULT_SERVER, .text = "EM answers 500"}};
    scene->verdict.findings[0] = (struct finding){
        .kind = FINDING_DATA_UNKNOWN, .state = STATE_WARNING, .metric = METRIC_DATA_AGE};
    scene->verdict.finding_count = 1;
    scene->verdict.state = STATE_WARNING;
}

static void does_not_say(struct scene *scene)
{
    scene->verdict.site.answers[SITE_COLLECTION].knowledge = SITE_TOLD;
}

#define ANSWERED "CDP TASK OK: Enterprise Manager answered in 0.21s"
#define TIME "time=0.213s;;;0"

static const struct {
    void (*set)(struct scene *);
    int verbosity;
    const char *text;
} texts[] = {
    {nothing, 0, ANSWERED "|" TIME "\n"},
    {is_well, 0,
     ANSWERED "; its data is 7m old (collected 2025-08-14 11:53 UTC); 4 policies, 2 disabled|"
              "data_age=420s;2700;;0 " TIME " policies=4;;;0 policies_disabled=2;;;0\n"
              "disabled in EM: Sil ver (vbr01), Bronze\n"},
    {is_well, 1,
     ANSWERED "; its data is 7m old (collected 2025-08-14 11:53 UTC); 4 policies, 2 disabled|"
              "data_age=420s;2700;;0 " TIME " policies=4;;;0 policies_disabled=2;;;0\n"
              "disabled in EM: Sil ver (vbr01), Bronze\n"
              "backup server vbr01: collected 7m ago (2025-08-14 11:53 UTC)\n"
              "backup server that EM does not name: collected 7m ago (2025-08-14 11:53 UTC)\n"
              "backup server vbr 02: collected 7m ago (2025-08-14 11:53 UTC), missed by the newest "
              "data collection\n"},
    {has_one_policy, 1,
     "CDP TASK OK: Enterprise Manager answered in 12.35s; 1 policy|"
     "time=12.345s;;;0 policies=1;;;0 policies_disabled=0;;;0\n"},
    {is_stale, 0,
     "CDP TASK WARNING: EM's data is 3h old (warning: 45m): EM has completed no data collection "
     "since 2025-08-14 09:00 UTC; Enterprise Manager answered in "
     "0.21s|data_age=10800s;2700;;0 " TIME "\n"
     "[WARNING] EM's data is 3h old (warning: 45m): EM has completed no data collection since "
     "2025-08-14 09:00 UTC; check EM's data collection and the backup server\n"},
    {refuses, 0, ANSWERED "; how old its data is was not told to this user|" TIME "\n"},
    {fails, 0,
     "CDP TASK WARNING: how old EM's data is could not be read: server: EM answers 500; "
     "Enterprise Manager answered in 0.21s|" TIME "\n"
     "[WARNING] how old EM's data is could not be read: server: EM answers 500\n"},
    {does_not_say, 1, ANSWERED "; how old its data is it does not say|" TIME "\n"},
};

static void begin(struct scene *scene, void (*set)(struct scene *))
{
    *scene = (struct scene){.scope = {.kind = SCOPE_EM}};
    scene->verdict = (struct verdict){.scope = &scene->scope,
                                      .now = moment(NOW),
                                      .checked = moment(NOW),
                                      .site = {.answered_s = 0.213}};
    set(scene);
}

static const char *write_scene(struct scene *scene, enum format format, int verbosity,
                               struct buf *text)
{
    const struct report_settings settings = {
        .perfdata = PERFDATA_VM, .verbosity = verbosity, .server = "em01:9398", .host = "em01"};
    buf_init(text, SHOWN_LIMIT);
    report(text, format, &scene->verdict, &settings);
    ck_assert_int_eq(text->failure, BUF_FINE);
    site_free(&scene->verdict.site);
    return buf_string(text);
}

START_TEST(text_of_em)
{
    struct scene scene;
    cleanup_buf struct buf text;
    begin(&scene, texts[_i].set);
    ck_assert_str_eq(write_scene(&scene, FORMAT_TEXT, texts[_i].verbosity, &text), texts[_i].text);
}
END_TEST

static const struct {
    void (*set)(struct scene *);
    enum format format;
    const char *has, *lacks; // NULL: nothing that it must lack
} programs[] = {
    {is_well, FORMAT_JSON,
     "\"em\":{\"state\":\"OK\",\"why\":[],\"answered_seconds\":0.213,\"data_age_seconds\":420,"
     "\"collected_at\":\"2025-08-14T11:53:00Z\",\"clock_offset_seconds\":null,"
     "\"not_collected\":[\"vbr|02\"]},",
     NULL},
    {is_well, FORMAT_JSON,
     "\"policies\":[{\"policy\":\"Gold\",\"backup_server\":\"vbr01\",\"enabled\":true,"
     "\"rpo_seconds\":null,\"long_term_interval_seconds\":null},{\"policy\":\"Sil|ver\","
     "\"backup_server\":\"vbr01\",\"enabled\":false,",
     NULL},
    {is_well, FORMAT_JSON, "{\"policy\":\"Tin\",\"backup_server\":null,\"enabled\":null,", NULL},
    {is_stale, FORMAT_JSON,
     "\"em\":{\"state\":\"WARNING\",\"why\":[\"EM's data is 3h old (warning: 45m): ",
     "\"error\":{"},
    {is_stale, FORMAT_JSON, "\"notices\":[\"EM's data is 3h old ", NULL},
    {refuses, FORMAT_JSON,
     "\"data_age_seconds\":null,\"collected_at\":null,\"clock_offset_seconds\":null,"
     "\"not_collected\":null},",
     "\"policies\":["},
    {is_well, FORMAT_OPENMETRICS, "\nveeam_cdp_data_age_seconds{server=\"em01:9398\"} 420\n",
     "veeam_cdp_vms"},
    {is_well, FORMAT_OPENMETRICS, "\nveeam_cdp_em_answer_seconds{server=\"em01:9398\"} 0.213\n",
     NULL},
    {is_well, FORMAT_OPENMETRICS,
     "\nveeam_cdp_policy_enabled{policy=\"Gold\",backup_server=\"vbr01\"} 1\n"
     "veeam_cdp_policy_enabled{policy=\"Sil|ver\",backup_server=\"vbr01\"} 0\n"
     "veeam_cdp_policy_enabled{policy=\"Bronze\",backup_server=\"\"} 0\n#",
     NULL},
    {is_well, FORMAT_OPENMETRICS, "\nveeam_cdp_em_status{server=\"em01:9398\"} 0\n", NULL},
    {is_stale, FORMAT_OPENMETRICS, "\nveeam_cdp_em_status{server=\"em01:9398\"} 1\n",
     "veeam_cdp_policy"},
    {is_critical, FORMAT_OPENMETRICS, "\nveeam_cdp_em_status{server=\"em01:9398\"} 2\n", NULL},
    {is_critical, FORMAT_JSON, "\"summary\":\"EM's data is 3h old (critical: ", NULL},
    {is_stale, FORMAT_OPENMETRICS, "veeam_cdp_up{server=\"em01:9398\"} 1\n", NULL},
    {refuses, FORMAT_OPENMETRICS, "veeam_cdp_up", "data_age"},
    {is_well, FORMAT_PASSIVE,
     ";em01;Veeam CDP task;0;CDP TASK OK: Enterprise Manager answered in 0.21s; its data is 7m old "
     "(collected 2025-08-14 11:53 UTC); 4 policies, 2 disabled|data_age=420s;2700;;0 " TIME " ",
     NULL},
    {is_stale, FORMAT_PASSIVE,
     ";em01;Veeam CDP task;1;CDP TASK WARNING: EM's data is 3h old (warning: 45m): EM has "
     "completed no data collection since 2025-08-14 09:00 UTC; Enterprise Manager answered in "
     "0.21s|data_age=10800s;2700;;0 ",
     NULL},
};

START_TEST(programs_read_of_em)
{
    struct scene scene;
    cleanup_buf struct buf buf;
    begin(&scene, programs[_i].set);
    const char *text = write_scene(&scene, programs[_i].format, 0, &buf);
    ck_assert_msg(strstr(text, programs[_i].has) != NULL, "'%s' is not in: %s", programs[_i].has,
                  text);
    ck_assert_msg(programs[_i].lacks == NULL || strstr(text, programs[_i].lacks) == NULL,
                  "'%s' is in: %s", programs[_i].lacks, text);
}
END_TEST

START_TEST(no_performance_data_if_none_is_asked_for)
{
    struct scene scene;
    cleanup_buf struct buf text;
    const struct report_settings settings = {.perfdata = PERFDATA_NONE, .server = "em01:9398"};
    begin(&scene, nothing);
    buf_init(&text, SHOWN_LIMIT);
    report(&text, FORMAT_TEXT, &scene.verdict, &settings);
    ck_assert_str_eq(buf_string(&text), ANSWERED "\n");
}
END_TEST

Suite *em_words_suite(void)
{
    Suite *suite = suite_create("em_words");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, text_of_em, 0, COUNT(texts));
    tcase_add_loop_test(all, programs_read_of_em, 0, COUNT(programs));
    tcase_add_test(all, no_performance_data_if_none_is_asked_for);
    suite_add_tcase(suite, all);
    return suite;
}
