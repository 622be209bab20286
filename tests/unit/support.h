/*
 * What every unit test needs: running a file's tests, folders that stand for /proc and /sys, and
 * the fixture machine. Failing to make a file ends the test program; it is no result of a test.
 */
#ifndef TACHO_TESTS_UNIT_SUPPORT_H
#define TACHO_TESTS_UNIT_SUPPORT_H

#include <check.h>
#include <stddef.h>

/* main()'s value for the tests of one file, run in this process: RUN_TESTS("cpu", a, b, c). */
#define RUN_TESTS(name, ...)                                                                       \
    run_tests((name), (const TTest *[]){__VA_ARGS__},                                              \
              sizeof((const TTest *[]){__VA_ARGS__}) / sizeof(const TTest *))

int run_tests(const char *name, const TTest *const *tests, size_t count);

/* A temporary folder. */
struct folder {
    char path[64];
};

void folder_make(struct folder *folder);

/* Puts a file of this text at folder/path, by rename, making the folders above it. */
void folder_write(const struct folder *folder, const char *path, const char *text);

/* Removes the file folder/path. */
void folder_unlink(const struct folder *folder, const char *path);

/* Removes it with all that it holds. */
void folder_remove(struct folder *folder);

/* The file's text, with a NUL behind it; the caller frees it. */
char *file_text(const char *path);

/*
 * Calls parse with every prefix of the text, the empty and the whole one too, each in memory of
 * exactly its size, so that the sanitizer sees a step over the end.
 */
void each_prefix(const char *text, void (*parse)(const char *text, size_t length));

/*
 * The folder $TACHO_FIXTURES with proc/, sys/ and e2e-output.txt of node_exporter's odd machine;
 * NULL, having said that the test is skipped, where it is not set.
 */
const char *fixtures_folder(void);

#endif
