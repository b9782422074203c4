// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How EM shows what it knows: the one description of each resource's reference and entity, from
 * which JSON and XML are both written.
 */
#ifndef EMULATOR_REPRESENTATION_H
#define EMULATOR_REPRESENTATION_H

#include "emulator/node.h"
#include "emulator/store.h"

/* What makes a kind of resource: its names in URLs, in JSON and in XML. */
struct resource_kind {
    const char *type;       // "CdpReplicaTaskSession", also the query service's
    const char *collection; // "cdpReplicaTaskSessions", in the URL
    const char *container;  // "CdpReplicaTaskSessions", around a list of entities
    const char *list;       // the member around a list in its own document; NULL: the container
    const char *element;    // of one entity in a list, in XML
    const char *root;       // of one entity that stands alone, in XML
    const char *(*uid)(const void *record);
    const char *(*name)(const void *record);
    void (*links)(struct arena *arena, struct node *links, const struct wording *wording,
                  const void *record);
    /* Adds the members before Name. */
    void (*members)(struct arena *arena, struct node *entity, const struct wording *wording,
                    const void *record);
    const char *self;  // collection in the entity's own Href; NULL: the right one
    bool has_odd_href; // wording.odd_href is about it
    /* All below may be NULL. The path below /api, if it is not the collection and the UID; the
       links of a reference, if it does not have those of the entity. */
    const char *(*path)(struct arena *arena, const void *record);
    void (*reference_links)(struct arena *arena, struct node *links, const struct wording *wording,
                            const void *record);
    struct overrides (*overrides)(const void *record);
};

extern const struct resource_kind task_kind;
extern const struct resource_kind policy_session_kind;
extern const struct resource_kind policy_kind;
extern const struct resource_kind server_kind;
extern const struct resource_kind system_session_kind;
extern const struct resource_kind replica_kind;
extern const struct resource_kind replica_vm_kind;
extern const struct resource_kind vm_replica_kind; // of the same records

/* `parent` is the list they are added to; NULL makes the root of an answer. */
struct node *represent_entity(struct arena *arena, struct node *parent,
                              const struct wording *wording, const struct resource_kind *kind,
                              const void *record);
struct node *represent_reference(struct arena *arena, struct node *parent,
                                 const struct wording *wording, const struct resource_kind *kind,
                                 const void *record);

/* What the kinds are made of: an Href below /api, a link to a resource, times. */
const char *represent_href(struct arena *arena, const struct wording *wording,
                           const struct resource_kind *kind, const void *record, const char *tail);
/* What a policy includes; nothing is added to a NULL list. */
void represent_includes(struct arena *arena, struct node *list, const struct wording *wording,
                        const struct policy *policy);
void represent_link_to(struct arena *arena, struct node *links, const struct wording *wording,
                       const char *rel, const struct resource_kind *kind, const void *record);
void represent_moment(struct arena *arena, struct node *entity, const struct wording *wording,
                      const char *name, moment when);
void represent_end(struct arena *arena, struct node *entity, const struct wording *wording,
                   bool has_ended, moment ended);
/* A link to whatever; NULLs are nulls. */
void represent_link(struct arena *arena, struct node *links, const char *rel, const char *href,
                    const char *name, const char *type);

#endif
