// SPDX-License-Identifier: GPL-3.0-or-later
/* What a user of the scenario may do, and how the played EM words its answers. */
#include "emulator/scenario_parts.h"

void scenario_load_permissions(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        {"log_on", KIND_TRUTH}, {"read_cdp", KIND_TRUTH}, {NULL, KIND_ANY}};
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "may");
    }
    loader->store->may = (struct permissions){.log_on = loader_truth(object, "log_on", true),
                                              .read_cdp = loader_truth(object, "read_cdp", true)};
}

/* EM's own pages show system sessions to administrators alone. */
void scenario_load_role(struct loader *loader, const cJSON *document)
{
    static const char *const roles[] = {"Portal Administrator", "Portal User", NULL};
    if (loader_choice(loader, document, "role", roles, 0) == 1) {
        loader->store->refuses[FEATURE_SYSTEM_SESSIONS] = 403;
        loader->store->refuses[FEATURE_SYSTEM_SESSION_QUERY] = 403;
        loader->store->refuses[FEATURE_SYSTEM_SESSION_EVENTS] = 403;
    }
}

void scenario_load_refusals(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {
        [FEATURE_POLICIES - 1] = {"policies", KIND_WHOLE},
        [FEATURE_POLICY_QUERY - 1] = {"policies_query", KIND_WHOLE},
        [FEATURE_REPLICAS - 1] = {"replicas", KIND_WHOLE},
        [FEATURE_REPLICA_QUERY - 1] = {"replicas_query", KIND_WHOLE},
        [FEATURE_REPLICA_VMS - 1] = {"replica_vms", KIND_WHOLE},
        [FEATURE_SYSTEM_SESSIONS - 1] = {"system_sessions", KIND_WHOLE},
        [FEATURE_SYSTEM_SESSION_QUERY - 1] = {"system_sessions_query", KIND_WHOLE},
        [FEATURE_SYSTEM_SESSION_EVENTS - 1] = {"system_session_events", KIND_WHOLE},
        [FEATURE_INTERVALS - 1] = {"intervals", KIND_WHOLE},
        [FEATURES - 1] = {NULL, KIND_ANY},
    };
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "refuses");
    }
    for (size_t i = 0; keys[i].name != NULL; i++) {
        int *status = &loader->store->refuses[i + 1];
        *status = (int)loader_whole(object, keys[i].name, *status);
        if (*status != 0 && (*status < 400 || *status > 599)) {
            loader_fail(loader, "refuses: \"%s\" is not the status of an error", keys[i].name);
        }
    }
}

/* How policies, replicas and system sessions are written, which no real EM was seen to do. */
static void load_shapes(struct loader *loader, const cJSON *object, struct wording *wording)
{
    static const char *const lists[] = {"wrapped", "bare", NULL};
    static const char *const items[] = {"plural", "singular", NULL};
    static const char *const empties[] = {"null", "absent", "empty", NULL};
    static const char *const scalars[] = {"typed", "text", NULL};
    static const char *const texts[] = {"Value", "#text", NULL};
    static const char *const days[] = {"TimePeriods", "Schedule", NULL};
    static const char *const hrefs[] = {"proper", "slash", "twice", NULL};
    wording->bare_lists = loader_choice(loader, object, "lists", lists, 0) == 1;
    wording->singular_lists = loader_choice(loader, object, "list_items", items, 0) == 1;
    wording->empty_lists =
        (enum absence)loader_choice(loader, object, "empty_lists", empties, ABSENCE_EMPTY);
    wording->scalars_as_text = loader_choice(loader, object, "scalars", scalars, 0) == 1;
    wording->day_text = texts[loader_choice(loader, object, "day_text", texts, 0)];
    wording->long_term_days = days[loader_choice(loader, object, "long_term_days", days, 0)];
    wording->odd_href =
        (enum odd_href)loader_choice(loader, object, "replica_href", hrefs, ODD_HREF_NONE);
    wording->system_sessions_are_entities =
        loader_truth(object, "system_sessions_are_entities", false);
}

/* How the intervals of a VM are asked for and told. */
static void load_intervals(struct loader *loader, const cJSON *object, struct wording *wording)
{
    static const char *const times[] = {"bare", "utc", NULL};
    enum { TAKES_BOTH, TAKES_XML, TAKES_JSON };
    static const char *const bodies[] = {"both", "xml", "json", NULL};
    const int takes = loader_choice(loader, object, "interval_bodies", bodies, TAKES_BOTH);
    wording->intervals_earlier = loader_seconds(loader, object, "intervals_earlier_seconds", 128);
    wording->interval_times_in_utc = loader_choice(loader, object, "interval_times", times, 0) == 1;
    wording->takes_xml_spec = takes != TAKES_JSON;
    wording->takes_json_spec = takes != TAKES_XML;
    wording->refused_spec_status = (int)loader_whole(object, "refused_body_status", 415);
    if (wording->refused_spec_status < 400 || wording->refused_spec_status > 599) {
        loader_fail(loader, "wording: \"refused_body_status\" is not the status of an error");
    }
}

static const struct key wording_keys[] = {{"casing", KIND_TEXT},
                                          {"bom", KIND_TRUTH},
                                          {"running_end", KIND_TEXT},
                                          {"empty_reason", KIND_TEXT},
                                          {"nulls", KIND_TEXT},
                                          {"fraction_digits", KIND_WHOLE},
                                          {"origin", KIND_TEXT},
                                          {"proper_self_href", KIND_TRUTH},
                                          {"any_path_case", KIND_TRUTH},
                                          {"any_text_case", KIND_TRUTH},
                                          {"refused_field", KIND_TEXT},
                                          {"ignored_field", KIND_TEXT},
                                          {"largest_page", KIND_WHOLE},
                                          {"xml_numeric_entities", KIND_TRUTH},
                                          {"ascii", KIND_TRUTH},
                                          {"hides_largest_page", KIND_TRUTH},
                                          {"lacks_date", KIND_TRUTH},
                                          {"lists", KIND_TEXT},
                                          {"list_items", KIND_TEXT},
                                          {"empty_lists", KIND_TEXT},
                                          {"scalars", KIND_TEXT},
                                          {"day_text", KIND_TEXT},
                                          {"long_term_days", KIND_TEXT},
                                          {"replica_href", KIND_TEXT},
                                          {"system_sessions_are_entities", KIND_TRUTH},
                                          {"intervals_earlier_seconds", KIND_SIGNED},
                                          {"interval_times", KIND_TEXT},
                                          {"interval_bodies", KIND_TEXT},
                                          {"refused_body_status", KIND_WHOLE},
                                          {NULL, KIND_ANY}};

void scenario_load_wording(struct loader *loader, const cJSON *object)
{
    static const char *const casings[] = {"pascal", "camel", NULL};
    static const char *const absences[] = {"null", "absent", "empty", NULL};
    static const char *const ends[] = {"null", "absent", NULL};
    static const char *const nulls[] = {"written", "omitted", NULL};
    if (object != NULL) {
        loader_check_keys(loader, object, wording_keys, "wording");
    }
    bool camel = loader_choice(loader, object, "casing", casings, 0) == 1;
    loader->store->wording = (struct wording){
        .node = {.camel = camel,
                 .omit_nulls = loader_choice(loader, object, "nulls", nulls, 0) == 1,
                 .numeric_entity = loader_truth(object, "xml_numeric_entities", false),
                 .ascii = loader_truth(object, "ascii", false)},
        .bom = loader_truth(object, "bom", false),
        .running_end =
            (enum absence)loader_choice(loader, object, "running_end", ends, ABSENCE_NULL),
        .empty_reason =
            (enum absence)loader_choice(loader, object, "empty_reason", absences, ABSENCE_EMPTY),
        .fraction_digits = (int)loader_whole(object, "fraction_digits", -1),
        .origin = loader_text(object, "origin", "https://em01.example.invalid:9398"),
        .proper_self_href = loader_truth(object, "proper_self_href", false),
        .any_path_case = loader_truth(object, "any_path_case", false),
        .any_text_case = loader_truth(object, "any_text_case", false),
        .refused_field = loader_text(object, "refused_field", ""),
        .ignored_field = loader_text(object, "ignored_field", ""),
        .largest_page = (int)loader_whole(object, "largest_page", 0),
        .hides_largest_page = loader_truth(object, "hides_largest_page", false),
        .lacks_date = loader_truth(object, "lacks_date", false)};
    load_shapes(loader, object, &loader->store->wording);
    load_intervals(loader, object, &loader->store->wording);
}
