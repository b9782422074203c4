// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/emulator/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <check.h>

struct client client;

void client_set_up(void)
{
    client.curl = curl_easy_init();
    ck_assert_ptr_nonnull(client.curl);
}

void client_forget(struct client_answer *answer)
{
    free(answer->headers);
    free(answer->body);
    *answer = (struct client_answer){0};
}

void client_tear_down(void)
{
    curl_easy_cleanup(client.curl);
    emulator_stop(client.emulator);
    client.emulator = NULL;
    client_forget(&client.answered);
}

void client_start(const struct emulator_settings *settings)
{
    char error[256] = "";
    client.emulator = emulator_start(settings, error, sizeof error);
    ck_assert_msg(client.emulator != NULL, "%s", error);
    ck_assert_uint_ne(emulator_port(client.emulator), 0);
}

void client_start_scenario(const char *scenario)
{
    client_start(&(struct emulator_settings){.scenario = scenario, .plain_http = true});
}

void client_send_request(CURL *handle, const char *method, const char *path,
                         struct curl_slist *headers, const char *body, struct client_answer *answer)
{
    char url[4096];
    const bool tls = emulator_pin(client.emulator)[0] != '\0';
    snprintf(url, sizeof url, "%s://127.0.0.1:%u%s", tls ? "https" : "http",
             (unsigned int)emulator_port(client.emulator), path);
    client_forget(answer);
    size_t header_length = 0;
    FILE *body_file = open_memstream(&answer->body, &answer->length);
    FILE *header_file = open_memstream(&answer->headers, &header_length);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (body != NULL) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    } else {
        curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    if (tls) {
        curl_easy_setopt(handle, CURLOPT_PINNEDPUBLICKEY, emulator_pin(client.emulator));
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, body_file);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, header_file);
    answer->code = curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    fclose(body_file);
    fclose(header_file);
}

long client_ask(const char *method, const char *path, ...)
{
    struct curl_slist *headers = NULL;
    va_list arguments;
    va_start(arguments, path);
    for (const char *line; (line = va_arg(arguments, const char *)) != NULL;) {
        headers = curl_slist_append(headers, line);
    }
    va_end(arguments);
    client_send_request(client.curl, method, path, headers, NULL, &client.answered);
    curl_slist_free_all(headers);
    return client.answered.code == CURLE_OK ? client.answered.status : 0;
}

char *client_header(const char *name)
{
    char *value = NULL;
    char *rest = NULL;
    char *headers = strdup(client.answered.headers);
    for (char *line = strtok_r(headers, "\r\n", &rest); line != NULL && value == NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        size_t length = strlen(name);
        if (strncasecmp(line, name, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
            value = strdup(line + length + 2);
        }
    }
    free(headers);
    return value;
}

cJSON *client_document(void)
{
    cJSON *json = cJSON_Parse(client.answered.body);
    ck_assert_msg(json != NULL, "not CLIENT_JSON: %.200s", client.answered.body);
    return json;
}

void client_take_token(void)
{
    char *value = client_header("X-RestSvcSessionId");
    ck_assert_ptr_nonnull(value);
    snprintf(client.token, sizeof client.token, "%s", value);
    snprintf(client.token_header, sizeof client.token_header, "X-RestSvcSessionId: %s", value);
    free(value);
}

void client_log_on(void)
{
    ck_assert_int_eq(
        client_ask("POST", "/api/sessionMngr/?v=latest", CLIENT_BASIC, CLIENT_JSON, NULL), 201);
    client_take_token();
    cJSON *json = client_document();
    const cJSON *id = cJSON_GetObjectItem(json, "SessionId"); // in either case of letters
    ck_assert(cJSON_IsString(id));
    snprintf(client.session_id, sizeof client.session_id, "%s", id->valuestring);
    cJSON_Delete(json);
}

long client_get(const char *path)
{
    return client_ask("GET", path, client.token_header, CLIENT_JSON, NULL);
}

long client_get_xml(const char *path)
{
    return client_ask("GET", path, client.token_header, NULL);
}

long client_query(const char *type, const char *filter, const char *more)
{
    char path[4096];
    char *encoded = curl_easy_escape(client.curl, filter, 0);
    snprintf(path, sizeof path, "/api/query?type=%s&format=Entities%s%s%s", type,
             filter[0] != '\0' ? "&filter=" : "", encoded, more);
    curl_free(encoded);
    return client_get(path);
}

const cJSON *client_member(const cJSON *json, const char *path)
{
    char *names = strdup(path);
    char *rest = NULL;
    for (char *name = strtok_r(names, ".", &rest); name != NULL;
         name = strtok_r(NULL, ".", &rest)) {
        json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, (int)strtol(name, NULL, 10))
                                   : cJSON_GetObjectItemCaseSensitive(json, name);
    }
    free(names);
    return json;
}

const char *client_text(const cJSON *json, const char *path)
{
    const cJSON *value = client_member(json, path);
    return cJSON_IsString(value) ? value->valuestring : "(no text)";
}

bool client_has(const char *part)
{
    return strstr(client.answered.body, part) != NULL;
}

void client_expect_error(long status, const char *message)
{
    ck_assert_int_eq(client.answered.status, status);
    cJSON *json = client_document();
    ck_assert_int_eq(client_member(json, "StatusCode")->valueint, (int)status);
    ck_assert_str_eq(client_text(json, "Message"), message);
    ck_assert(cJSON_IsNull(client_member(json, "FirstChanceExceptionMessage")));
    ck_assert(cJSON_IsNull(client_member(json, "StackTrace")));
    ck_assert(cJSON_IsNull(client_member(json, "Status")));
    cJSON_Delete(json);
}

int client_count(const char *path)
{
    cJSON *json = client_document();
    const cJSON *list = client_member(json, path);
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : -1;
    cJSON_Delete(json);
    return count;
}

void client_expect(const char *path, const char *expected)
{
    cJSON *json = client_document();
    const cJSON *value = client_member(json, path);
    char *seen = value != NULL ? cJSON_PrintUnformatted(value) : NULL;
    const char *told = seen != NULL ? seen : "absent";
    ck_assert_msg(strcmp(told, expected) == 0, "%s is %.400s, not %s", path, told, expected);
    free(seen);
    cJSON_Delete(json);
}
