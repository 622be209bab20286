/*
 * Lines of packets, senders that go and ticks in any order: "?" is a tick, "!" and a digit leaves
 * that sender alone living, any other line is one of a packet from the sender that its length
 * tells.
 */
#include "daemon/statsd_table.h"

#include <math.h>

#include "tests/fuzz/harness.h"

#define MAX_SERIES 20

static void look(struct statsd_table *table)
{
    static struct histogram_pair pairs[STATSD_BUCKETS_MAX];
    struct statsd_buffer *buffer = statsd_table_swap(table);

    must(buffer->touched_count <= MAX_SERIES && buffer->ended_count <= MAX_SERIES);
    for (size_t i = 0; i < buffer->touched_count; i++) {
        const uint32_t index = buffer->touched[i];
        const struct statsd_definition *definition = statsd_table_definition(table, index);
        const size_t count = statsd_buffer_pairs(buffer, index, pairs);
        uint64_t sum = 0;

        must(definition->text != NULL && buffer->cells[index].values > 0);
        must(isfinite(buffer->cells[index].value));
        must(definition->type == STATSD_HISTOGRAM || count == 0);
        for (size_t k = 0; k < count; k++)
            sum += pairs[k].increment;
        must(sum <= buffer->cells[index].count);
    }
    for (size_t i = 0; i < buffer->ended_count; i++)
        must(buffer->cells[buffer->ended[i]].values == 0);
    statsd_buffer_clear(buffer);
}

static void leave(struct statsd_table *table, char sender, int64_t now_ms)
{
    const struct statsd_sender_set unknown = {{0}};
    struct statsd_sender_set living = {{0}};

    living.words[0] = UINT64_C(1) << ((unsigned char)sender % 8);
    statsd_table_sweep(table, &living, &unknown, now_ms);
}

static void take(struct statsd_table *table, const char *line, size_t length, int64_t now_ms)
{
    static const struct label origins[] = {{"unit", "a.service"}, {"command", "b"}};
    const uint32_t sender = (uint32_t)length % 8;
    struct statsd_source source = {.sender = sender == 7 ? STATSD_NO_SENDER : sender};

    if (sender < 2) {
        source.origin = origins[sender];
        source.origin_hash = statsd_table_origin(table, &source.origin);
    }
    statsd_table_take(table, &source, line, length, now_ms);
}

/* Everything ends; what is given back is all that there was. */
static void empty(struct statsd_table *table, int64_t now_ms)
{
    const struct statsd_sender_set none = {{0}};

    look(table);
    statsd_table_lock(table);
    statsd_table_sweep(table, &none, &none, now_ms + STATSD_UNKNOWN_MS);
    statsd_table_unlock(table);
    look(table);
    look(table);
}

/* One table for all inputs, since making one costs more than most of them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct drops drops = {.source = "statsd"};
    static struct statsd_table *table;
    struct scanner rest = scanner_over((const char *)data, size);
    struct scanner line;
    int64_t now_ms = 0;

    must(table || statsd_table_new(MAX_SERIES, &drops, &table) == 0);
    while (scan_line(&rest, &line)) {
        const size_t length = (size_t)(line.end - line.at);

        now_ms += 1000;
        if (length == 1 && line.at[0] == '?') {
            look(table);
            continue;
        }
        statsd_table_lock(table);
        if (length == 2 && line.at[0] == '!')
            leave(table, line.at[1], now_ms);
        else
            take(table, line.at, length, now_ms);
        statsd_table_unlock(table);
    }
    empty(table, now_ms);
    return 0;
}
