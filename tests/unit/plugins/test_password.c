// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the password comes from, and what shows it afterwards. */
#include "plugins/password.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/scratch.h"
#include "unit/command.h"
#include "unit/suites.h"

/* What a run against EM needs at least. */
#define NEEDED "-H", "em01", "-u", "monitor", "--vm=srv-db01"

static const char *const with_password[][MOST_WORDS] = {
    {NEEDED, "--password=S3cret"},       {NEEDED, "--password", "S3cret"},
    {"--password", "S3cret", "-p", "x"}, // whatever else is wrong
    {"--nonsense", "--password=S3cret"}, {"--input=x", "--password=S3cret"},
};

START_TEST(a_password_in_argv_is_overwritten)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, with_password[_i]);
    read_command(&options, &command, &fault);
    ck_assert_str_eq(buf_string(&options.password.text), "S3cret");
    for (int word = 0; word < command.argc; word++) {
        ck_assert_ptr_null(strstr(command.owned[word], "S3"));
    }
    options_free(&options);
    command_free(&command);
}
END_TEST

static char path[SCRATCH_SIZE];

static void make_file(void)
{
    clear_environment();
    scratch_template(path, "test_options");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void remove_file(void)
{
    unlink(path);
}

static void write_password(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

/* Reads a command line that names the password file besides `words`, then the password. */
static int read_password(struct options *options, struct command *command,
                         const char *const words[], struct fault *fault)
{
    command_make(command, words);
    ck_assert_int_eq(read_command(options, command, fault), 0);
    return password_read(options, fault);
}

static const struct {
    const char *content;
    mode_t mode;
    const char *password; // NULL: refused
} files[] = {
    {"S3cret\n", 0600, "S3cret"},
    {"S3cret", 0400, "S3cret"},
    {"S3cret\r\n", 0600, "S3cret"},
    {"S3cret\nother\n", 0600, "S3cret"},
    {" S3 cret \n", 0600, " S3 cret "},
    {"S3cret\n", 0640, NULL},
    {"S3cret\n", 0604, NULL},
    {"S3cret\n", 0620, NULL},
    {"S3cret\n", 0602, NULL},
    {"\xEF\xBB\xBFS3cret\r\n", 0600, "S3cret"},
    {"", 0600, NULL},
    {"\n", 0600, NULL},
    {"\r\nS3cret\n", 0600, NULL},
};

START_TEST(reads_a_password_file)
{
    const char *const words[] = {NEEDED, "--password-file", path, NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    setenv("VEEAM_EM_PASSWORD", "environment", 1);
    write_password(files[_i].content, files[_i].mode);
    const int result = read_password(&options, &command, words, &fault);
    if (files[_i].password != NULL) {
        ck_assert_msg(result == 0, "%s", fault.text);
        ck_assert_str_eq(options.em.password, files[_i].password);
    } else {
        ck_assert_int_eq(result, -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_ptr_nonnull(strstr(fault.text, "--password-file"));
        ck_assert_ptr_nonnull(strstr(fault.text, path));
        ck_assert_ptr_null(strstr(fault.text, "S3cret"));
    }
    options_free(&options);
    command_free(&command);
}
END_TEST

/* What the command line names stays readable, and is found: a password that is a part of it is
 * known. */
static const struct {
    const char *words[MOST_WORDS];
    bool masked;
} named[] = {
    {{"-H", "em01", "-u", "monitor", "--all", "--password=Tr0ub4dor"}, true},
    {{"-H", "em01", "-u", "monitor", "--vm=tr0ub4dor", "--password=Tr0ub4dor"}, true},
    {{"-H", "em01", "-u", "monitor", "--vm=x", "--vm=Tr0ub4dor", "--password=Tr0ub4dor"}, false},
    {{"-H", "em01", "-u", "monitor", "--policy=a Tr0ub4dor b", "--password=Tr0ub4dor"}, false},
    {{"-H", "em01", "-u", "monitor", "--all", "--backup-server=Tr0ub4dor.x",
      "--password=Tr0ub4dor"},
     false},
    {{"-H", "Tr0ub4dor", "-u", "monitor", "--all", "--password=Tr0ub4dor"}, false},
    {{"-H", "em01", "-u", "Tr0ub4dor", "--all", "--password=Tr0ub4dor"}, false},
    {{"-H", "em01", "-u", "monitor", "--all", "--exclude-vm=^Tr0ub4dor", "--password=Tr0ub4dor"},
     false},
    {{"-H", "em01", "-u", "monitor", "--all", "--exclude-vm=a", "--exclude-vm=b|Tr0ub4dor",
      "--password=Tr0ub4dor"},
     false},
    {{"-H", "em01", "-u", "monitor", "--all", "--include-vm=Tr0ub4dor$", "--password=Tr0ub4dor"},
     false},
    {{"-H", "em01", "-u", "monitor", "--all", "--reason=ok:lost Tr0ub4dor", "--password=Tr0ub4dor"},
     false},
    {{"-H", "em01", "-u", "monitor", "--all", "--exclude-vm=Tr0ub", "--reason=ok:a",
      "--password=Tr0ub4dor"},
     true},
};

START_TEST(a_password_in_a_name_is_not_masked)
{
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    char text[] = "with Tr0ub4dor";
    ck_assert_int_eq(read_password(&options, &command, named[_i].words, &fault), 0);
    mask_text(options.em.mask, text);
    ck_assert_str_eq(text, named[_i].masked ? "with ***" : "with Tr0ub4dor");
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(a_password_file_may_be_standard_input)
{
    const char *const words[] = {NEEDED, "--password-file=-", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    write_password("S3cret\n", 0644); // whose input it is, is the caller's affair
    const int kept = dup(STDIN_FILENO);
    const int file = open(path, O_RDONLY);
    dup2(file, STDIN_FILENO);
    const int result = read_password(&options, &command, words, &fault);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(file);
    ck_assert_msg(result == 0, "%s", fault.text);
    ck_assert_str_eq(options.em.password, "S3cret");
    options_free(&options);
    command_free(&command);
}
END_TEST

/* Standard input may be closed, or hold something for another program. */
START_TEST(standard_input_is_left_alone)
{
    const char *const words[] = {NEEDED, "--password-file", path, NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    int ends[2];
    char byte = '\0';
    write_password("S3cret\n", 0600);
    const int kept = dup(STDIN_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    dup2(ends[0], STDIN_FILENO);
    const int result = read_password(&options, &command, words, &fault);
    const ssize_t left = read(STDIN_FILENO, &byte, 1);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(result, 0);
    ck_assert_int_eq((int)left, 1);
    ck_assert_int_eq(byte, 'x');
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(the_environment_has_the_password)
{
    const char *const words[] = {NEEDED, NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    setenv("VEEAM_EM_PASSWORD", "S3cret", 1);
    const char *environment = getenv("VEEAM_EM_PASSWORD");
    ck_assert_int_eq(read_password(&options, &command, words, &fault), 0);
    ck_assert_str_eq(options.em.password, "S3cret");
    ck_assert_str_eq(environment, "");
    ck_assert_ptr_null(strstr(environment + 1, "cret"));
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(an_option_beats_the_environment)
{
    const char *const words[] = {NEEDED, "--password=option", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    setenv("VEEAM_EM_PASSWORD", "environment", 1);
    ck_assert_int_eq(read_password(&options, &command, words, &fault), 0);
    ck_assert_str_eq(options.em.password, "option");
    options_free(&options);
    command_free(&command);
}
END_TEST

/* As with every option, the one that was given last. */
START_TEST(the_last_password_counts)
{
    const char *const text_last[] = {NEEDED, "--password-file", path, "--password=text", NULL};
    const char *const file_last[] = {NEEDED, "--password=text", "--password-file", path, NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    write_password("file\n", 0600);
    ck_assert_int_eq(read_password(&options, &command, text_last, &fault), 0);
    ck_assert_str_eq(options.em.password, "text");
    options_free(&options);
    command_free(&command);
    ck_assert_int_eq(read_password(&options, &command, file_last, &fault), 0);
    ck_assert_str_eq(options.em.password, "file");
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(a_password_is_needed)
{
    const char *const words[] = {NEEDED, NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(read_password(&options, &command, words, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_ptr_nonnull(strstr(fault.text, "--password-file"));
    ck_assert_ptr_nonnull(strstr(fault.text, "VEEAM_EM_PASSWORD"));
    options_free(&options);
    command_free(&command);
    setenv("VEEAM_EM_PASSWORD", "", 1);
    ck_assert_int_eq(read_password(&options, &command, words, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    options_free(&options);
    command_free(&command);
}
END_TEST

START_TEST(a_saved_answer_needs_no_password)
{
    const char *const words[] = {"--input=x", "--password-file=/nonexistent/password", NULL};
    struct options options;
    struct command command;
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(read_password(&options, &command, words, &fault), 0);
    options_free(&options);
    command_free(&command);
}
END_TEST

Suite *password_suite(void)
{
    Suite *suite = suite_create("password");
    TCase *password = tcase_create("password");
    tcase_add_checked_fixture(password, make_file, remove_file);
    tcase_add_loop_test(password, a_password_in_argv_is_overwritten, 0, COUNT(with_password));
    tcase_add_loop_test(password, reads_a_password_file, 0, COUNT(files));
    tcase_add_loop_test(password, a_password_in_a_name_is_not_masked, 0, COUNT(named));
    tcase_add_test(password, a_password_file_may_be_standard_input);
    tcase_add_test(password, standard_input_is_left_alone);
    tcase_add_test(password, the_environment_has_the_password);
    tcase_add_test(password, an_option_beats_the_environment);
    tcase_add_test(password, the_last_password_counts);
    tcase_add_test(password, a_password_is_needed);
    tcase_add_test(password, a_saved_answer_needs_no_password);
    suite_add_tcase(suite, password);
    return suite;
}
