#include "daemon/frame.h"

#include "tests/unit/made_processes.h"
#include "tests/unit/model.h"

static const struct frame_context context = {.epoch = "0123456789abcdef", .interval_ms = 250};
static const struct label device = {"device", "a\nb"};
static const struct series counter = {.id = 7,
                                      .name = "x_total",
                                      .kind = METRIC_COUNTER,
                                      .cumulative = true,
                                      .unit = "bytes",
                                      .interval_ms = 1000,
                                      .labels = &device,
                                      .label_count = 1};
static const struct series gauge = {
    .id = 9, .name = "y", .kind = METRIC_GAUGE, .unit = "", .interval_ms = 10000};
static const struct series derived = {
    .id = 10, .name = "z", .kind = METRIC_GAUGE, .unit = "ratio", .flags = SERIES_DERIVED};
static const struct series timer = {.id = 11,
                                    .name = "items_count",
                                    .kind = METRIC_HISTOGRAM,
                                    .type = SAMPLE_HISTOGRAM,
                                    .unit = "seconds",
                                    .flags = SERIES_APPLICATION,
                                    .interval_ms = 1000};
static const struct series *const all[] = {&counter, &gauge, &derived, &timer};

/* Also gives the frame up. */
static void expect_frame(struct frame *frame, uint64_t seq, const char *wanted)
{
    ck_assert_ptr_nonnull(frame);
    ck_assert_uint_eq(frame->references, 1);
    ck_assert_uint_eq(frame->seq, seq);
    ck_assert_msg(frame->size == strlen(wanted) && memcmp(frame->data, wanted, frame->size) == 0,
                  "%.*s", (int)frame->size, frame->data);
    frame_put(frame);
}

START_TEST(a_hello_tells_the_ring_and_the_series)
{
    /* A newline in a label is escaped, or it would end the field. */
    expect_frame(frame_hello(&context, 41, all, 2), 0,
                 "retry: 2000\nevent: hello\ndata: {\"version\":\"" TACHO_VERSION
                 "\",\"epoch\":\"0123456789abcdef\",\"seq\":41,\"interval_ms\":250,\"series\":["
                 "{\"id\":7,\"name\":\"x_total\",\"labels\":{\"device\":\"a\\u000ab\"},"
                 "\"kind\":\"counter\",\"unit\":\"bytes\",\"scope\":\"host\",\"interval_ms\":1000},"
                 "{\"id\":9,\"name\":\"y\",\"labels\":{},\"kind\":\"gauge\",\"unit\":\"\","
                 "\"scope\":\"host\",\"interval_ms\":10000}]}\n\n");
}
END_TEST

START_TEST(a_tick_has_the_values_that_are_wanted)
{
    static const struct tick tick = {
        .seq = 42, .time_ms = 1700000000123, .flags = TICK_LATE | TICK_RESUMED};
    const uint64_t words[] = {sample_word(1.0 / 3), sample_word(1.0 / 3), sample_word(2.0 / 3)};
    const uint64_t absent[] = {SAMPLE_ABSENT, SAMPLE_NAN, sample_word(INFINITY)};
    static const bool second[] = {false, true, false}, none[] = {false, false, false};

    /* Rates and derived ones have six digits, values as they were read have all. */
    expect_frame(
        frame_tick(&context, &tick, all, words, NULL, 3), 42,
        "event: tick\nid: 0123456789abcdef-42\ndata: {\"seq\":42,\"time_ms\":1700000000123,"
        "\"flags\":[\"late\",\"resumed\"],"
        "\"v\":[[7,0.333333],[9,0.3333333333333333],[10,0.666667]]}\n\n");
    expect_frame(
        frame_tick(&context, &tick, all, words, second, 3), 42,
        "event: tick\nid: 0123456789abcdef-42\ndata: {\"seq\":42,\"time_ms\":1700000000123,"
        "\"flags\":[\"late\",\"resumed\"],\"v\":[[9,0.3333333333333333]]}\n\n");
    expect_frame(
        frame_tick(&context, &tick, all, words, none, 3), 42,
        "event: tick\nid: 0123456789abcdef-42\ndata: {\"seq\":42,\"time_ms\":1700000000123,"
        "\"flags\":[\"late\",\"resumed\"],\"v\":[]}\n\n");
    expect_frame(
        frame_tick(&context, &tick, all, absent, NULL, 3), 42,
        "event: tick\nid: 0123456789abcdef-42\ndata: {\"seq\":42,\"time_ms\":1700000000123,"
        "\"flags\":[\"late\",\"resumed\"],\"v\":[[7,null],[9,null],[10,null]]}\n\n");
}
END_TEST

START_TEST(processes_are_told_in_both_formats)
{
    struct frame_context wanted = context;
    struct process_list *list = process_list_make(42, NULL, 0);

    wanted.processes = 5;
    expect_frame(frame_processes(&wanted, list, true), 0,
                 "event: processes\ndata: {\"seq\":42,\"time_ms\":1700000042000,\"span_ms\":1000,"
                 "\"visible\":0,\"total\":0,\"io_visible\":0,\"threads\":0,"
                 "\"total_threads\":null,\"states\":{},\"busy_cpu_cores\":1.5,"
                 "\"unattributed_cpu_cores\":0.25,\"complete\":true,\"processes\":[]}\n\n");
    wanted.format = FRAME_NDJSON;
    expect_frame(frame_processes(&wanted, list, true), 0,
                 "{\"event\":\"processes\",\"epoch\":\"0123456789abcdef\",\"seq\":42,"
                 "\"time_ms\":1700000042000,\"span_ms\":1000,"
                 "\"visible\":0,\"total\":0,\"io_visible\":0,\"threads\":0,"
                 "\"total_threads\":null,\"states\":{},\"busy_cpu_cores\":1.5,"
                 "\"unattributed_cpu_cores\":0.25,\"complete\":true,\"processes\":[]}\n");
    process_list_put(list);
}
END_TEST

START_TEST(series_come_and_go)
{
    static const uint32_t gone[] = {3, 4294967295};

    expect_frame(frame_series(&context, &all[1], 1, gone, 2), 0,
                 "event: series\ndata: {\"add\":[{\"id\":9,\"name\":\"y\",\"labels\":{},"
                 "\"kind\":\"gauge\",\"unit\":\"\",\"scope\":\"host\",\"interval_ms\":10000}],"
                 "\"gone\":[3,4294967295]}\n\n");
    /* What a sparse histogram is called does not tell it from a part of a classic one. */
    expect_frame(frame_series(&context, &all[3], 1, NULL, 0), 0,
                 "event: series\ndata: {\"add\":[{\"id\":11,\"name\":\"items_count\",\"labels\":{},"
                 "\"kind\":\"histogram\",\"unit\":\"seconds\",\"scope\":\"application\","
                 "\"interval_ms\":1000,\"sparse\":true}],\"gone\":[]}\n\n");
    expect_frame(frame_series(&context, NULL, 0, gone, 1), 0,
                 "event: series\ndata: {\"add\":[],\"gone\":[3]}\n\n");
}
END_TEST

START_TEST(gaps_and_pings)
{
    expect_frame(frame_gap(&context, 5, 9, "behind"), 9,
                 "event: gap\ndata: {\"from\":5,\"to\":9,\"why\":\"behind\"}\n\n");
    expect_frame(frame_ping(&context, 42, 1700000000123), 0,
                 "event: ping\ndata: {\"seq\":42,\"time_ms\":1700000000123}\n\n");
}
END_TEST

/* The sanitizer tells if one is freed early or never. */
START_TEST(frames_are_counted)
{
    struct frame *frame = frame_new(7, "abc", 3);

    ck_assert_ptr_eq(frame_hold(frame), frame);
    ck_assert_uint_eq(frame->references, 2);
    frame_put(frame);
    ck_assert_uint_eq(frame->references, 1);
    ck_assert_mem_eq(frame->data, "abc", 3);
    ck_assert_uint_eq(frame->size, 3);
    frame_put(frame);
    frame_put(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("frame", a_hello_tells_the_ring_and_the_series,
                     a_tick_has_the_values_that_are_wanted, processes_are_told_in_both_formats,
                     series_come_and_go, gaps_and_pings, frames_are_counted);
}
