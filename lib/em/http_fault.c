// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/http_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { REASON_LIMIT = 120, NAMES_LIMIT = 60 };

/*
 * What helps, by libcurl's and OpenSSL's words; where they change, the words alone must do. The
 * first that fits counts; the last fits all.
 */
struct advice {
    const char *reason, *text;
};

static const struct advice certificate_advice[] = {
    {"self-signed", "; give the certificate or its CA with --ca-file"},
    {"self signed", "; give the certificate or its CA with --ca-file"},
    {"issuer", "; give its CA with --ca-file"},
    {"subject name", "; give a name it is for with --hostname, the address with --connect-to"},
    {"host name", "; give a name it is for with --hostname, the address with --connect-to"},
    {"expired", "; EM needs a new one, or is this host's clock wrong?"},
    {"not yet valid", "; is this host's clock wrong, or EM's?"},
    {"too weak", "; EM needs one with a key of 2048 bits and a signature by SHA-256"},
    {"", ""},
};

#define OR_DEVICE ", or is there a device in between?"
#define NO_TLS "; that is not TLS: is this EM's TLS port (9398)? 9399 is for --no-tls"
#define ASKS_FOR_CERTIFICATE                                                                       \
    "; it asks for a client certificate, which EM never does: is this EM's port" OR_DEVICE
#define NO_CIPHER "; it has no cipher in common with this host: update it" OR_DEVICE
#define CLOSED                                                                                     \
    "; it closed the connection: is this EM's TLS port (9398), does it have a "                    \
    "certificate" OR_DEVICE

static const char too_old[] =
    "; it speaks no TLS that --tls-min allows (1.2 is the lowest): update it" OR_DEVICE;
static const char too_old_for_1_3[] =
    "; it does not speak TLS 1.3: update it, or allow TLS 1.2 with --tls-min=1.2" OR_DEVICE;

static const struct advice handshake_advice[] = {
    {"unsafe legacy renegotiation",
     "; it has no secure renegotiation (RFC 5746): update it" OR_DEVICE},
    {"dh key too small",
     "; its Diffie-Hellman key is too short: it needs ECDHE, or 2048 bits" OR_DEVICE},
    {"unsupported protocol", too_old},
    {"alert protocol version", too_old},
    {"wrong version number", NO_TLS},
    {"packet length too long", NO_TLS},
    {"record layer failure", NO_TLS},
    {"certificate required", ASKS_FOR_CERTIFICATE},
    {"certificate unobtainable", ASKS_FOR_CERTIFICATE},
    {"alert no certificate", ASKS_FOR_CERTIFICATE},
    {"alert bad certificate", ASKS_FOR_CERTIFICATE},
    {"alert unsupported certificate", ASKS_FOR_CERTIFICATE},
    {"alert certificate", ASKS_FOR_CERTIFICATE},
    {"alert unknown ca", ASKS_FOR_CERTIFICATE},
    {"alert access denied", ASKS_FOR_CERTIFICATE},
    {"alert handshake failure", "; it has no cipher in common with this host, or asks for a "
                                "client certificate: update it" OR_DEVICE},
    {"alert insufficient security", NO_CIPHER},
    {"cipher", NO_CIPHER},
    {"unrecognized name", "; it does not know this name: give the right one with --hostname, the "
                          "address with --connect-to"},
    {"alert internal error", "; EM may be unable to use its certificate: see its host's log"},
    {"SSL_ERROR_SYSCALL", CLOSED},
    {"unexpected eof", CLOSED},
    {"reset", CLOSED},
    {"", "; is this EM's TLS port" OR_DEVICE},
};
#undef OR_DEVICE
#undef NO_TLS
#undef ASKS_FOR_CERTIFICATE
#undef NO_CIPHER
#undef CLOSED

static const char *find_advice(const struct advice *advice, const char *reason)
{
    while (strstr(reason, advice->reason) == NULL) {
        advice++;
    }
    return advice->text;
}

/* libcurl names the file. A Debian with few packages has no authorities of its own. */
static bool lacks_authorities(const struct http_failure *failure)
{
    const struct em_server *server = failure->server;
    return failure->code == CURLE_SSL_CACERT_BADFILE &&
           (server->ca_file == NULL || strstr(failure->words, server->ca_file) == NULL) &&
           (server->ca_path == NULL || strstr(failure->words, server->ca_path) == NULL);
}

bool http_fault_has_pin(const struct http_failure *failure)
{
    return failure->code == CURLE_SSL_PINNEDPUBKEYNOTMATCH ||
           failure->code == CURLE_PEER_FAILED_VERIFICATION ||
           failure->code == CURLE_SSL_ISSUER_ERROR || lacks_authorities(failure);
}

#define NEITHER                                                                                    \
    "; neither it nor its CA is in --ca-file or --ca-path: EM's was replaced, or it is another "   \
    "server"

/* Of a certificate, if --ca-file or --ca-path was given and does not have it. */
static const struct advice authority_advice[] = {
    {"self-signed", NEITHER},
    {"self signed", NEITHER},
    {"issuer", "; --ca-file and --ca-path lack its CA, or one between that CA and EM"},
    {"", NULL},
};
#undef NEITHER

static const char *certificate_advice_of(const struct http_failure *failure, const char *reason)
{
    const struct em_server *server = failure->server;
    const bool has_authorities = server->ca_file != NULL || server->ca_path != NULL;
    const char *advice = has_authorities ? find_advice(authority_advice, reason) : NULL;
    return advice != NULL ? advice : find_advice(certificate_advice, reason);
}

/* The names and the key of whoever answered, and what the key may be good for. */
static void append_peer(struct buf *buf, const struct http_failure *failure)
{
    const struct em_server *server = failure->server;
    const struct em_peer *peer = &failure->peer;
    const char *alone = server->ca_file != NULL || server->ca_path != NULL
                            ? "without --ca-file and --ca-path "
                            : "";
    if (peer->names[0] != '\0' && strstr(failure->words, " name") != NULL) {
        buf_text(buf, "; it is for ");
        text_append_clean(buf, peer->names, NAMES_LIMIT);
    }
    if (peer->pin[0] == '\0') {
        return;
    }
    if (server->pinned_pubkey != NULL && strstr(server->pinned_pubkey, peer->pin) == NULL) {
        buf_format(buf, "; its key, %s, is not that of --pinned-pubkey either", peer->pin);
    } else if (server->pinned_pubkey != NULL) {
        buf_format(buf, "; its key is still the right one: --pinned-pubkey=%s %strusts it",
                   peer->pin, alone);
    } else {
        buf_format(buf, "; if its key is the right one, --pinned-pubkey=%s %strusts it", peer->pin,
                   alone);
    }
}

/* The certificate is trusted by now, or need not be. */
static int key_fault(const struct http_failure *failure, struct fault *fault)
{
    const struct em_server *server = failure->server;
    return server->ca_file != NULL || server->ca_path != NULL
               ? fault_set(fault, FAULT_TLS,
                           "%s has another key than --pinned-pubkey, though its certificate is "
                           "trusted: if EM's was renewed, its new pin is %s",
                           failure->where, failure->peer.pin)
               : fault_set(fault, FAULT_TLS,
                           "%s has another key than --pinned-pubkey: is it another server, has "
                           "EM's certificate been replaced, or is somebody in between? If EM's "
                           "own host has this key, its pin is %s",
                           failure->where, failure->peer.pin);
}

static int certificate_fault(const struct http_failure *failure, const char *reason,
                             struct fault *fault)
{
    cleanup_buf struct buf trusts;
    buf_init(&trusts, FAULT_TEXT_SIZE);
    append_peer(&trusts, failure);
    if (failure->code == CURLE_SSL_PINNEDPUBKEYNOTMATCH) {
        return key_fault(failure, fault);
    }
    if (failure->code == CURLE_SSL_CACERT_BADFILE) {
        return fault_set(fault, FAULT_TLS,
                         "the certificate of %s can't be verified: this system's authorities can't "
                         "be read (%s; its package is ca-certificates); give the certificate or "
                         "its CA with --ca-file%s",
                         failure->where, reason, buf_string(&trusts));
    }
    return fault_set(fault, FAULT_TLS, "the certificate of %s is not trusted (%s)%s%s",
                     failure->where, reason, certificate_advice_of(failure, reason),
                     buf_string(&trusts));
}

static int handshake_fault(const struct http_failure *failure, const char *reason,
                           struct fault *fault)
{
    const char *advice = find_advice(handshake_advice, reason);
    if (advice == too_old && failure->server->tls_min == EM_TLS_1_3) {
        advice = too_old_for_1_3;
    }
    return fault_set(fault, FAULT_TLS, "the TLS handshake with %s failed (%s)%s", failure->where,
                     reason, advice);
}

static const struct {
    CURLcode code;
    enum fault_kind kind;
    const char *text; // before the colon and libcurl's own words
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, FAULT_UNREACHABLE, "no address found for --hostname"},
    {CURLE_COULDNT_RESOLVE_PROXY, FAULT_UNREACHABLE, "no address found for the proxy"},
    {CURLE_COULDNT_CONNECT, FAULT_UNREACHABLE,
     "no connection (is EM's service up, and its port open?)"},
    {CURLE_GOT_NOTHING, FAULT_UNREACHABLE, "closed without an answer"},
    {CURLE_SEND_ERROR, FAULT_UNREACHABLE, "the connection broke"},
    {CURLE_RECV_ERROR, FAULT_UNREACHABLE, "the connection broke"},
#if LIBCURL_VERSION_NUM >= 0x074900
    {CURLE_PROXY, FAULT_UNREACHABLE, "the proxy refuses"},
#endif
    {CURLE_SSL_CONNECT_ERROR, FAULT_TLS, NULL},
    {CURLE_SSL_CIPHER, FAULT_TLS, NULL},
    {CURLE_SSL_CERTPROBLEM, FAULT_TLS, NULL},
#if LIBCURL_VERSION_NUM >= 0x074d00
    {CURLE_SSL_CLIENTCERT, FAULT_TLS, NULL},
#endif
    {CURLE_SSL_CACERT_BADFILE, FAULT_USAGE,
     "--ca-file or --ca-path can't be read, or has no certificate in PEM"},
    {CURLE_URL_MALFORMAT, FAULT_USAGE,
     "--hostname, --connect-to or --proxy is malformed; a name beyond ASCII can be written as "
     "xn--..."},
    {CURLE_UNSUPPORTED_PROTOCOL, FAULT_PROTOCOL, "not an HTTP answer"},
    {CURLE_WEIRD_SERVER_REPLY, FAULT_PROTOCOL, "not an HTTP answer"},
    {CURLE_NOT_BUILT_IN, FAULT_USAGE, "this libcurl can't do what an option of TLS asks for"},
    {CURLE_UNKNOWN_OPTION, FAULT_USAGE, "this libcurl can't do what an option of TLS asks for"},
    {CURLE_BAD_FUNCTION_ARGUMENT, FAULT_INTERNAL, "libcurl refuses a setting"},
    {CURLE_PARTIAL_FILE, FAULT_PROTOCOL, "the answer is cut short"},
    // Older than 8.6, libcurl says it of a line of the head that is too long, too.
    {CURLE_OUT_OF_MEMORY, FAULT_PROTOCOL, "the answer's head has too long a line, or no memory"},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, FAULT_PROTOCOL, "the answer's head has too long a line"},
#endif
};

/*
 * A connection that ends within the answer, other than by a reset, has cut it short. Over TLS only
 * the words show a reset: libcurl keeps errno to itself there.
 */
static bool was_cut_short(const struct http_failure *failure)
{
    return failure->code == CURLE_RECV_ERROR && failure->response->status != 0 &&
           strstr(failure->words, strerror(ECONNRESET)) == NULL;
}

/* With TLS 1.3 what the server has against the handshake may come when its answer is waited for. */
static bool is_late_alert(const struct http_failure *failure)
{
    return (failure->code == CURLE_RECV_ERROR || failure->code == CURLE_SEND_ERROR) &&
           failure->response->status == 0 && strstr(failure->words, "SSL routines") != NULL &&
           strstr(failure->words, " alert ") != NULL;
}

static int write_fault(const struct http_response *response, struct fault *fault)
{
    if (response->body.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    if (response->body.failure == BUF_TOO_BIG) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer is larger than %d MiB",
                         HTTP_BODY_LIMIT / (1024 * 1024));
    }
    return fault_set(fault, FAULT_PROTOCOL,
                     "the answer's headers are larger than %d KiB, or its token is none",
                     HTTP_HEAD_LIMIT / 1024);
}

static bool is_refused_by_proxy(const struct http_failure *failure)
{
    const long status = failure->connect_status;
    return status != 0 && (status < 200 || status > 299);
}

/* The proxy has refused to connect to EM: nothing of what it says is EM's. */
static int connect_fault(const struct http_failure *failure, struct fault *fault)
{
    const long status = failure->connect_status;
    cleanup_buf struct buf target;
    buf_init(&target, FAULT_TEXT_SIZE);
    em_server_append(&target, failure->server);
    return fault_set(fault, FAULT_UNREACHABLE, "%s answers %ld to CONNECT %.*s%s",
                     failure->proxy->shown, status, HTTP_FAULT_SHOWN_BASE, buf_string(&target),
                     proxy_advice(failure->proxy, status));
}

/* -4 and -6 are about what is dialled, which may be the proxy. */
static const char *family_advice(const struct http_failure *failure)
{
    static const char *const advice[] = {
        [EM_FAMILY_ANY] = "",
        [EM_FAMILY_IPV4] = "; -4 (--ipv4) allows only IPv4 addresses",
        [EM_FAMILY_IPV6] = "; -6 (--ipv6) allows only IPv6 addresses"};
    const bool has_no_address = failure->code == CURLE_COULDNT_RESOLVE_HOST ||
                                failure->code == CURLE_COULDNT_RESOLVE_PROXY ||
                                failure->code == CURLE_COULDNT_CONNECT;
    return has_no_address ? advice[failure->server->family] : "";
}

static int table_fault(const struct http_failure *failure, const char *reason, struct fault *fault)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].code != failure->code) {
            continue;
        }
        const bool no_proxy_answers =
            failure->code == CURLE_COULDNT_CONNECT && failure->proxy->url != NULL;
        return failures[i].kind == FAULT_TLS
                   ? handshake_fault(failure, reason, fault)
                   : fault_set(fault, failures[i].kind, "%s: %s: %s%s", failure->where,
                               no_proxy_answers
                                   ? "no connection (is the proxy up, and its port open?)"
                                   : failures[i].text,
                               reason, family_advice(failure));
    }
    return fault_set(fault, FAULT_PROTOCOL, "%s: %s", failure->where, reason);
}

static int fault_with_reason(const struct http_failure *failure, const char *reason,
                             struct fault *fault)
{
    if (is_refused_by_proxy(failure)) {
        return connect_fault(failure, fault);
    }
    if (failure->code == CURLE_OPERATION_TIMEDOUT) {
        return fault_set(fault, FAULT_TIMEOUT, "no answer in time from %s: %s; see --timeout",
                         failure->where, reason);
    }
    if (failure->code == CURLE_WRITE_ERROR) {
        return write_fault(failure->response, fault);
    }
    if (failure->code == CURLE_ABORTED_BY_CALLBACK) {
        return fault_set(fault, FAULT_TERMINATED, "by a signal, while waiting for %s",
                         failure->where);
    }
    if (was_cut_short(failure)) {
        return fault_set(fault, FAULT_PROTOCOL, "%s: the answer is cut short: %s", failure->where,
                         reason);
    }
    if (http_fault_has_pin(failure)) {
        return certificate_fault(failure, reason, fault);
    }
    return is_late_alert(failure) ? handshake_fault(failure, reason, fault)
                                  : table_fault(failure, reason, fault);
}

int http_fault_set(const struct http_failure *failure, struct fault *fault)
{
    char words[CURL_ERROR_SIZE];
    cleanup_buf struct buf reason;
    buf_init(&reason, REASON_LIMIT);
    snprintf(words, sizeof words, "%s",
             failure->words[0] != '\0' ? failure->words : libcurl.easy_strerror(failure->code));
    mask_text(failure->mask, words);
    text_append_clean(&reason, words, REASON_LIMIT);
    return fault_with_reason(failure, buf_string(&reason), fault);
}
