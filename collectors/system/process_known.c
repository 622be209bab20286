#include "collectors/system/process_known.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/array.h"

/* Of parents that went too: pids are used again, so that the way up might be a circle. */
#define GENERATIONS_MAX 16

static struct process_known *find(struct process_known *const *items, size_t count, uint32_t pid)
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (items[middle]->pid == pid)
            return items[middle];
        if (items[middle]->pid < pid)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static void add_io(struct pid_io *to, const struct pid_io *from)
{
    to->read_bytes += from->read_bytes;
    to->write_bytes += from->write_bytes;
    to->cancelled_bytes += from->cancelled_bytes;
}

/*
 * The kernel adds what a process read and wrote to who reaps it. It was told of the process itself
 * already, so that it must not be told again of its parent, or of the next that is alive.
 */
static void bequeath(struct process_table *table, const struct process_known *gone)
{
    const struct process_known *from = gone;

    if (!gone->identified || gone->io_ns == 0)
        return;
    for (unsigned generation = 0; generation < GENERATIONS_MAX; generation++) {
        struct process_known *heir = find(table->items, table->count, from->stat.parent_pid);

        if (heir != NULL) {
            add_io(&heir->reaped, &gone->io);
            add_io(&heir->reaped, &gone->reaped);
            return;
        }
        from = find(table->gone, table->gone_count, from->stat.parent_pid);
        if (from == NULL)
            return;
    }
}

static void free_known(struct process_known *known, _Atomic unsigned *kept)
{
    if (known->fd >= 0) {
        close(known->fd);
        (*kept)--;
    }
    process_text_put(known->user);
    process_text_put(known->command);
    free(known);
}

void process_table_renew(struct process_table *table, struct process_known *known)
{
    bequeath(table, known);
    process_text_put(known->user);
    process_text_put(known->command);
    *known = (struct process_known){.pid = known->pid, .fd = known->fd};
}

static int reserve(struct process_table *table, size_t count)
{
    struct process_known **former = array_reserve(table->former, &table->former_capacity, count,
                                                  sizeof(struct process_known *));
    struct process_known **gone;

    if (former == NULL)
        return -ENOMEM;
    table->former = former;
    gone = array_reserve(table->gone, &table->gone_capacity, table->count + 1,
                         sizeof(struct process_known *));
    if (gone == NULL)
        return -ENOMEM;
    table->gone = gone;
    return 0;
}

/* The new table's memory is the former one's, and the other way round. */
static struct process_known **swap(struct process_table *table, size_t *count)
{
    struct process_known **items = table->items;
    size_t capacity = table->capacity;

    *count = table->count;
    table->items = table->former;
    table->capacity = table->former_capacity;
    table->former = items;
    table->former_capacity = capacity;
    table->count = table->gone_count = 0;
    return items;
}

static int merge(struct process_table *table, const uint32_t *pids, size_t count)
{
    size_t former_count, next = 0;
    struct process_known **former = swap(table, &former_count);
    int result = 0;

    for (size_t index = 0; index < count; index++) {
        struct process_known *known;

        while (next < former_count && former[next]->pid < pids[index])
            table->gone[table->gone_count++] = former[next++];
        if (next < former_count && former[next]->pid == pids[index]) {
            table->items[table->count++] = former[next++];
            continue;
        }
        known = calloc(1, sizeof *known);
        if (known == NULL) {
            result = -ENOMEM;
            continue;
        }
        known->pid = pids[index];
        known->fd = -1;
        table->items[table->count++] = known;
    }
    while (next < former_count)
        table->gone[table->gone_count++] = former[next++];
    return result;
}

static bool is_same(const struct process_table *table, const uint32_t *pids, size_t count)
{
    if (table->count != count)
        return false;
    for (size_t index = 0; index < count; index++) {
        if (table->items[index]->pid != pids[index])
            return false;
    }
    return true;
}

int process_table_update(struct process_table *table, const uint32_t *pids, size_t count,
                         _Atomic unsigned *kept)
{
    int result;

    if (is_same(table, pids, count))
        return 0;
    result = reserve(table, count + 1);
    if (result < 0)
        return result;
    result = merge(table, pids, count);
    for (size_t index = 0; index < table->gone_count; index++)
        bequeath(table, table->gone[index]);
    for (size_t index = 0; index < table->gone_count; index++)
        free_known(table->gone[index], kept);
    table->gone_count = 0;
    return result;
}

void process_table_finish(struct process_table *table)
{
    _Atomic unsigned kept = (unsigned)table->count; /* of no matter here */

    for (size_t index = 0; index < table->count; index++)
        free_known(table->items[index], &kept);
    free(table->items);
    free(table->gone);
    free(table->former);
    *table = (struct process_table){0};
}
