#include "collectors/roster.h"

#include <assert.h>
#include <stdlib.h>

#include "collectors/array.h"

bool roster_accepts(struct span name)
{
    if (name.length == 0 || name.length > ROSTER_NAME_MAX)
        return false;
    for (size_t index = 0; index < name.length; index++) {
        unsigned char c = (unsigned char)name.at[index];

        if (c < ' ' || c == 0x7f)
            return false;
    }
    return true;
}

void roster_init(struct roster *roster, size_t item_bytes)
{
    assert(item_bytes >= sizeof(struct roster_key));
    *roster = (struct roster){.item_bytes = item_bytes};
}

void roster_finish(struct roster *roster)
{
    free(roster->items);
    *roster = (struct roster){.item_bytes = roster->item_bytes};
}

static struct roster_key *item_at(const struct roster *roster, size_t index)
{
    return (struct roster_key *)(void *)((char *)roster->items + index * roster->item_bytes);
}

void roster_begin(struct roster *roster)
{
    roster->tick++;
    roster->lines = 0;
    roster->cursor = 0;
    roster->moved = false;
}

static struct roster_key *find(struct roster *roster, struct span name)
{
    for (size_t step = 0; step < roster->count; step++) {
        size_t index = roster->cursor + step;
        struct roster_key *key;

        if (index >= roster->count)
            index -= roster->count;
        key = item_at(roster, index);
        if (key->length != name.length || memcmp(key->name, name.at, name.length) != 0)
            continue;
        if (step > 0)
            roster->moved = true;
        roster->cursor = index + 1;
        return key;
    }
    return NULL;
}

static struct roster_key *add(struct roster *roster, struct span name)
{
    void *items =
        array_reserve(roster->items, &roster->capacity, roster->count + 1, roster->item_bytes);
    struct roster_key *key;

    if (items == NULL)
        return NULL;
    roster->items = items;
    key = item_at(roster, roster->count++);
    memset(key, 0, roster->item_bytes);
    memcpy(key->name, name.at, name.length);
    key->length = (uint32_t)name.length;
    roster->moved = true;
    return key;
}

void *roster_take(struct roster *roster, struct span name)
{
    struct roster_key *key;

    assert(name.length <= ROSTER_NAME_MAX);
    key = find(roster, name);
    if (key == NULL)
        key = add(roster, name);
    if (key == NULL)
        return NULL;
    if (key->tick != roster->tick)
        key->line = roster->lines++;
    key->tick = roster->tick;
    return key;
}

static int compare_lines(const void *left, const void *right)
{
    const struct roster_key *a = left;
    const struct roster_key *b = right;

    return (a->line > b->line) - (a->line < b->line);
}

void roster_sweep(struct roster *roster, void (*on_gone)(void *item, struct sink *sink),
                  struct sink *sink)
{
    size_t kept = 0;

    if (roster->lines == roster->count && !roster->moved)
        return;
    for (size_t index = 0; index < roster->count; index++) {
        struct roster_key *key = item_at(roster, index);

        if (key->tick != roster->tick)
            on_gone(key, sink);
        else if (kept++ < index)
            memcpy(item_at(roster, kept - 1), key, roster->item_bytes);
    }
    roster->count = kept;
    /* In the file's order, so that the next tick finds each name where it looks first. */
    if (kept > 1)
        qsort(roster->items, kept, roster->item_bytes, compare_lines);
}
