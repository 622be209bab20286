/* NVMe controllers and their namespaces: class/nvme in sysfs. Some attributes ask the controller.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_NVME_H
#define TACHO_COLLECTORS_SYSTEM_NVME_H

#include <stdbool.h>

#include "collectors/collector.h"
#include "collectors/parse.h"

/*
 * The number in the name of a namespace's folder below its controller: "1" of nvme0n1, and of
 * nvme0c2n1, which is one of several paths to it. False, with *out untouched, of other names.
 */
bool nvme_namespace_number(const char *name, struct span *out);

extern const struct collector nvme_collector;

#endif
