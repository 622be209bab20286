/*
 * Runs a harness over the files of the folders that are its arguments, without libFuzzer: so that
 * what was once found stays found, with every compiler.
 */
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/fuzz/harness.h"

/* In memory of exactly the file's size, so that the sanitizer sees a step over the end. */
static void replay_file(const char *path)
{
    FILE *file = fopen(path, "r");
    struct stat status;
    size_t size;
    uint8_t *data;

    if (file == NULL || fstat(fileno(file), &status) != 0)
        err(EXIT_FAILURE, "%s", path);
    size = (size_t)status.st_size;
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size)
        err(EXIT_FAILURE, "%s", path);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static size_t replay_folder(const char *folder)
{
    DIR *listing = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    if (listing == NULL)
        err(EXIT_FAILURE, "%s", folder);
    while ((entry = readdir(listing)) != NULL) {
        char path[PATH_MAX];

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_MAX)
            errx(EXIT_FAILURE, "%s/%s: too long", folder, entry->d_name);
        replay_file(path);
        count++;
    }
    closedir(listing);
    return count;
}

int main(int argc, char **argv)
{
    for (int index = 1; index < argc; index++) {
        size_t count = replay_folder(argv[index]);

        printf("%s: %zu files\n", argv[index], count);
        if (count == 0)
            return EXIT_FAILURE;
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
