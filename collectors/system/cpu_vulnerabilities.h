/* What the kernel knows of flaws of the CPU: devices/system/cpu/vulnerabilities of sysfs. */
#ifndef TACHO_COLLECTORS_SYSTEM_CPU_VULNERABILITIES_H
#define TACHO_COLLECTORS_SYSTEM_CPU_VULNERABILITIES_H

#include "collectors/collector.h"
#include "collectors/parse.h"

struct cpu_vulnerability {
    const char *state;      /* constant: "not affected", "vulnerable", "mitigation", "unknown" */
    struct span mitigation; /* into the text; may be empty */
};

/*
 * "Mitigation: PTI", "Vulnerable", "KVM: Mitigation: VMX disabled". 0, or -EBADMSG with *out
 * untouched.
 */
__attribute__((warn_unused_result)) int cpu_vulnerability_parse(const char *text, size_t length,
                                                                struct cpu_vulnerability *out);

extern const struct collector cpu_vulnerabilities_collector;

#endif
