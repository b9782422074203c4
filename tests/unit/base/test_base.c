// SPDX-License-Identifier: GPL-3.0-or-later
/* Growing texts, faults, lists of lines, files, hashes of passwords. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/password_hash.h"
#include "unit/scratch.h"
#include "unit/utf8.h"
#include "unit/suites.h"

/*
 * The linker sends every free() of the program here, to see whether a block that held a secret is
 * overwritten before it goes.
 */
void __real_free(void *block); // NOLINT(bugprone-reserved-identifier)
void __wrap_free(void *block); // NOLINT(bugprone-reserved-identifier)

static const char secret[] = "S3cret-S3cret-S3cret";
static const char *watched; // the text of the buf that holds the secret
static int blocks_freed;
static int blocks_with_secret;

void __wrap_free(void *block) // NOLINT(bugprone-reserved-identifier)
{
    if (block != NULL && block == watched) {
        blocks_freed++;
        blocks_with_secret += memcmp(watched, secret, strlen(secret)) == 0 ? 1 : 0;
        watched = NULL;
    }
    __real_free(block);
}

START_TEST(a_secret_is_wiped)
{
    struct buf buf;
    buf_init(&buf, 100000);
    buf_text(&buf, secret);
    watched = buf.text;
    buf_wipe(&buf);
    ck_assert_int_eq(blocks_freed, 1);
    ck_assert_int_eq(blocks_with_secret, 0);
    ck_assert_ptr_null(buf.text);
    ck_assert_uint_eq(buf.length, 0);
    ck_assert_str_eq(buf_string(&buf), "");
}
END_TEST

START_TEST(a_growing_secret_leaves_no_copy)
{
    struct buf buf;
    buf_init(&buf, 100000);
    buf_text(&buf, secret);
    for (int i = 0; i < 5000; i++) {
        watched = buf.text;
        buf_text(&buf, "x");
        watched = NULL;
    }
    ck_assert_int_gt(blocks_freed, 0);
    ck_assert_int_eq(blocks_with_secret, 0);
    ck_assert_int_eq(strncmp(buf_string(&buf), secret, strlen(secret)), 0);
    buf_wipe(&buf);
}
END_TEST

/* Room that is there already is not made again, and a secret is not left where it was. */
START_TEST(what_is_expected_is_not_copied)
{
    struct buf buf;
    buf_init(&buf, 5000);
    buf_text(&buf, secret);
    watched = buf.text;
    buf_expect(&buf, 4000);
    ck_assert_int_eq(blocks_freed, 1);
    ck_assert_int_eq(blocks_with_secret, 0);
    watched = NULL;
    ck_assert_str_eq(buf_string(&buf), secret);
    const char *before = buf.text;
    for (int i = 0; i < 4000; i++) {
        buf_text(&buf, "x");
    }
    ck_assert_ptr_eq(buf.text, before);
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_expect(&buf, SIZE_MAX); // no more than the limit allows
    ck_assert_uint_eq(buf.capacity, 5001);
    ck_assert_uint_eq(buf.length, strlen(secret) + 4000);
    buf_wipe(&buf);
    buf_expect(&buf, 10);
    ck_assert_str_eq(buf_string(&buf), "");
    buf_free(&buf);
}
END_TEST

static void forget_blocks(void)
{
    watched = NULL;
    blocks_freed = 0;
    blocks_with_secret = 0;
}

START_TEST(a_new_buf_is_empty)
{
    struct buf buf;
    buf_init(&buf, 10);
    ck_assert_str_eq(buf_string(&buf), "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    char *text = buf_take(&buf);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(appends)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 100);
    buf_text(&buf, "one");
    buf_add(&buf, ", two and", 5);
    buf_add(&buf, "", 0);
    buf_text(&buf, "");
    buf_format(&buf, ", %d%c", 3, '!');
    ck_assert_str_eq(buf_string(&buf), "one, two, 3!");
    ck_assert_uint_eq(buf.length, strlen("one, two, 3!"));
}
END_TEST

START_TEST(the_limit_is_a_length)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 5);
    buf_text(&buf, "12345");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    ck_assert_str_eq(buf_string(&buf), "12345");
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_text(&buf, "6");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    ck_assert_str_eq(buf_string(&buf), "12345");
}
END_TEST

START_TEST(a_limit_of_zero_takes_nothing)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 0);
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_text(&buf, "1");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
}
END_TEST

/* Once something was left out, what would still fit must not get in behind it. */
START_TEST(a_failure_stays)
{
    struct buf buf;
    buf_init(&buf, 5);
    buf_text(&buf, "123");
    buf_format(&buf, "%s", "456");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    buf_text(&buf, "4");
    buf_add(&buf, "4", 1);
    buf_format(&buf, "%d", 4);
    buf_text(&buf, "");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
    ck_assert_str_eq(buf_string(&buf), "123");
    ck_assert_ptr_null(buf_take(&buf));
    ck_assert_str_eq(buf_string(&buf), "");
    buf_text(&buf, "12345");
    ck_assert_int_eq(buf.failure, BUF_FINE);
    buf_free(&buf);
}
END_TEST

START_TEST(a_freed_buf_keeps_its_limit)
{
    cleanup_buf struct buf buf;
    buf_init(&buf, 3);
    buf_text(&buf, "123");
    buf_free(&buf);
    buf_text(&buf, "1234");
    ck_assert_int_eq(buf.failure, BUF_TOO_BIG);
}
END_TEST

START_TEST(taken_text_is_the_callers)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_text(&buf, "mine");
    char *text = buf_take(&buf);
    buf_text(&buf, "other");
    ck_assert_str_eq(text, "mine");
    ck_assert_str_eq(buf_string(&buf), "other");
    free(text);
    buf_free(&buf);
}
END_TEST

static const struct {
    enum fault_kind kind;
    const char *name;
} kinds[] = {
    {FAULT_NONE, ""},
    {FAULT_USAGE, "usage"},
    {FAULT_UNREACHABLE, "unreachable"},
    {FAULT_TLS, "tls"},
    {FAULT_TIMEOUT, "timeout"},
    {FAULT_SERVER, "server"},
    {FAULT_LOGON, "logon"},
    {FAULT_FORBIDDEN, "forbidden"},
    {FAULT_NOT_FOUND, "not-found"},
    {FAULT_PROTOCOL, "protocol"},
    {FAULT_TERMINATED, "terminated"},
    {FAULT_INTERNAL, "internal"},
};

START_TEST(faults_have_names)
{
    ck_assert_str_eq(fault_kind_name(kinds[_i].kind), kinds[_i].name);
}
END_TEST

START_TEST(faults_are_set_and_wrapped)
{
    struct fault fault;
    ck_assert_int_eq(fault_set(&fault, FAULT_SERVER, "status %d", 503), -1);
    ck_assert_int_eq(fault.kind, FAULT_SERVER);
    ck_assert_str_eq(fault.text, "status 503");
    ck_assert_int_eq(fault_wrap(&fault, "page %d of %d", 2, 3), -1);
    ck_assert_int_eq(fault.kind, FAULT_SERVER);
    ck_assert_str_eq(fault.text, "page 2 of 3: status 503");
    ck_assert_int_eq(fault_no_memory(&fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_INTERNAL);
    ck_assert_str_eq(fault.text, "out of memory");
}
END_TEST

/* With _i bytes before it, the text's end falls at each byte of a character of four. */
START_TEST(long_faults_are_cut_between_characters)
{
    char text[2 * FAULT_TEXT_SIZE] = "";
    struct fault fault;
    memset(text, 'a', (size_t)_i);
    for (int i = 0; i < FAULT_TEXT_SIZE / 4 + 3; i++) {
        strcat(text, "\xF0\x9F\x98\x80");
    }
    fault_set(&fault, FAULT_PROTOCOL, "%s", text);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert_uint_gt(strlen(fault.text), FAULT_TEXT_SIZE - 1 - 4);
    ck_assert(is_utf8(fault.text));
    fault_wrap(&fault, "%s", text);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert(is_utf8(fault.text));
    fault_set(&fault, FAULT_PROTOCOL, "%s", text);
    fault_wrap(&fault, "query");
    ck_assert_int_eq(strncmp(fault.text, "query: ", strlen("query: ")), 0);
    ck_assert_uint_le(strlen(fault.text), FAULT_TEXT_SIZE - 1);
    ck_assert(is_utf8(fault.text));
}
END_TEST

START_TEST(lines_are_moved_to_the_end)
{
    struct lines first = {0};
    struct lines rest = {0};
    lines_add(&first, "first");
    for (int i = 0; i < 105; i++) {
        lines_add(&rest, "%d", i);
    }
    lines_move(&first, &rest);
    ck_assert_uint_eq(first.count, 100);
    ck_assert_str_eq(first.text[0], "first");
    ck_assert_str_eq(first.text[1], "0");
    ck_assert_str_eq(first.text[99], "98");
    ck_assert_uint_eq(first.left_out, 6);
    ck_assert_uint_eq(rest.count + rest.left_out, 0);
    ck_assert_ptr_null(rest.text);
    rest.no_memory = true;
    lines_move(&first, &rest);
    ck_assert(first.no_memory);
    ck_assert(!rest.no_memory);
    lines_free(&first);
}
END_TEST

START_TEST(lines_are_kept_in_order)
{
    struct lines lines = {0};
    lines_free(&lines);
    for (int i = 0; i < 100; i++) {
        lines_add(&lines, "line %d of %s", i, "many");
    }
    ck_assert_uint_eq(lines.count, 100);
    ck_assert_str_eq(lines.text[0], "line 0 of many");
    ck_assert_str_eq(lines.text[99], "line 99 of many");
    ck_assert(!lines.no_memory);
    lines_free(&lines);
    ck_assert_uint_eq(lines.count, 0);
    ck_assert_ptr_null(lines.text);
}
END_TEST

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

/* ---- hashes of passwords ---- */

START_TEST(a_password_fits_its_own_hash)
{
    char one[PASSWORD_HASH_SIZE];
    char two[PASSWORD_HASH_SIZE];
    char long_password[4097];
    ck_assert(password_hash_make("Tr0ub4dor", one) && password_hash_make("Tr0ub4dor", two));
    ck_assert_msg(strcmp(one, two) != 0, "two hashes have the same salt");
    ck_assert_ptr_null(strstr(one, "Tr0ub4dor"));
    ck_assert(password_hash_matches(one, "Tr0ub4dor") && password_hash_matches(two, "Tr0ub4dor"));
    ck_assert(!password_hash_matches(one, "Tr0ub4dor2"));
    ck_assert(!password_hash_matches(one, ""));
    // What crypt(3) would take for another method, or for none.
    ck_assert(!password_hash_matches("", "Tr0ub4dor"));
    ck_assert(!password_hash_matches("*0", "Tr0ub4dor"));
    ck_assert(!password_hash_matches("$1$abc$", "Tr0ub4dor"));
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    if (password_hash_make(long_password, one)) { // some versions take 511 bytes at most
        ck_assert(password_hash_matches(one, long_password));
    }
}
END_TEST

Suite *base_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *memory = tcase_create("buf, fault, lines");
    tcase_add_checked_fixture(memory, forget_blocks, forget_blocks);
    tcase_add_test(memory, a_secret_is_wiped);
    tcase_add_test(memory, a_growing_secret_leaves_no_copy);
    tcase_add_test(memory, what_is_expected_is_not_copied);
    tcase_add_test(memory, a_new_buf_is_empty);
    tcase_add_test(memory, appends);
    tcase_add_test(memory, the_limit_is_a_length);
    tcase_add_test(memory, a_limit_of_zero_takes_nothing);
    tcase_add_test(memory, a_failure_stays);
    tcase_add_test(memory, a_freed_buf_keeps_its_limit);
    tcase_add_test(memory, taken_text_is_the_callers);
    tcase_add_loop_test(memory, faults_have_names, 0, COUNT(kinds));
    tcase_add_test(memory, faults_are_set_and_wrapped);
    tcase_add_loop_test(memory, long_faults_are_cut_between_characters, 0, 4);
    tcase_add_test(memory, lines_are_kept_in_order);
    tcase_add_test(memory, lines_are_moved_to_the_end);
    suite_add_tcase(suite, memory);

    TCase *files = tcase_create("file");
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_test(files, reads_a_file);
    tcase_add_test(files, reads_a_large_file);
    tcase_add_test(files, reads_an_empty_file);
    tcase_add_test(files, what_cannot_be_read_is_named);
    tcase_add_loop_test(files, secrets_are_their_owners, 0, COUNT(modes));
    tcase_add_test(files, a_linked_secret_is_refused);
    tcase_add_test(files, a_fifo_is_refused_at_once);
    tcase_add_loop_test(files, a_secret_is_the_first_line, 0, COUNT(first_lines));
    tcase_add_test(files, the_rest_of_a_secret_file_may_be_long);
    suite_add_tcase(suite, files);

    TCase *hashes = tcase_create("password_hash");
    tcase_add_test(hashes, a_password_fits_its_own_hash);
    suite_add_tcase(suite, hashes);
    return suite;
}
