#include "daemon/process_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"
#include "daemon/process_identity.h"
#include "daemon/process_values.h"

/* A process of the block, with what it did when it was last told of. */
struct known {
    struct process_entry who; /* its identity and texts, which are held */
    struct process_values values;
    struct values_past past;
    uint8_t presence;                /* a bit each, of the last records */
    bool is_present;                 /* in the record that is coded, or was coded last */
    const struct process_entry *now; /* what it is to be coded of; NULL when it is read */
};

struct process_record {
    struct process_identities identities;
    struct summary_models summary_models;
    struct values_models values_models;
    struct number_model new_count_model;
    struct bit_model presence_models[8];
    struct summary_past summary_past;
    struct process_summary summary;
    struct known *known;
    size_t known_count, known_capacity;
    uint32_t order[PROCESS_RECORD_KNOWN]; /* indices of known by pid */
};

int process_record_new(struct process_record **out)
{
    struct process_record *block = calloc(1, sizeof *block);

    if (block == NULL)
        return -ENOMEM;
    *out = block;
    return 0;
}

void process_record_free(struct process_record *block)
{
    if (block == NULL)
        return;
    for (size_t i = 0; i < block->known_count; i++) {
        process_text_put(block->known[i].who.command);
        process_text_put(block->known[i].who.user);
    }
    free(block->known);
    process_identities_finish(&block->identities);
    free(block);
}

/* --- who is known --- */

/* The first place in the order whose pid is not lower. */
static size_t place_of(const struct process_record *block, uint32_t pid)
{
    size_t low = 0, high = block->known_count;

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (block->known[block->order[middle]].who.pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Start times in wall time move a little as the boot time does that they are counted from. */
static bool is_same(const struct process_entry *a, const struct process_entry *b)
{
    return a->pid == b->pid && a->start_ticks == b->start_ticks && a->parent_pid == b->parent_pid &&
           a->uid == b->uid && llabs(a->start_time_ms - b->start_time_ms) < 1000 &&
           strncmp(a->name, b->name, PROCESS_NAME_BYTES) == 0 &&
           process_text_equals(a->user, b->user) && process_text_equals(a->command, b->command);
}

static struct known *find(const struct process_record *block, const struct process_entry *entry)
{
    for (size_t i = place_of(block, entry->pid); i < block->known_count; i++) {
        struct known *known = &block->known[block->order[i]];

        if (known->who.pid != entry->pid)
            break;
        if (is_same(&known->who, entry))
            return known;
    }
    return NULL;
}

/* Takes the entry's texts, also on failure. */
static int add_known(struct process_record *block, const struct process_entry *who,
                     const struct process_entry *now)
{
    struct known *grown = array_reserve(block->known, &block->known_capacity,
                                        block->known_count + 1, sizeof *block->known);
    size_t place;

    if (grown == NULL) {
        process_text_put(who->command);
        process_text_put(who->user);
        return -ENOMEM;
    }
    block->known = grown;
    place = place_of(block, who->pid);
    memmove(block->order + place + 1, block->order + place,
            (block->known_count - place) * sizeof *block->order);
    block->order[place] = (uint32_t)block->known_count;
    grown[block->known_count++] = (struct known){.who = *who, .is_present = true, .now = now};
    return 0;
}

static int code_new(struct bit_coder *coder, struct process_record *block,
                    const struct process_entry *now, struct process_entry *before)
{
    struct process_entry who;
    int result = process_identity_code(&block->identities, coder, before, now, &who);

    if (result < 0)
        return result;
    *before = who;
    return add_known(block, &who, now);
}

/* --- records --- */

/* Who of those that are known is there. How many. */
static size_t code_presence(struct bit_coder *coder, struct process_record *block)
{
    size_t count = 0;

    for (size_t i = 0; i < block->known_count; i++) {
        struct known *known = &block->known[block->order[i]];

        known->is_present =
            code_bit(coder, &block->presence_models[known->presence & 7], known->is_present);
        count += known->is_present;
    }
    return count;
}

/* By pid, each of which may be there once. */
static bool code_all_values(struct bit_coder *coder, struct process_record *block)
{
    const struct known *former = NULL;

    for (size_t i = 0; i < block->known_count; i++) {
        struct known *known = &block->known[block->order[i]];
        struct process_values values = {0};

        known->presence = (uint8_t)(known->presence << 1 | known->is_present);
        if (!known->is_present)
            continue;
        if (former != NULL && former->who.pid == known->who.pid)
            return false;
        former = known;
        if (known->now != NULL)
            values_of(known->now, &values);
        known->now = NULL;
        if (!code_values(coder, &block->values_models, &known->past, &known->values,
                         block->summary.numbers[2], &values))
            return false;
        known->values = values;
    }
    return true;
}

/* fresh: those that are not known, `new_count`; NULL when it reads. */
static int code_record(struct bit_coder *coder, struct process_record *block,
                       const struct process_entry *const *fresh, size_t new_count)
{
    struct process_entry before = {0};
    int result = 0;
    size_t count;

    if (!code_summary(coder, &block->summary_models, &block->summary_past, &block->summary))
        return -EBADMSG;
    count = code_presence(coder, block);
    new_count = code_number(coder, &block->new_count_model, new_count);
    if (count > PROCESS_RECORD_ENTRIES || new_count > PROCESS_RECORD_ENTRIES - count ||
        block->known_count + new_count > PROCESS_RECORD_KNOWN)
        return -EBADMSG;
    for (size_t i = 0; i < new_count && result == 0; i++)
        result = code_new(coder, block, fresh != NULL ? fresh[i] : NULL, &before);
    if (result == 0 && !code_all_values(coder, block))
        result = -EBADMSG;
    return result;
}

int process_record_encode(struct process_record *block, const struct process_list *list,
                          const uint32_t *indices, size_t count, struct buffer *out)
{
    const struct process_entry *fresh[PROCESS_RECORD_ENTRIES];
    struct bit_coder coder = bit_coder_to(out);
    size_t new_count = 0;
    int result;

    for (size_t i = 0; i < block->known_count; i++)
        block->known[i].is_present = false;
    for (size_t i = 0; i < count; i++) {
        const struct process_entry *entry = &list->entries[indices[i]];
        struct known *known = find(block, entry);

        if (known == NULL) {
            fresh[new_count++] = entry;
            continue;
        }
        known->is_present = true;
        known->now = entry;
    }
    if (block->known_count + new_count > PROCESS_RECORD_KNOWN)
        return -ENOSPC;
    summary_of(list, &block->summary);
    result = code_record(&coder, block, fresh, new_count);
    bit_coder_end(&coder);
    return result == 0 && out->failed ? -ENOMEM : result;
}

int process_record_decode(struct process_record *block, const uint8_t *data, size_t size)
{
    struct bit_coder coder = bit_coder_over(data, size);

    return code_record(&coder, block, NULL, 0);
}

int64_t process_record_time_ms(const struct process_record *block)
{
    return summary_time_ms(&block->summary);
}

int64_t process_record_span_ms(const struct process_record *block)
{
    return summary_span_ms(&block->summary);
}

int process_record_list(const struct process_record *block, struct process_list **out)
{
    struct process_list *list;
    size_t count = 0;
    int result = 0;

    for (size_t i = 0; i < block->known_count; i++)
        count += block->known[i].is_present;
    list = process_list_new(count);
    if (list == NULL)
        return -ENOMEM;
    list->selected = true;
    summary_put(&block->summary, list);
    for (size_t i = 0; i < block->known_count && result == 0; i++) {
        const struct known *known = &block->known[block->order[i]];
        struct process_entry entry = known->who;

        if (!known->is_present)
            continue;
        values_put(&known->values, &entry);
        process_text_hold(entry.command);
        process_text_hold(entry.user);
        result = process_list_add(list, &entry);
    }
    if (result < 0) {
        process_list_put(list);
        return result;
    }
    *out = list;
    return 0;
}
