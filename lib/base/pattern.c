// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/pattern.h"

#include <ctype.h>
#include <locale.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/locale.h"
#include "base/text.h"

/* How long a pattern becomes, while it is read. */
struct extent {
    size_t groups[PATTERN_DEPTH + 1]; // what stands in each open "(" so far; the whole comes first
    size_t depth;                     // how many are open
    size_t last;                      // the part that a repetition would repeat
    size_t repeated;                  // how many repetitions it has
};

/* The end of the bracket expression that starts at `at`; that of the text if it has none. */
static const char *skip_bracket(const char *at)
{
    at += at[1] == '^' ? 2 : 1;
    at += *at == ']' ? 1 : 0; // the first one is a member
    while (*at != '\0' && *at != ']') {
        const bool is_class = *at == '[' && at[1] != '\0' && strchr(":.=", at[1]) != NULL;
        const char end[] = {is_class ? at[1] : ']', ']', '\0'};
        const char *class_end = is_class ? strstr(at + 2, end) : NULL;
        at = class_end != NULL ? class_end + 2 : at + 1;
    }
    return *at == ']' ? at + 1 : at;
}

/* How often the C library copies what stands before "{2,5}"; 0: this is none, but a character. */
static size_t read_times(const char *at, const char **end)
{
    size_t times[2] = {0, 0};
    size_t bound = 0;
    for (at++; isdigit((unsigned char)*at) || (*at == ',' && bound == 0); at++) {
        if (*at == ',') {
            bound = 1;
        } else if (times[bound] <= PATTERN_LIMIT) {
            times[bound] = times[bound] * 10 + (size_t)(*at - '0');
        }
    }
    if (*at != '}') {
        return 0;
    }
    *end = at + 1;
    // "{3,}" is three and a starred one.
    const size_t most = bound == 1 && at[-1] == ',' ? times[0] + 1 : times[bound];
    return most > 0 ? most : 1;
}

static void add_part(struct extent *extent, size_t length)
{
    extent->groups[extent->depth] += length;
    extent->last = length;
    extent->repeated = 0;
}

static void repeat_part(struct extent *extent, size_t times)
{
    extent->groups[extent->depth] += extent->last * (times - 1);
    extent->last *= times;
    extent->repeated++;
}

/* Takes the part that starts at `at` and gives the place behind it. */
static const char *take_part(struct extent *extent, const char *at)
{
    const char *end = at + 1;
    const size_t times = *at == '{' ? read_times(at, &end) : *at == '+' ? 2 : 1;
    switch (*at) {
    case '(':
        extent->groups[++extent->depth] = 0;
        break;
    case ')':
        if (extent->depth > 0) {
            extent->depth--;
            add_part(extent, extent->groups[extent->depth + 1] + 1);
        }
        break;
    case '*':
    case '?':
    case '+':
    case '{':
        if (times > 0) {
            repeat_part(extent, times);
        }
        break;
    case '[':
        end = skip_bracket(at);
        add_part(extent, 1);
        break;
    default:
        end = *at == '\\' && at[1] != '\0' ? at + 2 : end;
        add_part(extent, 1);
        break;
    }
    return end;
}

/*
 * 60,000 nested brackets end in a crash of glibc's compiler, and each "+" of "a++++" doubles its
 * memory.
 */
static int check_extent(const char *text, struct fault *fault)
{
    struct extent extent = {.depth = 0};
    bool is_long = strlen(text) > PATTERN_LIMIT;
    for (const char *at = text; !is_long && *at != '\0'; at = take_part(&extent, at)) {
        if ((*at == '(' && extent.depth == PATTERN_DEPTH) || extent.repeated > PATTERN_DEPTH) {
            return fault_set(fault, FAULT_USAGE, "the expression is nested deeper than %d levels",
                             PATTERN_DEPTH);
        }
        is_long = extent.groups[extent.depth] > PATTERN_LIMIT;
    }
    return is_long || extent.groups[extent.depth] > PATTERN_LIMIT
               ? fault_set(
                     fault, FAULT_USAGE,
                     "the expression is longer than %d bytes (with its repetitions, such as + "
                     "and {9}, written out): give it in parts, in several options of this name",
                     PATTERN_LIMIT)
               : 0;
}

/* Whether it may matter to the pattern where characters begin: if not, bytes do as well. */
static bool depends_on_characters(const char *text)
{
    return !text_is_ascii(text) || strpbrk(text, ".[\\") != NULL;
}

static int compile(regex_t *regex, const char *text, struct fault *fault)
{
    const int error = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
    if (error == REG_ESPACE) {
        return fault_no_memory(fault);
    }
    if (error != 0) {
        char words[100];
        regerror(error, regex, words, sizeof words);
        // glibc orders characters by LC_COLLATE, which is C: there, only ASCII's have an order.
        return fault_set(fault, FAULT_USAGE, "'%s' is not a POSIX extended expression: %s%s", text,
                         words,
                         error == REG_ECOLLATE ? " (ranges beyond ASCII and [.ch.] are not "
                                                 "supported: list its characters)"
                                               : "");
    }
    return 0;
}

/* regexec keeps to what was a character when the expression was compiled. */
static int compile_for_bytes(regex_t *regex, const char *text, struct fault *fault)
{
    const locale_t bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (bytes == (locale_t)0) {
        return fault_no_memory(fault);
    }
    const locale_t before = uselocale(bytes);
    const int result = compile(regex, text, fault);
    uselocale(before);
    freelocale(bytes);
    return result;
}

int pattern_compile(struct pattern *pattern, const char *text, struct fault *fault)
{
    if (text[0] == '\0') {
        // It would match everything: most likely a macro that has no value.
        return fault_set(fault, FAULT_USAGE, "the expression is empty");
    }
    if (!text_is_utf8(text)) {
        return fault_set(fault, FAULT_USAGE, "'%s' is not UTF-8", text);
    }
    if (check_extent(text, fault) < 0) {
        return -1;
    }
    pattern->text = text;
    pattern->has_bytes = text_is_ascii(text);
    pattern->has_characters = depends_on_characters(text);
    pattern->by_bytes = !locale_use_utf8() && pattern->has_characters;
    if (pattern->has_bytes && compile_for_bytes(&pattern->bytes, text, fault) < 0) {
        return -1;
    }
    if (pattern->has_characters && compile(&pattern->characters, text, fault) < 0) {
        pattern->has_characters = false;
        pattern_free(pattern);
        return -1;
    }
    return 0;
}

static int search(const regex_t *regex, const char *text)
{
    const int outcome = regexec(regex, text, 0, NULL, 0);
    return outcome == 0 ? 1 : outcome == REG_NOMATCH ? 0 : -1; // REG_ESPACE
}

int pattern_matches(const struct pattern *pattern, const char *text)
{
    static const size_t longest_replacement = 3; // U+FFFD for a byte
    if (pattern->has_bytes && (!pattern->has_characters || text_is_ascii(text))) {
        return search(&pattern->bytes, text);
    }
    if (text_is_utf8(text)) {
        return search(&pattern->characters, text);
    }
    cleanup_buf struct buf repaired;
    buf_init(&repaired, strlen(text) * longest_replacement);
    text_append_utf8(&repaired, text);
    return repaired.failure == BUF_FINE ? search(&pattern->characters, buf_string(&repaired)) : -1;
}

void pattern_free(struct pattern *pattern)
{
    if (pattern->has_bytes) {
        regfree(&pattern->bytes);
    }
    if (pattern->has_characters) {
        regfree(&pattern->characters);
    }
}
