// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/json.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* cJSON's texts would end at an escaped NUL, and be taken for what stands before it. */
static bool has_escaped_nul(const char *text)
{
    for (const char *found = strstr(text, "\\u0000"); found != NULL;
         found = strstr(found + 1, "\\u0000")) {
        size_t backslashes = 0;
        while (found - backslashes > text && *(found - backslashes - 1) == '\\') {
            backslashes++;
        }
        if (backslashes % 2 == 0) {
            return true;
        }
    }
    return false;
}

/*
 * cJSON allocates each item and each text by itself, for a page of a thousand entities some 80,000
 * times. Here that is a step forward in a large block. All are freed at once, or used for the next
 * page.
 */
struct json_memory {
    struct json_memory *next;
    size_t size;
    size_t used;
    alignas(cJSON) char bytes[];
};

enum { FIRST_BLOCK = 4 * 1024, LARGEST_BLOCK = 1024 * 1024 };

/* EM's pages need some 4 bytes for each of theirs. */
enum { PLENTY = 16 };

/* Where cJSON's functions for memory, which know nothing else, find the document being parsed. */
static struct {
    struct json_document *document;
    struct json_memory *block; // the one that is being filled
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

static bool has_room(const struct json_memory *block, size_t size)
{
    return block != NULL && block->size - block->used >= size;
}

static void *allocate(size_t size)
{
    const size_t step = (size + alignof(cJSON) - 1) / alignof(cJSON) * alignof(cJSON);
    struct json_memory *block = parsing.block;
    if (!has_room(block, step)) {
        block = block != NULL ? block->next : parsing.document->memory;
        block = has_room(block, step) ? block : add_block(step);
    }
    if (block == NULL) {
        return NULL;
    }
    parsing.block = block;
    void *memory = block->bytes + block->used;
    block->used += step;
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
        block->used = 0;
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
    parsing.failed = false;
    cJSON_InitHooks(&hooks);
    document->root = cJSON_ParseWithLengthOpts(bytes, length + 1, NULL, true);
    cJSON_InitHooks(NULL);
}

int json_parse(const char *bytes, size_t length, struct json_document *document,
               struct fault *fault)
{
    document->root = NULL;
    const size_t mark = text_mark_length(bytes, length);
    bytes += mark;
    length -= mark;
    if (strspn(bytes, " \t\r\n") == length) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer is empty");
    }
    if (memchr(bytes, '\0', length) != NULL || has_escaped_nul(bytes)) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer is not JSON: it has NUL characters");
    }
    parse(bytes, length, document);
    if (document->root != NULL) {
        return 0;
    }
    if (parsing.failed) { // cJSON can't tell why it gave up
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

bool json_same_key(const char *key, const char *name)
{
    // Most keys differ in the first letter; those that a name has differ in this bit alone.
    return key != NULL && ((*key ^ *name) & ~0x20) == 0 && strcasecmp(key, name) == 0;
}

const cJSON *json_member(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItem(object, key);
    return cJSON_IsNull(member) ? NULL : member;
}

const char *json_text(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(json_member(object, key));
}
