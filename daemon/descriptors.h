/* The limit on open files of this process. */
#ifndef TACHO_DAEMON_DESCRIPTORS_H
#define TACHO_DAEMON_DESCRIPTORS_H

#include <stddef.h>

/*
 * Raises the soft limit to what is wanted, or to the hard limit where that is less; never lowers
 * it. How many descriptors there are then, at most what is wanted; 0 if nobody can say.
 */
size_t descriptors_raise(size_t wanted);

/*
 * How many connections HTTP may have: as many as are configured, or as 0 says most, if there are
 * descriptors for them and what else needs some; a warning tells of those that are configured and
 * cannot be.
 */
size_t descriptors_for_connections(size_t configured, size_t most);

#endif
