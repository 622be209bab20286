/* What a service manager is to its service: an ear, and what the environment says. */
#ifndef TACHO_TESTS_UNIT_MANAGER_H
#define TACHO_TESTS_UNIT_MANAGER_H

#include <stdint.h>

#include "tests/unit/support.h"

#define MANAGER_TEXT_BYTES 4096

struct manager {
    struct folder folder;
    int fd;
    char text[MANAGER_TEXT_BYTES];
};

/* It waits so long for its watchdog to be fed; 0: it has none. */
void manager_make(struct manager *manager, int64_t watchdog_us);
void manager_remove(struct manager *manager);

/* The oldest message that was not asked for yet; "" if there is none. */
const char *manager_hear(struct manager *manager);

#endif
