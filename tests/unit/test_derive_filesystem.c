/* How full file systems are. Their series have a longer interval than the tick. */
#include "tests/unit/derive_bench.h"

#define USED        "tacho_filesystem_used_ratio"
#define INODES_USED "tacho_filesystem_inodes_used_ratio"
#define ROOT        "device=/dev/sda1,fstype=ext4,mountpoint=/"
#define SLOW_MS     10000

struct mount {
    double size, free, available, inodes, inodes_free;
};

static void put_mount(struct derive_bench *bench, const char *labels, unsigned flags,
                      const struct mount *mount)
{
    const struct {
        const char *name;
        double value;
    } all[] = {
        {"node_filesystem_avail_bytes", mount->available},
        {"node_filesystem_files", mount->inodes},
        {"node_filesystem_files_free", mount->inodes_free},
        {"node_filesystem_free_bytes", mount->free},
        {"node_filesystem_size_bytes", mount->size},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        model_set(&bench->model, model_declare(&bench->model, all[i].name, labels, flags, SLOW_MS),
                  all[i].value);
}

static void make(struct derive_bench *bench, const struct mount *mount)
{
    derive_bench_make(bench, DERIVE_BENCH_SERIES);
    put_mount(bench, ROOT, SERIES_IN_TOTAL, mount);
    derive_bench_next(bench, 1000);
}

/* 100 blocks of which 30 are free and 5 of these reserved: 70 of 95 are used, as df has it. */
START_TEST(reserved_blocks_are_neither_used_nor_available)
{
    struct derive_bench bench;

    make(&bench, &(struct mount){100, 30, 25, 1000, 750});
    expect_number(derive_bench_value(&bench, USED, ROOT), 70. / 95);
    expect_number(derive_bench_value(&bench, INODES_USED, ROOT), .25);
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(full_for_all_but_root_is_one)
{
    struct derive_bench bench;

    make(&bench, &(struct mount){100, 5, 0, 10, 0});
    expect_number(derive_bench_value(&bench, USED, ROOT), 1);
    expect_number(derive_bench_value(&bench, INODES_USED, ROOT), 1);
    derive_bench_remove(&bench);
}
END_TEST

/* btrfs counts no inodes; a FUSE file system that does not let us in says 0 of everything. */
START_TEST(nothing_counted_is_no_ratio)
{
    struct derive_bench bench;

    make(&bench, &(struct mount){.size = 0});
    expect_absent(derive_bench_value(&bench, USED, ROOT));
    expect_absent(derive_bench_value(&bench, INODES_USED, ROOT));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(a_device_counts_once)
{
    static const char bind[] = "device=/dev/sda1,fstype=ext4,mountpoint=/var/lib";
    static const char other[] = "device=/dev/sdb1,fstype=xfs,mountpoint=/srv";
    struct derive_bench bench;

    derive_bench_make(&bench, DERIVE_BENCH_SERIES);
    put_mount(&bench, bind, 0, &(struct mount){100, 50, 50, 10, 5});
    put_mount(&bench, ROOT, SERIES_IN_TOTAL, &(struct mount){100, 50, 50, 10, 5});
    put_mount(&bench, other, SERIES_IN_TOTAL, &(struct mount){100, 75, 75, 10, 9});
    derive_bench_next(&bench, 1000);
    expect_number(derive_bench_value(&bench, USED, ROOT), .5);
    expect_number(derive_bench_value(&bench, USED, other), .25);
    expect_near(derive_bench_value(&bench, INODES_USED, other), .1);
    ck_assert_ptr_null(model_find(&bench.model, USED, bind));
    derive_bench_remove(&bench);
}
END_TEST

START_TEST(it_has_its_inputs_interval)
{
    struct derive_bench bench;

    make(&bench, &(struct mount){100, 30, 30, 10, 5});
    expect_number(derive_bench_value(&bench, USED, ROOT), .7);
    ck_assert_uint_eq(model_find(&bench.model, USED, ROOT)->interval_ms, SLOW_MS);
    for (int i = 0; i < 9; i++) {
        derive_bench_next(&bench, 1000);
        expect_absent(derive_bench_value(&bench, USED, ROOT));
    }
    put_mount(&bench, ROOT, SERIES_IN_TOTAL, &(struct mount){100, 20, 20, 10, 5});
    derive_bench_next(&bench, 1000);
    expect_number(derive_bench_value(&bench, USED, ROOT), .8);
    derive_bench_remove(&bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("derive_filesystem", reserved_blocks_are_neither_used_nor_available,
                     full_for_all_but_root_is_one, nothing_counted_is_no_ratio,
                     a_device_counts_once, it_has_its_inputs_interval);
}
