// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A command line: words with a NUL between them. Inputs that name an ini file are not read, and
 * neither are those with many repetitions: glibc's regcomp takes twice the memory for each "+" of
 * "a++++", and more for "{", which only the admin who wrote them would feel.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "plugins/options.h"

enum { MOST_WORDS = 12, MOST_REPETITIONS = 8, A_DAY_MS = 86400000 };

/*
 * A part of the password by which it can't be one of the words of a message. libFuzzer prints what
 * it tries, so this is none of the words that tests/secrets.sh searches for.
 */
static const char mark[] = "MARKED";

static char program_name[] = "check_veeam_cdp_task";

static bool holds(const uint8_t *bytes, size_t size, const char *text)
{
    return size > 0 && memmem(bytes, size, text, strlen(text)) != NULL;
}

static bool repeats_much(const uint8_t *bytes, size_t size)
{
    int repetitions = 0;
    for (size_t i = 0; i < size; i++) {
        repetitions += bytes[i] == '+' ? 1 : 0;
    }
    return repetitions > MOST_REPETITIONS || holds(bytes, size, "{");
}

/* Splits the input; each word is in memory of its own. argv[argc] is NULL. */
static int split(const uint8_t *bytes, size_t size, char **argv)
{
    int argc = 0;
    argv[argc++] = program_name;
    while (size > 0 && argc <= MOST_WORDS) {
        char *word = fuzz_text(bytes, size);
        const size_t used = strlen(word) < size ? strlen(word) + 1 : size;
        argv[argc++] = word;
        bytes += used;
        size -= used;
    }
    argv[argc] = NULL;
    return argc;
}

/* The first --password's value, where it has the mark and is unique; the caller frees it. */
static char *find_secret(const uint8_t *bytes, size_t size)
{
    static const char option[] = "--password=";
    const uint8_t *found = size > 0 ? memmem(bytes, size, option, strlen(option)) : NULL;
    if (found == NULL || (found > bytes && found[-1] != '\0')) {
        return NULL;
    }
    const uint8_t *start = found + strlen(option);
    char *secret = fuzz_text(start, size - (size_t)(start - bytes));
    const size_t length = strlen(secret);
    if (strstr(secret, mark) == NULL || holds(bytes, (size_t)(start - bytes), secret) ||
        holds(start + length, size - (size_t)(start - bytes) - length, secret)) {
        free(secret);
        return NULL;
    }
    return secret;
}

static void check_fault(const struct fault *fault, const char *secret)
{
    REQUIRE(fault->kind == FAULT_USAGE);
    REQUIRE(fault->text[0] != '\0' && strnlen(fault->text, FAULT_TEXT_SIZE) < FAULT_TEXT_SIZE);
    REQUIRE(secret == NULL || strstr(fault->text, secret) == NULL);
}

static void check_options(const struct options *options)
{
    REQUIRE(options->timeout.ms > 0 && options->timeout.ms <= A_DAY_MS);
    REQUIRE(options->em.server.port != 0 || options->action == ACTION_START);
    REQUIRE(options->em.verbosity >= 0 && options->em.verbosity <= 3);
    REQUIRE(options->server_name.failure == BUF_FINE);
    for (size_t kind = 0; kind <= FAULT_INTERNAL; kind++) {
        REQUIRE(options->rules.fault_states[kind] >= 0 && options->rules.fault_states[kind] <= 3);
    }
    if (options->action == ACTION_CHECK && options->input == NULL) {
        REQUIRE(options->em.server.host != NULL && options->em.username != NULL);
        REQUIRE(options->scope.kind != SCOPE_WHOLE && options->server_name.length > 0);
    }
    const struct scope *scope = &options->scope;
    REQUIRE(scope->limits.idle_s >= 1);
    REQUIRE(!(scope->limits.overdue_s < 0));
    if (scope->points && options->action == ACTION_CHECK) {
        REQUIRE(scope->kind == SCOPE_VM || scope->kind == SCOPE_POLICY);
        REQUIRE(scope->window_s >= 1 && scope->points_since_s >= scope->window_s);
        REQUIRE(scope->points_since_s <= 10 * 365 * 86400.0);
    }
    REQUIRE(!scope->data_age || (options->input == NULL && !scope->sessions_only));
    REQUIRE(scope->kind != SCOPE_EM || options->action != ACTION_CHECK ||
            (options->input == NULL && !scope->sessions_only && !options->list));
    const struct name_list *names = &options->scope.names;
    for (size_t i = 0; i < names->count; i++) {
        for (size_t k = 0; k < i; k++) {
            REQUIRE(strcmp(names->items[i], names->items[k]) != 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *argv[MOST_WORDS + 2];
    struct options options;
    struct fault fault = {.kind = FAULT_NONE};
    if (holds(bytes, size, "--extra-opts") || repeats_much(bytes, size)) {
        return 0;
    }
    const int argc = split(bytes, size, argv);
    char *words[MOST_WORDS + 2]; // getopt changes their order in argv
    memcpy(words, argv, sizeof words);
    char *secret = find_secret(bytes, size);
    unsetenv("VEEAM_EM_USERNAME");
    options_init(&options);
    options_read_early(&options, argc, argv);
    if (options_read(&options, argc, argv, &fault) < 0) {
        check_fault(&fault, secret);
    } else {
        REQUIRE(fault.kind == FAULT_NONE);
        check_options(&options);
    }
    options_free(&options);
    for (int i = 1; i < argc; i++) {
        free(words[i]);
    }
    free(secret);
    return 0;
}
