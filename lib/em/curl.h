// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libcurl, loaded when EM is to be asked rather than when the program starts: with the libraries
 * that it needs in turn, loading it takes several times as long as all else that a run does.
 */
#ifndef EM_CURL_H
#define EM_CURL_H

// Its checks of arguments are macros that call the functions by their names, and so link with them.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <stdbool.h>

#include "base/fault.h"

#if LIBCURL_VERSION_NUM >= 0x074200
#define CURL_WAIT_FUNCTION(FUNCTION) FUNCTION(multi_poll)
#else
#define CURL_WAIT_FUNCTION(FUNCTION) FUNCTION(multi_wait)
#endif

/* What is used of it, each without its "curl_". */
#define CURL_FUNCTIONS(FUNCTION)                                                                   \
    FUNCTION(easy_cleanup)                                                                         \
    FUNCTION(easy_getinfo)                                                                         \
    FUNCTION(easy_init)                                                                            \
    FUNCTION(easy_setopt)                                                                          \
    FUNCTION(easy_strerror)                                                                        \
    FUNCTION(free)                                                                                 \
    FUNCTION(getdate)                                                                              \
    FUNCTION(global_cleanup)                                                                       \
    FUNCTION(global_init_mem)                                                                      \
    FUNCTION(multi_add_handle)                                                                     \
    FUNCTION(multi_cleanup)                                                                        \
    FUNCTION(multi_info_read)                                                                      \
    FUNCTION(multi_init)                                                                           \
    FUNCTION(multi_perform)                                                                        \
    FUNCTION(multi_remove_handle)                                                                  \
    FUNCTION(slist_append)                                                                         \
    FUNCTION(slist_free_all)                                                                       \
    FUNCTION(url)                                                                                  \
    FUNCTION(url_cleanup)                                                                          \
    FUNCTION(url_get)                                                                              \
    FUNCTION(url_set)                                                                              \
    FUNCTION(version_info)                                                                         \
    CURL_WAIT_FUNCTION(FUNCTION)

#define CURL_MEMBER(name) __typeof__(&curl_##name) name;
struct curl_library {
    CURL_FUNCTIONS(CURL_MEMBER)
};
#undef CURL_MEMBER

/* libcurl's functions; each is NULL until curl_load has returned 0. */
extern struct curl_library libcurl;

/* Loads it where it is not loaded yet; it stays until the program ends. 0, or -1 with a fault. */
int curl_load(struct fault *fault);

/* Initialises it, with memory of its own that is overwritten before it is given back. */
bool curl_init(void);

#endif
