#include "tests/bench/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/rate.h"

#define TICKS_MAX  86400
#define SERIES_MAX 100000

/* Little-endian, as the machines are that this is run on. */
struct head {
    uint32_t ticks, series;
};

static bool read_items(FILE *file, void *items, size_t size, size_t count)
{
    return fread(items, size, count, file) == count;
}

static bool is_cumulative(const int64_t *column, uint32_t ticks)
{
    uint32_t growths = 0;

    for (uint32_t i = 1; i < ticks; i++) {
        if (column[i] < column[i - 1])
            return false;
        growths += column[i] > column[i - 1];
    }
    return growths > 1;
}

/* The column's words as they are shown. */
static void show_column(struct recording *recording, size_t index, const int64_t *column,
                        int32_t scale)
{
    const struct series *series = recording->series[index];
    struct rate_baseline baseline = RATE_NO_BASELINE;
    const struct rate_rule rule = {.every_tick = true};

    for (uint32_t i = 0; i < recording->ticks; i++) {
        const struct tick tick = {.seq = i + 1, .mono_ns = recording->mono_ns[i]};
        uint64_t word = sample_word((double)column[i] / scale);

        recording->raw[index * recording->ticks + i] = word;
        if (series->cumulative)
            word = rate_step(&baseline, &tick, word, &rule);
        recording->shown[(size_t)i * recording->series_count + index] = word;
    }
}

static int read_column(FILE *file, struct recording *recording, struct series *series, size_t index,
                       int32_t scale, int64_t *column)
{
    if (!read_items(file, column, sizeof *column, recording->ticks) || scale < 1)
        return -EBADMSG;
    *series = (struct series){.id = (uint32_t)index + 1,
                              .cumulative = is_cumulative(column, recording->ticks)};
    recording->series[index] = series;
    show_column(recording, index, column, scale);
    return 0;
}

static int read_columns(FILE *file, const struct head *head, struct recording *recording)
{
    int64_t *column = calloc(head->ticks, sizeof *column);
    struct series *series = calloc(head->series, sizeof *series);
    int result = -ENOMEM;

    *recording = (struct recording){
        .ticks = head->ticks,
        .series_count = head->series,
        .series = calloc(head->series, sizeof(struct series *)),
        .scales = calloc(head->series, sizeof(int32_t)),
        .mono_ns = calloc(head->ticks, sizeof(int64_t)),
        .raw = calloc((size_t)head->ticks * head->series, sizeof(uint64_t)),
        .shown = calloc((size_t)head->ticks * head->series, sizeof(uint64_t)),
    };
    if (recording->scales && column && series && recording->series && recording->mono_ns &&
        recording->raw && recording->shown)
        result = read_items(file, recording->scales, sizeof(int32_t), head->series) &&
                         read_items(file, recording->mono_ns, sizeof(int64_t), head->ticks)
                     ? 0
                     : -EBADMSG;
    for (size_t i = 0; result == 0 && i < head->series; i++)
        result = read_column(file, recording, &series[i], i, recording->scales[i], column);
    free(column);
    return result;
}

/* A program's output; the path is no text for a shell. */
static FILE *open_unpacked(const char *path, pid_t *child)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return NULL;
    *child = fork();
    if (*child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execlp("xz", "xz", "-dc", "--", path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

int recording_read(const char *path, struct recording *out)
{
    struct head head;
    pid_t child;
    FILE *file;
    int result = -EBADMSG;

    if (access(path, R_OK) < 0)
        return -errno;
    file = open_unpacked(path, &child);
    if (!file)
        return -errno;
    if (read_items(file, &head, sizeof head, 1) && head.ticks > 1 && head.ticks <= TICKS_MAX &&
        head.series > 0 && head.series <= SERIES_MAX)
        result = read_columns(file, &head, out);
    fclose(file);
    waitpid(child, NULL, 0);
    return result;
}
