// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/json.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#include "base/text.h"
#include "em/cjson.h"

const char json_no_character[] = "\xEF\xBF\xBF";

enum { ESCAPE = 6 }; // characters of \uXXXX

/* The code of a \uXXXX, or -1 where there is none. */
static long read_escape(const char *text)
{
    char digits[ESCAPE - 1] = "";
    if (text[0] != '\\' || text[1] != 'u' ||
        strspn(text + 2, "0123456789abcdefABCDEF") < ESCAPE - 2) {
        return -1;
    }
    memcpy(digits, text + 2, ESCAPE - 2);
    return strtol(digits, NULL, 16);
}

static bool is_between(long code, long first, long last)
{
    return code >= first && code <= last;
}

/*
 * The first escape of what is no character; NULL: there is none. cJSON's texts would end at a NUL,
 * and half a surrogate pair makes the whole document no JSON to it. It takes \u and what are not
 * four digits for a NUL: that sets `broken`.
 */
static const char *find_no_character(const char *text, bool *broken)
{
    for (const char *at = strchr(text, '\\'); at != NULL; at = strchr(at, '\\')) {
        const long code = read_escape(at);
        const bool pair = is_between(code, 0xD800, 0xDBFF) &&
                          is_between(read_escape(at + ESCAPE), 0xDC00, 0xDFFF);
        if (code == 0 || (is_between(code, 0xD800, 0xDFFF) && !pair)) {
            return at;
        }
        if (code < 0 && at[1] == 'u') {
            *broken = true;
            return NULL;
        }
        at += pair ? 2 * ESCAPE : code >= 0 ? ESCAPE : at[1] != '\0' ? 2 : 1;
    }
    return NULL;
}

/*
 * Writes what stands for no character over such escapes: `copy` becomes a copy of `bytes` then,
 * else it stays NULL. -1: a fault.
 */
static int replace_no_characters(const char *bytes, size_t length, char **copy, struct fault *fault)
{
    static const char replacement[ESCAPE + 1] = "\\uFFFF";
    bool broken = false;
    *copy = NULL;
    const char *found = find_no_character(bytes, &broken);
    if (found != NULL) {
        *copy = malloc(length + 1);
        if (*copy == NULL) {
            return fault_no_memory(fault);
        }
        memcpy(*copy, bytes, length + 1);
    }
    while (found != NULL) {
        memcpy(*copy + (found - bytes), replacement, ESCAPE);
        found = find_no_character(found + ESCAPE, &broken);
    }
    return broken
               ? fault_set(fault, FAULT_PROTOCOL, "the answer is not JSON: it has a broken escape")
               : 0;
}

/*
 * cJSON allocates each item and each text by itself, for a page of a thousand entities some 80,000
 * times. Here that is a step forward in a large block. All are freed at once, or used for the next
 * page.
 */
struct json_memory {
    struct json_memory *next;
    size_t size;
    alignas(cJSON) char bytes[];
};

enum { FIRST_BLOCK = 4 * 1024, LARGEST_BLOCK = 1024 * 1024 };

/* EM's pages need some 4 bytes for each of theirs. */
enum { PLENTY = 16 };

/* Where cJSON's functions for memory, which know nothing else, find the document being parsed. */
static struct {
    struct json_document *document;
    struct json_memory *block; // the one that is being filled
    char *next;                // in the block
    size_t left;               // behind `next`
    bool failed;
} parsing;

/* Inserts a block behind the present one. */
static struct json_memory *add_block(size_t least)
{
    struct json_memory *present = parsing.block;
    size_t size = present == NULL ? FIRST_BLOCK : present->size * 2;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    size = size < least ? least : size;
    struct json_memory *block = malloc(sizeof *block + size);
    struct json_memory **place = present != NULL ? &present->next : &parsing.document->memory;
    parsing.failed = block == NULL;
    if (block != NULL) {
        *block = (struct json_memory){.next = *place, .size = size};
        *place = block;
    }
    return block;
}

/* Goes on to the next block that has room, a new one if need be. False: no memory. */
static bool use_next_block(size_t least)
{
    struct json_memory *block =
        parsing.block != NULL ? parsing.block->next : parsing.document->memory;
    block = block != NULL && block->size >= least ? block : add_block(least);
    if (block == NULL) {
        return false;
    }
    parsing.block = block;
    parsing.next = block->bytes;
    parsing.left = block->size;
    return true;
}

static void *allocate(size_t size)
{
    const size_t step = (size + alignof(cJSON) - 1) / alignof(cJSON) * alignof(cJSON);
    if (step > parsing.left && !use_next_block(step)) {
        return NULL;
    }
    void *memory = parsing.next;
    parsing.next += step;
    parsing.left -= step;
    return memory;
}

static void free_later(void *memory)
{
    (void)memory;
}

/*
 * Makes the memory of the document before fit for one of `length` bytes: that is given back where
 * it is far more, else pages whose texts grow a little each time would leave a block behind each.
 */
static void use_again(struct json_document *document, size_t length)
{
    size_t size = 0;
    for (struct json_memory *block = document->memory; block != NULL; block = block->next) {
        size += block->size;
    }
    if (size > PLENTY * length + LARGEST_BLOCK) {
        json_free(document);
    }
}

static void parse(const char *bytes, size_t length, struct json_document *document)
{
    cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = free_later};
    use_again(document, length);
    parsing.document = document;
    parsing.block = NULL;
    parsing.left = 0;
    parsing.failed = false;
    libcjson.InitHooks(&hooks);
    document->root = libcjson.ParseWithLengthOpts(bytes, length + 1, NULL, true);
    libcjson.InitHooks(NULL);
}

int json_parse(const char *bytes, size_t length, struct json_document *document,
               struct fault *fault)
{
    document->root = NULL;
    if (cjson_load(fault) < 0) {
        return -1;
    }
    const size_t mark = text_mark_length(bytes, length);
    bytes += mark;
    length -= mark;
    if (strspn(bytes, " \t\r\n") == length) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer is empty");
    }
    if (memchr(bytes, '\0', length) != NULL) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer is not JSON: it has NUL characters");
    }
    cleanup_free char *copy = NULL;
    if (replace_no_characters(bytes, length, &copy, fault) < 0) {
        return -1;
    }
    parse(copy != NULL ? copy : bytes, length, document);
    if (document->root != NULL) {
        return 0;
    }
    if (parsing.failed) { // cJSON can't say why it gave up
        return fault_no_memory(fault);
    }
    const bool markup = bytes[strspn(bytes, " \t\r\n")] == '<';
    return fault_set(fault, FAULT_PROTOCOL,
                     markup ? "the answer is XML or HTML, not JSON"
                            : "the answer is not JSON, or is cut short or nested too deep");
}

void json_free(struct json_document *document)
{
    for (struct json_memory *block = document->memory; block != NULL;) {
        struct json_memory *next = block->next;
        free(block);
        block = next;
    }
    *document = (struct json_document){.root = NULL};
}

void json_wipe(struct json_document *document)
{
    for (struct json_memory *block = document->memory; block != NULL; block = block->next) {
        explicit_bzero(block->bytes, block->size);
    }
    json_free(document);
}

int json_length(const cJSON *array)
{
    int length = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, array)
    {
        length++;
    }
    return length;
}

static const cJSON *find_member(const cJSON *object, const char *key)
{
    const cJSON *member = object != NULL ? object->child : NULL;
    while (member != NULL && !json_is_named(member, key)) {
        member = member->next;
    }
    return member;
}

bool json_has(const cJSON *object, const char *key)
{
    return find_member(object, key) != NULL;
}

const cJSON *json_member(const cJSON *object, const char *key)
{
    const cJSON *member = find_member(object, key);
    return json_is(member, cJSON_NULL) ? NULL : member;
}

const char *json_text(const cJSON *object, const char *key)
{
    return json_string(json_member(object, key));
}
