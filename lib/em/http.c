// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "em/curl.h"
#include "em/host_name.h"
#include "em/http_fault.h"
#include "em/proxy.h"

enum { BASE_LIMIT = 300, LONG_WAIT_MS = 1000, SHORT_WAIT_MS = 50 };

struct http {
    CURL *curl;   // of the present request; NULL before the first
    CURLM *multi; // it alone can wait for something else besides
    int stop_descriptor;
    const struct em_server *server;
    const struct mask *mask;
    struct em_proxy proxy;
    struct buf base;     // scheme, host and port
    struct buf where;    // that, and the proxy, for faults
    long connect_status; // what the proxy answered to this request's CONNECT; 0: nothing
};

/* What one request hands to libcurl's callbacks. */
struct exchange {
    CURL *curl;
    struct http_response *response;
    size_t head_length;
};

static const char token_header[] = "X-RestSvcSessionId:";
static const char date_header[] = "Date:";
static const char server_header[] = "Server:";

static int set_where(struct http *http, struct fault *fault)
{
    buf_init(&http->where, HTTP_FAULT_SHOWN_BASE + sizeof " at " + HTTP_FAULT_SHOWN_ADDRESS +
                               sizeof " through " + PROXY_SHOWN);
    text_append_clean(&http->where, buf_string(&http->base), HTTP_FAULT_SHOWN_BASE);
    if (http->server->connect_to != NULL) {
        buf_text(&http->where, " at ");
        text_append_clean(&http->where, http->server->connect_to, HTTP_FAULT_SHOWN_ADDRESS);
    }
    if (http->proxy.url != NULL) {
        buf_format(&http->where, " through %s", http->proxy.shown);
    }
    return http->where.failure == BUF_FINE ? 0 : fault_no_memory(fault);
}

struct http *http_open(const struct em_server *server, struct mask *mask, int stop_descriptor,
                       struct fault *fault)
{
    if (curl_load(fault) < 0 || host_name_prepare("--hostname", server->host, fault) < 0 ||
        host_name_prepare("--connect-to", server->connect_to, fault) < 0) {
        return NULL;
    }
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        fault_no_memory(fault);
        return NULL;
    }
    http->server = server;
    http->mask = mask;
    http->stop_descriptor = stop_descriptor;
    buf_init(&http->base, BASE_LIMIT);
    buf_text(&http->base, server->plain ? "http://" : "https://");
    em_server_append(&http->base, server);
    if (curl_init()) {
        http->multi = libcurl.multi_init();
    }
    if (http->multi == NULL || http->base.failure != BUF_FINE) {
        fault_set(fault, FAULT_INTERNAL, "libcurl can't be initialised");
        http_close(http);
        return NULL;
    }
    if (proxy_choose(server, mask, &http->proxy, fault) < 0 || set_where(http, fault) < 0) {
        http_close(http);
        return NULL;
    }
    return http;
}

const struct em_proxy *http_go_between(const struct http *http)
{
    const bool may_answer =
        http->proxy.url != NULL && http->server->plain && http->proxy.speaks_http;
    return may_answer ? &http->proxy : NULL;
}

void http_close(struct http *http)
{
    if (http != NULL) {
        libcurl.easy_cleanup(http->curl);
        libcurl.multi_cleanup(http->multi);
        libcurl.global_cleanup();
        buf_free(&http->base);
        buf_free(&http->where);
        free(http);
    }
}

void http_response_free(struct http_response *response)
{
    buf_wipe(&response->body);
    buf_wipe(&response->location);
    explicit_bzero(response->token, sizeof response->token);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    struct buf *body = &exchange->response->body;
    curl_off_t announced = 0;
    if (body->length == 0 &&
        libcurl.easy_getinfo(exchange->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced) ==
            CURLE_OK &&
        announced > 0) {
        buf_expect(body, (size_t)announced);
    }
    buf_add(body, bytes, size * count);
    return body->failure == BUF_FINE ? size * count : 0;
}

/* The value of a header line, which ends with the line; NULL: the line is another header's. */
static const char *header_value(const char *line, size_t length, const char *header)
{
    const size_t name = strlen(header);
    return length > name && strncasecmp(line, header, name) == 0 ? line + name : NULL;
}

/* 0 where it is no date. */
static utc_us read_date(const char *text, size_t length)
{
    static const time_t year_10000 = INT64_C(253402300800);
    char date[64];
    snprintf(date, sizeof date, "%.*s", (int)length, text);
    const time_t seconds = libcurl.getdate(date, NULL);
    return seconds > 0 && seconds < year_10000 ? (utc_us)seconds * UTC_SECOND : 0;
}

/* What the server calls itself, as much of it as has room. */
static void read_server(const char *text, size_t length, char server[HTTP_SERVER_SIZE])
{
    while (length > 0 && isspace((unsigned char)text[0])) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    snprintf(server, HTTP_SERVER_SIZE, "%.*s", (int)length, text);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    const size_t length = size * count;
    exchange->head_length += length;
    if (exchange->head_length > HTTP_HEAD_LIMIT) {
        return 0;
    }
    const char *token = header_value(bytes, length, token_header);
    const char *date = header_value(bytes, length, date_header);
    const char *server = header_value(bytes, length, server_header);
    const char *end = bytes + length;
    if (token != NULL &&
        !logon_copy_token(exchange->response->token, token, (size_t)(end - token))) {
        return 0;
    }
    if (date != NULL) {
        exchange->response->date = read_date(date, (size_t)(end - date));
    }
    if (server != NULL) {
        read_server(server, (size_t)(end - server), exchange->response->server);
    }
    return length;
}

/*
 * Sets a value of any type. `code` is that of the first setting that libcurl refuses: without one
 * of them nothing may be sent.
 */
#define SET(curl, option, value, code)                                                             \
    (*(code) = *(code) == CURLE_OK ? libcurl.easy_setopt(curl, option, value) : *(code))

static void set_text(CURL *curl, CURLoption option, const char *text, CURLcode *code)
{
    if (text != NULL) {
        SET(curl, option, text, code);
    }
}

static CURLcode set_trust(CURL *curl, const struct em_server *server)
{
    const bool pin_alone =
        server->pinned_pubkey != NULL && server->ca_file == NULL && server->ca_path == NULL;
    const bool verify = !server->insecure && !pin_alone;
    CURLcode code = CURLE_OK;
    SET(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L, &code);
    SET(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L, &code);
    SET(curl, CURLOPT_SSLVERSION,
        server->tls_min == EM_TLS_1_3 ? (long)CURL_SSLVERSION_TLSv1_3
                                      : (long)CURL_SSLVERSION_TLSv1_2,
        &code);
    set_text(curl, CURLOPT_CAINFO, server->ca_file, &code);
    set_text(curl, CURLOPT_CAPATH, server->ca_path, &code);
    set_text(curl, CURLOPT_PINNEDPUBLICKEY, server->pinned_pubkey, &code);
    return code;
}

/* Only HTTP or only HTTPS: nothing can lead to another protocol. */
static CURLcode set_protocol(CURL *curl, const struct em_server *server)
{
    CURLcode code = CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075700
    // Don't wait for a resolver that hangs; a libcurl that does not know it does.
    libcurl.easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
#endif
    SET(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1, &code);
    SET(curl, CURLOPT_FOLLOWLOCATION, 0L, &code);
    SET(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L, &code); // a proxy is not EM
    SET(curl, CURLOPT_NOSIGNAL, 1L, &code);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(curl, CURLOPT_PROTOCOLS_STR, server->plain ? "http" : "https", &code);
#else
    SET(curl, CURLOPT_PROTOCOLS, (long)(server->plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS), &code);
#endif
    return code;
}

/* What to dial, in libcurl's form "::HOST:PORT"; an empty port is --port's. NULL: no memory. */
static struct curl_slist *make_route(const char *connect_to)
{
    const char *bracket = strchr(connect_to, ']');
    const bool has_port = strchr(bracket != NULL ? bracket : connect_to, ':') != NULL;
    cleanup_buf struct buf entry;
    buf_init(&entry, BASE_LIMIT);
    buf_format(&entry, "::%s%s", connect_to, has_port ? "" : ":");
    // An empty one would be none, and the request would go to another address.
    return entry.failure == BUF_FINE ? libcurl.slist_append(NULL, buf_string(&entry)) : NULL;
}

/*
 * Everything that does not change from request to request. The caller frees the route after it.
 * Each request has a handle of its own, as curl_easy_reset can't say that memory was short for the
 * defaults that it sets; the connection is the multi handle's and stays.
 */
static CURLcode set_connection(struct http *http, struct curl_slist **route)
{
    static const long families[] = {[EM_FAMILY_ANY] = CURL_IPRESOLVE_WHATEVER,
                                    [EM_FAMILY_IPV4] = CURL_IPRESOLVE_V4,
                                    [EM_FAMILY_IPV6] = CURL_IPRESOLVE_V6};
    const struct em_server *server = http->server;
    CURL *curl = libcurl.easy_init();
    *route = NULL;
    if (curl == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    libcurl.easy_cleanup(http->curl);
    http->curl = curl;
    CURLcode code = set_protocol(curl, server);
    if (code == CURLE_OK) {
        code = set_trust(curl, server);
    }
    SET(curl, CURLOPT_IPRESOLVE, families[server->family], &code);
    set_text(curl, CURLOPT_PROXY, http->proxy.url != NULL ? http->proxy.url : "", &code);
    set_text(curl, CURLOPT_NOPROXY, "", &code); // proxy_choose has seen to it
    *route = server->connect_to != NULL ? make_route(server->connect_to) : NULL;
    if (server->connect_to != NULL && *route == NULL) {
        code = CURLE_OUT_OF_MEMORY;
    }
    SET(curl, CURLOPT_CONNECT_TO, *route, &code);
    return code;
}

static long milliseconds_left(int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_monotonic_ms();
    return left > 0 ? (long)left : 0;
}

/* Waits until there is something to do. True: the run is to stop. */
static bool wait_or_stop(struct http *http, bool watch, int wait_ms)
{
    struct curl_waitfd stop = {.fd = http->stop_descriptor, .events = CURL_WAIT_POLLIN};
    const unsigned count = watch && http->stop_descriptor >= 0 ? 1 : 0;
#if LIBCURL_VERSION_NUM >= 0x074200
    libcurl.multi_poll(http->multi, &stop, count, wait_ms, NULL);
#else
    libcurl.multi_wait(http->multi, &stop, count, wait_ms, NULL);
#endif
    return stop.revents != 0;
}

/*
 * What curl_easy_perform does; but once the run is to stop, it goes on for `grace_ms` at the most
 * and then gives CURLE_ABORTED_BY_CALLBACK.
 */
static CURLcode transfer(struct http *http, int64_t grace_ms)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;
    int64_t give_up_ms = INT64_MAX;
    int wait_ms = 0; // at first only to see whether the run is to stop already
    int running = 1;
    int messages = 0;
    if (libcurl.multi_add_handle(http->multi, http->curl) != CURLM_OK) {
        return code;
    }
    while (running > 0) {
        const bool stopping = give_up_ms != INT64_MAX;
        if (wait_or_stop(http, !stopping, wait_ms)) {
            give_up_ms = clock_monotonic_ms() + grace_ms;
        }
        if (clock_monotonic_ms() >= give_up_ms) {
            code = CURLE_ABORTED_BY_CALLBACK;
            break;
        }
        if (libcurl.multi_perform(http->multi, &running) != CURLM_OK) {
            break;
        }
        wait_ms = give_up_ms == INT64_MAX ? LONG_WAIT_MS : SHORT_WAIT_MS;
    }
    const CURLMsg *message = libcurl.multi_info_read(http->multi, &messages);
    if (message != NULL && message->msg == CURLMSG_DONE) {
        code = message->data.result;
    }
    libcurl.multi_remove_handle(http->multi, http->curl);
    return code;
}

/* What libcurl's debug lines say of the peer, and when. */
struct inspection {
    struct em_peer *peer;
    int64_t begun_ms;
};

static int take_debug(CURL *curl, curl_infotype type, char *text, size_t length, void *user)
{
    (void)curl;
    const struct inspection *inspection = user;
    struct em_peer *peer = inspection->peer;
    const bool had_reached = peer->reached;
    if (type == CURLINFO_TEXT) {
        peer_take_line(peer, text, length);
        if (peer->reached && !had_reached) {
            peer->connected_ms = clock_monotonic_ms() - inspection->begun_ms;
        }
    }
    return 0;
}

/* What is known when the connection is made, or has failed. */
static void take_connection(CURL *curl, const struct inspection *inspection)
{
    struct em_peer *peer = inspection->peer;
    const int64_t took_ms = clock_monotonic_ms() - inspection->begun_ms;
    char *address = NULL;
    struct curl_certinfo *chain = NULL;
    libcurl.easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
    libcurl.easy_getinfo(curl, CURLINFO_CERTINFO, &chain);
    peer->connected_ms = peer->reached ? peer->connected_ms : took_ms;
    peer->secured_ms = took_ms - peer->connected_ms;
    if (peer->reached && address != NULL) {
        snprintf(peer->address, sizeof peer->address, "%s", address);
    }
    // The server's own certificate comes first, its issuers behind it.
    const bool has_own = chain != NULL && chain->num_of_certs > 0;
    for (struct curl_slist *line = has_own ? chain->certinfo[0] : NULL; line != NULL;
         line = line->next) {
        peer_take_certificate(peer, line->data);
    }
}

/*
 * It asks the server for its key with a pin that no key has: the handshake goes through, libcurl
 * says which key it saw and closes before a byte of a request is sent.
 */
void http_inspect(struct http *http, int64_t deadline_ms, struct em_peer *peer)
{
    static const char no_key[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    struct curl_slist *route = NULL;
    struct inspection inspection = {.peer = peer, .begun_ms = clock_monotonic_ms()};
    *peer = (struct em_peer){.tried = ""};
    snprintf(peer->proxy, sizeof peer->proxy, "%s",
             http->proxy.url != NULL ? http->proxy.shown : "");
    CURLcode code = set_connection(http, &route);
    CURL *curl = http->curl;
    const long left = milliseconds_left(deadline_ms);
    SET(curl, CURLOPT_SSL_VERIFYPEER, 0L, &code);
    SET(curl, CURLOPT_SSL_VERIFYHOST, 0L, &code);
    SET(curl, CURLOPT_PINNEDPUBLICKEY, no_key, &code);
    SET(curl, CURLOPT_URL, buf_string(&http->base), &code);
    SET(curl, CURLOPT_CONNECT_ONLY, 1L, &code);
    SET(curl, CURLOPT_FRESH_CONNECT, 1L, &code);
    SET(curl, CURLOPT_VERBOSE, 1L, &code);
    SET(curl, CURLOPT_DEBUGFUNCTION, take_debug, &code);
    SET(curl, CURLOPT_DEBUGDATA, &inspection, &code);
    SET(curl, CURLOPT_TIMEOUT_MS, left, &code);
    if (code == CURLE_OK) {
        libcurl.easy_setopt(curl, CURLOPT_CERTINFO, 1L); // without it, less is told
    }
    if (code == CURLE_OK && left > 0) {
        transfer(http, 0);
        take_connection(curl, &inspection);
    }
    libcurl.easy_setopt(http->curl, CURLOPT_VERBOSE, 0L); // the peer's memory goes
    libcurl.easy_setopt(http->curl, CURLOPT_CONNECT_TO, NULL);
    libcurl.slist_free_all(route);
}

/* A request lacks no header for want of memory. */
static void add_header(struct curl_slist **headers, const char *header, CURLcode *code)
{
    if (*code != CURLE_OK) {
        return;
    }
    struct curl_slist *longer = libcurl.slist_append(*headers, header);
    if (longer == NULL) {
        *code = CURLE_OUT_OF_MEMORY;
    } else {
        *headers = longer;
    }
}

/* The body stays the request's. */
static void set_body(CURL *curl, const struct http_request *request, struct curl_slist **headers,
                     CURLcode *code)
{
    char type[64];
    const char *body = request->body != NULL ? request->body : "";
    SET(curl, CURLOPT_POSTFIELDS, body, code);
    SET(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body), code);
    // Where there is no content, it has no type either.
    snprintf(type, sizeof type, "Content-Type:%s%s", request->body != NULL ? " " : "",
             request->body != NULL ? request->content_type : "");
    add_header(headers, type, code);
}

/* Sets method, credentials and headers. The headers must be freed after the request. */
static CURLcode set_request(CURL *curl, const struct http_request *request,
                            struct curl_slist **headers)
{
    char token[sizeof token_header + LOGON_TOKEN_SIZE + 1];
    CURLcode code = CURLE_OK;
    *headers = NULL;
    add_header(headers, "Accept: application/json", &code);
    if (request->token != NULL) {
        snprintf(token, sizeof token, "%s %s", token_header, request->token);
        add_header(headers, token, &code);
        explicit_bzero(token, sizeof token);
    }
    if (strcmp(request->method, "POST") == 0) {
        set_body(curl, request, headers, &code);
    } else if (strcmp(request->method, "GET") != 0) {
        set_text(curl, CURLOPT_CUSTOMREQUEST, request->method, &code);
    }
    if (request->username != NULL) {
        SET(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC, &code);
        set_text(curl, CURLOPT_USERNAME, request->username, &code);
        set_text(curl, CURLOPT_PASSWORD, request->password, &code);
    }
    SET(curl, CURLOPT_HTTPHEADER, *headers, &code);
    return code;
}

/*
 * The query of a POST says what is done, and if libcurl has no memory for it, it sends the path of
 * the URL without it. A proxy that plain HTTP goes through gets the whole URL, which libcurl does
 * not send without its query.
 */
static void set_target(const struct http *http, const struct http_request *request, CURLcode *code)
{
    if (strcmp(request->method, "POST") == 0 && http_go_between(http) == NULL) {
        set_text(http->curl, CURLOPT_REQUEST_TARGET, request->target, code);
    }
}

static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *header = headers; header != NULL; header = header->next) {
        explicit_bzero(header->data, strlen(header->data));
    }
    libcurl.slist_free_all(headers);
}

/* Sets where the request goes, and where what comes of it. */
static CURLcode set_exchange(CURL *curl, const char *url, long left_ms, struct exchange *exchange,
                             char words[CURL_ERROR_SIZE])
{
    char user_agent[64];
    CURLcode code = CURLE_OK;
    snprintf(user_agent, sizeof user_agent, "%s/%s", PROGRAM_NAME, program_version);
    set_text(curl, CURLOPT_URL, url, &code);
    set_text(curl, CURLOPT_USERAGENT, user_agent, &code);
    SET(curl, CURLOPT_TIMEOUT_MS, left_ms, &code);
    SET(curl, CURLOPT_ERRORBUFFER, words, &code);
    SET(curl, CURLOPT_WRITEFUNCTION, take_body, &code);
    SET(curl, CURLOPT_WRITEDATA, exchange, &code);
    SET(curl, CURLOPT_HEADERFUNCTION, take_header, &code);
    SET(curl, CURLOPT_HEADERDATA, exchange, &code);
    return code;
}

/* What has come, be it an answer or a part of one. */
static void take_outcome(struct http *http, struct http_response *response)
{
    char *location = NULL;
    char *type = NULL;
    libcurl.easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &response->status);
    libcurl.easy_getinfo(http->curl, CURLINFO_HTTP_CONNECTCODE, &http->connect_status);
    libcurl.easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &location);
    libcurl.easy_getinfo(http->curl, CURLINFO_CONTENT_TYPE, &type);
    if (location != NULL) {
        buf_text(&response->location, location);
    }
    snprintf(response->content_type, sizeof response->content_type, "%s", type != NULL ? type : "");
}

static CURLcode exchange_once(struct http *http, const struct http_request *request,
                              struct http_response *response, char words[CURL_ERROR_SIZE])
{
    char url[16 * 1024];
    const long left_ms = milliseconds_left(request->deadline_ms);
    int length = snprintf(url, sizeof url, "%s%s", buf_string(&http->base), request->target);
    if (left_ms == 0 || length < 0 || (size_t)length >= sizeof url) {
        return left_ms == 0 ? CURLE_OPERATION_TIMEDOUT : CURLE_URL_MALFORMAT;
    }
    struct curl_slist *route = NULL;
    struct curl_slist *headers = NULL;
    CURLcode code = set_connection(http, &route);
    if (code == CURLE_OK) { // else the handle may be that of an earlier request
        struct exchange exchange = {.curl = http->curl, .response = response};
        code = set_request(http->curl, request, &headers);
        set_target(http, request, &code);
        if (code == CURLE_OK) {
            code = set_exchange(http->curl, url, left_ms, &exchange, words);
        }
        if (code == CURLE_OK) {
            code = transfer(http, request->grace_ms);
        }
        take_outcome(http, response);
        libcurl.easy_setopt(http->curl, CURLOPT_ERRORBUFFER, NULL);
    }
    free_headers(headers);
    libcurl.slist_free_all(route);
    explicit_bzero(url, sizeof url); // a logoff's has the id
    return code;
}

int http_perform(struct http *http, const struct http_request *request,
                 struct http_response *response, struct fault *fault)
{
    char words[CURL_ERROR_SIZE] = "";
    *response = (struct http_response){0};
    http->connect_status = 0;
    buf_init(&response->body, HTTP_BODY_LIMIT);
    buf_init(&response->location, HTTP_HEAD_LIMIT);
    const CURLcode code = exchange_once(http, request, response, words);
    if (code == CURLE_OK) {
        return 0;
    }
    struct http_failure failure = {.code = code,
                                   .words = words,
                                   .where = buf_string(&http->where),
                                   .server = http->server,
                                   .proxy = &http->proxy,
                                   .mask = http->mask,
                                   .response = response,
                                   .connect_status = http->connect_status,
                                   .peer = {.pin = ""}};
    if (http_fault_has_pin(&failure)) {
        http_inspect(http, request->deadline_ms, &failure.peer);
    }
    return http_fault_set(&failure, fault);
}
