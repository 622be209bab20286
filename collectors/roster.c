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
    free(roster->places);
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

static bool is_named(const struct roster_key *key, struct span name)
{
    return key->length == name.length && memcmp(key->name, name.at, name.length) == 0;
}

/* FNV-1a. */
static uint32_t hash_of(struct span name)
{
    uint32_t hash = 2166136261U;

    for (size_t index = 0; index < name.length; index++)
        hash = (hash ^ (unsigned char)name.at[index]) * 16777619U;
    return hash;
}

/* Where the item of this name is noted, or would be. There is an empty place always. */
static uint32_t *place_of(const struct roster *roster, struct span name, uint32_t hash)
{
    size_t mask = roster->place_count - 1;
    size_t at = hash & mask;

    for (; roster->places[at] != 0; at = (at + 1) & mask) {
        const struct roster_key *key = item_at(roster, roster->places[at] - 1);

        if (key->hash == hash && is_named(key, name))
            break;
    }
    return &roster->places[at];
}

/* With room for one more item. */
static bool make_index(struct roster *roster)
{
    size_t count = roster->place_count > 0 ? roster->place_count : 16;

    while (count <= 2 * (roster->count + 1))
        count *= 2;
    if (roster->indexed && count == roster->place_count)
        return true;
    if (count != roster->place_count) {
        uint32_t *places = reallocarray(roster->places, count, sizeof *places);

        if (places == NULL)
            return false;
        roster->places = places;
        roster->place_count = count;
    }
    memset(roster->places, 0, count * sizeof *roster->places);
    for (size_t index = 0; index < roster->count; index++) {
        const struct roster_key *key = item_at(roster, index);

        *place_of(roster, (struct span){key->name, key->length}, key->hash) = (uint32_t)index + 1;
    }
    roster->indexed = true;
    return true;
}

/* One that is where it was not expected, or new. */
static struct roster_key *find_or_add(struct roster *roster, struct span name)
{
    uint32_t hash = hash_of(name);
    struct roster_key *key;
    uint32_t *place;
    void *items;

    if (!make_index(roster))
        return NULL;
    place = place_of(roster, name, hash);
    roster->moved = true;
    if (*place != 0) {
        roster->cursor = *place;
        return item_at(roster, *place - 1);
    }
    items = array_reserve(roster->items, &roster->capacity, roster->count + 1, roster->item_bytes);
    if (items == NULL)
        return NULL;
    roster->items = items;
    key = item_at(roster, roster->count++);
    memset(key, 0, roster->item_bytes);
    memcpy(key->name, name.at, name.length);
    key->length = (uint32_t)name.length;
    key->hash = hash;
    *place = (uint32_t)roster->count;
    return key;
}

static struct roster_key *find_expected(struct roster *roster, struct span name)
{
    size_t index = roster->cursor < roster->count ? roster->cursor : 0;
    struct roster_key *key;

    if (roster->count == 0)
        return NULL;
    key = item_at(roster, index);
    if (!is_named(key, name))
        return NULL;
    roster->cursor = index + 1;
    return key;
}

void *roster_take(struct roster *roster, struct span name)
{
    struct roster_key *key;

    assert(name.length <= ROSTER_NAME_MAX);
    key = find_expected(roster, name);
    if (key == NULL)
        key = find_or_add(roster, name);
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
    roster->indexed = false;
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
