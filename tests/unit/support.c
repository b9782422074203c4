// SPDX-License-Identifier: GPL-3.0-or-later
#include "support.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/version.h"
#include "fetch/decode.h"

utc_us moment(const char *text)
{
    utc_us read = 0;
    ck_assert_msg(utc_parse(text, &read), "%s is no time", text);
    return read;
}

bool is_utf8(const char *text)
{
    char out[4096];
    iconv_t converter = iconv_open("UTF-32LE", "UTF-8");
    ck_assert(converter != (iconv_t)-1);
    char *copy = strdup(text);
    char *in = copy;
    size_t left = strlen(text);
    bool valid = true;
    while (left > 0 && valid) {
        char *to = out;
        size_t room = sizeof out;
        const size_t before = left;
        iconv(converter, &in, &left, &to, &room);
        valid = left < before;
    }
    free(copy);
    iconv_close(converter);
    return valid;
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text != NULL) {
        cJSON_AddStringToObject(object, key, text);
    }
}

static void add_link(cJSON *links, const char *type, const char *name, const char *tail)
{
    if (name == NULL) {
        return;
    }
    struct buf full;
    buf_init(&full, 65536);
    buf_format(&full, "%s%s", name, tail);
    cJSON *link = cJSON_CreateObject();
    add_text(link, "Rel", "Up");
    add_text(link, "Type", type);
    add_text(link, "Name", buf_string(&full));
    cJSON_AddItemToArray(links, link);
    buf_free(&full);
}

void add_spec(struct task_sessions *sessions, const struct spec *spec)
{
    struct fault fault = {.kind = FAULT_NONE};
    cJSON *entity = cJSON_CreateObject();
    cJSON *links = cJSON_AddArrayToObject(entity, "Links");
    add_link(links, "BackupServerReference", spec->server, "");
    add_link(links, "CdpReplicaSessionReference", spec->policy, "@2025-08-14 00:00:00");
    add_text(entity, "UID", spec->uid);
    add_text(entity, "VmDisplayName", spec->vm);
    add_text(entity, "CreationTimeUTC", spec->created);
    add_text(entity, "EndTimeUTC", spec->ended);
    add_text(entity, "State", spec->state);
    add_text(entity, "Result", spec->result);
    add_text(entity, "Reason", spec->reason);
    if (spec->size != NULL) {
        cJSON_AddItemToObject(entity, "TotalSize", cJSON_CreateRaw(spec->size));
    }
    char *text = cJSON_PrintUnformatted(entity);
    cJSON *parsed = cJSON_Parse(text);
    ck_assert_int_eq(decode_task_session(parsed, NULL, sessions, &fault), 0);
    cJSON_Delete(parsed);
    cJSON_Delete(entity);
    free(text);
}

void name_parts(struct scope *scope, struct site *site, enum scope_kind kind,
                const char *const names[])
{
    size_t count = 0;
    while (names != NULL && names[count] != NULL) {
        count++;
    }
    free(scope->names.items);
    free(site->faults);
    *scope = (struct scope){
        .kind = kind,
        .names = {.items = calloc(count + 1, sizeof *scope->names.items), .count = count}};
    site->part_count = scope_parts(scope);
    site->faults = calloc(site->part_count, sizeof *site->faults);
    ck_assert(scope->names.items != NULL && site->faults != NULL);
    for (size_t i = 0; i < count; i++) {
        scope->names.items[i] = names[i];
    }
}

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
