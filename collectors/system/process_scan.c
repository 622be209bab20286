#include "collectors/system/process_scan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "collectors/system/process_listing.h"
#include "collectors/system/process_machine.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS     1000000
#define MS_PER_SECOND 1000
/* A clock that was set by less moves no start. */
#define BOOT_SLACK_MS 1000

struct process_scan {
    struct process_reader reader;
    struct process_listing listing;
    struct process_table table;
    struct users users;
    struct process_machine machine;
    uint64_t page_bytes;
    int64_t boot_ms;       /* Unix time */
    int64_t asked_mono_ns; /* of the list before; 0: there was none */
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static unsigned descriptors_left(unsigned held)
{
    struct rlimit limit;
    rlim_t most = PROCESS_DESCRIPTORS_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 4 < most)
        most = limit.rlim_cur / 4;
    return most > held ? (unsigned)most - held : 0;
}

int process_scan_new(const struct collector_roots *roots, unsigned held_by_others,
                     struct process_scan **out)
{
    struct process_scan *scan = calloc(1, sizeof *scan);
    int result;

    if (scan == NULL)
        return -ENOMEM;
    scan->page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    scan->reader.ticks_hz = (double)sysconf(_SC_CLK_TCK);
    scan->reader.kept_max = descriptors_left(held_by_others);
    scan->reader.users = &scan->users;
    result = process_listing_open(&scan->listing, roots->procfs);
    if (result == 0)
        result = users_init(&scan->users, roots->rootfs);
    if (result == 0)
        result = process_machine_init(&scan->machine, roots->procfs);
    if (result < 0) {
        process_scan_free(scan);
        return result;
    }
    scan->reader.folder = dirfd(scan->listing.folder);
    scan->reader.keeps = scan->listing.on_procfs;
    *out = scan;
    return 0;
}

void process_scan_free(struct process_scan *scan)
{
    if (scan == NULL)
        return;
    process_table_finish(&scan->table);
    users_finish(&scan->users);
    process_machine_finish(&scan->machine);
    process_listing_close(&scan->listing);
    free(scan);
}

struct process_id process_scan_at(const struct process_scan *scan)
{
    struct process_id id = {.pid =
                                atomic_load_explicit(&scan->reader.at_pid, memory_order_acquire)};

    if (id.pid != 0)
        id.start_ticks = atomic_load_explicit(&scan->reader.at_start_ticks, memory_order_relaxed);
    return id;
}

int64_t process_scan_moved_ns(const struct process_scan *scan)
{
    return atomic_load_explicit(&scan->reader.moved_ns, memory_order_relaxed);
}

unsigned process_scan_kept(const struct process_scan *scan)
{
    return scan->reader.kept;
}

void process_scan_quarantine(struct process_scan *scan, const struct process_scan *other,
                             struct process_id more)
{
    struct process_id *quarantine = scan->reader.quarantine;

    /* The oldest is the last, and is dropped. */
    memcpy(quarantine + 1, other->reader.quarantine,
           (PROCESS_QUARANTINE_MAX - 1) * sizeof *quarantine);
    *quarantine = more;
}

static int rename_users(struct process_scan *scan)
{
    for (size_t index = 0; index < scan->table.count; index++) {
        struct process_known *known = scan->table.items[index];
        struct process_text *name;

        if (known->user == NULL)
            continue;
        name = users_name(&scan->users, known->uid);
        if (name == NULL)
            return -ENOMEM;
        process_text_put(known->user);
        known->user = name;
    }
    return 0;
}

static int add_entry(struct process_scan *scan, struct process_list *list,
                     const struct process_known *known)
{
    const struct pid_stat *stat = &known->stat;
    const size_t state = process_state_index(stat->state);
    struct process_entry entry = {
        .pid = known->pid,
        .parent_pid = stat->parent_pid,
        .uid = known->uid,
        .threads = stat->threads,
        .start_ticks = stat->start_ticks,
        .start_time_ms = scan->boot_ms + (int64_t)((double)stat->start_ticks * MS_PER_SECOND /
                                                   scan->reader.ticks_hz),
        .rss_bytes = stat->resident_pages * scan->page_bytes,
        .shared_bytes = known->shared_pages * scan->page_bytes,
        .cpu_cores = known->cpu_cores,
        .read_bytes_per_second = known->read_rate,
        .write_bytes_per_second = known->write_rate,
        .state = PROCESS_STATES[state],
        .command = process_text_hold(known->command),
        .user = process_text_hold(known->user),
    };

    memcpy(entry.name, stat->name, sizeof entry.name);
    list->visible++;
    list->io_hidden += known->io_hidden;
    list->threads += stat->threads;
    list->by_state[state]++;
    return process_list_add(list, &entry);
}

/* What cannot be read, for whichever reason, is there all the same; what has gone is not. */
static int read_all(struct process_scan *scan, struct process_list *list, double *cores)
{
    int trouble = 0;

    *cores = 0;
    list->unread = (uint32_t)scan->listing.beyond;
    for (size_t index = 0; index < scan->table.count; index++) {
        struct process_known *known = scan->table.items[index];
        int result = process_read(&scan->reader, &scan->table, known);

        if (result == 0)
            result = add_entry(scan, list, known);
        if (result == -ENOMEM)
            return result;
        if (result == 0 && !isnan(known->cpu_cores))
            *cores += known->cpu_cores;
        if (result < 0)
            process_listing_doubt(&scan->listing);
        if (result < 0 && result != -ENOENT)
            list->unread++;
        if (result < 0 && result != -ENOENT && result != -EACCES)
            trouble = result;
    }
    return trouble;
}

/* Of what the list is about; the machine was read before the processes were. */
static int fill(struct process_scan *scan, struct process_list *list)
{
    double cores;
    int result = read_all(scan, list, &cores);

    list->unattributed_cores = list->busy_cores > cores ? list->busy_cores - cores : 0;
    if (isnan(list->busy_cores))
        list->unattributed_cores = NAN;
    list->hides = process_listing_hides(&scan->listing);
    list->total_threads = process_machine_threads(&scan->machine);
    return result;
}

/* The clocks at once: what is between them would move all starts. */
static void find_boot(struct process_scan *scan)
{
    const int64_t boot_ns = clock_ns(CLOCK_BOOTTIME);
    const int64_t boot_ms = (clock_ns(CLOCK_REALTIME) - boot_ns) / NS_PER_MS;

    if (llabs(boot_ms - scan->boot_ms) > BOOT_SLACK_MS)
        scan->boot_ms = boot_ms;
}

static int prepare(struct process_scan *scan)
{
    int result = process_listing_read(&scan->listing, scan->machine.cpus.forks);

    if (result == 0)
        result = process_table_update(&scan->table, scan->listing.pids, scan->listing.count,
                                      &scan->reader.kept);
    if (result == 0 && users_refresh(&scan->users))
        result = rename_users(scan);
    return result;
}

static struct process_list *new_list(const struct process_scan *scan,
                                     const struct process_moment *asked)
{
    struct process_list *list = process_list_new(scan->table.count);

    if (list == NULL)
        return NULL;
    list->seq = asked->seq;
    list->time_ms = asked->time_ms;
    list->mono_ns = asked->mono_ns;
    if (scan->asked_mono_ns != 0)
        list->span_ms = (asked->mono_ns - scan->asked_mono_ns) / NS_PER_MS;
    return list;
}

int process_scan_run(struct process_scan *scan, const struct process_moment *asked,
                     struct process_list **out)
{
    const int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    const int64_t boot_ns = clock_ns(CLOCK_BOOTTIME);
    const double busy_cores = process_machine_busy(&scan->machine, now_ns);
    struct process_list *list;
    int result;

    *out = NULL;
    scan->reader.began_ns = now_ns;
    atomic_store_explicit(&scan->reader.moved_ns, 0, memory_order_relaxed);
    result = prepare(scan);
    if (result < 0)
        return result;
    list = new_list(scan, asked);
    if (list == NULL)
        return -ENOMEM;
    find_boot(scan);
    scan->reader.scan++;
    scan->reader.cpus = scan->machine.cpus.count;
    list->busy_cores = busy_cores;
    result = fill(scan, list);
    if (result == -ENOMEM) {
        process_list_put(list);
        return result;
    }
    scan->asked_mono_ns = asked->mono_ns;
    scan->reader.since_ns = now_ns;
    scan->reader.since_ticks =
        (uint64_t)((double)boot_ns / (double)NS_PER_SECOND * scan->reader.ticks_hz);
    *out = list;
    return result;
}
