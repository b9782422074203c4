// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * measure RESULT COMMAND...: runs the command and writes to RESULT its CPU time, user and system,
 * in microseconds, and its peak memory in KiB; ends with its exit code. The kernel counts the
 * memory that a process had before it executed another program, too, so the parent is to be this
 * small.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_BROKEN = 125 };

static long long microseconds(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 0;
    if (argc < 3) {
        return EXIT_BROKEN;
    }
    const pid_t child = fork();
    if (child == 0) {
        execv(argv[2], argv + 2);
        _exit(EXIT_BROKEN);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        return EXIT_BROKEN;
    }
    FILE *result = fopen(argv[1], "w");
    if (result == NULL ||
        fprintf(result, "%lld %ld\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
                usage.ru_maxrss) < 0 ||
        fclose(result) != 0) {
        return EXIT_BROKEN;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BROKEN;
}
