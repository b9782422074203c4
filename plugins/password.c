// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/password.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/pattern.h"

static int read_environment(struct option_password *password, struct fault *fault)
{
    char *value = getenv("VEEAM_EM_PASSWORD");
    if (value == NULL) {
        return fault_set(fault, FAULT_USAGE,
                         "a password is needed: --password-file, or VEEAM_EM_PASSWORD in the "
                         "environment");
    }
    const struct option_target target = {.member = password};
    password->from_environment = true;
    return option_value_password(&target, value, fault) < 0 ? fault_wrap(fault, "VEEAM_EM_PASSWORD")
                                                            : 0;
}

static int read_file(struct option_password *password, struct fault *fault)
{
    if (file_read_secret(password->file, &password->text, fault) < 0) {
        return fault_wrap(fault, "--password-file");
    }
    if (password->text.length == 0) {
        return fault_set(fault, FAULT_USAGE, "--password-file: the first line of %s is empty",
                         password->file);
    }
    return 0;
}

/* An option beats the environment. */
static int read_source(struct option_password *password, struct fault *fault)
{
    if (password->file != NULL) {
        return read_file(password, fault);
    }
    return password->text.text == NULL ? read_environment(password, fault) : 0;
}

static bool is_in_a_pattern(const struct vm_patterns *patterns, const char *password)
{
    bool found = false;
    for (size_t i = 0; i < patterns->count; i++) {
        found = found || strstr(patterns->items[i].text, password) != NULL;
    }
    return found;
}

/* Whether a name or pattern in the command line has the password in it: then it is no secret. */
static bool is_in_a_name(const struct options *options, const char *password)
{
    bool found = strstr(options->em.username, password) != NULL ||
                 strstr(options->em.server.host, password) != NULL ||
                 is_in_a_pattern(&options->scope.included, password) ||
                 is_in_a_pattern(&options->scope.excluded, password);
    for (size_t i = 0; i < options->rules.reason_count; i++) {
        found = found || strstr(options->rules.reasons[i].pattern.text, password) != NULL;
    }
    for (size_t i = 0; i < options->scope.names.count; i++) {
        found = found || strstr(options->scope.names.items[i], password) != NULL;
    }
    for (size_t i = 0; i < options->scope.backup_servers.count; i++) {
        found = found || strstr(options->scope.backup_servers.items[i], password) != NULL;
    }
    return found;
}

/* Masked, what EM sends would no longer be what the command line means. */
static bool fill_mask(struct options *options)
{
    const char *password = options->em.password;
    return is_in_a_name(options, password) || mask_add(&options->mask, password);
}

int password_read(struct options *options, struct fault *fault)
{
    if (options->input != NULL) {
        return 0;
    }
    if (read_source(&options->password, fault) < 0) {
        return -1;
    }
    options->em.password = buf_string(&options->password.text);
    options->em.mask = &options->mask;
    return fill_mask(options) ? 0 : fault_no_memory(fault);
}
