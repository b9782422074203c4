// SPDX-License-Identifier: GPL-3.0-or-later
/* What a probe says of what it has seen, in text and in JSON, and which commands come next. */
#include "report/probe_report.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "cdp/probe_judge.h"
#include "report/probe_words.h"
#include "unit/suites.h"

enum { TEXT_LIMIT = 64 * 1024, HOUR = 3600 };

/* 2025-08-14T12:00:00Z */
static const utc_us now = INT64_C(1755172800) * UTC_SECOND;

struct scene {
    struct probe probe;
    struct lines command, trust, limits;
    struct probe_report_settings settings;
    struct buf text;
};

static void begin(struct scene *scene)
{
    *scene = (struct scene){.probe = {.now = now}};
    scene->settings = (struct probe_report_settings){.server = "em01:9398",
                                                     .command = &scene->command,
                                                     .trust = &scene->trust,
                                                     .limits = &scene->limits};
    lines_add(&scene->command, "check_veeam_cdp_task");
    lines_add(&scene->command, "-u");
    lines_add(&scene->command, "%s", "DOMAIN\\o'neil");
    buf_init(&scene->text, TEXT_LIMIT);
}

static void end(struct scene *scene)
{
    probe_free(&scene->probe);
    lines_free(&scene->command);
    lines_free(&scene->trust);
    lines_free(&scene->limits);
    buf_free(&scene->text);
}

static const char *show(struct scene *scene)
{
    if (scene->text.text == NULL) {
        probe_judge(&scene->probe);
    }
    buf_free(&scene->text);
    probe_report_text(&scene->text, &scene->probe, &scene->settings);
    return buf_string(&scene->text);
}

static void ck_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "%s lacks %s", text, part);
}

static void ck_lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "%s has %s", text, part);
}

static struct probe_line *add_filter(struct scene *scene, double all, double matching, double wrong,
                                     double fit, double misfit)
{
    struct probe_line *line = probe_add(&scene->probe, PROBE_FILTER);
    probe_set_text(&scene->probe, line, PROBE_CONDITION, "T: State!=Completed");
    probe_set_text(&scene->probe, line, PROBE_USED_BY, "--all, --snapshot");
    probe_set_number(line, PROBE_COUNT, all);
    probe_set_number(line, PROBE_MATCHING, matching);
    probe_set_number(line, PROBE_WRONG, wrong);
    probe_set_number(line, PROBE_FITTING, fit);
    probe_set_number(line, PROBE_MISFIT, misfit);
    return line;
}

static struct probe_line *add_vms(struct scene *scene, double count, double idle, double overdue)
{
    struct probe_line *line = probe_add(&scene->probe, PROBE_VMS);
    probe_set_number(line, PROBE_COUNT, count);
    probe_set_number(line, PROBE_RUNS, count - idle);
    probe_set_number(line, PROBE_IDLE, idle);
    probe_set_number(line, PROBE_OVERDUE, overdue);
    probe_set_number(line, PROBE_IDLE_FOR, HOUR);
    probe_set_number(line, PROBE_RUNS_FOR, 30 * HOUR);
    return line;
}

static void add_certificate(struct scene *scene, enum probe_trust trust)
{
    struct probe_line *line = probe_add(&scene->probe, PROBE_CERTIFICATE);
    probe_set_text(&scene->probe, line, PROBE_SUBJECT, "CN = em|01\n");
    probe_set_text(&scene->probe, line, PROBE_ISSUER, "CN = CA");
    probe_set_truth(line, PROBE_SELF_SIGNED, false);
    probe_set_time(line, PROBE_EXPIRES, now + INT64_C(400) * 24 * HOUR * UTC_SECOND);
    probe_set_text(&scene->probe, line, PROBE_TRUST, probe_trust_words[trust]);
    line = probe_add(&scene->probe, PROBE_PIN);
    probe_set_text(&scene->probe, line, PROBE_PUBLIC_KEY, "sha256//KEY=");
}

START_TEST(filters)
{
    struct scene scene;
    begin(&scene);
    add_filter(&scene, 10, 3, 0, 3, 7)->took_ms = 5;
    ck_has(show(&scene), "\nok   filter: T: State!=Completed: gives 3 of 10 [5 ms]\n");
    ck_lacks(show(&scene), "->");
    end(&scene);
    begin(&scene);
    add_filter(&scene, 3, 3, 0, 3, 0);
    ck_has(show(&scene),
           "\nok   filter: T: State!=Completed: gives 3 of 3; there is nothing to leave out now\n");
    end(&scene);
    begin(&scene);
    struct probe_line *line = probe_add(&scene.probe, PROBE_FILTER);
    probe_set_text(&scene.probe, line, PROBE_CONDITION, "T: State!=Completed");
    probe_set_number(line, PROBE_MATCHING, 3);
    ck_has(show(&scene),
           "\nok   filter: T: State!=Completed; how many it leaves out is not known\n");
    end(&scene);
    begin(&scene);
    add_filter(&scene, 10, 10, 7, 3, 7);
    ck_has(show(&scene), "gives 10 of 10, of which 7 on the first page don't fit\n     -> used by "
                         "--all, --snapshot: EM does "
                         "not filter by it, so more is read than is needed, and each refresh of a "
                         "snapshot is a full fetch; verdicts stay right\n");
    end(&scene);
    begin(&scene);
    add_filter(&scene, 10, 0, 0, 3, 7);
    ck_has(show(&scene), "\nodd  filter: ");
    ck_has(show(&scene), "some may be missed; report it");
    end(&scene);
}
END_TEST

START_TEST(refused_filters)
{
    struct scene scene;
    for (int needed = 0; needed < 2; needed++) {
        begin(&scene);
        struct probe_line *line = add_filter(&scene, 10, 10, 0, 3, 7);
        probe_set_truth(line, PROBE_NEEDED, needed > 0);
        line->refused = true;
        fault_set(&line->fault, FAULT_PROTOCOL, "EM answers 400|");
        ck_has(show(&scene), "\nodd  filter: T: State!=Completed: protocol: EM answers 400\n");
        ck_has(show(&scene), needed > 0
                                 ? "used by --all, --snapshot, which fail with this EM; report it"
                                 : "used by --all, --snapshot, which does without");
        end(&scene);
    }
}
END_TEST

START_TEST(next_steps)
{
    struct scene scene;
    begin(&scene);
    scene.probe.vm = strdup("it's 1 VM");
    lines_add(&scene.trust, "--ca-file=/etc/my ca.pem");
    lines_add(&scene.limits, "--overdue-after=90000s");
    ck_has(show(&scene),
           "CDP TASK OK: this plugin can work with em01:9398: 0 ok, 0 odd, 0 no\nnext:\n"
           "  check_veeam_cdp_task -u 'DOMAIN\\o'\\''neil' '--ca-file=/etc/my ca.pem' --em\n"
           "  check_veeam_cdp_task -u 'DOMAIN\\o'\\''neil' '--ca-file=/etc/my ca.pem' "
           "'--vm=it'\\''s 1 VM' --overdue-after=90000s\n"
           "  check_veeam_cdp_task -u 'DOMAIN\\o'\\''neil' '--ca-file=/etc/my ca.pem' --all "
           "--overdue-after=90000s\n");
    end(&scene);
    // What most VMs show is an option of theirs, not of EM itself.
    begin(&scene);
    add_vms(&scene, 10, 9, 0);
    ck_has(show(&scene), "this EM lists no running sessions and needs --idle-after=25h\n");
    ck_has(show(&scene), " --em\n");
    ck_has(show(&scene), " --vm=NAME --idle-after=25h\n");
    ck_has(show(&scene), " --all --idle-after=25h\n");
    end(&scene);
    begin(&scene);
    add_vms(&scene, 10, 0, 10);
    ck_has(show(&scene), "odd  VMs: 10 VMs: 10 running, 10 overdue\n");
    ck_has(show(&scene), " --all --overdue-after=31h\n");
    end(&scene);
    // Without what it asks for, --all is no next step.
    begin(&scene);
    fault_set(&probe_add(&scene.probe, PROBE_PAGES)->fault, FAULT_PROTOCOL, "no");
    ck_has(show(&scene), " --vm=NAME\n");
    ck_lacks(show(&scene), " --all\n");
    end(&scene);
    // Nobody to ask.
    begin(&scene);
    lines_free(&scene.command);
    fault_set(&scene.probe.fault, FAULT_USAGE, "--hostname is needed");
    scene.settings.server = NULL;
    scene.settings.state = 3;
    ck_assert_str_eq(show(&scene), "CDP TASK UNKNOWN: usage: --hostname is needed\n");
    end(&scene);
}
END_TEST

START_TEST(trust)
{
    static const char pin[] = " --pinned-pubkey=sha256//KEY= --";
    static const struct {
        enum probe_trust trust;
        const char *outcome, *words;
        bool pins;
        bool trusts_already; // something, by an option
    } rows[] = {
        {PROBE_TRUST_VERIFIED, "ok  ", "verified\n", false, true},
        {PROBE_TRUST_PINNED, "ok  ", "trusted by its key (--pinned-pubkey)\n", false, true},
        {PROBE_TRUST_UNVERIFIED, "odd ", "not looked at (--insecure)\n     -> anyone could", true,
         true},
        {PROBE_TRUST_REFUSED, "no  ", "not trusted\n     -> the first line", true, false},
        {PROBE_TRUST_REFUSED, "no  ", "not trusted\n     -> the first line", false, true},
        {PROBE_TRUST_UNKNOWN, "no  ", "it is not known whether it is trusted\n", false, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scene scene;
        char expected[200];
        begin(&scene);
        add_certificate(&scene, rows[i].trust);
        if (rows[i].trusts_already) {
            lines_add(&scene.trust, "--ca-file=old.pem");
            scene.settings.anchored = true;
        }
        snprintf(
            expected, sizeof expected,
            "\n%s certificate: CN = em 01, issued by CN = CA, valid until 2026-09-18 12:00 UTC: "
            "%s",
            rows[i].outcome, rows[i].words);
        if (rows[i].trust == PROBE_TRUST_REFUSED) {
            fault_set(&scene.probe.fault, FAULT_TLS, "not trusted");
            scene.settings.state = 3;
        }
        const char *text = show(&scene);
        ck_has(text, expected);
        const bool is_proven =
            rows[i].trust == PROBE_TRUST_VERIFIED || rows[i].trust == PROBE_TRUST_PINNED;
        const bool was_refused = rows[i].trust == PROBE_TRUST_REFUSED;
        ck_has(text, is_proven
                         ? "\nok   pin: --pinned-pubkey=sha256//KEY=\n"
                         : "\nodd  pin: --pinned-pubkey=sha256//KEY=\n     -> use it only if");
        ck_assert((strstr(text, pin) != NULL) == rows[i].pins);
        ck_assert((strstr(text, "--ca-file") != NULL) == (!was_refused && !rows[i].pins));
        // If it was not the one that was trusted, no pin mends that.
        ck_assert((strstr(text, "next") != NULL) == (!was_refused || !rows[i].trusts_already));
        ck_assert((strstr(text, " --probe\n") != NULL) == (was_refused && rows[i].pins));
        end(&scene);
    }
}
END_TEST

/* What is dialled is EM, or the proxy before it. */
START_TEST(addresses)
{
    static const struct {
        const char *address, *tried, *proxy, *words;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7:9398", "", "\nok   address: em01 is 192.0.2.7\n"},
        {"", "192.0.2.7:9398", "", "\nno   address: em01: no connection to 192.0.2.7:9398\n"},
        {"", "", "", "\nno   address: em01: no address found\n"},
        {"192.0.2.9", "192.0.2.9:3128", "the proxy p:3128 (--proxy)",
         "\nok   address: em01: through the proxy p:3128 (--proxy), whose address is 192.0.2.9\n"},
        {"", "192.0.2.9:3128", "the proxy p:3128 (--proxy)",
         "\nno   address: em01: through the proxy p:3128 (--proxy): no connection to "
         "192.0.2.9:3128\n"},
        {"", "", "the proxy p:3128 (--proxy)",
         "\nno   address: em01: through the proxy p:3128 (--proxy): no address of it found\n"},
    };
    for (int i = 0; i < COUNT(rows); i++) {
        struct scene scene;
        begin(&scene);
        struct probe_line *line = probe_add(&scene.probe, PROBE_ADDRESS);
        probe_set_text(&scene.probe, line, PROBE_HOST, "em01");
        probe_set_text(&scene.probe, line, PROBE_TRIED, rows[i].tried);
        probe_set_text(&scene.probe, line, PROBE_ADDRESS_USED, rows[i].address);
        probe_set_text(&scene.probe, line, PROBE_PROXY, rows[i].proxy);
        ck_has(show(&scene), rows[i].words);
        end(&scene);
    }
}
END_TEST

START_TEST(other_lines)
{
    struct scene scene;
    begin(&scene);
    struct probe_line *line = probe_add(&scene.probe, PROBE_RIGHTS);
    lines_add(probe_set_list(line, PROBE_REFUSED), "data_collection");
    line = probe_add(&scene.probe, PROBE_CLOCK);
    probe_set_number(line, PROBE_OFFSET, -3599);
    line = probe_add(&scene.probe, PROBE_CASE);
    probe_set_number(line, PROBE_PASCAL, 2);
    probe_set_number(line, PROBE_CAMEL, 0);
    line = probe_add(&scene.probe, PROBE_STATES);
    lines_add(probe_set_list(line, PROBE_SEEN), "Com|pleted");
    lines_add(probe_set_list(line, PROBE_UNKNOWN), "Com|pleted");
    probe_set_number(line, PROBE_SAMPLE, 1);
    line = probe_add(&scene.probe, PROBE_RUNNING);
    probe_set_number(line, PROBE_SAMPLE, 2);
    lines_add(probe_set_list(line, PROBE_NULL), "EndTimeUTC");
    lines_add(probe_set_list(line, PROBE_ABSENT), "Reason");
    line = probe_add(&scene.probe, PROBE_INTERVALS);
    probe_set_text(&scene.probe, line, PROBE_VM, "s|rv");
    probe_set_text(&scene.probe, line, PROBE_FORM, "json");
    probe_set_number(line, PROBE_COUNT, 2);
    probe_set_number(line, PROBE_WINDOW, HOUR);
    probe_set_number(line, PROBE_LAG, 65);
    lines_add(&scene.probe.notices, "a|b");
    const char *text = show(&scene);
    ck_has(text, "\nno   rights: refused to this user: data collection\n");
    ck_has(text, "\nodd  clock: 59m 59s behind this host's\n");
    ck_has(text, "\nok   case of keys: PascalCase, as EM 12 and older\n");
    ck_has(text,
           "\nodd  States: Com pleted (in 1 session); not known to this plugin: Com pleted\n");
    ck_has(text, "\nok   while it runs: of 2 sessions that run: null EndTimeUTC; absent Reason\n");
    ck_has(text,
           "\nok   intervals: s rv: 2 intervals of short-term restore points in 1h, the newest "
           "point 1m 5s before its end; asked for in JSON\n");
    ck_has(text, "\nnotice: a b\n");
    ck_assert_msg(strstr(text, "clock: ") < strstr(text, "rights: "), "not in the order of topics");
    end(&scene);
}
END_TEST

START_TEST(json)
{
    struct scene scene;
    begin(&scene);
    add_vms(&scene, 3, 0, 0)->took_ms = 7;
    probe_judge(&scene.probe);
    probe_report_json(&scene.text, &scene.probe, &scene.settings);
    const char *text = buf_string(&scene.text);
    ck_has(text,
           "\"checked_at\":\"2025-08-14T12:00:00Z\",\"server\":\"em01:9398\",\"state\":\"OK\"");
    ck_has(text, "\"probe\":[{\"topic\":\"vms\",\"outcome\":\"ok\",\"milliseconds\":7,\"seen\":{"
                 "\"count\":3,\"running\":3,\"idle\":0,");
    ck_has(text, "\"text\":\"3 VMs: 3 running\",\"advice\":null,\"error\":null}]");
    ck_has(text, "\"next\":[\"check_veeam_cdp_task -u 'DOMAIN\\\\o'\\\\''neil' --em\",");
    end(&scene);
}
END_TEST

/* Whatever is short of memory, half a report is none, nor is a command that lacks a word. */
START_TEST(without_memory)
{
    struct scene scene;
    begin(&scene);
    struct probe_line *line = probe_add(&scene.probe, PROBE_RIGHTS);
    struct lines *list = probe_set_list(line, PROBE_REFUSED);
    bool *const lacking[] = {&scene.probe.no_memory,   &scene.probe.notices.no_memory,
                             &scene.command.no_memory, &scene.trust.no_memory,
                             &scene.limits.no_memory,  &list->no_memory};
    show(&scene);
    ck_assert_int_eq(scene.text.failure, BUF_FINE);
    for (int i = 0; i < COUNT(lacking); i++) {
        *lacking[i] = true;
        show(&scene);
        ck_assert_int_eq(scene.text.failure, BUF_NO_MEMORY);
        buf_free(&scene.text);
        probe_report_json(&scene.text, &scene.probe, &scene.settings);
        ck_assert_int_eq(scene.text.failure, BUF_NO_MEMORY);
        ck_assert_str_eq(buf_string(&scene.text), "");
        buf_free(&scene.text);
        *lacking[i] = false;
    }
    end(&scene);
}
END_TEST

Suite *probe_words_suite(void)
{
    Suite *suite = suite_create("probe_words");
    TCase *tcase = tcase_create("words");
    tcase_add_test(tcase, filters);
    tcase_add_test(tcase, refused_filters);
    tcase_add_test(tcase, next_steps);
    tcase_add_test(tcase, trust);
    tcase_add_test(tcase, addresses);
    tcase_add_test(tcase, other_lines);
    tcase_add_test(tcase, json);
    tcase_add_test(tcase, without_memory);
    suite_add_tcase(suite, tcase);
    return suite;
}
