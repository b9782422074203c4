// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct making {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
    gnutls_pubkey_t public_key;
};

static char *text_of(gnutls_datum_t *bytes, const char *prefix)
{
    size_t size = strlen(prefix) + bytes->size + 1;
    char *text = calloc(1, size);
    if (text != NULL) {
        snprintf(text, size, "%s%.*s", prefix, (int)bytes->size, (const char *)bytes->data);
    }
    gnutls_free(bytes->data);
    *bytes = (gnutls_datum_t){0};
    return text;
}

static int make_key(struct making *making)
{
    int failed = gnutls_x509_privkey_init(&making->key);
    if (failed == 0) {
        failed = gnutls_x509_privkey_generate(making->key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    }
    return failed;
}

static int add_names(gnutls_x509_crt_t certificate, const struct certificate_wish *wish)
{
    static const struct {
        gnutls_x509_subject_alt_name_t kind;
        const char *name;
        unsigned int length;
    } loopback[] = {
        {GNUTLS_SAN_DNSNAME, "localhost", 9},
        {GNUTLS_SAN_IPADDRESS, "\x7f\0\0\x01", 4},
        {GNUTLS_SAN_IPADDRESS, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16},
    };
    const unsigned int length = (unsigned int)strlen(wish->host);
    int failed = gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                               wish->host, length);
    if (failed == 0) {
        failed = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, wish->host,
                                                      length, GNUTLS_FSAN_SET);
    }
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0] && !wish->host_alone; i++) {
        if (failed == 0) {
            failed = gnutls_x509_crt_set_subject_alt_name(certificate, loopback[i].kind,
                                                          loopback[i].name, loopback[i].length,
                                                          GNUTLS_FSAN_APPEND);
        }
    }
    return failed;
}

static int fill(struct making *making, const struct certificate_wish *wish)
{
    int failed = gnutls_x509_crt_init(&making->certificate);
    if (failed == 0) {
        failed = add_names(making->certificate, wish);
    }
    if (failed == 0) {
        unsigned char serial[8] = {0};
        gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
        serial[0] &= 0x7F; // a serial number is positive
        gnutls_x509_crt_set_version(making->certificate, 3);
        gnutls_x509_crt_set_serial(making->certificate, serial, sizeof serial);
        gnutls_x509_crt_set_activation_time(making->certificate, wish->not_before);
        gnutls_x509_crt_set_expiration_time(making->certificate, wish->not_after);
        gnutls_x509_crt_set_key_purpose_oid(making->certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
        failed = gnutls_x509_crt_set_key(making->certificate, making->key);
    }
    if (failed == 0) {
        failed = gnutls_x509_crt_sign2(making->certificate, making->certificate, making->key,
                                       GNUTLS_DIG_SHA256, 0);
    }
    return failed;
}

static int make_pin(struct making *making, struct certificate *out)
{
    unsigned char digest[32] = {0};
    gnutls_datum_t bytes = {0};
    gnutls_datum_t encoded = {0};
    int failed = gnutls_pubkey_init(&making->public_key);
    if (failed == 0) {
        failed = gnutls_pubkey_import_x509(making->public_key, making->certificate, 0);
    }
    if (failed == 0) {
        failed = gnutls_pubkey_export2(making->public_key, GNUTLS_X509_FMT_DER, &bytes);
    }
    if (failed == 0) {
        failed = gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.data, bytes.size, digest);
        gnutls_free(bytes.data);
    }
    if (failed == 0) {
        const gnutls_datum_t hash = {.data = digest, .size = sizeof digest};
        failed = gnutls_base64_encode2(&hash, &encoded);
    }
    if (failed == 0) {
        out->pin = text_of(&encoded, "sha256//");
    }
    return failed;
}

static int export(struct making *making, struct certificate *out)
{
    gnutls_datum_t bytes = {0};
    int failed = gnutls_x509_crt_export2(making->certificate, GNUTLS_X509_FMT_PEM, &bytes);
    if (failed == 0) {
        out->certificate_pem = text_of(&bytes, "");
        failed = gnutls_x509_privkey_export2(making->key, GNUTLS_X509_FMT_PEM, &bytes);
    }
    if (failed == 0) {
        out->key_pem = text_of(&bytes, "");
    }
    return failed;
}

int certificate_make(struct certificate *certificate, const struct certificate_wish *wish,
                     char *error, size_t size)
{
    struct making making = {0};
    *certificate = (struct certificate){0};
    int failed = make_key(&making);
    if (failed == 0) {
        failed = fill(&making, wish);
    }
    if (failed == 0) {
        failed = make_pin(&making, certificate);
    }
    if (failed == 0) {
        failed = export(&making, certificate);
    }
    gnutls_pubkey_deinit(making.public_key);
    gnutls_x509_crt_deinit(making.certificate);
    gnutls_x509_privkey_deinit(making.key);
    if (failed == 0) {
        return 0;
    }
    snprintf(error, size, "certificate: %s", gnutls_strerror(failed));
    certificate_free(certificate);
    return -1;
}

void certificate_free(struct certificate *certificate)
{
    free(certificate->certificate_pem);
    free(certificate->key_pem);
    free(certificate->pin);
    *certificate = (struct certificate){0};
}
