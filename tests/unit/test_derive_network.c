/* What goes over the network, and how long tasks wait for the machine. */
#include <stdio.h>

#include "tests/unit/derive_bench.h"

#define RECEIVE  "tacho_network_receive_bytes_per_second"
#define TRANSMIT "tacho_network_transmit_bytes_per_second"

static void put_interface(struct derive_bench *bench, const char *device, unsigned flags,
                          double received, double transmitted)
{
    char label[32];

    snprintf(label, sizeof label, "device=%s", device);
    model_set(&bench->model,
              model_declare(&bench->model, "node_network_receive_bytes_total", label, flags,
                            MODEL_INTERVAL_MS),
              received);
    model_set(&bench->model,
              model_declare(&bench->model, "node_network_transmit_bytes_total", label, flags,
                            MODEL_INTERVAL_MS),
              transmitted);
}

/* eth0's traffic passes the bridge and the veth of a container as well, and lo's is nobody's. */
START_TEST(what_passes_several_interfaces_counts_once)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        put_interface(&bench, "lo", 0, 1e9 * i, 1e9 * i);
        put_interface(&bench, "eth0", SERIES_IN_TOTAL, 5000 + 1000 * i, 70 + 30 * i);
        put_interface(&bench, "eth1", SERIES_IN_TOTAL, 3 + 500 * i, 10);
        put_interface(&bench, "br0", 0, 1000 * i, 30 * i);
        put_interface(&bench, "veth1a2b3c", 0, 1000 * i, 30 * i);
        derive_bench_next(&bench, 500);
    }
    expect_number(derive_bench_value(&bench, RECEIVE, ""), 3000); /* 1500 / 0.5 s */
    expect_number(derive_bench_value(&bench, TRANSMIT, ""), 60);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(an_interface_that_restarts_is_left_out_for_a_tick)
{
    static const double received[][2] = {{1000, 50}, {1100, 60}, {4, 70}, {204, 80}};
    static const double wanted[] = {NAN, 110, 10, 210};
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        put_interface(&bench, "eth0", SERIES_IN_TOTAL, received[i][0], 0);
        put_interface(&bench, "eth1", SERIES_IN_TOTAL, received[i][1], 0);
        derive_bench_next(&bench, 1000);
        if (isnan(wanted[i]))
            expect_absent(derive_bench_value(&bench, RECEIVE, ""));
        else
            expect_number(derive_bench_value(&bench, RECEIVE, ""), wanted[i]);
    }
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(without_a_device_there_is_no_total)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        put_interface(&bench, "lo", 0, 100 * i, 100 * i);
        derive_bench_next(&bench, 1000);
    }
    expect_absent(derive_bench_value(&bench, RECEIVE, ""));
    expect_absent(derive_bench_value(&bench, TRANSMIT, ""));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(pressure_is_the_rate_of_waiting_and_at_most_one)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        derive_bench_put(&bench, "node_pressure_cpu_waiting_seconds_total", "", 5 + .5 * i);
        derive_bench_put(&bench, "node_pressure_io_waiting_seconds_total", "", 7 + 2.01 * i);
        derive_bench_put(&bench, "node_pressure_io_stalled_seconds_total", "", 3 + 1.5 * i);
        derive_bench_next(&bench, 2000);
    }
    expect_number(derive_bench_value(&bench, "tacho_pressure_ratio", "resource=cpu"), .25);
    expect_number(derive_bench_value(&bench, "tacho_pressure_ratio", "resource=io"), 1);
    ck_assert_ptr_null(model_find(&bench.model, "tacho_pressure_ratio", "resource=memory"));
    derive_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("derive_network", what_passes_several_interfaces_counts_once,
                     an_interface_that_restarts_is_left_out_for_a_tick,
                     without_a_device_there_is_no_total,
                     pressure_is_the_rate_of_waiting_and_at_most_one);
}
