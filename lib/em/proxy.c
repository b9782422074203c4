// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "em/curl.h"
#include "em/host_name.h"

enum { SHOWN_HOST = 100, LONGEST_ENTRY = 255 };

static const char option[] = "--proxy";

/* ---- the environment's exceptions ---- */

/* Whether the first `bits` bits are the same; 0 of them: all. */
static bool is_in_network(const unsigned char *address, const unsigned char *network, size_t bits,
                          size_t all)
{
    bits = bits == 0 ? all : bits;
    const size_t bytes = bits / 8;
    const unsigned rest = 0xFF00u >> bits % 8 & 0xFF;
    return bits <= all && memcmp(address, network, bytes) == 0 &&
           (rest == 0 || ((address[bytes] ^ network[bytes]) & rest) == 0);
}

/* An address, or a network such as 192.0.2.0/24. */
static bool has_address(const char *entry, int family, const unsigned char *address)
{
    char text[LONGEST_ENTRY + 1];
    unsigned char network[sizeof(struct in6_addr)];
    snprintf(text, sizeof text, "%s", entry);
    char *slash = strchr(text, '/');
    const size_t bits = slash != NULL ? strtoul(slash + 1, NULL, 10) : 0;
    if (slash != NULL) {
        *slash = '\0';
    }
    return inet_pton(family, text, network) == 1 &&
           is_in_network(address, network, bits, family == AF_INET ? 32 : 128);
}

/* The name itself, or a domain that it is in, with a dot before it or without; `host` is ASCII. */
static bool has_name(const char *text, const char *host)
{
    cleanup_free char *entry = host_name_ascii(text + (text[0] == '.' ? 1 : 0));
    if (entry == NULL) {
        return false;
    }
    const size_t length = strlen(entry) - (entry[0] != '\0' && entry[strlen(entry) - 1] == '.');
    const size_t whole = strlen(host) - (host[0] != '\0' && host[strlen(host) - 1] == '.');
    return length > 0 && length <= whole &&
           strncasecmp(host + whole - length, entry, length) == 0 &&
           (length == whole || host[whole - length - 1] == '.');
}

bool proxy_list_has(const char *list, const char *host)
{
    static const char separators[] = ", \t";
    unsigned char address[sizeof(struct in6_addr)];
    const int family = inet_pton(AF_INET, host, address) == 1    ? AF_INET
                       : inet_pton(AF_INET6, host, address) == 1 ? AF_INET6
                                                                 : AF_UNSPEC;
    cleanup_free char *ascii = host_name_ascii(host);
    bool found = strcmp(list, "*") == 0;
    for (list += strspn(list, separators); !found && *list != '\0';
         list += strspn(list, separators)) {
        char entry[LONGEST_ENTRY + 1];
        const size_t length = strcspn(list, separators);
        snprintf(entry, sizeof entry, "%.*s", (int)length, list);
        found = family == AF_UNSPEC ? ascii != NULL && has_name(entry, ascii)
                                    : has_address(entry, family, address);
        list += length;
    }
    return found;
}

/* ---- the choice ---- */

/* The first of the variables that is set; "" counts as not set. */
static const char *first_set(const char *const *variables, const char **name)
{
    for (; *variables != NULL; variables++) {
        const char *value = getenv(*variables);
        if (value != NULL && value[0] != '\0') {
            *name = *variables;
            return value;
        }
    }
    return NULL;
}

/* NULL: there is none. */
static const char *find_url(const struct em_server *server, const char **source)
{
    // As libcurl has it. HTTP_PROXY is not read: a web server sets it from a request's header.
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const secure[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                         NULL};
    static const char *const exceptions[] = {"no_proxy", "NO_PROXY", NULL};
    *source = option;
    if (server->proxy != NULL) {
        return strcasecmp(server->proxy, "none") != 0 ? server->proxy : NULL;
    }
    const char *list = first_set(exceptions, source);
    if (list != NULL && proxy_list_has(list, server->host)) {
        return NULL;
    }
    return first_set(server->plain ? plain : secure, source);
}

/* A part of the URL, "" where it has none; to be freed by libcurl. NULL: no memory, or no text. */
static char *get_part(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    libcurl.url_get(url, part, &text, flags);
    return text;
}

/* False: this is no scheme of a proxy. */
static bool set_scheme(struct em_proxy *proxy, CURLU *url)
{
    static const struct {
        const char *name;
        bool speaks_http;
    } schemes[] = {{"http", true},     {"https", true},   {"socks", false},  {"socks4", false},
                   {"socks4a", false}, {"socks5", false}, {"socks5h", false}};
    char *scheme = get_part(url, CURLUPART_SCHEME, 0);
    bool found = false;
    for (size_t i = 0; scheme != NULL && !found && i < sizeof schemes / sizeof schemes[0]; i++) {
        found = strcasecmp(scheme, schemes[i].name) == 0;
        proxy->speaks_http = found && schemes[i].speaks_http;
    }
    libcurl.free(scheme);
    return found;
}

/* False: no memory. */
static bool mask_password(struct em_proxy *proxy, CURLU *url, struct mask *mask)
{
    char *user = get_part(url, CURLUPART_USER, CURLU_URLDECODE);
    char *password = get_part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    bool masked = true;
    if (password != NULL) {
        proxy->has_password = true;
        masked =
            mask_add(mask, password) && mask_add_basic(mask, user != NULL ? user : "", password);
    }
    libcurl.free(user);
    libcurl.free(password);
    return masked;
}

static int check_name(CURLU *url, const char *source, struct fault *fault)
{
    char *host = get_part(url, CURLUPART_HOST, 0);
    const int result = host_name_prepare(source, host, fault);
    libcurl.free(host);
    return result;
}

static void set_shown(struct em_proxy *proxy, CURLU *url, const char *source)
{
    char *host = get_part(url, CURLUPART_HOST, 0);
    char *port = get_part(url, CURLUPART_PORT, 0);
    cleanup_buf struct buf clean;
    buf_init(&clean, SHOWN_HOST);
    text_append_clean(&clean, host != NULL ? host : "", SHOWN_HOST);
    snprintf(proxy->shown, sizeof proxy->shown, "the proxy %s%s%s (%s)", buf_string(&clean),
             port != NULL ? ":" : "", port != NULL ? port : "", source);
    libcurl.free(host);
    libcurl.free(port);
}

/* Nothing of a URL that can't be read is shown: any part of it may be a password. */
static int read_url(struct em_proxy *proxy, const char *source, struct mask *mask,
                    struct fault *fault)
{
    CURLU *url = libcurl.url();
    const CURLUcode code = url == NULL
                               ? CURLUE_OUT_OF_MEMORY
                               : libcurl.url_set(url, CURLUPART_URL, proxy->url,
                                                 CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
    const bool is_url = code == CURLUE_OK && set_scheme(proxy, url);
    int result = 0;
    if (code == CURLUE_OUT_OF_MEMORY || (is_url && !mask_password(proxy, url, mask))) {
        result = fault_no_memory(fault);
    } else if (!is_url) {
        result = fault_set(fault, source == option ? FAULT_USAGE : FAULT_UNREACHABLE,
                           "%s: not the URL of a proxy (http://USER:PASSWORD@HOST:PORT, with %%40 "
                           "for an @ in the password)",
                           source);
    } else {
        result = check_name(url, source, fault);
        set_shown(proxy, url, source);
    }
    libcurl.url_cleanup(url);
    return result;
}

int proxy_choose(const struct em_server *server, struct mask *mask, struct em_proxy *proxy,
                 struct fault *fault)
{
    const char *source = NULL;
    *proxy = (struct em_proxy){.url = find_url(server, &source)};
    if (proxy->url == NULL) {
        return 0;
    }
    if (read_url(proxy, source, mask, fault) < 0) {
        return -1;
    }
    if (server->plain && source != option) {
        return fault_set(fault, FAULT_USAGE,
                         "--no-tls: %s would get the password in clear; if it may, name it by "
                         "--proxy, else give --proxy=none",
                         proxy->shown);
    }
    return 0;
}

const char *proxy_advice(const struct em_proxy *proxy, long status)
{
#define BASIC_ALONE " (only Basic authentication is supported)"
    if (status == 407 || status == 401) { // tinyproxy answers 401 to a wrong password
        return proxy->has_password ? "; it refuses the user and password of its URL" BASIC_ALONE
                                   : "; it wants http://USER:PASSWORD@HOST:PORT" BASIC_ALONE;
    }
#undef BASIC_ALONE
    if (status == 403 || status == 405) {
        return "; may it connect to this host and port?";
    }
    return status >= 404 ? "; can it find and reach this host?" : "";
}
