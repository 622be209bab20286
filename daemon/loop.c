#include "daemon/loop.h"

#include "daemon/clock.h"

void loop_note_delay(struct loop *loop, uint64_t ns)
{
    uint64_t longest = atomic_load_explicit(&loop->delay_ns, memory_order_relaxed);

    /* If the value is taken meanwhile, the exchange fails and the next try compares with 0. */
    while (ns > longest &&
           !atomic_compare_exchange_weak_explicit(&loop->delay_ns, &longest, ns,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

static void on_before_poll(struct ev_loop *ev, ev_prepare *watcher, int events)
{
    struct loop *loop = watcher->data;
    uint64_t busy = (uint64_t)(clock_mono_ns() - loop->woke_ns);

    (void)ev;
    (void)events;
    atomic_fetch_add_explicit(&loop->busy_ns, busy, memory_order_relaxed);
    atomic_fetch_add_explicit(&loop->iterations, 1, memory_order_relaxed);
    loop_note_delay(loop, busy);
}

static void on_after_poll(struct ev_loop *ev, ev_check *watcher, int events)
{
    struct loop *loop = watcher->data;

    (void)ev;
    (void)events;
    loop->woke_ns = clock_mono_ns();
}

void loop_init(struct loop *loop, const char *name, struct ev_loop *ev)
{
    *loop = (struct loop){.name = name, .ev = ev, .woke_ns = clock_mono_ns()};
    ev_prepare_init(&loop->before_poll, on_before_poll);
    ev_check_init(&loop->after_poll, on_after_poll);
    loop->before_poll.data = loop;
    loop->after_poll.data = loop;
    ev_set_priority(&loop->before_poll, EV_MINPRI); /* last before the poll */
    ev_set_priority(&loop->after_poll, EV_MAXPRI);  /* first after it */
    ev_prepare_start(ev, &loop->before_poll);
    ev_unref(ev);
    ev_check_start(ev, &loop->after_poll);
    ev_unref(ev);
}

void loop_finish(struct loop *loop)
{
    ev_ref(loop->ev);
    ev_prepare_stop(loop->ev, &loop->before_poll);
    ev_ref(loop->ev);
    ev_check_stop(loop->ev, &loop->after_poll);
}

uint64_t loop_busy_ns(const struct loop *loop)
{
    return atomic_load_explicit(&loop->busy_ns, memory_order_relaxed);
}

uint64_t loop_iterations(const struct loop *loop)
{
    return atomic_load_explicit(&loop->iterations, memory_order_relaxed);
}

uint64_t loop_take_delay_ns(struct loop *loop)
{
    return atomic_exchange_explicit(&loop->delay_ns, 0, memory_order_relaxed);
}
