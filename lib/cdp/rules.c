// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/rules.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

const struct threshold *threshold_given(const struct threshold *threshold)
{
    return threshold->range != NULL ? threshold : NULL;
}

/* The value from which on the threshold is broken; 0: it is by none that is large. */
static double limit_of(const struct threshold *threshold)
{
    const range *limits = threshold->range;
    if (limits == NULL) {
        return 0;
    }
    if (!limits->end_infinity) {
        return limits->end;
    }
    return limits->alert_on == INSIDE && !limits->start_infinity ? limits->start : 0;
}

double rules_largest_limit(const struct rules *rules, enum metric metric)
{
    const double warning = limit_of(&rules->warning[metric]);
    const double critical = limit_of(&rules->critical[metric]);
    return warning > critical ? warning : critical;
}

/* The largest limit on a metric that grows. */
static double largest_limit(const struct rules *rules)
{
    double largest = 0;
    for (enum metric metric = 0; metric < VM_METRICS; metric++) {
        const double limit = rules_largest_limit(rules, metric);
        largest = metrics[metric].grows && limit > largest ? limit : largest;
    }
    return largest;
}

double rules_since(const struct rules *rules, double idle_s, double since_s)
{
    static const double day = 86400;
    static const double longest = 10 * 365 * 86400.0; // as --since itself
    static const double usual_idle = 3600;            // which --since reaches beyond by itself
    const double of_metrics = largest_limit(rules);
    const double limit = idle_s > usual_idle && idle_s > of_metrics ? idle_s : of_metrics;
    if (limit <= 0) {
        return since_s;
    }
    const int64_t whole = limit < longest ? (int64_t)(limit / day) : 0;
    const double days = (double)(whole + ((double)whole * day < limit ? 1 : 0) + 3);
    const double needed = limit < longest ? days * day : longest;
    return needed > since_s ? needed : since_s;
}

/* The first rule that the Reason matches, as EM sent it or as it is shown; NULL: none. */
static const struct reason_rule *find_rule(const char *sent, const char *shown,
                                           const struct rules *rules, bool *no_memory)
{
    const char *const texts[] = {sent, shown};
    const size_t count = strcmp(sent, shown) != 0 ? 2 : 1; // a search can take a while
    for (size_t i = 0; i < rules->reason_count; i++) {
        for (size_t j = 0; j < count; j++) {
            const int matched = pattern_matches(&rules->reasons[i].pattern, texts[j]);
            if (matched > 0) {
                return &rules->reasons[i];
            }
            *no_memory = *no_memory || matched < 0;
        }
    }
    return NULL;
}

/* What --reason makes of the Reason. Whoever writes a pattern has seen it as reports show it. */
static const struct reason_rule *rule_of_reason(const char *reason, const struct rules *rules,
                                                bool *no_memory)
{
    static const size_t longest_replacement = 3; // U+FFFD for a byte
    const size_t limit = strlen(reason) * longest_replacement;
    cleanup_buf struct buf shown;
    buf_init(&shown, limit);
    text_append_clean(&shown, reason, limit);
    const struct reason_rule *rule = find_rule(reason, buf_string(&shown), rules, no_memory);
    *no_memory = *no_memory || shown.failure != BUF_FINE;
    return rule;
}

int rules_state(const struct rules *rules, const struct task_session *session, bool *no_memory)
{
    if (session->defect != NULL) {
        return STATE_UNKNOWN;
    }
    const struct reason_rule *rule = session->reason != NULL && rules->reason_count > 0
                                         ? rule_of_reason(session->reason, rules, no_memory)
                                         : NULL;
    return rule != NULL ? rule->state
                        : matrix_lookup(&rules->matrix, session->state, session->result);
}

bool rules_match_bytes(const struct rules *rules)
{
    bool found = false;
    for (size_t i = 0; i < rules->reason_count; i++) {
        found = found || rules->reasons[i].pattern.by_bytes;
    }
    return found;
}
