// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/node.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

void node_write_camel(FILE *out, const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        bool upper = isupper((unsigned char)name[i]) != 0;
        bool word_starts = i > 0 && islower((unsigned char)name[i + 1]);
        if (!upper || word_starts) {
            fputs(name + i, out);
            return;
        }
        fputc(tolower((unsigned char)name[i]), out);
    }
}

/* Reads one character of valid UTF-8 and returns its length; 1 and the byte itself otherwise. */
static int read_character(const unsigned char *text, uint32_t *character)
{
    static const struct {
        unsigned char mask;
        unsigned char lead;
        int length;
    } forms[] = {{0xE0, 0xC0, 2}, {0xF0, 0xE0, 3}, {0xF8, 0xF0, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((text[0] & forms[i].mask) != forms[i].lead) {
            continue;
        }
        *character = text[0] & (unsigned char)~forms[i].mask;
        for (int more = 1; more < forms[i].length; more++) {
            if ((text[more] & 0xC0) != 0x80) {
                *character = text[0];
                return 1;
            }
            *character = *character << 6 | (text[more] & 0x3F);
        }
        return forms[i].length;
    }
    *character = text[0];
    return 1;
}

static void write_escape(FILE *out, uint32_t character)
{
    if (character >= 0x10000) {
        character -= 0x10000;
        fprintf(out, "\\u%04" PRIX32, 0xD800 + (character >> 10));
        character = 0xDC00 + (character & 0x3FF);
    }
    fprintf(out, "\\u%04" PRIX32, character);
}

static void write_string(FILE *out, const char *text, const struct node_style *style)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        uint32_t character = 0;
        int length = read_character(at, &character);
        if (*at == '"' || *at == '\\') {
            fprintf(out, "\\%c", *at);
        } else if (*at < 0x20 || (style->ascii && *at >= 0x80)) {
            write_escape(out, character);
        } else {
            fwrite(at, 1, (size_t)length, out);
        }
        at += length;
    }
    fputc('"', out);
}

static void write_name(FILE *out, const char *name, const struct node_style *style)
{
    fputc('"', out);
    if (style->camel) {
        node_write_camel(out, name);
    } else {
        fputs(name, out);
    }
    fputs("\":", out);
}

static void write_raw(FILE *out, const cJSON *raw)
{
    char *text = cJSON_PrintUnformatted(raw);
    fputs(text != NULL ? text : "null", out);
    free(text);
}

/* JSON nests no deeper than the tree, whose depth this code alone decides. */
// NOLINTNEXTLINE(misc-no-recursion)
static void write_children(FILE *out, const struct node *node, const struct node_style *style)
{
    const char *separator = "";
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        if (child->kind == NODE_NULL && style->omit_nulls) {
            continue;
        }
        fputs(separator, out);
        separator = ",";
        if (node->kind == NODE_OBJECT) {
            write_name(out, child->name, style);
        }
        node_write_json(out, child, style);
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
void node_write_json(FILE *out, const struct node *root, const struct node_style *style)
{
    switch (root->kind) {
    case NODE_OBJECT:
    case NODE_LIST:
        fputc(root->kind == NODE_OBJECT ? '{' : '[', out);
        write_children(out, root, style);
        fputc(root->kind == NODE_OBJECT ? '}' : ']', out);
        break;
    case NODE_TEXT:
        write_string(out, root->text, style);
        break;
    case NODE_NUMBER:
        fprintf(out, "%" PRId64, root->number);
        break;
    case NODE_TRUTH:
        fputs(root->number != 0 ? "true" : "false", out);
        break;
    case NODE_RAW:
        write_raw(out, root->raw);
        break;
    case NODE_NULL:
        fputs("null", out);
        break;
    }
}
