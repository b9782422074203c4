// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "em/http.h"
#include "em/json.h"

/*
 * What a run that is told to stop still grants each of the requests that must not be cut off: a
 * logon, whose answer says what is to be logged off, and the logoff.
 */
enum { LAST_GRACE_MS = 1000 };

enum { SESSION_ID_SIZE = 64, MESSAGE_LIMIT = 200, TRACED_ANSWER_LIMIT = 64 * 1024 };

struct em_session {
    const struct em_settings *settings;
    struct buf *trace;
    struct http *http;
    char token[HTTP_TOKEN_SIZE]; // "": no logon session is open
    char id[SESSION_ID_SIZE];    // "": not known
    bool logged_on_again;
    bool stopped;      // a signal ended a request
    struct fault lost; // why there is no logon session any more
};

/* ?v=latest: EM 12 and older also take the bare path, EM 13 is said to need the version. */
static const char logon_target[] = "/api/sessionMngr/?v=latest";

/* Appends `text` with every secret of the run replaced, so that no answer can leak one. */
static void append_masked(const struct em_session *session, struct buf *buf, const char *text)
{
    const char *const secrets[] = {session->token, session->id, session->settings->password};
    while (*text != '\0') {
        size_t hidden = 0;
        for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
            const size_t length = secrets[i] != NULL ? strlen(secrets[i]) : 0;
            if (length > hidden && strncmp(text, secrets[i], length) == 0) {
                hidden = length;
            }
        }
        if (hidden > 0) {
            buf_text(buf, "***");
            text += hidden;
        } else {
            buf_add(buf, text++, 1);
        }
    }
}

static void trace_line(const struct em_session *session, const char *line, size_t limit)
{
    struct buf masked;
    buf_init(&masked, HTTP_BODY_LIMIT * 2UL);
    append_masked(session, &masked, line);
    text_append_clean(session->trace, buf_string(&masked), limit);
    buf_text(session->trace, "\n");
    buf_wipe(&masked);
}

static void trace(const struct em_session *session, const struct http_request *request,
                  const struct http_response *response, int64_t took_ms, const char *failure)
{
    if (session->settings->verbosity < 2) {
        return;
    }
    char line[1024];
    if (failure != NULL) {
        snprintf(line, sizeof line, "%s %s: %s, %" PRId64 " ms", request->method, request->target,
                 failure, took_ms);
    } else {
        snprintf(line, sizeof line, "%s %s: %ld, %zu bytes, %" PRId64 " ms", request->method,
                 request->target, response->status, response->body.length, took_ms);
    }
    trace_line(session, line, sizeof line);
    // The logon's answer is left out: it is all about the session that must stay secret.
    if (session->settings->verbosity >= 3 && failure == NULL && request->username == NULL &&
        response->body.length > 0) {
        trace_line(session, buf_string(&response->body), TRACED_ANSWER_LIMIT);
    }
}

static int perform(struct em_session *session, const struct http_request *request,
                   struct http_response *response, struct fault *fault)
{
    const int64_t start = clock_monotonic_ms();
    const int result = http_perform(session->http, request, response, fault);
    trace(session, request, response, clock_monotonic_ms() - start,
          result < 0 ? fault_kind_name(fault->kind) : NULL);
    return result;
}

static void append_masked_clean(const struct em_session *session, struct buf *buf, const char *text)
{
    struct buf masked;
    buf_init(&masked, HTTP_BODY_LIMIT * 2UL);
    append_masked(session, &masked, text);
    text_append_clean(buf, buf_string(&masked), MESSAGE_LIMIT);
    buf_wipe(&masked);
}

/* The text of EM's Error, which is JSON or, whatever was asked for, XML; "" where it has none. */
static void append_message(const struct em_session *session, struct buf *buf,
                           const struct http_response *response)
{
    struct fault ignored = {0};
    cleanup_json cJSON *error =
        json_parse(buf_string(&response->body), response->body.length, &ignored);
    const char *message = json_text(error, "Message");
    char attribute[MESSAGE_LIMIT * 4] = "";
    if (message == NULL) {
        const char *found = strstr(buf_string(&response->body), "<Error Message=\"");
        if (found != NULL) {
            sscanf(found, "<Error Message=\"%799[^\"]", attribute);
        }
        message = attribute;
    }
    append_masked_clean(session, buf, message);
}

/* What a status other than success means, and what to do about it. */
static int status_fault(const struct em_session *session, const struct http_request *request,
                        const struct http_response *response, struct fault *fault)
{
    const bool logon = request->username != NULL;
    const long status = response->status;
    enum fault_kind kind = FAULT_PROTOCOL;
    const char *advice = "";
    if (status >= 500) {
        kind = FAULT_SERVER;
        advice = "; look at EM's service and its log";
    } else if (status == 401) {
        kind = FAULT_LOGON;
        advice = logon ? "; check user and password (DOMAIN\\user on Windows, user@domain on Linux)"
                       : "; it did so to a fresh logon as well";
    } else if (status == 403) {
        kind = FAULT_FORBIDDEN;
        advice = "; the user may need EM's role Portal Administrator";
    } else if (status == 404) {
        kind = FAULT_NOT_FOUND;
        advice = logon ? "; is this EM's port? 9419 is another API" : "";
    }
    struct buf message;
    buf_init(&message, FAULT_TEXT_SIZE);
    if (status >= 300 && status < 400) {
        append_masked_clean(session, &message, response->location);
        advice = "; redirects are not followed: is this EM's own address?";
    } else {
        append_message(session, &message, response);
    }
    char where[160];
    snprintf(where, sizeof where, "%s", request->target);
    where[strcspn(where, "?")] = '\0';
    fault_set(fault, kind, "EM answers %ld to %s %s%s%s%s", status, request->method,
              strncmp(where, "/api/logonSessions/", 19) == 0 ? "/api/logonSessions" : where,
              message.length > 0 ? ": " : "", buf_string(&message), advice);
    buf_free(&message);
    return -1;
}

/* Decodes base64 text of printable ASCII, as the token of a logon session is. "" if it is not. */
static void decode_token(const char *token, char id[SESSION_ID_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int bit_count = 0;
    size_t length = 0;
    id[0] = '\0';
    for (; *token != '\0' && *token != '='; token++) {
        const char *digit = strchr(digits, *token);
        if (digit == NULL || length + 1 >= SESSION_ID_SIZE) {
            id[0] = '\0';
            return;
        }
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xFFFFu;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            id[length++] = (char)(bits >> bit_count & 0xFFu);
            id[length] = '\0';
        }
    }
}

static bool is_session_id(const char *id)
{
    const size_t length = strspn(id, "0123456789abcdefABCDEF-");
    return length > 0 && length < SESSION_ID_SIZE && id[length] == '\0';
}

/*
 * The id to log off by: the answer's SessionId; where that can't be had, the token, which is the
 * base64 form of the same id.
 */
static void read_session_id(struct em_session *session, const struct http_response *response)
{
    struct fault ignored = {0};
    cleanup_json cJSON *logon =
        json_parse(buf_string(&response->body), response->body.length, &ignored);
    const char *id = json_text(logon, "SessionId");
    if (id != NULL && is_session_id(id)) {
        snprintf(session->id, sizeof session->id, "%s", id);
        return;
    }
    decode_token(session->token, session->id);
    if (!is_session_id(session->id)) {
        session->id[0] = '\0';
    }
}

static void forget_logon(struct em_session *session)
{
    explicit_bzero(session->token, sizeof session->token);
    explicit_bzero(session->id, sizeof session->id);
}

static int log_on(struct em_session *session, struct fault *fault)
{
    const struct em_settings *settings = session->settings;
    const struct http_request request = {
        .method = "POST",
        .target = logon_target,
        .username = settings->username,
        .password = settings->password,
        // There is nothing to log off before the answer; one that is given up here may leave a
        // session behind, so nearly all the time there is goes to it.
        .deadline_ms = settings->deadline_ms - settings->reserve_ms / 4,
        .grace_ms = LAST_GRACE_MS,
    };
    cleanup_http_response struct http_response response;
    forget_logon(session);
    const int result = perform(session, &request, &response, fault);
    if (response.token[0] != '\0') {
        // Even where the answer then broke off: EM has opened a session, so it must be closed.
        memcpy(session->token, response.token, sizeof session->token);
        read_session_id(session, &response);
    }
    if (result < 0) {
        return -1;
    }
    if (response.status != 201 && response.status != 200) {
        return status_fault(session, &request, &response, fault);
    }
    if (session->token[0] == '\0') {
        return fault_set(fault, FAULT_PROTOCOL,
                         "the logon's answer has no X-RestSvcSessionId: is this EM's port? 9419 is "
                         "another API");
    }
    return 0;
}

static int log_off(struct em_session *session, struct fault *fault)
{
    if (session->id[0] == '\0') {
        return fault_set(fault, FAULT_PROTOCOL, "EM's logon answer named no session to log off");
    }
    char target[64 + SESSION_ID_SIZE];
    snprintf(target, sizeof target, "/api/logonSessions/%s", session->id);
    const struct http_request request = {
        .method = "DELETE",
        .target = target,
        .token = session->token,
        .deadline_ms = session->settings->deadline_ms,
        .grace_ms = LAST_GRACE_MS,
    };
    cleanup_http_response struct http_response response;
    int result = perform(session, &request, &response, fault);
    if (result == 0 && (response.status < 200 || response.status > 299)) {
        result = status_fault(session, &request, &response, fault);
    }
    explicit_bzero(target, sizeof target);
    return result;
}

struct em_session *em_open(const struct em_settings *settings, struct buf *trace_buf,
                           struct fault *fault)
{
    struct em_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    session->settings = settings;
    session->trace = trace_buf;
    session->http = http_open(&settings->server, settings->stop_descriptor, fault);
    if (session->http == NULL) {
        free(session);
        return NULL;
    }
    if (log_on(session, fault) < 0) {
        struct fault ignored = {0};
        em_close(session, &ignored);
        return NULL;
    }
    return session;
}

static int parse_answer(const struct http_request *request, const struct http_response *response,
                        cJSON **answer, struct fault *fault)
{
    *answer = json_parse(buf_string(&response->body), response->body.length, fault);
    return *answer != NULL
               ? 0
               : fault_wrap(fault, "%.*s", (int)strcspn(request->target, "?"), request->target);
}

int em_get(struct em_session *session, const char *target, cJSON **answer, struct fault *fault)
{
    const struct em_settings *settings = session->settings;
    *answer = NULL;
    if (session->lost.kind != FAULT_NONE) {
        *fault = session->lost;
        return -1;
    }
    for (;;) {
        const struct http_request request = {
            .method = "GET",
            .target = target,
            .token = session->token,
            .deadline_ms = settings->deadline_ms - settings->reserve_ms,
        };
        cleanup_http_response struct http_response response;
        if (perform(session, &request, &response, fault) < 0) {
            return -1;
        }
        if (response.status == 200) {
            return parse_answer(&request, &response, answer, fault);
        }
        if (response.status != 401 || session->logged_on_again) {
            return status_fault(session, &request, &response, fault);
        }
        // Most likely EM has ended the session; if it has not, it must not be left open.
        struct fault ignored = {.kind = FAULT_NONE};
        log_off(session, &ignored);
        session->logged_on_again = true;
        if (log_on(session, fault) < 0) {
            session->lost = *fault;
            return -1;
        }
    }
}

int em_close(struct em_session *session, struct fault *fault)
{
    int result = 0;
    if (session == NULL) {
        return 0;
    }
    if (session->token[0] != '\0') {
        result = log_off(session, fault);
    }
    forget_logon(session);
    http_close(session->http);
    free(session);
    return result;
}
