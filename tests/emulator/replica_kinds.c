// SPDX-License-Identifier: GPL-3.0-or-later
/* How EM shows CDP replicas and their VMs, the latter by two paths. */
#include "emulator/representation.h"

#include <string.h>

/* ---- replicas ---- */

static const struct replica *replica(const void *record)
{
    return record;
}

static const char *replica_uid(const void *record)
{
    return replica(record)->uid;
}

static const char *replica_name(const void *record)
{
    return replica(record)->policy->name;
}

static void replica_reference_links(struct arena *arena, struct node *links,
                                    const struct wording *wording, const void *record)
{
    represent_link_to(arena, links, wording, "Up", &server_kind,
                      replica(record)->policy->backup_server);
}

static void replica_links(struct arena *arena, struct node *links, const struct wording *wording,
                          const void *record)
{
    replica_reference_links(arena, links, wording, record);
    represent_link(arena, links, "Down",
                   represent_href(arena, wording, &replica_kind, record, "/vms"), NULL,
                   "CdpReplicaVmReferenceList");
    represent_link_to(arena, links, wording, "Up", &policy_kind, replica(record)->policy);
}

/* Here the policy's UID is no URN, other than in policy sessions. */
static void add_policy(struct arena *arena, struct node *entity, const struct policy *policy)
{
    node_text(arena, entity, "BackupServer", policy->backup_server->name, NODE_ELEMENT);
    node_text(arena, entity, "PolicyUid", policy->uid, NODE_ELEMENT);
    node_text(arena, entity, "PolicyName", policy->name, NODE_ELEMENT);
}

static void replica_members(struct arena *arena, struct node *entity, const struct wording *wording,
                            const void *record)
{
    (void)wording;
    add_policy(arena, entity, replica(record)->policy);
}

const struct resource_kind replica_kind = {
    .type = "CdpReplica",
    .collection = "cdpReplicas",
    .container = "CdpReplicas",
    .element = "CdpReplica",
    .root = "CdpReplica",
    .uid = replica_uid,
    .name = replica_name,
    .links = replica_links,
    .reference_links = replica_reference_links,
    .members = replica_members,
};

/* ---- VMs of replicas ---- */

static const struct replica_vm *replica_vm(const void *record)
{
    return record;
}

static const char *replica_vm_uid(const void *record)
{
    return replica_vm(record)->uid;
}

static const char *replica_vm_name(const void *record)
{
    return replica_vm(record)->name;
}

static struct overrides replica_vm_overrides(const void *record)
{
    return replica_vm(record)->overrides;
}

static const char *replica_vm_path(struct arena *arena, const void *record)
{
    const struct replica_vm *vm = record;
    return arena_format(arena, "cdpReplicas/%s/vms/%s", vm->replica->uid, vm->uid);
}

static void replica_vm_reference_links(struct arena *arena, struct node *links,
                                       const struct wording *wording, const void *record)
{
    replica_reference_links(arena, links, wording, replica_vm(record)->replica);
}

/* Where the link to the VM's intervals leads; what is wrong with it is the scenario's wish. */
static const char *intervals_href(struct arena *arena, const struct wording *wording,
                                  const struct resource_kind *kind, const struct replica_vm *vm)
{
    const char *action =
        vm->journal->link == INTERVAL_LINK_SWAPPED ? "?action=failover" : "?action=intervals";
    const struct replica_vm *meant = vm->other != NULL ? vm->other : vm;
    const char *href = represent_href(arena, wording, kind, meant, action);
    if (vm->journal->href != NULL) {
        return vm->journal->href;
    }
    if (vm->journal->link == INTERVAL_LINK_SLASH) {
        return arena_format(arena, "/%s", href);
    }
    if (vm->journal->link == INTERVAL_LINK_OTHER_HOST) {
        return arena_format(arena, "https://elsewhere.example.invalid:9398%s",
                            href + strlen(wording->origin));
    }
    return href;
}

/* Both are for a POST; the second one starts a failover. */
static void add_actions(struct arena *arena, struct node *links, const struct wording *wording,
                        const struct resource_kind *kind, const struct replica_vm *vm)
{
    const char *failover =
        vm->journal->link == INTERVAL_LINK_SWAPPED ? "?action=intervals" : "?action=failover";
    if (vm->journal->link != INTERVAL_LINK_MISSING) {
        represent_link(arena, links, "Intervals", intervals_href(arena, wording, kind, vm), NULL,
                       NULL);
    }
    represent_link(arena, links, "Failover", represent_href(arena, wording, kind, vm, failover),
                   NULL, NULL);
}

static void add_links(struct arena *arena, struct node *links, const struct wording *wording,
                      const struct resource_kind *kind, const struct replica_vm *vm)
{
    const struct policy *policy = vm->replica->policy;
    add_actions(arena, links, wording, kind, vm);
    represent_link_to(arena, links, wording, "Up", &server_kind, policy->backup_server);
    const char *repository =
        store_uuid(arena, arena_format(arena, "repository|%s", policy->backup_server->uid));
    represent_link(arena, links, "Up",
                   arena_format(arena, "%s/api/repositories/%s", wording->origin, repository),
                   "Default Backup Repository", "RepositoryReference");
    represent_link_to(arena, links, wording, "Up", &replica_kind, vm->replica);
    represent_link_to(arena, links, wording, "Up", &policy_kind, policy);
}

static void replica_vm_links(struct arena *arena, struct node *links, const struct wording *wording,
                             const void *record)
{
    add_links(arena, links, wording, &replica_vm_kind, record);
}

static void replica_vm_members(struct arena *arena, struct node *entity,
                               const struct wording *wording, const void *record)
{
    (void)wording;
    const struct replica_vm *vm = record;
    const struct policy *policy = vm->replica->policy;
    node_text(arena, entity, "VmRef", store_reference(arena, policy->backup_server, "Vm", vm->vm),
              NODE_ELEMENT);
    node_text(arena, entity, "ReplicaUid", vm->replica->uid, NODE_ELEMENT);
    add_policy(arena, entity, policy);
    node_text(arena, entity, "RepositoryName", "Default Backup Repository", NODE_ELEMENT);
}

const struct resource_kind replica_vm_kind = {
    .type = "CdpReplicaVm",
    .collection = "cdpReplicas",
    .container = "CdpReplicaVms",
    .element = "CdpReplicaVm",
    .root = "CdpReplicaVm",
    .has_odd_href = true,
    .uid = replica_vm_uid,
    .name = replica_vm_name,
    .path = replica_vm_path,
    .links = replica_vm_links,
    .reference_links = replica_vm_reference_links,
    .members = replica_vm_members,
    .overrides = replica_vm_overrides,
};

/* ---- the same by the path that a real EM 12 offers and no document describes ---- */

static void vm_replica_links(struct arena *arena, struct node *links, const struct wording *wording,
                             const void *record)
{
    add_links(arena, links, wording, &vm_replica_kind, record);
}

const struct resource_kind vm_replica_kind = {
    .type = "VmCdpReplica",
    .collection = "cdpReplica/vms",
    .container = "VmCdpReplicas",
    .element = "VmCdpReplica",
    .root = "VmCdpReplica",
    .has_odd_href = true,
    .uid = replica_vm_uid,
    .name = replica_vm_name,
    .links = vm_replica_links,
    .reference_links = replica_vm_reference_links,
    .members = replica_vm_members,
    .overrides = replica_vm_overrides,
};
