// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/criteria.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "emulator/moment.h"
#include "emulator/store.h"

enum { DEEPEST_GROUP = 64 };

enum operation {
    OPERATION_AND,
    OPERATION_OR,
    OPERATION_EQUAL,
    OPERATION_NOT_EQUAL,
    OPERATION_NOT_BELOW,
    OPERATION_NOT_ABOVE,
    OPERATION_ABOVE,
    OPERATION_BELOW,
};

struct criterion {
    enum operation operation;
    const struct criterion *left;
    const struct criterion *right;
    const struct field *field;
    struct field_value value;
};

struct parser {
    struct arena *arena;
    const char *at;
    const struct field *fields;
    const char *error;
    int depth;
};

static const struct criterion *fail(struct parser *parser, const char *error)
{
    if (parser->error == NULL) {
        parser->error = error;
    }
    return NULL;
}

static void skip_spaces(struct parser *parser)
{
    parser->at += strspn(parser->at, " ");
}

static bool take(struct parser *parser, const char *mark)
{
    skip_spaces(parser);
    size_t length = strlen(mark);
    if (strncmp(parser->at, mark, length) != 0) {
        return false;
    }
    parser->at += length;
    return true;
}

const struct field *criteria_field(const struct field *fields, const char *name)
{
    for (; fields->name != NULL; fields++) {
        if (strcasecmp(fields->name, name) == 0) {
            return fields;
        }
    }
    return NULL;
}

static const struct field *take_field(struct parser *parser)
{
    skip_spaces(parser);
    const char *start = parser->at;
    while (isalnum((unsigned char)*parser->at) || *parser->at == '_') {
        parser->at++;
    }
    size_t length = (size_t)(parser->at - start);
    const char *name = arena_copy_part(parser->arena, start, length);
    const struct field *field = criteria_field(parser->fields, name);
    if (length == 0) {
        fail(parser, arena_format(parser->arena, "a field name is expected at \"%s\"", start));
    } else if (field == NULL) {
        fail(parser, arena_format(parser->arena, "there is no field \"%s\"", name));
    }
    return field;
}

static bool take_operation(struct parser *parser, enum operation *operation)
{
    static const struct {
        const char *mark;
        enum operation operation;
    } operations[] = {{"==", OPERATION_EQUAL},     {"!=", OPERATION_NOT_EQUAL},
                      {">=", OPERATION_NOT_BELOW}, {"<=", OPERATION_NOT_ABOVE},
                      {">", OPERATION_ABOVE},      {"<", OPERATION_BELOW}};
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (take(parser, operations[i].mark)) {
            *operation = operations[i].operation;
            return true;
        }
    }
    fail(parser, arena_format(parser->arena, "an operator is expected at \"%s\"", parser->at));
    return false;
}

/* Up to the closing quote; a quote in the value is written twice. */
static const char *take_quoted(struct parser *parser)
{
    char *value = arena_take(parser->arena, strlen(parser->at) + 1);
    size_t length = 0;
    for (; *parser->at != '\0'; parser->at++) {
        if (*parser->at == '"') {
            parser->at++;
            if (*parser->at != '"') {
                return value;
            }
        }
        value[length++] = *parser->at;
    }
    fail(parser, "a quoted value has no end");
    return value;
}

/* Spaces in it are ignored, as EM does; dates and UUIDs are seen without quotes as well. */
static const char *take_unquoted(struct parser *parser, enum field_kind kind)
{
    static const char *const besides[] = {
        [FIELD_TEXT] = "_", [FIELD_UID] = "-",    [FIELD_MOMENT] = "-:.",
        [FIELD_ENUM] = "_", [FIELD_NUMBER] = "-", [FIELD_TRUTH] = ""};
    char *value = arena_take(parser->arena, strlen(parser->at) + 1);
    size_t length = 0;
    for (; *parser->at != '\0' && strchr(";,)", *parser->at) == NULL; parser->at++) {
        char letter = *parser->at;
        if (letter == ' ') {
            continue;
        }
        if (!isalnum((unsigned char)letter) && strchr(besides[kind], letter) == NULL) {
            fail(parser, arena_format(parser->arena, "a value that is not quoted cannot hold '%c'",
                                      letter));
            return value;
        }
        value[length++] = letter;
    }
    if (length == 0) {
        fail(parser, "a value is missing");
    }
    return value;
}

static bool read_uid(const struct field *field, const char *text, bool quoted, const char **uid)
{
    static const char scheme[] = "urn:veeam:";
    *uid = text;
    if (quoted && strncasecmp(text, scheme, sizeof scheme - 1) == 0) {
        text += sizeof scheme - 1;
        size_t length = strlen(field->urn);
        if (strncasecmp(text, field->urn, length) != 0 || text[length] != ':') {
            return false;
        }
        *uid = text + length + 1;
    }
    return store_is_uuid(*uid);
}

static bool read_value(const struct field *field, const char *text, bool quoted,
                       struct field_value *value)
{
    char *end = NULL;
    value->text = text;
    switch (field->kind) {
    case FIELD_TEXT:
        return true;
    case FIELD_UID:
        return read_uid(field, text, quoted, &value->text);
    case FIELD_MOMENT:
        return moment_parse(text, &value->number);
    case FIELD_NUMBER:
        errno = 0;
        value->number = strtoll(text, &end, 10);
        return end != text && *end == '\0' && errno == 0;
    case FIELD_TRUTH:
        value->number = strcasecmp(text, "true") == 0;
        return value->number != 0 || strcasecmp(text, "false") == 0;
    case FIELD_ENUM:
        for (int i = 0; field->names[i] != NULL; i++) {
            if (strcmp(field->names[i], text) == 0) {
                value->number = i;
                return true;
            }
        }
        return false;
    }
    return false;
}

static const struct criterion *take_comparison(struct parser *parser)
{
    struct criterion *criterion = arena_take(parser->arena, sizeof *criterion);
    criterion->field = take_field(parser);
    if (criterion->field == NULL || !take_operation(parser, &criterion->operation)) {
        return NULL;
    }
    bool quoted = take(parser, "\"");
    const char *text = quoted ? take_quoted(parser) : take_unquoted(parser, criterion->field->kind);
    if (parser->error != NULL) {
        return NULL;
    }
    if (!read_value(criterion->field, text, quoted, &criterion->value)) {
        return fail(parser, arena_format(parser->arena, "\"%s\" is no value for %s", text,
                                         criterion->field->name));
    }
    if (criterion->field->kind == FIELD_UID && criterion->operation != OPERATION_EQUAL &&
        criterion->operation != OPERATION_NOT_EQUAL) {
        return fail(parser, arena_format(parser->arena, "%s is compared by == and != alone",
                                         criterion->field->name));
    }
    return criterion;
}

static const struct criterion *take_joined(struct parser *parser, enum operation operation);

// NOLINTNEXTLINE(misc-no-recursion): DEEPEST_GROUP bounds it
static const struct criterion *take_single(struct parser *parser)
{
    if (!take(parser, "(")) {
        return take_comparison(parser);
    }
    if (++parser->depth > DEEPEST_GROUP) {
        return fail(parser, "groups are nested too deep");
    }
    const struct criterion *group = take_joined(parser, OPERATION_OR);
    parser->depth--;
    if (group != NULL && !take(parser, ")")) {
        return fail(parser, "a group has no end");
    }
    return group;
}

/* ';' binds tighter than ','. */
// NOLINTNEXTLINE(misc-no-recursion): DEEPEST_GROUP bounds it
static const struct criterion *take_joined(struct parser *parser, enum operation operation)
{
    bool is_or = operation == OPERATION_OR;
    const struct criterion *left = is_or ? take_joined(parser, OPERATION_AND) : take_single(parser);
    while (left != NULL && take(parser, is_or ? "," : ";")) {
        struct criterion *joined = arena_take(parser->arena, sizeof *joined);
        joined->operation = operation;
        joined->left = left;
        joined->right = is_or ? take_joined(parser, OPERATION_AND) : take_single(parser);
        left = joined->right != NULL ? joined : NULL;
    }
    return left;
}

const struct criterion *criteria_parse(struct arena *arena, const char *filter,
                                       const struct field *fields, const char **error)
{
    struct parser parser = {.arena = arena, .at = filter, .fields = fields};
    const struct criterion *criterion = take_joined(&parser, OPERATION_OR);
    skip_spaces(&parser);
    if (criterion != NULL && *parser.at != '\0') {
        criterion = fail(&parser, arena_format(arena, "\"%s\" is left over", parser.at));
    }
    *error = parser.error;
    return parser.error == NULL ? criterion : NULL;
}

int criteria_compare(const struct field *field, const struct field_value *a,
                     const struct field_value *b, bool any_text_case)
{
    if (a->absent || b->absent) {
        return (int)b->absent - (int)a->absent;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        return any_text_case ? strcasecmp(a->text, b->text) : strcmp(a->text, b->text);
    case FIELD_UID:
        return strcasecmp(a->text, b->text);
    case FIELD_MOMENT:
    case FIELD_ENUM:
    case FIELD_NUMBER:
    case FIELD_TRUTH:
        break;
    }
    return (a->number > b->number) - (a->number < b->number);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the filter's groups, or its length on the left
bool criteria_match(const struct criterion *criterion, const void *record, bool any_text_case)
{
    if (criterion->operation == OPERATION_AND) {
        return criteria_match(criterion->left, record, any_text_case) &&
               criteria_match(criterion->right, record, any_text_case);
    }
    if (criterion->operation == OPERATION_OR) {
        return criteria_match(criterion->left, record, any_text_case) ||
               criteria_match(criterion->right, record, any_text_case);
    }
    if (criterion->field->ignored) {
        return true;
    }
    const struct field_value value = criterion->field->read(record);
    if (value.absent) {
        return false;
    }
    int order = criteria_compare(criterion->field, &value, &criterion->value, any_text_case);
    const bool outcomes[] = {[OPERATION_AND] = false,
                             [OPERATION_OR] = false,
                             [OPERATION_EQUAL] = order == 0,
                             [OPERATION_NOT_EQUAL] = order != 0,
                             [OPERATION_NOT_BELOW] = order >= 0,
                             [OPERATION_NOT_ABOVE] = order <= 0,
                             [OPERATION_ABOVE] = order > 0,
                             [OPERATION_BELOW] = order < 0};
    return outcomes[criterion->operation];
}
