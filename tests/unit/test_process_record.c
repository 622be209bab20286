#include "daemon/process_record.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/process_past.h"
#include "daemon/process_top.h"
#include "tests/bench/process_scene.h"
#include "tests/unit/process_lists.h"
#include "tests/unit/support.h"

static struct process_record *block_new(void)
{
    struct process_record *block;

    ck_assert_int_eq(process_record_new(&block), 0);
    return block;
}

static int encode(struct process_record *block, const struct process_list *list, struct buffer *out)
{
    uint32_t indices[PROCESS_ORDERS * PROCESS_PAST_TOP];
    const size_t count = process_top_union(list, PROCESS_PAST_TOP, indices);

    out->size = 0;
    return process_record_encode(block, list, indices, count, out);
}

/* Writes the list, reads it back, and compares. In memory of its size, as sanitizers want it. */
static void check(struct process_record *writer, struct process_record *reader,
                  const struct process_list *list)
{
    struct buffer bytes = {0};
    struct process_list *kept;
    uint8_t *copy;

    ck_assert_int_eq(encode(writer, list, &bytes), 0);
    copy = malloc(bytes.size + 1);
    memcpy(copy, bytes.data, bytes.size);
    ck_assert_int_eq(process_record_decode(reader, copy, bytes.size), 0);
    ck_assert_int_eq(process_record_time_ms(reader), list->time_ms);
    ck_assert_int_eq(process_record_span_ms(reader), list->span_ms);
    ck_assert_int_eq(process_record_list(reader, &kept), 0);
    ck_assert(process_list_is_kept(list, kept));
    process_list_put(kept);
    free(copy);
    buffer_finish(&bytes);
}

START_TEST(a_block_of_a_machine_comes_back)
{
    struct process_record *writer = block_new(), *reader = block_new();
    struct scene scene;

    scene_init(&scene, 200, 60, 5);
    scene.ends_one_in = 3;
    for (int i = 0; i < 300; i++) {
        struct process_list *list = scene_next(&scene, i == 0 ? 0 : i % 50 == 0 ? 5000 : 1000);

        check(writer, reader, list);
        process_list_put(list);
    }
    scene_finish(&scene);
    process_record_free(writer);
    process_record_free(reader);
}
END_TEST

static double random_rate(struct scene *scene, double most)
{
    switch (scene_random(scene) % 5) {
    case 0:
        return NAN;
    case 1:
        return 0;
    case 2:
        return most;
    default:
        return pow(scene_random(scene) / 0x1p32, 9) * most;
    }
}

static uint64_t random_bits(struct scene *scene)
{
    return ((uint64_t)scene_random(scene) << 32 | scene_random(scene)) >> scene_random(scene) % 64;
}

static struct process_text *random_text(struct scene *scene, size_t most)
{
    char text[PROCESS_COMMAND_MAX];
    const size_t length = scene_random(scene) % (most + 1);

    for (size_t i = 0; i < length; i++)
        text[i] = (char)(scene_random(scene) % 255 + 1);
    return process_text_new(text, length);
}

static struct process_list *random_list(struct scene *scene, size_t count)
{
    struct process_list *list = process_list_new(count);
    uint32_t pid = 0;

    list->seq = random_bits(scene);
    list->time_ms = (int64_t)(random_bits(scene) >> 1);
    list->span_ms = (int64_t)(random_bits(scene) % 100000);
    list->visible = (uint32_t)random_bits(scene);
    list->unread = (uint32_t)random_bits(scene);
    list->hides = scene_random(scene) % 2;
    list->io_hidden = (uint32_t)random_bits(scene);
    list->threads = (uint32_t)random_bits(scene);
    list->total_threads = (uint32_t)random_bits(scene);
    for (size_t i = 0; i < PROCESS_STATE_COUNT; i++)
        list->by_state[i] = (uint32_t)random_bits(scene);
    list->busy_cores = random_rate(scene, 4096);
    list->unattributed_cores = random_rate(scene, 4096);
    for (size_t i = 0; i < count; i++) {
        struct process_entry entry = {
            .pid = pid += 1 + scene_random(scene) % 5,
            .parent_pid = (uint32_t)random_bits(scene),
            .uid = (uint32_t)random_bits(scene),
            .threads = (uint32_t)random_bits(scene),
            .start_ticks = random_bits(scene),
            .start_time_ms = (int64_t)(random_bits(scene) >> 2),
            .rss_bytes = random_bits(scene),
            .shared_bytes = random_bits(scene),
            .cpu_cores = random_rate(scene, 4096),
            .read_bytes_per_second = random_rate(scene, 1e12),
            .write_bytes_per_second = random_rate(scene, 1e12),
            .state = PROCESS_STATES[scene_random(scene) % PROCESS_STATE_COUNT],
            .user = random_text(scene, 40),
            .command = scene_random(scene) % 3 ? random_text(scene, PROCESS_COMMAND_MAX) : NULL,
        };

        for (size_t j = 0; j < scene_random(scene) % PROCESS_NAME_BYTES; j++)
            entry.name[j] = (char)(scene_random(scene) % 255 + 1);
        ck_assert_int_eq(process_list_add(list, &entry), 0);
    }
    return list;
}

START_TEST(lists_of_anything_come_back)
{
    struct scene scene = {.random = 6};

    for (int round = 0; round < 10; round++) {
        struct process_record *writer = block_new(), *reader = block_new();

        for (int i = 0; i < 20; i++) {
            struct process_list *list = random_list(&scene, scene_random(&scene) % 100);

            check(writer, reader, list);
            process_list_put(list);
        }
        process_record_free(writer);
        process_record_free(reader);
    }
}
END_TEST

static struct process_list *one(uint32_t pid, uint64_t start_ticks, const char *command)
{
    struct process_list *list = process_list_new(1);
    struct process_entry entry = {
        .pid = pid,
        .start_ticks = start_ticks,
        .start_time_ms = (int64_t)start_ticks * 10,
        .state = 'S',
        .name = "x",
        .command = command != NULL ? process_text_new(command, strlen(command)) : NULL,
        .user = process_text_new("root", 4),
    };

    list->time_ms = 1764363600000;
    ck_assert_int_eq(process_list_add(list, &entry), 0);
    return list;
}

START_TEST(a_pid_that_is_used_again_is_another)
{
    static const struct {
        uint64_t start_ticks;
        const char *command;
    } lives[] = {{100, "a b"}, {100, "a b"}, {200, "a b"}, {100, "a b"},
                 {200, "a c"}, {200, NULL},  {200, ""},    {200, "a b"}};
    struct process_record *writer = block_new(), *reader = block_new();

    for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
        struct process_list *list = one(77, lives[i].start_ticks, lives[i].command);

        check(writer, reader, list);
        process_list_put(list);
    }
    process_record_free(writer);
    process_record_free(reader);
}
END_TEST

START_TEST(what_does_not_change_is_nearly_free)
{
    struct process_record *writer = block_new();
    struct process_list *list;
    struct buffer bytes = {0};
    size_t total = 0;
    struct scene scene;

    scene_init(&scene, 400, 0, 7);
    list = scene_next(&scene, 1000);
    list->busy_cores = list->unattributed_cores = 0;
    for (int i = 0; i < 500; i++) {
        list->time_ms += 1000;
        list->seq++;
        ck_assert_int_eq(encode(writer, list, &bytes), 0);
        total += i < 100 ? 0 : bytes.size;
    }
    /* Some forty processes. */
    ck_assert_uint_lt(total, 400 * 8);
    buffer_finish(&bytes);
    process_list_put(list);
    scene_finish(&scene);
    process_record_free(writer);
}
END_TEST

/* So many that none was before. */
static struct process_list *strangers(uint32_t *pid, size_t count)
{
    struct process_list *list = process_list_new(count);

    for (size_t i = 0; i < count; i++) {
        struct process_entry entry = {
            .pid = ++*pid, .state = 'S', .user = process_text_new("root", 4)};

        ck_assert_int_eq(process_list_add(list, &entry), 0);
    }
    return list;
}

/* As of compilers while something is built: many, brief, with long command lines that are alike. */
static struct process_list *compilers(int round)
{
    struct process_list *list = process_list_new(8);

    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t number = (uint32_t)round * 8 + i;
        struct process_entry entry = {
            .pid = number + 2, .start_ticks = number, .state = 'R', .name = "cc1"};
        char command[600];
        int length = snprintf(command, sizeof command, "cc -o out/%x.o", number * 2654435761U);

        for (int flag = 0; length < 500; flag++)
            length += snprintf(command + length, sizeof command - (size_t)length, " -Wflag-%d-%d",
                               flag, (int)i * flag);
        entry.command = process_text_new(command, (size_t)length);
        entry.user = process_text_new("builder", 7);
        ck_assert_int_eq(process_list_add(list, &entry), 0);
    }
    return list;
}

START_TEST(texts_that_are_alike_cost_little_however_many_they_are)
{
    struct process_record *writer = block_new(), *reader = block_new();
    struct buffer bytes = {0};
    size_t all = 0;

    /* 800 KB of texts, where 64 KB are looked into. */
    for (int round = 0; round < 200; round++) {
        struct process_list *list = compilers(round), *kept;

        ck_assert_int_eq(encode(writer, list, &bytes), 0);
        all += bytes.size;
        ck_assert_int_eq(process_record_decode(reader, (const uint8_t *)bytes.data, bytes.size), 0);
        ck_assert_int_eq(process_record_list(reader, &kept), 0);
        ck_assert(process_list_is_kept(list, kept));
        process_list_put(kept);
        process_list_put(list);
    }
    ck_assert_uint_lt(all, 200 * 8 * 40);
    buffer_finish(&bytes);
    process_record_free(writer);
    process_record_free(reader);
}
END_TEST

START_TEST(a_block_has_a_bound)
{
    struct process_record *writer = block_new(), *reader = block_new();
    struct process_list *list;
    struct buffer bytes = {0};
    uint32_t pid = 0;

    while (pid + PROCESS_PAST_TOP <= PROCESS_RECORD_KNOWN) {
        list = strangers(&pid, PROCESS_PAST_TOP);
        check(writer, reader, list);
        process_list_put(list);
    }
    list = strangers(&pid, PROCESS_PAST_TOP);
    ck_assert_int_eq(encode(writer, list, &bytes), -ENOSPC);
    process_list_put(list);
    buffer_finish(&bytes);
    process_record_free(writer);
    process_record_free(reader);
}
END_TEST

/* Whatever was damaged: an error or a list, and nothing worse. */
START_TEST(any_bytes_are_read)
{
    struct scene scene = {.random = 8}, machine;
    size_t refused = 0;

    scene_init(&machine, 40, 20, 9);
    for (int round = 0; round < 60; round++) {
        struct process_record *writer = block_new(), *reader = block_new();
        struct buffer bytes = {0};
        int result = 0;

        for (int i = 0; i < 8 && result == 0; i++) {
            struct process_list *list = scene_next(&machine, 1000), *kept;

            ck_assert_int_eq(encode(writer, list, &bytes), 0);
            process_list_put(list);
            for (uint32_t flips = scene_random(&scene) % 3; flips > 0; flips--)
                bytes.data[scene_random(&scene) % bytes.size] ^=
                    (char)(1 << scene_random(&scene) % 8);
            result = process_record_decode(reader, (const uint8_t *)bytes.data,
                                           scene_random(&scene) % (bytes.size + 1));
            ck_assert(result == 0 || result == -EBADMSG);
            if (result == 0) {
                ck_assert_int_eq(process_record_list(reader, &kept), 0);
                ck_assert_uint_le(kept->count, PROCESS_RECORD_ENTRIES);
                process_list_put(kept);
            }
        }
        refused += result < 0;
        buffer_finish(&bytes);
        process_record_free(writer);
        process_record_free(reader);
    }
    ck_assert_uint_gt(refused, 20);
    scene_finish(&machine);
}
END_TEST

int main(void)
{
    return RUN_TESTS("process_record", a_block_of_a_machine_comes_back, lists_of_anything_come_back,
                     a_pid_that_is_used_again_is_another, what_does_not_change_is_nearly_free,
                     texts_that_are_alike_cost_little_however_many_they_are, a_block_has_a_bound,
                     any_bytes_are_read);
}
