#include "daemon/loop.h"

#include <assert.h>

#include "daemon/clock.h"

/* If the value is taken meanwhile, the exchange fails and the next try compares with 0. */
static void keep_longest(_Atomic uint64_t *longest_ns, uint64_t ns)
{
    uint64_t longest = atomic_load_explicit(longest_ns, memory_order_relaxed);

    while (ns > longest &&
           !atomic_compare_exchange_weak_explicit(longest_ns, &longest, ns, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
}

static void enter_at(struct loop *loop, enum loop_phase phase, int64_t now_ns)
{
    atomic_fetch_add_explicit(&loop->phase_ns[loop->phase], (uint64_t)(now_ns - loop->entered_ns),
                              memory_order_relaxed);
    loop->phase = phase;
    loop->entered_ns = now_ns;
}

static void on_before_poll(struct ev_loop *ev, ev_prepare *watcher, int events)
{
    struct loop *loop = watcher->data;
    int64_t now_ns = clock_mono_ns();

    (void)ev;
    (void)events;
    enter_at(loop, PHASE_IDLE, now_ns);
    atomic_fetch_add_explicit(&loop->iterations, 1, memory_order_relaxed);
    keep_longest(&loop->delay_ns, (uint64_t)(now_ns - loop->woke_ns));
}

static void on_after_poll(struct ev_loop *ev, ev_check *watcher, int events)
{
    struct loop *loop = watcher->data;

    (void)ev;
    (void)events;
    loop->woke_ns = clock_mono_ns();
    enter_at(loop, PHASE_SERVE, loop->woke_ns);
}

void loop_init(struct loop *loop, const char *name, struct ev_loop *ev,
               const char *const *callback_names, size_t callback_count)
{
    int64_t now_ns = clock_mono_ns();

    assert(callback_count <= LOOP_CALLBACKS_MAX);
    *loop = (struct loop){.name = name,
                          .ev = ev,
                          .woke_ns = now_ns,
                          .phase = PHASE_SERVE,
                          .entered_ns = now_ns,
                          .callback_names = callback_names,
                          .callback_count = callback_count};
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

const char *loop_phase_name(enum loop_phase phase)
{
    static const char *const names[LOOP_PHASES] = {"idle", "sample", "store", "encode", "serve"};

    return names[phase];
}

enum loop_phase loop_enter(struct loop *loop, enum loop_phase phase)
{
    enum loop_phase former = loop->phase;

    enter_at(loop, phase, clock_mono_ns());
    return former;
}

struct loop_run loop_begin(struct loop *loop, size_t callback)
{
    return (struct loop_run){.loop = loop, .callback = callback, .began_ns = clock_mono_ns()};
}

void loop_end(const struct loop_run *run)
{
    keep_longest(&run->loop->callback_ns[run->callback],
                 (uint64_t)(clock_mono_ns() - run->began_ns));
}

uint64_t loop_phase_ns(const struct loop *loop, enum loop_phase phase)
{
    return atomic_load_explicit(&loop->phase_ns[phase], memory_order_relaxed);
}

uint64_t loop_iterations(const struct loop *loop)
{
    return atomic_load_explicit(&loop->iterations, memory_order_relaxed);
}

void loop_note_delay(struct loop *loop, uint64_t ns)
{
    keep_longest(&loop->delay_ns, ns);
}

uint64_t loop_take_delay_ns(struct loop *loop)
{
    return atomic_exchange_explicit(&loop->delay_ns, 0, memory_order_relaxed);
}

uint64_t loop_take_callback_ns(struct loop *loop, size_t callback)
{
    return atomic_exchange_explicit(&loop->callback_ns[callback], 0, memory_order_relaxed);
}
