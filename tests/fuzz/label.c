// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * VMs' names as labels of performance data. The first 8 bytes are the value, the ninth chooses the
 * thresholds; each line that follows is a name.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "monitoring/perfdata.h"
#include "monitoring/range.h"

enum { MOST_NAMES = 24, LONGEST_SUFFIX = 16, OUTPUT_LIMIT = 1024 * 1024 };

static range *choose_range(unsigned int chosen)
{
    static const char *const texts[] = {NULL, "10", "10:", "~:10", "@10:20", "-1.5:7.25w", "@~:0"};
    struct fault fault;
    const char *text = texts[chosen % (sizeof texts / sizeof texts[0])];
    range *read = text != NULL ? range_read(text, UNIT_DURATION, &fault) : NULL;
    REQUIRE(read != NULL || text == NULL);
    return read;
}

static void check_label(const char *label)
{
    const size_t length = strlen(label);
    REQUIRE(length > 0 && length <= LABEL_LIMIT + LONGEST_SUFFIX);
    REQUIRE(fuzz_is_clean(label, length));
    REQUIRE(strpbrk(label, "|='") == NULL && strstr(label, "::") == NULL);
}

static void append_items(struct buf *items, const char *label, double value, unsigned int chosen)
{
    struct buf name;
    buf_init(&name, OUTPUT_LIMIT);
    buf_format(&name, "%s_duration", label);
    range *warning = choose_range(chosen);
    range *critical = choose_range(chosen / 8);
    perfdata_append(items, buf_string(&name), value, (chosen & 0x80) != 0 ? "s" : NULL, warning,
                    critical);
    free(warning);
    free(critical);
    buf_free(&name);
}

static void check_items(const struct buf *text, size_t expected, double value)
{
    struct item items[MOST_NAMES];
    REQUIRE(text->failure == BUF_FINE);
    const size_t count = fuzz_read_items(buf_string(text), text->length, items, MOST_NAMES);
    REQUIRE(count == (isfinite(value) ? expected : 0));
    for (size_t i = 0; i < count; i++) {
        REQUIRE(fabs(items[i].value - value) <= 0.000501 + fabs(value) * 1e-15);
    }
}

static void run(char *names, double value, unsigned int chosen)
{
    cleanup_set struct set set = {.slots = NULL};
    struct buf items;
    struct buf labels[MOST_NAMES];
    size_t count = 0;
    char *rest = names;
    buf_init(&items, OUTPUT_LIMIT);
    while (rest != NULL && count < MOST_NAMES) {
        const char *name = strsep(&rest, "\n");
        buf_init(&labels[count], OUTPUT_LIMIT);
        perfdata_append_label(&labels[count], &set, name);
        check_label(buf_string(&labels[count]));
        append_items(&items, buf_string(&labels[count]), value, chosen);
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            REQUIRE(strcmp(buf_string(&labels[i]), buf_string(&labels[k])) != 0);
        }
    }
    check_items(&items, count, value);
    for (size_t i = 0; i < count; i++) {
        buf_free(&labels[i]);
    }
    buf_free(&items);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    double value = 0;
    if (size <= sizeof value) {
        return 0;
    }
    memcpy(&value, bytes, sizeof value);
    char *names = fuzz_text(bytes + sizeof value + 1, size - sizeof value - 1);
    run(names, value, bytes[sizeof value]);
    free(names);
    return 0;
}
