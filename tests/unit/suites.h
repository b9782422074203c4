// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The suites of all rooms, one a file. Each room is a program, whose main.c runs its suites; with
 * CK_FORK=no all of them run in one process, so a test leaves nothing behind for the next one.
 */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <check.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Runs the suites, frees them, gives main's result. */
int run_suites(Suite *const suites[], int count);

/* base */
Suite *buf_suite(void);
Suite *fault_suite(void);
Suite *file_suite(void);
Suite *io_suite(void);
Suite *lines_suite(void);
Suite *mask_suite(void);
Suite *number_suite(void);
Suite *password_hash_suite(void);
Suite *pattern_suite(void);
Suite *set_suite(void);
Suite *text_suite(void);
Suite *utc_suite(void);
Suite *vec_suite(void);

/* monitoring */
Suite *extra_opts_suite(void);
Suite *perfdata_suite(void);
Suite *range_suite(void);
Suite *state_suite(void);

/* em */
Suite *anonymous_suite(void);
Suite *client_suite(void);
Suite *entity_suite(void);
Suite *host_name_suite(void);
Suite *json_suite(void);
Suite *logon_cache_suite(void);
Suite *pages_suite(void);
Suite *peer_suite(void);
Suite *permitted_suite(void);
Suite *proxy_suite(void);
Suite *record_suite(void);
Suite *refusal_suite(void);

/* cdp */
Suite *coverage_suite(void);
Suite *group_suite(void);
Suite *judge_suite(void);
Suite *matrix_suite(void);
Suite *metric_suite(void);
Suite *pick_suite(void);
Suite *probe_suite(void);
Suite *scenes_suite(void);
Suite *sign_suite(void);
Suite *task_session_suite(void);
Suite *vm_intervals_suite(void);

/* fetch */
Suite *collection_suite(void);
Suite *decode_intervals_suite(void);
Suite *decode_suite(void);
Suite *policy_suite(void);
Suite *probing_suite(void);
Suite *remember_suite(void);
Suite *replica_suite(void);
Suite *snapshot_file_suite(void);
Suite *vocabulary_suite(void);

/* report */
Suite *em_words_suite(void);
Suite *formats_suite(void);
Suite *json_write_suite(void);
Suite *phrase_suite(void);
Suite *points_words_suite(void);
Suite *probe_words_suite(void);
Suite *report_suite(void);
Suite *run_words_suite(void);
Suite *sign_words_suite(void);
Suite *standing_suite(void);

/* plugins */
Suite *ending_suite(void);
Suite *options_suite(void);
Suite *password_suite(void);

/* emulator */
Suite *emulator_suite(void);
Suite *intervals_suite(void);
Suite *policies_suite(void);
Suite *replay_suite(void);
Suite *replicas_suite(void);
Suite *rotation_suite(void);
Suite *system_sessions_suite(void);

#endif
