#include "daemon/bucket_board.h"

#include <pthread.h>

#include "daemon/histogram.h"
#include "tests/unit/support.h"

static void add(struct bucket_board *board, uint32_t slot, double value, uint32_t times,
                uint64_t count, double sum)
{
    const struct histogram_pair pair = {histogram_bucket(value), times};

    bucket_board_add(board, slot, BUCKETS_SECONDS, &pair, times > 0, count, sum);
}

static struct bucket_totals read_totals(const struct bucket_board *board, uint32_t slot)
{
    struct bucket_totals totals;

    ck_assert(bucket_board_read(board, slot, &totals));
    return totals;
}

START_TEST(what_was_added_is_within_its_bounds)
{
    struct bucket_board *board;
    struct bucket_totals totals;

    ck_assert_int_eq(bucket_board_new(4, &board), 0);
    ck_assert(!bucket_board_read(board, 1, &totals));
    ck_assert(!bucket_board_read(board, 4, &totals));
    add(board, 1, 0.1, 3, 3, 0.3);   /* a bound is within itself */
    add(board, 1, 0.11, 2, 5, 0.52); /* above 0.1 by more than 2 % */
    add(board, 1, 0, 1, 6, 0.52);    /* and what is nothing within the first */
    add(board, 1, 61.3, 4, 10, 245); /* above the last */
    add(board, 1, 1, 0, 11, 246);    /* one for which the tick had no bucket */
    totals = read_totals(board, 1);
    ck_assert_str_eq(bucket_bound(BUCKETS_SECONDS, 7), "0.1");
    ck_assert_uint_eq(totals.counts[0], 1);
    ck_assert_uint_eq(totals.counts[6], 1);
    ck_assert_uint_eq(totals.counts[7], 4);
    ck_assert_uint_eq(totals.counts[8], 6);
    ck_assert_uint_eq(totals.counts[BUCKET_BOUNDS - 1], 6);
    ck_assert_uint_eq(totals.count, 11);
    ck_assert_double_eq(totals.sum, 246);

    bucket_board_end(board, 1);
    ck_assert(!bucket_board_read(board, 1, &totals));
    add(board, 1, 0.1, 1, 1, 0.1);
    totals = read_totals(board, 1);
    ck_assert_uint_eq(totals.counts[7], 1);
    ck_assert_uint_eq(totals.counts[0], 0);
    bucket_board_add(board, SINK_NO_SLOT, BUCKETS_SECONDS, NULL, 0, 1, 1);
    bucket_board_end(board, SINK_NO_SLOT);
    bucket_board_free(board);
    bucket_board_free(NULL);
}
END_TEST

START_TEST(every_bound_has_what_is_as_large)
{
    struct bucket_board *board;

    ck_assert_int_eq(bucket_board_new(2, &board), 0);
    for (enum bucket_scale scale = BUCKETS_SECONDS; scale <= BUCKETS_DECADES; scale++) {
        for (size_t i = 0; i < BUCKET_BOUNDS; i++) {
            const double bound = strtod(bucket_bound(scale, i), NULL);
            const struct histogram_pair pairs[] = {{histogram_bucket(bound), 1},
                                                   {histogram_bucket(bound * 1.021), 1}};
            struct bucket_totals totals;

            bucket_board_end(board, 0);
            bucket_board_add(board, 0, scale, pairs, 2, 2, 0);
            totals = read_totals(board, 0);
            ck_assert_uint_eq(totals.counts[i], 1);
            ck_assert(i == 0 || totals.counts[i - 1] == 0);
            ck_assert(i + 1 == BUCKET_BOUNDS || totals.counts[i + 1] == 2);
        }
    }
    ck_assert_int_eq(bucket_scale_of("seconds"), BUCKETS_SECONDS);
    ck_assert_int_eq(bucket_scale_of(""), BUCKETS_DECADES);
    bucket_board_free(board);
}
END_TEST

#define RACE_ROUNDS 20000

static void *add_in_turn(void *arg)
{
    struct bucket_board *board = arg;

    for (int i = 1; i <= RACE_ROUNDS; i++)
        add(board, 0, 0.0001, 1, (uint64_t)i, i);
    return NULL;
}

START_TEST(what_is_read_is_of_one_moment)
{
    struct bucket_totals totals = {.count = 0};
    struct bucket_board *board;
    pthread_t writer;

    ck_assert_int_eq(bucket_board_new(1, &board), 0);
    ck_assert_int_eq(pthread_create(&writer, NULL, add_in_turn, board), 0);
    while (totals.count < RACE_ROUNDS) {
        if (!bucket_board_read(board, 0, &totals))
            continue;
        for (size_t i = 0; i < BUCKET_BOUNDS; i++)
            ck_assert_uint_eq(totals.counts[i], totals.count);
        ck_assert_double_eq(totals.sum, (double)totals.count);
    }
    pthread_join(writer, NULL);
    bucket_board_free(board);
}
END_TEST

int main(void)
{
    return RUN_TESTS("bucket_board", what_was_added_is_within_its_bounds,
                     every_bound_has_what_is_as_large, what_is_read_is_of_one_moment);
}
