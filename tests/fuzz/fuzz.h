// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the fuzz targets share: the entry point, requirements, and readers of output that share no
 * code with what wrote it. A target is a pure function of its input.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each target's own; libFuzzer or standalone.c calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Counts the inputs that were not refused, in targets that are to take those named good-*. */
extern unsigned long fuzz_taken;

/* Ends the program where the condition does not hold: that is a finding. */
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_broken(const char *file, int line, const char *condition);

/*
 * Copies into memory of its own, so that AddressSanitizer sees each byte read beyond: all bytes and
 * a NUL behind, or what stands before the first NUL. The caller frees it.
 */
char *fuzz_copy(const uint8_t *bytes, size_t size);
char *fuzz_text(const uint8_t *bytes, size_t size);

/* Whether it is UTF-8, by the table of well-formed sequences in the Unicode Standard. */
bool fuzz_is_utf8(const char *text, size_t length);

/* Whether it is UTF-8 without control, line-breaking and direction-changing characters. */
bool fuzz_is_clean(const char *text, size_t length);

/* One item of performance data, its label without quotes. The texts belong to what was read. */
struct item {
    const char *label;
    size_t label_length;
    double value;
};

/*
 * Reads `label=value[uom];[range];[range];0` items with one space between them. Requires that they
 * are well formed and their labels unique. Returns their number, which must not exceed `capacity`.
 */
size_t fuzz_read_items(const char *text, size_t length, struct item *items, size_t capacity);

#endif
