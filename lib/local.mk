# SPDX-License-Identifier: GPL-3.0-or-later
# One archive a room, so that the linker too keeps a lower room from using an upper one.
noinst_LIBRARIES += lib/libbase.a lib/libem.a lib/libcdp.a lib/libfetch.a lib/libreport.a

lib_libbase_a_SOURCES = \
	lib/base/buf.c lib/base/buf.h \
	lib/base/cleanup.h \
	lib/base/clock.c lib/base/clock.h \
	lib/base/file.c lib/base/file.h \
	lib/base/fault.c lib/base/fault.h \
	lib/base/hash.h \
	lib/base/io.c lib/base/io.h \
	lib/base/library.c lib/base/library.h \
	lib/base/lines.c lib/base/lines.h \
	lib/base/locale.c lib/base/locale.h \
	lib/base/mask.c lib/base/mask.h \
	lib/base/number.c lib/base/number.h \
	lib/base/password_hash.c lib/base/password_hash.h \
	lib/base/pattern.c lib/base/pattern.h \
	lib/base/cache_dir.c lib/base/cache_dir.h \
	lib/base/set.c lib/base/set.h \
	lib/base/text.c lib/base/text.h \
	lib/base/utc.c lib/base/utc.h \
	lib/base/vec.c lib/base/vec.h \
	lib/base/version.c lib/base/version.h

lib_libem_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(CJSON_CFLAGS)
lib_libem_a_SOURCES = \
	lib/em/cjson.c lib/em/cjson.h \
	lib/em/anonymous.c lib/em/anonymous.h \
	lib/em/client.c lib/em/client.h \
	lib/em/curl.c lib/em/curl.h \
	lib/em/entity.c lib/em/entity.h \
	lib/em/host_name.c lib/em/host_name.h \
	lib/em/http.c lib/em/http.h \
	lib/em/http_fault.c lib/em/http_fault.h \
	lib/em/http_message.h \
	lib/em/invention.c lib/em/invention.h \
	lib/em/json.c lib/em/json.h \
	lib/em/logon.c lib/em/logon.h \
	lib/em/logon_cache.c lib/em/logon_cache.h \
	lib/em/message.c lib/em/message.h \
	lib/em/permitted.c lib/em/permitted.h \
	lib/em/pages.c lib/em/pages.h \
	lib/em/peer.c lib/em/peer.h \
	lib/em/proxy.c lib/em/proxy.h \
	lib/em/query.c lib/em/query.h \
	lib/em/record.c lib/em/record.h \
	lib/em/refusal.c lib/em/refusal.h \
	lib/em/server.c lib/em/server.h \
	lib/em/status_fault.c lib/em/status_fault.h \
	lib/em/trace.c lib/em/trace.h \
	lib/em/uid.c lib/em/uid.h \
	lib/em/vocabulary.c lib/em/vocabulary.h

lib_libcdp_a_CPPFLAGS = $(AM_CPPFLAGS) $(MP_CPPFLAGS)
lib_libcdp_a_SOURCES = \
	lib/cdp/collection.c lib/cdp/collection.h \
	lib/cdp/coverage.c lib/cdp/coverage.h \
	lib/cdp/finding.c lib/cdp/finding.h \
	lib/cdp/group.c lib/cdp/group.h \
	lib/cdp/intervals.c lib/cdp/intervals.h \
	lib/cdp/judge.c lib/cdp/judge.h \
	lib/cdp/judge_run.c lib/cdp/judge_run.h \
	lib/cdp/judge_vm.c lib/cdp/judge_vm.h \
	lib/cdp/matrix.c lib/cdp/matrix.h \
	lib/cdp/metric.c lib/cdp/metric.h \
	lib/cdp/pick.c lib/cdp/pick.h \
	lib/cdp/policy.c lib/cdp/policy.h \
	lib/cdp/probe.c lib/cdp/probe.h \
	lib/cdp/probe_judge.c lib/cdp/probe_judge.h \
	lib/cdp/probe_vms.c lib/cdp/probe_vms.h \
	lib/cdp/protected_vm.c lib/cdp/protected_vm.h \
	lib/cdp/rules.c lib/cdp/rules.h \
	lib/cdp/scope.c lib/cdp/scope.h \
	lib/cdp/sign.c lib/cdp/sign.h \
	lib/cdp/site.c lib/cdp/site.h \
	lib/cdp/survey.c lib/cdp/survey.h \
	lib/cdp/task_session.c lib/cdp/task_session.h \
	lib/cdp/verdict.c lib/cdp/verdict.h

lib_libfetch_a_CPPFLAGS = $(AM_CPPFLAGS) $(CJSON_CFLAGS)
lib_libfetch_a_SOURCES = \
	lib/fetch/by_name.c lib/fetch/by_name.h \
	lib/fetch/collection.c lib/fetch/collection.h \
	lib/fetch/collection_log.c lib/fetch/collection_log.h \
	lib/fetch/decode.c lib/fetch/decode.h \
	lib/fetch/decode_collection.c lib/fetch/decode_collection.h \
	lib/fetch/decode_intervals.c lib/fetch/decode_intervals.h \
	lib/fetch/decode_policy.c lib/fetch/decode_policy.h \
	lib/fetch/decode_replica.c lib/fetch/decode_replica.h \
	lib/fetch/fetch.c lib/fetch/fetch.h \
	lib/fetch/fleet.c lib/fetch/fleet.h \
	lib/fetch/lag.c lib/fetch/lag.h \
	lib/fetch/live.c lib/fetch/live.h \
	lib/fetch/newest_first.c lib/fetch/newest_first.h \
	lib/fetch/older.c lib/fetch/older.h \
	lib/fetch/part.h \
	lib/fetch/points.c lib/fetch/points.h \
	lib/fetch/policy.c lib/fetch/policy.h \
	lib/fetch/probe.c lib/fetch/probe.h \
	lib/fetch/probe_filters.c lib/fetch/probe_filters.h \
	lib/fetch/probe_sample.c lib/fetch/probe_sample.h \
	lib/fetch/probing.h \
	lib/fetch/policy_sessions.c lib/fetch/policy_sessions.h \
	lib/fetch/protection.c lib/fetch/protection.h \
	lib/fetch/refresh.c lib/fetch/refresh.h \
	lib/fetch/remember.c lib/fetch/remember.h \
	lib/fetch/renew.c lib/fetch/renew.h \
	lib/fetch/replica.c lib/fetch/replica.h \
	lib/fetch/reference.c lib/fetch/reference.h \
	lib/fetch/saved.c lib/fetch/saved.h \
	lib/fetch/searched.c lib/fetch/searched.h \
	lib/fetch/shared.c lib/fetch/shared.h \
	lib/fetch/snapshot_file.c lib/fetch/snapshot_file.h \
	lib/fetch/snapshot_records.c lib/fetch/snapshot_records.h \
	lib/fetch/task_query.c lib/fetch/task_query.h \
	lib/fetch/topics.c lib/fetch/topics.h \
	lib/fetch/vm.c lib/fetch/vm.h

lib_libreport_a_CPPFLAGS = $(AM_CPPFLAGS) $(MP_CPPFLAGS)
lib_libreport_a_SOURCES = \
	lib/report/distinct.c lib/report/distinct.h \
	lib/report/em_words.c lib/report/em_words.h \
	lib/report/fault_words.c lib/report/fault_words.h \
	lib/report/first_line.c lib/report/first_line.h \
	lib/report/json.c \
	lib/report/json_write.c lib/report/json_write.h \
	lib/report/list.c \
	lib/report/notices.c lib/report/notices.h \
	lib/report/openmetrics.c \
	lib/report/passive.c \
	lib/report/phrase.c lib/report/phrase.h \
	lib/report/points_words.c lib/report/points_words.h \
	lib/report/probe_report.c lib/report/probe_report.h \
	lib/report/probe_words.c lib/report/probe_words.h \
	lib/report/report.c lib/report/report.h \
	lib/report/run_words.c lib/report/run_words.h \
	lib/report/sign_words.c lib/report/sign_words.h \
	lib/report/text.c \
	lib/report/wording.c lib/report/wording.h
