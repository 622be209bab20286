#include "tests/bench/day.h"

#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/storage.h"

#define FLOOR_NAME "floor"

static void must(const char *what, int result)
{
    if (result < 0)
        errx(1, "%s: %s", what, strerror(-result));
}

static void *allocate(size_t count, size_t size)
{
    void *memory = malloc(count * size);

    if (!memory)
        errx(1, "out of memory");
    /* Its pages are there before it is measured. */
    memset(memory, 0xff, count * size);
    return memory;
}

static void note(struct day *day, enum day_cost cost, int64_t ns)
{
    struct durations *durations = &day->costs[cost];

    if (durations->count < durations->room)
        durations->ns[durations->count++] = ns;
}

/* --- what is recorded --- */

static void take_recording(struct day *day)
{
    const struct recording *recording = day->recording;

    day->rows = allocate((size_t)recording->ticks * DAY_SERIES, sizeof(int64_t));
    day->growths = allocate(DAY_SERIES, sizeof(int64_t));
    for (size_t i = 0; i < DAY_SERIES; i++) {
        const uint64_t *column = recording->raw + i * recording->ticks;

        for (uint32_t k = 0; k < recording->ticks; k++)
            day->rows[(size_t)k * DAY_SERIES + i] =
                llround(sample_value(column[k]) * recording->scales[i]);
        day->growths[i] = 0;
        if (recording->series[i]->cumulative)
            day->growths[i] =
                day->rows[(size_t)(recording->ticks - 1) * DAY_SERIES + i] - day->rows[i];
    }
}

static void declare(struct day *day)
{
    day->slots = allocate(DAY_SERIES, sizeof *day->slots);
    for (size_t i = 0; i < DAY_SERIES; i++) {
        bool cumulative = day->recording->series[i]->cumulative;
        char name[32];
        const struct metric metric = {.name = name,
                                      .unit = "",
                                      .help = "A series of the recording.",
                                      .kind = cumulative ? METRIC_COUNTER : METRIC_GAUGE,
                                      .cumulative = cumulative};

        snprintf(name, sizeof name, "recorded_%zu", i);
        must(name, series_table_declare(day->table, &metric, NULL, 0, 0, DAY_INTERVAL_MS,
                                        SAMPLE_NUMBER, &day->slots[i]));
    }
    must("the catalog", series_table_publish(day->table));
}

/* --- the parts --- */

/* The sealer's task, at once. */
static void submit(struct task_runner *runner, struct task *task)
{
    struct day *day = (struct day *)(void *)runner;
    int64_t start_ns = clock_thread_ns();

    task_begin(task, clock_mono_ns());
    task_run(task);
    day->task_ns = clock_thread_ns() - start_ns;
}

static void start(struct day *day, const struct recovery *recovery)
{
    const struct recorder_options recorder = {.folder = &day->folder,
                                              .archive = day->archive,
                                              .history = day->history,
                                              .table = day->table,
                                              .max_series = DAY_SERIES,
                                              .log = recovery->log,
                                              .log_records = recovery->log_records};
    const struct sealer_options sealer = {.history = day->history,
                                          .table = day->table,
                                          .archive = day->archive,
                                          .tasks = &day->runner,
                                          .max_series = DAY_SERIES,
                                          .interval_ms = DAY_INTERVAL_MS};

    must("the recorder", recorder_new(&recorder, &day->recorder));
    must("the sealer", sealer_new(&sealer, &day->sealer));
}

void day_begin(struct day *day, const struct recording *recording, const char *path)
{
    static const size_t rooms[DAY_COSTS] = {
        [DAY_STORE_CPU] = DAY_TICKS,  [DAY_STORE_WALL] = DAY_TICKS, [DAY_FLOOR_CPU] = DAY_TICKS,
        [DAY_FLOOR_WALL] = DAY_TICKS, [DAY_SEAL_CPU] = DAY_BLOCKS,  [DAY_JOIN_CPU] = DAY_BLOCKS,
        [DAY_FILE_CPU] = DAY_BLOCKS,  [DAY_FILE_WALL] = DAY_BLOCKS};

    *day = (struct day){.runner = {.submit = submit}, .recording = recording, .floor_fd = -1};
    for (size_t i = 0; i < DAY_COSTS; i++)
        day->costs[i] =
            (struct durations){.ns = allocate(rooms[i], sizeof(int64_t)), .room = rooms[i]};
    take_recording(day);
    must(path, data_folder_open(path, &day->folder));
}

/* --- a tick --- */

static void make_tick(struct day *day, uint32_t index, int64_t start_ms, uint32_t version)
{
    const struct recording *recording = day->recording;
    const uint32_t row = index % recording->ticks, round = index / recording->ticks;
    const int64_t *integers = day->rows + (size_t)row * DAY_SERIES;
    const int64_t first_ns = recording->mono_ns[0];
    const int64_t round_ns =
        recording->mono_ns[recording->ticks - 1] - first_ns + DAY_INTERVAL_MS * NS_PER_MS;
    const int64_t since_ns = recording->mono_ns[row] - first_ns + round * round_ns;
    _Atomic uint64_t *words;

    day->tick = (struct tick){.seq = history_begin(day->history),
                              .time_ms = start_ms + since_ns / NS_PER_MS,
                              .mono_ns = first_ns + since_ns,
                              .catalog_version = version};
    history_extend(day->history, DAY_SERIES);
    words = history_words(day->history);
    for (size_t i = 0; i < DAY_SERIES; i++) {
        int64_t integer = integers[i] + round * day->growths[i];

        atomic_store_explicit(&words[day->slots[i]],
                              sample_word((double)integer / recording->scales[i]),
                              memory_order_release);
    }
    history_commit(day->history, &day->tick);
}

static void store(struct day *day)
{
    int64_t wall_ns = clock_mono_ns(), cpu_ns = clock_thread_ns();

    recorder_store(day->recorder, day->tick.seq);
    note(day, DAY_STORE_CPU, clock_thread_ns() - cpu_ns);
    note(day, DAY_STORE_WALL, clock_mono_ns() - wall_ns);
    history_publish(day->history, day->tick.seq);
}

/* Into a file that grows as row files do. */
static void write_floor(struct day *day)
{
    /* The words, and a record's head. */
    const size_t size = 72 + DAY_SERIES * sizeof(uint64_t);
    int64_t wall_ns, cpu_ns;

    if (day->floor_fd < 0 || day->floor_rows == HISTORY_BLOCK_TICKS) {
        if (day->floor_fd >= 0)
            close(day->floor_fd);
        day->floor_fd = data_folder_open_file(&day->folder, FLOOR_NAME, O_RDWR | O_CREAT | O_EXCL);
        must(FLOOR_NAME, day->floor_fd);
        must(FLOOR_NAME, data_folder_remove(&day->folder, FLOOR_NAME));
        day->floor_rows = 0;
    }
    wall_ns = clock_mono_ns();
    cpu_ns = clock_thread_ns();
    if (pwrite(day->floor_fd, day->rows, size, (off_t)(day->floor_rows * size)) != (ssize_t)size)
        err(1, FLOOR_NAME);
    note(day, DAY_FLOOR_CPU, clock_thread_ns() - cpu_ns);
    note(day, DAY_FLOOR_WALL, clock_mono_ns() - wall_ns);
    day->floor_rows++;
    day->floor_bytes += size;
}

/* --- a block --- */

static size_t minutes_count(struct day *day)
{
    struct archive_list list;
    size_t count;

    must("the archive", archive_list(day->archive, ARCHIVE_MINUTES, &list));
    count = list.count;
    archive_list_finish(&list);
    return count;
}

/* What the archive's thread does when it is woken. */
static void write_files(struct day *day)
{
    int64_t wall_ns = clock_mono_ns(), cpu_ns = clock_thread_ns();

    must("the archive", archive_write(day->archive));
    recorder_remove(day->recorder);
    note(day, DAY_FILE_CPU, clock_thread_ns() - cpu_ns);
    note(day, DAY_FILE_WALL, clock_mono_ns() - wall_ns);
}

static void seal(struct day *day)
{
    const uint64_t sealed_seq = archive_last_seq(day->archive, ARCHIVE_SECONDS);
    size_t before = day->tick.seq % HISTORY_BLOCK_TICKS == 0 ? minutes_count(day) : 0;

    day->task_ns = 0;
    sealer_tick(day->sealer, day->tick.seq);
    if (archive_last_seq(day->archive, ARCHIVE_SECONDS) == sealed_seq)
        return;
    note(day, minutes_count(day) <= before ? DAY_JOIN_CPU : DAY_SEAL_CPU, day->task_ns);
    write_files(day);
}

void day_replay(struct day *day)
{
    const uint64_t budgets[ARCHIVE_PARTS] = {
        [ARCHIVE_SECONDS] = STORAGE_SECONDS_BYTES, [ARCHIVE_MINUTES] = STORAGE_MINUTES_BYTES};
    const int64_t start_ms = clock_now().real_ns / NS_PER_MS - (int64_t)DAY_TICKS * DAY_INTERVAL_MS;
    AUTO_FREE struct recovery *recovery = calloc(1, sizeof *recovery);
    struct recovery_options options = {.folder = &day->folder};
    struct catalog *catalog;
    uint32_t version;

    if (!recovery)
        errx(1, "out of memory");
    must("the archive", archive_new(&day->folder, budgets, &day->archive));
    must("the history", history_new(DAY_SERIES, &day->history));
    must("the table", series_table_new(DAY_SERIES, &day->table));
    options.archive = day->archive;
    options.history = day->history;
    options.table = day->table;
    must("the folder", recover(&options, recovery));
    if (history_last(day->history) != 0)
        errx(1, "%s: it has a history: name another folder", day->folder.path);
    start(day, recovery);
    declare(day);
    catalog = catalog_get(day->table);
    version = catalog->version;
    catalog_put(catalog);
    for (uint32_t i = 0; i < DAY_TICKS; i++) {
        make_tick(day, i, start_ms, version);
        store(day);
        seal(day);
        if (i % DAY_FLOOR_TICKS == 0)
            write_floor(day);
    }
}

void day_end(struct day *day)
{
    close(day->floor_fd);
    sealer_free(day->sealer);
    recorder_free(day->recorder);
    archive_free(day->archive);
    series_table_free(day->table);
    history_free(day->history);
    data_folder_close(&day->folder);
    for (size_t i = 0; i < DAY_COSTS; i++)
        free(day->costs[i].ns);
    free(day->rows);
    free(day->growths);
    free(day->slots);
}
