/* The names of the machine and its kernel, as the labels of a series that is 1: uname(2). */
#ifndef TACHO_COLLECTORS_SYSTEM_UNAME_H
#define TACHO_COLLECTORS_SYSTEM_UNAME_H

#include <sys/utsname.h>

#include "collectors/collector.h"

/* Zero-initialised by the caller. */
struct uname_series {
    struct sink_series info;
    struct utsname shown; /* its labels */
};

/* Shows these names; a series of others is dropped. */
void uname_write(struct uname_series *series, const struct utsname *names, struct sink *sink);

extern const struct collector uname_collector;

#endif
