#include "collectors/system/netdev_link.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/sysfs.h"

/* The kernel gives Mbit/s. */
#define BYTES_PER_MEGABIT 125000

/* 0 where there is none, or a negative one. */
static uint64_t read_number(int folder, const char *attribute)
{
    int64_t number = 0;

    if (sysfs_read_number(folder, attribute, &number) < 0 || number < 0)
        return 0;
    return (uint64_t)number;
}

static struct netdev_link inspect(int folder)
{
    return (struct netdev_link){
        .index = read_number(folder, "ifindex"),
        .physical = faccessat(folder, "device", F_OK, 0) == 0 &&
                    faccessat(folder, "master/device", F_OK, 0) < 0,
    };
}

struct netdev_link netdev_link_inspect(const char *sysfs, const char *name)
{
    int folder = sysfs_open_device(sysfs, "class/net", name);
    struct netdev_link link = {0};

    if (folder < 0)
        return link;
    link = inspect(folder);
    close(folder);
    return link;
}

static void run_probe(struct task *task)
{
    struct netdev_probe *probe = (struct netdev_probe *)(void *)task;
    int folder = sysfs_open_device(probe->sysfs, "class/net", probe->name);

    probe->link = (struct netdev_link){0};
    probe->speed = 0;
    if (folder < 0)
        return; /* it has gone */
    probe->link = inspect(folder);
    probe->speed = (double)read_number(folder, "speed") * BYTES_PER_MEGABIT;
    close(folder);
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
