#include "daemon/ring.h"

#include <semaphore.h>
#include <time.h>

#include "tests/unit/model.h"

/* What happens on the ring thread. */
struct witness {
    struct history *history;
    uint64_t stored[64];
    _Atomic size_t stored_count;
    _Atomic size_t published_count;
    _Atomic uint64_t published_seq; /* history_last() when told */
    uint64_t hangs_at;              /* the store of this tick waits for go_on; 0: none does */
    sem_t hangs, go_on;
};

static void on_store(void *arg, uint64_t seq)
{
    struct witness *witness = arg;

    witness->stored[atomic_load(&witness->stored_count)] = seq;
    atomic_fetch_add(&witness->stored_count, 1);
    if (seq == witness->hangs_at) {
        sem_post(&witness->hangs);
        sem_wait(&witness->go_on);
    }
}

static void on_published(void *arg)
{
    struct witness *witness = arg;

    atomic_store(&witness->published_seq, history_last(witness->history));
    atomic_fetch_add(&witness->published_count, 1);
}

static void witness_make(struct witness *witness)
{
    *witness = (struct witness){.hangs_at = 0};
    ck_assert_int_eq(history_new(4, &witness->history), 0);
    sem_init(&witness->hangs, 0, 0);
    sem_init(&witness->go_on, 0, 0);
}

static void witness_remove(struct witness *witness)
{
    sem_destroy(&witness->hangs);
    sem_destroy(&witness->go_on);
    history_free(witness->history);
}

static struct ring *start(struct witness *witness, bool stores)
{
    const struct ring_options options = {.history = witness->history,
                                         .store = stores ? on_store : NULL,
                                         .store_arg = witness,
                                         .on_published = on_published,
                                         .published_arg = witness};
    struct ring *ring;

    ck_assert_int_eq(ring_start(&options, &ring), 0);
    return ring;
}

/* Commits the next tick, whose one word is its number. */
static uint64_t commit(struct witness *witness)
{
    uint64_t seq = history_begin(witness->history);
    const struct tick tick = {.seq = seq, .mono_ns = (int64_t)seq};

    history_extend(witness->history, 1);
    atomic_store_explicit(history_words(witness->history), sample_word((double)seq),
                          memory_order_release);
    history_commit(witness->history, &tick);
    return seq;
}

static void await_published(const struct witness *witness, uint64_t seq, size_t count)
{
    for (int ms = 0; ms < 10000; ms++) {
        if (history_last(witness->history) >= seq &&
            atomic_load(&witness->published_count) >= count)
            return;
        nanosleep(&(struct timespec){.tv_nsec = NS_PER_MS}, NULL);
    }
    ck_abort_msg("tick %llu was not published", (unsigned long long)seq);
}

static void expect_stored_up_to(const struct witness *witness, uint64_t last)
{
    ck_assert_uint_eq(atomic_load(&witness->stored_count), last);
    for (uint64_t seq = 1; seq <= last; seq++)
        ck_assert_uint_eq(witness->stored[seq - 1], seq);
}

START_TEST(each_tick_is_published_once_and_told)
{
    struct witness witness;
    struct ring *ring;

    witness_make(&witness);
    ring = start(&witness, false);
    for (uint64_t n = 1; n <= 20; n++) {
        ring_submit(ring, commit(&witness));
        await_published(&witness, n, n);
        ck_assert_uint_eq(atomic_load(&witness.published_seq), n);
        /* It is there already: the main loop's timer does nothing. */
        ring_publish_unwritten(ring, n);
    }
    ring_stop(ring);
    ck_assert_uint_eq(atomic_load(&witness.published_count), 20);
    witness_remove(&witness);
}
END_TEST

START_TEST(nothing_is_published_before_it_is_submitted)
{
    struct witness witness;
    struct ring *ring;

    witness_make(&witness);
    ring = start(&witness, true);
    ck_assert_uint_eq(commit(&witness), 1);
    ring_stop(ring);
    ck_assert_uint_eq(history_last(witness.history), 0);
    ck_assert_uint_eq(atomic_load(&witness.published_count), 0);
    witness_remove(&witness);
}
END_TEST

START_TEST(stores_in_order_before_publishing)
{
    struct witness witness;
    struct ring *ring;

    witness_make(&witness);
    witness.hangs_at = 3;
    ring = start(&witness, true);
    for (int i = 0; i < 5; i++)
        ring_submit(ring, commit(&witness));
    sem_wait(&witness.hangs);
    ck_assert_uint_eq(history_last(witness.history), 2);
    sem_post(&witness.go_on);
    await_published(&witness, 5, 5);
    ring_stop(ring);
    expect_stored_up_to(&witness, 5);
    witness_remove(&witness);
}
END_TEST

START_TEST(a_hung_store_stops_no_tick)
{
    struct witness witness;
    struct ring *ring;
    uint64_t word;

    witness_make(&witness);
    witness.hangs_at = 2;
    ring = start(&witness, true);
    ring_submit(ring, commit(&witness));
    ring_submit(ring, commit(&witness));
    sem_wait(&witness.hangs);
    ck_assert_uint_eq(history_last(witness.history), 1);
    ck_assert_uint_eq(ring_unwritten_ticks(ring), 0);
    ring_publish_unwritten(ring, 2);
    ck_assert_uint_eq(history_last(witness.history), 2);
    ck_assert_uint_eq(ring_unwritten_ticks(ring), 1);
    ck_assert_uint_eq(atomic_load(&witness.published_count), 2);
    ring_publish_unwritten(ring, 2);
    ck_assert_uint_eq(ring_unwritten_ticks(ring), 1);
    ring_submit(ring, commit(&witness));
    ring_publish_unwritten(ring, 3);
    ck_assert_uint_eq(ring_unwritten_ticks(ring), 2);
    /* The disk answers: what waited is stored, not published again, and what follows is as ever. */
    sem_post(&witness.go_on);
    ring_submit(ring, commit(&witness));
    await_published(&witness, 4, 4);
    ck_assert_uint_eq(ring_unwritten_ticks(ring), 2);
    ring_stop(ring);
    ck_assert_uint_eq(atomic_load(&witness.published_count), 4);
    expect_stored_up_to(&witness, 4);
    for (uint64_t seq = 1; seq <= 4; seq++) {
        history_read_column(witness.history, &(struct series){.slot = 0}, seq, 1, &word);
        expect_number(word, (double)seq);
    }
    witness_remove(&witness);
}
END_TEST

START_TEST(stopping_stores_and_publishes_what_waits)
{
    struct witness witness;
    struct ring *ring;

    witness_make(&witness);
    witness.hangs_at = 1;
    ring = start(&witness, true);
    for (int i = 0; i < 6; i++)
        ring_submit(ring, commit(&witness));
    sem_wait(&witness.hangs);
    sem_post(&witness.go_on);
    ring_stop(ring);
    expect_stored_up_to(&witness, 6);
    ck_assert_uint_eq(history_last(witness.history), 6);
    witness_remove(&witness);
}
END_TEST

/* The thread has perhaps not begun to run when it is told to stop. */
START_TEST(stopping_at_once_loses_nothing)
{
    for (unsigned round = 0; round < 300; round++) {
        struct witness witness;
        struct ring *ring;

        witness_make(&witness);
        ring = start(&witness, true);
        ring_submit(ring, commit(&witness));
        if (round % 2 == 1) {
            await_published(&witness, 1, 1);
            ring_submit(ring, commit(&witness));
        }
        ring_stop(ring);
        expect_stored_up_to(&witness, round % 2 + 1);
        ck_assert_uint_eq(history_last(witness.history), round % 2 + 1);
        witness_remove(&witness);
    }
}
END_TEST

START_TEST(a_ring_goes_on_where_the_history_is)
{
    struct witness witness;
    struct ring *ring;

    witness_make(&witness);
    for (int i = 0; i < 3; i++)
        history_publish(witness.history, commit(&witness));
    ring = start(&witness, true);
    ring_submit(ring, commit(&witness));
    ring_stop(ring);
    ck_assert_uint_eq(atomic_load(&witness.stored_count), 1);
    ck_assert_uint_eq(witness.stored[0], 4);
    ck_assert_uint_eq(history_last(witness.history), 4);
    ring_stop(NULL);
    witness_remove(&witness);
}
END_TEST

int main(void)
{
    return RUN_TESTS("ring", each_tick_is_published_once_and_told,
                     nothing_is_published_before_it_is_submitted, stores_in_order_before_publishing,
                     a_hung_store_stops_no_tick, stopping_stores_and_publishes_what_waits,
                     stopping_at_once_loses_nothing, a_ring_goes_on_where_the_history_is);
}
