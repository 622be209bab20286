/*
 * Which of the things that it finds a collector reads: devices, mounts, chips, by patterns of the
 * configuration, or else by its own defaults, which are node_exporter's.
 */
#ifndef TACHO_COLLECTORS_CHOICE_H
#define TACHO_COLLECTORS_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "collectors/collector.h"

/* What can be chosen from; the daemon names each in the configuration. */
enum choice {
    CHOICE_ARP_DEVICE,
    CHOICE_CPU_BUG,  /* of cpu_info; nothing unless the configuration says so */
    CHOICE_CPU_FLAG, /* the same */
    CHOICE_DISK_DEVICE,
    CHOICE_FILESYSTEM_MOUNT,
    CHOICE_FILESYSTEM_TYPE,
    CHOICE_HWMON_CHIP,
    CHOICE_NETCLASS_DEVICE,
    CHOICE_NETDEV_DEVICE,
    CHOICE_POWER_SUPPLY,
    CHOICE_COUNT,
};

enum choice_answer {
    CHOICE_UNSAID, /* the configuration says nothing of it: the collector's default counts */
    CHOICE_READ,
    CHOICE_LEFT,
};

/*
 * The daemon's patterns; any thread may ask, workers too, for as long as the daemon runs.
 * Of one choice either every name is CHOICE_UNSAID or none, the empty one too.
 */
struct chooser {
    enum choice_answer (*ask)(const struct chooser *chooser, enum choice choice, const char *name);
};

/* Whether to read the thing of this name, for which the collector's own default is `otherwise`. */
static inline bool choice_takes(const struct collector_roots *roots, enum choice choice,
                                const char *name, bool otherwise)
{
    enum choice_answer answer =
        roots->chooser != NULL ? roots->chooser->ask(roots->chooser, choice, name) : CHOICE_UNSAID;

    return answer == CHOICE_UNSAID ? otherwise : answer == CHOICE_READ;
}

/* Whether the configuration says what to read, so that the collector's own default is nothing. */
static inline bool choice_is_said(const struct collector_roots *roots, enum choice choice)
{
    return roots->chooser != NULL &&
           roots->chooser->ask(roots->chooser, choice, "") != CHOICE_UNSAID;
}

#endif
