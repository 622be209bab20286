/* CPU time, load and memory. */
#include <stdio.h>

#include "tests/unit/derive_bench.h"

static uint64_t mode(struct derive_bench *bench, const char *name)
{
    char label[32];

    snprintf(label, sizeof label, "mode=%s", name);
    return derive_bench_value(bench, "tacho_cpu_mode_ratio", label);
}

/* user nice system idle iowait irq softirq steal, and guest and guest_nice that are in the first
 * two */
static void put_cpu(struct derive_bench *bench, const char *cpu, const double seconds[10])
{
    static const char *const modes[] = {"user",   "nice", "system",  "idle",
                                        "iowait", "irq",  "softirq", "steal"};
    char labels[64];

    for (size_t i = 0; i < 8; i++) {
        snprintf(labels, sizeof labels, "cpu=%s,mode=%s", cpu, modes[i]);
        derive_bench_put(bench, "node_cpu_seconds_total", labels, seconds[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        snprintf(labels, sizeof labels, "cpu=%s,mode=%s", cpu, modes[i]);
        derive_bench_put(bench, "node_cpu_guest_seconds_total", labels, seconds[8 + i]);
    }
}

START_TEST(cpu_time_is_shared_among_the_modes)
{
    static const char *const modes[] = {"user", "nice",    "system", "idle", "iowait",
                                        "irq",  "softirq", "steal",  "guest"};
    struct derive_bench bench;
    double sum = 0;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_cpu(&bench, "0", (double[]){100, 10, 20, 3000, 40, 1, 2, 3, 50, 5});
    put_cpu(&bench, "1", (double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    derive_bench_next(&bench, 2000);
    expect_absent(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""));
    expect_absent(mode(&bench, "user"));
    /*
     * In two seconds cpu0 gave user 1 (of it guest 0.5), nice 0.25 (all guest_nice), system 0.25,
     * idle 0.25, irq 0.125, softirq 0.125: 2 s. cpu1 gave idle 1.5, iowait 0.25, steal 0.25: 2 s.
     * Of 4 s: user 0.5, nice 0, guest 0.75, system 0.25, idle 1.75, iowait 0.25.
     */
    put_cpu(&bench, "0", (double[]){101, 10.25, 20.25, 3000.25, 40, 1.125, 2.125, 3, 50.5, 5.25});
    put_cpu(&bench, "1", (double[]){0, 0, 0, 1.5, 0.25, 0, 0, 0.25, 0, 0});
    derive_bench_next(&bench, 1000);
    expect_number(mode(&bench, "user"), 0.125);
    expect_number(mode(&bench, "nice"), 0);
    expect_number(mode(&bench, "system"), 0.0625);
    expect_number(mode(&bench, "idle"), 0.4375);
    expect_number(mode(&bench, "iowait"), 0.0625);
    expect_number(mode(&bench, "irq"), 0.03125);
    expect_number(mode(&bench, "softirq"), 0.03125);
    expect_number(mode(&bench, "steal"), 0.0625);
    expect_number(mode(&bench, "guest"), 0.1875);
    expect_number(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""),
                  0.5); /* 1 - 0.4375 - 0.0625 */
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        sum += sample_value(mode(&bench, modes[i]));
    ck_assert_double_eq_tol(sum, 1, 1e-12);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(guest_time_read_later_than_user_time_is_no_negative_share)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_cpu(&bench, "0", (double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    derive_bench_next(&bench, 1000);
    put_cpu(&bench, "0", (double[]){0.25, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0});
    derive_bench_next(&bench, 1000);
    expect_number(mode(&bench, "user"), 0);
    expect_number(mode(&bench, "guest"), 0.5); /* of 0 + 0.5 + 0.5 */
    expect_number(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""), 0.5);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(no_time_at_all_is_no_share)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 2; i++) {
        put_cpu(&bench, "0", (double[]){1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
        derive_bench_next(&bench, 1000);
    }
    expect_absent(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""));
    expect_absent(mode(&bench, "idle"));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(what_an_application_says_of_a_cpu_is_not_this_machine)
{
    struct derive_bench bench;
    uint32_t slot;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    slot = model_declare(&bench.model, "node_load1", "job=other", SERIES_APPLICATION,
                         MODEL_INTERVAL_MS);
    put_cpu(&bench, "0", (double[10]){0});
    derive_bench_put(&bench, "node_load1", "", 1);
    model_set(&bench.model, slot, 100);
    derive_bench_next(&bench, 1000);
    put_cpu(&bench, "0", (double[10]){1});
    derive_bench_put(&bench, "node_load1", "", 1);
    model_set(&bench.model, slot, 100);
    derive_bench_next(&bench, 1000);
    expect_number(derive_bench_value(&bench, "tacho_load_per_cpu", ""), 1);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(a_cpu_that_leaves_and_returns)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    for (int i = 0; i < 6; i++) {
        /* cpu0 is idle for a quarter of each second, cpu1 always. */
        put_cpu(&bench, "0", (double[]){0.75 * i, 0, 0, 0.25 * i, 0, 0, 0, 0, 0, 0});
        if (i < 2 || i > 3)
            put_cpu(&bench, "1", (double[]){0, 0, 0, i < 2 ? 5000 + i : i, 0, 0, 0, 0, 0, 0});
        derive_bench_put(&bench, "node_load1", "", 3);
        derive_bench_next(&bench, 1000);
        if (i == 1 || i == 5) /* both: 0.75 of 2 s */
            expect_number(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""), 0.375);
        if (i >= 2 && i <= 4) /* one, also in the tick in which the other has no rate yet */
            expect_number(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""), 0.75);
        expect_number(derive_bench_value(&bench, "tacho_load_per_cpu", ""),
                      i == 2 || i == 3 ? 3 : 1.5);
    }
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(what_was_not_read_in_this_tick_gives_nothing)
{
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_cpu(&bench, "0", (double[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    derive_bench_put(&bench, "node_load1", "", 3);
    derive_bench_put(&bench, "node_memory_MemTotal_bytes", "", 1000);
    derive_bench_put(&bench, "node_memory_MemAvailable_bytes", "", 400);
    derive_bench_next(&bench, 1000);
    put_cpu(&bench, "0", (double[]){0.5, 0, 0, 0.5, 0, 0, 0, 0, 0, 0});
    derive_bench_next(&bench, 1000);
    expect_number(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""), 0.5);
    expect_absent(derive_bench_value(&bench, "tacho_load_per_cpu", ""));
    expect_absent(derive_bench_value(&bench, "tacho_memory_used_bytes", ""));
    expect_absent(derive_bench_value(&bench, "tacho_memory_used_ratio", ""));
    derive_bench_put(&bench, "node_load1", "", 3);
    derive_bench_next(&bench, 1000);
    expect_absent(derive_bench_value(&bench, "tacho_cpu_busy_ratio", ""));
    expect_absent(mode(&bench, "user"));
    expect_absent(derive_bench_value(&bench, "tacho_load_per_cpu", ""));
    derive_bench_remove(&bench);
}
END_TEST

/* --- memory --- */

struct memory {
    /* NAN: the kernel has no such field */
    double total, available, free, buffers, cached, shmem, reclaimable, arc_size, arc_min;
    double used; /* NAN: none */
};

static void put_known(struct derive_bench *bench, const char *name, double value)
{
    if (!isnan(value))
        derive_bench_put(bench, name, "", value);
}

START_TEST(memory_used)
{
    static const struct memory cases[] = {
        {1000, 400, 100, 50, 300, 80, 40, NAN, NAN, 600},
        /* Of the ARC what is above its minimum can be taken: 1000 - 400 - (300 - 50). */
        {1000, 400, 100, 50, 300, 80, 40, 300, 50, 350},
        {1000, 400, 100, 50, 300, 80, 40, 50, 300, 600},
        /* Never negative: 1000 - 900 - 250. */
        {1000, 900, 100, 50, 300, 80, 40, 300, 50, 0},
        /* Before Linux 3.14: 100 + 50 + 300 - 80 + 40 = 410 are available. */
        {1000, NAN, 100, 50, 300, 80, 40, NAN, NAN, 590},
        {1000, NAN, 100, 50, 300, 80, 40, 100, 10, 500},
        {1000, NAN, 100, NAN, NAN, NAN, NAN, NAN, NAN, 900},
        {1000, NAN, NAN, 50, 300, 80, 40, NAN, NAN, NAN},
        {NAN, 400, 100, 50, 300, 80, 40, NAN, NAN, NAN},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct memory *memory = &cases[i];
        struct derive_bench bench;

        derive_bench_make(&bench, DERIVE_BENCH_SERIES);
        put_known(&bench, "node_memory_MemTotal_bytes", memory->total);
        put_known(&bench, "node_memory_MemAvailable_bytes", memory->available);
        put_known(&bench, "node_memory_MemFree_bytes", memory->free);
        put_known(&bench, "node_memory_Buffers_bytes", memory->buffers);
        put_known(&bench, "node_memory_Cached_bytes", memory->cached);
        put_known(&bench, "node_memory_Shmem_bytes", memory->shmem);
        put_known(&bench, "node_memory_SReclaimable_bytes", memory->reclaimable);
        put_known(&bench, "node_zfs_arc_size", memory->arc_size);
        put_known(&bench, "node_zfs_arc_c_min", memory->arc_min);
        derive_bench_next(&bench, 1000);
        if (isnan(memory->total)) {
            ck_assert_ptr_null(model_find(&bench.model, "tacho_memory_used_bytes", ""));
        } else if (isnan(memory->used)) {
            expect_absent(derive_bench_value(&bench, "tacho_memory_used_bytes", ""));
            expect_absent(derive_bench_value(&bench, "tacho_memory_used_ratio", ""));
        } else {
            expect_number(derive_bench_value(&bench, "tacho_memory_used_bytes", ""), memory->used);
            expect_number(derive_bench_value(&bench, "tacho_memory_used_ratio", ""),
                          memory->used / 1000);
            expect_number(derive_bench_value(&bench, "tacho_memory_available_estimated", ""),
                          isnan(memory->available));
        }
        derive_bench_remove(&bench);
    }
}
END_TEST

START_TEST(swap_that_is_not_there_has_no_ratio)
{
    static const double cases[][3] = {
        {1000, 250, 0.75}, {1000, 1000, 0}, {1000, 0, 1}, {0, 0, NAN}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct derive_bench bench;

        derive_bench_make(&bench, DERIVE_BENCH_SERIES);
        derive_bench_put(&bench, "node_memory_SwapTotal_bytes", "", cases[i][0]);
        derive_bench_put(&bench, "node_memory_SwapFree_bytes", "", cases[i][1]);
        derive_bench_next(&bench, 1000);
        if (isnan(cases[i][2]))
            expect_absent(derive_bench_value(&bench, "tacho_swap_used_ratio", ""));
        else
            expect_number(derive_bench_value(&bench, "tacho_swap_used_ratio", ""), cases[i][2]);
        derive_bench_remove(&bench);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("derive", cpu_time_is_shared_among_the_modes,
                     guest_time_read_later_than_user_time_is_no_negative_share,
                     no_time_at_all_is_no_share,
                     what_an_application_says_of_a_cpu_is_not_this_machine,
                     a_cpu_that_leaves_and_returns, what_was_not_read_in_this_tick_gives_nothing,
                     memory_used, swap_that_is_not_there_has_no_ratio);
}
