// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/fault.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const kind_names[] = {
    [FAULT_NONE] = "",
    [FAULT_USAGE] = "usage",
    [FAULT_UNREACHABLE] = "unreachable",
    [FAULT_TLS] = "tls",
    [FAULT_TIMEOUT] = "timeout",
    [FAULT_SERVER] = "server",
    [FAULT_LOGON] = "logon",
    [FAULT_FORBIDDEN] = "forbidden",
    [FAULT_NOT_FOUND] = "not-found",
    [FAULT_PROTOCOL] = "protocol",
    [FAULT_TERMINATED] = "terminated",
    [FAULT_INTERNAL] = "internal",
};

const char *fault_kind_name(enum fault_kind kind)
{
    assert(kind >= FAULT_NONE && kind <= FAULT_INTERNAL);
    return kind_names[kind];
}

__attribute__((format(printf, 2, 0))) static void format_text(char text[FAULT_TEXT_SIZE],
                                                              const char *format, va_list arguments)
{
    int length = vsnprintf(text, FAULT_TEXT_SIZE, format, arguments);
    if (length >= FAULT_TEXT_SIZE) {
        text[text_boundary(text, FAULT_TEXT_SIZE - 1)] = '\0';
    }
}

int fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
{
    assert(kind > FAULT_NONE && kind <= FAULT_INTERNAL);
    va_list arguments;
    va_start(arguments, format);
    fault->kind = kind;
    format_text(fault->text, format, arguments);
    va_end(arguments);
    return -1;
}

int fault_wrap(struct fault *fault, const char *format, ...)
{
    assert(fault->kind != FAULT_NONE);
    struct fault inner = *fault;
    char context[FAULT_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    format_text(context, format, arguments);
    va_end(arguments);
    return fault_set(fault, inner.kind, "%s: %s", context, inner.text);
}

int fault_no_memory(struct fault *fault)
{
    return fault_set(fault, FAULT_INTERNAL, "out of memory");
}
