// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/command.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "base/version.h"

static void add_word(struct command *command, const char *word)
{
    ck_assert_int_lt(command->argc, MOST_WORDS);
    command->owned[command->argc] = strdup(word);
    command->argv[command->argc] = command->owned[command->argc];
    command->argc++;
}

void command_make(struct command *command, const char *const words[])
{
    *command = (struct command){.argc = 0};
    add_word(command, PROGRAM_NAME);
    for (; *words != NULL; words++) {
        add_word(command, *words);
    }
}

void command_free(struct command *command)
{
    for (int i = 0; i < command->argc; i++) {
        free(command->owned[i]);
    }
}

void clear_environment(void)
{
    unsetenv("VEEAM_EM_USERNAME");
    unsetenv("VEEAM_EM_PASSWORD");
    unsetenv("POSIXLY_CORRECT");
    setenv("MP_CONFIG_FILE", "/nonexistent/plugins.ini", 1);
}

int read_command(struct options *options, struct command *command, struct fault *fault)
{
    fault->kind = FAULT_NONE;
    options_init(options);
    options_read_early(options, command->argc, command->argv);
    return options_read(options, command->argc, command->argv, fault);
}

void read_words(struct options *options, struct command *command, const char *const words[])
{
    const char *all[MOST_WORDS + 2] = {"--input=-"};
    struct fault fault = {.kind = FAULT_NONE};
    for (size_t i = 0; i < MOST_WORDS && words[i] != NULL; i++) {
        all[i + 1] = words[i];
    }
    command_make(command, all);
    const int result = read_command(options, command, &fault);
    ck_assert_msg(result == 0, "options are refused: %s", fault.text);
}
