// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An answer as a tree, described once and written as JSON or as XML. Names are in PascalCase. In
 * JSON every child of an object is a member, in the order they were added. In XML those marked as
 * attributes are attributes, "Links" comes first, and what is null is left out.
 */
#ifndef EMULATOR_NODE_H
#define EMULATOR_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <cJSON.h>

#include "emulator/arena.h"

enum node_kind { NODE_OBJECT, NODE_LIST, NODE_TEXT, NODE_NUMBER, NODE_TRUTH, NODE_NULL, NODE_RAW };

enum node_place {
    NODE_ELEMENT,
    NODE_ATTRIBUTE,
    NODE_BARE,    // of a list: its items stand in the parent's element, without one of the list
    NODE_CONTENT, // of an element that has attributes and a text, and nothing else
    NODE_JSON_ONLY,
};

struct node {
    enum node_kind kind;
    enum node_place place;
    const char *name;
    const char *text;
    int64_t number;
    const cJSON *raw; // a scenario's own value, of whatever type
    struct node *first;
    struct node *last;
    struct node *next;
};

struct node *node_object(struct arena *arena, struct node *parent, const char *name);
struct node *node_list(struct arena *arena, struct node *parent, const char *name,
                       enum node_place place);
/* A NULL text is a null. */
void node_text(struct arena *arena, struct node *parent, const char *name, const char *text,
               enum node_place place);
void node_number(struct arena *arena, struct node *parent, const char *name, int64_t number,
                 enum node_place place);
void node_truth(struct arena *arena, struct node *parent, const char *name, bool truth,
                enum node_place place);
void node_null(struct arena *arena, struct node *parent, const char *name);
/* Puts the scenario's value in the place of the member of that name, or behind the others. */
void node_replace(struct arena *arena, struct node *parent, const cJSON *value);
void node_remove(struct node *parent, const char *name);

struct node_style {
    bool camel;          // "creationTimeUTC" instead of "CreationTimeUTC", JSON only
    bool omit_nulls;     // JSON without the members that are null, as EM 10 and older
    bool numeric_entity; // XML: "/" and "'" as &#x2F; and &#39; too
    bool ascii;          // JSON: what is not ASCII as \uXXXX
};

void node_write_json(FILE *out, const struct node *root, const struct node_style *style);
void node_write_xml(FILE *out, const struct node *root, const struct node_style *style);

/* The name as .NET's camel case has it: "UID" is "uid", "VmDisplayName" is "vmDisplayName". */
void node_write_camel(FILE *out, const char *name);

#endif
