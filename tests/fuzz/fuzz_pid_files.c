#include <string.h>

#include "collectors/system/pid_files.h"
#include "collectors/system/process_machine.h"
#include "tests/fuzz/harness.h"

/* The files of a process, and the machine's two beside them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct process_machine_cpus cpus;
    char command[PROCESS_COMMAND_MAX];
    size_t length = size < sizeof command ? size : sizeof command;
    struct pid_statm memory;
    struct pid_stat stat;
    struct pid_io io;
    uint32_t uid;

    if (pid_stat_parse(text, size, &stat) == 0) {
        must(size >= sizeof "1 () S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 " - 1);
        must(stat.name[PROCESS_NAME_BYTES - 1] == '\0');
        must(stat.start_ticks <= INT64_MAX);
    }
    if (pid_statm_parse(text, size, &memory) == 0)
        must(size >= sizeof "1 1 1 \n" - 1);
    if (pid_io_parse(text, size, &io) == 0)
        must(text[size - 1] == '\n');
    if (pid_uid_parse(text, size, &uid) == 0)
        must(size >= sizeof "Uid:\t0\t0\t\n" - 1);
    if (process_machine_parse(text, size, &cpus) == 0)
        must(cpus.count > 0);
    if (length > 0)
        memcpy(command, text, length);
    length = pid_command_clean(command, length);
    must(length == 0 || (command[length - 1] != ' ' && !memchr(command, '\0', length)));
    return 0;
}
