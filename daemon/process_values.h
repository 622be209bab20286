/* How the numbers of a process, and of a list, are told in a record: what process_record.c uses. */
#ifndef TACHO_DAEMON_PROCESS_VALUES_H
#define TACHO_DAEMON_PROCESS_VALUES_H

#include "collectors/process_list.h"
#include "daemon/bit_coder.h"

#define VALUE_UNKNOWN    UINT64_MAX
#define CORES_MAX        (UINT64_C(1) << 32) /* in 1/10000 */
#define IO_MAX           (UINT64_C(1) << 53) /* bytes a second */
#define CORES_PER_UNIT   10000
#define SPAN_MAX         INT32_MAX /* ms */
#define VALUE_CONTEXTS   16
#define SUMMARY_NUMBERS  (9 + PROCESS_STATE_COUNT)
#define SUMMARY_STEADY_0 2 /* the numbers before it grow: seq and time */

/* Of one rate of one process: what it was lately. */
struct rate_past {
    uint64_t average, spread; /* in 1/16 units */
    bool is_unknown;
};

struct rate_models {
    struct bit_model is_unknown[2];
    struct number_model direct[VALUE_CONTEXTS], difference[VALUE_CONTEXTS];
    struct number_model rest[VALUE_CONTEXTS];
};

/* Of one size of one process. */
struct size_past {
    uint8_t changes; /* a bit each, the last ones */
    uint8_t length;  /* bits of the last difference */
};

struct size_models {
    struct bit_model is_changed[8];
    struct bit_model is_whole;
    struct number_model difference[VALUE_CONTEXTS];
};

struct process_values {
    uint64_t rss, shared, threads;
    uint64_t cpu, read, write; /* integers; VALUE_UNKNOWN */
    uint32_t state;            /* an index in PROCESS_STATES */
};

struct values_past {
    struct rate_past cpu, read, write;
    struct size_past rss, shared, threads;
};

struct values_models {
    struct rate_models cpu, read, write;
    struct size_models rss, shared, threads;
    struct bit_model state[PROCESS_STATE_COUNT][4][16];
};

/* What a list says beside its processes. */
struct process_summary {
    uint64_t numbers[SUMMARY_NUMBERS];
    uint64_t busy, unattributed;
};

struct summary_past {
    struct process_summary last;
    uint64_t steps[SUMMARY_STEADY_0];
    struct rate_past busy, unattributed;
};

struct summary_models {
    struct number_model numbers[SUMMARY_NUMBERS];
    struct rate_models busy, unattributed;
};

/* All models and pasts are zero at first. */

void values_of(const struct process_entry *entry, struct process_values *out);
void values_put(const struct process_values *values, struct process_entry *entry);

/* Codes what the values became; `last` is what they were. False if it read what cannot be. */
bool code_values(struct bit_coder *coder, struct values_models *models, struct values_past *past,
                 const struct process_values *last, uint64_t span_ms,
                 struct process_values *values);

void summary_of(const struct process_list *list, struct process_summary *out);
void summary_put(const struct process_summary *summary, struct process_list *list);
int64_t summary_time_ms(const struct process_summary *summary);
int64_t summary_span_ms(const struct process_summary *summary);
bool code_summary(struct bit_coder *coder, struct summary_models *models, struct summary_past *past,
                  struct process_summary *summary);

#endif
