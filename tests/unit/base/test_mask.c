// SPDX-License-Identifier: GPL-3.0-or-later
/* Secrets are put out of texts, in whatever form they were sent or are written. */
#include "base/mask.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/suites.h"

#define UMLAUT "\xC3\xB6"
#define SMILE "\xF0\x9F\x98\x80"
#define PLAIN "Tr0ub4dor-7f3a9c"
#define BLANK "Tr0ub4dor'ss w" UMLAUT "rd+9"
#define ODD "Tr0ub4dor/a+b\"c'" UMLAUT SMILE "\\n&%41|  x"

static const struct {
    const char *secret, *text, *masked;
} texts[] = {
    {PLAIN, "", ""},
    {PLAIN, "nothing to hide", "nothing to hide"},
    {PLAIN, PLAIN, "***"},
    {PLAIN, "a " PLAIN " b", "a *** b"},
    {PLAIN, PLAIN PLAIN " and " PLAIN, "****** and ***"},
    {PLAIN, "Tr0ub4dor-7f3a9", "Tr0ub4dor-7f3a9"}, // not all of it
    {PLAIN, "Tr0ub4dor-7Tr0ub4dor-7f3a9c", "Tr0ub4dor-7***"},
    {PLAIN, "tr0ub4dor-7f3a9c", "tr0ub4dor-7f3a9c"}, // another password
    {ODD, "as it is: " ODD ".", "as it is: ***."},
    // As several writers of JSON have it.
    {ODD, "Tr0ub4dor/a+b\\\"c'" UMLAUT SMILE "\\\\n&%41|  x", "***"},
    {ODD, "Tr0ub4dor\\/a+b\\\"c'" UMLAUT SMILE "\\\\n&%41|  x;", "***;"},
    {ODD, "Tr0ub4dor/a\\u002Bb\\u0022c\\u0027\\u00F6\\uD83D\\uDE00\\\\n\\u0026%41|  x", "***"},
    {ODD, "Tr0ub4dor/a\\u002bb\\u0022c\\u0027\\u00f6\\ud83d\\ude00\\u005cn\\u0026%41|  x", "***"},
    {ODD, "\\u0054r0ub4dor/a+b\\\"c'" UMLAUT SMILE "\\\\n&%41|  x", "***"},
    {"Tr0ub4dor\t\n\r\b\f", "\"Tr0ub4dor\\t\\n\\r\\b\\f\"", "\"***\""},
    // URLs, XML, HTML.
    {ODD, "?p=Tr0ub4dor%2fa%2Bb%22c%27%C3%B6%F0%9F%98%80%5Cn%26%2541%7C%20%20x&q", "?p=***&q"},
    {ODD, "<Tr0ub4dor/a+b&quot;c&apos;&#246;&#x1F600;\\n&amp;%41|  x>", "<***>"},
    {ODD, "Tr0ub4dor/a+b&#34;c&#39;&#xF6;&#128512;\\n&#38;%41|  x", "***"},
    {"&<>\"'x", "&amp;&lt;&gt;&quot;&apos;x", "***"},
    {"a=b==c=", "a%3Db%3d%3dc%3D", "***"},
    {BLANK, "?p=Tr0ub4dor%27ss+w%C3%B6rd%2B9&q", "?p=***&q"}, // as forms have it
    {BLANK, "?p=Tr0ub4dor'ss%20w%c3%b6rd+9&q", "?p=***&q"},
    {"Tr0ub4dor x", "Tr0ub4dor+x", "***"},
    {"Tr0ub4dor+x", "Tr0ub4dor+x", "***"},
    // One within another.
    {BLANK, "\"Tr0ub4dor\\u0026#39;ss w\\u00f6rd\\u002b9\"", "\"***\""}, // HTML in JSON
    {BLANK, "\"Tr0ub4dor\\u0026#x27;ss w&#246;rd+9\"", "\"***\""},
    {BLANK, "\"Tr0ub4dor'ss w\\\\u00f6rd\\\\u002B9\"", "\"***\""}, // JSON in JSON
    {BLANK, "\"Tr0ub4dor\\\\u0027ss w\\u00f6rd+9\"", "\"***\""},
    {BLANK, "<Tr0ub4dor&amp;#39;ss w&amp;#xF6;rd+9>", "<***>"},   // HTML in XML
    {BLANK, "<Tr0ub4dor\\u0027ss w&#92;u00f6rd+9>", "<***>"},     // JSON in XML
    {BLANK, "\"Tr0ub4dor%27ss\\u002bw%C3%B6rd%2B9\"", "\"***\""}, // a form in JSON
    {BLANK, "Tr0ub4dor%2527ss%2Bw%25C3%25B6rd%252B9", "***"},
    {ODD, "Tr0ub4dor\\/a+b\\\\\\\"c'" UMLAUT "\\\\ud83d\\\\ude00\\\\\\\\n&%41|  x", "***"},
    {PLAIN, "\\u0026 \\u0026# \\\\u \\\\ %25 %2525 &amp; &amp;# \\u005c",
     "\\u0026 \\u0026# \\\\u \\\\ %25 %2525 &amp; &amp;# \\u005c"},
    {PLAIN, "Tr0ub4dor-7f3a9\\u0026", "Tr0ub4dor-7f3a9\\u0026"},
    {PLAIN, "Tr0ub4dor-7f3a9%26%00", "Tr0ub4dor-7f3a9%26%00"},
    {PLAIN, "Tr0ub4dor-7f3a9%26\\ud83d", "Tr0ub4dor-7f3a9%26\\ud83d"},
    // What looks like an escape and is none, or ends with the text.
    {PLAIN, "100% \\ & \\u12 %4 %zz &lt", "100% \\ & \\u12 %4 %zz &lt"},
    {PLAIN, "\\uD83D \\uD83D\\u0041 \\uDE00", "\\uD83D \\uD83D\\u0041 \\uDE00"},
    {PLAIN, "&# &#x; &#9999999; &#xD800;", "&# &#x; &#9999999; &#xD800;"},
    {PLAIN, "Tr0ub4dor-7f3a9\\", "Tr0ub4dor-7f3a9\\"},
    {PLAIN, "Tr0ub4dor-7f3a9%6", "Tr0ub4dor-7f3a9%6"},
    {PLAIN, "Tr0ub4dor-7f3a9&#x63", "Tr0ub4dor-7f3a9&#x63"},
    {PLAIN, "Tr0ub4dor-7f3a9\\u006", "Tr0ub4dor-7f3a9\\u006"},
    {"\\\\\\\\\\\\", "\\\\\\\\\\\\\\\\\\\\\\\\", "***"}, // all of what is six as JSON
    {"a\\\\b\\\\c", "a\\\\b\\\\c and a\\\\\\\\b\\\\\\\\c", "*** and ***"},
    // Too short to be told from words.
    {"short", "short", "short"},
    {"", "all", "all"},
    {"sixsix", "sixsix", "***"},
};

START_TEST(masks)
{
    struct mask mask = {.secrets = NULL};
    char *text = strdup(texts[_i].text);
    ck_assert(mask_add(&mask, texts[_i].secret));
    const size_t length = mask_text(&mask, text);
    ck_assert_msg(strcmp(text, texts[_i].masked) == 0, "'%s' instead of '%s'", text,
                  texts[_i].masked);
    ck_assert_uint_eq(length, strlen(text));
    free(text);
    mask_free(&mask);
}
END_TEST

/* Bytes of a Latin-1 terminal, say: a password is bytes. */
START_TEST(a_secret_may_be_no_utf8)
{
    struct mask mask = {.secrets = NULL};
    char text[] = "a Tr0ub4dor\xF6\xFF b";
    mask_add(&mask, "Tr0ub4dor\xF6\xFF");
    mask_text(&mask, text);
    ck_assert_str_eq(text, "a *** b");
    mask_free(&mask);
}
END_TEST

static const struct {
    const char *user, *password, *sent;
} logons[] = {
    {"monitor", PLAIN, "bW9uaXRvcjpUcjB1YjRkb3ItN2YzYTlj"},
    {"monitor", PLAIN "x", "bW9uaXRvcjpUcjB1YjRkb3ItN2YzYTljeA=="},
    {"monitor", PLAIN "xy", "bW9uaXRvcjpUcjB1YjRkb3ItN2YzYTljeHk="},
    {"DOM\\user", "Tr0ub4dor" UMLAUT, "RE9NXHVzZXI6VHIwdWI0ZG9yw7Y="},
    {"u", "short", "dTpzaG9ydA=="}, // as a logon it is long enough
};

START_TEST(masks_what_a_logon_sends)
{
    struct mask mask = {.secrets = NULL};
    char text[200];
    mask_add_basic(&mask, logons[_i].user, logons[_i].password);
    snprintf(text, sizeof text, "Authorization: Basic %s, or %.*s", logons[_i].sent,
             (int)strcspn(logons[_i].sent, "="), logons[_i].sent);
    mask_text(&mask, text);
    ck_assert_ptr_null(strstr(text, "dT"));
    ck_assert_ptr_null(strstr(text, "bW"));
    ck_assert_ptr_null(strstr(text, "RE"));
    ck_assert_ptr_nonnull(strstr(text, "Basic ***"));
    ck_assert_ptr_nonnull(strstr(text, ", or ***"));
    mask_free(&mask);
}
END_TEST

START_TEST(several_secrets_the_longest_first)
{
    struct mask mask = {.secrets = NULL};
    char text[] = "dec0de5e-1 DEC0DE5E-1 secret secret-and-more Secret";
    ck_assert(mask_add(&mask, "secret"));
    ck_assert(mask_add(&mask, "secret-and-more"));
    ck_assert(mask_add_id(&mask, "dec0de5e-1"));
    ck_assert(mask_add(&mask, "secret"));
    ck_assert_uint_eq(mask.count, 3);
    ck_assert_uint_eq(mask_text(&mask, text), strlen("*** *** *** *** Secret"));
    ck_assert_str_eq(text, "*** *** *** *** Secret");
    mask_free(&mask);
    ck_assert_uint_eq(mask.count, 0);
    ck_assert_uint_eq(mask_text(&mask, text), strlen(text));
}
END_TEST

/* Nothing of the secret stays behind the end of the masked text. */
START_TEST(what_is_cut_off_is_overwritten)
{
    struct mask mask = {.secrets = NULL};
    char text[] = "1 " PLAIN " 2 " PLAIN;
    const size_t size = sizeof text;
    mask_add(&mask, PLAIN);
    const size_t length = mask_text(&mask, text);
    ck_assert_str_eq(text, "1 *** 2 ***");
    for (size_t i = length; i < size; i++) {
        ck_assert_int_eq(text[i], '\0');
    }
    mask_free(&mask);
}
END_TEST

START_TEST(without_secrets_nothing_changes)
{
    struct mask none = {.secrets = NULL};
    cleanup_buf struct buf buf;
    char text[] = "a text \\u0041";
    ck_assert_uint_eq(mask_text(NULL, text), sizeof text - 1);
    ck_assert_uint_eq(mask_text(&none, text), sizeof text - 1);
    ck_assert_str_eq(text, "a text \\u0041");
    buf_init(&buf, 100);
    mask_buf(&none, &buf);
    ck_assert_str_eq(buf_string(&buf), "");
}
END_TEST

START_TEST(masks_a_buf)
{
    struct mask mask = {.secrets = NULL};
    cleanup_buf struct buf buf;
    buf_init(&buf, 100);
    mask_add(&mask, PLAIN);
    mask_buf(&mask, &buf); // nothing was appended
    buf_text(&buf, "a " PLAIN " b");
    mask_buf(&mask, &buf);
    ck_assert_uint_eq(buf.length, strlen("a *** b"));
    buf_text(&buf, "c");
    ck_assert_str_eq(buf_string(&buf), "a *** bc");
    mask_free(&mask);
}
END_TEST

Suite *mask_suite(void)
{
    Suite *suite = suite_create("mask");
    TCase *cases = tcase_create("mask");
    tcase_add_loop_test(cases, masks, 0, COUNT(texts));
    tcase_add_test(cases, a_secret_may_be_no_utf8);
    tcase_add_loop_test(cases, masks_what_a_logon_sends, 0, COUNT(logons));
    tcase_add_test(cases, several_secrets_the_longest_first);
    tcase_add_test(cases, what_is_cut_off_is_overwritten);
    tcase_add_test(cases, without_secrets_nothing_changes);
    tcase_add_test(cases, masks_a_buf);
    suite_add_tcase(suite, cases);
    return suite;
}
