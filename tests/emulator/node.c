// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/node.h"

#include <string.h>

static struct node *add(struct arena *arena, struct node *parent, const char *name,
                        enum node_kind kind)
{
    struct node *node = arena_take(arena, sizeof *node);
    node->kind = kind;
    node->name = name;
    if (parent != NULL) {
        if (parent->last == NULL) {
            parent->first = node;
        } else {
            parent->last->next = node;
        }
        parent->last = node;
    }
    return node;
}

struct node *node_object(struct arena *arena, struct node *parent, const char *name)
{
    return add(arena, parent, name, NODE_OBJECT);
}

struct node *node_list(struct arena *arena, struct node *parent, const char *name,
                       enum node_place place)
{
    struct node *list = add(arena, parent, name, NODE_LIST);
    list->place = place;
    return list;
}

void node_text(struct arena *arena, struct node *parent, const char *name, const char *text,
               enum node_place place)
{
    struct node *node = add(arena, parent, name, text != NULL ? NODE_TEXT : NODE_NULL);
    node->text = text;
    node->place = place;
}

void node_number(struct arena *arena, struct node *parent, const char *name, int64_t number,
                 enum node_place place)
{
    struct node *node = add(arena, parent, name, NODE_NUMBER);
    node->number = number;
    node->place = place;
}

void node_truth(struct arena *arena, struct node *parent, const char *name, bool truth,
                enum node_place place)
{
    struct node *node = add(arena, parent, name, NODE_TRUTH);
    node->number = truth;
    node->place = place;
}

void node_null(struct arena *arena, struct node *parent, const char *name)
{
    add(arena, parent, name, NODE_NULL);
}

void node_replace(struct arena *arena, struct node *parent, const cJSON *value)
{
    struct node *node = parent->first;
    while (node != NULL && strcmp(node->name, value->string) != 0) {
        node = node->next;
    }
    if (node == NULL) {
        node = add(arena, parent, value->string, NODE_RAW);
    }
    node->kind = NODE_RAW;
    node->raw = value;
}

void node_remove(struct node *parent, const char *name)
{
    struct node *before = NULL;
    for (struct node *node = parent->first; node != NULL; before = node, node = node->next) {
        if (strcmp(node->name, name) != 0) {
            continue;
        }
        if (before == NULL) {
            parent->first = node->next;
        } else {
            before->next = node->next;
        }
        if (parent->last == node) {
            parent->last = before;
        }
        return;
    }
}
