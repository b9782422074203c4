// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/probe_command.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"

#define IN(member) offsetof(struct probe_command, member)

static const struct {
    const char *name;
    size_t lines;         // where it goes
    const char *stand_in; // for a value that can't be shown as it is; NULL: it has none
} kept[] = {
    {"hostname", IN(asks), "HOST"},
    {"port", IN(asks), "PORT"},
    {"ipv4", IN(asks), NULL},
    {"ipv6", IN(asks), NULL},
    {"connect-to", IN(asks), "HOST"},
    {"proxy", IN(asks), "URL"},
    {"username", IN(asks), "USER"},
    {"password-file", IN(asks), "FILE"},
    {"tls-min", IN(asks), "VERSION"},
    {"no-tls", IN(asks), NULL},
    {"ca-file", IN(trust), "FILE"},
    {"ca-path", IN(trust), "DIR"},
    {"pinned-pubkey", IN(trust), "PIN"},
    {"insecure", IN(trust), NULL},
    {"idle-after", IN(limits), "TIME"},
    {"overdue-after", IN(limits), "TIME"},
};

void probe_command_start(struct probe_command *command, const char *program,
                         const struct lines *ini)
{
    // One that PATH found is found again.
    const bool has_path = strchr(program, '/') != NULL && text_is_clean(program);
    lines_add(&command->asks, "%s", has_path ? program : PROGRAM_NAME);
    for (size_t i = 0; i < ini->count; i++) {
        lines_add(&command->asks, "%s",
                  text_is_clean(ini->text[i]) ? ini->text[i] : "--extra-opts");
    }
}

/* A proxy's user may have a password. */
static bool can_be_shown(const char *name, const char *value)
{
    return text_is_clean(value) && (strcmp(name, "proxy") != 0 || strchr(value, '@') == NULL);
}

static void add_word(struct lines *lines, const char *name, char letter, const char *value)
{
    if (letter == 0) {
        lines_add(lines, "--%s%s%s", name, value != NULL ? "=" : "", value != NULL ? value : "");
        return;
    }
    lines_add(lines, "-%c", letter);
    if (value != NULL) {
        lines_add(lines, "%s", value);
    }
}

void probe_command_add(struct probe_command *command, const char *name, char letter,
                       const char *value)
{
    if (strcmp(name, "password") == 0) {
        probe_command_add(command, "password-file", 0, "FILE");
        return;
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(name, kept[i].name) == 0) {
            struct lines *lines = (struct lines *)((char *)command + kept[i].lines);
            add_word(lines, name, letter,
                     value == NULL || can_be_shown(name, value) ? value : kept[i].stand_in);
        }
    }
}

void probe_command_free(struct probe_command *command)
{
    lines_free(&command->asks);
    lines_free(&command->trust);
    lines_free(&command->limits);
}
