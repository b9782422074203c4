// SPDX-License-Identifier: GPL-3.0-or-later
/* The members of an entity, by a table, in every shape that EM or another tool may give them. */
#include <check.h>
#include <stdio.h>

#include "em/entity.h"
#include "unit/suites.h"

enum { FIRST, SECOND, MEMBERS };

/* Whether the first member of that kind is known, is odd, and what it is. */
static const struct {
    enum entity_kind kind;
    const char *entity;
    bool known, odd;
    const char *value; // as `show` has it
} shapes[] = {
    // clang-format off
    {ENTITY_TEXT, "{}", false, false, ""},
    {ENTITY_TEXT, "{\"First\":null}", false, false, ""},
    {ENTITY_TEXT, "{\"First\":\"a\"}", true, false, "a"},
    {ENTITY_TEXT, "{\"first\":\"a\"}", true, false, "a"},
    {ENTITY_TEXT, "{\"FIRST\":\"a\"}", true, false, "a"},
    {ENTITY_TEXT, "{\"Firs\":\"a\",\"Firsts\":\"b\",\"@irst\":\"c\"}", false, false, ""},
    {ENTITY_TEXT, "{\"First\":\"\"}", true, false, ""},
    {ENTITY_TEXT, "{\"First\":\"a\",\"first\":\"b\",\"First\":5}", true, false, "a"},
    {ENTITY_TEXT, "{\"First\":null,\"First\":\"b\"}", false, false, ""},
    {ENTITY_TEXT, "{\"First\":5,\"First\":\"b\"}", false, true, ""},
    {ENTITY_TEXT, "{\"Other\":{\"First\":\"a\"}}", false, false, ""},
    {ENTITY_TEXT, "{\"First\":5}", false, true, ""},
    {ENTITY_TEXT, "{\"First\":true}", false, true, ""},
    {ENTITY_TEXT, "{\"First\":[\"a\"]}", false, true, ""},
    {ENTITY_TEXT, "{\"First\":{\"a\":\"b\"}}", false, true, ""},
    {ENTITY_TEXT, "{\"First\":\"a Tr0ub4dor b\"}", true, false, "a *** b"},
    {ENTITY_TEXT, "null", false, false, ""},
    {ENTITY_TEXT, "5", false, false, ""},
    {ENTITY_TEXT, "\"First\"", false, false, ""},
    {ENTITY_TEXT, "[\"First\",{\"First\":\"a\"}]", false, false, ""},
    {ENTITY_RAW, "{\"First\":\"a Tr0ub4dor b\"}", true, false, "a Tr0ub4dor b"},
    {ENTITY_RAW, "{\"First\":5}", false, true, ""},
    {ENTITY_TIME, "{}", false, false, ""},
    {ENTITY_TIME, "{\"First\":null}", false, false, ""},
    {ENTITY_TIME, "{\"First\":\"1970-01-01T00:01:00Z\"}", true, false, "60000000"},
    {ENTITY_TIME, "{\"First\":\"1970-01-01T00:00:00.5\"}", true, false, "500000"},
    {ENTITY_TIME, "{\"First\":\"\"}", false, true, ""},
    {ENTITY_TIME, "{\"First\":\"yesterday\"}", false, true, ""},
    {ENTITY_TIME, "{\"First\":1755174690}", false, true, ""},
    {ENTITY_NUMBER, "{\"First\":null}", false, false, ""},
    {ENTITY_NUMBER, "{\"First\":0}", true, false, "0"},
    {ENTITY_NUMBER, "{\"First\":-1.5}", true, false, "-1.5"},
    {ENTITY_NUMBER, "{\"First\":214748364800}", true, false, "214748364800"},
    {ENTITY_NUMBER, "{\"First\":\"5\"}", false, true, ""},
    {ENTITY_NUMBER, "{\"First\":true}", false, true, ""},
    {ENTITY_NUMBER, "{\"First\":[5]}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":null}", false, false, ""},
    {ENTITY_COUNT, "{\"First\":0}", true, false, "0"},
    {ENTITY_COUNT, "{\"First\":60}", true, false, "60"},
    {ENTITY_COUNT, "{\"First\":\"60\"}", true, false, "60"},
    {ENTITY_COUNT, "{\"First\":\"008\"}", true, false, "8"},
    {ENTITY_COUNT, "{\"First\":1000000000}", true, false, "1000000000"},
    {ENTITY_COUNT, "{\"First\":1000000001}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":\"99999999999999999999\"}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":1e300}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":1.5}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":-1}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":\"-1\"}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":\"\"}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":\" 5\"}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":\"5s\"}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":true}", false, true, ""},
    {ENTITY_COUNT, "{\"First\":[5]}", false, true, ""},
    {ENTITY_BOOLEAN, "{\"First\":null}", false, false, ""},
    {ENTITY_BOOLEAN, "{\"First\":true}", true, false, "true"},
    {ENTITY_BOOLEAN, "{\"First\":false}", true, false, "false"},
    {ENTITY_BOOLEAN, "{\"First\":\"true\"}", true, false, "true"},
    {ENTITY_BOOLEAN, "{\"First\":\"False\"}", true, false, "false"},
    {ENTITY_BOOLEAN, "{\"First\":\"\"}", false, true, ""},
    {ENTITY_BOOLEAN, "{\"First\":\"yes\"}", false, true, ""},
    {ENTITY_BOOLEAN, "{\"First\":1}", false, true, ""},
    {ENTITY_LIST, "{}", false, false, ""},
    {ENTITY_LIST, "{\"First\":null}", false, false, ""},
    {ENTITY_LIST, "{\"First\":[]}", true, false, ""},
    {ENTITY_LIST, "{\"First\":[1,2,null]}", true, false, "1,2,null,"},
    {ENTITY_LIST, "{\"First\":{\"Links\":[1]}}", true, false, "1,"},
    {ENTITY_LIST, "{\"First\":{\"Count\":3,\"First\":[1],\"Next\":null}}", true, false, "1,"},
    {ENTITY_LIST, "{\"First\":{\"Links\":null}}", true, false, ""},
    {ENTITY_LIST, "{\"First\":{}}", true, false, ""},
    {ENTITY_LIST, "{\"First\":{\"a\":[1],\"b\":[]}}", false, true, ""},
    {ENTITY_LIST, "{\"First\":{\"a\":{\"b\":[1]}}}", false, true, ""},
    {ENTITY_LIST, "{\"First\":{\"a\":5}}", false, true, ""},
    {ENTITY_LIST, "{\"First\":5}", false, true, ""},
    {ENTITY_LIST, "{\"First\":\"a\"}", false, true, ""},
    {ENTITY_LIST, "{\"First\":true}", false, true, ""},
    // clang-format on
};

static void show(struct buf *shown, enum entity_kind kind, const struct entity_value *value)
{
    const cJSON *item = NULL;
    switch (kind) {
    case ENTITY_TEXT:
    case ENTITY_RAW:
        buf_text(shown, value->text);
        break;
    case ENTITY_TIME:
        buf_format(shown, "%lld", (long long)value->time);
        break;
    case ENTITY_NUMBER:
    case ENTITY_COUNT:
        buf_format(shown, "%.15g", value->number);
        break;
    case ENTITY_BOOLEAN:
        buf_text(shown, value->truth ? "true" : "false");
        break;
    case ENTITY_LIST:
        cJSON_ArrayForEach(item, value->list)
        {
            char *text = cJSON_PrintUnformatted(item);
            buf_format(shown, "%s,", text);
            cJSON_free(text);
        }
        break;
    }
}

START_TEST(reads_shapes)
{
    const struct entity_member members[MEMBERS] = {{"First", shapes[_i].kind},
                                                   {"Second", ENTITY_TEXT}};
    struct entity_value values[MEMBERS];
    struct mask mask = {.secrets = NULL};
    struct buf shown;
    cJSON *entity = cJSON_Parse(shapes[_i].entity);
    ck_assert_msg(entity != NULL, "no JSON: %s", shapes[_i].entity);
    buf_init(&shown, 1000);
    mask_add(&mask, "Tr0ub4dor");
    const uint32_t odd = entity_read(entity, members, MEMBERS, &mask, values);
    ck_assert_msg(values[FIRST].known == shapes[_i].known, "%s", shapes[_i].entity);
    ck_assert_msg(odd == (shapes[_i].odd ? 1u << FIRST : 0), "%s", shapes[_i].entity);
    ck_assert(!values[SECOND].known);
    if (values[FIRST].known) {
        show(&shown, shapes[_i].kind, &values[FIRST]);
    } else if (shapes[_i].kind == ENTITY_LIST) {
        ck_assert_ptr_null(values[FIRST].list);
    } else if (shapes[_i].kind == ENTITY_TEXT || shapes[_i].kind == ENTITY_RAW) {
        ck_assert_ptr_null(values[FIRST].text);
    }
    ck_assert_str_eq(buf_string(&shown), shapes[_i].value);
    buf_free(&shown);
    mask_free(&mask);
    cJSON_Delete(entity);
}
END_TEST

/* Whatever their order, with others between them; each has its own bit. */
START_TEST(reads_all_members)
{
    static const char *const entities[] = {
        "{\"First\":\"a\",\"Other\":[{\"Second\":1}],\"Second\":\"b\"}",
        "{\"second\":\"b\",\"Second\":\"c\",\"first\":\"a\"}",
    };
    static const struct entity_member members[MEMBERS] = {{"First", ENTITY_TEXT},
                                                          {"Second", ENTITY_TEXT}};
    struct entity_value values[MEMBERS];
    for (int i = 0; i < COUNT(entities); i++) {
        cJSON *entity = cJSON_Parse(entities[i]);
        ck_assert_uint_eq(entity_read(entity, members, MEMBERS, NULL, values), 0);
        ck_assert_str_eq(values[FIRST].text, "a");
        ck_assert_str_eq(values[SECOND].text, "b");
        cJSON_Delete(entity);
    }
    cJSON *entity = cJSON_Parse("{\"Second\":5,\"First\":\"a\"}");
    ck_assert_uint_eq(entity_read(entity, members, MEMBERS, NULL, values), 1u << SECOND);
    ck_assert_str_eq(values[FIRST].text, "a");
    cJSON_Delete(entity);
}
END_TEST

/* The last member of the largest table has the last bit. */
START_TEST(reads_as_many_as_there_are_bits)
{
    char names[ENTITY_MEMBERS_LIMIT][8];
    struct entity_member members[ENTITY_MEMBERS_LIMIT];
    struct entity_value values[ENTITY_MEMBERS_LIMIT];
    cJSON *entity = cJSON_CreateObject();
    for (unsigned int i = 0; i < ENTITY_MEMBERS_LIMIT; i++) {
        snprintf(names[i], sizeof names[i], "m%u", i);
        members[i] = (struct entity_member){names[i], ENTITY_NUMBER};
        cJSON_AddNumberToObject(entity, names[i], i);
    }
    cJSON_ReplaceItemInObject(entity, names[ENTITY_MEMBERS_LIMIT - 1], cJSON_CreateString("x"));
    ck_assert_uint_eq(entity_read(entity, members, ENTITY_MEMBERS_LIMIT, NULL, values), 1u << 31);
    for (int i = 0; i < ENTITY_MEMBERS_LIMIT - 1; i++) {
        ck_assert(values[i].known);
        ck_assert_double_eq(values[i].number, i);
    }
    cJSON_Delete(entity);
}
END_TEST

Suite *entity_suite(void)
{
    Suite *suite = suite_create("entity");
    TCase *cases = tcase_create("entity");
    tcase_add_loop_test(cases, reads_shapes, 0, COUNT(shapes));
    tcase_add_test(cases, reads_all_members);
    tcase_add_test(cases, reads_as_many_as_there_are_bits);
    suite_add_tcase(suite, cases);
    return suite;
}
