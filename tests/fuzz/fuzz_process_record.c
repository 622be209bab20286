#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/process_record.h"
#include "tests/fuzz/harness.h"

static void check_entry(const struct process_entry *entry)
{
    must(strnlen(entry->name, PROCESS_NAME_BYTES) < PROCESS_NAME_BYTES);
    must(entry->user != NULL && strlen(entry->user->text) == entry->user->length);
    must(entry->user->length <= PROCESS_RECORD_USER_MAX);
    must(entry->command == NULL || (entry->command->length <= PROCESS_COMMAND_MAX &&
                                    strlen(entry->command->text) == entry->command->length));
    must(isnan(entry->cpu_cores) || entry->cpu_cores >= 0);
    must(isnan(entry->read_bytes_per_second) || entry->read_bytes_per_second >= 0);
    must(isnan(entry->write_bytes_per_second) || entry->write_bytes_per_second >= 0);
    must(entry->state != '\0' && strchr(PROCESS_STATES, entry->state) != NULL);
}

static void check_list(const struct process_record *block)
{
    struct process_list *list;

    if (process_record_list(block, &list) != 0)
        return;
    must(list->selected && list->count <= PROCESS_RECORD_ENTRIES && list->span_ms >= 0);
    for (size_t i = 0; i < list->count; i++) {
        check_entry(&list->entries[i]);
        must(i == 0 || list->entries[i - 1].pid < list->entries[i].pid);
    }
    process_list_put(list);
}

/* The records of a block, each behind its size in two bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct process_record *block;
    int result = 0;

    must(process_record_new(&block) == 0);
    while (size >= 2 && result == 0) {
        const size_t wanted = data[0] | (size_t)data[1] << 8;
        const size_t taken = wanted < size - 2 ? wanted : size - 2;

        result = process_record_decode(block, data + 2, taken);
        must(result == 0 || result == -EBADMSG || result == -ENOMEM);
        if (result == 0)
            check_list(block);
        data += 2 + taken;
        size -= 2 + taken;
    }
    process_record_free(block);
    return 0;
}
