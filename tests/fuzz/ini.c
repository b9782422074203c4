// SPDX-License-Identifier: GPL-3.0-or-later
/* A monitoring host's ini file, whoever wrote it, as arguments of the command line. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "monitoring/compat/ini.h"

/* "-k[=value]" or "--key[=value]", on one line. */
static void check_argument(const char *argument)
{
    const size_t dashes = strspn(argument, "-");
    const size_t key = strcspn(argument + dashes, "=");
    REQUIRE((dashes == 1 && key == 1) || (dashes == 2 && key > 1));
    REQUIRE(strchr(argument, '\n') == NULL);
    REQUIRE(argument[dashes + key] == '\0' || argument[dashes + key + 1] != '\0');
    for (size_t i = dashes; i < dashes + key; i++) {
        REQUIRE(argument[i] > ' ' && argument[i] < 0x7F);
    }
}

static bool starts(const char *argument, const char *start)
{
    return strncmp(argument, start, strlen(start)) == 0;
}

/* A password, or the URL of a proxy with a user, whose options may be cut short. */
static bool is_password(const char *argument)
{
    const char *value = strchr(argument, '=');
    const bool has_user = value != NULL && strchr(value, '@') != NULL;
    return (starts(argument, "--passw") && !starts(argument, "--password-")) ||
           (starts(argument, "--pr") && has_user);
}

/* What a fault says must not depend on what stands in the file but by the number of the line. */
static void check_fault(const struct fault *fault)
{
    static const char *const texts[] = {
        "no '=' (an option without a value is written as \"key=\")",
        "what stands before the '=' is not the name of an option",
        "a NUL byte",
        "a '[' without its ']'",
        "text behind the section's ']'",
        "text before the first [section]",
        "no options in section [plugin]",
        "no section [plugin]",
    };
    REQUIRE(fault->kind == FAULT_USAGE);
    const char *text = fault->text;
    if (strncmp(text, "line ", strlen("line ")) == 0) {
        text += strlen("line ");
        text += strspn(text, "0123456789");
        text += strspn(text, ": ");
    }
    bool known = false;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        known = known || strcmp(text, texts[i]) == 0;
    }
    REQUIRE(known);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct ini_arguments arguments = {0};
    struct fault fault = {.kind = FAULT_NONE};
    char *text = malloc(size > 0 ? size : 1); // no NUL behind
    bool has_password = false;
    REQUIRE(text != NULL);
    if (size > 0) {
        memcpy(text, bytes, size);
    }
    if (ini_read_section(text, size, "plugin", &arguments, &fault) < 0) {
        check_fault(&fault);
    } else {
        REQUIRE(fault.kind == FAULT_NONE && arguments.count > 0);
    }
    for (size_t i = 0; i < arguments.count; i++) {
        check_argument(arguments.items[i]);
        has_password = has_password || is_password(arguments.items[i]);
    }
    REQUIRE(has_password == arguments.has_password);
    ini_arguments_free(&arguments);
    free(text);
    return 0;
}
