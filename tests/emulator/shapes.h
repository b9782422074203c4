// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The ways in which EM may write lists and scalars of policies, replicas and system sessions, which
 * the documents show in XML alone: the wording says which one is played.
 */
#ifndef EMULATOR_SHAPES_H
#define EMULATOR_SHAPES_H

#include "emulator/node.h"
#include "emulator/store.h"

/*
 * The list of that name, whose items are elements called `item`, in JSON within a member `items`.
 * NULL if it is to be empty: there is nothing to add to.
 */
struct node *shape_list(struct arena *arena, struct node *parent, const struct wording *wording,
                        const char *name, const char *items, const char *item, bool empty);
void shape_truth(struct arena *arena, struct node *parent, const struct wording *wording,
                 const char *name, bool truth, enum node_place place);
void shape_number(struct arena *arena, struct node *parent, const struct wording *wording,
                  const char *name, int64_t number);

#endif
