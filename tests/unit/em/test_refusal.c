// SPDX-License-Identifier: GPL-3.0-or-later
/* Passwords that EM has refused: the file's text, how long it counts, for whom, and when it does
 * not. */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "em/refusal.h"
#include "unit/scratch.h"
#include "unit/suites.h"

#define PASSWORD "Tr0ub4dor-is-wrong"
#define SAID "EM answers 401 to POST /api/sessionMngr/: Unauthorized"
#define HASH "$6$rounds=1000$abcdefghijklmnop$G4NDkDkmuhgW35KXPF7GOcjHGdWvYbkj2lcrUXrAS01"

enum { PATH_SIZE = SCRATCH_SIZE + 100, NOBODY = 65534 };

static const utc_us minute = 60 * UTC_SECOND;

/* ---- its text ---- */

static const struct {
    const char *text;
    bool fine;
} texts[] = {
    {"refused 1 1700000000000000 " HASH " " SAID "\n", true},
    {"refused 1 1 h s\n", true},
    {"refused 1 1 h s", false}, // cut
    {"refused 1 1 h s\nrefused 1 2 i t u\n", true},
    {"refused 1 1 h s\nrefused 1 1 h s\nrefused 1 1 h s\nrefused 1 1 h s\n", true},
    {"refused 1 1 h s\nrefused 1 1 h s\nrefused 1 1 h s\nrefused 1 1 h s\nrefused 1 1 h s\n",
     false}, // this version writes four
    {"refused 1 1 h s\nrefused 1 2 i", false},
    {"refused 1 1 h s\nrefused 1 2 i a|b\n", false},
    {"refused 1 1 h s\n\n", false},
    {"refused 1 1 h s\nmore\n", false},
    {"refused 1 1 h \n", false},
    {"refused 1 1 h\n", false},
    {"refused 1 1  s\n", false},
    {"refused 1 0 h s\n", false},
    {"refused 1 -5 h s\n", false},
    {"refused 1 -99999999999999999999 h s\n", false},
    {"refused 1 soon h s\n", false},
    {"refused 1 1h s\n", false},
    {"refused 2 1 h s\n", false},
    {"refused 1 1 h a|b\n", false},
    {"refused 1 1 h \x1b[31mred\n", false},
    {"refused 1 1 h \xff\n", false},
    {"refused 1 1 " HASH HASH " s\n", false},
    {"{\"format\":1}\n", false},
    {"\n", false},
    {"", false},
};

/* As the file has them. */
static void print(char text[REFUSALS_TEXT_SIZE], const struct refusals *refusals)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < refusals->count; i++) {
        const struct refusal *refusal = &refusals->items[i];
        length += (size_t)snprintf(text + length, REFUSALS_TEXT_SIZE - length,
                                   "refused 1 %" PRId64 " %s %s\n", refusal->at,
                                   refusal->password_hash, refusal->said);
    }
}

START_TEST(reads_what_is_a_note_and_nothing_else)
{
    static const char with_nul[] = "refused 1 1 h s\n\0more";
    char again[REFUSALS_TEXT_SIZE];
    struct refusals refusals;
    const char *text = texts[_i].text;
    ck_assert_msg(refusal_parse(text, strlen(text), &refusals) == texts[_i].fine, "%s", text);
    print(again, &refusals);
    ck_assert_str_eq(again, texts[_i].fine ? text : "");
    ck_assert(!refusal_parse(with_nul, sizeof with_nul - 1, &refusals));
}
END_TEST

/* ---- a directory of its own for each test ---- */

static char folder[SCRATCH_SIZE];
static struct em_server server;
static struct refusal_key key;

static void make_folder(void)
{
    scratch_make_folder(folder, "refusal");
    server = (struct em_server){.host = "EM01.example.com", .port = 9398};
    key = (struct refusal_key){.directory = folder,
                               .server = &server,
                               .username = "monitor",
                               .password = PASSWORD,
                               .deadline_ms = INT64_MAX,
                               .stop_descriptor = -1};
}

static void remove_folder(void)
{
    scratch_remove_folder(folder);
}

static const char *path_of(const char *suffix)
{
    static char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/monitor@em01.example.com_9398%s", folder, suffix);
    return path;
}

static void note(const char *said)
{
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_msg(refusal_note(&key, said, &fault) == 0, "%s", fault.text);
}

static bool holds(void)
{
    struct fault fault = {.kind = FAULT_NONE};
    const bool held = refusal_holds(&key, &fault);
    ck_assert_int_eq(fault.kind, held ? FAULT_LOGON : FAULT_NONE);
    return held;
}

static void put_text(const char *text)
{
    FILE *file = fopen(path_of(".refused"), "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path_of(".refused"), 0600), 0);
}

/* The first note says another time, as far from now. */
static void set_time(utc_us since_now)
{
    char text[REFUSALS_TEXT_SIZE] = "";
    struct refusals refusals;
    FILE *file = fopen(path_of(".refused"), "re");
    ck_assert_ptr_nonnull(file);
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    ck_assert(refusal_parse(text, length, &refusals));
    refusals.items[0].at = clock_utc() + since_now;
    print(text, &refusals);
    put_text(text);
}

START_TEST(holds_that_password_and_no_other)
{
    ck_assert(!holds());
    note(SAID);
    ck_assert(holds());
    key.password = "Tr0ub4dor-is-another";
    ck_assert(!holds());
    key.password = "";
    ck_assert(!holds());
}
END_TEST

START_TEST(is_of_one_user_server_and_directory)
{
    note(SAID);
    struct em_server others[] = {server, server, server, server};
    others[0].host = "em02.example.com";
    others[1].port = 443;
    others[2].plain = true;
    others[3].connect_to = "192.0.2.1";
    for (int i = 0; i < COUNT(others); i++) {
        key.server = &others[i];
        ck_assert_msg(!holds(), "server %d", i);
    }
    key.server = &server;
    key.username = "Monitor";
    ck_assert(!holds());
    key.username = "monitor";
    key.directory = NULL;
    ck_assert(!holds());
    note(SAID); // nowhere
    refusal_lift(&key);
    key.directory = folder;
    ck_assert(holds());
}
END_TEST

START_TEST(holds_for_ten_minutes)
{
    static const struct {
        utc_us since_now;
        bool held;
    } times[] = {{0, true},      {-590, true},  {-600, false},
                 {-3600, false}, {3, true}, // between two reads of a clock
                 {60, false},    {86400, false}};
    note(SAID);
    for (int i = 0; i < COUNT(times); i++) {
        set_time(times[i].since_now * UTC_SECOND);
        ck_assert_msg(holds() == times[i].held, "row %d", i);
    }
    note(SAID);
    ck_assert(holds());
}
END_TEST

START_TEST(says_what_em_said_how_long_ago_and_what_is_next)
{
    struct fault fault = {.kind = FAULT_NONE};
    char file[PATH_SIZE + 32];
    snprintf(file, sizeof file, ", or until %s is removed; ", path_of(".refused"));
    note(SAID "|\n\x1b");
    set_time(-4 * minute);
    ck_assert(refusal_holds(&key, &fault));
    ck_assert_ptr_eq(strstr(fault.text, SAID), fault.text);
    ck_assert_ptr_nonnull(strstr(fault.text,
                                 "; that was 4m ago; so that the account is not locked, "
                                 "this password is not tried again for another 5m"));
    ck_assert_ptr_nonnull(strstr(fault.text, file));
    ck_assert_ptr_nonnull(strstr(fault.text, "; a different one is tried at once"));
}
END_TEST

START_TEST(a_long_fault_leaves_room_for_what_is_next)
{
    char said[FAULT_TEXT_SIZE];
    struct fault fault = {.kind = FAULT_NONE};
    memset(said, 'x', sizeof said - 1);
    said[sizeof said - 1] = '\0';
    note(said);
    ck_assert(refusal_holds(&key, &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "; a different one is tried at once"));
    ck_assert_uint_lt(strlen(fault.text), FAULT_TEXT_SIZE - 50); // for the age of a snapshot
}
END_TEST

START_TEST(a_clock_that_is_a_little_behind_makes_the_rest_no_longer)
{
    struct fault fault = {.kind = FAULT_NONE};
    note(SAID);
    set_time(4 * UTC_SECOND);
    ck_assert(refusal_holds(&key, &fault));
    ck_assert_msg(strstr(fault.text, "; that was 0s ago; ") != NULL &&
                      strstr(fault.text, "not tried again for another 10m, or until ") != NULL,
                  "%s", fault.text);
}
END_TEST

START_TEST(a_long_name_of_its_file_is_left_out)
{
    static char long_name[SCRATCH_SIZE + 300];
    struct fault fault = {.kind = FAULT_NONE};
    char *end = stpcpy(long_name, folder);
    for (int i = 0; i < 100; i++) {
        end = stpcpy(end, "/.");
    }
    key.directory = long_name;
    note(SAID);
    ck_assert(refusal_holds(&key, &fault));
    ck_assert_ptr_eq(strstr(fault.text, SAID), fault.text);
    ck_assert_ptr_nonnull(strstr(fault.text, ", or until its note is removed; "));
}
END_TEST

START_TEST(is_lifted_by_the_password_it_is_of)
{
    note(SAID);
    key.password = "Tr0ub4dor-is-another";
    refusal_lift(&key);
    key.password = PASSWORD;
    ck_assert(holds());
    refusal_lift(&key);
    ck_assert_int_ne(access(path_of(".refused"), F_OK), 0);
    // What does not count any more is nobody's.
    note(SAID);
    set_time(-11 * minute);
    key.password = "Tr0ub4dor-is-another";
    refusal_lift(&key);
    ck_assert_int_ne(access(path_of(".refused"), F_OK), 0);
    refusal_lift(&key);
}
END_TEST

START_TEST(holds_the_newest_four_passwords)
{
    static const char *const passwords[] = {"one", "two", "three", "four", "five"};
    for (int i = 0; i < COUNT(passwords); i++) {
        key.password = passwords[i];
        ck_assert(!holds());
        note(SAID);
    }
    for (int i = 0; i < COUNT(passwords); i++) {
        key.password = passwords[i];
        ck_assert_msg(holds() == (i > 0), "%s", passwords[i]);
    }
    note(SAID); // another run had sent it at the same moment
    for (int i = 0; i < COUNT(passwords); i++) {
        key.password = passwords[i];
        ck_assert_msg(holds() == (i > 0), "%s", passwords[i]);
    }
    // One is accepted, one is old by now: the others still hold.
    key.password = "three";
    refusal_lift(&key);
    ck_assert(!holds());
    set_time(-10 * minute);
    key.password = "two";
    ck_assert(!holds());
    key.password = "four";
    ck_assert(holds());
    key.password = "five";
    ck_assert(holds());
}
END_TEST

/* Returns 1 if a note of that password is lost; for a process of its own. */
static int note_and_lift(const char *password, int times)
{
    struct fault fault = {.kind = FAULT_NONE};
    key.password = password;
    for (int i = 0; i < times; i++) {
        refusal_lift(&key);
        if (refusal_note(&key, SAID, &fault) < 0 || !refusal_holds(&key, &fault)) {
            printf("%s, %d: %s\n", password, i, fault.text);
            return 1;
        }
    }
    return 0;
}

START_TEST(runs_at_once_lose_no_note)
{
    static const char *const passwords[REFUSALS] = {"one", "two", "three", "four"};
    pid_t children[REFUSALS];
    for (int i = 0; i < REFUSALS; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            _exit(note_and_lift(passwords[i], 8));
        }
    }
    for (int i = 0; i < REFUSALS; i++) {
        int status = -1;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_msg(status == 0, "%s", passwords[i]);
    }
    for (int i = 0; i < REFUSALS; i++) {
        key.password = passwords[i];
        ck_assert_msg(holds(), "%s", passwords[i]);
    }
    ck_assert_int_ne(access(path_of(".refused-new"), F_OK), 0);
}
END_TEST

START_TEST(does_not_wait_beyond_its_deadline)
{
    struct fault fault = {.kind = FAULT_NONE};
    note(SAID);
    const int lock = open(path_of(".refused-lock"), O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(lock, 0);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    key.deadline_ms = clock_monotonic_ms();
    refusal_lift(&key);
    ck_assert(holds());
    key.password = "Tr0ub4dor-is-another";
    ck_assert_int_eq(refusal_note(&key, SAID, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "another run has held its lock for too long"));
    ck_assert(!holds());
    close(lock);
    note(SAID);
    ck_assert(holds());
}
END_TEST

/* A run that has nothing to lift, as nearly all, neither makes the lock nor waits for it. */
START_TEST(without_a_note_there_is_no_lock)
{
    refusal_lift(&key);
    ck_assert(!holds());
    ck_assert_int_ne(access(path_of(".refused-lock"), F_OK), 0);
}
END_TEST

START_TEST(is_a_file_that_no_one_else_can_read_without_the_password)
{
    char text[REFUSALS_TEXT_SIZE] = "";
    struct stat status;
    umask(0);
    ck_assert_int_eq(symlink("elsewhere", path_of(".refused-new")), 0); // a killed run's
    note(SAID);
    ck_assert_int_eq(lstat(path_of(".refused"), &status), 0);
    ck_assert_uint_eq(status.st_mode, S_IFREG | S_IRUSR | S_IWUSR);
    FILE *file = fopen(path_of(".refused"), "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, file), 0);
    fclose(file);
    ck_assert_ptr_null(strstr(text, PASSWORD));
    ck_assert_int_ne(access(path_of(".refused-new"), F_OK), 0);
}
END_TEST

/* ---- files that are not to be trusted ---- */

static void put_half(void)
{
    ck_assert_int_eq(truncate(path_of(".refused"), 60), 0);
}

static void put_nothing(void)
{
    ck_assert_int_eq(truncate(path_of(".refused"), 0), 0);
}

static void put_huge(void)
{
    ck_assert_int_eq(truncate(path_of(".refused"), INT64_C(1) << 40), 0);
}

static void put_link(void)
{
    char target[PATH_SIZE];
    snprintf(target, sizeof target, "%s", path_of(".elsewhere"));
    ck_assert_int_eq(rename(path_of(".refused"), target), 0);
    ck_assert_int_eq(symlink(target, path_of(".refused")), 0);
}

static void put_fifo(void)
{
    ck_assert_int_eq(unlink(path_of(".refused")), 0);
    ck_assert_int_eq(mkfifo(path_of(".refused"), 0600), 0);
}

static void open_to_others(void)
{
    ck_assert_int_eq(chmod(path_of(".refused"), 0604), 0);
}

static void open_to_group(void)
{
    ck_assert_int_eq(chmod(path_of(".refused"), 0620), 0);
}

static void give_away(void)
{
    ck_assert_int_eq(chown(path_of(".refused"), NOBODY, NOBODY), 0);
}

static const struct {
    void (*spoil)(void);
    bool needs_root;
} spoilt[] = {
    {put_half, false}, {put_nothing, false},    {put_huge, false},      {put_link, false},
    {put_fifo, false}, {open_to_others, false}, {open_to_group, false}, {give_away, true},
};

START_TEST(does_not_count_if_it_is_not_to_be_trusted_and_is_replaced)
{
    if (spoilt[_i].needs_root && geteuid() != 0) {
        puts("skipped: a file of another user (only root can make one)");
        return;
    }
    note(SAID);
    spoilt[_i].spoil();
    ck_assert(!holds());
    note(SAID);
    ck_assert(holds());
}
END_TEST

START_TEST(a_directory_that_others_can_write_to_is_of_no_use)
{
    struct fault fault = {.kind = FAULT_NONE};
    note(SAID);
    ck_assert_int_eq(chmod(folder, 0770), 0);
    ck_assert(!holds());
    ck_assert_int_eq(refusal_note(&key, SAID, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "others can write to the directory"));
    refusal_lift(&key);
    ck_assert_int_eq(access(path_of(".refused"), F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_noted_is_a_fault)
{
    static char long_password[3000];
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(mkdir(path_of(".refused"), 0700), 0);
    ck_assert_int_eq(refusal_note(&key, SAID, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "can't be replaced"));
    ck_assert_int_ne(access(path_of(".refused-new"), F_OK), 0);
    ck_assert(!holds());
    refusal_lift(&key);
    ck_assert_int_eq(rmdir(path_of(".refused")), 0);
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    key.password = long_password;
    ck_assert(refusal_note(&key, SAID, &fault) == 0 || strstr(fault.text, "can't be hashed"));
}
END_TEST

Suite *refusal_suite(void)
{
    Suite *suite = suite_create("refusal");
    TCase *text = tcase_create("text");
    tcase_add_loop_test(text, reads_what_is_a_note_and_nothing_else, 0, COUNT(texts));
    suite_add_tcase(suite, text);

    TCase *cases = tcase_create("directory");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_test(cases, holds_that_password_and_no_other);
    tcase_add_test(cases, is_of_one_user_server_and_directory);
    tcase_add_test(cases, holds_for_ten_minutes);
    tcase_add_test(cases, says_what_em_said_how_long_ago_and_what_is_next);
    tcase_add_test(cases, a_long_fault_leaves_room_for_what_is_next);
    tcase_add_test(cases, a_clock_that_is_a_little_behind_makes_the_rest_no_longer);
    tcase_add_test(cases, a_long_name_of_its_file_is_left_out);
    tcase_add_test(cases, is_lifted_by_the_password_it_is_of);
    tcase_add_test(cases, holds_the_newest_four_passwords);
    tcase_add_test(cases, does_not_wait_beyond_its_deadline);
    tcase_add_test(cases, without_a_note_there_is_no_lock);
    tcase_add_test(cases, is_a_file_that_no_one_else_can_read_without_the_password);
    tcase_add_loop_test(cases, does_not_count_if_it_is_not_to_be_trusted_and_is_replaced, 0,
                        COUNT(spoilt));
    tcase_add_test(cases, a_directory_that_others_can_write_to_is_of_no_use);
    tcase_add_test(cases, what_cannot_be_noted_is_a_fault);
    suite_add_tcase(suite, cases);

    TCase *bulk = tcase_create("at_once");
    tcase_set_tags(bulk, "bulk");
    tcase_add_checked_fixture(bulk, make_folder, remove_folder);
    tcase_add_test(bulk, runs_at_once_lose_no_note);
    suite_add_tcase(suite, bulk);
    return suite;
}
