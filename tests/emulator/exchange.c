// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One request and its answer on a connection: collects the body, plays a fault if the scenario has
 * one for it, else lets the rooms behind answer, and puts their answer on the wire.
 * libmicrohttpd runs a thread for each connection, so a reply that waits holds up no other.
 */
#include "emulator/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "emulator/request.h"
#include "emulator/resources.h"

#define TOKEN_HEADER "X-RestSvcSessionId"

enum { LARGEST_BODY = 64 * 1024 * 1024 };

struct exchange {
    char *target;
    bool started;
    char *body;
    size_t body_length;
};

/* ---- callbacks around the request ---- */

void *exchange_begin(void *closure, const char *target, struct MHD_Connection *connection)
{
    (void)closure;
    (void)connection;
    struct exchange *exchange = memory_take(sizeof *exchange);
    exchange->target = memory_copy(target);
    return exchange;
}

void exchange_end(void *closure, struct MHD_Connection *connection, void **exchange,
                  enum MHD_RequestTerminationCode code)
{
    (void)closure;
    (void)connection;
    (void)code;
    struct exchange *ended = *exchange;
    if (ended != NULL) {
        free(ended->target);
        free(ended->body);
        free(ended);
        *exchange = NULL;
    }
}

/* The connection's context is its number among those that carried a request below /api; 0: none. */
void exchange_connection(void *closure, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code)
{
    (void)closure;
    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = memory_take(sizeof(size_t));
    } else {
        free(*context);
        *context = NULL;
    }
}

/* ---- sending ---- */

static void add_date(struct emulator *emulator, struct MHD_Response *response)
{
    struct arena arena = {0};
    pthread_mutex_lock(&emulator->mutex);
    const moment now = emulator_now(emulator);
    const bool lacks_date = emulator->world->store->wording.lacks_date;
    pthread_mutex_unlock(&emulator->mutex);
    if (!lacks_date) {
        MHD_add_response_header(response, "Date", moment_http(&arena, now));
    }
    arena_free(&arena);
}

static void add_date_of_file(struct MHD_Response *response, const struct answer *answer)
{
    struct arena arena = {0};
    moment date = 0;
    if (replay_date(answer->played, answer->date_shift, &date)) {
        MHD_add_response_header(response, "Date", moment_http(&arena, date));
    }
    arena_free(&arena);
}

static enum MHD_Result queue_response(struct MHD_Connection *connection, unsigned int status,
                                      struct MHD_Response *response)
{
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result send_response(struct emulator *emulator, struct MHD_Connection *connection,
                                     unsigned int status, struct MHD_Response *response)
{
    if (response == NULL) {
        return MHD_NO;
    }
    if (MHD_get_response_header(response, "Date") == NULL) { // a played reply may have its own
        add_date(emulator, response);
    }
    if (MHD_get_response_header(response, "Server") == NULL) {
        MHD_add_response_header(response, "Server", "Microsoft-HTTPAPI/2.0");
    }
    return queue_response(connection, status, response);
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value != NULL) {
        MHD_add_response_header(response, name, value);
    }
}

static char *write_body(const struct request *request, const struct answer *answer,
                        const struct wording *wording, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    if (out == NULL) {
        return NULL;
    }
    if (answer->root != NULL) {
        fputs(wording->bom ? "\xEF\xBB\xBF" : "", out);
        (request_wants_json(request) ? node_write_json : node_write_xml)(out, answer->root,
                                                                         &wording->node);
    }
    fclose(out);
    return text;
}

/* An answer of the file, with what the present logon needs. */
static enum MHD_Result send_played(struct MHD_Connection *connection, const struct answer *answer)
{
    size_t length = 0;
    if (replay_is_lost(answer->played)) {
        return MHD_NO; // closes without an answer
    }
    char *text = replay_body(answer->played, answer->shift, &length);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    add_header(response, "Content-Type", replay_content_type(answer->played));
    add_header(response, "Server", replay_server(answer->played));
    add_header(response, TOKEN_HEADER, answer->token);
    add_date_of_file(response, answer);
    return queue_response(connection, answer->status, response);
}

static enum MHD_Result send_answer(struct emulator *emulator, struct MHD_Connection *connection,
                                   const struct request *request, const struct answer *answer,
                                   const struct wording *wording)
{
    size_t length = 0;
    char *text = write_body(request, answer, wording, &length);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    if (answer->root != NULL) {
        add_header(response, "Content-Type",
                   request_wants_json(request) ? "application/json; charset=utf-8"
                                               : "application/xml; charset=utf-8");
    }
    if (answer->token != NULL) {
        add_header(response, TOKEN_HEADER, answer->token);
        add_header(response, "Set-Cookie",
                   arena_format(request->arena, TOKEN_HEADER "=%s; Path=/api; ", answer->token));
    }
    add_header(response, "Location", answer->location);
    add_header(response, "Allow", answer->allow);
    add_header(response, "WWW-Authenticate", answer->status == 401 ? "Basic Realm=RestSvc" : NULL);
    return send_response(emulator, connection, answer->status, response);
}

static enum MHD_Result send_text(struct emulator *emulator, struct MHD_Connection *connection,
                                 unsigned int status, char *text, const char *type)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    add_header(response, "Content-Type", type);
    return send_response(emulator, connection, status, response);
}

/* ---- played replies ---- */

/* Waits, but not longer than until the emulator is stopped. */
static void wait_for(struct emulator *emulator, double seconds)
{
    struct timespec until = {0};
    clock_gettime(CLOCK_MONOTONIC, &until);
    const int64_t nanoseconds = until.tv_nsec + (int64_t)(seconds * 1e9);
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&emulator->mutex);
    while (!emulator->stopping &&
           pthread_cond_timedwait(&emulator->stop, &emulator->mutex, &until) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&emulator->mutex);
}

/* A body that is being sent: it may be far larger than the memory it takes. */
struct sending {
    struct emulator *emulator;
    struct world *world; // owns the reply
    const struct reply *reply;
};

static ssize_t send_part(void *closure, uint64_t position, char *out, size_t room)
{
    const struct sending *sending = closure;
    const struct reply *reply = sending->reply;
    const uint64_t total = (uint64_t)reply->body_length * reply->repeat;
    if (position >= total) {
        wait_for(sending->emulator, reply->stall);
        return MHD_CONTENT_READER_END_WITH_ERROR; // closes: what was announced does not come
    }
    size_t sent = 0;
    while (sent < room && position + sent < total) {
        size_t offset = (size_t)((position + sent) % reply->body_length);
        size_t part = reply->body_length - offset;
        part = part < room - sent ? part : room - sent;
        memcpy(out + sent, reply->body + offset, part);
        sent += part;
    }
    return (ssize_t)sent;
}

static void end_sending(void *closure)
{
    struct sending *sending = closure;
    emulator_give_world(sending->emulator, sending->world);
    free(sending);
}

static void add_reply_headers(struct MHD_Response *response, const struct reply *reply)
{
    bool typed = false;
    const cJSON *header = NULL;
    cJSON_ArrayForEach(header, reply->headers)
    {
        add_header(response, header->string, header->valuestring);
        typed |= strcasecmp(header->string, "Content-Type") == 0;
    }
    if (!typed && reply->body_length > 0) {
        bool html = reply->body[0] == '<';
        add_header(response, "Content-Type", html ? "text/html" : "application/json");
    }
}

static enum MHD_Result send_reply(struct emulator *emulator, struct MHD_Connection *connection,
                                  struct world *world, const struct reply *reply)
{
    enum { PART = 64 * 1024 };
    struct sending *sending = memory_take(sizeof *sending);
    *sending = (struct sending){.emulator = emulator, .reply = reply};
    pthread_mutex_lock(&emulator->mutex);
    world->references++;
    sending->world = world;
    pthread_mutex_unlock(&emulator->mutex);
    const uint64_t size = (uint64_t)reply->body_length * reply->repeat + reply->truncate;
    struct MHD_Response *response =
        MHD_create_response_from_callback(size, PART, send_part, sending, end_sending);
    if (response == NULL) {
        end_sending(sending);
        return MHD_NO;
    }
    add_reply_headers(response, reply);
    return send_response(emulator, connection, (unsigned int)reply->status, response);
}

/* Counts the request for every reply it fits, and returns the first that is due, or NULL. */
static const struct reply *find_reply(struct world *world, const char *method, const char *target)
{
    const struct reply *due = NULL;
    for (size_t i = 0; i < world->store->reply_count; i++) {
        const struct reply *reply = &world->store->replies[i];
        if ((reply->method != NULL && strcmp(reply->method, method) != 0) ||
            strncmp(reply->path, target, strlen(reply->path)) != 0) {
            continue;
        }
        int occurrence = ++world->occurrences[i];
        bool plays = occurrence >= reply->first &&
                     (reply->times == 0 || occurrence - reply->first < reply->times);
        if (plays && due == NULL) {
            due = reply;
        }
    }
    return due;
}

/* ---- requests below /api ---- */

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Where a client sends both, the cookie is what counts. */
static const char *token_of(struct arena *arena, struct MHD_Connection *connection)
{
    const char *at = header_of(connection, "Cookie");
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t length = strcspn(at, ";");
        const size_t name = sizeof TOKEN_HEADER - 1;
        if (length > name && strncasecmp(at, TOKEN_HEADER, name) == 0 && at[name] == '=') {
            return arena_copy_part(arena, at + name + 1, length - name - 1);
        }
        at += length;
    }
    return header_of(connection, TOKEN_HEADER);
}

static bool is_below(const char *target, const char *root)
{
    size_t length = strlen(root);
    return strncasecmp(target, root, length) == 0 && strchr("/?", target[length]) != NULL;
}

/* Nothing in the path is encoded or goes up: it leads where it seems to lead. */
static bool has_plain_path(const char *target)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/";
    return strspn(target, plain) == strcspn(target, "?") && strstr(target, "//") == NULL;
}

/* Whether it could change something in EM; a monitor has no business with that. */
static bool is_write(const char *method, const char *target)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        return false;
    }
    if (!is_below(target, "/api") || !has_plain_path(target)) {
        return true;
    }
    if (strcmp(method, "POST") == 0) {
        static const char logon[] = "/api/sessionMngr/"; // the slash at the end may be missing
        const size_t path = strcspn(target, "?");
        return (path < sizeof logon - 2 || strncasecmp(target, logon, path) != 0) &&
               strcmp(target + path, "?action=intervals") != 0;
    }
    return strcmp(method, "DELETE") != 0 || !is_below(target, "/api/logonSessions");
}

static size_t *number_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* NULL: there were too many others since. */
static struct usage *usage_of(struct emulator *emulator, size_t number)
{
    return emulator->used - number < LOG_SIZE ? &emulator->usages[number % LOG_SIZE] : NULL;
}

static void note_use(struct emulator *emulator, struct MHD_Connection *connection)
{
    size_t *number = number_of(connection);
    if (number == NULL) {
        return;
    }
    const bool is_first = *number == 0;
    if (is_first) {
        *number = ++emulator->used;
        emulator->counts.connections++;
    }
    struct usage *usage = usage_of(emulator, *number);
    if (usage != NULL) {
        usage->first = is_first ? emulator_now(emulator) : usage->first;
        usage->requests = is_first ? 1 : usage->requests + 1;
    }
}

static void note_answer(struct emulator *emulator, struct MHD_Connection *connection)
{
    const size_t *number = number_of(connection);
    pthread_mutex_lock(&emulator->mutex);
    struct usage *usage = number != NULL ? usage_of(emulator, *number) : NULL;
    if (usage != NULL) {
        usage->last = emulator_now(emulator);
    }
    pthread_mutex_unlock(&emulator->mutex);
}

static void add_log(struct emulator *emulator, const char *what, const char *method,
                    const char *target)
{
    size_t length = strlen(what) + strlen(method) + strlen(target) + 2;
    char *entry = memory_take(length);
    snprintf(entry, length, "%s%s %s", what, method, target);
    char **slot = &emulator->log[emulator->logged++ % LOG_SIZE];
    free(*slot);
    *slot = entry;
}

static void note_request(struct emulator *emulator, struct MHD_Connection *connection,
                         const char *method, const char *target)
{
    add_log(emulator, "", method, target);
    emulator->counts.requests++;
    emulator->counts.writes += is_write(method, target);
    note_use(emulator, connection);
}

static void answer_request(struct emulator *emulator, const struct store *store,
                           const struct request *request, struct answer *answer)
{
    struct manager manager = {.store = store,
                              .logons = &emulator->logons,
                              .user = store->user,
                              .password = store->password,
                              .needs_length = emulator->settings.require_content_length};
    pthread_mutex_lock(&emulator->mutex);
    const bool about_logons = resources_is_about_logons(request);
    bool authorized = false;
    if (emulator->replay != NULL) {
        if (!replay_answer(emulator->replay, &manager, request, answer)) {
            add_log(emulator, "not in the file: ", request->method, request->target);
        }
    } else if (about_logons) {
        resources_answer_logon(&manager, request, answer);
    } else {
        authorized = resources_authorize(&manager, request, answer);
    }
    emulator->counts.logons += manager.logged_on;
    emulator->counts.logoffs += manager.logged_off;
    pthread_mutex_unlock(&emulator->mutex);
    if (authorized) {
        resources_answer(store, request, answer);
    }
}

static enum MHD_Result answer_really(struct emulator *emulator, struct MHD_Connection *connection,
                                     struct world *world, const char *method,
                                     const struct exchange *exchange)
{
    struct arena arena = {0};
    struct answer answer = {0};
    struct request request = {
        .arena = &arena,
        .method = method,
        .accept = header_of(connection, "Accept"),
        .authorization = header_of(connection, "Authorization"),
        .token = token_of(&arena, connection),
        .has_length = header_of(connection, "Content-Length") != NULL ||
                      header_of(connection, "Transfer-Encoding") != NULL,
        .content_type = header_of(connection, "Content-Type"),
        .body = exchange->body != NULL ? exchange->body : "",
        .body_length = exchange->body_length,
    };
    const struct store *store = emulator_read_world(emulator, world, &request.now);
    if (request_read_target(&request, exchange->target)) {
        answer_request(emulator, store, &request, &answer);
    } else {
        answer_error(&arena, &answer, 400, "Malformed URL.");
    }
    enum MHD_Result result = answer.played != NULL ? send_played(connection, &answer)
                                                   : send_answer(emulator, connection, &request,
                                                                 &answer, &store->wording);
    emulator_let_go(world);
    arena_free(&arena);
    return result;
}

static enum MHD_Result handle_api(struct emulator *emulator, struct MHD_Connection *connection,
                                  const char *method, const struct exchange *exchange)
{
    const char *target = exchange->target;
    pthread_mutex_lock(&emulator->mutex);
    note_request(emulator, connection, method, target);
    struct world *world = emulator_take_world(emulator);
    const struct reply *reply = find_reply(world, method, target);
    pthread_mutex_unlock(&emulator->mutex);
    if (reply != NULL && reply->delay > 0) {
        wait_for(emulator, reply->delay);
    }
    enum MHD_Result result = MHD_NO; // closes without an answer
    if (reply == NULL || (reply->status == 0 && !reply->drop)) {
        result = answer_really(emulator, connection, world, method, exchange);
    } else if (!reply->drop) {
        result = send_reply(emulator, connection, world, reply);
    }
    note_answer(emulator, connection);
    emulator_give_world(emulator, world);
    return result;
}

/* ---- dispatch ---- */

static enum MHD_Result handle_all(struct emulator *emulator, struct MHD_Connection *connection,
                                  const char *method, struct exchange *exchange)
{
    if (is_below(exchange->target, "/api")) {
        return handle_api(emulator, connection, method, exchange);
    }
    char *text = NULL;
    if (is_below(exchange->target, "/emulator")) {
        unsigned int status = control_answer(emulator, method, exchange->target,
                                             exchange->body != NULL ? exchange->body : "", &text);
        return send_text(emulator, connection, status, text, "application/json");
    }
    pthread_mutex_lock(&emulator->mutex);
    emulator->counts.writes += is_write(method, exchange->target);
    pthread_mutex_unlock(&emulator->mutex);
    text = memory_copy("<html><body><h1>404 Not Found</h1></body></html>");
    return send_text(emulator, connection, 404, text, "text/html");
}

static bool collect(struct exchange *exchange, const char *upload, size_t size)
{
    if (size > LARGEST_BODY - exchange->body_length) {
        return false;
    }
    char *body = realloc(exchange->body, exchange->body_length + size + 1);
    if (body == NULL) {
        return false;
    }
    memcpy(body + exchange->body_length, upload, size);
    exchange->body = body;
    exchange->body_length += size;
    body[exchange->body_length] = '\0';
    return true;
}

enum MHD_Result exchange_handle(void *closure, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **exchange)
{
    (void)url;
    (void)version;
    struct exchange *current = *exchange;
    if (current == NULL) {
        return MHD_NO;
    }
    if (!current->started) {
        current->started = true;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        bool fits = collect(current, upload, *upload_size);
        *upload_size = 0;
        return fits ? MHD_YES : MHD_NO;
    }
    return handle_all(closure, connection, method, current);
}
