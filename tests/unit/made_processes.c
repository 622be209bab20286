#include "tests/unit/made_processes.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/support.h"

struct process_list *process_list_make(uint64_t seq, const struct made_process *processes,
                                       size_t count)
{
    struct process_list *list = process_list_new(count);

    ck_assert_ptr_nonnull(list);
    list->seq = seq;
    list->time_ms = 1700000000000 + (int64_t)seq * 1000;
    list->span_ms = 1000;
    list->busy_cores = 1.5;
    list->unattributed_cores = 0.25;
    for (size_t i = 0; i < count; i++) {
        const struct made_process *made = &processes[i];
        struct process_entry entry = {.pid = made->pid,
                                      .parent_pid = 1,
                                      .uid = 0,
                                      .threads = 2,
                                      .start_time_ms = 1600000000000,
                                      .rss_bytes = made->rss_bytes,
                                      .shared_bytes = made->shared_bytes,
                                      .cpu_cores = made->cpu_cores,
                                      .read_bytes_per_second = made->read_bytes_per_second,
                                      .write_bytes_per_second = made->write_bytes_per_second,
                                      .state = 'S',
                                      .user = process_text_new("root", 4)};

        snprintf(entry.name, sizeof entry.name, "%s", made->name);
        if (made->command)
            entry.command = process_text_new(made->command, strlen(made->command));
        ck_assert_int_eq(process_list_add(list, &entry), 0);
        list->visible++;
        list->threads += 2;
        list->by_state[process_state_index('S')]++;
    }
    return list;
}
