/* How a record tells who a process is: what process_record.c uses. */
#ifndef TACHO_DAEMON_PROCESS_IDENTITY_H
#define TACHO_DAEMON_PROCESS_IDENTITY_H

#include "collectors/process_list.h"
#include "daemon/scope.h"
#include "daemon/text_coder.h"

/* A user that was told of. */
struct known_user {
    uint32_t uid;
    struct process_text *text; /* that of a process of the block */
};

struct identity_models {
    struct number_model pid, start, offset, parent, uid, user;
    struct bit_model is_same_parent, has_command, is_named_alike;
};

/* Of the processes of a block. All zero at first. */
struct process_identities {
    struct text_model texts;
    struct identity_models models;
    struct known_user *users;
    size_t user_count, user_capacity;
};

void process_identities_finish(struct process_identities *all);

/*
 * Codes who a process is, beside the one that was told of before it. now: whom it writes; NULL: it
 * reads. *who gets the identity and references to texts, all else is undefined; the texts stay as
 * long as `all` is used. 0, -EBADMSG, -ENOMEM.
 */
int process_identity_code(struct process_identities *all, struct bit_coder *coder,
                          const struct process_entry *before, const struct process_entry *now,
                          struct process_entry *who) MUST_CHECK;

/* NULL is like NULL alone. */
bool process_text_equals(const struct process_text *a, const struct process_text *b);

#endif
