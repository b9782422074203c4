// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Our subset of monitoring-plugins' vocabulary against the real library, case by case, for input
 * that both take. It needs a configure run with --with-monitoring-plugins.
 */
#include <stdio.h>

#ifndef WITH_MONITORING_PLUGINS

int main(void)
{
    puts("skipped: configured without --with-monitoring-plugins, so there is nothing to compare");
    return 77;
}

#else

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "mp_side.h"
#include "unit/scratch.h"
#include "unit/suites.h"

static const struct range_case ranges[] = {
    {0, 10, false, false, false},    {0, 0, false, false, false},
    {10, 20, false, false, false},   {10, 10, false, false, false},
    {-20, -5, false, false, false},  {-0.5, 0.5, false, false, false},
    {1.5, 2.5, false, false, false}, {0, 14400, false, false, false},
    {10, 0, false, true, false},     {0, 0, false, true, false},
    {0.001, 0, false, true, false},  {1e15, 0, false, true, false},
    {0, 10, true, false, false},     {0, -10, true, false, false},
    {0, 0, true, false, false},      {0, 0, true, true, false},
    {0, 10, false, false, true},     {10, 20, false, false, true},
    {0, 0, false, false, true},      {10, 0, false, true, true},
    {0, 10, true, false, true},      {0, 0, true, true, true},
};

static const double values[] = {-1e15, -20.5, -20,  -10,   -5,    -0.5, -0.001, 0,  0.001,
                                0.5,   1,     1.5,  2,     2.5,   5,    9.999,  10, 10.001,
                                15,    20,    20.1, 28800, 14400, 1e15, 1e18};

START_TEST(ranges_agree)
{
    for (int i = 0; i < COUNT(values); i++) {
        ck_assert_msg(compat_side.is_broken(&ranges[_i], values[i]) ==
                          upstream_side.is_broken(&ranges[_i], values[i]),
                      "with %g", values[i]);
    }
}
END_TEST

START_TEST(states_agree)
{
    enum { OK_STATE = 0, UNKNOWN_STATE = 3 };
    for (int a = OK_STATE; a <= UNKNOWN_STATE; a++) {
        ck_assert_str_eq(compat_side.state_text(a), upstream_side.state_text(a));
        for (int b = OK_STATE; b <= UNKNOWN_STATE; b++) {
            ck_assert_int_eq(compat_side.max_state_alt(a, b), upstream_side.max_state_alt(a, b));
        }
    }
    ck_assert_str_eq(compat_side.state_text(99), upstream_side.state_text(99));
}
END_TEST

enum { MOST_WORDS = 8 };

static const char plain[] = "# comment\n"
                            "; another\n"
                            "[plug]\n"
                            "hostname=em\n"
                            "warning = 1h\n"
                            "[more]\n"
                            "  vm =  SQL Server 1  \n"
                            "list=\n"
                            "v=\n"
                            "p=9398\n"
                            "[ blanks ]\n"
                            "reason=critical:a=b\n"
                            "quoted=\"x\" 'y' # no comment\n"
                            "slash=end\\\n"
                            "[plugs]\n"
                            "vm=longer name\n"
                            "[plug]\n"
                            "critical=2h\n"
                            "[empty]\n"
                            "# nothing\n"
                            "[foreign]\n"
                            "not an option\n"
                            "[last]\n"
                            "vm=no line end";

static const struct {
    const char *ini;
    const char *words[MOST_WORDS]; // without the program's name
} lines[] = {
    {plain, {NULL}},
    {plain, {"-H", "em", "--all"}},
    {plain, {"--extra-opts"}},
    {plain, {"--extra-opts="}},
    {plain, {"--extra-opts", "-w", "1"}},
    {plain, {"--extra-opts", "--all"}},
    {plain, {"--extra-opts", "-"}},
    {plain, {"-w", "1", "--extra-opts"}},
    {plain, {"-w", "1", "--extra-opts", "more", "-c", "2"}},
    {plain, {"-w", "1", "--extra-opts=more", "-c", "2"}},
    {plain, {"--extra-opts=more", "--extra-opts=blanks"}},
    {plain, {"--extra-opts", "blanks", "--extra-opts", "more", "x"}},
    {plain, {"-v", "--extra-opts", "--extra-opts=more", "-v", "--extra-opts", "last"}},
    {plain, {"--extra-opts=plugs"}},
    {plain, {"--extra-opts=last"}},
    {plain, {"--extra-opts=blanks"}},
    {plain, {"--extra-opts-other", "more"}},
    {plain, {"--extra-opt=more"}},
    {plain, {"--extra-opts=empty"}},
    {plain, {"--extra-opts=missing"}},
    {plain, {"--extra-opts=PLUG"}},
    {plain, {"--extra-opts=foreign"}},
    {plain, {"--extra-opts=plug@/nonexistent/file"}},
    {plain, {"--extra-opts=plug@"}},
    {plain, {"--extra-opts", "---"}},
    {"[plug]\r\nvm=a\r\nlist=\r\n", {"--extra-opts"}},
    {"\n\n\t[plug]\n\tvm=a\n", {"--extra-opts"}},
    {"[other]\nvm=a\n\n[plug]\n\nvm=b\n\n", {"--extra-opts"}},
    {"", {"--extra-opts"}},
    {"vm=a\n[plug]\nvm=b\n", {"--extra-opts"}},
    {"[plug]\nlist\n", {"--extra-opts"}},
    {"[plug]\n=value\n", {"--extra-opts"}},
    {"[plug\nvm=a\n", {"--extra-opts"}},
};

/* In a child: writes the expanded words, one a line, to `out`, and ends it. */
static _Noreturn void print_expanded(const struct mp_side *side, const char *const words[], int out)
{
    static char copies[MOST_WORDS][64];
    static char program[] = "plug";
    char *vector[MOST_WORDS + 2] = {program};
    int count = 1;
    for (; count <= MOST_WORDS && words[count - 1] != NULL; count++) {
        snprintf(copies[count - 1], sizeof copies[0], "%s", words[count - 1]);
        vector[count] = copies[count - 1];
    }
    char **expanded = side->extra_opts(&count, vector, "plug");
    if (expanded == NULL) {
        _exit(1);
    }
    for (int i = 0; i < count; i++) {
        dprintf(out, "%s\n", expanded[i]);
    }
    _exit(expanded[count] == NULL ? 0 : 1);
}

/* monitoring-plugins ends the program on a bad file: each side has a process of its own. */
static void expand(const struct mp_side *side, const char *const words[], struct buf *printed)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        print_expanded(side, words, ends[1]);
    }
    close(ends[1]);
    char chunk[256];
    for (ssize_t got = 0; (got = read(ends[0], chunk, sizeof chunk)) > 0;) {
        buf_add(printed, chunk, (size_t)got);
    }
    close(ends[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0) {
        buf_free(printed);
        buf_text(printed, "refused");
    }
}

START_TEST(extra_opts_agree)
{
    char path[SCRATCH_SIZE];
    scratch_template(path, "test_mp_agreement");
    const int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    const size_t length = strlen(lines[_i].ini);
    ck_assert_int_eq(write(descriptor, lines[_i].ini, length), (ssize_t)length);
    close(descriptor);
    setenv("MP_CONFIG_FILE", path, 1);

    cleanup_buf struct buf theirs;
    cleanup_buf struct buf ours;
    buf_init(&theirs, 4000);
    buf_init(&ours, 4000);
    expand(&upstream_side, lines[_i].words, &theirs);
    expand(&compat_side, lines[_i].words, &ours);
    unlink(path);
    ck_assert_str_eq(buf_string(&ours), buf_string(&theirs));
    ck_assert_uint_gt(ours.length, 0);
}
END_TEST

static Suite *mp_agreement_suite(void)
{
    Suite *suite = suite_create("mp_agreement");
    TCase *cases = tcase_create("both");
    tcase_add_loop_test(cases, ranges_agree, 0, COUNT(ranges));
    tcase_add_test(cases, states_agree);
    tcase_add_loop_test(cases, extra_opts_agree, 0, COUNT(lines));
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    Suite *const suites[] = {mp_agreement_suite()};
    return run_suites(suites, COUNT(suites));
}

#endif
