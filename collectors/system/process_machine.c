#include "collectors/system/process_machine.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "collectors/parse.h"
#include "collectors/system/loadavg.h"
#include "collectors/system/stat.h"

#define FIELDS        7
#define NS_PER_SECOND 1e9

/* "cpu  1 2 3 …", then a line "cpuN 1 2 3 …" for each that is online. */
int process_machine_parse(const char *text, size_t length, struct process_machine_cpus *out)
{
    static const unsigned wanted[PROCESS_MACHINE_TIMES] = {0, 1, 2, 5, 6};
    struct scanner scanner = scanner_over(text, length);
    struct process_machine_cpus cpus = {0};
    uint64_t fields[FIELDS];
    struct stat_lines lines = {0};
    struct scanner line;

    if (!scan_line(&scanner, &line) || !scan_literal(&line, "cpu"))
        return -EBADMSG;
    for (unsigned field = 0; field < FIELDS; field++) {
        if (!scan_blanks(&line) || !scan_u64(&line, &fields[field]))
            return -EBADMSG;
    }
    while (scan_line(&scanner, &line) && scan_literal(&line, "cpu"))
        cpus.count++;
    if (cpus.count == 0)
        return -EBADMSG;
    for (unsigned time = 0; time < PROCESS_MACHINE_TIMES; time++)
        cpus.ticks[time] = fields[wanted[time]];
    /* What is wrong with other lines is no matter here. */
    (void)!stat_parse(text, length, &lines);
    if ((lines.present & 1U << STAT_FORKS) != 0)
        cpus.forks = lines.values[STAT_FORKS];
    *out = cpus;
    return 0;
}

static unsigned online_cpus(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count > 0 ? (unsigned)count : 1;
}

int process_machine_init(struct process_machine *machine, const char *procfs)
{
    int result;

    *machine = (struct process_machine){.cpus.count = online_cpus()};
    result = procfs_open(&machine->stat, procfs, "stat");
    if (result == -ENOMEM)
        return result;
    result = procfs_open(&machine->loadavg, procfs, "loadavg");
    return result == -ENOMEM ? result : 0;
}

void process_machine_finish(struct process_machine *machine)
{
    procfs_close(&machine->stat);
    procfs_close(&machine->loadavg);
}

double process_machine_busy(struct process_machine *machine, int64_t mono_ns)
{
    const struct process_machine_cpus former = machine->cpus;
    const int64_t former_ns = machine->read_ns;
    double ticks = 0;
    const char *text;
    size_t length;

    machine->read_ns = 0;
    if (procfs_read(&machine->stat, &text, &length) < 0 ||
        process_machine_parse(text, length, &machine->cpus) < 0) {
        machine->cpus.forks = 0;
        return NAN;
    }
    machine->read_ns = mono_ns;
    if (former_ns == 0 || mono_ns <= former_ns)
        return NAN;
    /* Fields step back a little when a CPU goes. */
    for (unsigned time = 0; time < PROCESS_MACHINE_TIMES; time++) {
        if (machine->cpus.ticks[time] > former.ticks[time])
            ticks += (double)(machine->cpus.ticks[time] - former.ticks[time]);
    }
    return ticks / (double)sysconf(_SC_CLK_TCK) / ((double)(mono_ns - former_ns) / NS_PER_SECOND);
}

uint32_t process_machine_threads(struct process_machine *machine)
{
    struct loadavg load;
    const char *text;
    size_t length;

    if (procfs_read(&machine->loadavg, &text, &length) < 0 ||
        loadavg_parse(text, length, &load) < 0 || load.threads > UINT32_MAX)
        return 0;
    return (uint32_t)load.threads;
}
