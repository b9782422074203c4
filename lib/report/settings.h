// SPDX-License-Identifier: GPL-3.0-or-later
/* What the user wants of a report, and its limits. */
#ifndef REPORT_SETTINGS_H
#define REPORT_SETTINGS_H

enum report_perfdata {
    PERFDATA_VM,       // each VM's, as many as have room
    PERFDATA_VM_WHOLE, // each VM's, whatever room it takes
    PERFDATA_SUMMARY,
    PERFDATA_NONE
};

struct report_settings {
    enum report_perfdata perfdata;
    int verbosity;            // 1: each VM's line also when it is OK
    const char *server;       // "host:port"; NULL where a saved answer was judged
    const char *host;         // EM's; NULL where it is not known. For passive results
    const char *passive_host; // templates; NULL: the default
    const char *passive_service;
};

/* The text proper, up to this many bytes; PERFDATA_VM_WHOLE and a trace come on top. */
enum { REPORT_TEXT_LIMIT = 3999 };

#endif
