#include "collectors/system/arcstats.h"

#include <errno.h>

#include "collectors/parse.h"

static const struct metric arc_size = {
    .name = "node_zfs_arc_size",
    .unit = "bytes",
    .help = "kstat.zfs.misc.arcstats.size",
    .kind = METRIC_UNTYPED,
};

static const struct metric arc_min = {
    .name = "node_zfs_arc_c_min",
    .unit = "bytes",
    .help = "kstat.zfs.misc.arcstats.c_min",
    .kind = METRIC_UNTYPED,
};

/* "size  4  1603939792": what stands between is the type of the value. */
static bool parse_value(struct scanner line, uint64_t *out)
{
    uint64_t type;

    return scan_blanks(&line) && scan_u64(&line, &type) && scan_blanks(&line) &&
           scan_u64(&line, out) && scan_is_done(&line);
}

int arcstats_parse(const char *text, size_t length, struct arcstats *out)
{
    struct scanner scanner = scanner_over(text, length);
    struct arcstats arc;
    struct scanner line;
    bool has_size = false;
    bool has_min = false;

    while (scan_line(&scanner, &line)) {
        struct span name;

        if (!scan_word(&line, &name))
            continue;
        if (span_equals(name, "size"))
            has_size = parse_value(line, &arc.size_bytes);
        else if (span_equals(name, "c_min"))
            has_min = parse_value(line, &arc.min_bytes);
    }
    if (!has_size || !has_min)
        return -EBADMSG;
    *out = arc;
    return 0;
}

int arcstats_open(struct arcstats_source *source, const char *procfs)
{
    return optional_file_open(&source->file, procfs, "spl/kstat/zfs/arcstats");
}

int arcstats_read(struct arcstats_source *source, struct arcstats *out)
{
    const char *text;
    size_t length;
    int result = optional_file_read(&source->file, &text, &length);

    return result == 0 ? arcstats_parse(text, length, out) : result;
}

void arcstats_write(struct arcstats_source *source, const struct arcstats *arc, struct sink *sink)
{
    if (arc == NULL) {
        sink_drop(sink, &source->size);
        sink_drop(sink, &source->min);
        return;
    }
    sink_put(sink, &source->size, &arc_size, NULL, 0, 0, (double)arc->size_bytes);
    sink_put(sink, &source->min, &arc_min, NULL, 0, 0, (double)arc->min_bytes);
}

void arcstats_close(struct arcstats_source *source)
{
    optional_file_close(&source->file);
}
