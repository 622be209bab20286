#include "collectors/system/container_view.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/choice.h"
#include "collectors/procfs.h"
#include "collectors/system/mountinfo.h"

static enum choice_answer take(const struct chooser *chooser, enum choice choice, const char *name)
{
    (void)chooser;
    (void)choice;
    (void)name;
    return CHOICE_READ;
}

/* The filesystem collector leaves out what is below /proc, and the chosen patterns are its own. */
static const struct chooser every_mount = {.ask = take};
static const struct collector_roots roots = {.chooser = &every_mount};

/* "fuse.lxcfs"; a server that gives itself no name is "fuse". */
static bool is_fuse(const char *fstype)
{
    return strcmp(fstype, "fuse") == 0 || strncmp(fstype, "fuse.", strlen("fuse.")) == 0;
}

/* What is behind "/proc/"; NULL of another mount, and of one over the whole of it. */
static const char *name_below(const char *procfs, const char *mount_point)
{
    size_t length = strlen(procfs);

    if (strncmp(mount_point, procfs, length) != 0 || mount_point[length] != '/')
        return NULL;
    return mount_point + length + 1;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

static int take_rows(const struct mountinfo_table *table, const char *procfs,
                     struct container_view *out)
{
    int result = 0;

    for (size_t index = 0; index < table->count; index++) {
        const struct mountinfo_row *row = &table->rows[index];
        const char *name = is_fuse(row->fstype) ? name_below(procfs, row->mount_point) : NULL;

        if (name == NULL)
            continue;
        if (out->count == CONTAINER_VIEW_FILES_MAX || strlen(name) >= CONTAINER_VIEW_NAME_BYTES)
            result = -E2BIG;
        else
            memcpy(out->files[out->count++], name, strlen(name) + 1);
    }
    qsort(out->files, out->count, sizeof out->files[0], compare_names);
    return result;
}

int container_view_parse(const char *text, size_t length, const char *procfs,
                         struct container_view *out)
{
    struct mountinfo_table table = {.roots = &roots};
    struct container_view view = {0};
    int result = mountinfo_parse(text, length, "", &table);
    int taken;

    if (result == -ENOMEM)
        return result;
    taken = take_rows(&table, procfs, &view);
    mountinfo_finish(&table);
    *out = view;
    return result < 0 ? result : taken;
}

int container_view_read(const char *procfs, struct container_view *out)
{
    /* As the table names it: without links. */
    char place[PATH_MAX];
    struct procfs_file file;
    const char *text;
    size_t length;
    int result = procfs_read_once(&file, procfs, "self/mountinfo", &text, &length);

    if (result == 0 && realpath(procfs, place) == NULL)
        result = -errno;
    if (result == 0)
        result = container_view_parse(text, length, place, out);
    procfs_close(&file);
    return result;
}
