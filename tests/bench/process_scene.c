#include "tests/bench/process_scene.h"

#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HZ 100

struct scene_process {
    struct process_entry entry;
    double load;    /* of a core */
    double io_odds; /* of a burst in a second */
    bool grows;
};

static const char *const programs[] = {
    "/usr/lib/systemd/systemd-journald",
    "/usr/sbin/sshd",
    "/usr/bin/node",
    "/usr/bin/python3",
    "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
    "/usr/lib/postgresql/15/bin/postgres",
    "/opt/google/chrome/chrome",
    "/usr/sbin/nginx:",
    "/usr/bin/bash",
    "/usr/bin/dockerd",
    "/usr/bin/containerd-shim-runc-v2",
    "/usr/lib/firefox/firefox-bin",
    "/usr/sbin/cron",
};
static const char *const options[] = {
    "--type=renderer",
    "--enable-features=",
    "-Xmx",
    "--config=/etc/",
    "-namespace",
    "moby",
    "--max-old-space-size=",
    "--listen",
    "-D",
    "worker process",
    "/srv/app/dist/",
    "server.js",
    "--lang=en-US",
    "-Djava.io.tmpdir=/tmp/",
    "--log-level=info",
};
static const char *const users[] = {"root", "www-data", "postgres", "alice", "systemd-network"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

uint32_t scene_random(struct scene *scene)
{
    scene->random = scene->random * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(scene->random >> 32);
}

static double uniform(struct scene *scene)
{
    return scene_random(scene) / 0x1p32;
}

static struct process_text *text(const char *from)
{
    struct process_text *made = process_text_new(from, strlen(from));

    if (made == NULL)
        errx(1, "out of memory");
    return made;
}

/* 20 to 300 bytes. */
static void make_command(struct scene *scene, struct process_entry *entry)
{
    const char *program = programs[scene_random(scene) % COUNT(programs)];
    const size_t wanted = 20 + (size_t)(pow(uniform(scene), 2) * 280);
    char command[400];
    size_t length = (size_t)snprintf(command, sizeof command, "%s", program);

    while (length < wanted) {
        length += (size_t)snprintf(command + length, sizeof command - length, " %s",
                                   options[scene_random(scene) % COUNT(options)]);
        if (scene_random(scene) % 3 == 0)
            length += (size_t)snprintf(command + length, sizeof command - length, "%x",
                                       scene_random(scene) >> 12);
    }
    entry->command = text(command);
    snprintf(entry->name, sizeof entry->name, "%.15s", strrchr(program, '/') + 1);
}

static void make_process(struct scene *scene, size_t index, uint32_t pid)
{
    struct scene_process *process = &scene->processes[index];
    struct process_entry *entry = &process->entry;
    const uint32_t uid = scene_random(scene) % COUNT(users);

    process_text_put(entry->command);
    process_text_put(entry->user);
    *process = (struct scene_process){.entry = {.pid = pid}};
    entry->uid = uid;
    entry->user = text(users[uid]);
    entry->parent_pid = scene_random(scene) % 4 == 0 ? pid / 2 : 1;
    entry->start_ticks = (uint64_t)(scene->time_ms - SCENE_FIRST_MS) / 10 + pid;
    entry->start_time_ms = SCENE_FIRST_MS + (int64_t)entry->start_ticks * 10;
    entry->state = 'S';
    entry->threads = 1 + scene_random(scene) % 8 * (scene_random(scene) % 4);
    if (scene_random(scene) % 3 == 0)
        snprintf(entry->name, sizeof entry->name, "kworker/%u:%u", scene_random(scene) % 8,
                 scene_random(scene) % 4);
    else
        make_command(scene, entry);
    if (entry->command != NULL) {
        entry->rss_bytes = (1000 + (uint64_t)(pow(uniform(scene), 4) * 100000)) * 4096;
        entry->shared_bytes = entry->rss_bytes / 4096 / 3 * 4096;
    }
    if (index * scene->active / scene->count != (index + 1) * scene->active / scene->count) {
        process->load = pow(uniform(scene), 4) * 0.4 + 0.002;
        process->io_odds = scene_random(scene) % 3 == 0 ? uniform(scene) * 0.5 : 0;
        process->grows = entry->command != NULL && scene_random(scene) % 2;
    }
}

void scene_init(struct scene *scene, size_t count, size_t active, uint64_t seed)
{
    *scene =
        (struct scene){.count = count, .active = active, .random = seed, .time_ms = SCENE_FIRST_MS};
    scene->processes = calloc(count, sizeof *scene->processes);
    if (scene->processes == NULL)
        errx(1, "out of memory");
    for (size_t i = 0; i < count; i++)
        make_process(scene, i, (uint32_t)(i * 7 + 1));
}

void scene_finish(struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++) {
        process_text_put(scene->processes[i].entry.command);
        process_text_put(scene->processes[i].entry.user);
    }
    free(scene->processes);
}

/* Whole ticks of a counter; the span is measured, so that it is not quite what was wanted. */
static void act(struct scene *scene, struct scene_process *process, double seconds)
{
    struct process_entry *entry = &process->entry;
    const double busy = process->load * seconds * HZ * (0.5 + uniform(scene));
    const double ticks = floor(busy) + (uniform(scene) < busy - floor(busy));

    entry->cpu_cores = ticks / HZ / seconds;
    entry->read_bytes_per_second = entry->write_bytes_per_second = 0;
    if (uniform(scene) < process->io_odds * seconds)
        entry->write_bytes_per_second = floor(uniform(scene) * 400) * 4096 / seconds;
    if (uniform(scene) < process->io_odds * seconds / 4)
        entry->read_bytes_per_second = floor(uniform(scene) * 100) * 4096 / seconds;
    if (process->load > 0 && entry->command != NULL && scene_random(scene) % 3 == 0)
        entry->rss_bytes += (uint64_t)(scene_random(scene) % 64) * 4096 * process->grows;
    if (process->load > 0.05 && entry->command != NULL && scene_random(scene) % 5 == 0)
        entry->rss_bytes -= (uint64_t)(scene_random(scene) % 64) * 4096;
    entry->state = uniform(scene) < process->load ? 'R' : 'S';
}

static void sum_up(struct scene *scene, struct process_list *list, double seconds)
{
    const double other = floor(uniform(scene) * 20) / HZ / seconds;

    list->busy_cores = other;
    for (size_t i = 0; i < list->count; i++) {
        list->threads += list->entries[i].threads;
        list->by_state[process_state_index(list->entries[i].state)]++;
        if (!isnan(list->entries[i].cpu_cores))
            list->busy_cores += list->entries[i].cpu_cores;
    }
    list->visible = (uint32_t)list->count;
    list->total_threads = list->threads + scene_random(scene) % 2;
    list->unattributed_cores = other;
    if (list->span_ms == 0)
        list->busy_cores = list->unattributed_cores = NAN;
}

struct process_list *scene_next(struct scene *scene, int64_t span_ms)
{
    struct process_list *list = process_list_new(scene->count);
    const double seconds = span_ms > 0 ? (double)span_ms / 1000 + (uniform(scene) - 0.5) / 1000 : 1;
    const size_t ended = scene_random(scene) % scene->count;

    if (list == NULL)
        errx(1, "out of memory");
    if (scene->ends_one_in > 0 && scene_random(scene) % scene->ends_one_in == 0)
        make_process(scene, ended, scene->processes[ended].entry.pid + scene_random(scene) % 2);
    scene->time_ms += span_ms > 0 ? span_ms : 1000;
    list->seq = ++scene->seq;
    list->time_ms = scene->time_ms + scene_random(scene) % 2;
    list->span_ms = span_ms;
    for (size_t i = 0; i < scene->count; i++) {
        struct process_entry entry;

        act(scene, &scene->processes[i], seconds);
        entry = scene->processes[i].entry;
        process_text_hold(entry.command);
        process_text_hold(entry.user);
        if (span_ms == 0)
            entry.cpu_cores = entry.read_bytes_per_second = entry.write_bytes_per_second = NAN;
        if (process_list_add(list, &entry) < 0)
            errx(1, "out of memory");
    }
    sum_up(scene, list, seconds);
    return list;
}
