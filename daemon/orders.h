/*
 * Answers that workers make, because making them may be long or block, as one HTTP loop has them.
 * A request that places an order is suspended, and asked again when what it ordered is made. A few
 * orders of a loop are at work at a time, others wait in turn, and beyond that none is taken.
 *
 * An order belongs to the loop and to the worker that makes it, and goes with the last of them: a
 * client may leave and the loop may end while it is made. HTTP loop only, but for what is said to
 * run on a worker.
 */
#ifndef TACHO_DAEMON_ORDERS_H
#define TACHO_DAEMON_ORDERS_H

#include <ev.h>

#include "collectors/task.h"
#include "daemon/buffer.h"
#include "daemon/request.h"
#include "daemon/scope.h"

#define ORDERS_AT_WORK 4
#define ORDERS_WAITING 64
/* Two workers are left to others, though every order should hang. */
#define ORDERS_BUSY_MAX (TASK_WORKERS_MAX - 2)

struct desk;

/* What is ordered: the first member of whoever knows more of it. */
struct order {
    struct task task; /* first */
    /* On a worker: fills the body, or the problem and says so. Touches what the order holds. */
    void (*make)(struct order *order);
    void (*free)(struct order *order); /* the order and all it holds; any thread */
    struct buffer body;
    struct problem problem;
    bool refused;            /* the problem is the answer */
    bool made;               /* from here on the loop's */
    struct request *request; /* NULL: it has left */
    _Atomic bool left;       /* the same, for the worker */
    struct order *next;
    struct order **place; /* where it is at work; NULL: it waits, or is made */
    struct desk *desk;
};

struct orders {
    struct task_runner *tasks;
    struct desk *desk; /* where workers leave what they made */
    struct order *at_work[ORDERS_AT_WORK];
    struct order *first, *last; /* that wait */
    size_t waiting;
    bool ended;
    void (*resumed)(void *arg);
    void *arg;
};

/* Fills in an order that is all zero, for the loop. */
void order_init(struct order *order, void (*make)(struct order *order),
                void (*free)(struct order *order));

/* Lets go of an order that was not placed, or was taken. */
void order_put(struct order *order);

/*
 * Ready for use on the loop. The tasks outlive it. resumed: requests were resumed; MHD has to run.
 * 0 or -ENOMEM.
 */
int orders_init(struct orders *orders, struct ev_loop *ev, struct task_runner *tasks,
                void (*resumed)(void *arg), void *arg) MUST_CHECK;

/* Whether an order that is placed now is at work at once. */
bool orders_have_place(const struct orders *orders);

/*
 * Suspends the request until the order is made; its handler then gives MHD_YES without an answer.
 * -EINVAL with the problem filled, and the order still the caller's: there are too many.
 */
int orders_place(struct orders *orders, struct request *request, struct order *order,
                 struct problem *problem) MUST_CHECK;

/*
 * What the request has ordered, once it is made, for the caller to let go of. NULL if the loop ends
 * before that: then it is not made for this request.
 */
struct order *orders_take(struct orders *orders, struct request *request);

/* The request ends. A no-op if it has ordered nothing. */
void orders_leave(struct orders *orders, struct request *request);

/* Resumes all, whether theirs is made or not, and takes no order any more. MHD then has to run. */
void orders_end(struct orders *orders);

/* After the end, when no request is left. Waits for no worker. */
void orders_finish(struct orders *orders);

#endif
