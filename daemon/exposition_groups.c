#include "daemon/exposition_groups.h"

#include <errno.h>

#include "daemon/hash.h"

int exposition_groups_init(struct exposition_groups *groups)
{
    *groups = (struct exposition_groups){0};
    return hash_make_key(&groups->seed);
}

void exposition_groups_finish(struct exposition_groups *groups)
{
    free(groups->places);
    *groups = (struct exposition_groups){0};
}

/* The quantiles beside a sparse histogram have a label that its buckets have not. */
static const char *part_label_of(const struct exposition_member *member)
{
    const char *label = family_part_label(member->shape.role == ROLE_BESIDE ? FAMILY_QUANTILES
                                                                            : member->shape.class);

    return label ? label : "";
}

/* The label at *at or behind it that is not the one left out. */
static const struct label *next_label(const struct series *series, size_t *at, const char *left_out)
{
    if (*at < series->label_count && strcmp(series->labels[*at].key, left_out) == 0)
        ++*at;
    return *at < series->label_count ? &series->labels[(*at)++] : NULL;
}

static bool are_one_group(const struct exposition_member *one,
                          const struct exposition_member *other)
{
    const char *part_one = part_label_of(one), *part_other = part_label_of(other);
    const struct label *left, *right;
    size_t at_one = 0, at_other = 0;

    do {
        left = next_label(one->series, &at_one, part_one);
        right = next_label(other->series, &at_other, part_other);
        if (!left || !right)
            return left == right;
    } while (strcmp(left->key, right->key) == 0 && strcmp(left->value, right->value) == 0);
    return false;
}

static uint64_t hash_text(uint64_t seed, const char *text)
{
    return hash_bytes(seed, text, strlen(text));
}

static uint64_t hash_group(uint64_t seed, const struct exposition_member *member)
{
    const char *part = part_label_of(member);
    const struct label *label;
    size_t at = 0;

    while ((label = next_label(member->series, &at, part)) != NULL)
        seed = hash_text(hash_text(seed, label->key), label->value);
    return seed;
}

static int clear(struct exposition_groups *groups, size_t count)
{
    size_t capacity = 16;

    while (capacity < count * 2)
        capacity *= 2;
    if (capacity > groups->capacity) {
        free(groups->places);
        groups->places = calloc(capacity, sizeof *groups->places);
        groups->capacity = groups->places ? capacity : 0;
        return groups->places ? 0 : -ENOMEM;
    }
    memset(groups->places, 0, groups->capacity * sizeof *groups->places);
    return 0;
}

int exposition_groups_find(struct exposition_groups *groups, struct exposition_member *members,
                           size_t count)
{
    if (clear(groups, count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        size_t place;

        /* They come so from applications. */
        if (i > 0 && are_one_group(&members[i - 1], &members[i])) {
            members[i].group = members[i - 1].group;
            continue;
        }
        place = hash_group(groups->seed, &members[i]) & (groups->capacity - 1);
        while (groups->places[place] != 0 &&
               !are_one_group(&members[groups->places[place] - 1], &members[i]))
            place = (place + 1) & (groups->capacity - 1);
        if (groups->places[place] == 0)
            groups->places[place] = (uint32_t)i + 1;
        members[i].group = groups->places[place];
    }
    return 0;
}
