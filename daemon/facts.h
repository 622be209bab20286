/* What does not change while the daemon runs, for /v1/info: read once at start. */
#ifndef TACHO_DAEMON_FACTS_H
#define TACHO_DAEMON_FACTS_H

#include <stdint.h>

#include "collectors/collector.h"
#include "collectors/system/container_view.h"

struct facts {
    char host[256];        /* uname(2) nodename */
    char os[256];          /* PRETTY_NAME of os-release(5), else uname's sysname */
    char kernel[256];      /* uname(2) release */
    long cpus;             /* online at start */
    uint64_t memory_bytes; /* sysinfo(2): usable RAM */
    struct container_view container_view;
};

void facts_read(const struct collector_roots *roots, struct facts *out);

#endif
