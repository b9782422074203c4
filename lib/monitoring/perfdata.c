// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/perfdata.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "monitoring/range.h"

enum {
    ITEM_LABEL_LIMIT = 512, // room for LABEL_LIMIT, a number and a metric's suffix
    SUFFIX_LIMIT = 16,
};

void label_append_clean(struct buf *buf, const char *text, size_t limit)
{
    const size_t start = buf->length;
    struct buf line cleanup_buf;
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

static void append_label(struct buf *buf, const char *label)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    struct buf clean cleanup_buf;
    buf_init(&clean, ITEM_LABEL_LIMIT);
    label_append_clean(&clean, label, ITEM_LABEL_LIMIT);
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
    append_label(buf, label);
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

struct label {
    char *text;
    unsigned int last_suffix; // the largest that was put to this text
};

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct label *)a)->text, ((const struct label *)b)->text);
}

void label_set_init(struct label_set *set)
{
    set->tree = NULL;
}

static void free_label(struct label *label)
{
    free(label->text);
    free(label);
}

void label_set_free(struct label_set *set)
{
    while (set->tree != NULL) {
        struct label *root = *(struct label **)set->tree;
        tdelete(root, &set->tree, compare_labels);
        free_label(root);
    }
}

/* Puts the label into the set, which owns it then; gives the one already there of the same text. */
static struct label *find_or_insert(struct label_set *set, struct label *label)
{
    struct label **found = tsearch(label, &set->tree, compare_labels);
    return found != NULL ? *found : NULL;
}

/* Takes `text` over, NULL included. NULL: no memory. */
static struct label *make_label(char *text)
{
    struct label *label = text != NULL ? malloc(sizeof *label) : NULL;
    if (label == NULL) {
        free(text);
        return NULL;
    }
    *label = (struct label){.text = text, .last_suffix = 1};
    return label;
}

static char *clean_text(const char *wanted)
{
    struct buf text cleanup_buf;
    buf_init(&text, LABEL_LIMIT);
    label_append_clean(&text, wanted, LABEL_LIMIT);
    return buf_take(&text);
}

static char *with_suffix(const struct label *label)
{
    struct buf text cleanup_buf;
    buf_init(&text, LABEL_LIMIT + SUFFIX_LIMIT);
    buf_format(&text, "%s_%u", label->text, label->last_suffix);
    return buf_take(&text);
}

const char *label_set_add(struct label_set *set, const char *wanted)
{
    struct label *label = make_label(clean_text(wanted));
    struct label *first = label != NULL ? find_or_insert(set, label) : NULL;
    struct label *found = first;
    while (found != NULL && found != label) { // the text is taken: try the next suffix
        free_label(label);
        first->last_suffix++;
        label = make_label(with_suffix(first));
        found = label != NULL ? find_or_insert(set, label) : NULL;
    }
    if (found == NULL) {
        if (label != NULL) {
            free_label(label);
        }
        return NULL;
    }
    return label->text;
}
