// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The services of many VMs in one process: what a run of the plugin with --vm would say of each,
 * from a snapshot that another run has left. It takes the plugin's own options, and from standard
 * input, again and again, a line of moments, in seconds since the snapshot was asked for, then the
 * VMs' names, a line each, and an empty line. For each moment and VM that is not OK, it prints
 *
 *     MOMENT NAME RUN STALE POLICY SERVER STATE SIGN
 *
 * with tabs between: the states of the run, of the age of EM's data and of the VM as numbers. Then
 * "end" and how many VMs were judged. A VM without a verdict has the fault's text for a POLICY.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cdp/judge.h"
#include "fetch/fetch.h"
#include "plugins/options.h"

enum { MOMENTS = 16 };

struct services {
    struct options options;
    struct fetch_settings settings;
    double moments[MOMENTS];
    size_t moment_count;
    size_t judged;
};

static int stale_state(const struct verdict *verdict)
{
    int state = STATE_OK;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct finding *finding = &verdict->findings[i];
        if (finding->kind == FINDING_STALE || finding->kind == FINDING_UNCOLLECTED ||
            finding->kind == FINDING_DATA_UNKNOWN) {
            state = max_state_alt(state, finding->state);
        }
    }
    return state;
}

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static const char *fault_text(const struct finding *fault, const char *otherwise)
{
    if (fault == NULL) {
        return otherwise;
    }
    return fault->fault != NULL ? fault->fault->text : "not found";
}

static void print_row(const struct verdict *verdict, double moment, const char *name,
                      const struct vm_verdict *vm)
{
    const struct finding *fault = vm != NULL ? vm_fault(vm) : verdict->fault;
    const char *policy = vm != NULL ? or_dash(vm->policy) : "-";
    printf("%.0f\t%s\t%d\t%d\t%s\t%s\t%d\t%s\n", moment, name, verdict->state, stale_state(verdict),
           fault_text(fault, policy), vm != NULL ? or_dash(vm->backup_server) : "-",
           vm != NULL ? vm->state : STATE_OK,
           vm != NULL && vm->standing.shows_sign ? sign_words[vm->standing.sign] : "-");
}

static void print_verdict(const struct verdict *verdict, double moment, const char *name)
{
    if (verdict->state == STATE_OK) {
        return;
    }
    bool said = false;
    for (size_t i = 0; i < verdict->vm_count; i++) {
        if (verdict->vms[i].state != STATE_OK) {
            print_row(verdict, moment, name, &verdict->vms[i]);
            said = true;
        }
    }
    if (!said) {
        print_row(verdict, moment, name, NULL);
    }
}

static void fail(const struct fault *fault)
{
    fprintf(stderr, "weeks_services: %s\n", fault->text);
    exit(EXIT_FAILURE);
}

static void judge_vm(struct services *services, const char *name)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct site site = {.trust = SITE_TRUSTED};
    struct scope *scope = &services->options.scope;
    struct buf trace;
    buf_init(&trace, 1024);
    scope->names.items[0] = name;
    if (fetch(&services->settings, scope, &site, &trace, &fault) < 0) {
        fail(&fault);
    }
    for (size_t i = 0; i < services->moment_count; i++) {
        struct verdict verdict;
        const utc_us now = site.asked_at + (utc_us)(services->moments[i] * (double)UTC_SECOND);
        if (judge(scope, &services->options.rules, &site, now, &verdict, &fault) < 0) {
            fail(&fault);
        }
        print_verdict(&verdict, services->moments[i], name);
        site = verdict.site;
        verdict.site = (struct site){.trust = site.trust};
        verdict_free(&verdict);
    }
    site_free(&site);
    buf_free(&trace);
    services->judged++;
}

static void take_moments(struct services *services, char *line)
{
    char *rest = NULL;
    services->moment_count = 0;
    services->judged = 0;
    for (const char *word = strtok_r(line, " ", &rest);
         word != NULL && services->moment_count < MOMENTS; word = strtok_r(NULL, " ", &rest)) {
        services->moments[services->moment_count++] = strtod(word, NULL);
    }
}

int main(int argc, char **argv)
{
    struct services services = {.moment_count = 0};
    struct options *options = &services.options;
    struct fault fault = {.kind = FAULT_NONE};
    char *line = NULL;
    size_t size = 0;
    bool is_first = true;
    options_init(options);
    if (options_read(options, argc, argv, &fault) < 0) {
        fail(&fault);
    }
    services.settings = (struct fetch_settings){.em = options->em,
                                                .snapshot = options->snapshot,
                                                .snapshot_age_s = options->snapshot_age_s};
    services.settings.em.stop_descriptor = -1;
    for (ssize_t length = 0; (length = getline(&line, &size, stdin)) > 0;) {
        line[length - 1] = '\0';
        if (line[0] == '\0') {
            printf("end %zu\n", services.judged);
            fflush(stdout);
        } else if (is_first) {
            take_moments(&services, line);
        } else {
            judge_vm(&services, line);
        }
        is_first = line[0] == '\0';
    }
    free(line);
    options_free(options);
    return EXIT_SUCCESS;
}
