// SPDX-License-Identifier: GPL-3.0-or-later
/* Where Enterprise Manager is and how far it is trusted: what a connection needs to know. */
#ifndef EM_SERVER_H
#define EM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum em_family { EM_FAMILY_ANY, EM_FAMILY_IPV4, EM_FAMILY_IPV6 };
enum em_tls_version { EM_TLS_1_2, EM_TLS_1_3 };

/* The texts are borrowed: they must outlive the connection. NULL: not given. */
struct em_server {
    const char *host; // name or address; an IPv6 address without brackets
    uint16_t port;
    enum em_family family;
    const char *connect_to; // HOST[:PORT] to dial instead
    const char *proxy;
    bool plain; // HTTP without TLS
    enum em_tls_version tls_min;
    bool insecure; // verify nothing
    const char *ca_file;
    const char *ca_path;
    const char *pinned_pubkey; // sha256//BASE64[;…]
};

/* Appends "host:port", as a URL has it. */
void em_server_append(struct buf *buf, const struct em_server *server);

/*
 * Appends a part of file names that tells one logon from another: USER@HOST_PORT. No two logons
 * share it, as what separates its parts is encoded within them.
 */
void em_server_append_key(struct buf *name, const struct em_server *server, const char *username);

#endif
