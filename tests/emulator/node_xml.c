// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE "http://www.veeam.com/ent/v1.0"
#define XSD "http://www.w3.org/2001/XMLSchema"

static const char *entity_of(char character, const struct node_style *style)
{
    static const struct {
        char character;
        bool always;
        const char *entity;
    } entities[] = {{'&', true, "&amp;"},  {'<', true, "&lt;"},    {'>', true, "&gt;"},
                    {'"', true, "&quot;"}, {'\'', false, "&#39;"}, {'/', false, "&#x2F;"},
                    {'\n', true, "&#xA;"}, {'\r', true, "&#xD;"},  {'\t', true, "&#x9;"}};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (entities[i].character == character && (entities[i].always || style->numeric_entity)) {
            return entities[i].entity;
        }
    }
    return NULL;
}

static void write_escaped(FILE *out, const char *text, const struct node_style *style)
{
    for (; *text != '\0'; text++) {
        const char *entity = entity_of(*text, style);
        if (entity != NULL) {
            fputs(entity, out);
        } else {
            // XML 1.0 has no way to write the other control characters
            fputc((unsigned char)*text < 0x20 ? '?' : *text, out);
        }
    }
}

static void write_value(FILE *out, const struct node *node, const struct node_style *style)
{
    if (node->kind == NODE_NUMBER) {
        fprintf(out, "%" PRId64, node->number);
    } else if (node->kind == NODE_TRUTH) {
        fputs(node->number != 0 ? "true" : "false", out);
    } else if (node->kind == NODE_TEXT) {
        write_escaped(out, node->text, style);
    } else if (cJSON_IsString(node->raw)) {
        write_escaped(out, node->raw->valuestring, style);
    } else {
        char *text = cJSON_PrintUnformatted(node->raw);
        write_escaped(out, text != NULL ? text : "", style);
        free(text);
    }
}

static bool is_left_out(const struct node *node)
{
    return node->kind == NODE_NULL || node->place == NODE_JSON_ONLY ||
           (node->kind == NODE_RAW && cJSON_IsNull(node->raw));
}

static void write_element(FILE *out, const struct node *node, bool is_root,
                          const struct node_style *style);

// NOLINTNEXTLINE(misc-no-recursion)
static void write_child_elements(FILE *out, const struct node *node, bool links,
                                 const struct node_style *style)
{
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        bool is_links = child->kind == NODE_LIST && strcmp(child->name, "Links") == 0;
        if (child->place == NODE_ATTRIBUTE || is_left_out(child) || is_links != links) {
            continue;
        }
        if (child->place == NODE_CONTENT) {
            write_value(out, child, style);
        } else if (child->kind == NODE_LIST && child->place == NODE_BARE) {
            for (const struct node *item = child->first; item != NULL; item = item->next) {
                write_element(out, item, false, style);
            }
        } else {
            write_element(out, child, false, style);
        }
    }
}

static void write_attributes(FILE *out, const struct node *node, const struct node_style *style)
{
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        if (child->place == NODE_ATTRIBUTE && !is_left_out(child)) {
            fprintf(out, " %s=\"", child->name);
            write_value(out, child, style);
            fputc('"', out);
        }
    }
}

/* Whether nothing stands between its tags. */
static bool is_empty(const struct node *node)
{
    if (node->kind == NODE_TEXT) {
        return node->text[0] == '\0';
    }
    bool empty = node->kind == NODE_OBJECT || node->kind == NODE_LIST;
    for (const struct node *child = node->first; child != NULL && empty; child = child->next) {
        bool bare_and_empty = child->place == NODE_BARE && child->first == NULL;
        empty = child->place == NODE_ATTRIBUTE || is_left_out(child) || bare_and_empty;
    }
    return empty;
}

// NOLINTNEXTLINE(misc-no-recursion)
static void write_element(FILE *out, const struct node *node, bool is_root,
                          const struct node_style *style)
{
    fprintf(out, "<%s", node->name);
    if (is_root) {
        fprintf(out, " xmlns=\"%s\" xmlns:xsd=\"%s\" xmlns:xsi=\"%s-instance\"", NAMESPACE, XSD,
                XSD);
    }
    write_attributes(out, node, style);
    if (is_empty(node)) {
        fputs(" />", out);
        return;
    }
    fputc('>', out);
    if (node->kind == NODE_OBJECT || node->kind == NODE_LIST) {
        write_child_elements(out, node, true, style);
        write_child_elements(out, node, false, style);
    } else {
        write_value(out, node, style);
    }
    fprintf(out, "</%s>", node->name);
}

void node_write_xml(FILE *out, const struct node *root, const struct node_style *style)
{
    fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>", out);
    write_element(out, root, true, style);
}
