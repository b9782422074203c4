// SPDX-License-Identifier: GPL-3.0-or-later
/* The control interface: how a test in another process asks for counts and changes the play. */
#include "emulator/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cJSON.h>

struct control {
    const char *method;
    const char *path;
    unsigned int (*act)(struct emulator *emulator, const char *body, char **text);
};

static void add_log(struct emulator *emulator, cJSON *list)
{
    char *log = emulator_log(emulator);
    char *rest = NULL;
    for (char *line = log != NULL ? strtok_r(log, "\n", &rest) : NULL; line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        cJSON_AddItemToArray(list, cJSON_CreateString(line));
    }
    free(log);
}

static unsigned int tell_counts(struct emulator *emulator, const char *body, char **text)
{
    (void)body;
    const struct emulator_counts counts = emulator_counts(emulator);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddNumberToObject(document, "logons", (double)counts.logons);
    cJSON_AddNumberToObject(document, "logoffs", (double)counts.logoffs);
    cJSON_AddNumberToObject(document, "requests", (double)counts.requests);
    cJSON_AddNumberToObject(document, "open_sessions", (double)counts.open_sessions);
    cJSON_AddNumberToObject(document, "connections", (double)counts.connections);
    cJSON_AddNumberToObject(document, "writes", (double)counts.writes);
    add_log(emulator, cJSON_AddArrayToObject(document, "log"));
    *text = cJSON_Print(document);
    cJSON_Delete(document);
    return 200;
}

static void add_usage(cJSON *list, const struct usage *usage)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddNumberToObject(item, "first", (double)usage->first / 1e6);
    cJSON_AddNumberToObject(item, "last", (double)usage->last / 1e6);
    cJSON_AddNumberToObject(item, "requests", (double)usage->requests);
    cJSON_AddItemToArray(list, item);
}

static unsigned int tell_connections(struct emulator *emulator, const char *body, char **text)
{
    (void)body;
    cJSON *list = cJSON_CreateArray();
    pthread_mutex_lock(&emulator->mutex);
    const size_t oldest = emulator->used > LOG_SIZE ? emulator->used - LOG_SIZE : 0;
    for (size_t number = (oldest > emulator->forgotten ? oldest : emulator->forgotten) + 1;
         number <= emulator->used; number++) {
        add_usage(list, &emulator->usages[number % LOG_SIZE]);
    }
    pthread_mutex_unlock(&emulator->mutex);
    *text = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    return 200;
}

static unsigned int reset(struct emulator *emulator, const char *body, char **text)
{
    (void)body;
    emulator_reset(emulator);
    *text = memory_copy("{}");
    return 200;
}

static unsigned int expire(struct emulator *emulator, const char *body, char **text)
{
    (void)body;
    emulator_expire(emulator);
    *text = memory_copy("{}");
    return 200;
}

static unsigned int advance(struct emulator *emulator, const char *body, char **text)
{
    char *end = NULL;
    long seconds = strtol(body, &end, 10);
    if (end == body || strspn(end, " \r\n") != strlen(end)) {
        *text = memory_copy("the body is to be a number of seconds\n");
        return 400;
    }
    emulator_advance(emulator, seconds);
    *text = memory_copy("{}");
    return 200;
}

static unsigned int play(struct emulator *emulator, const char *body, char **text)
{
    char error[512] = "";
    if (strchr(body, '{') == NULL || emulator_play(emulator, body, error, sizeof error) != 0) {
        *text = memory_copy(error[0] != '\0' ? error : "the body is to be a scenario");
        return 400;
    }
    *text = memory_copy("{}");
    return 200;
}

unsigned int control_answer(struct emulator *emulator, const char *method, const char *path,
                            const char *body, char **text)
{
    static const struct control controls[] = {
        {"GET", "/emulator/counts", tell_counts},
        {"GET", "/emulator/connections", tell_connections},
        {"POST", "/emulator/reset", reset},
        {"POST", "/emulator/expire", expire},
        {"POST", "/emulator/advance", advance},
        {"POST", "/emulator/scenario", play},
    };
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (strcmp(controls[i].method, method) == 0 && strcmp(controls[i].path, path) == 0) {
            return controls[i].act(emulator, body, text);
        }
    }
    *text = memory_copy("no such control\n");
    return 404;
}
