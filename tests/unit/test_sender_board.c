#include "daemon/sender_board.h"

#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/support.h"

static struct sender_board board;
static struct sender_status statuses[STATSD_SENDERS_MAX];
static const struct sender_status *pointers[STATSD_SENDERS_MAX];

/* All are told apart by this number. */
static void number(int32_t base)
{
    for (int32_t i = 0; i < STATSD_SENDERS_MAX; i++) {
        statuses[i] = (struct sender_status){
            .key = "command", .origin = "node", .pid = base + i, .last_ms = base};
        pointers[i] = &statuses[i];
    }
}

START_TEST(what_is_read_is_what_was_written_last)
{
    struct sender_status *copy;
    size_t count;

    sender_board_init(&board);
    copy = sender_board_read(&board, &count);
    ck_assert_uint_eq(count, 0);
    free(copy);
    number(1);
    ck_assert(sender_board_write(&board, pointers, STATSD_SENDERS_MAX));
    copy = sender_board_read(&board, &count);
    ck_assert_uint_eq(count, STATSD_SENDERS_MAX);
    ck_assert_int_eq(copy[STATSD_SENDERS_MAX - 1].pid, STATSD_SENDERS_MAX);
    ck_assert_str_eq(copy[0].key, "command");
    ck_assert_str_eq(copy[0].origin, "node");
    free(copy);
    ck_assert(sender_board_write(&board, &pointers[2], 1));
    copy = sender_board_read(&board, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(copy[0].pid, 3);
    free(copy);
    sender_board_finish(&board);
}
END_TEST

START_TEST(a_writer_does_not_wait_for_a_reader)
{
    struct sender_status *copy;
    size_t count;

    sender_board_init(&board);
    number(1);
    ck_assert(sender_board_write(&board, pointers, 1));
    pthread_mutex_lock(&board.lock);
    ck_assert(!sender_board_write(&board, pointers, 2));
    pthread_mutex_unlock(&board.lock);
    copy = sender_board_read(&board, &count);
    ck_assert_uint_eq(count, 1);
    free(copy);
    sender_board_finish(&board);
}
END_TEST

#define ROUNDS 2000

/* Writes until the last round was taken. */
static void *write_all(void *arg)
{
    (void)arg;
    for (int32_t round = 1; round <= ROUNDS; round++) {
        number(round);
        while (!sender_board_write(&board, pointers, (size_t)(round % STATSD_SENDERS_MAX)) &&
               round == ROUNDS)
            ;
    }
    return NULL;
}

/* ThreadSanitizer has to be silent too. */
START_TEST(each_copy_is_of_one_moment)
{
    pthread_t writer;
    int64_t last = 0;

    sender_board_init(&board);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_all, NULL), 0);
    while (last < ROUNDS) {
        size_t count;
        struct sender_status *copy = sender_board_read(&board, &count);

        for (size_t i = 0; i < count; i++) {
            ck_assert_int_eq(copy[i].last_ms, copy[0].last_ms);
            ck_assert_int_eq(copy[i].pid - (pid_t)i, copy[0].last_ms);
        }
        if (count > 0) {
            ck_assert_int_ge(copy[0].last_ms, last);
            ck_assert_uint_eq(count, (size_t)(copy[0].last_ms % STATSD_SENDERS_MAX));
            last = copy[0].last_ms;
        }
        free(copy);
    }
    pthread_join(writer, NULL);
    sender_board_finish(&board);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sender_board", what_is_read_is_what_was_written_last,
                     a_writer_does_not_wait_for_a_reader, each_copy_is_of_one_moment);
}
