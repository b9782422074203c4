// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitoring/compat/ini.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

/* A part of the text. */
struct span {
    const char *start;
    size_t length;
};

enum place { BEFORE_SECTIONS, IN_OTHER_SECTION, IN_SECTION };

struct reader {
    const char *section;
    enum place place;
    size_t line; // its number
    bool section_seen;
    bool option_seen;
    struct ini_arguments *arguments;
    struct fault *fault;
};

static bool is_blank(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct span trim(struct span span)
{
    while (span.length > 0 && is_blank(span.start[0])) {
        span.start++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.start[span.length - 1])) {
        span.length--;
    }
    return span;
}

/* The part before `mark`, without blanks around; *rest is what stands behind. False: no mark. */
static bool split(struct span span, char mark, struct span *before, struct span *rest)
{
    const char *found = span.length > 0 ? memchr(span.start, mark, span.length) : NULL;
    if (found == NULL) {
        return false;
    }
    const size_t length = (size_t)(found - span.start);
    *before = trim((struct span){span.start, length});
    *rest = trim((struct span){found + 1, span.length - length - 1});
    return true;
}

static bool span_is(struct span span, const char *text)
{
    return strlen(text) == span.length && memcmp(span.start, text, span.length) == 0;
}

static bool starts(struct span span, const char *text)
{
    return span.length >= strlen(text) && memcmp(span.start, text, strlen(text)) == 0;
}

static bool is_comment(struct span line)
{
    return line.length == 0 || line.start[0] == '#' || line.start[0] == ';';
}

static int line_fault(const struct reader *reader, const char *what)
{
    return fault_set(reader->fault, FAULT_USAGE, "line %zu: %s", reader->line, what);
}

static bool is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

static bool is_key(struct span key)
{
    if (key.length == 0 || key.start[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < key.length; i++) {
        if (!is_key_byte(key.start[i])) {
            return false;
        }
    }
    return true;
}

/* "--key=value", in memory of its own; "-k" for keys of one letter, no "=" without a value. */
static char *make_argument(struct span key, struct span value)
{
    char *argument = malloc(key.length + value.length + sizeof "--=");
    if (argument == NULL) {
        return NULL;
    }
    char *at = argument;
    *at++ = '-';
    if (key.length > 1) {
        *at++ = '-';
    }
    memcpy(at, key.start, key.length);
    at += key.length;
    if (value.length > 0) {
        *at++ = '=';
        memcpy(at, value.start, value.length);
        at += value.length;
    }
    *at = '\0';
    return argument;
}

static int read_option(struct reader *reader, struct span line)
{
    struct span key;
    struct span value;
    if (!split(line, '=', &key, &value)) {
        return line_fault(reader, "no '=' (an option without a value is written as \"key=\")");
    }
    if (!is_key(key)) {
        return line_fault(reader, "what stands before the '=' is not the name of an option");
    }
    if (value.length > 0 && memchr(value.start, '\0', value.length) != NULL) {
        return line_fault(reader, "a NUL byte");
    }
    struct ini_arguments *arguments = reader->arguments;
    char *argument = vec_reserve(arguments->items, arguments->count, arguments->capacity, 1)
                         ? make_argument(key, value)
                         : NULL;
    if (argument == NULL) {
        return fault_no_memory(reader->fault);
    }
    arguments->items[arguments->count++] = argument;
    reader->option_seen = true;
    // getopt takes names that are cut short. A proxy's URL has a password as well, if it has a
    // user.
    const bool has_user = value.length > 0 && memchr(value.start, '@', value.length) != NULL;
    if ((starts(key, "passw") && !starts(key, "password-")) || (starts(key, "pr") && has_user)) {
        arguments->has_password = true;
    }
    return 0;
}

static int read_header(struct reader *reader, struct span line)
{
    struct span name;
    struct span rest;
    if (!split((struct span){line.start + 1, line.length - 1}, ']', &name, &rest)) {
        return line_fault(reader, "a '[' without its ']'");
    }
    reader->place = span_is(name, reader->section) ? IN_SECTION : IN_OTHER_SECTION;
    if (reader->place == IN_SECTION) {
        reader->section_seen = true;
        if (!is_comment(rest)) {
            return line_fault(reader, "text behind the section's ']'");
        }
    }
    return 0;
}

static int read_line(struct reader *reader, struct span line)
{
    line = trim(line);
    if (is_comment(line)) {
        return 0;
    }
    if (line.start[0] == '[') {
        return read_header(reader, line);
    }
    if (reader->place == BEFORE_SECTIONS) {
        return line_fault(reader, "text before the first [section]");
    }
    return reader->place == IN_SECTION ? read_option(reader, line) : 0;
}

int ini_read_section(const char *text, size_t length, const char *section,
                     struct ini_arguments *arguments, struct fault *fault)
{
    struct reader reader = {.section = section, .arguments = arguments, .fault = fault};
    for (size_t start = text_mark_length(text, length); start < length;) {
        const char *end = memchr(text + start, '\n', length - start);
        const size_t line_length = end != NULL ? (size_t)(end - text) - start : length - start;
        reader.line++;
        if (read_line(&reader, (struct span){text + start, line_length}) < 0) {
            return -1;
        }
        start += line_length + 1;
    }
    if (reader.option_seen) {
        return 0;
    }
    return fault_set(fault, FAULT_USAGE,
                     reader.section_seen ? "no options in section [%s]" : "no section [%s]",
                     section);
}

void ini_arguments_free(struct ini_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        explicit_bzero(arguments->items[i], strlen(arguments->items[i]));
        free(arguments->items[i]);
    }
    free(arguments->items);
    *arguments = (struct ini_arguments){0};
}
