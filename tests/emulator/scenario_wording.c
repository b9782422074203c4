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

void scenario_load_wording(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"casing", KIND_TEXT},
                                      {"bom", KIND_TRUTH},
                                      {"running_end", KIND_TEXT},
                                      {"empty_reason", KIND_TEXT},
                                      {"nulls", KIND_TEXT},
                                      {"fraction_digits", KIND_WHOLE},
                                      {"origin", KIND_TEXT},
                                      {"proper_self_href", KIND_TRUTH},
                                      {"any_path_case", KIND_TRUTH},
                                      {"any_text_case", KIND_TRUTH},
                                      {"largest_page", KIND_WHOLE},
                                      {"xml_numeric_entities", KIND_TRUTH},
                                      {"ascii", KIND_TRUTH},
                                      {"hides_largest_page", KIND_TRUTH},
                                      {NULL, KIND_ANY}};
    static const char *const casings[] = {"pascal", "camel", NULL};
    static const char *const absences[] = {"null", "absent", "empty", NULL};
    static const char *const ends[] = {"null", "absent", NULL};
    static const char *const nulls[] = {"written", "omitted", NULL};
    if (object != NULL) {
        loader_check_keys(loader, object, keys, "wording");
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
        .largest_page = (int)loader_whole(object, "largest_page", 0),
        .hides_largest_page = loader_truth(object, "hides_largest_page", false)};
}
