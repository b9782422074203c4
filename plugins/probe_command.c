// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/probe_command.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "base/version.h"

/* Adds "NAME=VALUE", or what stands for a value that can't be shown as it is. */
static void add(struct lines *words, const char *name, const char *value, const char *stand_in)
{
    if (value != NULL) {
        lines_add(words, "%s=%s", name, text_is_clean(value) ? value : stand_in);
    }
}

/* One that PATH found is found again. */
static void add_program(struct lines *words, const struct options *options)
{
    const bool has_path = strchr(options->program, '/') != NULL && text_is_clean(options->program);
    lines_add(words, "%s", has_path ? options->program : PROGRAM_NAME);
    for (size_t i = 0; i < options->ini.count; i++) {
        const char *word = options->ini.text[i];
        lines_add(words, "%s", text_is_clean(word) ? word : "--extra-opts");
    }
}

static void add_server(struct lines *words, const struct em_server *server)
{
    lines_add(words, "-H");
    lines_add(words, "%s", text_is_clean(server->host) ? server->host : "HOST");
    if (server->port != options_usual_port(server->plain)) {
        lines_add(words, "-p");
        lines_add(words, "%u", server->port);
    }
    if (server->family != EM_FAMILY_ANY) {
        lines_add(words, server->family == EM_FAMILY_IPV4 ? "-4" : "-6");
    }
    add(words, "--connect-to", server->connect_to, "HOST");
    if (server->proxy != NULL) { // one with a user may have a password
        add(words, "--proxy", strchr(server->proxy, '@') == NULL ? server->proxy : "URL", "URL");
    }
}

static void add_user(struct lines *words, const struct options *options)
{
    const char *user = options->em.username;
    const char *file = options->password.file;
    lines_add(words, "-u");
    lines_add(words, "%s", text_is_clean(user) ? user : "USER");
    // One of the environment or of the ini file is there for the next command as well.
    if (file != NULL || (!options->password.from_environment && options->ini.count == 0)) {
        add(words, "--password-file", file != NULL ? file : "FILE", "FILE");
    }
}

static void add_trust(struct lines *words, const struct em_server *server)
{
    if (server->insecure) {
        lines_add(words, "-k");
    }
    add(words, "--ca-file", server->ca_file, "FILE");
    add(words, "--ca-path", server->ca_path, "DIR");
    add(words, "--pinned-pubkey", server->pinned_pubkey, "PIN");
}

static void add_seconds(struct lines *words, const char *name, double seconds)
{
    cleanup_buf struct buf number;
    buf_init(&number, 64);
    number_append(&number, seconds);
    lines_add(words, "%s=%ss", name, buf_string(&number));
}

void probe_command_make(struct probe_command *command, const struct options *options)
{
    const struct em_server *server = &options->em.server;
    const struct sign_limits *limits = &options->scope.limits;
    if (server->host == NULL || options->em.username == NULL) {
        return;
    }
    add_program(&command->asks, options);
    add_server(&command->asks, server);
    add_user(&command->asks, options);
    if (server->plain) {
        lines_add(&command->asks, "--no-tls");
    }
    if (server->tls_min == EM_TLS_1_3) {
        lines_add(&command->asks, "--tls-min=1.3");
    }
    add_trust(&command->trust, server);
    if (limits->idle_s != (double)OPTIONS_IDLE_S) {
        add_seconds(&command->limits, "--idle-after", limits->idle_s);
    }
    if (limits->overdue_s > 0) {
        add_seconds(&command->limits, "--overdue-after", limits->overdue_s);
    }
}

void probe_command_free(struct probe_command *command)
{
    lines_free(&command->asks);
    lines_free(&command->trust);
    lines_free(&command->limits);
}
