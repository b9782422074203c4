// SPDX-License-Identifier: GPL-3.0-or-later
/* Logon sessions that are kept between runs: their text, their directory, their age, their lock. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "em/logon_cache.h"
#include "unit/scratch.h"
#include "unit/suites.h"

#define TOKEN "ZGVjMGRlNWUtMTIzNA=="
#define ID "dec0de5e-1234"
#define FILE_NAME "monitor@em01.example.com_9398" // what `server` and "monitor" give
#define HASH "$5$rounds=1000$abcdefghijklmnop$G4NDkDkmuhgW35KXPF7GOcjHGdWvYbkj2lcrUXrAS01"

enum { PATH_SIZE = SCRATCH_SIZE + 100, NOBODY = 65534 };

static const struct em_logon logon = {.token = TOKEN, .id = ID};
static const struct em_server server = {.host = "EM01.example.com", .port = 9398};
static const utc_us minute = 60 * UTC_SECOND;

static const struct {
    const char *text;
    bool fine;
} texts[] = {
    {"{\"format\":1,\"password\":\"" HASH "\",\"token\":\"" TOKEN "\",\"session\":\"" ID "\"}",
     true},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\",\"session\":\"\"}", true},
    {"", false},
    {"\n", false},
    {"null", false},
    {"[]", false},
    {"{}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\",\"session\":\"", false}, // cut
    {"{\"format\":2,\"password\":\"\",\"token\":\"t\",\"session\":\"\"}", false},
    {"{\"format\":\"1\",\"password\":\"\",\"token\":\"t\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\\r\\nX-Evil: 1\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\" t\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\\u0000u\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":5,\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\",\"session\":\"../jobs\"}", false},
    {"{\"format\":1,\"password\":\"\",\"token\":\"t\",\"session\":null}", false},
    {"{\"format\":1,\"token\":\"t\",\"session\":\"\"}", false},
    {"{\"format\":1,\"password\":[],\"token\":\"t\",\"session\":\"\"}", false},
};

START_TEST(reads_what_it_writes_and_nothing_else)
{
    struct logon_cache_entry entry;
    struct fault fault = {.kind = FAULT_NONE};
    const char *text = texts[_i].text;
    const int result = logon_cache_parse(text, strlen(text), &entry, &fault);
    ck_assert_msg((result == 0) == texts[_i].fine, "%s: %d", text, result);
    if (result == 0) {
        char again[LOGON_CACHE_TEXT_SIZE];
        ck_assert(logon_cache_print(&entry, again));
        ck_assert_str_eq(again, text);
    } else {
        ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
        ck_assert_str_eq(entry.logon.token, "");
    }
}
END_TEST

START_TEST(the_longest_logon_has_room)
{
    char text[LOGON_CACHE_TEXT_SIZE];
    struct logon_cache_entry entry = {.password_hash = HASH};
    struct logon_cache_entry again;
    struct fault fault = {.kind = FAULT_NONE};
    memset(entry.logon.token, '"', LOGON_TOKEN_SIZE - 1); // takes two bytes in JSON
    memset(entry.logon.id, 'f', LOGON_ID_SIZE - 1);
    ck_assert(logon_cache_print(&entry, text));
    ck_assert_int_eq(logon_cache_parse(text, strlen(text), &again, &fault), 0);
    ck_assert_str_eq(again.logon.token, entry.logon.token);
    ck_assert_str_eq(again.logon.id, entry.logon.id);
}
END_TEST

/* ---- a directory of its own for each test ---- */

static char base[SCRATCH_SIZE]; // it is removed with all that is in it
static char folder[SCRATCH_SIZE + 8];

static const char *path_of(const char *name)
{
    static char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *path_of_session(void)
{
    return path_of(FILE_NAME ".session");
}

static void make_folder(void)
{
    scratch_make_folder(base, "cache");
    snprintf(folder, sizeof folder, "%s/cache", base);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
}

static void remove_folder(void)
{
    scratch_remove_folder(base);
}

static struct logon_cache *open_cache(void)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *cache = logon_cache_open(folder, &server, "monitor", &fault);
    ck_assert_msg(cache != NULL, "%s", fault.text);
    return cache;
}

static void write_logon(struct logon_cache *cache)
{
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(logon_cache_lock(cache, clock_monotonic_ms() + 1000, -1, &fault), 0);
    ck_assert_msg(logon_cache_write(cache, "geheim", &logon, &fault) == 0, "%s", fault.text);
    logon_cache_unlock(cache);
}

/* cache_read by a run of its own. */
static int read_logon(const char *password, utc_us now, struct fault *fault)
{
    struct em_logon found = {.token = ""};
    struct logon_cache *cache = open_cache();
    const int result = logon_cache_read(cache, password, now, &found, fault);
    if (result == 1) {
        ck_assert_str_eq(found.token, TOKEN);
        ck_assert_str_eq(found.id, ID);
    }
    logon_cache_close(cache);
    return result;
}

static void keep(utc_us used)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *cache = open_cache();
    write_logon(cache);
    ck_assert_int_eq(logon_cache_touch(cache, used, &fault), 0);
    logon_cache_close(cache);
}

START_TEST(is_used_until_14_minutes_after_its_last_use)
{
    static const struct {
        utc_us used, now; // in minutes
        int found;
    } ages[] = {{0, 0, 1}, {0, 13, 1}, {0, 14, 0}, {0, 15, 0}, {1, 14, 1}, {1, 0, 0}};
    const utc_us start = clock_utc();
    for (int i = 0; i < COUNT(ages); i++) {
        struct fault fault = {.kind = FAULT_NONE};
        keep(start + ages[i].used * minute);
        ck_assert_msg(read_logon("geheim", start + ages[i].now * minute, &fault) == ages[i].found,
                      "row %d", i);
        ck_assert_int_eq(fault.kind, FAULT_NONE);
    }
}
END_TEST

/* Another run may have used it after this one had asked what time it is. */
START_TEST(may_be_used_a_moment_ahead)
{
    struct fault fault = {.kind = FAULT_NONE};
    const utc_us now = clock_utc();
    keep(now + UTC_SECOND);
    ck_assert_int_eq(read_logon("geheim", now, &fault), 1);
    keep(now + 31 * UTC_SECOND);
    ck_assert_int_eq(read_logon("geheim", now, &fault), 0);
}
END_TEST

START_TEST(is_that_of_one_password)
{
    struct fault fault = {.kind = FAULT_NONE};
    const utc_us now = clock_utc();
    ck_assert_int_eq(read_logon("geheim", now, &fault), 0);
    keep(now);
    ck_assert_int_eq(read_logon("geheim", now, &fault), 1);
    ck_assert_int_eq(read_logon("geheim2", now, &fault), 0);
    ck_assert_int_eq(fault.kind, FAULT_NONE);
}
END_TEST

START_TEST(is_a_file_that_no_one_else_can_read)
{
    struct stat status;
    umask(0);
    keep(clock_utc());
    ck_assert_int_eq(stat(path_of_session(), &status), 0);
    ck_assert_uint_eq(status.st_mode, S_IFREG | S_IRUSR | S_IWUSR);
    ck_assert_int_ne(access(path_of(FILE_NAME ".new"), F_OK), 0);
}
END_TEST

START_TEST(makes_the_directory_for_itself_alone)
{
    struct stat status;
    struct fault fault = {.kind = FAULT_NONE};
    umask(0);
    struct logon_cache *cache = logon_cache_open(path_of("new//"), &server, "monitor", &fault);
    ck_assert_msg(cache != NULL, "%s", fault.text);
    write_logon(cache);
    logon_cache_close(cache);
    ck_assert_int_eq(stat(path_of("new"), &status), 0);
    ck_assert_uint_eq(status.st_mode, S_IFDIR | S_IRWXU);
    ck_assert_ptr_null(logon_cache_open(path_of("no/where"), &server, "monitor", &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "can't be opened"));
}
END_TEST

static const struct {
    struct em_server server;
    const char *username;
    const char *name;
} names[] = {
    {{.host = "em01", .port = 9398}, "monitor", "monitor@em01_9398"},
    {{.host = "EM01", .port = 9398}, "Monitor", "Monitor@em01_9398"},
    {{.host = "em01", .port = 443}, "monitor", "monitor@em01_443"},
    {{.host = "em01", .port = 9398, .plain = true}, "monitor", "monitor@em01_9398_plain"},
    {{.host = "em01", .port = 9398, .connect_to = "[::1]:5"}, "m", "m@em01_9398@%5B%3A%3A1%5D%3A5"},
    {{.host = "fe80::1%eth0", .port = 1}, "DOM\\m", "DOM%5Cm@fe80%3A%3A1%25eth0_1"},
    {{.host = "em01", .port = 1}, "../../etc/m@x", "..%2F..%2Fetc%2Fm%40x@em01_1"},
    {{.host = "em01", .port = 1}, "\xc3\xa4\n", "%C3%A4%0A@em01_1"},
};

START_TEST(has_a_file_for_each_server_and_user)
{
    char name[80];
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *cache =
        logon_cache_open(folder, &names[_i].server, names[_i].username, &fault);
    ck_assert_msg(cache != NULL, "%s", fault.text);
    write_logon(cache);
    logon_cache_close(cache);
    snprintf(name, sizeof name, "%s.session", names[_i].name);
    ck_assert_msg(access(path_of(name), F_OK) == 0, "there is no %s", path_of(name));
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
    char username[300] = "";
    struct fault fault = {.kind = FAULT_NONE};
    memset(username, 'u', sizeof username - 1);
    ck_assert_ptr_null(logon_cache_open(folder, &server, username, &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "too long"));
}
END_TEST

/* ---- directories and files that are not to be trusted ---- */

static void open_to_group(void)
{
    ck_assert_int_eq(chmod(folder, 0770), 0);
}

static void open_to_all(void)
{
    ck_assert_int_eq(chmod(folder, 01777), 0);
}

static void owned_by_another(void)
{
    ck_assert_int_eq(chown(folder, NOBODY, NOBODY), 0);
}

static void a_link(void)
{
    char target[PATH_SIZE];
    snprintf(target, sizeof target, "%s/real", base);
    ck_assert_int_eq(rename(folder, target), 0);
    ck_assert_int_eq(symlink(target, folder), 0);
}

static void a_file(void)
{
    ck_assert_int_eq(rmdir(folder), 0);
    const int file = open(folder, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    close(file);
}

static const struct {
    void (*make)(void);
    bool needs_root;
    const char *text;
} directories[] = {
    {open_to_group, false, "others can write to the directory"},
    {open_to_all, false, "others can write to the directory"},
    {owned_by_another, true, "another user's"},
    {a_link, false, "symbolic link"},
    {a_file, false, "not a directory"},
};

START_TEST(refuses_a_directory)
{
    struct fault fault = {.kind = FAULT_NONE};
    if (directories[_i].needs_root && geteuid() != 0) {
        puts("skipped: a directory of another user (only root can make one)");
        return;
    }
    directories[_i].make();
    ck_assert_ptr_null(logon_cache_open(folder, &server, "monitor", &fault));
    ck_assert_msg(strstr(fault.text, directories[_i].text) != NULL, "%s", fault.text);
    char slash[PATH_SIZE];
    snprintf(slash, sizeof slash, "%s/", folder);
    ck_assert_ptr_null(logon_cache_open(slash, &server, "monitor", &fault));
}
END_TEST

static void put_text(const char *text)
{
    FILE *file = fopen(path_of_session(), "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path_of_session(), 0600), 0);
}

static void put_rubbish(void)
{
    put_text("\x01\xff rubbish");
}

static void put_nothing(void)
{
    put_text("");
}

static void put_half(void)
{
    put_text("{\"format\":1,\"password\":\"$5$rounds=1000$abcd");
}

static void put_huge(void)
{
    put_text("{");
    ck_assert_int_eq(truncate(path_of_session(), INT64_C(1) << 40), 0);
}

static void put_link(void)
{
    char target[PATH_SIZE];
    keep(clock_utc());
    snprintf(target, sizeof target, "%s", path_of("elsewhere"));
    ck_assert_int_eq(rename(path_of_session(), target), 0);
    ck_assert_int_eq(symlink("elsewhere", path_of_session()), 0);
}

static void put_fifo(void)
{
    ck_assert_int_eq(mkfifo(path_of_session(), 0600), 0);
}

static void put_open(void)
{
    keep(clock_utc());
    ck_assert_int_eq(chmod(path_of_session(), 0640), 0);
}

static void put_of_another(void)
{
    keep(clock_utc());
    ck_assert_int_eq(chown(path_of_session(), NOBODY, NOBODY), 0);
}

static const struct {
    void (*put)(void);
    bool needs_root;
    const char *text;
} files[] = {
    {put_rubbish, false, "not a logon that this version keeps"},
    {put_nothing, false, "not a logon that this version keeps"},
    {put_half, false, "not a logon that this version keeps"},
    {put_huge, false, "too large"},
    {put_link, false, "symbolic link"},
    {put_fifo, false, "not a plain file"},
    {put_open, false, "others can read or write the file"},
    {put_of_another, true, "another user's"},
};

START_TEST(refuses_a_file_and_replaces_it)
{
    struct fault fault = {.kind = FAULT_NONE};
    if (files[_i].needs_root && geteuid() != 0) {
        puts("skipped: a file of another user (only root can make one)");
        return;
    }
    files[_i].put();
    ck_assert_int_eq(read_logon("geheim", clock_utc(), &fault), -1);
    ck_assert_msg(strstr(fault.text, files[_i].text) != NULL, "%s", fault.text);
    keep(clock_utc());
    ck_assert_int_eq(read_logon("geheim", clock_utc(), &fault), 1);
}
END_TEST

START_TEST(what_cannot_be_replaced_is_a_fault)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *cache = open_cache();
    ck_assert_int_eq(mkdir(path_of_session(), 0700), 0);
    ck_assert_int_eq(logon_cache_lock(cache, clock_monotonic_ms() + 1000, -1, &fault), 0);
    ck_assert_int_eq(logon_cache_write(cache, "geheim", &logon, &fault), -1);
    ck_assert_msg(strstr(fault.text, "can't be replaced") != NULL, "%s", fault.text);
    ck_assert_int_ne(access(path_of(FILE_NAME ".new"), F_OK), 0);
    logon_cache_close(cache);
}
END_TEST

/* A run that was killed between the two steps has left its file. */
START_TEST(what_a_killed_run_left_is_written_over)
{
    struct stat status;
    ck_assert_int_eq(symlink("elsewhere", path_of(FILE_NAME ".new")), 0);
    keep(clock_utc());
    ck_assert_int_eq(lstat(path_of_session(), &status), 0);
    ck_assert(S_ISREG(status.st_mode));
    ck_assert_int_ne(access(path_of("elsewhere"), F_OK), 0);
}
END_TEST

START_TEST(another_run_waits_for_the_lock)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *one = open_cache();
    struct logon_cache *two = open_cache();
    ck_assert_int_eq(logon_cache_lock(one, clock_monotonic_ms() + 1000, -1, &fault), 0);
    const int64_t start = clock_monotonic_ms();
    ck_assert_int_eq(logon_cache_lock(two, start + 50, -1, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_TIMEOUT);
    ck_assert_int_ge(clock_monotonic_ms() - start, 50);
    logon_cache_unlock(one);
    ck_assert_int_eq(logon_cache_lock(two, clock_monotonic_ms() + 1000, -1, &fault), 0);
    // A run that ends lets go of it.
    logon_cache_close(two);
    ck_assert_int_eq(logon_cache_lock(one, clock_monotonic_ms() + 1000, -1, &fault), 0);
    logon_cache_close(one);
}
END_TEST

START_TEST(a_run_that_is_to_stop_does_not_wait)
{
    struct fault fault = {.kind = FAULT_NONE};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "!", 1), 1);
    struct logon_cache *one = open_cache();
    struct logon_cache *two = open_cache();
    ck_assert_int_eq(logon_cache_lock(one, clock_monotonic_ms() + 1000, ends[0], &fault), 0);
    ck_assert_int_eq(logon_cache_lock(two, clock_monotonic_ms() + 60000, ends[0], &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_TERMINATED);
    logon_cache_close(two);
    logon_cache_close(one);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_lock_that_is_no_plain_file_is_refused)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct logon_cache *cache = open_cache();
    ck_assert_int_eq(mkfifo(path_of(FILE_NAME ".lock"), 0600), 0);
    ck_assert_int_eq(logon_cache_lock(cache, clock_monotonic_ms() + 1000, -1, &fault), -1);
    ck_assert_msg(strstr(fault.text, "not a plain file") != NULL, "%s", fault.text);
    ck_assert_int_eq(unlink(path_of(FILE_NAME ".lock")), 0);
    ck_assert_int_eq(symlink("/etc/passwd", path_of(FILE_NAME ".lock")), 0);
    ck_assert_int_eq(logon_cache_lock(cache, clock_monotonic_ms() + 1000, -1, &fault), -1);
    ck_assert_msg(strstr(fault.text, "symbolic link") != NULL, "%s", fault.text);
    logon_cache_close(cache);
}
END_TEST

/* The time of use is that of the logon that was used, not of one that has replaced it since. */
START_TEST(a_late_touch_does_not_freshen_another_logon)
{
    struct em_logon found;
    struct fault fault = {.kind = FAULT_NONE};
    const utc_us now = clock_utc();
    keep(now);
    struct logon_cache *late = open_cache();
    ck_assert_int_eq(logon_cache_read(late, "geheim", now, &found, &fault), 1);
    keep(now - 20 * minute);
    ck_assert_int_eq(logon_cache_touch(late, now, &fault), 0);
    logon_cache_close(late);
    ck_assert_int_eq(read_logon("geheim", now, &fault), 0);
}
END_TEST

Suite *logon_cache_suite(void)
{
    Suite *suite = suite_create("logon_cache");
    TCase *kept = tcase_create("text");
    tcase_add_loop_test(kept, reads_what_it_writes_and_nothing_else, 0, COUNT(texts));
    tcase_add_test(kept, the_longest_logon_has_room);
    suite_add_tcase(suite, kept);

    TCase *cases = tcase_create("directory");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_test(cases, is_used_until_14_minutes_after_its_last_use);
    tcase_add_test(cases, may_be_used_a_moment_ahead);
    tcase_add_test(cases, is_that_of_one_password);
    tcase_add_test(cases, is_a_file_that_no_one_else_can_read);
    tcase_add_test(cases, makes_the_directory_for_itself_alone);
    tcase_add_loop_test(cases, has_a_file_for_each_server_and_user, 0, COUNT(names));
    tcase_add_test(cases, a_name_that_is_too_long_is_refused);
    tcase_add_loop_test(cases, refuses_a_directory, 0, COUNT(directories));
    tcase_add_loop_test(cases, refuses_a_file_and_replaces_it, 0, COUNT(files));
    tcase_add_test(cases, what_cannot_be_replaced_is_a_fault);
    tcase_add_test(cases, what_a_killed_run_left_is_written_over);
    tcase_add_test(cases, another_run_waits_for_the_lock);
    tcase_add_test(cases, a_run_that_is_to_stop_does_not_wait);
    tcase_add_test(cases, a_lock_that_is_no_plain_file_is_refused);
    tcase_add_test(cases, a_late_touch_does_not_freshen_another_logon);
    suite_add_tcase(suite, cases);
    return suite;
}
