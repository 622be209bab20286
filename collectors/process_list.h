/*
 * What the processes of the machine did between two looks at them. A list is made once; then it is
 * only read, on any thread, by whoever holds it. All texts in it are as the processes gave them:
 * hostile bytes, perhaps no UTF-8, perhaps with newlines, but without zeros.
 */
#ifndef TACHO_COLLECTORS_PROCESS_LIST_H
#define TACHO_COLLECTORS_PROCESS_LIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TASK_COMM_LEN, with the NUL: proc_pid_comm(5). */
#define PROCESS_NAME_BYTES 16
/* Bytes of a command line that are kept, without the NUL. */
#define PROCESS_COMMAND_MAX 1024
/* Processes in a list; those beyond, which have the highest pids, are counted alone. */
#define PROCESS_LIST_MAX 32768

/* An immutable text with a counted number of holders, so that successive lists share it. */
struct process_text {
    _Atomic uint32_t references;
    uint32_t length; /* without the NUL */
    char text[];
};

/* A copy with one reference; NULL without memory. Zeros in it become spaces. */
struct process_text *process_text_new(const char *text, size_t length);
struct process_text *process_text_hold(struct process_text *text); /* NULL stays NULL */
void process_text_put(struct process_text *text);                  /* NULL is a no-op */

/* The letters of proc_pid_stat(5) that are told apart; any other is the last. */
#define PROCESS_STATES      "RSDZTtIX?"
#define PROCESS_STATE_COUNT (sizeof PROCESS_STATES - 1)

/* A process is one by its pid and start: pids are used again. */
struct process_entry {
    uint32_t pid;
    uint32_t parent_pid; /* 0: none, or beyond this pid namespace */
    uint32_t uid;        /* effective */
    uint32_t threads;
    uint64_t start_ticks;  /* since boot, in USER_HZ: tells it from others of its pid */
    int64_t start_time_ms; /* Unix time */
    uint64_t rss_bytes;
    uint64_t shared_bytes; /* of these: with others, as files and shared memory */
    /*
     * Over the list's span, or since the process was looked at before; NaN: not known, since it was
     * seen once or may not be read.
     */
    double cpu_cores; /* 1 is one CPU in full; at most as many as there are */
    double read_bytes_per_second;
    double write_bytes_per_second;
    char state;                    /* a letter of PROCESS_STATES */
    char name[PROCESS_NAME_BYTES]; /* with NUL */
    struct process_text *command;  /* arguments with spaces between; NULL: it has none */
    struct process_text *user;     /* the uid's name, or its number; never NULL */
};

struct process_list {
    _Atomic uint32_t references;
    bool selected;          /* from the past: those alone that were among the top then */
    uint64_t seq;           /* of the tick that asked for it */
    int64_t time_ms;        /* and its wall time */
    int64_t mono_ns;        /* CLOCK_MONOTONIC of that; 0 in a list from the past */
    int64_t span_ms;        /* what rates are over; 0: it is the first look, which has none */
    uint32_t visible;       /* processes that could be read */
    uint32_t unread;        /* those that are listed and were not read: they may not be
                               (hidepid=noaccess), or are beyond PROCESS_LIST_MAX */
    bool hides;             /* others may exist that are not even listed (hidepid=invisible) */
    uint32_t io_hidden;     /* of the visible: their reading and writing may not be known */
    uint32_t threads;       /* of the visible */
    uint32_t total_threads; /* of the machine: loadavg's; 0: not known */
    uint32_t by_state[PROCESS_STATE_COUNT]; /* of the visible */
    double busy_cores;                      /* what all CPUs did, of /proc/stat; NaN: not known */
    double unattributed_cores; /* of that, what no process in the list did: at least 0; or NaN */
    size_t count;
    size_t capacity;
    struct process_entry *entries; /* by ascending pid */
};

/* With room for so many, all else zero, and one reference; NULL without memory. */
struct process_list *process_list_new(size_t capacity);
struct process_list *process_list_hold(struct process_list *list);
void process_list_put(struct process_list *list); /* NULL is a no-op */

/*
 * Appends an entry, whose references to texts it takes, also on failure; the maker's, before others
 * hold the list. 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int process_list_add(struct process_list *list,
                                                         const struct process_entry *entry);

/* The index of a letter in PROCESS_STATES. */
size_t process_state_index(char letter);

/* Where lists go, and who wants them: the daemon, or a test. */
struct process_board {
    /* Whether somebody watches, so that a list is wanted each second. Main loop. */
    bool (*is_watched)(struct process_board *board, int64_t mono_ns);
    /* Takes the list. A worker; one call at a time; short. */
    void (*publish)(struct process_board *board, struct process_list *list);
};

#endif
