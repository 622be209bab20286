#include "collectors/system/selinux.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/machine.h"

#define CACHE                                                                                      \
    "lookups hits misses allocations reclaims frees\n"                                             \
    "91590784 91569452 21332 22100 20708 22086\n"                                                  \
    "4294967295 1 2 3 4 5\n"
#define HASH "entries: 503\nbuckets used: 512/1024\nlongest chain: 2\n"

static void round_of(struct machine *machine)
{
    ck_assert_int_eq(machine_tick(machine), COLLECTOR_AGAIN);
    machine_expect_tick(machine);
}

static double of(const struct machine *machine, const char *end)
{
    char name[64];

    snprintf(name, sizeof name, "node_selinux_%s", end);
    return fake_sink_value(&machine->sink, name);
}

static void prepare(struct machine *machine)
{
    machine_make(machine, &selinux_collector);
    folder_write(&machine->folder, "sys/fs/selinux/enforce", "1");
    folder_write(&machine->folder, "sys/fs/selinux/avc/cache_stats", CACHE);
    folder_write(&machine->folder, "sys/fs/selinux/avc/hash_stats", HASH);
    folder_write(&machine->folder, "sys/fs/selinux/avc/cache_threshold", "512");
    folder_write(&machine->folder, "etc/selinux/config",
                 "# SELINUX=disabled\nSELINUX=permissive\n");
    ck_assert_int_eq(machine_open(machine), 0);
}

START_TEST(cache)
{
    static const char *const bad[] = {
        "",
        "lookups hits\n1 2\n",
        "lookups hits misses allocations reclaims frees x\n",
        "lookups hits misses allocations reclaims frees\n1 2 3 4 5\n",
        "lookups hits misses allocations reclaims frees\n1 2 3 4 5 6 7\n",
        "lookups hits misses allocations reclaims frees\n1 2 3 4 5 x\n",
        "lookups hits misses allocations reclaims frees\n1 2 3 4 5 4294967296\n",
    };
    uint64_t sums[SELINUX_COUNTS] = {7, 7, 7, 7, 7, 7};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        ck_assert_msg(selinux_parse_cache(bad[index], strlen(bad[index]), sums) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(sums[0], 7);
    }
    ck_assert_int_eq(selinux_parse_cache(CACHE, strlen(CACHE), sums), 0);
    ck_assert_uint_eq(sums[SELINUX_LOOKUPS], UINT64_C(91590784) + UINT32_MAX);
    ck_assert_uint_eq(sums[SELINUX_FREES], 22091);
}
END_TEST

START_TEST(hash)
{
    static const char *const bad[] = {
        "",
        "entries: 503\n",
        "entries: 503\nbuckets used: 512\nlongest chain: 2\n",
        "entries: 503\nbuckets used: 512/512\nlongest chain: \n",
        HASH "what?",
    };
    struct selinux_hash out = {.entries = 7};

    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        ck_assert_msg(selinux_parse_hash(bad[index], strlen(bad[index]), &out) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_uint_eq(out.entries, 7);
    }
    ck_assert_int_eq(selinux_parse_hash(HASH, strlen(HASH), &out), 0);
    ck_assert_uint_eq(out.entries, 503);
    ck_assert_uint_eq(out.buckets, 1024);
    ck_assert_uint_eq(out.buckets_used, 512);
    ck_assert_uint_eq(out.longest_chain, 2);
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    uint64_t sums[SELINUX_COUNTS];
    struct selinux_hash out;

    if (selinux_parse_cache(text, length, sums) == 0)
        ck_assert_uint_le(sums[SELINUX_MISSES], 21334);
    if (selinux_parse_hash(text, length, &out) == 0)
        ck_assert_uint_eq(out.buckets, 1024);
    ck_assert_int_eq(selinux_parse_config(text, length), -1);
}

START_TEST(every_prefix)
{
    each_prefix(CACHE, expect_justified);
    each_prefix(HASH, expect_justified);
}
END_TEST

START_TEST(config)
{
    static const struct {
        const char *text;
        int mode;
    } texts[] = {
        {"SELINUX=enforcing\n", 1},
        {"# a comment\n  SELINUX=permissive # not yet\n", 0},
        {"SELINUX=disabled\nSELINUX=enforcing\n", -1},
        {"SELINUXTYPE=targeted\nSELINUX=enforcing", 1},
        {"SELINUX=\n", -1},
        {"", -1},
    };

    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++)
        ck_assert_msg(selinux_parse_config(texts[index].text, strlen(texts[index].text)) ==
                          texts[index].mode,
                      "%s", texts[index].text);
}
END_TEST

START_TEST(off_is_said)
{
    struct machine machine;

    machine_make(&machine, &selinux_collector);
    folder_write(&machine.folder, "sys/fs/pstore/x", "");
    ck_assert_int_eq(machine_open(&machine), 0);
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(of(&machine, "enabled"), 0);
    machine_remove(&machine);

    prepare(&machine); /* without a policy */
    folder_write(&machine.folder, "proc/self/attr/current", "kernel\n");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 1);
    ck_assert_double_eq(of(&machine, "enabled"), 0);
    machine_remove(&machine);
}
END_TEST

START_TEST(on)
{
    struct machine machine;

    prepare(&machine);
    folder_write(&machine.folder, "proc/self/attr/current", "system_u:system_r:init_t:s0");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + SELINUX_COUNTS + 4 + 1);
    ck_assert_double_eq(of(&machine, "enabled"), 1);
    ck_assert_double_eq(of(&machine, "current_mode"), 1);
    ck_assert_double_eq(of(&machine, "config_mode"), 0);
    ck_assert_double_eq(of(&machine, "avc_hits_total"), 91569453);
    ck_assert_double_eq(of(&machine, "avc_hash_entries"), 503);
    ck_assert_double_eq(of(&machine, "avc_hash_buckets_available"), 1024);
    ck_assert_double_eq(of(&machine, "avc_threshold"), 512);
    ck_assert(fake_sink_find(&machine.sink, "node_selinux_avc_frees_total")->cumulative);
    machine_remove(&machine);
}
END_TEST

START_TEST(trouble_costs_its_own)
{
    struct machine machine;

    prepare(&machine);
    folder_unlink(&machine.folder, "sys/fs/selinux/avc/cache_stats"); /* such a kernel */
    folder_unlink(&machine.folder, "etc/selinux/config");
    round_of(&machine);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 4 + 1);
    ck_assert_double_eq(of(&machine, "config_mode"), -1);
    folder_write(&machine.folder, "sys/fs/selinux/avc/hash_stats", "what?");
    ck_assert_int_eq(machine_tick(&machine), COLLECTOR_AGAIN);
    machine_expect_part(&machine, -EBADMSG);
    ck_assert_uint_eq(fake_sink_values(&machine.sink), 3 + 1);
    machine_remove(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("selinux", cache, hash, every_prefix, config, off_is_said, on,
                     trouble_costs_its_own);
}
