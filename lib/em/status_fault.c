// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/status_fault.h"

#include <string.h>

#include "base/text.h"
#include "em/message.h"

enum { MESSAGE_LIMIT = 200, REQUEST_LIMIT = 160 };

static bool is_logon(const struct http_request *request)
{
    return request->username != NULL;
}

static bool is_redirect(long status)
{
    return status >= 300 && status < 400;
}

/* Whether it asks for one entity by its id, which EM may not have; it has logons and queries. */
static bool is_by_id(const struct http_request *request)
{
    static const char query[] = "/api/query?";
    return !is_logon(request) && strncmp(request->target, query, strlen(query)) != 0;
}

bool status_fault_is_not_found(const struct http_request *request,
                               const struct http_response *response)
{
    return response->status == 404 && is_by_id(request);
}

/* HTTP does not say how Basic's user and password are encoded, and neither do EM's documents. */
static const char *logon_advice(const struct http_request *logon)
{
#define CHECK_BOTH "; check user and password (DOMAIN\\user on Windows, user@domain on Linux)"
    if (text_is_ascii(logon->username) && text_is_ascii(logon->password)) {
        return CHECK_BOTH;
    }
    return text_is_utf8(logon->username) && text_is_utf8(logon->password)
               ? CHECK_BOTH ", and their encoding: they were sent as UTF-8, EM may expect "
                            "Windows-1252"
               : CHECK_BOTH ", and their encoding: they were not sent as UTF-8, EM may expect that";
#undef CHECK_BOTH
}

static const char *refusal_advice(const struct http_request *request)
{
    if (is_logon(request)) {
        return logon_advice(request);
    }
    return strcmp(request->method, "DELETE") != 0 ? "; it did so to a fresh logon as well" : "";
}

/* What the status means if EM has sent it, and what to do about it. */
static enum fault_kind ems_kind(const struct http_request *request, long status,
                                const char **advice)
{
    *advice = "";
    if (status >= 500) {
        *advice = "; look at EM's service and its log";
        return FAULT_SERVER;
    }
    if (status == 401) {
        *advice = refusal_advice(request);
        return FAULT_LOGON;
    }
    if (status == 403) {
        *advice = "; the user may need EM's role Portal Administrator";
        return FAULT_FORBIDDEN;
    }
    if (status == 404 && is_by_id(request)) {
        return FAULT_NOT_FOUND;
    }
    if (status == 404) {
        *advice = "; is this EM's port? 9419 is another API";
    }
    if (is_redirect(status)) {
        *advice = "; redirects are not followed: is this EM's own address?";
    }
    return FAULT_PROTOCOL;
}

/* The same if a proxy may have answered in place of EM: what it refuses is no verdict of EM's. */
static enum fault_kind proxied_kind(const struct em_proxy *proxy, enum fault_kind kind, long status,
                                    const char **advice)
{
    const bool refused = status == 403 || status == 407 || status >= 500;
    if (!refused && kind != FAULT_NOT_FOUND) {
        return kind;
    }
    *advice = proxy_advice(proxy, status);
    return refused ? FAULT_UNREACHABLE : FAULT_PROTOCOL;
}

/*
 * The request as a fault names it: without its query, and without the id of a logoff; of an action,
 * the action, as two UUIDs tell nobody which VM it is about.
 */
static void append_request(struct buf *buf, const struct http_request *request)
{
    static const char logons[] = "/api/logonSessions";
    const bool has_id = strncmp(request->target, logons, strlen(logons)) == 0;
    const bool acts = request->body != NULL;
    const size_t path = strcspn(request->target, "?");
    const char *shown = acts ? request->target + path : request->target;
    const size_t length = acts ? strlen(shown) : has_id ? strlen(logons) : path;
    buf_format(buf, "%s %.*s", request->method, (int)length, shown);
}

/* EM's own words, or where it redirects to; masked before they are cut. */
static void append_said(struct buf *buf, const struct http_response *response,
                        const struct mask *mask)
{
    cleanup_secret_buf struct buf said;
    buf_init(&said, HTTP_BODY_LIMIT);
    if (is_redirect(response->status)) {
        buf_text(&said, buf_string(&response->location));
    } else {
        message_append(&said, buf_string(&response->body), response->body.length);
    }
    mask_buf(mask, &said);
    text_append_clean(buf, buf_string(&said), MESSAGE_LIMIT);
}

int status_fault_set(const struct http_request *request, const struct http_response *response,
                     const struct em_proxy *go_between, const struct mask *mask,
                     struct fault *fault)
{
    const long status = response->status;
    const char *advice = "";
    enum fault_kind kind = ems_kind(request, status, &advice);
    cleanup_buf struct buf said;
    cleanup_buf struct buf asked;
    buf_init(&said, FAULT_TEXT_SIZE);
    buf_init(&asked, REQUEST_LIMIT);
    append_request(&asked, request);
    append_said(&said, response, mask);
    // EM's own errors have words; but that of a logon may have none.
    const bool unsure = go_between != NULL && (said.length == 0 || is_redirect(status));
    if (unsure) {
        kind = proxied_kind(go_between, kind, status, &advice);
    }
    const bool is_logon_at_both = unsure && status == 401 && go_between->has_password;
    return fault_set(fault, kind, "%s%s answers %ld to %s%s%s%s%s",
                     unsure ? go_between->shown : "EM",
                     unsure && status != 407 ? ", or EM behind it," : "", status,
                     buf_string(&asked), said.length > 0 ? ": " : "", buf_string(&said), advice,
                     is_logon_at_both ? "; check those of the proxy's URL, too" : "");
}
