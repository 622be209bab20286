#include "tests/unit/support.h"

#include <err.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    for (size_t index = 0; index < count; index++)
        tcase_add_test(tcase, tests[index]);
    suite_add_tcase(suite, tcase);
    /* In one process: the sanitizers then see all of it. */
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void folder_make(struct folder *folder)
{
    *folder = (struct folder){.path = "/tmp/tacho-test-XXXXXX"};
    if (mkdtemp(folder->path) == NULL)
        err(EXIT_FAILURE, "%s", folder->path);
}

static void join(const struct folder *folder, const char *path, char *out)
{
    if (snprintf(out, PATH_MAX, "%s/%s", folder->path, path) >= PATH_MAX)
        errx(EXIT_FAILURE, "%s: too long", path);
}

static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

void folder_write(const struct folder *folder, const char *path, const char *text)
{
    char target[PATH_MAX];
    char draft[PATH_MAX];
    FILE *file;

    join(folder, path, target);
    join(folder, ".draft", draft);
    make_parents(target);
    file = fopen(draft, "w");
    if (file == NULL)
        err(EXIT_FAILURE, "%s", draft);
    fputs(text, file);
    if (fclose(file) != 0 || rename(draft, target) != 0)
        err(EXIT_FAILURE, "%s", target);
}

void folder_unlink(const struct folder *folder, const char *path)
{
    char target[PATH_MAX];

    join(folder, path, target);
    if (unlink(target) != 0)
        err(EXIT_FAILURE, "%s", target);
}

void folder_remove(struct folder *folder)
{
    char *const paths[] = {folder->path, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;

    if (walk == NULL)
        err(EXIT_FAILURE, "%s", folder->path);
    while ((entry = fts_read(walk)) != NULL) {
        /* A folder comes twice; it can go when it has been emptied. */
        if (entry->fts_info != FTS_D && remove(entry->fts_accpath) != 0)
            err(EXIT_FAILURE, "%s", entry->fts_path);
    }
    fts_close(walk);
}

char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    size_t used = 0;

    if (file == NULL)
        err(EXIT_FAILURE, "%s", path);
    do {
        size = size * 2 + 4096;
        text = realloc(text, size);
        if (text == NULL)
            err(EXIT_FAILURE, "%s", path);
        used += fread(text + used, 1, size - 1 - used, file);
    } while (used == size - 1);
    text[used] = '\0';
    fclose(file);
    return text;
}

void each_prefix(const char *text, void (*parse)(const char *text, size_t length))
{
    size_t whole = strlen(text);

    for (size_t length = 0; length <= whole; length++) {
        char *prefix = malloc(length > 0 ? length : 1);

        if (prefix == NULL)
            err(EXIT_FAILURE, "prefix");
        memcpy(prefix, text, length);
        parse(prefix, length);
        free(prefix);
    }
}

const char *fixtures_folder(void)
{
    const char *folder = getenv("TACHO_FIXTURES");

    if (folder == NULL)
        puts("skipped: TACHO_FIXTURES names no folder with proc/, sys/ and e2e-output.txt");
    return folder;
}
