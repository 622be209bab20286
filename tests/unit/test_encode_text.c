#include "daemon/encode_text.h"

#include <stdio.h>

#include "tests/unit/model.h"

static const struct label device[] = {{"device", "sda"}};
static const struct label odd[] = {{"a", "b\"c\\d\ne,f"}, {"z", "\xff"}};
static const struct series plain = {.id = 1, .name = "node_load1", .unit = ""};
static const struct series disk = {.id = 2,
                                   .name = "node_disk_read_bytes_total",
                                   .unit = "bytes",
                                   .kind = METRIC_COUNTER,
                                   .labels = device,
                                   .label_count = 1};
static const struct series strange = {.id = 3, .name = "x", .labels = odd, .label_count = 2};

#define TIMES       ((const int64_t[]){1763821800250, 1763821801000})
#define WORDS(a, b) ((const uint64_t[]){(a), (b)})

static struct text_column column(const struct series *series, const char *aggregate,
                                 const uint64_t *words)
{
    return (struct text_column){
        .series = series, .aggregate = aggregate, .words = words, .digits = JSON_DIGITS_6};
}

static void expect(void (*encode)(struct buffer *out, const struct text_table *table),
                   const struct text_table *table, const char *wanted)
{
    struct buffer out = {0};

    encode(&out, table);
    buffer_append_char(&out, '\0');
    ck_assert(!out.failed);
    ck_assert_str_eq(out.data, wanted);
    buffer_finish(&out);
}

START_TEST(a_row_a_time_a_column_a_series)
{
    struct text_column columns[] = {
        column(&plain, "avg", WORDS(sample_word(0.5), SAMPLE_ABSENT)),
        column(&disk, "avg", WORDS(sample_word(1.0 / 3), sample_word(INFINITY))),
    };
    const struct text_table table = {
        .time_ms = TIMES, .row_count = 2, .columns = columns, .column_count = 2};

    columns[1].digits = JSON_DIGITS_ALL;
    expect(encode_csv, &table,
           "time,node_load1,\"node_disk_read_bytes_total{device=\"\"sda\"\"}\"\n"
           "2025-11-22T14:30:00.250Z,0.5,0.3333333333333333\n"
           "2025-11-22T14:30:01.000Z,,\n");
    expect(encode_values, &table, "0.5\n0.3333333333333333\nnull\nnull\n");
}
END_TEST

START_TEST(several_aggregates_are_named)
{
    const struct text_column columns[] = {
        column(&plain, "min", WORDS(sample_word(1), sample_word(2))),
        column(&plain, "max", WORDS(sample_word(3), SAMPLE_ABSENT)),
        column(&disk, "min", WORDS(sample_word(-5), sample_word(6))),
        column(&disk, "max", WORDS(sample_word(7), sample_word(8))),
    };
    const struct text_table table = {.time_ms = TIMES,
                                     .row_count = 2,
                                     .columns = columns,
                                     .column_count = 4,
                                     .aggregates_named = true};

    expect(encode_csv, &table,
           "time,node_load1 min,node_load1 max,"
           "\"node_disk_read_bytes_total{device=\"\"sda\"\"} min\","
           "\"node_disk_read_bytes_total{device=\"\"sda\"\"} max\"\n"
           "2025-11-22T14:30:00.250Z,1,3,-5,7\n"
           "2025-11-22T14:30:01.000Z,2,,6,8\n");
    expect(encode_values, &table, "1\n3\n-5\n7\n2\nnull\n6\n8\n");
    expect(encode_lines, &table,
           "{\"time_ms\":1763821800250,\"id\":1,\"name\":\"node_load1\",\"labels\":{},"
           "\"kind\":\"gauge\",\"unit\":\"\",\"min\":1,\"max\":3}\n"
           "{\"time_ms\":1763821800250,\"id\":2,\"name\":\"node_disk_read_bytes_total\","
           "\"labels\":{\"device\":\"sda\"},\"kind\":\"counter\",\"unit\":\"bytes\","
           "\"min\":-5,\"max\":7}\n"
           "{\"time_ms\":1763821801000,\"id\":1,\"name\":\"node_load1\",\"labels\":{},"
           "\"kind\":\"gauge\",\"unit\":\"\",\"min\":2,\"max\":null}\n"
           "{\"time_ms\":1763821801000,\"id\":2,\"name\":\"node_disk_read_bytes_total\","
           "\"labels\":{\"device\":\"sda\"},\"kind\":\"counter\",\"unit\":\"bytes\","
           "\"min\":6,\"max\":8}\n");
}
END_TEST

/* As Prometheus escapes a label, then as CSV quotes a cell; what is not UTF-8 is replaced. */
START_TEST(hostile_labels_stay_in_their_cell)
{
    const struct text_column columns[] = {column(&strange, NULL, WORDS(sample_word(1), 0))};
    const struct text_table table = {
        .time_ms = TIMES, .row_count = 1, .columns = columns, .column_count = 1};

    expect(encode_csv, &table,
           "time,\"x{a=\"\"b\\\"\"c\\\\d\\ne,f\"\",z=\"\"\xef\xbf\xbd\"\"}\"\n"
           "2025-11-22T14:30:00.250Z,1\n");
}
END_TEST

START_TEST(no_cell_is_a_formula)
{
    static const struct {
        const char *name, *cell;
    } cases[] = {
        {"=1+1", "'=1+1"},    {"+a", "'+a"},         {"-a", "'-a"},
        {"@sum", "'@sum"},    {"\ta", "'\ta"},       {"\ra", "\"'\ra\""},
        {"a=b", "a=b"},       {"=a,b", "\"'=a,b\""}, {"=\"a\"", "\"'=\"\"a\"\"\""},
        {"a\nb", "\"a\nb\""}, {"a b", "a b"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct series series = {.name = cases[i].name};
        const struct text_column columns[] = {column(&series, NULL, WORDS(0, 0))};
        const struct text_table table = {.columns = columns, .column_count = 1};
        char wanted[64];

        snprintf(wanted, sizeof wanted, "time,%s\n", cases[i].cell);
        expect(encode_csv, &table, wanted);
    }
}
END_TEST

START_TEST(an_empty_table_has_its_header)
{
    const struct text_table table = {.row_count = 0};

    expect(encode_csv, &table, "time\n");
    expect(encode_values, &table, "");
    expect(encode_lines, &table, "");
}
END_TEST

int main(void)
{
    return RUN_TESTS("encode_text", a_row_a_time_a_column_a_series, several_aggregates_are_named,
                     hostile_labels_stay_in_their_cell, no_cell_is_a_formula,
                     an_empty_table_has_its_header);
}
