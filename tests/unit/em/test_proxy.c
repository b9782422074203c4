// SPDX-License-Identifier: GPL-3.0-or-later
/* Which hosts are excepted from the environment's proxies: as libcurl has it. */
#include "em/proxy.h"

#include <check.h>

#include "em/curl.h"
#include "unit/suites.h"

#define BUECHER                                                                                    \
    "b\xC3\xBC"                                                                                    \
    "cher"
#define BIG_BUECHER                                                                                \
    "B\xC3\x9C"                                                                                    \
    "CHER"
#define XN_BUECHER "xn--bcher-kva"

static const struct {
    const char *list, *host;
    bool has;
} lists[] = {
    {"", "em01", false},
    {"*", "em01", true},
    {"*", "192.0.2.1", true},
    {"em01", "em01", true},
    {"EM01", "em01", true},
    {"em01", "em010", false},
    {"em01", "xem01", false},
    {"em01.", "em01", true},
    {"em01", "em01.", true},
    {"example.com", "em01.example.com", true},
    {".example.com", "em01.example.com", true},
    {".example.com", "example.com", true},
    {"example.com", "em01example.com", false},
    {"example.com", "example.com.evil", false},
    {"em01.example.com", "example.com", false},
    {"a,em01", "em01", true},
    {"a em01 b", "em01", true},
    {" a ,\t em01,", "em01", true},
    {",,", "em01", false},
    {".", "em01", false},
    {"..", "em01", false},
    {"a,*", "em01", false}, // an asterisk counts alone
    {"*.example.com", "em01.example.com", false},
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.10", false},
    {"2.1", "192.0.2.1", false},
    {"192.0.2.0/24", "192.0.2.77", true},
    {"192.0.2.0/24", "192.0.3.77", false},
    {"192.0.2.64/26", "192.0.2.127", true},
    {"192.0.2.64/26", "192.0.2.128", false},
    {"192.0.2.0/32", "192.0.2.0", true},
    {"192.0.2.0/33", "192.0.2.0", false},
    {"192.0.2.0/24", "em01", false},
    {"x, 192.0.2.0/24", "192.0.2.1", true},
    {"2001:db8::1", "2001:db8::1", true},
    {"2001:DB8:0::1", "2001:db8::1", true},
    {"2001:db8::/32", "2001:db8:1::1", true},
    {"2001:db8::/32", "2001:db9::1", false},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"192.0.2.0/24", "2001:db8::1", false},
    {BUECHER, BUECHER, true},
#if LIBCURL_VERSION_NUM >= 0x075800
    {BUECHER, BIG_BUECHER, true},
    {BIG_BUECHER ".EXAMPLE", BUECHER ".example", true},
    {XN_BUECHER, BUECHER, true},
    {BUECHER, XN_BUECHER, true},
    {"." XN_BUECHER ".example", "em01." BIG_BUECHER ".example", true},
    {"." BUECHER ".example", "em01." XN_BUECHER ".example.", true},
#endif
    {BUECHER, "x" BUECHER, false},
    {BUECHER, "bucher", false},
    {"\xFF"
     "cher",
     "\xFF"
     "cher",
     true}, // not a name, but the same
};

START_TEST(finds_the_excepted)
{
    struct fault fault;
    ck_assert_int_eq(curl_load(&fault), 0);
    ck_assert_msg(proxy_list_has(lists[_i].list, lists[_i].host) == lists[_i].has, "%s in '%s'",
                  lists[_i].host, lists[_i].list);
}
END_TEST

Suite *proxy_suite(void)
{
    Suite *suite = suite_create("proxy");
    TCase *cases = tcase_create("proxy");
    tcase_add_loop_test(cases, finds_the_excepted, 0, COUNT(lists));
    suite_add_tcase(suite, cases);
    return suite;
}
