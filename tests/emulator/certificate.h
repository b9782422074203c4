// SPDX-License-Identifier: GPL-3.0-or-later
/* A key and a certificate it has signed itself, as EM makes one for itself. */
#ifndef EMULATOR_CERTIFICATE_H
#define EMULATOR_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct certificate {
    char *certificate_pem;
    char *key_pem;
    char *pin; // "sha256//" and the base64 of the SHA-256 of the public key
};

struct certificate_wish {
    const char *host;
    bool host_alone; // without localhost, 127.0.0.1 and ::1 as further names
    time_t not_before;
    time_t not_after;
};

/* 0, or -1 and `error` of `size` bytes. */
int certificate_make(struct certificate *certificate, const struct certificate_wish *wish,
                     char *error, size_t size);
void certificate_free(struct certificate *certificate);

#endif
