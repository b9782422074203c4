// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a request came to that ended without an answer, in words for an admin: by libcurl's code, by
 * its words and OpenSSL's, and by what a proxy said. It touches no connection.
 */
#ifndef EM_HTTP_FAULT_H
#define EM_HTTP_FAULT_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/mask.h"
#include "em/curl.h"
#include "em/http_message.h"
#include "em/peer.h"
#include "em/proxy.h"
#include "em/server.h"

enum { HTTP_FAULT_SHOWN_BASE = 120, HTTP_FAULT_SHOWN_ADDRESS = 60 };

struct http_failure {
    CURLcode code;
    const char *words; // libcurl's own; "": none
    const char *where; // scheme, host and port of EM, what is dialled instead, and the proxy
    const struct em_server *server;
    const struct em_proxy *proxy;
    const struct mask *mask;
    const struct http_response *response; // what had come by then
    long connect_status;                  // what the proxy answered to CONNECT; 0: nothing
    struct em_peer peer;                  // who answered, if http_fault_has_pin
};

/* Whether the fault shows whose certificate it was, which costs a connection: the caller finds it
 * out first. */
bool http_fault_has_pin(const struct http_failure *failure);

/* Sets the fault that the failure is. Returns -1. */
int http_fault_set(const struct http_failure *failure, struct fault *fault);

#endif
