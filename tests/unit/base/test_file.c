// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit/scratch.h"
#include "unit/suites.h"

static const char secret[] = "S3cret-S3cret-S3cret";
static char folder[SCRATCH_SIZE];
static char path[SCRATCH_SIZE + 8];

static void make_folder(void)
{
    scratch_template(folder, "test_base");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
}

static void remove_folder(void)
{
    char other[sizeof path];
    snprintf(other, sizeof other, "%s/link", folder);
    unlink(other);
    if (unlink(path) < 0) {
        rmdir(path);
    }
    rmdir(folder);
}

static void write_file(const char *text, size_t length, mode_t mode)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

/* Makes the file standard input while `read` runs. */
static int with_standard_input(int (*read)(const char *, struct buf *, struct fault *),
                               struct buf *buf, struct fault *fault)
{
    const int kept = dup(STDIN_FILENO);
    const int file = open(path, O_RDONLY);
    ck_assert_int_ge(file, 0);
    ck_assert_int_ge(dup2(file, STDIN_FILENO), 0);
    const int result = read("-", buf, fault);
    if (kept >= 0) {
        dup2(kept, STDIN_FILENO);
        close(kept);
    } else {
        close(STDIN_FILENO);
    }
    close(file);
    return result;
}

START_TEST(reads_a_file)
{
    static const char text[] = "one\ntwo\0three\r\n";
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    write_file(text, sizeof text - 1, 0644);
    buf_init(&buf, sizeof text - 1);
    ck_assert_int_eq(file_read(path, &buf, &fault), 0);
    ck_assert_uint_eq(buf.length, sizeof text - 1);
    ck_assert_mem_eq(buf.text, text, sizeof text - 1);
    buf_free(&buf);
    ck_assert_int_eq(with_standard_input(file_read, &buf, &fault), 0);
    ck_assert_mem_eq(buf.text, text, sizeof text - 1);
}
END_TEST

START_TEST(reads_a_large_file)
{
    enum { LARGE = 100000 };
    char *text = malloc(LARGE);
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    memset(text, 'x', LARGE);
    write_file(text, LARGE, 0644);
    free(text);
    buf_init(&buf, LARGE);
    ck_assert_int_eq(file_read(path, &buf, &fault), 0);
    ck_assert_uint_eq(buf.length, LARGE);
    buf_free(&buf);
    buf_init(&buf, LARGE - 1);
    ck_assert_int_eq(file_read(path, &buf, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_ptr_nonnull(strstr(fault.text, path));
}
END_TEST

START_TEST(reads_an_empty_file)
{
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    write_file("", 0, 0600);
    buf_init(&buf, 10);
    ck_assert_int_eq(file_read(path, &buf, &fault), 0);
    ck_assert_int_eq(file_read_secret(path, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), "");
}
END_TEST

static void check_refused(int (*read)(const char *, struct buf *, struct fault *), const char *name)
{
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    buf_init(&buf, 100);
    ck_assert_int_eq(read(name, &buf, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_ptr_nonnull(strstr(fault.text, name));
    ck_assert_str_eq(buf_string(&buf), "");
}

START_TEST(what_cannot_be_read_is_named)
{
    check_refused(file_read, path);
    check_refused(file_read_secret, path);
    check_refused(file_read, folder);
    check_refused(file_read_secret, folder);
    check_refused(file_read, "");
    check_refused(file_read_secret, "/dev/zero");
}
END_TEST

static const struct {
    mode_t mode;
    bool refused;
} modes[] = {
    {0400, false}, {0600, false}, {0700, false}, {0640, true}, {0604, true}, {0644, true},
    {0660, true},  {0666, true},  {0620, true},  {0602, true}, {0622, true}, {0711, false},
};

START_TEST(secrets_are_their_owners)
{
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    buf_init(&buf, 100);
    write_file(secret, strlen(secret), modes[_i].mode);
    if (modes[_i].refused) {
        check_refused(file_read_secret, path);
        return;
    }
    ck_assert_int_eq(file_read_secret(path, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), secret);
}
END_TEST

START_TEST(a_linked_secret_is_refused)
{
    char other[sizeof path];
    write_file(secret, strlen(secret), 0600);
    snprintf(other, sizeof other, "%s/link", folder);
    ck_assert_int_eq(symlink(path, other), 0);
    check_refused(file_read_secret, other);
}
END_TEST

/* Nobody writes to it: an open that waits would wait for ever. */
START_TEST(a_fifo_is_refused_at_once)
{
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_refused(file_read_secret, path);
}
END_TEST

static const struct {
    const char *content;
    const char *line;
} first_lines[] = {
    {"secret", "secret"},
    {"secret\n", "secret"},
    {"secret\r\n", "secret"},
    {"secret\r", "secret"},
    {"secret\nsecond\n", "secret"},
    {"\nsecret\n", ""},
    {"\r\n", ""},
    {" secret with blanks \n", " secret with blanks "},
    {"p\xC3\xA4ss:|'\"\\w\n", "p\xC3\xA4ss:|'\"\\w"},
};

START_TEST(a_secret_is_the_first_line)
{
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    write_file(first_lines[_i].content, strlen(first_lines[_i].content), 0600);
    buf_init(&buf, 100);
    ck_assert_int_eq(file_read_secret(path, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), first_lines[_i].line);
    ck_assert_uint_eq(buf.length, strlen(first_lines[_i].line));
    buf_free(&buf);
    ck_assert_int_eq(with_standard_input(file_read_secret, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), first_lines[_i].line);
}
END_TEST

/* What stands behind the first line does not count, be it as long as it may. */
START_TEST(the_rest_of_a_secret_file_may_be_long)
{
    char content[9000];
    cleanup_buf struct buf buf;
    struct fault fault = {.kind = FAULT_NONE};
    memset(content, '#', sizeof content);
    memcpy(content, "secret\n", strlen("secret\n"));
    write_file(content, sizeof content, 0600);
    buf_init(&buf, 4096);
    const int result = file_read_secret(path, &buf, &fault);
    ck_assert_msg(result == 0, "%s", fault.text);
    ck_assert_str_eq(buf_string(&buf), "secret");
}
END_TEST

/* ---- writing ---- */

static int replace(const char *where, const char *text, struct fault *fault)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 1024);
    buf_text(&buf, text);
    return file_replace(where, &buf, fault);
}

/* Whether the folder has one file, or none. */
static bool has_only(const char *name)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, NULL, alphasort);
    ck_assert_int_ge(count, 2); // "." and ".." are first
    const bool fits =
        name == NULL ? count == 2 : count == 3 && strcmp(entries[2]->d_name, name) == 0;
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    return fits;
}

START_TEST(replaces_a_file_by_one_of_this_user_alone)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct stat status;
    cleanup_buf struct buf buf;
    ck_assert_int_eq(file_can_replace(path, &fault), 0);
    ck_assert(has_only(NULL));
    ck_assert_int_eq(replace(path, "first", &fault), 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(file_can_replace(path, &fault), 0);
    ck_assert_int_eq(replace(path, "second", &fault), 0);
    buf_init(&buf, 1024);
    ck_assert_int_eq(file_read(path, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), "second");
    ck_assert_int_eq(lstat(path, &status), 0);
    ck_assert_int_eq(status.st_mode, S_IFREG | S_IRUSR | S_IWUSR);
    ck_assert(has_only("file"));
}
END_TEST

/* A link may lead anywhere, a device must stay one. */
START_TEST(replaces_plain_files_alone)
{
    char link[sizeof path];
    snprintf(link, sizeof link, "%s/link", folder);
    ck_assert_int_eq(symlink("nowhere", link), 0);
    char pipe[sizeof path];
    snprintf(pipe, sizeof pipe, "%s/pipe", folder);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    char longest[300] = "";
    memset(longest, 'x', sizeof longest - 1);
    const struct {
        const char *path, *words;
    } others[] = {{link, "not a plain file; name another one"},
                  {folder, "not a plain file"},
                  {pipe, "not a plain file"},
                  {"/dev/null", "not a plain file"},
                  {"/nowhere/file", "No such file or directory; create its folder"},
                  {"/dev/null/file", "Not a directory; create its folder"},
                  {longest, "; give a shorter name"},
                  {"", "can't be written"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct fault fault = {.kind = FAULT_NONE};
        ck_assert_int_eq(replace(others[i].path, "text", &fault), -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_ptr_nonnull(strstr(fault.text, others[i].words));
        fault = (struct fault){.kind = FAULT_NONE};
        ck_assert_int_eq(file_can_replace(others[i].path, &fault), -1);
        ck_assert_ptr_nonnull(strstr(fault.text, others[i].words));
    }
    ck_assert_int_eq(unlink(pipe), 0);
    ck_assert(has_only("link"));
}
END_TEST

/* A text that does not get in: the file stays as it was, and nothing beside it. */
START_TEST(leaves_a_file_that_it_can_not_replace)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct rlimit limit;
    cleanup_buf struct buf buf;
    ck_assert_int_eq(replace(path, "first", &fault), 0);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit nothing = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &nothing), 0);
    const int result = replace(path, "second", &fault);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_DFL);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(fault.kind, FAULT_INTERNAL);
    ck_assert_ptr_nonnull(strstr(fault.text, "File too large; make room there"));
    buf_init(&buf, 1024);
    ck_assert_int_eq(file_read(path, &buf, &fault), 0);
    ck_assert_str_eq(buf_string(&buf), "first");
    ck_assert(has_only("file"));
}
END_TEST

Suite *file_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *cases = tcase_create("file");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_test(cases, reads_a_file);
    tcase_add_test(cases, reads_a_large_file);
    tcase_add_test(cases, reads_an_empty_file);
    tcase_add_test(cases, what_cannot_be_read_is_named);
    tcase_add_loop_test(cases, secrets_are_their_owners, 0, COUNT(modes));
    tcase_add_test(cases, a_linked_secret_is_refused);
    tcase_add_test(cases, a_fifo_is_refused_at_once);
    tcase_add_loop_test(cases, a_secret_is_the_first_line, 0, COUNT(first_lines));
    tcase_add_test(cases, the_rest_of_a_secret_file_may_be_long);
    tcase_add_test(cases, replaces_a_file_by_one_of_this_user_alone);
    tcase_add_test(cases, replaces_plain_files_alone);
    tcase_add_test(cases, leaves_a_file_that_it_can_not_replace);
    suite_add_tcase(suite, cases);
    return suite;
}
