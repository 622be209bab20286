#include "daemon/orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake_runner.h"
#include "tests/unit/support.h"

#define CLIENTS (ORDERS_AT_WORK + ORDERS_WAITING + 1)

/* In place of libmicrohttpd's: what is suspended and resumed is counted. */
static int suspended;

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    (void)connection;
    suspended++;
}

void MHD_resume_connection(struct MHD_Connection *connection)
{
    (void)connection;
    suspended--;
}

static int alive; /* orders that nobody has freed */

static void on_make(struct order *order)
{
    buffer_append_text(&order->body, "made");
}

static void on_free(struct order *order)
{
    alive--;
    free(order);
}

static struct order *new_order(void)
{
    struct order *order = calloc(1, sizeof *order);

    ck_assert_ptr_nonnull(order);
    order_init(order, on_make, on_free);
    alive++;
    return order;
}

/* A loop with orders, workers that are held until they are let go, and clients. */
struct bench {
    struct orders orders;
    struct fake_runner runner;
    struct ev_loop *ev;
    struct request clients[CLIENTS];
    int runs;
};

static void on_resumed(void *arg)
{
    ((struct bench *)arg)->runs++;
}

static struct bench *bench_make(void)
{
    struct bench *bench = calloc(1, sizeof *bench);

    ck_assert_ptr_nonnull(bench);
    suspended = alive = 0;
    bench->ev = ev_loop_new(EVFLAG_AUTO);
    fake_runner_init(&bench->runner);
    bench->runner.held = true;
    ck_assert_int_eq(
        orders_init(&bench->orders, bench->ev, &bench->runner.runner, on_resumed, bench), 0);
    return bench;
}

static void place(struct bench *bench, int client)
{
    struct problem problem;

    ck_assert_int_eq(orders_place(&bench->orders, &bench->clients[client], new_order(), &problem),
                     0);
}

/* What MHD does with a request that was resumed: true if it has what it ordered. */
static bool served(struct bench *bench, int client)
{
    struct order *order = orders_take(&bench->orders, &bench->clients[client]);

    if (!order)
        return false;
    ck_assert_uint_eq(order->body.size, strlen("made"));
    order_put(order);
    orders_leave(&bench->orders, &bench->clients[client]);
    return true;
}

static void bench_remove(struct bench *bench)
{
    if (!bench->orders.ended)
        orders_end(&bench->orders);
    ck_assert_int_eq(suspended, 0);
    orders_finish(&bench->orders);
    fake_runner_finish(&bench->runner);
    ck_assert_int_eq(alive, 0);
    ev_run(bench->ev, 0); /* nothing keeps the loop */
    ev_loop_destroy(bench->ev);
    free(bench);
}

START_TEST(what_is_made_is_handed_over)
{
    struct bench *bench = bench_make();

    place(bench, 0);
    place(bench, 1);
    ck_assert_int_eq(suspended, 2);
    fake_runner_answer_last(&bench->runner);
    ev_run(bench->ev, EVRUN_ONCE);
    ck_assert_int_eq(suspended, 1);
    ck_assert_int_eq(bench->runs, 1);
    ck_assert(!bench->clients[0].order->made);
    ck_assert(served(bench, 1));
    ck_assert_ptr_null(bench->clients[1].order);
    fake_runner_let_go(&bench->runner);
    ev_run(bench->ev, EVRUN_ONCE);
    ck_assert(served(bench, 0));
    bench_remove(bench);
}
END_TEST

START_TEST(so_many_are_at_work_and_wait_and_no_more)
{
    struct bench *bench = bench_make();
    struct order *refused = new_order();
    struct problem problem;

    for (int i = 0; i < ORDERS_AT_WORK + ORDERS_WAITING; i++)
        place(bench, i);
    ck_assert_uint_eq(bench->runner.submitted, ORDERS_AT_WORK);
    ck_assert_int_eq(orders_place(&bench->orders, &bench->clients[CLIENTS - 1], refused, &problem),
                     -EINVAL);
    ck_assert_uint_eq(problem.status, 503);
    ck_assert_ptr_nonnull(strstr(problem.detail, "64 wait"));
    ck_assert_ptr_null(bench->clients[CLIENTS - 1].order);
    order_put(refused);
    /* The next begins when one is made, in their order. */
    fake_runner_answer_last(&bench->runner);
    ev_run(bench->ev, EVRUN_ONCE);
    ck_assert_uint_eq(bench->runner.submitted, ORDERS_AT_WORK + 1);
    ck_assert_ptr_eq(bench->runner.waiting, &bench->clients[ORDERS_AT_WORK].order->task);
    ck_assert(served(bench, ORDERS_AT_WORK - 1));
    fake_runner_let_go(&bench->runner);
    while (suspended > 0)
        ev_run(bench->ev, EVRUN_ONCE);
    for (int i = 0; i < ORDERS_AT_WORK + ORDERS_WAITING; i++)
        ck_assert(i == ORDERS_AT_WORK - 1 || served(bench, i));
    bench_remove(bench);
}
END_TEST

/* While theirs waits, is made, or was made; the worker goes on, and its place is taken till then.
 */
START_TEST(who_leaves_is_not_asked_again)
{
    struct bench *bench = bench_make();

    for (int i = 0; i < ORDERS_AT_WORK + 3; i++)
        place(bench, i);
    for (int i = ORDERS_AT_WORK + 2; i >= ORDERS_AT_WORK; i -= 2) {
        orders_leave(&bench->orders, &bench->clients[i]);
        suspended--;
    }
    ck_assert_int_eq(alive, ORDERS_AT_WORK + 1);
    orders_leave(&bench->orders, &bench->clients[0]);
    suspended--;
    ck_assert_int_eq(alive, ORDERS_AT_WORK + 1);
    ck_assert_uint_eq(bench->runner.submitted, ORDERS_AT_WORK);
    fake_runner_let_go(&bench->runner);
    while (suspended > 0)
        ev_run(bench->ev, EVRUN_ONCE);
    ck_assert_int_eq(alive, ORDERS_AT_WORK);
    for (int i = 1; i < ORDERS_AT_WORK; i++)
        orders_leave(&bench->orders, &bench->clients[i]);
    ck_assert(served(bench, ORDERS_AT_WORK + 1));
    bench_remove(bench);
}
END_TEST

/* Some made, some at work with a client and without, some that wait: all are resumed. */
START_TEST(the_end_waits_for_no_worker)
{
    struct bench *bench = bench_make();

    for (int i = 0; i < ORDERS_AT_WORK + 2; i++)
        place(bench, i);
    orders_leave(&bench->orders, &bench->clients[0]);
    suspended--;
    fake_runner_answer_last(&bench->runner); /* and the loop has not heard of it */
    orders_end(&bench->orders);
    ck_assert_int_eq(suspended, 0);
    ck_assert(served(bench, ORDERS_AT_WORK - 1));
    for (int i = 1; i < ORDERS_AT_WORK + 2; i++)
        ck_assert(i == ORDERS_AT_WORK - 1 || !served(bench, i));
    orders_finish(&bench->orders);
    /* Those at work are made when all is gone. */
    ck_assert_int_eq(alive, ORDERS_AT_WORK - 1);
    fake_runner_let_go(&bench->runner);
    ck_assert_int_eq(alive, 0);
    bench_remove(bench);
}
END_TEST

START_TEST(nothing_is_taken_after_the_end)
{
    struct bench *bench = bench_make();
    struct order *order = new_order();
    struct problem problem;

    orders_end(&bench->orders);
    ck_assert_int_eq(orders_place(&bench->orders, &bench->clients[0], order, &problem), -EINVAL);
    ck_assert_uint_eq(problem.status, 503);
    order_put(order);
    bench_remove(bench);
}
END_TEST

int main(void)
{
    return RUN_TESTS("orders", what_is_made_is_handed_over,
                     so_many_are_at_work_and_wait_and_no_more, who_leaves_is_not_asked_again,
                     the_end_waits_for_no_worker, nothing_is_taken_after_the_end);
}
