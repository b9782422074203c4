// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/secrecy.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static bool starts(const char *word, const char *start)
{
    return strncmp(word, start, strlen(start)) == 0;
}

/* Whether getopt could read the word as --password, be it cut or misspelt at its end. */
static bool is_password_option(const char *word)
{
    return starts(word, "--pass") && !starts(word, "--password-file");
}

/* Whether it could be --proxy with a user and a password in its URL. */
static bool is_proxy_option(const char *word, const char *value)
{
    return starts(word, "--pr") && strchr(value, '@') != NULL;
}

/* Without memory the word becomes empty, which is a usage fault later. */
static void move_word(char **word)
{
    char *moved = strdup(*word);
    explicit_bzero(*word, strlen(*word));
    *word = moved != NULL ? moved : *word;
    // cppcheck-suppress memleak // argv has it
}

/* The words live as long as the program: options are read from them. */
static void hide_passwords(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const bool whole = strchr(argv[i], '=') != NULL; // else the value is the next word
        const int value = whole || i + 1 == argc ? i : i + 1;
        if (is_password_option(argv[i]) || is_proxy_option(argv[i], argv[value])) {
            i = value;
            move_word(&argv[i]);
        }
    }
}

/*
 * What makes libcurl, or a library of its, write a file: the keys of TLS sessions (OpenSSL, GnuTLS,
 * NSS), traces of QUIC, Kerberos and NSS. OPENSSL_CONF stays: it says how TLS is spoken, and writes
 * nothing.
 */
static const char *const writing_variables[] = {"SSLKEYLOGFILE", "SSLDEBUGFILE", "QLOGDIR",
                                                "KRB5_TRACE"};

enum { KEPT_MEMORY = 32 * 1024 * 1024 };

void secrecy_start(int argc, char **argv)
{
    static const struct rlimit none = {0, 0};
    hide_passwords(argc, argv);
    for (size_t i = 0; i < sizeof writing_variables / sizeof writing_variables[0]; i++) {
        unsetenv(writing_variables[i]);
    }
    setrlimit(RLIMIT_CORE, &none);
    // That limit does not hold where the kernel pipes core files to a program: core(5).
    prctl(PR_SET_DUMPABLE, 0);
#ifdef M_PERTURB
    // Large blocks that OpenSSL frees are set to FF; all that is allocated is 0 in return.
    mallopt(M_PERTURB, 0xFF);
#endif
    // A page of EM's comes and goes some dozen times: its memory need not go back to the kernel,
    // which would have to clear it again each time.
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
    mallopt(M_MMAP_THRESHOLD, KEPT_MEMORY / 2);
}
