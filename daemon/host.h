/*
 * Which Host headers are answered. A page of another site can have its own name point here (DNS
 * rebinding) and would then read everything as if it were of this origin, but its requests carry
 * that name. Pure and bounded, but for the gate.
 */
#ifndef TACHO_DAEMON_HOST_H
#define TACHO_DAEMON_HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define HOST_NAME_BYTES 254 /* of a name in the DNS, with its terminator */
#define HOST_OWN_NAMES  3

/* The names that are answered beside numeric addresses, localhost and *.localhost. */
struct host_rules {
    char own[HOST_OWN_NAMES][HOST_NAME_BYTES]; /* this machine's; empty where there is none */
    const char *const *listed;
    size_t listed_count;
};

/* From uname(2)'s nodename: that, its first label, and that one in mDNS. listed outlives it. */
void host_rules_init(struct host_rules *rules, const char *nodename, const char *const *listed,
                     size_t listed_count);

/* True if it can be a host's name: dot-separated labels; one dot may end it. */
bool host_name_is_valid(const char *name);

/* True for a header's value (length bytes) that names a host of the rules, and perhaps a port. */
bool host_is_allowed(const struct host_rules *rules, const char *header, size_t length);

/* The rules in force: HTTP loops ask, and the main loop may list other names meanwhile. */
struct host_gate {
    pthread_mutex_t lock; /* for the time of one check or one assignment */
    struct host_rules rules;
};

/* As host_rules_init. */
void host_gate_init(struct host_gate *gate, const char *nodename, const char *const *listed,
                    size_t listed_count);
void host_gate_finish(struct host_gate *gate);

/* Other listed names, which outlive the gate or the next call; the former are in use no more. */
void host_gate_list(struct host_gate *gate, const char *const *listed, size_t listed_count);

/* As host_is_allowed. Any thread; it waits for no more than the check of another. */
bool host_gate_allows(struct host_gate *gate, const char *header, size_t length);

#endif
