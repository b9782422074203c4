// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/representation.h"

#include <stddef.h>

void represent_link(struct arena *arena, struct node *links, const char *rel, const char *href,
                    const char *name, const char *type)
{
    struct node *link = node_object(arena, links, "Link");
    node_text(arena, link, "Rel", rel, NODE_ATTRIBUTE);
    node_text(arena, link, "Href", href, NODE_ATTRIBUTE);
    node_text(arena, link, "Name", name, NODE_ATTRIBUTE);
    node_text(arena, link, "Type", type, NODE_ATTRIBUTE);
}

const char *represent_href(struct arena *arena, const struct wording *wording,
                           const struct resource_kind *kind, const void *record, const char *tail)
{
    if (kind->path != NULL) {
        return arena_format(arena, "%s/api/%s%s", wording->origin, kind->path(arena, record), tail);
    }
    return arena_format(arena, "%s/api/%s/%s%s", wording->origin, kind->collection,
                        kind->uid(record), tail);
}

/* Of the resource itself, where some of EM's documents have odd ones. */
static const char *own_href(struct arena *arena, const struct wording *wording,
                            const struct resource_kind *kind, const void *record, const char *tail)
{
    const char *href = represent_href(arena, wording, kind, record, tail);
    if (kind->has_odd_href && wording->odd_href == ODD_HREF_SLASH) {
        return arena_format(arena, "/%s", href);
    }
    if (kind->has_odd_href && wording->odd_href == ODD_HREF_TWICE) {
        return arena_format(arena, "%s/api/%s", wording->origin, href);
    }
    return href;
}

static const char *reference_type(struct arena *arena, const char *type)
{
    return arena_format(arena, "%sReference", type);
}

void represent_link_to(struct arena *arena, struct node *links, const struct wording *wording,
                       const char *rel, const struct resource_kind *kind, const void *record)
{
    represent_link(arena, links, rel, represent_href(arena, wording, kind, record, ""),
                   kind->name(record), reference_type(arena, kind->type));
}

void represent_moment(struct arena *arena, struct node *entity, const struct wording *wording,
                      const char *name, moment when)
{
    const int usual = wording->node.camel ? 6 : 3;
    const int digits = wording->fraction_digits >= 0 ? wording->fraction_digits : usual;
    node_text(arena, entity, name, moment_text(arena, when, digits), NODE_ELEMENT);
}

void represent_end(struct arena *arena, struct node *entity, const struct wording *wording,
                   bool has_ended, moment ended)
{
    if (has_ended) {
        represent_moment(arena, entity, wording, "EndTimeUTC", ended);
    } else if (wording->running_end == ABSENCE_NULL) {
        node_null(arena, entity, "EndTimeUTC");
    }
}

static void override(struct arena *arena, struct node *entity, const struct overrides *overrides)
{
    const cJSON *value = NULL;
    cJSON_ArrayForEach(value, overrides->members)
    {
        node_replace(arena, entity, value);
    }
    cJSON_ArrayForEach(value, overrides->omit)
    {
        if (cJSON_IsString(value)) {
            node_remove(entity, value->valuestring);
        }
    }
}

static void identity(struct arena *arena, struct node *node, const struct resource_kind *kind,
                     const void *record)
{
    node_text(arena, node, "Name", kind->name(record), NODE_ATTRIBUTE);
    node_text(arena, node, "UID",
              arena_format(arena, "urn:veeam:%s:%s", kind->type, kind->uid(record)),
              NODE_ATTRIBUTE);
}

struct node *represent_entity(struct arena *arena, struct node *parent,
                              const struct wording *wording, const struct resource_kind *kind,
                              const void *record)
{
    struct node *entity = node_object(arena, parent, parent != NULL ? kind->element : kind->root);
    kind->members(arena, entity, wording, record);
    identity(arena, entity, kind, record);
    struct node *links = node_list(arena, entity, "Links", NODE_ELEMENT);
    kind->links(arena, links, wording, record);
    represent_link_to(arena, links, wording, "Alternate", kind, record);
    const bool is_proper = kind->self == NULL || wording->proper_self_href;
    node_text(arena, entity, "Href",
              is_proper ? own_href(arena, wording, kind, record, "?format=Entity")
                        : arena_format(arena, "%s/api/%s/%s?format=Entity", wording->origin,
                                       kind->self, kind->uid(record)),
              NODE_ATTRIBUTE);
    node_text(arena, entity, "Type", kind->type, NODE_ATTRIBUTE);
    if (kind->overrides != NULL) {
        const struct overrides overrides = kind->overrides(record);
        override(arena, entity, &overrides);
    }
    return entity;
}

struct node *represent_reference(struct arena *arena, struct node *parent,
                                 const struct wording *wording, const struct resource_kind *kind,
                                 const void *record)
{
    struct node *reference = node_object(arena, parent, parent != NULL ? "Ref" : "EntityRef");
    struct node *links = node_list(arena, reference, "Links", NODE_ELEMENT);
    (kind->reference_links != NULL ? kind->reference_links : kind->links)(arena, links, wording,
                                                                          record);
    represent_link(arena, links, "Alternate",
                   represent_href(arena, wording, kind, record, "?format=Entity"),
                   kind->name(record), kind->type);
    node_text(arena, reference, "UID",
              arena_format(arena, "urn:veeam:%s:%s", kind->type, kind->uid(record)),
              NODE_ATTRIBUTE);
    node_text(arena, reference, "Name", kind->name(record), NODE_ATTRIBUTE);
    node_text(arena, reference, "Href", own_href(arena, wording, kind, record, ""), NODE_ATTRIBUTE);
    node_text(arena, reference, "Type", reference_type(arena, kind->type), NODE_ATTRIBUTE);
    return reference;
}
