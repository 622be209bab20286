#include "daemon/exposition_names.h"

#include <errno.h>

#include "daemon/hash.h"

/* The longest name that an application may give, with an ending. */
#define NAME_BYTES 513

int exposition_names_init(struct exposition_names *names, size_t expected)
{
    size_t places = 16;

    *names = (struct exposition_names){0};
    while (places < expected * 2)
        places *= 2;
    names->mask = places - 1;
    names->places = calloc(places, sizeof *names->places);
    return names->places ? hash_make_key(&names->seed) : -ENOMEM;
}

void exposition_names_finish(struct exposition_names *names)
{
    free(names->places);
    buffer_finish(&names->texts);
    *names = (struct exposition_names){0};
}

/* The place that has the name, or the free one where it would be. */
static struct exposition_name *find_place(const struct exposition_names *names, const char *text,
                                          size_t length, uint64_t hash)
{
    size_t place = hash & names->mask;

    while (names->places[place].length > 0) {
        struct exposition_name *name = &names->places[place];

        if (name->hash == hash && name->length == length &&
            memcmp(names->texts.data + name->at, text, length) == 0)
            return name;
        place = (place + 1) & names->mask;
    }
    return &names->places[place];
}

/* The length of both together in out, or 0: no name is so long. */
static size_t join(struct span base, const char *ending, char out[NAME_BYTES])
{
    const size_t size = strlen(ending);

    if (base.length + size >= NAME_BYTES)
        return 0;
    memcpy(out, base.at, base.length);
    memcpy(out + base.length, ending, size + 1);
    return base.length + size;
}

uint32_t exposition_names_find(const struct exposition_names *names, struct span base,
                               const char *ending)
{
    char text[NAME_BYTES];
    const size_t length = join(base, ending, text);
    const struct exposition_name *name =
        find_place(names, text, length, hash_bytes(names->seed, text, length));

    return name->length > 0 ? name->family : EXPOSITION_NO_FAMILY;
}

static int grow(struct exposition_names *names)
{
    const size_t places = (names->mask + 1) * 2;
    struct exposition_name *former = names->places;
    struct exposition_name *larger = calloc(places, sizeof *larger);

    if (!larger)
        return -ENOMEM;
    names->places = larger;
    for (size_t i = 0; i <= names->mask; i++) {
        size_t place = former[i].hash & (places - 1);

        if (former[i].length == 0)
            continue;
        while (larger[place].length > 0)
            place = (place + 1) & (places - 1);
        larger[place] = former[i];
    }
    names->mask = places - 1;
    free(former);
    return 0;
}

int exposition_names_take(struct exposition_names *names, struct span base, const char *ending,
                          uint32_t family)
{
    char text[NAME_BYTES];
    const size_t length = join(base, ending, text);
    const uint64_t hash = hash_bytes(names->seed, text, length);

    if (length == 0 || (names->count * 2 > names->mask && grow(names) < 0))
        return -ENOMEM;
    *find_place(names, text, length, hash) = (struct exposition_name){
        .hash = hash,
        .at = (uint32_t)names->texts.size,
        .length = (uint32_t)length,
        .family = family,
    };
    names->count++;
    buffer_append(&names->texts, text, length);
    return names->texts.failed ? -ENOMEM : 0;
}
