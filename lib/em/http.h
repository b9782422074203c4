// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One HTTP request after the other over one connection to EM, by libcurl. It knows TLS, deadlines
 * and sizes, and nothing of logon sessions. What an admin reads of its errors is in http_fault.h.
 */
#ifndef EM_HTTP_H
#define EM_HTTP_H

#include <stdint.h>

#include "base/fault.h"
#include "base/mask.h"
#include "em/http_message.h"
#include "em/peer.h"
#include "em/proxy.h"
#include "em/server.h"

struct http;

/*
 * `server` is borrowed, and so is `mask`, which what a fault quotes is masked by. `stop_descriptor`
 * is readable as soon as the run is to stop; -1: there is none. NULL: the fault says why.
 */
struct http *http_open(const struct em_server *server, struct mask *mask, int stop_descriptor,
                       struct fault *fault);
void http_close(struct http *http);

/* The proxy that may answer in place of EM; NULL: there is none, or TLS shows that EM answers. */
const struct em_proxy *http_go_between(const struct http *http);

/*
 * Sends the request and reads the whole answer, whatever its status. 0, or -1 with a fault of kind
 * unreachable, tls, timeout, terminated, protocol, usage (a CA file that can't be read) or
 * internal. The caller frees the response with http_response_free in either case.
 */
int http_perform(struct http *http, const struct http_request *request,
                 struct http_response *response, struct fault *fault);

/*
 * Connects, shakes hands and closes, whatever the certificate is worth, and sends nothing else:
 * says what there was to see of the other end. What could not be had stays empty.
 */
void http_inspect(struct http *http, int64_t deadline_ms, struct em_peer *peer);

/* Frees and overwrites: an answer may hold a token. */
void http_response_free(struct http_response *response);

#define cleanup_http_response __attribute__((cleanup(http_response_free)))

#endif
