// SPDX-License-Identifier: GPL-3.0-or-later
/* What libcurl's debug lines and its lines on a certificate say of the other end. */
#include "em/peer.h"

#include <check.h>
#include <string.h>

#include "em/curl.h"
#include "unit/suites.h"

enum { MOST_LINES = 6 };

/* As versions of libcurl write them, with OpenSSL and GnuTLS. */
static const struct {
    const char *lines[MOST_LINES];
    bool reached;
    const char *tried, *tls, *pin;
} rows[] = {
    {{"  Trying 192.0.2.7:9398...\n"}, false, "192.0.2.7:9398", "", ""},
    {{"  Trying 192.0.2.7...\n", "TCP_NODELAY set\n"}, false, "192.0.2.7", "", ""},
    {{"  Trying [2001:db8::7]:9398...\n", "connect to 2001:db8::7 port 9398 failed\n",
      "  Trying 192.0.2.7:9398...\n", "Connected to em01 (192.0.2.7) port 9398 (#0)\n"},
     true,
     "[2001:db8::7]:9398, 192.0.2.7:9398",
     "",
     ""},
    {{"Established connection to em01 (192.0.2.7 port 9398) from 192.0.2.1 port 4\n"},
     true,
     "",
     "",
     ""},
    {{"ALPN: curl offers http/1.1\n"}, true, "", "", ""},
    {{"SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n",
      " public key hash: sha256//NM0hFpFPwe7weFZkt30dVytNI8OsgmPSWzCmIw8savQ=\n"},
     true,
     "",
     "TLSv1.3",
     "sha256//NM0hFpFPwe7weFZkt30dVytNI8OsgmPSWzCmIw8savQ="},
    {{"SSL connection using TLS1.2 / ECDHE_RSA_AES_256_GCM_SHA384\n"}, true, "", "TLS1.2", ""},
    {{"public key hash: md5//x\n"}, true, "", "", ""},
    {{"Host em01:9398 was resolved.\n", "IPv4: 192.0.2.7\n"}, false, "", "", ""},
    {{"Trying\n", "Trying ", "Connected\n", "..."}, false, "", "", ""},
};

START_TEST(lines)
{
    struct em_peer peer = {.tried = ""};
    for (size_t i = 0; rows[_i].lines[i] != NULL; i++) {
        peer_take_line(&peer, rows[_i].lines[i], strlen(rows[_i].lines[i]));
    }
    ck_assert(peer.reached == rows[_i].reached);
    ck_assert_str_eq(peer.tried, rows[_i].tried);
    ck_assert_str_eq(peer.tls, rows[_i].tls);
    ck_assert_str_eq(peer.pin, rows[_i].pin);
}
END_TEST

/* What is longer than there is room for is cut, or left out. */
START_TEST(long_texts)
{
    struct em_peer peer = {.tried = ""};
    char line[4 * PEER_TEXT] = "";
    memset(line, 'x', sizeof line - 1);
    memcpy(line, "SSL connection using ", strlen("SSL connection using "));
    peer_take_line(&peer, line, sizeof line - 1);
    ck_assert_str_eq(peer.tls, "");
    peer_take_line(&peer, line, PEER_TEXT - 1);
    ck_assert_uint_eq(strlen(peer.tls), PEER_WORD - 1);
    memcpy(line, "Subject:", strlen("Subject:"));
    line[strlen("Subject:") + PEER_TEXT - 2] = '\xC3'; // half of this would have room
    line[strlen("Subject:") + PEER_TEXT - 1] = '\xA9';
    peer_take_certificate(&peer, line);
    ck_assert_uint_eq(strlen(peer.subject), PEER_TEXT - 2);
    for (int i = 0; i < 100; i++) {
        peer_take_line(&peer, "  Trying 192.0.2.7:9398...\n",
                       strlen("  Trying 192.0.2.7:9398...\n"));
    }
    ck_assert_uint_lt(strlen(peer.tried), PEER_TEXT);
}
END_TEST

START_TEST(certificates)
{
    struct em_peer peer = {.tried = ""};
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_int_eq(curl_load(&fault), 0);
    ck_assert(!peer_is_self_signed(&peer));
    peer_take_certificate(&peer, "Subject:CN = em01");
    peer_take_certificate(&peer, "Issuer:CN = em01");
    peer_take_certificate(&peer, "Expire date:Aug 14 12:00:00 2025 GMT");
    peer_take_certificate(&peer, "Version:2");
    peer_take_certificate(&peer, "X509v3 Subject Alternative Name:DNS:em01, email:a@em01, "
                                 "IP Address:192.0.2.1");
    ck_assert_str_eq(peer.subject, "CN = em01");
    ck_assert_str_eq(peer.names, "em01, 192.0.2.1");
    ck_assert(peer_is_self_signed(&peer));
    ck_assert(peer.has_end);
    ck_assert_int_eq(peer.end, INT64_C(1755172800) * UTC_SECOND);
    peer_take_certificate(&peer, "Issuer:CN = CA");
    peer_take_certificate(&peer, "Expire date:never");
    ck_assert(!peer_is_self_signed(&peer));
    ck_assert(!peer.has_end);
}
END_TEST

Suite *peer_suite(void)
{
    Suite *suite = suite_create("peer");
    TCase *tcase = tcase_create("peer");
    tcase_add_loop_test(tcase, lines, 0, COUNT(rows));
    tcase_add_test(tcase, long_texts);
    tcase_add_test(tcase, certificates);
    suite_add_tcase(suite, tcase);
    return suite;
}
