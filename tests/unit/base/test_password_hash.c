// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/password_hash.h"

#include <check.h>
#include <string.h>

#include "unit/suites.h"

START_TEST(a_password_fits_its_own_hash)
{
    char one[PASSWORD_HASH_SIZE];
    char two[PASSWORD_HASH_SIZE];
    char long_password[4097];
    ck_assert(password_hash_make("Tr0ub4dor", one) && password_hash_make("Tr0ub4dor", two));
    ck_assert_msg(strcmp(one, two) != 0, "two hashes have the same salt");
    ck_assert_ptr_null(strstr(one, "Tr0ub4dor"));
    ck_assert(password_hash_matches(one, "Tr0ub4dor") && password_hash_matches(two, "Tr0ub4dor"));
    ck_assert(!password_hash_matches(one, "Tr0ub4dor2"));
    ck_assert(!password_hash_matches(one, ""));
    // What crypt(3) would take for another method, or for none.
    ck_assert(!password_hash_matches("", "Tr0ub4dor"));
    ck_assert(!password_hash_matches("*0", "Tr0ub4dor"));
    ck_assert(!password_hash_matches("$1$abc$", "Tr0ub4dor"));
    memset(long_password, 'x', sizeof long_password - 1);
    long_password[sizeof long_password - 1] = '\0';
    if (password_hash_make(long_password, one)) { // some versions take 511 bytes at most
        ck_assert(password_hash_matches(one, long_password));
    }
}
END_TEST

Suite *password_hash_suite(void)
{
    Suite *suite = suite_create("password_hash");
    TCase *cases = tcase_create("password_hash");
    tcase_add_test(cases, a_password_fits_its_own_hash);
    suite_add_tcase(suite, cases);
    return suite;
}
