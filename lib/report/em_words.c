// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/em_words.h"

#include "base/number.h"
#include "report/wording.h"

enum { LINE_LIMIT = 64 * 1024 };

static bool is_disabled(const struct policy *policy)
{
    return policy->has_enabled && !policy->enabled;
}

size_t em_words_disabled(const struct verdict *verdict)
{
    const struct policies *policies = &verdict->site.policies;
    size_t count = 0;
    for (size_t i = 0; i < policies->count; i++) {
        count += is_disabled(&policies->items[i]) ? 1 : 0;
    }
    return count;
}

/* Nothing if a finding has said it, or if it was not asked. */
static void append_data_age(struct buf *buf, const struct verdict *verdict)
{
    const struct measure *age = &verdict->measures[METRIC_DATA_AGE];
    const struct site_answer *answer = &verdict->site.answers[SITE_COLLECTION];
    if (verdict_alarm(verdict) != NULL) {
        return;
    }
    if (age->known) {
        buf_text(buf, "; its data is ");
        metrics[METRIC_DATA_AGE].append(buf, age->value);
        buf_text(buf, " old (collected ");
        utc_append_minute(buf, verdict_collected(verdict));
        buf_text(buf, ")");
    } else if (answer->knowledge == SITE_REFUSED) {
        buf_text(buf, "; how old its data is was not told to this user");
    } else if (answer->knowledge == SITE_TOLD) {
        buf_text(buf, "; how old its data is it does not say");
    }
}

void append_em(struct buf *buf, const struct verdict *verdict)
{
    static const double hundredths = 100;
    const double rounded = (double)(long long)(verdict->site.answered_s * hundredths + 0.5);
    buf_text(buf, "Enterprise Manager answered in ");
    number_append(buf, rounded / hundredths);
    buf_text(buf, "s");
    append_data_age(buf, verdict);
    if (verdict->site.answers[SITE_POLICIES].knowledge == SITE_TOLD) {
        const size_t count = verdict->site.policies.count;
        const size_t disabled = em_words_disabled(verdict);
        buf_format(buf, "; %zu polic%s", count, count == 1 ? "y" : "ies");
        if (disabled > 0) {
            buf_format(buf, ", %zu disabled", disabled);
        }
    }
}

/* Adds the buf's text as a line. */
static void add_line(struct lines *lines, const struct buf *text)
{
    lines_add(lines, "%s", buf_string(text));
    lines->no_memory = lines->no_memory || text->failure == BUF_NO_MEMORY;
}

static void add_disabled(struct lines *lines, const struct verdict *verdict)
{
    const struct policies *policies = &verdict->site.policies;
    struct enumeration names = {0};
    cleanup_buf struct buf line;
    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < policies->count; i++) {
        if (!is_disabled(&policies->items[i])) {
            continue;
        }
        buf_text(&line, names.count == 0 ? "disabled in EM: " : "");
        if (enumeration_next(&names, &line)) {
            append_name(&line, policies->items[i].name, "-");
            buf_text(&line, policies->items[i].backup_server != NULL ? " (" : "");
            append_name(&line, policies->items[i].backup_server, "");
            buf_text(&line, policies->items[i].backup_server != NULL ? ")" : "");
        }
    }
    enumeration_end(&names, &line);
    if (names.count > 0) {
        add_line(lines, &line);
    }
}

static void add_server(struct lines *lines, const struct verdict *verdict, const char *name)
{
    const struct collected_server *entry =
        name != NULL ? collection_find(&verdict->site.collection, name) : NULL;
    cleanup_buf struct buf line;
    utc_us at = 0;
    buf_init(&line, LINE_LIMIT);
    buf_text(&line, "backup server ");
    append_name(&line, name, "that EM does not name");
    if (collection_of_server(&verdict->site.collection, name, &at)) {
        buf_text(&line, ": collected ");
        utc_append_span(&line, verdict->now - at);
        buf_text(&line, " ago (");
        utc_append_minute(&line, at);
        buf_text(&line, ")");
    } else {
        buf_text(&line, ": not known when it was collected");
    }
    buf_text(&line, entry != NULL && entry->missed ? ", missed by the newest data collection" : "");
    add_line(lines, &line);
}

/* Those of the verdict, and then those that only data collections name. */
static void add_servers(struct lines *lines, const struct verdict *verdict)
{
    const struct collection *collection = &verdict->site.collection;
    for (size_t i = 0; i < verdict->server_count; i++) {
        add_server(lines, verdict, verdict->servers[i].name);
    }
    for (size_t i = 0; i < collection->count; i++) {
        bool has_line = false;
        for (size_t j = 0; j < verdict->server_count && !has_line; j++) {
            const char *name = verdict->servers[j].name;
            has_line = name != NULL && collection_find(collection, name) == &collection->servers[i];
        }
        if (!has_line) {
            add_server(lines, verdict, collection->servers[i].name);
        }
    }
}

void em_words_add_lines(struct lines *lines, const struct verdict *verdict, int verbosity)
{
    add_disabled(lines, verdict);
    if (verbosity > 0 && verdict->site.answers[SITE_COLLECTION].knowledge == SITE_TOLD) {
        add_servers(lines, verdict);
    }
}
