// SPDX-License-Identifier: GPL-3.0-or-later
#include "emulator/replay.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <cJSON.h>

/* An exchange of the file. */
struct played {
    char *key; // what its request has in common with those that it answers
    moment sent;
    unsigned int status; // 0: there was no answer
    bool has_mark;
    bool has_date;
    moment date;
    const char *content_type;
    const char *server;
    const cJSON *answer; // JSON; NULL: none
    const char *kind;    // of a body that was none; NULL: there was no body
    size_t length;
    unsigned long used;
};

struct replay {
    cJSON *document;
    struct played *exchanges;
    size_t count;
    bool has_shift;
    moment shift; // of the times in all answers since the last logon
};

/* ---- requests ---- */

/* "2025-08-14T12:31:30.123Z", or with a blank: its length; 0: it is no time. */
static size_t time_length(const char *text)
{
    static const char shape[] = "0000-00-00 00:00:00";
    size_t length = 0;
    for (; shape[length] != '\0'; length++) {
        const char letter = text[length];
        const bool fits = shape[length] == '0'   ? isdigit((unsigned char)letter) != 0
                          : shape[length] == ' ' ? letter == ' ' || letter == 'T'
                                                 : letter == shape[length];
        if (!fits) {
            return 0;
        }
    }
    if (text[length] == '.') {
        length++;
        length += strspn(text + length, "0123456789");
    }
    return length + (text[length] == 'Z' ? 1 : 0);
}

/* In place: a "T" for each time. */
static void drop_times(char *text)
{
    char *to = text;
    while (*text != '\0') {
        const size_t length = time_length(text);
        *to++ = length > 0 ? 'T' : *text;
        text += length > 0 ? length : 1;
    }
    *to = '\0';
}

static int compare_parts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * What requests have in common that mean the same: the method, the path, the parts of the query and
 * of its filter in alphabetical order, without the times. All logoffs are one, and so are all
 * questions for intervals: a probe asks for those of one VM, and which that is depends on names.
 */
static char *make_key(struct arena *arena, const char *method, const char *target)
{
    enum { MOST_PARTS = 4096 };
    static const char separators[] = "?&;,()";
    const char *parts[MOST_PARTS];
    size_t count = 0;
    if (strcmp(method, "DELETE") == 0 && strncasecmp(target, "/api/logonSessions/", 19) == 0) {
        return arena_copy(arena, "logoff");
    }
    if (strcmp(method, "POST") == 0 && strstr(target, "?action=intervals") != NULL) {
        return arena_copy(arena, "intervals");
    }
    char *text = request_decode(arena, target, strlen(target), true);
    if (text == NULL) {
        return arena_copy(arena, "");
    }
    drop_times(text);
    char *rest = NULL;
    for (char *part = strtok_r(text, separators, &rest); part != NULL && count < MOST_PARTS;
         part = strtok_r(NULL, separators, &rest)) {
        parts[count++] = part;
    }
    if (count > 1) {
        qsort(parts + 1, count - 1, sizeof parts[0], compare_parts);
    }
    char *key = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&key, &length);
    fprintf(out, "%s", method);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, " %s", parts[i]);
    }
    fclose(out);
    char *kept = arena_copy(arena, key);
    free(key);
    return kept;
}

/* The one that was played least often, and of these the first; NULL: there is none. */
static struct played *find(struct replay *replay, const struct request *request)
{
    const char *key = make_key(request->arena, request->method, request->target);
    struct played *found = NULL;
    for (size_t i = 0; i < replay->count; i++) {
        struct played *exchange = &replay->exchanges[i];
        if (strcmp(exchange->key, key) == 0 && (found == NULL || exchange->used < found->used)) {
            found = exchange;
        }
    }
    return found;
}

/* ---- the file ---- */

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static size_t number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    const bool fits = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e8;
    return fits ? (size_t)item->valuedouble : 0;
}

/* "Thu, 14 Aug 2025 12:31:30 GMT" */
static bool read_date(const char *text, moment *date)
{
    struct tm fields = {0};
    const char *end = text != NULL ? strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &fields) : NULL;
    *date = end != NULL ? (moment)timegm(&fields) * MOMENT_SECOND : 0;
    return end != NULL;
}

/* False: it is not one. */
static bool read_exchange(const cJSON *item, struct played *exchange)
{
    struct arena arena = {0};
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(item, "request");
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(item, "headers");
    const cJSON *body = cJSON_GetObjectItemCaseSensitive(item, "not_json");
    const char *method = text_of(request, "method");
    const char *path = text_of(request, "path");
    const char *sent = text_of(item, "sent");
    if (method == NULL || path == NULL || sent == NULL || !moment_parse(sent, &exchange->sent)) {
        return false;
    }
    exchange->key = memory_copy(make_key(&arena, method, path));
    arena_free(&arena);
    exchange->status = (unsigned int)number_of(item, "status");
    exchange->has_mark = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "byte_order_mark"));
    exchange->has_date = read_date(text_of(headers, "Date"), &exchange->date);
    exchange->content_type = text_of(headers, "Content-Type");
    exchange->server = text_of(headers, "Server");
    exchange->answer = cJSON_GetObjectItemCaseSensitive(item, "answer");
    exchange->kind = text_of(body, "kind");
    exchange->length = number_of(body, "length");
    return exchange->status > 0 || text_of(item, "failure") != NULL;
}

/* Or the text itself. */
static char *read_file(const char *path)
{
    if (path[0] == '{') {
        return memory_copy(path);
    }
    char *text = NULL;
    size_t length = 0;
    char part[4096];
    size_t got = 0;
    FILE *file = fopen(path, "re");
    FILE *out = file != NULL ? open_memstream(&text, &length) : NULL;
    while (out != NULL && (got = fread(part, 1, sizeof part, file)) > 0) {
        fwrite(part, 1, got, out);
    }
    if (out != NULL) {
        fclose(out);
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

static bool read_exchanges(struct replay *replay)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(replay->document, "exchanges");
    const cJSON *item = NULL;
    if (!cJSON_IsArray(list) || number_of(replay->document, "format") != 1) {
        return false;
    }
    cJSON_ArrayForEach(item, list)
    {
        replay->exchanges =
            memory_grow(replay->exchanges, replay->count, sizeof *replay->exchanges);
        replay->exchanges[replay->count] = (struct played){.status = 0};
        if (!read_exchange(item, &replay->exchanges[replay->count])) {
            free(replay->exchanges[replay->count].key);
            return false;
        }
        replay->count++;
    }
    return true;
}

struct replay *replay_load(const char *path, char *error, size_t size)
{
    struct replay *replay = memory_take(sizeof *replay);
    char *text = read_file(path);
    if (text == NULL) {
        snprintf(error, size, "%s: cannot be read", path);
        replay_free(replay);
        return NULL;
    }
    replay->document = cJSON_Parse(text);
    free(text);
    if (!read_exchanges(replay)) {
        snprintf(error, size, "%.100s: no file of --save, or exchange %zu is none", path,
                 replay->count + 1);
        replay_free(replay);
        return NULL;
    }
    return replay;
}

void replay_free(struct replay *replay)
{
    if (replay != NULL) {
        for (size_t i = 0; i < replay->count; i++) {
            free(replay->exchanges[i].key);
        }
        free(replay->exchanges);
        cJSON_Delete(replay->document);
        free(replay);
    }
}

/* ---- answers ---- */

/* A logon opens a session, if it did then; a logoff closes the one of its token. */
static void apply_logon(struct manager *manager, const struct request *request,
                        const struct played *played, struct answer *answer)
{
    const bool ends = strcmp(request->method, "DELETE") == 0;
    if (ends) {
        const struct logon *logon = logons_use(manager->logons, request->token, request->now);
        manager->logged_off = logon != NULL && logons_remove(manager->logons, logon->id);
    } else if (strcmp(request->method, "POST") == 0 && played->status / 100 == 2) {
        resources_answer_logon(manager, request, answer);
    }
}

/*
 * Whole seconds: fractions of EM's times stay as they are. One for all answers of a run, whatever
 * each takes now, so that what one says fits to the others; but each Date is of its own moment.
 */
static void set_shift(struct replay *replay, const struct request *request, struct answer *answer)
{
    const moment since = (request->now - answer->played->sent) / MOMENT_SECOND * MOMENT_SECOND;
    const bool logs_on = resources_is_about_logons(request) && strcmp(request->method, "POST") == 0;
    if (logs_on || !replay->has_shift) {
        replay->shift = since;
        replay->has_shift = true;
    }
    answer->shift = replay->shift;
    answer->date_shift = since;
}

bool replay_answer(struct replay *replay, struct manager *manager, const struct request *request,
                   struct answer *answer)
{
    struct played *played = find(replay, request);
    const bool about_logons = resources_is_about_logons(request);
    if (!about_logons && !resources_authorize(manager, request, answer)) {
        return true;
    }
    if (played == NULL) {
        answer_error(request->arena, answer, 404, "The file that is played has no such request.");
        return false;
    }
    if (about_logons) {
        apply_logon(manager, request, played, answer);
    }
    if (answer->status == 0 || answer->status == 201) { // not to one who may not log on
        played->used++;
        answer->status = played->status;
        answer->played = played;
        set_shift(replay, request, answer);
    }
    return true;
}

bool replay_is_lost(const struct played *played)
{
    return played->status == 0;
}

const char *replay_content_type(const struct played *played)
{
    return played->content_type;
}

const char *replay_server(const struct played *played)
{
    return played->server;
}

bool replay_date(const struct played *played, moment shift, moment *date)
{
    *date = played->date + shift;
    return played->has_date;
}

/* ---- bodies ---- */

/* Times that stand for none, such as .NET's first and last, stay. */
static bool is_moved(long year)
{
    return year >= 1975 && year < 2200;
}

/* Writes the time that is `shift` later over the one at the start of the text. */
static void move_time(char *text, moment shift)
{
    char whole[MOMENT_NAME_SIZE] = "";
    char moved[MOMENT_NAME_SIZE] = "";
    moment when = 0;
    memcpy(whole, text, MOMENT_NAME_SIZE - 1);
    whole[10] = 'T';
    if (is_moved(strtol(whole, NULL, 10)) && moment_parse(whole, &when)) {
        moment_write_name(moved, when + shift);
        memcpy(text, moved, 10);
        memcpy(text + 11, moved + 11, MOMENT_NAME_SIZE - 1 - 11);
    }
}

/* A text that is a time, or ends in one behind "@". */
static void move_times_of(char *text, moment shift)
{
    char *at = strrchr(text, '@');
    char *start = at != NULL ? at + 1 : text;
    const size_t length = time_length(start);
    const char *rest = start + length; // an offset such as "+02:00"
    if (length > 0 && (*rest == '\0' || ((*rest == '+' || *rest == '-') && strlen(rest) == 6))) {
        move_time(start, shift);
    }
}

static void move_times(cJSON *item, moment shift)
{
    for (; item != NULL; item = item->next) {
        if (cJSON_IsString(item)) {
            move_times_of(item->valuestring, shift);
        }
        move_times(item->child, shift);
    }
}

/* Of what was not JSON only the kind and the length are known. */
static void write_other(FILE *out, const char *kind, size_t length)
{
    const char *start = strcmp(kind, "html") == 0  ? "<html>"
                        : strcmp(kind, "xml") == 0 ? "<xml>"
                                                   : "";
    for (size_t i = 0; i < length; i++) {
        fputc(*start != '\0' ? *start++ : 'x', out);
    }
}

char *replay_body(const struct played *played, moment shift, size_t *length)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    const size_t mark = played->has_mark ? 3 : 0;
    fputs(mark > 0 ? "\xEF\xBB\xBF" : "", out);
    if (played->answer != NULL) {
        cJSON *copy = cJSON_Duplicate(played->answer, true);
        move_times(copy, shift);
        char *json = cJSON_PrintUnformatted(copy);
        fputs(json != NULL ? json : "", out);
        free(json);
        cJSON_Delete(copy);
    } else if (played->kind != NULL) {
        write_other(out, played->kind, played->length > mark ? played->length - mark : 0);
    }
    fclose(out);
    return text;
}
