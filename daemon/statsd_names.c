#include "daemon/statsd_names.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/hash.h"
#include "daemon/statsd_table.h"

/* Both kinds are chained by hash; a link is 1 more than a place, and 0 is the end. */
struct statsd_known_name {
    const struct statsd_definition *definition; /* NULL: there is none */
    uint64_t hash;
    uint32_t next;
};

struct statsd_known_alias {
    char *text; /* name and tags behind each other; NULL: free */
    uint64_t hash, origin;
    uint32_t next;
    uint32_t series;
    uint16_t name_length, tags_length;
    uint8_t type;
};

int statsd_names_init(struct statsd_names *names, uint32_t capacity, uint64_t seed)
{
    uint32_t chains = 1;

    while (chains < 2 * capacity)
        chains *= 2;
    *names = (struct statsd_names){
        .seed = seed,
        .capacity = capacity,
        .names = calloc(capacity, sizeof *names->names),
        .name_chains = calloc(chains, sizeof *names->name_chains),
        .alias_capacity = STATSD_ALIASES_EACH * capacity,
        .alias_chains = calloc(chains, sizeof *names->alias_chains),
        .mask = chains - 1,
    };
    names->aliases = calloc(names->alias_capacity, sizeof *names->aliases);
    if (!names->names || !names->name_chains || !names->aliases || !names->alias_chains)
        return -ENOMEM;
    for (uint32_t i = names->alias_capacity; i > 0; i--) {
        names->aliases[i - 1].next = names->free_alias;
        names->free_alias = i;
    }
    return 0;
}

void statsd_names_finish(struct statsd_names *names)
{
    for (uint32_t i = 0; names->aliases && i < names->alias_capacity; i++)
        free(names->aliases[i].text);
    free(names->names);
    free(names->name_chains);
    free(names->aliases);
    free(names->alias_chains);
    *names = (struct statsd_names){0};
}

static bool is_alias(const struct statsd_known_alias *known, const struct statsd_alias *alias)
{
    return known->hash == alias->hash && known->origin == alias->origin &&
           known->type == alias->type && known->name_length == alias->name.length &&
           known->tags_length == alias->tags.length &&
           memcmp(known->text, alias->name.at, known->name_length) == 0 &&
           (known->tags_length == 0 ||
            memcmp(known->text + known->name_length, alias->tags.at, known->tags_length) == 0);
}

uint32_t statsd_names_look_up(const struct statsd_names *names, const struct statsd_metric *metric,
                              uint64_t origin, struct statsd_alias *alias)
{
    uint64_t hash = names->seed ^ origin ^ metric->type;
    uint32_t next;

    hash = hash_bytes(hash, metric->name.at, metric->name.length);
    if (metric->tags.length > 0)
        hash = hash_bytes(hash, metric->tags.at, metric->tags.length);
    *alias = (struct statsd_alias){.hash = hash,
                                   .origin = origin,
                                   .name = metric->name,
                                   .tags = metric->tags,
                                   .type = metric->type};
    for (next = names->alias_chains[hash & names->mask]; next != 0;) {
        const struct statsd_known_alias *known = &names->aliases[next - 1];

        if (is_alias(known, alias))
            return known->series;
        next = known->next;
    }
    return STATSD_NAMES_NONE;
}

uint32_t statsd_names_find(const struct statsd_names *names, const char *text, size_t size,
                           uint64_t *hash)
{
    *hash = hash_bytes(names->seed, text, size);
    for (uint32_t next = names->name_chains[*hash & names->mask]; next != 0;) {
        const struct statsd_known_name *known = &names->names[next - 1];

        if (known->hash == *hash && known->definition->size == size &&
            memcmp(known->definition->text, text, size) == 0)
            return next - 1;
        next = known->next;
    }
    return STATSD_NAMES_NONE;
}

/* The series of the same labels whose name has this many bytes of the key's, and a suffix. */
static const struct statsd_definition *find_renamed(const struct statsd_names *names,
                                                    const struct statsd_key *key, size_t length,
                                                    const char *suffix)
{
    const size_t whole = strlen(key->text), added = strlen(suffix);
    char text[STATSD_KEY_BYTES + 8];
    uint64_t hash;
    uint32_t series;

    memcpy(text, key->text, length);
    memcpy(text + length, suffix, added + 1); /* the rest begins with a NUL */
    memcpy(text + length + added, key->text + whole, key->size - whole);
    series = statsd_names_find(names, text, key->size - whole + length + added, &hash);
    return series == STATSD_NAMES_NONE ? NULL : names->names[series].definition;
}

bool statsd_names_collide(const struct statsd_names *names, const struct statsd_key *key,
                          bool distribution)
{
    static const char *const suffixes[] = {"_count", "_sum"};
    const size_t whole = strlen(key->text);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        const size_t length = strlen(suffixes[i]);
        const struct statsd_definition *base = NULL;

        if (distribution && find_renamed(names, key, whole, suffixes[i]))
            return true;
        if (whole > length && strcmp(key->text + whole - length, suffixes[i]) == 0)
            base = find_renamed(names, key, whole - length, "");
        if (base && base->type == STATSD_HISTOGRAM)
            return true;
    }
    return false;
}

void statsd_names_add(struct statsd_names *names, uint32_t series,
                      const struct statsd_definition *definition, uint64_t hash)
{
    uint32_t *chain = &names->name_chains[hash & names->mask];

    names->names[series] =
        (struct statsd_known_name){.definition = definition, .hash = hash, .next = *chain};
    *chain = series + 1;
}

void statsd_names_alias(struct statsd_names *names, const struct statsd_alias *alias,
                        uint32_t series)
{
    const size_t length = alias->name.length + alias->tags.length;
    const uint32_t place = names->free_alias;
    struct statsd_known_alias *known;
    uint32_t *chain = &names->alias_chains[alias->hash & names->mask];
    char *text;

    if (place == 0 || length > STATSD_ALIASES_MAX_BYTES - names->alias_bytes)
        return;
    text = malloc(length);
    if (!text)
        return;
    memcpy(text, alias->name.at, alias->name.length);
    if (alias->tags.length > 0)
        memcpy(text + alias->name.length, alias->tags.at, alias->tags.length);
    known = &names->aliases[place - 1];
    names->free_alias = known->next;
    names->alias_bytes += length;
    *known = (struct statsd_known_alias){.text = text,
                                         .hash = alias->hash,
                                         .origin = alias->origin,
                                         .next = *chain,
                                         .series = series,
                                         .name_length = (uint16_t)alias->name.length,
                                         .tags_length = (uint16_t)alias->tags.length,
                                         .type = (uint8_t)alias->type};
    *chain = place;
}

void statsd_names_remove(struct statsd_names *names, uint32_t series)
{
    struct statsd_known_name *known = &names->names[series];
    uint32_t *link = &names->name_chains[known->hash & names->mask];

    while (*link != series + 1)
        link = &names->names[*link - 1].next;
    *link = known->next;
    *known = (struct statsd_known_name){0};
}

static void forget(struct statsd_names *names, uint32_t place)
{
    struct statsd_known_alias *known = &names->aliases[place];
    uint32_t *link = &names->alias_chains[known->hash & names->mask];

    while (*link != place + 1)
        link = &names->aliases[*link - 1].next;
    *link = known->next;
    names->alias_bytes -= (size_t)known->name_length + known->tags_length;
    free(known->text);
    *known = (struct statsd_known_alias){.next = names->free_alias};
    names->free_alias = place + 1;
}

void statsd_names_forget(struct statsd_names *names)
{
    for (uint32_t i = 0; i < names->alias_capacity; i++) {
        const struct statsd_known_alias *known = &names->aliases[i];

        if (known->text && !names->names[known->series].definition)
            forget(names, i);
    }
}
