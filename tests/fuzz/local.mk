# SPDX-License-Identifier: GPL-3.0-or-later
# Replays the fuzz targets' corpora, with any compiler; fuzz.sh fuzzes.
fuzz_tests = \
	tests/fuzz/replay_anonymous \
	tests/fuzz/replay_answer \
	tests/fuzz/replay_cache \
	tests/fuzz/replay_entity \
	tests/fuzz/replay_error \
	tests/fuzz/replay_filter \
	tests/fuzz/replay_ini \
	tests/fuzz/replay_label \
	tests/fuzz/replay_logon \
	tests/fuzz/replay_map \
	tests/fuzz/replay_mask \
	tests/fuzz/replay_options \
	tests/fuzz/replay_range \
	tests/fuzz/replay_snapshot \
	tests/fuzz/replay_text \
	tests/fuzz/replay_timestamp
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)

fuzz_common = tests/fuzz/fuzz.h tests/fuzz/standalone.c tests/fuzz/support.c
fuzz_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_srcdir)/tests $(MP_CPPFLAGS) $(CURL_CFLAGS) \
	$(CJSON_CFLAGS)
fuzz_corpus = $(abs_top_srcdir)/tests/fuzz/corpus
fuzz_ldadd = plugins/liboptions.a $(CDP_LIBS) $(CJSON_LIBS)

tests_fuzz_replay_anonymous_SOURCES = tests/fuzz/anonymous.c $(fuzz_common)
tests_fuzz_replay_anonymous_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/anonymous"'
tests_fuzz_replay_anonymous_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_answer_SOURCES = tests/fuzz/answer.c $(fuzz_common)
tests_fuzz_replay_answer_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/answer"'
tests_fuzz_replay_answer_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_cache_SOURCES = tests/fuzz/cache.c $(fuzz_common)
tests_fuzz_replay_cache_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/cache"'
tests_fuzz_replay_cache_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_entity_SOURCES = tests/fuzz/entity.c $(fuzz_common)
tests_fuzz_replay_entity_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/entity"'
tests_fuzz_replay_entity_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_error_SOURCES = tests/fuzz/error.c $(fuzz_common)
tests_fuzz_replay_error_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/error"'
tests_fuzz_replay_error_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_filter_SOURCES = tests/fuzz/filter.c $(fuzz_common)
tests_fuzz_replay_filter_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/filter"'
tests_fuzz_replay_filter_LDADD = $(fuzz_ldadd)

# Our own reader, whatever the plugin itself is linked with.
tests_fuzz_replay_ini_SOURCES = tests/fuzz/ini.c $(fuzz_common) \
	lib/monitoring/compat/ini.c lib/monitoring/compat/ini.h
tests_fuzz_replay_ini_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/ini"'
tests_fuzz_replay_ini_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_label_SOURCES = tests/fuzz/label.c $(fuzz_common)
tests_fuzz_replay_label_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/label"'
tests_fuzz_replay_label_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_logon_SOURCES = tests/fuzz/logon.c $(fuzz_common)
tests_fuzz_replay_logon_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/logon"'
tests_fuzz_replay_logon_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_map_SOURCES = tests/fuzz/map.c $(fuzz_common)
tests_fuzz_replay_map_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/map"'
tests_fuzz_replay_map_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_mask_SOURCES = tests/fuzz/mask.c $(fuzz_common)
tests_fuzz_replay_mask_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/mask"'
tests_fuzz_replay_mask_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_options_SOURCES = tests/fuzz/options.c $(fuzz_common)
tests_fuzz_replay_options_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/options"'
tests_fuzz_replay_options_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_range_SOURCES = tests/fuzz/range.c $(fuzz_common)
tests_fuzz_replay_range_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/range"'
tests_fuzz_replay_range_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_snapshot_SOURCES = tests/fuzz/snapshot.c $(fuzz_common)
tests_fuzz_replay_snapshot_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/snapshot"'
tests_fuzz_replay_snapshot_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_text_SOURCES = tests/fuzz/text.c $(fuzz_common)
tests_fuzz_replay_text_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/text"'
tests_fuzz_replay_text_LDADD = $(fuzz_ldadd)

tests_fuzz_replay_timestamp_SOURCES = tests/fuzz/timestamp.c $(fuzz_common)
tests_fuzz_replay_timestamp_CPPFLAGS = $(fuzz_cppflags) -DCORPUS='"$(fuzz_corpus)/timestamp"'
tests_fuzz_replay_timestamp_LDADD = $(fuzz_ldadd)

EXTRA_DIST += \
	tests/fuzz/README.md \
	tests/fuzz/answer.dict \
	tests/fuzz/cache.dict \
	tests/fuzz/corpus \
	tests/fuzz/entity.dict \
	tests/fuzz/error.dict \
	tests/fuzz/fuzz.sh \
	tests/fuzz/ini.dict \
	tests/fuzz/map.dict \
	tests/fuzz/options.dict \
	tests/fuzz/range.dict
