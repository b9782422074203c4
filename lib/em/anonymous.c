// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/anonymous.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "em/json.h"

/* What is within a text, such as an Href in a filter of an Href: as deep as that. */
enum { MOST_DEPTH = 4 };

enum { TIME_SIZE = 48, DATE_LENGTH = 10, UUID_LENGTH = 36, SCRATCH_LIMIT = 16 * 1024 * 1024 };

/* Smaller numbers say how something is set; larger ones may be anything. */
enum { LARGEST_COUNT = 9999999, COUNT_DIGITS = 7 };

bool anonymous_init(struct anonymous *anonymous, int weeks)
{
    *anonymous = (struct anonymous){.shift = INT64_C(7) * 86400 * weeks * UTC_SECOND};
    return vocabulary_init(&anonymous->vocabulary);
}

void anonymous_free(struct anonymous *anonymous)
{
    vocabulary_free(&anonymous->vocabulary);
    inventions_free(&anonymous->inventions);
}

/* ---- times ---- */

utc_us anonymous_moment(const struct anonymous *anonymous, utc_us moment)
{
    // Others mean "no time", as .NET's first and last do: shifted, they would show by how much.
    static const utc_us year_1990 = INT64_C(631152000) * UTC_SECOND;
    static const utc_us year_2200 = INT64_C(7258118400) * UTC_SECOND;
    return moment >= year_1990 && moment < year_2200 ? moment + anonymous->shift : moment;
}

/*
 * Whether it is a date, or a date and time as EM writes it, also in names. `at_midnight` is its
 * date as a time. More than a fraction's 9 digits are something else.
 */
static bool is_time(const char *text, char at_midnight[TIME_SIZE])
{
    char whole[TIME_SIZE];
    utc_us ignored = 0;
    const size_t length = strlen(text);
    if (length < DATE_LENGTH || length > strlen("2025-08-14T12:31:30.123456789+02:00")) {
        return false;
    }
    snprintf(whole, sizeof whole, "%.36s%s", text, length == DATE_LENGTH ? "T00:00:00" : "");
    whole[DATE_LENGTH] = whole[DATE_LENGTH] == ' ' ? 'T' : whole[DATE_LENGTH];
    const char *fraction = strchr(whole, '.');
    if (fraction != NULL && strspn(fraction + 1, "0123456789") > 9) {
        return false;
    }
    snprintf(at_midnight, TIME_SIZE, "%.*sT00:00:00Z", DATE_LENGTH, whole);
    return utc_parse(whole, &ignored);
}

/* Only the date changes: the shift is one of whole days. */
static bool append_time(const struct anonymous *anonymous, const char *text, struct buf *buf)
{
    char midnight[TIME_SIZE];
    utc_us moment = 0;
    if (!is_time(text, midnight) || !utc_parse(midnight, &moment)) {
        return false;
    }
    cleanup_buf struct buf shifted;
    buf_init(&shifted, TIME_SIZE);
    utc_append_iso(&shifted, anonymous_moment(anonymous, moment));
    buf_format(buf, "%.*s%s", DATE_LENGTH, buf_string(&shifted), text + DATE_LENGTH);
    buf_share_failure(buf, &shifted);
    return true;
}

/* ---- texts ---- */

/* `depth` is how deep it stands in a text that is built of others. */
static void append_text(struct anonymous *anonymous, enum invention_kind kind, const char *text,
                        int depth, struct buf *buf);
static void append_url(struct anonymous *anonymous, const char *text, int depth, struct buf *buf);

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return text[UUID_LENGTH] == '\0';
}

/* A copy of some of the text; NULL: no memory, and the buf has failed. */
static char *copy_part(const char *text, size_t length, struct buf *buf)
{
    char *copy = strndup(text, length);
    if (copy == NULL) {
        buf->failure = BUF_NO_MEMORY;
    }
    return copy;
}

static void append_part(struct anonymous *anonymous, enum invention_kind kind, const char *text,
                        size_t length, int depth, struct buf *buf)
{
    cleanup_free char *part = copy_part(text, length, buf);
    if (part != NULL) {
        append_text(anonymous, kind, part, depth, buf);
    }
}

static void append_word(struct anonymous *anonymous, const char *text, struct buf *buf)
{
    if (text[0] == '\0' || vocabulary_has_word(&anonymous->vocabulary, text)) {
        buf_text(buf, text);
    } else {
        invention_append_word(&anonymous->inventions, text, buf);
    }
}

static void append_word_part(struct anonymous *anonymous, const char *text, size_t length,
                             struct buf *buf)
{
    cleanup_free char *part = copy_part(text, length, buf);
    if (part != NULL) {
        append_word(anonymous, part, buf);
    }
}

/* "urn:veeam:Type:UUID", "urn:VMware:Vm:UUID.vm-12"; false: it is none. */
static bool append_urn(struct anonymous *anonymous, const char *text, struct buf *buf)
{
    static const char start[] = "urn:";
    const char *system = text + strlen(start);
    const char *type = strncasecmp(text, start, strlen(start)) == 0 ? strchr(system, ':') : NULL;
    const char *id = type != NULL ? strchr(type + 1, ':') : NULL;
    if (id == NULL) {
        return false;
    }
    const char *dot = strchr(id, '.');
    const size_t length = dot != NULL ? (size_t)(dot - id - 1) : strlen(id + 1);
    buf_add(buf, text, strlen(start));
    append_word_part(anonymous, system, (size_t)(type - system), buf);
    buf_text(buf, ":");
    append_word_part(anonymous, type + 1, (size_t)(id - type - 1), buf);
    buf_text(buf, ":");
    append_part(anonymous, INVENTION_ID, id + 1, length, MOST_DEPTH, buf);
    if (dot != NULL) {
        buf_text(buf, ".");
        append_part(anonymous, INVENTION_ID, dot + 1, strlen(dot + 1), MOST_DEPTH, buf);
    }
    return true;
}

static bool is_url(const char *text)
{
    const bool starts = text[0] == '/' || strncasecmp(text, "http://", strlen("http://")) == 0 ||
                        strncasecmp(text, "https://", strlen("https://")) == 0;
    return starts && strpbrk(text, " \t\r\n") == NULL;
}

/* "NAME@2025-06-15 15:00:08": false: it has no such end. */
static bool append_dated(struct anonymous *anonymous, enum invention_kind kind, const char *text,
                         int depth, struct buf *buf)
{
    static const char collection[] = "Collect Job "; // by which it is known without a SessionType
    char midnight[TIME_SIZE];
    const char *at = strrchr(text, '@');
    if (at == NULL || strlen(at + 1) == DATE_LENGTH || !is_time(at + 1, midnight)) {
        return false;
    }
    const size_t length = (size_t)(at - text);
    if (length == strlen(collection) && strncasecmp(text, collection, length) == 0) {
        buf_text(buf, collection);
    } else {
        append_part(anonymous, kind, text, length, depth + 1, buf);
    }
    buf_text(buf, "@");
    append_time(anonymous, at + 1, buf);
    return true;
}

/* "server.example.com" keeps its relation to "server"; false: it is not such a name. */
static bool append_host(struct anonymous *anonymous, enum invention_kind kind, const char *text,
                        struct buf *buf)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    const char *at = text;
    bool is_address = true;
    for (size_t label = 1; label > 0; at += label) {
        at += *at == '.' && at > text ? 1 : 0;
        label = strspn(at, letters);
        is_address = is_address && strspn(at, "0123456789") == label;
        if (label == 0 || (at[label] != '.' && at[label] != '\0')) {
            return false;
        }
        if (at[label] == '\0') {
            break;
        }
    }
    const size_t first = strcspn(text, ".");
    if (is_address || text[first] == '\0') {
        return false;
    }
    cleanup_free char *name = copy_part(text, first, buf);
    if (name != NULL) {
        invention_append_text(&anonymous->inventions, kind, name, buf);
        buf_text(buf, ".");
        invention_append_text(&anonymous->inventions, kind, text + first + 1, buf);
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion): no deeper than MOST_DEPTH
static void append_text(struct anonymous *anonymous, enum invention_kind kind, const char *text,
                        int depth, struct buf *buf)
{
    const bool may_nest = depth < MOST_DEPTH;
    if (text[0] == '\0' || append_time(anonymous, text, buf)) {
        return;
    }
    if (is_uuid(text)) {
        invention_append_uuid(&anonymous->inventions, text, buf);
    } else if (may_nest && is_url(text)) {
        append_url(anonymous, text, depth + 1, buf);
    } else if (!(may_nest && append_urn(anonymous, text, buf)) &&
               !(may_nest && append_dated(anonymous, kind, text, depth, buf)) &&
               !append_host(anonymous, kind, text, buf)) {
        invention_append_text(&anonymous->inventions, kind, text, buf);
    }
}

/* EM's sentences about backup servers; others are replaced as a whole. */
static void append_prose(struct anonymous *anonymous, const char *text, struct buf *buf)
{
    static const struct {
        const char *before, *behind;
    } sentences[] = {
        {"Retrieving data from ", "..."},
        {"Data collection from ", " completed successfully."},
        {"Data collection from ", " completed successfully"},
    };
    const size_t length = strlen(text);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        const size_t before = strlen(sentences[i].before);
        const size_t behind = strlen(sentences[i].behind);
        if (length > before + behind && strncasecmp(text, sentences[i].before, before) == 0 &&
            strcasecmp(text + length - behind, sentences[i].behind) == 0) {
            buf_text(buf, sentences[i].before);
            append_part(anonymous, INVENTION_NAME, text + before, length - before - behind, 0, buf);
            buf_text(buf, sentences[i].behind);
            return;
        }
    }
    append_text(anonymous, INVENTION_TEXT, text, 0, buf);
}

/* ---- numbers, in JSON or as texts ---- */

static bool is_count(const char *text)
{
    const size_t length = strspn(text, "0123456789");
    return length > 0 && length <= COUNT_DIGITS && text[length] == '\0';
}

/* Whether JSON could have it as a number without an exponent. */
static bool is_number(const char *text)
{
    const char *at = text + (text[0] == '-' ? 1 : 0);
    const size_t whole = strspn(at, "0123456789");
    const bool fits = whole == 1 || (whole > 1 && at[0] != '0');
    const char *rest = at + whole;
    const size_t decimals = rest[0] == '.' ? strspn(rest + 1, "0123456789") : 0;
    return fits && rest[decimals > 0 ? decimals + 1 : 0] == '\0';
}

/* As short as says it exactly. */
static void write_number(double number, char text[TIME_SIZE])
{
    const bool is_long = fabs(number) >= 1e15 && fabs(number) < 1e21;
    snprintf(text, TIME_SIZE, is_long ? "%.0f" : "%.15g", number);
    if (strtod(text, NULL) != number) {
        snprintf(text, TIME_SIZE, "%.17g", number);
    }
}

static void append_number(struct anonymous *anonymous, enum vocabulary_kind kind, double number,
                          struct buf *buf)
{
    char text[TIME_SIZE];
    if (!isfinite(number)) { // JSON can have it, no double can
        buf_text(buf, number < 0 ? "-1e999" : "1e999");
        return;
    }
    write_number(number, text);
    if (kind == VOCABULARY_COUNT && is_count(text)) {
        buf_text(buf, text);
    } else {
        invention_append_number(&anonymous->inventions, text, buf);
    }
}

/* ---- paths and queries ---- */

static int hexadecimal(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, tolower((unsigned char)digit)) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

/* Decodes some of a target; in a query a '+' is a blank. NULL: no memory, and the buf has failed.
 */
static char *decode(const char *text, size_t length, bool is_query, struct buf *buf)
{
    char *decoded = copy_part(text, length, buf);
    char *to = decoded;
    for (const char *from = decoded; from != NULL && *from != '\0'; to++) {
        const int high = *from == '%' ? hexadecimal(from[1]) : -1;
        const int low = high >= 0 ? hexadecimal(from[2]) : -1;
        if (low >= 0 && high + low > 0) { // a NUL would end it
            *to = (char)(high << 4 | low);
            from += 3;
        } else {
            *to = is_query && *from == '+' ? ' ' : *from;
            from++;
        }
    }
    if (decoded != NULL) {
        *to = '\0';
    }
    return decoded;
}

static void append_encoded(struct buf *buf, const struct buf *text)
{
    text_append_encoded(buf, buf_string(text));
    buf_share_failure(buf, text);
}

// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_segment(struct anonymous *anonymous, const char *text, size_t length, int depth,
                           struct buf *buf)
{
    cleanup_free char *segment = decode(text, length, false, buf);
    if (segment == NULL || vocabulary_has_path_word(&anonymous->vocabulary, segment)) {
        buf_text(buf, segment != NULL ? segment : "");
        return;
    }
    cleanup_buf struct buf replaced;
    buf_init(&replaced, SCRATCH_LIMIT);
    append_text(anonymous, INVENTION_ID, segment, depth, &replaced);
    append_encoded(buf, &replaced);
}

static void append_authority(struct anonymous *anonymous, const char *text, size_t length,
                             struct buf *buf)
{
    cleanup_free char *host = copy_part(text, length, buf);
    char *colon = host != NULL ? strrchr(host, ':') : NULL;
    const char *port = colon != NULL && is_count(colon + 1) ? colon + 1 : NULL;
    cleanup_buf struct buf replaced;
    buf_init(&replaced, SCRATCH_LIMIT);
    if (port != NULL) {
        *colon = '\0';
    }
    if (host != NULL) {
        append_text(anonymous, INVENTION_NAME, host, MOST_DEPTH, &replaced);
        append_encoded(buf, &replaced);
    }
    if (port != NULL) {
        const bool usual = strcmp(port, "9398") == 0 || strcmp(port, "9399") == 0;
        buf_format(buf, ":%s", usual ? port : "443");
    }
}

/* A scheme and a host may stand anywhere in it: EM's documents have Hrefs like that. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_path(struct anonymous *anonymous, const char *text, size_t length, int depth,
                        struct buf *buf)
{
    enum { SEGMENT, BEHIND_SCHEME, AUTHORITY } next = SEGMENT;
    const char *end = text + length;
    while (text <= end) {
        size_t part = strcspn(text, "/");
        part = part < (size_t)(end - text) ? part : (size_t)(end - text);
        const bool is_scheme = (part == 5 && strncasecmp(text, "http:", 5) == 0) ||
                               (part == 6 && strncasecmp(text, "https:", 6) == 0);
        if (is_scheme) {
            buf_add(buf, text, part);
        } else if (next == AUTHORITY) {
            append_authority(anonymous, text, part, buf);
        } else {
            append_segment(anonymous, text, part, depth, buf);
        }
        next = is_scheme ? BEHIND_SCHEME : next == BEHIND_SCHEME && part == 0 ? AUTHORITY : SEGMENT;
        text += part;
        if (text < end) {
            buf_text(buf, "/");
        }
        text++;
    }
}

/* ---- filters ---- */

static bool is_operator(char letter)
{
    return letter != '\0' && strchr("=!<>", letter) != NULL;
}

static bool is_between(char letter) // parts of a filter
{
    return letter != '\0' && strchr("();, ", letter) != NULL;
}

/* The kind of text that a member holds. */
static enum invention_kind invention_of(enum vocabulary_kind kind)
{
    return kind == VOCABULARY_PROSE  ? INVENTION_TEXT
           : kind == VOCABULARY_USER ? INVENTION_USER
           : kind == VOCABULARY_ID   ? INVENTION_ID
                                     : INVENTION_NAME;
}

/* A member's text, as such or as a filter's value. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_member_text(struct anonymous *anonymous, enum vocabulary_kind kind,
                               const char *text, int depth, struct buf *buf)
{
    const bool is_truth = text_equal_nocase(text, "true") || text_equal_nocase(text, "false");
    if (kind == VOCABULARY_WORD) {
        append_word(anonymous, text, buf);
    } else if ((kind == VOCABULARY_COUNT && is_count(text)) ||
               (kind == VOCABULARY_FLAG && is_truth)) {
        buf_text(buf, text);
    } else if (kind == VOCABULARY_SIZE && is_number(text)) {
        invention_append_number(&anonymous->inventions, text, buf);
    } else if (kind == VOCABULARY_PROSE && depth == 0) {
        append_prose(anonymous, text, buf);
    } else {
        append_text(anonymous, invention_of(kind), text, depth, buf);
    }
}

/* Takes the text of a value in quotes, in which they are doubled. Returns what is behind it. */
static char *take_quoted(char *text, char **value)
{
    char *to = ++text;
    *value = text;
    while (*text != '\0' && (*text != '"' || text[1] == '"')) {
        text += *text == '"' ? 1 : 0;
        *to++ = *text++;
    }
    text += *text == '"' ? 1 : 0;
    *to = '\0';
    return text;
}

/* What stands for a text has no quotes. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static char *append_quoted(struct anonymous *anonymous, enum vocabulary_kind kind, char *text,
                           int depth, struct buf *buf)
{
    char *value = NULL;
    text = take_quoted(text, &value);
    buf_text(buf, "\"");
    append_member_text(anonymous, kind, value, depth, buf);
    buf_text(buf, "\"");
    return text;
}

static void append_key(struct anonymous *anonymous, const char *key, struct buf *buf)
{
    if (vocabulary_member(&anonymous->vocabulary, key) == VOCABULARY_UNKNOWN) {
        invention_append_key(&anonymous->inventions, key, buf);
    } else {
        buf_text(buf, key);
    }
}

/* A field, behind which stands an operator, or a value without quotes. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static char *append_bare(struct anonymous *anonymous, bool is_field, enum vocabulary_kind *kind,
                         char *text, int depth, struct buf *buf)
{
    const size_t length = strcspn(text, "();, =!<>\"");
    cleanup_free char *word = copy_part(text, length, buf);
    if (word == NULL) {
        return text + length;
    }
    if (is_field) {
        *kind = vocabulary_member(&anonymous->vocabulary, word);
        append_key(anonymous, word, buf);
    } else {
        append_member_text(anonymous, *kind, word, depth, buf);
    }
    return text + length;
}

/* As EM's query service takes it, decoded; whatever else it is, nothing of it stays. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_filter(struct anonymous *anonymous, char *text, int depth, struct buf *buf)
{
    enum vocabulary_kind kind = VOCABULARY_UNKNOWN;
    bool is_field = true;
    while (*text != '\0' && buf->failure == BUF_FINE) {
        if (is_operator(*text) || is_between(*text)) {
            is_field = is_operator(*text) ? false : *text == ' ' ? is_field : true;
            buf_add(buf, text++, 1);
        } else if (*text == '"') {
            text = append_quoted(anonymous, kind, text, depth, buf);
        } else {
            text = append_bare(anonymous, is_field, &kind, text, depth, buf);
        }
    }
}

/* ---- parameters of a query ---- */

enum parameter_kind {
    PARAMETER_WORD,
    PARAMETER_FIELD,
    PARAMETER_COUNT,
    PARAMETER_VERSION,
    PARAMETER_FILTER,
    PARAMETER_UNKNOWN
};

static enum parameter_kind find_parameter(const char *name)
{
    static const struct {
        const char *name;
        enum parameter_kind kind;
    } parameters[] = {
        {"type", PARAMETER_WORD},      {"format", PARAMETER_WORD},    {"action", PARAMETER_WORD},
        {"sortAsc", PARAMETER_FIELD},  {"sortDesc", PARAMETER_FIELD}, {"page", PARAMETER_COUNT},
        {"pageSize", PARAMETER_COUNT}, {"v", PARAMETER_VERSION},      {"filter", PARAMETER_FILTER},
    };
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (text_equal_nocase(name, parameters[i].name)) {
            return parameters[i].kind;
        }
    }
    return PARAMETER_UNKNOWN;
}

/* "v1_7" */
static bool is_version(const char *text)
{
    const size_t length = strspn(text, "v_0123456789");
    return text[0] == 'v' && length <= strlen("v10_10") && text[length] == '\0';
}

// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_value(struct anonymous *anonymous, enum parameter_kind kind, char *value,
                         int depth, struct buf *buf)
{
    if (kind == PARAMETER_FILTER) {
        append_filter(anonymous, value, depth, buf);
    } else if ((kind == PARAMETER_COUNT && is_count(value)) ||
               (kind == PARAMETER_VERSION && is_version(value))) {
        buf_text(buf, value);
    } else if (kind == PARAMETER_FIELD) {
        append_key(anonymous, value, buf);
    } else if (kind == PARAMETER_WORD || kind == PARAMETER_VERSION) {
        append_word(anonymous, value, buf);
    } else {
        append_text(anonymous, INVENTION_NAME, value, depth, buf);
    }
}

/* "name=value", or a name alone. */
// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_parameter(struct anonymous *anonymous, const char *text, size_t length,
                             int depth, struct buf *buf)
{
    const char *equals = memchr(text, '=', length);
    const size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
    cleanup_free char *name = decode(text, name_length, true, buf);
    cleanup_free char *value =
        equals != NULL ? decode(equals + 1, length - name_length - 1, true, buf) : NULL;
    const enum parameter_kind kind = find_parameter(name != NULL ? name : "");
    if (kind != PARAMETER_UNKNOWN) {
        buf_text(buf, name);
    } else if (name != NULL && name[0] != '\0') {
        invention_append_key(&anonymous->inventions, name, buf);
    }
    if (value != NULL) {
        cleanup_buf struct buf replaced;
        buf_init(&replaced, SCRATCH_LIMIT);
        append_value(anonymous, kind, value, depth, &replaced);
        buf_text(buf, "=");
        append_encoded(buf, &replaced);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): see append_text
static void append_url(struct anonymous *anonymous, const char *text, int depth, struct buf *buf)
{
    const size_t path = strcspn(text, "?");
    append_path(anonymous, text, path, depth, buf);
    text += path;
    while (*text != '\0') { // at a '?' or an '&'
        buf_add(buf, text++, 1);
        const size_t length = strcspn(text, "&");
        append_parameter(anonymous, text, length, depth, buf);
        text += length;
    }
}

void anonymous_append_target(struct anonymous *anonymous, const char *target, struct buf *buf)
{
    append_url(anonymous, target, 0, buf);
}

/* ---- JSON ---- */

/* What the members around a value say of those within. */
enum surroundings { SURROUNDED_BY_NOTHING, SURROUNDED_BY_DAYS, SURROUNDED_BY_VERSIONS };

/* "1,1,0,…", a digit an hour */
static bool is_hours(const char *text)
{
    const size_t length = strspn(text, "012, ");
    return length <= 100 && text[length] == '\0';
}

static bool stays_within(enum surroundings around, enum vocabulary_kind kind, const char *text)
{
    return around == SURROUNDED_BY_DAYS
               ? (kind == VOCABULARY_NAME && vocabulary_is_week_day(text)) ||
                     (kind == VOCABULARY_HOURS && is_hours(text))
               : around == SURROUNDED_BY_VERSIONS && kind == VOCABULARY_NAME && is_version(text);
}

static void append_string(struct anonymous *anonymous, enum surroundings around,
                          enum vocabulary_kind kind, const char *text, struct buf *buf)
{
    buf_text(buf, "\"");
    if (stays_within(around, kind, text)) {
        buf_text(buf, text);
    } else {
        append_member_text(anonymous, kind, text, 0, buf);
    }
    buf_text(buf, "\"");
}

static enum surroundings surroundings_within(enum surroundings around, enum vocabulary_kind kind)
{
    return kind == VOCABULARY_DAYS       ? SURROUNDED_BY_DAYS
           : kind == VOCABULARY_VERSIONS ? SURROUNDED_BY_VERSIONS
                                         : around;
}

static void append_item(struct anonymous *anonymous, enum surroundings around,
                        enum vocabulary_kind kind, const cJSON *item, struct buf *buf);

// NOLINTNEXTLINE(misc-no-recursion): cJSON nests no deeper than it parses
static void append_items(struct anonymous *anonymous, enum surroundings around,
                         enum vocabulary_kind kind, const cJSON *list, struct buf *buf)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        if (item != list->child) {
            buf_text(buf, ",");
        }
        if (item->string != NULL) { // it is an object's
            kind = vocabulary_member(&anonymous->vocabulary, item->string);
            buf_text(buf, "\"");
            append_key(anonymous, item->string, buf);
            buf_text(buf, "\":");
        }
        append_item(anonymous, surroundings_within(around, kind), kind, item, buf);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): see append_items
static void append_item(struct anonymous *anonymous, enum surroundings around,
                        enum vocabulary_kind kind, const cJSON *item, struct buf *buf)
{
    const bool is_object = json_is(item, cJSON_Object);
    if (is_object || json_is(item, cJSON_Array)) {
        buf_text(buf, is_object ? "{" : "[");
        append_items(anonymous, around, kind, item, buf);
        buf_text(buf, is_object ? "}" : "]");
    } else if (json_is(item, cJSON_String)) {
        append_string(anonymous, around, kind, item->valuestring, buf);
    } else if (json_is(item, cJSON_Number)) {
        append_number(anonymous, kind, item->valuedouble, buf);
    } else {
        buf_text(buf, json_is(item, cJSON_True)    ? "true"
                      : json_is(item, cJSON_False) ? "false"
                                                   : "null");
    }
}

void anonymous_append_json(struct anonymous *anonymous, const cJSON *value, struct buf *buf)
{
    append_item(anonymous, SURROUNDED_BY_NOTHING, VOCABULARY_UNKNOWN, value, buf);
}
