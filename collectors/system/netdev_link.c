#include "collectors/system/netdev_link.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/parse.h"
#include "collectors/sysfs.h"

/* The kernel gives Mbit/s. */
#define BYTES_PER_MEGABIT 125000

static bool make_path(const char *sysfs, const char *name, const char *attribute, char *path)
{
    return snprintf(path, PATH_MAX, "%s/class/net/%s/%s", sysfs, name, attribute) < PATH_MAX;
}

static bool exists(const char *sysfs, const char *name, const char *attribute)
{
    char path[PATH_MAX];

    return make_path(sysfs, name, attribute, path) && access(path, F_OK) == 0;
}

/* 0 where there is none, or a negative one. */
static uint64_t read_number(const char *sysfs, const char *name, const char *attribute)
{
    char path[PATH_MAX];
    char text[32];
    struct scanner scanner;
    struct span content;
    uint64_t number;

    if (!make_path(sysfs, name, attribute, path) ||
        sysfs_read(AT_FDCWD, path, text, sizeof text, &content) < 0)
        return 0;
    scanner = scanner_over(content.at, content.length);
    return scan_u64(&scanner, &number) && scan_is_done(&scanner) ? number : 0;
}

struct netdev_link netdev_link_inspect(const char *sysfs, const char *name)
{
    return (struct netdev_link){
        .index = read_number(sysfs, name, "ifindex"),
        .physical = exists(sysfs, name, "device") && !exists(sysfs, name, "master/device"),
    };
}

static void run_probe(struct task *task)
{
    struct netdev_probe *probe = (struct netdev_probe *)(void *)task;

    probe->link = netdev_link_inspect(probe->sysfs, probe->name);
    probe->speed = (double)read_number(probe->sysfs, probe->name, "speed") * BYTES_PER_MEGABIT;
}

static void free_probe(struct task *task)
{
    free(task);
}

struct netdev_probe *netdev_probe_new(const char *sysfs, const char *name)
{
    size_t sysfs_bytes = strlen(sysfs) + 1;
    size_t name_bytes = strlen(name) + 1;
    struct netdev_probe *probe = calloc(1, sizeof *probe + sysfs_bytes + name_bytes);

    if (probe == NULL)
        return NULL;
    task_init(&probe->task, run_probe, free_probe);
    memcpy(probe->sysfs, sysfs, sysfs_bytes);
    probe->name = probe->sysfs + sysfs_bytes;
    memcpy(probe->name, name, name_bytes);
    return probe;
}
