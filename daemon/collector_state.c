#include "daemon/collector_state.h"

#include <errno.h>

/* The time above, then the error's number, then 1 more than the condition. */
#define TIME_SHIFT     16
#define ERROR_SHIFT    4
#define ERROR_MASK     0xfffu /* MAX_ERRNO of the kernel's include/linux/err.h */
#define CONDITION_MASK 0xfu

void collector_state_set(struct collector_state *state, enum collector_condition condition,
                         int error, int64_t now_ms)
{
    struct collector_status former;
    bool lasts = collector_state_read(state, &former) && former.condition == condition;
    uint64_t since_ms = (uint64_t)(lasts ? former.since_ms : now_ms);

    atomic_store_explicit(&state->word,
                          since_ms << TIME_SHIFT | ((uint64_t)error & ERROR_MASK) << ERROR_SHIFT |
                              ((uint64_t)condition + 1),
                          memory_order_relaxed);
}

/* An eighth of what it is of late, so that what opening took is forgotten soon. */
void collector_state_add_cost(struct collector_state *state, int64_t took_ns)
{
    const int64_t cost_ns = atomic_load_explicit(&state->cost_ns, memory_order_relaxed);

    atomic_store_explicit(&state->cost_ns,
                          cost_ns == 0 ? took_ns : cost_ns + (took_ns - cost_ns) / 8,
                          memory_order_relaxed);
}

bool collector_result_is_absence(int result)
{
    return result == -ENOENT || result == -EOPNOTSUPP || result == -ENODEV;
}

void collector_state_set_result(struct collector_state *state, int result, int64_t now_ms)
{
    if (result >= 0)
        collector_state_set(state, COLLECTOR_RUNNING, 0, now_ms);
    else if (collector_result_is_absence(result))
        collector_state_set(state, COLLECTOR_ABSENT, 0, now_ms);
    else if (result == -EACCES || result == -EPERM)
        collector_state_set(state, COLLECTOR_DENIED, -result, now_ms);
    else
        collector_state_set(state, COLLECTOR_FAILING, -result, now_ms);
}

bool collector_state_read(const struct collector_state *state, struct collector_status *out)
{
    uint64_t word = atomic_load_explicit(&state->word, memory_order_relaxed);

    if (word == 0)
        return false;
    *out = (struct collector_status){
        .condition = (enum collector_condition)((word & CONDITION_MASK) - 1),
        .error = (int)(word >> ERROR_SHIFT & ERROR_MASK),
        .since_ms = (int64_t)(word >> TIME_SHIFT),
    };
    return true;
}

const char *collector_condition_name(enum collector_condition condition)
{
    static const char *const names[] = {"running", "off", "absent", "denied", "failing"};

    return names[condition];
}
