// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A library for LD_PRELOAD: lets the n-th memory allocation of a program fail, counted from main
 * on. What it reads from the environment is taken out of it, so that no child is tortured as well.
 *
 *   FAIL_ALLOCATION=N            the one that gives no memory; without it, or 0, all do
 *   FAIL_ALLOCATION_COUNT=FILE   gets the number of allocations when the program ends by itself
 *   FAIL_ALLOCATION_TRACE=FILE   gets the stack of the one that failed and, behind "crash", that of
 * a signal such as SIGSEGV
 *
 * AddressSanitizer's own malloc stays the one that is called where its library comes next.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_SIZE = 64 * 1024, ALIGNMENT = 16, DEEPEST_STACK = 60 };

typedef int main_function(int argc, char **argv, char **environment);
typedef int start_function(main_function *main, int argc, char **argv, void (*init)(void),
                           void (*fini)(void), void (*linker_fini)(void), void *stack_end);

int __libc_start_main( // NOLINT(bugprone-reserved-identifier): glibc's, which calls main
    main_function *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
    void (*linker_fini)(void), void *stack_end);

static struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *memory, size_t size);
    int (*posix_memalign)(void **memory, size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    void (*free)(void *memory);
} real;

/* What dlsym itself allocates while the real functions are looked for; it is never given back. */
static struct {
    _Alignas(ALIGNMENT) unsigned char bytes[ARENA_SIZE];
    size_t used;
} arena;

static bool looking; // for the real functions
static atomic_bool counting;
static atomic_ulong count;
static unsigned long failing; // 0: none
static int count_file = -1;
static int trace_file = -1;
static FILE *stacks_file;
static main_function *real_main;
static sighandler_t program_on_abort; // the program's own handler; on_crash comes before it

static void *arena_allocate(size_t size)
{
    const size_t alignment = ALIGNMENT;
    const size_t whole =
        (size + alignment - 1) / alignment * alignment + alignment; // its size first
    if (size > ARENA_SIZE || whole > ARENA_SIZE - arena.used) {
        abort();
    }
    unsigned char *start = arena.bytes + arena.used;
    arena.used += whole;
    memcpy(start, &size, sizeof size);
    return start + alignment;
}

static bool is_in_arena(const void *memory)
{
    const uintptr_t place = (uintptr_t)memory;
    return place >= (uintptr_t)arena.bytes && place < (uintptr_t)arena.bytes + sizeof arena.bytes;
}

/* ISO C knows no way from a data pointer to a function's. */
static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

static void find_real(void)
{
    if (real.free == NULL && !looking) {
        looking = true;
        look_up("malloc", &real.malloc);
        look_up("calloc", &real.calloc);
        look_up("realloc", &real.realloc);
        look_up("posix_memalign", &real.posix_memalign);
        look_up("aligned_alloc", &real.aligned_alloc);
        look_up("free", &real.free);
        looking = false;
    }
}

static void write_text(int file, const char *text)
{
    if (write(file, text, strlen(text)) < 0) {
        return; // there is no one to tell
    }
}

static void write_stack(const char *title)
{
    void *frames[DEEPEST_STACK];
    write_text(trace_file, title);
    backtrace_symbols_fd(frames, backtrace(frames, DEEPEST_STACK), trace_file);
}

/* Libraries are put at the start of any page, so only what is within a page stays from run to run.
 */
static void tell_stack(unsigned long number)
{
    enum { WITHIN_PAGE = 0xFFF };
    static const uint64_t fnv_start = 14695981039346656037U;
    static const uint64_t fnv_factor = 1099511628211U;
    void *frames[DEEPEST_STACK];
    uint64_t hash = fnv_start;
    const int depth = backtrace(frames, DEEPEST_STACK);
    for (int i = 0; i < depth; i++) {
        hash = (hash ^ ((uintptr_t)frames[i] & WITHIN_PAGE)) * fnv_factor;
    }
    fprintf(stacks_file, "%lu %016" PRIx64 "\n", number, hash);
}

/* Counts an allocation. True: it is the one to fail. */
static bool fails(void)
{
    if (!atomic_load(&counting)) {
        return false;
    }
    const unsigned long number = atomic_fetch_add(&count, 1) + 1;
    if (stacks_file != NULL) {
        tell_stack(number);
    }
    if (number != failing) {
        return false;
    }
    if (trace_file >= 0) {
        write_stack("allocation\n");
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    find_real();
    if (real.malloc == NULL || looking) {
        return arena_allocate(size);
    }
    return fails() ? NULL : real.malloc(size);
}

void *calloc(size_t items, size_t size)
{
    find_real();
    if (real.calloc == NULL || looking) {
        return arena_allocate(items * size); // which is zero, as nothing in it is used twice
    }
    return fails() ? NULL : real.calloc(items, size);
}

void *realloc(void *memory, size_t size)
{
    find_real();
    if (!looking && !is_in_arena(memory)) {
        return fails() ? NULL : real.realloc(memory, size);
    }
    void *moved = malloc(size);
    if (memory != NULL && moved != NULL) {
        size_t old_size = 0;
        memcpy(&old_size, (unsigned char *)memory - ALIGNMENT, sizeof old_size);
        memcpy(moved, memory, old_size < size ? old_size : size);
    }
    return moved;
}

void *reallocarray(void *memory, size_t items, size_t size)
{
    size_t whole = 0;
    if (__builtin_mul_overflow(items, size, &whole)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, whole);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    find_real();
    return fails() ? ENOMEM : real.posix_memalign(memory, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    find_real();
    return fails() ? NULL : real.aligned_alloc(alignment, size);
}

void free(void *memory)
{
    find_real();
    if (real.free != NULL && !is_in_arena(memory)) {
        real.free(memory);
    }
}

static void tell_count(void)
{
    char text[32];
    atomic_store(&counting, false);
    if (count_file >= 0) {
        snprintf(text, sizeof text, "%lu\n", atomic_load(&count));
        write_text(count_file, text);
        close(count_file);
        count_file = -1;
    }
    if (stacks_file != NULL) {
        fclose(stacks_file);
        stacks_file = NULL;
    }
}

void _exit(int status)
{
    void (*real_exit)(int) = NULL;
    tell_count();
    look_up("_exit", &real_exit);
    real_exit(status);
    __builtin_unreachable();
}

void _Exit(int status)
{
    _exit(status);
}

static void on_crash(int signal_number)
{
    atomic_store(&counting, false);
    write_stack("crash\n");
    if (signal_number == SIGABRT && program_on_abort != NULL) {
        program_on_abort(signal_number);
    }
    raise(signal_number); // SA_RESETHAND: for good, once this returns
}

sighandler_t signal(int number, sighandler_t handler)
{
    sighandler_t (*real_signal)(int, sighandler_t) = NULL;
    if (number == SIGABRT && trace_file >= 0) {
        program_on_abort = handler;
        return SIG_DFL;
    }
    look_up("signal", &real_signal);
    return real_signal(number, handler);
}

static int open_file(const char *variable)
{
    const char *path = getenv(variable);
    const int file = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    unsetenv(variable);
    return file;
}

static void catch_crashes(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        struct sigaction before;
        sigaction(crashes[i], NULL, &before);
        if (before.sa_handler == SIG_DFL) { // not a sanitizer's
            sigaction(crashes[i], &action, NULL);
        }
    }
}

static void open_stacks(void)
{
    static char buffer[BUFSIZ]; // for stdio to allocate nothing when it writes
    void *frame = NULL;
    const int file = open_file("FAIL_ALLOCATION_STACKS");
    if (file >= 0) {
        stacks_file = fdopen(file, "w");
    }
    if (stacks_file != NULL) {
        setvbuf(stacks_file, buffer, _IOFBF, sizeof buffer);
    }
    backtrace(&frame, 1); // the first one loads a library, and allocates for that
}

static int counted_main(int argc, char **argv, char **environment)
{
    const char *wanted = getenv("FAIL_ALLOCATION");
    failing = wanted != NULL ? strtoul(wanted, NULL, 10) : 0;
    count_file = open_file("FAIL_ALLOCATION_COUNT");
    trace_file = open_file("FAIL_ALLOCATION_TRACE");
    unsetenv("FAIL_ALLOCATION");
    unsetenv("LD_PRELOAD");
    open_stacks();
    if (trace_file >= 0) {
        catch_crashes();
    }
    atexit(tell_count); // before all that main registers, so it comes after them
    atomic_store(&counting, true);
    return real_main(argc, argv, environment);
}

int __libc_start_main(main_function *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*linker_fini)(void), void *stack_end)
{
    start_function *real_start = NULL;
    look_up("__libc_start_main", &real_start);
    real_main = main;
    return real_start(counted_main, argc, argv, init, fini, linker_fini, stack_end);
}
