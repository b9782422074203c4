// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * All that snapshots hold, for a test to compare. It takes the plugin's own options and, from
 * standard input, folders of snapshots, a line each. For each it prints what the snapshot has, a
 * line for each thing: its kind, and NAME=VALUE for each member that is known, with tabs between;
 * then "end". EM is not asked: a snapshot that can't be used is a line "fault".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fetch/fetch.h"
#include "plugins/options.h"

enum { TRACE_LIMIT = 64 * 1024 };

static const double any_age_s = 1e9;

static void print_text(const char *name, const char *value)
{
    if (value != NULL) {
        printf("\t%s=%s", name, value);
    }
}

static void print_moment(const char *name, bool known, utc_us moment)
{
    if (known) {
        printf("\t%s=%" PRId64, name, moment);
    }
}

static void print_number(const char *name, bool known, double number)
{
    if (known) {
        printf("\t%s=%.17g", name, number);
    }
}

static void print_session(const struct task_session *session)
{
    printf("session\tstate=%d\tresult=%d\todd=%u", (int)session->state, (int)session->result,
           (unsigned)session->odd);
    print_text("uid", session->uid);
    print_text("name", session->name);
    print_text("vm", session->vm);
    print_text("policy", session->policy);
    print_text("server", session->backup_server);
    print_text("policy_session", session->policy_session_uid);
    print_text("state_text", session->state_text);
    print_text("result_text", session->result_text);
    print_text("reason", session->reason);
    print_text("defect", session->defect);
    print_moment("created", session->has_created, session->created);
    print_moment("ended", session->has_ended, session->ended);
    print_moment("oldest", session->has_oldest, session->oldest);
    print_number("total_size", session->has_total_size, session->total_size);
    printf("\n");
}

static void print_protected_vm(const struct protected_vm *vm)
{
    printf("protected\tnamed=%d\treplica=%d", vm->named, vm->has_replica);
    print_text("vm", vm->vm);
    print_text("policy", vm->policy);
    print_text("server", vm->backup_server);
    printf("\n");
}

static void print_policy(const struct policy *policy)
{
    printf("policy\tlists_all=%d", policy->lists_all);
    print_text("name", policy->name);
    print_text("server", policy->backup_server);
    print_text("containers", policy->containers);
    print_number("enabled", policy->has_enabled, policy->enabled);
    print_number("rpo", policy->has_rpo, policy->rpo_s);
    print_number("long_term", policy->has_long_term, policy->long_term_s);
    print_number("pause", true, policy->replication_pause_s);
    print_number("long_term_pause", true, policy->long_term_pause_s);
    printf("\n");
}

static void print_collection(const struct collection *collection)
{
    printf("collection");
    print_moment("succeeded", collection->has_succeeded, collection->succeeded);
    print_number("spacing", true, collection->spacing_s);
    printf("\n");
    for (size_t i = 0; i < collection->count; i++) {
        const struct collected_server *server = &collection->servers[i];
        printf("collected\tmissed=%d", server->missed);
        print_text("server", server->name);
        print_moment("at", server->collected, server->at);
        printf("\n");
    }
}

static void print_answers(const struct site *site)
{
    static const char *const topics[SITE_TOPICS] = {[SITE_POLICIES] = "policies",
                                                    [SITE_COLLECTION] = "collection",
                                                    [SITE_REPLICAS] = "replicas",
                                                    [SITE_OLDER] = "older"};
    for (size_t i = 0; i < SITE_TOPICS; i++) {
        const struct site_answer *answer = &site->answers[i];
        printf("answer\ttopic=%s\tknowledge=%d", topics[i], (int)answer->knowledge);
        print_text("fault",
                   answer->fault.kind != FAULT_NONE ? fault_kind_name(answer->fault.kind) : NULL);
        print_text("text", answer->fault.kind != FAULT_NONE ? answer->fault.text : NULL);
        printf("\n");
    }
}

static void print_site(const struct site *site)
{
    printf("asked");
    print_moment("at", true, site->asked_at);
    print_moment("offset", site->has_clock_offset, site->clock_offset);
    printf("\n");
    print_answers(site);
    print_collection(&site->collection);
    for (size_t i = 0; i < site->policies.count; i++) {
        print_policy(&site->policies.items[i]);
    }
    for (size_t i = 0; i < site->protected_vms.count; i++) {
        print_protected_vm(&site->protected_vms.items[i]);
    }
    for (size_t i = 0; i < site->unjoined.count; i++) {
        printf("unjoined\tname=%s\n", site->unjoined.text[i]);
    }
    for (size_t i = 0; i < site->sessions.count; i++) {
        print_session(&site->sessions.items[i]);
    }
}

/* The deadline has passed, so that nobody is asked for what is not there. */
static void dump(struct options *options, const char *folder)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct site site = {.trust = SITE_TRUSTED};
    struct fetch_settings settings = {
        .em = options->em, .snapshot = folder, .snapshot_age_s = any_age_s};
    struct buf trace;
    settings.em.password = "none";
    settings.em.mask = &options->mask;
    settings.em.stop_descriptor = -1;
    buf_init(&trace, TRACE_LIMIT);
    if (fetch(&settings, &options->scope, &site, &trace, &fault) < 0) {
        printf("fault\ttext=%s\n", fault.text);
    } else {
        print_site(&site);
    }
    printf("end\n");
    fflush(stdout);
    site_free(&site);
    buf_free(&trace);
}

int main(int argc, char **argv)
{
    struct options options;
    struct fault fault = {.kind = FAULT_NONE};
    char *line = NULL;
    size_t size = 0;
    options_init(&options);
    if (options_read(&options, argc, argv, &fault) < 0) {
        fprintf(stderr, "site_dump: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    for (ssize_t length = 0; (length = getline(&line, &size, stdin)) > 0;) {
        line[length - 1] = '\0';
        dump(&options, line);
    }
    free(line);
    options_free(&options);
    return EXIT_SUCCESS;
}
