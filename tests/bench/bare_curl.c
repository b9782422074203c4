// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * bare_curl BASE CA-FILE TARGET...: logon, a GET of each target, logoff, on one connection, by
 * libcurl; parses nothing but what it needs to log off. The password is BENCH_PASSWORD. Where there
 * is a BENCH_TOKEN, it sends that, and neither logs on nor off.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

enum { BODY_LIMIT = 16 * 1024 * 1024, TOKEN_LIMIT = 256, ID_LENGTH = 36 };

static const char token_header[] = "X-RestSvcSessionId: ";

struct answer {
    char *body;
    size_t length;
    char token[sizeof token_header + TOKEN_LIMIT]; // the whole header
};

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    const size_t length = size * count;
    if (length > BODY_LIMIT - answer->length) {
        return 0;
    }
    memcpy(answer->body + answer->length, bytes, length);
    answer->length += length;
    return length;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    const size_t length = size * count;
    if (strncasecmp(bytes, token_header, strlen(token_header)) == 0 &&
        length < sizeof answer->token) {
        memcpy(answer->token, bytes, length);
        answer->token[length] = '\0';
        answer->token[strcspn(answer->token, "\r\n")] = '\0';
    }
    return length;
}

static bool request(CURL *curl, const char *method, const char *base, const char *target,
                    struct answer *answer)
{
    char url[16 * 1024];
    long status = 0;
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    const bool logs_on = strcmp(method, "POST") == 0;
    if (!logs_on) {
        headers = curl_slist_append(headers, answer->token);
    }
    snprintf(url, sizeof url, "%s%s", base, target);
    answer->length = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERNAME, logs_on ? "monitor" : NULL);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, logs_on ? getenv("BENCH_PASSWORD") : NULL);
    if (logs_on) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    } else {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    const CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    return code == CURLE_OK && status >= 200 && status < 300;
}

/* The path to log off: the logon's answer has the session's id, of 36 letters. */
static bool find_logoff(const struct answer *answer, char path[64])
{
    static const char key[] = "\"SessionId\":";
    answer->body[answer->length < BODY_LIMIT ? answer->length : BODY_LIMIT - 1] = '\0';
    const char *found = strstr(answer->body, key);
    const char *quote = found != NULL ? strchr(found + strlen(key), '"') : NULL;
    if (quote == NULL || strlen(quote) <= ID_LENGTH) {
        return false;
    }
    snprintf(path, 64, "/api/logonSessions/%.*s", ID_LENGTH, quote + 1);
    return true;
}

static bool run(CURL *curl, char **arguments, int count)
{
    char logoff[64];
    struct answer answer = {.body = malloc(BODY_LIMIT)};
    const char *token = getenv("BENCH_TOKEN");
    bool fine = answer.body != NULL;
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_CAINFO, arguments[1]);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    if (token != NULL) {
        snprintf(answer.token, sizeof answer.token, "%s%s", token_header, token);
    } else {
        fine = fine && request(curl, "POST", arguments[0], "/api/sessionMngr/?v=latest", &answer) &&
               find_logoff(&answer, logoff);
    }
    for (int i = 2; fine && i < count; i++) {
        fine = request(curl, "GET", arguments[0], arguments[i], &answer);
    }
    fine = fine && (token != NULL || request(curl, "DELETE", arguments[0], logoff, &answer));
    free(answer.body);
    return fine;
}

int main(int argc, char **argv)
{
    if (argc < 4 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return 2;
    }
    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        return 2;
    }
    const bool fine = run(curl, argv + 1, argc - 1);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return fine ? 0 : 1;
}
