// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/perfdata.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "monitoring/range.h"

enum {
    ITEM_LABEL_LIMIT = 512, // room for LABEL_LIMIT, a number and a metric's suffix
    SUFFIX_LIMIT = 16,
};

/*
 * Appends the text as a label may hold it: valid UTF-8 on one line, without '|', and with "_" for
 * each '=', "'" and "::" (Icinga 2 takes the last for check_multi's prefix). "unnamed" if nothing
 * is left; cut to `limit` bytes.
 */
static void append_clean(struct buf *buf, const char *text, size_t limit)
{
    const size_t start = buf->length;
    cleanup_buf struct buf line;
    buf_init(&line, limit);
    text_append_clean(&line, text, limit);
    for (const char *at = buf_string(&line); *at != '\0'; at++) {
        const bool pair = at[0] == ':' && at[1] == ':';
        buf_add(buf, pair || *at == '=' || *at == '\'' ? "_" : at, 1);
        at += pair ? 1 : 0;
    }
    if (line.failure != BUF_FINE) {
        buf->failure = line.failure;
    } else if (buf->length == start) {
        buf_text(buf, "unnamed");
    }
}

static void append_quoted(struct buf *buf, const char *label)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    cleanup_buf struct buf clean;
    buf_init(&clean, ITEM_LABEL_LIMIT);
    append_clean(&clean, label, ITEM_LABEL_LIMIT);
    const char *text = buf_string(&clean);
    const char *quote = text[strspn(text, plain)] == '\0' ? "" : "'";
    buf_text(buf, quote);
    buf_text(buf, text);
    buf_text(buf, quote);
    if (clean.failure != BUF_FINE) {
        buf->failure = clean.failure;
    }
}

void perfdata_append(struct buf *buf, const char *label, double value, const char *uom,
                     const range *warning, const range *critical)
{
    if (!isfinite(value)) {
        return;
    }
    if (buf->length > 0 && strchr("| ", buf->text[buf->length - 1]) == NULL) {
        buf_text(buf, " ");
    }
    append_quoted(buf, label);
    buf_text(buf, "=");
    number_append(buf, value);
    buf_text(buf, uom != NULL ? uom : "");
    buf_text(buf, ";");
    if (warning != NULL) {
        range_append(buf, warning);
    }
    buf_text(buf, ";");
    if (critical != NULL) {
        range_append(buf, critical);
    }
    buf_text(buf, ";0");
}

void perfdata_append_label(struct buf *buf, struct set *labels, const char *wanted)
{
    cleanup_buf struct buf clean;
    cleanup_buf struct buf label;
    buf_init(&clean, LABEL_LIMIT);
    buf_init(&label, LABEL_LIMIT + SUFFIX_LIMIT);
    append_clean(&clean, wanted, LABEL_LIMIT);
    buf_text(&label, buf_string(&clean));
    // The number of a label is the largest suffix that was put to it, 1 without any.
    const uint64_t hash = hash_text(buf_string(&clean));
    uint32_t *number = set_add(labels, hash);
    uint32_t suffix = number != NULL && *number > 0 ? *number : 1;
    while (number != NULL && *number > 0) {
        buf_free(&label);
        buf_format(&label, "%s_%" PRIu32, buf_string(&clean), ++suffix);
        number = set_add(labels, hash_text(buf_string(&label)));
    }
    if (number == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return;
    }
    *number = 1;
    *set_find(labels, hash) = suffix;
    buf_text(buf, buf_string(&label));
    buf_share_failure(buf, &clean);
    buf_share_failure(buf, &label);
}
