#include "daemon/orders.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* Outlives its loop for as long as an order is still being made. */
struct desk {
    pthread_mutex_t lock;
    bool open;          /* the loop takes what is left here */
    struct order *made; /* the last one first */
    struct ev_loop *ev;
    ev_async made_some;
    _Atomic int references;
};

/* --- the desk --- */

static void desk_put(struct desk *desk)
{
    if (!desk || atomic_fetch_sub(&desk->references, 1) != 1)
        return;
    pthread_mutex_destroy(&desk->lock);
    free(desk);
}

/* On a worker, whose reference the order lives by. */
static void leave_at_desk(struct desk *desk, struct order *order)
{
    pthread_mutex_lock(&desk->lock);
    if (desk->open) {
        order->next = desk->made;
        desk->made = order;
        ev_async_send(desk->ev, &desk->made_some);
    }
    pthread_mutex_unlock(&desk->lock);
}

static struct order *take_from_desk(struct desk *desk)
{
    struct order *made;

    pthread_mutex_lock(&desk->lock);
    made = desk->made;
    desk->made = NULL;
    pthread_mutex_unlock(&desk->lock);
    return made;
}

/* --- an order --- */

static void on_run(struct task *task)
{
    struct order *order = (struct order *)task;

    order->make(order);
    leave_at_desk(order->desk, order);
}

static void on_free(struct task *task)
{
    struct order *order = (struct order *)task;

    desk_put(order->desk);
    buffer_finish(&order->body);
    order->free(order);
}

void order_init(struct order *order, void (*make)(struct order *order),
                void (*free)(struct order *order))
{
    task_init(&order->task, on_run, on_free);
    order->task.busy_max = ORDERS_BUSY_MAX;
    order->make = make;
    order->free = free;
}

void order_put(struct order *order)
{
    task_abandon(&order->task);
}

/* --- the loop's side --- */

static struct order **find_place(struct orders *orders)
{
    for (size_t i = 0; i < ORDERS_AT_WORK; i++) {
        if (!orders->at_work[i])
            return &orders->at_work[i];
    }
    return NULL;
}

static struct order *take_waiting(struct orders *orders)
{
    struct order *order = orders->first;

    if (!order)
        return NULL;
    orders->first = order->next;
    if (!orders->first)
        orders->last = NULL;
    orders->waiting--;
    return order;
}

static void append_waiting(struct orders *orders, struct order *order)
{
    order->next = NULL;
    if (orders->last)
        orders->last->next = order;
    else
        orders->first = order;
    orders->last = order;
    orders->waiting++;
}

static void remove_waiting(struct orders *orders, const struct order *order)
{
    struct order *before = NULL;

    for (struct order *each = orders->first; each; before = each, each = each->next) {
        if (each != order)
            continue;
        if (before)
            before->next = each->next;
        else
            orders->first = each->next;
        if (orders->last == each)
            orders->last = before;
        orders->waiting--;
        return;
    }
}

static void start_waiting(struct orders *orders)
{
    struct order **place;
    struct order *order;

    while ((place = find_place(orders)) != NULL && (order = take_waiting(orders)) != NULL) {
        *place = order;
        order->place = place;
        task_submit(orders->tasks, &order->task);
    }
}

static void leave_place(struct order *order)
{
    *order->place = NULL;
    order->place = NULL;
}

static void end_order(struct order *order)
{
    leave_place(order);
    order->made = true;
    if (order->request)
        MHD_resume_connection(order->request->connection);
    else
        order_put(order);
}

static void on_made(struct ev_loop *ev, ev_async *async, int events)
{
    struct orders *orders = async->data;
    struct order *next;

    (void)ev;
    (void)events;
    for (struct order *order = take_from_desk(orders->desk); order; order = next) {
        next = order->next;
        end_order(order);
    }
    start_waiting(orders);
    orders->resumed(orders->arg);
}

int orders_init(struct orders *orders, struct ev_loop *ev, struct task_runner *tasks,
                void (*resumed)(void *arg), void *arg)
{
    struct desk *desk = calloc(1, sizeof *desk);

    if (!desk)
        return -ENOMEM;
    *orders = (struct orders){.tasks = tasks, .desk = desk, .resumed = resumed, .arg = arg};
    pthread_mutex_init(&desk->lock, NULL);
    desk->open = true;
    desk->ev = ev;
    atomic_init(&desk->references, 1);
    ev_async_init(&desk->made_some, on_made);
    desk->made_some.data = orders;
    ev_async_start(ev, &desk->made_some);
    return 0;
}

bool orders_have_place(const struct orders *orders)
{
    bool is_free = false;

    for (size_t i = 0; i < ORDERS_AT_WORK; i++)
        is_free |= !orders->at_work[i];
    return is_free && !orders->first;
}

int orders_place(struct orders *orders, struct request *request, struct order *order,
                 struct problem *problem)
{
    if (orders->ended)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, "the daemon is stopping");
    if (orders->waiting == ORDERS_WAITING)
        return problem_set(problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                           "%d such requests are being answered and %d wait already, which is the "
                           "limit; try again later",
                           ORDERS_AT_WORK, ORDERS_WAITING);
    atomic_fetch_add(&orders->desk->references, 1);
    order->desk = orders->desk;
    order->request = request;
    request->order = order;
    MHD_suspend_connection(request->connection);
    append_waiting(orders, order);
    start_waiting(orders);
    return 0;
}

struct order *orders_take(struct orders *orders, struct request *request)
{
    struct order *order = request->order;

    if (!order->made) {
        orders_leave(orders, request);
        return NULL;
    }
    request->order = NULL;
    return order;
}

/* One at work is kept until it is made, and so counts; but after the end nobody hears of that. */
void orders_leave(struct orders *orders, struct request *request)
{
    struct order *order = request->order;

    if (!order)
        return;
    request->order = NULL;
    order->request = NULL;
    atomic_store(&order->left, true);
    if (order->place && !orders->ended)
        return;
    if (order->place)
        leave_place(order);
    else if (!order->made)
        remove_waiting(orders, order);
    order_put(order);
}

void orders_end(struct orders *orders)
{
    struct desk *desk = orders->desk;
    struct order *next;

    orders->ended = true;
    pthread_mutex_lock(&desk->lock);
    desk->open = false;
    pthread_mutex_unlock(&desk->lock);
    ev_async_stop(desk->ev, &desk->made_some);
    for (struct order *order = take_from_desk(desk); order; order = next) {
        next = order->next;
        end_order(order);
    }
    for (size_t i = 0; i < ORDERS_AT_WORK; i++) {
        struct order *order = orders->at_work[i];

        if (!order)
            continue;
        if (order->request) {
            MHD_resume_connection(order->request->connection);
        } else {
            leave_place(order);
            order_put(order);
        }
    }
    for (struct order *order = orders->first; order; order = order->next)
        MHD_resume_connection(order->request->connection);
}

void orders_finish(struct orders *orders)
{
    desk_put(orders->desk);
    orders->desk = NULL;
}
