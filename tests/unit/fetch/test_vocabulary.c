// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is read of EM's answers has its name in lib/em/vocabulary.c, or a file of --save would lack
 * it. In this program each read of a member goes through here, so the tests of all decoders show
 * one that is missing.
 */
#include "em/vocabulary.h"

#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "cdp/task_session.h"
#include "em/entity.h"
#include "em/json.h"
#include "fetch/probe.h"
#include "unit/fetch/bench.h"
#include "unit/suites.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
const cJSON *__real_json_member(const cJSON *object, const char *key);
const cJSON *__wrap_json_member(const cJSON *object, const char *key);
const char *__real_json_text(const cJSON *object, const char *key);
const char *__wrap_json_text(const cJSON *object, const char *key);
bool __real_json_has(const cJSON *object, const char *key);
bool __wrap_json_has(const cJSON *object, const char *key);
uint32_t __real_entity_read(const cJSON *entity, const struct entity_member *members, size_t count,
                            const struct mask *mask, struct entity_value *values);
uint32_t __wrap_entity_read(const cJSON *entity, const struct entity_member *members, size_t count,
                            const struct mask *mask, struct entity_value *values);
// NOLINTEND(bugprone-reserved-identifier)

static struct vocabulary vocabulary;
static struct set names; // that were read

static void forget(void)
{
    vocabulary_free(&vocabulary);
    set_free(&names);
}

static enum vocabulary_kind kind_of(const char *name)
{
    static bool ready;
    if (!ready) {
        ready = true;
        ck_assert(vocabulary_init(&vocabulary));
        atexit(forget);
    }
    return vocabulary_member(&vocabulary, name);
}

/* Whether this literal, or constant table, was not looked at of late. */
static bool is_new(const void *constant)
{
    static const void *last[256];
    const void **place = &last[(uintptr_t)constant / sizeof(int) % COUNT(last)];
    const bool is_another = *place != constant;
    *place = constant;
    return is_another;
}

static void take_name(const char *name)
{
    ck_assert_msg(kind_of(name) != VOCABULARY_UNKNOWN, "lib/em/vocabulary.c lacks %s", name);
    ck_assert_ptr_nonnull(set_add(&names, hash_text_nocase(name)));
}

static void take_key(const char *key)
{
    if (is_new(key)) {
        take_name(key);
    }
}

const cJSON *__wrap_json_member(const cJSON *object, const char *key)
{
    take_key(key);
    return __real_json_member(object, key);
}

const char *__wrap_json_text(const cJSON *object, const char *key)
{
    take_key(key);
    return __real_json_text(object, key);
}

bool __wrap_json_has(const cJSON *object, const char *key)
{
    take_key(key);
    return __real_json_has(object, key);
}

/* What is kept of a member goes by its kind. */
static void take_member(const struct entity_member *member)
{
    static const struct {
        bool matters;
        enum vocabulary_kind kind;
    } kinds[] = {
        [ENTITY_TEXT] = {.matters = false},        [ENTITY_RAW] = {.matters = false},
        [ENTITY_TIME] = {true, VOCABULARY_NAME},   [ENTITY_NUMBER] = {true, VOCABULARY_SIZE},
        [ENTITY_COUNT] = {true, VOCABULARY_COUNT}, [ENTITY_BOOLEAN] = {true, VOCABULARY_FLAG},
        [ENTITY_LIST] = {.matters = false},
    };
    take_name(member->name);
    ck_assert_msg(!kinds[member->kind].matters || kinds[member->kind].kind == kind_of(member->name),
                  "%s has another kind in lib/em/vocabulary.c", member->name);
}

uint32_t __wrap_entity_read(const cJSON *entity, const struct entity_member *members, size_t count,
                            const struct mask *mask, struct entity_value *values)
{
    for (size_t i = 0; i < count && (i > 0 || is_new(members)); i++) {
        take_member(&members[i]);
    }
    return __real_entity_read(entity, members, count, mask, values);
}

/* Of each decoder one that no other one reads. */
static const char *const read_by_a_probe[] = {
    "PagesCount",    "TotalSize",   "VmDisplayName", "ScheduleEnabled",
    "RPOSchedule",   "SessionType", "Events",        "HierarchyObjRef",
    "RestorePoints", "Rpo",         "IntervalType",  "BackupServer"};

START_TEST(a_probe_reads_what_is_kept)
{
    static const struct scope scope = {.kind = SCOPE_ALL};
    struct probe probe = {.now = clock_utc()};
    bench_start("{\"backup_servers\": [{\"name\": \"s1\"}, {\"name\": \"s2\"}], \"collections\": "
                "{\"periods\": [{\"since\": \"-10m\", \"misses\": [\"s2\"]}]}, \"policies\": "
                "[{\"name\": \"Gold\", \"includes\": [{\"type\": \"Folder\", "
                "\"name\": \"Prod\"}, {\"name\": \"a\"}]}], \"vms\": [{\"name\": \"a\", "
                "\"sessions\": [{\"created\": \"-2h\"}, {\"created\": \"-9h\", \"ended\": "
                "\"-2h\"}]}]}");
    probe_fetch(&bench.settings, &scope, &probe, &bench.trace);
    ck_assert_msg(probe.fault.kind == FAULT_NONE, "%s", probe.fault.text);
    for (int i = 0; i < COUNT(read_by_a_probe); i++) {
        ck_assert_msg(set_find(&names, hash_text_nocase(read_by_a_probe[i])) != NULL,
                      "%s was not read", read_by_a_probe[i]);
    }
    probe_free(&probe);
    bench_stop();
}
END_TEST

START_TEST(members_of_task_sessions_are_kept)
{
    for (int i = 0; i < SESSION_MEMBERS; i++) {
        ck_assert_msg(kind_of(task_session_members[i].name) != VOCABULARY_UNKNOWN, "%s",
                      task_session_members[i].name);
    }
}
END_TEST

/* Else a replayed file has other States and Results than EM had. */
START_TEST(words_of_task_sessions_are_kept)
{
    static const char *const words[] = {"Completed", "InProgress", "Pending", "Success",
                                        "Warning",   "Failed",     "None"};
    for (int i = 0; i < COUNT(words); i++) {
        kind_of(words[i]);
        ck_assert(vocabulary_has_word(&vocabulary, words[i]));
        ck_assert(task_session_state(words[i]) != SESSION_OTHER ||
                  task_session_result(words[i]) != RESULT_OTHER);
    }
}
END_TEST

Suite *vocabulary_suite(void)
{
    Suite *suite = suite_create("vocabulary");
    TCase *tcase = tcase_create("members");
    tcase_add_test(tcase, a_probe_reads_what_is_kept);
    tcase_add_test(tcase, members_of_task_sessions_are_kept);
    tcase_add_test(tcase, words_of_task_sessions_are_kept);
    suite_add_tcase(suite, tcase);
    return suite;
}
