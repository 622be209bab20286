#include "daemon/process_identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"
#include "daemon/bytes.h"
#include "daemon/process_record.h"

/* start_ticks are in USER_HZ. */
#define TICK_MS 10

bool process_text_equals(const struct process_text *a, const struct process_text *b)
{
    if (a == b || a == NULL || b == NULL)
        return a == b;
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

void process_identities_finish(struct process_identities *all)
{
    free(all->users);
}

struct identity {
    struct process_entry entry; /* but for its texts */
    char name[PROCESS_NAME_BYTES];
    char command[PROCESS_COMMAND_MAX];
    size_t command_length;
    bool has_command;
    size_t user; /* an index of users, or their count: it is new */
    char user_name[PROCESS_RECORD_USER_MAX];
    size_t user_length;
};

static size_t copy_text(char *to, size_t most, const struct process_text *text)
{
    const size_t length = text == NULL ? 0 : text->length < most ? text->length : most;

    if (length > 0)
        memcpy(to, text->text, length);
    return length;
}

static void identity_of(const struct process_identities *all, const struct process_entry *entry,
                        struct identity *out)
{
    out->entry = *entry;
    memcpy(out->name, entry->name, PROCESS_NAME_BYTES);
    out->name[PROCESS_NAME_BYTES - 1] = '\0';
    out->has_command = entry->command != NULL;
    out->command_length = copy_text(out->command, PROCESS_COMMAND_MAX, entry->command);
    out->user_length = copy_text(out->user_name, PROCESS_RECORD_USER_MAX, entry->user);
    for (out->user = 0; out->user < all->user_count; out->user++) {
        const struct known_user *user = &all->users[out->user];

        if (user->uid == entry->uid && process_text_equals(user->text, entry->user))
            break;
    }
}

/* The name that a program of this command has from its file. */
static void name_alike(const struct identity *identity, char out[PROCESS_NAME_BYTES])
{
    size_t start = 0, end = 0;

    for (; end < identity->command_length && identity->command[end] != ' '; end++) {
        if (identity->command[end] == '/')
            start = end + 1;
    }
    if (end - start > PROCESS_NAME_BYTES - 1)
        end = start + PROCESS_NAME_BYTES - 1;
    memset(out, 0, PROCESS_NAME_BYTES);
    memcpy(out, identity->command + start, end - start);
}

static bool code_name(struct bit_coder *coder, struct process_identities *all,
                      struct identity *identity)
{
    char alike[PROCESS_NAME_BYTES];
    size_t length = strnlen(identity->name, PROCESS_NAME_BYTES - 1);

    name_alike(identity, alike);
    if (code_bit(coder, &all->models.is_named_alike, strcmp(alike, identity->name) == 0)) {
        memcpy(identity->name, alike, PROCESS_NAME_BYTES);
        return true;
    }
    length = code_text(coder, &all->texts, identity->name, length, PROCESS_NAME_BYTES - 1);
    if (length >= PROCESS_NAME_BYTES)
        return false;
    identity->name[length] = '\0';
    return true;
}

static bool code_texts(struct bit_coder *coder, struct process_identities *all,
                       struct identity *identity)
{
    struct identity_models *models = &all->models;

    identity->user = code_number(coder, &models->user, all->user_count - identity->user);
    if (identity->user > all->user_count)
        return false;
    identity->user = all->user_count - identity->user;
    if (identity->user < all->user_count) {
        identity->entry.uid = all->users[identity->user].uid;
    } else {
        identity->entry.uid = (uint32_t)code_number(coder, &models->uid, identity->entry.uid);
        identity->user_length = code_text(coder, &all->texts, identity->user_name,
                                          identity->user_length, PROCESS_RECORD_USER_MAX);
        if (identity->user_length > PROCESS_RECORD_USER_MAX)
            return false;
    }
    identity->has_command = code_bit(coder, &models->has_command, identity->has_command);
    if (identity->has_command)
        identity->command_length = code_text(coder, &all->texts, identity->command,
                                             identity->command_length, PROCESS_COMMAND_MAX);
    else
        identity->command_length = 0;
    return identity->command_length <= PROCESS_COMMAND_MAX && code_name(coder, all, identity);
}

/* Each by how it is beside the one before. */
static bool code_identity(struct bit_coder *coder, struct process_identities *all,
                          const struct process_entry *before, struct identity *identity)
{
    struct identity_models *models = &all->models;
    struct process_entry *entry = &identity->entry;
    const uint64_t offset_before = (uint64_t)before->start_time_ms - before->start_ticks * TICK_MS;
    uint64_t parent, offset;

    entry->pid = before->pid + (uint32_t)code_number(coder, &models->pid, entry->pid - before->pid);
    entry->start_ticks = before->start_ticks +
                         zigzag_back(code_number(coder, &models->start,
                                                 zigzag(entry->start_ticks - before->start_ticks)));
    offset = (uint64_t)entry->start_time_ms - entry->start_ticks * TICK_MS;
    offset = offset_before +
             zigzag_back(code_number(coder, &models->offset, zigzag(offset - offset_before)));
    entry->start_time_ms = (int64_t)(offset + entry->start_ticks * TICK_MS);
    if (code_bit(coder, &models->is_same_parent, entry->parent_pid == before->parent_pid)) {
        entry->parent_pid = before->parent_pid;
    } else {
        parent = code_number(coder, &models->parent, entry->parent_pid);
        if (parent > UINT32_MAX)
            return false;
        entry->parent_pid = (uint32_t)parent;
    }
    return code_texts(coder, all, identity);
}

static int add_user(struct process_identities *all, uint32_t uid, struct process_text *text)
{
    struct known_user *grown =
        array_reserve(all->users, &all->user_capacity, all->user_count + 1, sizeof *all->users);

    if (grown == NULL)
        return -ENOMEM;
    all->users = grown;
    grown[all->user_count++] = (struct known_user){.uid = uid, .text = text};
    return 0;
}

/* Gives the entry texts: when it is written those of the list, else new ones. 0 or -ENOMEM. */
static int give_texts(struct process_identities *all, const struct identity *identity,
                      const struct process_entry *now, struct process_entry *who)
{
    const bool is_user_new = identity->user == all->user_count;

    who->command = who->user = NULL;
    memcpy(who->name, identity->name, PROCESS_NAME_BYTES);
    if (now != NULL) {
        who->command = process_text_hold(now->command);
        who->user = process_text_hold(now->user);
    } else {
        if (identity->has_command)
            who->command = process_text_new(identity->command, identity->command_length);
        who->user = is_user_new ? process_text_new(identity->user_name, identity->user_length)
                                : process_text_hold(all->users[identity->user].text);
        if (who->user == NULL || (identity->has_command && who->command == NULL))
            return -ENOMEM;
    }
    return is_user_new ? add_user(all, who->uid, who->user) : 0;
}

int process_identity_code(struct process_identities *all, struct bit_coder *coder,
                          const struct process_entry *before, const struct process_entry *now,
                          struct process_entry *who)
{
    struct identity identity = {0};
    int result;

    if (now != NULL)
        identity_of(all, now, &identity);
    if (!code_identity(coder, all, before, &identity))
        return -EBADMSG;
    result = give_texts(all, &identity, now, &identity.entry);
    if (result < 0) {
        process_text_put(identity.entry.command);
        process_text_put(identity.entry.user);
        return result;
    }
    *who = identity.entry;
    return 0;
}
