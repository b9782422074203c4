// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/shapes.h"

#include <inttypes.h>

struct node *shape_list(struct arena *arena, struct node *parent, const struct wording *wording,
                        const char *name, const char *items, const char *item, bool empty)
{
    if (empty && wording->empty_lists == ABSENCE_OMITTED) {
        return NULL;
    }
    if (empty && wording->empty_lists == ABSENCE_NULL) {
        node_null(arena, parent, name);
        return NULL;
    }
    struct node *list = NULL;
    if (wording->bare_lists) {
        list = node_list(arena, parent, name, NODE_ELEMENT);
    } else {
        struct node *around = node_object(arena, parent, name);
        list = node_list(arena, around, wording->singular_lists ? item : items, NODE_BARE);
    }
    return empty ? NULL : list;
}

void shape_truth(struct arena *arena, struct node *parent, const struct wording *wording,
                 const char *name, bool truth, enum node_place place)
{
    if (wording->scalars_as_text) {
        node_text(arena, parent, name, truth ? "true" : "false", place);
    } else {
        node_truth(arena, parent, name, truth, place);
    }
}

void shape_number(struct arena *arena, struct node *parent, const struct wording *wording,
                  const char *name, int64_t number)
{
    if (wording->scalars_as_text) {
        node_text(arena, parent, name, arena_format(arena, "%" PRId64, number), NODE_ELEMENT);
    } else {
        node_number(arena, parent, name, number, NODE_ELEMENT);
    }
}
