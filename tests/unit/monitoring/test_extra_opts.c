// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Options from ini files, as our own subset reads them; it is built into this test whether or not
 * the plugin is linked with monitoring-plugins.
 */
#include "monitoring/mp.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "monitoring/compat/ini.h"
#include "unit/scratch.h"
#include "unit/suites.h"

enum { MOST_WORDS = 8 };

static char folder[SCRATCH_SIZE];
static char path[SCRATCH_SIZE + 32];

static void write_file(const char *name, const char *text, size_t length, mode_t mode)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, length), (ssize_t)length);
    ck_assert_int_eq(fchmod(descriptor, mode), 0);
    close(descriptor);
}

static void make_folder(void)
{
    scratch_template(folder, "test_extra_opts");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    unsetenv("MP_CONFIG_FILE");
    unsetenv("NAGIOS_CONFIG_PATH");
}

static void remove_folder(void)
{
    static const char *const names[] = {"plugins.ini", "monitoring-plugins.ini"};
    for (int i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

/* The words as one text with a blank between. */
static void join(struct buf *joined, char *const *words, size_t count)
{
    buf_init(joined, 4000);
    for (size_t i = 0; i < count; i++) {
        buf_text(joined, i > 0 ? " " : "");
        buf_text(joined, words[i]);
    }
}

static const struct {
    const char *text;
    const char *section;
    const char *read;  // NULL: a fault
    const char *fault; // part of its text
} sections[] = {
    {"[a]\nkey=value\n", "a", "--key=value", NULL},
    {"[a]\nkey=value", "a", "--key=value", NULL},
    {"[a]\r\nkey=value\r\nmore=\r\n", "a", "--key=value --more", NULL},
    {"\xEF\xBB\xBF[a]\nkey=value\n", "a", "--key=value", NULL},
    {"\xEF\xBB\xBF; c\r\n\r\n[a]\r\nkey=va lue \r\nmore=\r\n", "a", "--key=va lue --more", NULL},
    {"\xEF\xBB\xBF\n[b]\nkey=1\n[a]\nkey=2", "a", "--key=2", NULL},
    {"\xEF\xBB\xBF", "a", NULL, "no section [a]"},
    {"\xEF\xBB\xBF\xEF\xBB\xBF[a]\nkey=1\n", "a", NULL, "line 1: text before"},
    {"\xEF\xBB[a]\nkey=1\n", "a", NULL, "line 1: text before"},
    {"[a]\n\xEF\xBB\xBFkey=1\n", "a", NULL, "line 2: what stands before"},
    {"\n \t\n [ a ] \n  key \t =  value  \n", "a", "--key=value", NULL},
    {"[a]\nkey=\nother=   \n", "a", "--key --other", NULL},
    {"[a]\nk=v\nx=\n", "a", "-k=v -x", NULL},
    {"[a]\nkey=a=b = c\n", "a", "--key=a=b = c", NULL},
    {"[a]\nkey=\"quoted\" # no comment\n", "a", "--key=\"quoted\" # no comment", NULL},
    {"[a]\nkey=line\\\nmore=1\n", "a", "--key=line\\ --more=1", NULL},
    {"# c\n;c\n[a]\n#key=1\n ; key=2\nkey=3\n", "a", "--key=3", NULL},
    {"[a] # comment\nkey=1\n", "a", "--key=1", NULL},
    {"[b]\nkey=1\n[a]\nkey=2\n[c]\nkey=3\n", "a", "--key=2", NULL},
    {"[a]\nkey=1\n[b]\nkey=2\n[a]\nkey=3\n", "a", "--key=1 --key=3", NULL},
    {"[ab]\nkey=1\n[a]\nkey=2\n", "a", "--key=2", NULL},
    {"[b] rubbish\nno equals sign\n=\n[a]\nkey=1\n", "a", "--key=1", NULL},
    {"[a b]\nkey=1\n", "a b", "--key=1", NULL},
    {"[a]\nvm=m\xC3\xBCller\n", "a", "--vm=m\xC3\xBCller", NULL},
    {"[a]\nno-tls=\nca_file=/x\n4=\n", "a", "--no-tls --ca_file=/x -4", NULL},
    {"", "a", NULL, "no section [a]"},
    {"[b]\nkey=1\n", "a", NULL, "no section [a]"},
    {"[A]\nkey=1\n", "a", NULL, "no section [a]"},
    {"[a]\n", "a", NULL, "no options in section [a]"},
    {"[a]\n# only this\n[b]\nkey=1\n", "a", NULL, "no options in section [a]"},
    {"key=1\n[a]\nkey=2\n", "a", NULL, "line 1: text before the first [section]"},
    {"[a]\n\nkey\n", "a", NULL, "line 3: no '='"},
    {"[a]\nkey=1\n=value\n", "a", NULL, "line 3: what stands before"},
    {"[a]\n--key=1\n", "a", NULL, "line 2: what stands before"},
    {"[a]\nmy key=1\n", "a", NULL, "line 2: what stands before"},
    {"[a\nkey=1\n", "a", NULL, "line 1: a '[' without"},
    {"[b]\n[\n[a]\nkey=1\n", "a", NULL, "line 2: a '[' without"},
    {"[a] key=1\n", "a", NULL, "line 1: text behind"},
};

START_TEST(reads_sections)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_ini_arguments struct ini_arguments arguments = {0};
    const int result = ini_read_section(sections[_i].text, strlen(sections[_i].text),
                                        sections[_i].section, &arguments, &fault);
    if (sections[_i].read == NULL) {
        ck_assert_int_eq(result, -1);
        ck_assert_int_eq(fault.kind, FAULT_USAGE);
        ck_assert_msg(strstr(fault.text, sections[_i].fault) != NULL, "%s", fault.text);
        return;
    }
    ck_assert_msg(result == 0, "%s", fault.text);
    cleanup_buf struct buf joined;
    join(&joined, arguments.items, arguments.count);
    ck_assert_str_eq(buf_string(&joined), sections[_i].read);
}
END_TEST

START_TEST(stops_at_the_length_and_at_nul)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_ini_arguments struct ini_arguments arguments = {0};
    static const char text[] = "[a]\nkey=1\nkey=2";
    ck_assert_int_eq(ini_read_section(text, strlen("[a]\nkey=1"), "a", &arguments, &fault), 0);
    ck_assert_uint_eq(arguments.count, 1);
    static const char nul[] = "[a]\nkey=1\0002\n";
    ck_assert_int_eq(ini_read_section(nul, sizeof nul - 1, "a", &arguments, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "line 2: a NUL byte"));
}
END_TEST

START_TEST(faults_keep_secrets)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_ini_arguments struct ini_arguments arguments = {0};
    static const char text[] = "[a]\npassword hunter2\n";
    ck_assert_int_eq(ini_read_section(text, strlen(text), "a", &arguments, &fault), -1);
    ck_assert_ptr_null(strstr(fault.text, "hunter2"));
}
END_TEST

START_TEST(sees_passwords)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_ini_arguments struct ini_arguments arguments = {0};
    static const char text[] = "[a]\npassword-file=/x\n[b]\npassword = hunter2\n";
    ck_assert_int_eq(ini_read_section(text, strlen(text), "a", &arguments, &fault), 0);
    ck_assert(!arguments.has_password);
    ck_assert_int_eq(ini_read_section(text, strlen(text), "b", &arguments, &fault), 0);
    ck_assert(arguments.has_password);
}
END_TEST

static const char ini[] = "[plug]\nhostname=em\nwarning=1h\n[more]\nvm=a\n[x]\nx=\n[empty]\n";

static const struct {
    const char *words[MOST_WORDS]; // without the program's name
    const char *made;              // NULL: a fault
} lines[] = {
    {{NULL}, "plug"},
    {{"-H", "em"}, "plug -H em"},
    {{"--extra-opts"}, "plug --hostname=em --warning=1h"},
    {{"--extra-opts="}, "plug --hostname=em --warning=1h"},
    {{"--extra-opts=more"}, "plug --vm=a"},
    {{"--extra-opts", "more"}, "plug --vm=a"},
    {{"--extra-opts", "more", "rest"}, "plug --vm=a rest"},
    {{"-w", "2h", "--extra-opts"}, "plug --hostname=em --warning=1h -w 2h"},
    {{"--extra-opts", "-w", "2h"}, "plug --hostname=em --warning=1h -w 2h"},
    {{"--extra-opts", "--all"}, "plug --hostname=em --warning=1h --all"},
    {{"--extra-opts", "-"}, "plug --hostname=em --warning=1h -"},
    {{"--extra-opts=more", "--all", "--extra-opts=x", "-v"}, "plug --vm=a -x --all -v"},
    {{"--extra-opts=x", "--extra-opts", "more"}, "plug -x --vm=a"},
    {{"--extra-opts-not"}, "plug --extra-opts-not"},
    {{"--extra-opt", "more"}, "plug --extra-opt more"},
    {{"--extra-opts=none"}, NULL},
    {{"--extra-opts=empty"}, NULL},
    {{"--extra-opts", "---"}, NULL},
    {{"--extra-opts=more@"}, NULL},
    {{"--extra-opts=@/nonexistent/file"}, NULL},
    {{"--extra-opts=@/"}, NULL},
};

/* Runs np_extra_opts on the words; compares with `made`, NULL for a fault. */
static void expand(const char *const words[], const char *made)
{
    char *vector[MOST_WORDS + 2] = {strdup("plug")};
    int count = 1;
    for (; count <= MOST_WORDS && words[count - 1] != NULL; count++) {
        vector[count] = strdup(words[count - 1]);
    }
    const int count_before = count;
    char **expanded = np_extra_opts(&count, vector, "plug");
    if (made == NULL) {
        ck_assert_ptr_null(expanded);
        ck_assert_ptr_nonnull(mp_extra_opts_error());
        ck_assert_int_eq(count, count_before);
    } else {
        ck_assert_msg(expanded != NULL, "%s", mp_extra_opts_error());
        ck_assert_ptr_null(mp_extra_opts_error());
        cleanup_buf struct buf joined;
        join(&joined, expanded, (size_t)count);
        ck_assert_str_eq(buf_string(&joined), made);
        ck_assert_ptr_null(expanded[count]);
    }
    for (int i = 0; i < count_before; i++) {
        free(vector[i]);
    }
}

START_TEST(expands_command_lines)
{
    write_file("plugins.ini", ini, strlen(ini), 0644);
    setenv("MP_CONFIG_FILE", path, 1);
    expand(lines[_i].words, lines[_i].made);
}
END_TEST

START_TEST(names_file_and_line)
{
    static const char text[] = "[plug]\nhostname=em\nwarning\n";
    write_file("plugins.ini", text, strlen(text), 0644);
    setenv("MP_CONFIG_FILE", path, 1);
    expand((const char *const[]){"--extra-opts", NULL}, NULL);
    ck_assert_ptr_nonnull(strstr(mp_extra_opts_error(), path));
    ck_assert_ptr_nonnull(strstr(mp_extra_opts_error(), "line 3: no '='"));
}
END_TEST

START_TEST(looks_in_folders)
{
    char folders[sizeof folder + 32];
    snprintf(folders, sizeof folders, "::/nonexistent:%s:/etc", folder);
    setenv("NAGIOS_CONFIG_PATH", folders, 1);
    static const char old[] = "[plug]\nvm=old\n";
    static const char new[] = "[plug]\nvm=new\n";
    write_file("plugins.ini", old, strlen(old), 0644);
    expand((const char *const[]){"--extra-opts", NULL}, "plug --vm=old");
    write_file("monitoring-plugins.ini", new, strlen(new), 0644);
    expand((const char *const[]){"--extra-opts", NULL}, "plug --vm=new");
    setenv("MP_CONFIG_FILE", "/nonexistent/file", 1);
    expand((const char *const[]){"--extra-opts", NULL}, NULL);
    setenv("MP_CONFIG_FILE", "", 1);
    expand((const char *const[]){"--extra-opts", NULL}, NULL);
}
END_TEST

/* Where no variable names a file, those at the usual places count; a test host may have one. */
START_TEST(looks_at_the_usual_places)
{
    setenv("NAGIOS_CONFIG_PATH", folder, 1); // an empty one
    expand((const char *const[]){"--extra-opts=section-that-no-file-has", NULL}, NULL);
    const char *fault = mp_extra_opts_error();
    ck_assert_msg(strstr(fault, "there is no ini file at the usual places") != NULL ||
                      strstr(fault, "no section [section-that-no-file-has]") != NULL,
                  "%s", fault);
}
END_TEST

START_TEST(a_file_name_has_an_end)
{
    char word[8000] = "--extra-opts=@";
    memset(word + strlen(word), 'a', sizeof word - strlen(word) - 1);
    word[sizeof word - 1] = '\0';
    expand((const char *const[]){word, NULL}, NULL);
    ck_assert_ptr_nonnull(strstr(mp_extra_opts_error(), "name is too long"));
}
END_TEST

START_TEST(reads_standard_input)
{
    write_file("plugins.ini", ini, strlen(ini), 0600);
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
    close(descriptor);
    expand((const char *const[]){"--extra-opts=more@-", NULL}, "plug --vm=a");
}
END_TEST

static const struct {
    mode_t mode;
    const char *text;
    bool refused;
} modes[] = {
    {0600, "[plug]\npassword=x\n", false},
    {0640, "[plug]\npassword=x\n", false},
    {0644, "[plug]\npassword=x\n", true},
    {0604, "[plug]\npassword=x\n", true},
    {0644, "[plug]\nusername=x\n", false},
    {0644, "[plug]\nproxy=http://user:x@proxy:3128\n", true},
    {0640, "[plug]\nproxy=http://user:x@proxy:3128\n", false},
    {0644, "[plug]\nproxy=http://proxy:3128\n", false},
    {0644, "[plug]\nproxy=\n", false},
    // Names may be cut short or misspelt; what stands behind is the password all the same.
    {0644, "[plug]\nprox=http://user:x@proxy:3128\n", true},
    {0644, "[plug]\npr = http://user:x@proxy:3128\n", true},
    {0644, "[plug]\nproxy-url=http://user:x@proxy:3128\n", true},
    {0640, "[plug]\nprox=http://user:x@proxy:3128\n", false},
    {0644, "[plug]\npro=http://proxy:3128\n", false},
    {0644, "[plug]\npasswor=x\n", true},
    {0644, "[plug]\npasswd=x\n", true},
    {0644, "[plug]\npassword-file=/etc/x\n", false},
    {0644, "[plug]\npassive-host={vm}@x\n", false},
    {0644, "[plug]\np=1@\n", false},
    {0644, "[plug]\nusername=x@example.invalid\n", false},
    {0660, "[plug]\npassword=x\n", true},
    {0664, "[plug]\nusername=x\n", true},
    {0646, "[plug]\nusername=x\n", true},
    {0622, "[plug]\nusername=x\n", true},
    {0666, "[plug]\nusername=x\n[other]\npassword=x\n", true},
    {0644, "[plug]\nusername=x\n[other]\npassword=x\n", false},
};

START_TEST(refuses_open_files)
{
    write_file("plugins.ini", modes[_i].text, strlen(modes[_i].text), modes[_i].mode);
    setenv("MP_CONFIG_FILE", path, 1);
    int count = 2;
    char program[] = "plug";
    char option[] = "--extra-opts";
    char *vector[] = {program, option, NULL};
    ck_assert_int_eq(np_extra_opts(&count, vector, "plug") == NULL, modes[_i].refused);
    if (modes[_i].refused) {
        ck_assert_ptr_nonnull(strstr(mp_extra_opts_error(), "chmod"));
    }
}
END_TEST

START_TEST(refuses_large_files)
{
    enum { LARGEST = 1024 * 1024 };
    cleanup_free char *text = malloc(LARGEST + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, '\n', LARGEST + 1);
    memcpy(text, "[plug]\nvm=a\n", 12);
    write_file("plugins.ini", text, LARGEST, 0644);
    setenv("MP_CONFIG_FILE", path, 1);
    expand((const char *const[]){"--extra-opts", NULL}, "plug --vm=a");
    write_file("plugins.ini", text, LARGEST + 1, 0644);
    expand((const char *const[]){"--extra-opts", NULL}, NULL);
    ck_assert_ptr_nonnull(strstr(mp_extra_opts_error(), "larger"));
}
END_TEST

Suite *extra_opts_suite(void)
{
    Suite *suite = suite_create("extra_opts");
    TCase *text = tcase_create("ini text");
    tcase_add_loop_test(text, reads_sections, 0, COUNT(sections));
    tcase_add_test(text, stops_at_the_length_and_at_nul);
    tcase_add_test(text, faults_keep_secrets);
    tcase_add_test(text, sees_passwords);
    suite_add_tcase(suite, text);
    TCase *files = tcase_create("files and command lines");
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_loop_test(files, expands_command_lines, 0, COUNT(lines));
    tcase_add_test(files, names_file_and_line);
    tcase_add_test(files, looks_in_folders);
    tcase_add_test(files, looks_at_the_usual_places);
    tcase_add_test(files, a_file_name_has_an_end);
    tcase_add_test(files, reads_standard_input);
    tcase_add_loop_test(files, refuses_open_files, 0, COUNT(modes));
    tcase_add_test(files, refuses_large_files);
    suite_add_tcase(suite, files);
    return suite;
}
