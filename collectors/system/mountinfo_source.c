#include "collectors/system/mountinfo_source.h"

#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

/* "mnt:[4026531841]" */
#define NAMESPACE_BYTES 64

/* The length of its name; 0 where it may not be known. */
static size_t read_namespace(const char *procfs, const char *process, char *name)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s/ns/mnt", procfs, process);
    ssize_t got;

    if (length < 0 || (size_t)length >= sizeof path)
        return 0;
    got = readlink(path, name, NAMESPACE_BYTES);
    return got > 0 ? (size_t)got : 0;
}

static bool is_own_namespace(const char *procfs)
{
    char first[NAMESPACE_BYTES];
    char own[NAMESPACE_BYTES];
    size_t length = read_namespace(procfs, "1", first);

    return length > 0 && read_namespace(procfs, "self", own) == length &&
           memcmp(first, own, length) == 0;
}

static bool is_unseen(int result)
{
    return result == -ENOENT || result == -EACCES || result == -EPERM;
}

/* Paths below another root are not those that either of the two names. */
static int open_own(struct mountinfo_source *source, const char *procfs)
{
    int result;

    if (source->rootfs[0] != '\0' || is_own_namespace(procfs))
        return 0;
    result = procfs_open(&source->own_file, procfs, "self/mountinfo");
    source->own_file.long_lines = true;
    source->compared = result == 0;
    return is_unseen(result) ? 0 : result;
}

/* With hidepid= or ProtectProc= process 1 is not to be seen. */
int mountinfo_source_open(struct mountinfo_source *source, const char *procfs, const char *rootfs)
{
    int result;

    *source = (struct mountinfo_source){.rootfs = rootfs};
    result = procfs_open(&source->file, procfs, "1/mountinfo");
    source->own = is_unseen(result);
    if (source->own) {
        procfs_close(&source->file);
        result = procfs_open(&source->file, procfs, "self/mountinfo");
    }
    source->file.long_lines = true;
    if (result < 0 || source->own)
        return result;
    return open_own(source, procfs);
}

static int read_table(struct procfs_file *file, const char *rootfs, struct mountinfo_table *table,
                      int *trouble)
{
    const char *text;
    size_t length;
    int result = procfs_read(file, &text, &length);

    if (result == 0)
        result = mountinfo_parse(text, length, rootfs, table);
    else
        return result;
    if (result == -ENOMEM)
        return result;
    if (*trouble == 0)
        *trouble = result;
    return 0;
}

int mountinfo_source_read(struct mountinfo_source *source, int *trouble)
{
    struct mountinfo_table *table = &source->table;
    int found = 0;
    int result = read_table(&source->file, source->rootfs, table, &found);

    if (result == 0 && source->compared)
        result = read_table(&source->own_file, source->rootfs, &source->own_table, &found);
    if (result < 0)
        return result;
    for (size_t index = 0; source->compared && index < table->count; index++)
        table->rows[index].elsewhere = !mountinfo_has(&source->own_table, &table->rows[index]);
    *trouble = found;
    return 0;
}

void mountinfo_source_finish(struct mountinfo_source *source)
{
    procfs_close(&source->file);
    procfs_close(&source->own_file);
    mountinfo_finish(&source->table);
    mountinfo_finish(&source->own_table);
}
