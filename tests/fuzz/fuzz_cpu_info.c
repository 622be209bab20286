/* What is read of CPUs: cpuinfo, lists of them, their flaws. */
#include "collectors/system/cpu_folder.h"
#include "collectors/system/cpu_info.h"
#include "collectors/system/cpu_vulnerabilities.h"
#include "tests/fuzz/harness.h"

static int is_inside(struct span span, const char *text, size_t size)
{
    return span.length == 0 || (span.at >= text && span.at + span.length <= text + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct cpu_info_list list = {0};
    struct cpu_vulnerability flaw = {0};
    struct cpu_set set = {{false}};
    int result = cpu_info_parse(text, size, &list);

    must((result == 0) == (list.count > 0));
    must(is_inside(list.flags, text, size) && is_inside(list.bugs, text, size));
    for (size_t cpu = 0; cpu < list.count; cpu++) {
        for (size_t field = 0; field < CPU_INFO_FIELDS; field++) {
            must(list.cpus[cpu].fields[field].length <= CPU_INFO_VALUE_MAX);
            must(is_inside(list.cpus[cpu].fields[field], text, size));
        }
    }
    cpu_info_finish(&list);
    result = cpu_vulnerability_parse(text, size, &flaw);
    must((result == 0) == (flaw.state != NULL));
    must(is_inside(flaw.mitigation, text, size));
    result = cpu_set_parse(text, size, &set);
    must(result == 0 || !set.has[0]);
    return 0;
}
