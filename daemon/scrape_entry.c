#include "daemon/scrape_entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "exported_";
#define PREFIX_LENGTH (sizeof prefix - 1)
/* A name that is taken with one prefix gets another, as Prometheus does it. */
#define PREFIXES_MAX 4

static char *put(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *here = *at;

    memcpy(here, text, size);
    *at += size;
    return here;
}

static bool has_key(const struct label *labels, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(labels[i].key, key) == 0)
            return true;
    }
    return false;
}

static size_t text_size(const struct exposition_series *described)
{
    size_t size = strlen(described->metric.name) + strlen(described->metric.unit) +
                  strlen(described->metric.help) + 3;

    for (size_t i = 0; i < described->label_count; i++)
        size += strlen(described->labels[i].key) + strlen(described->labels[i].value) + 2 +
                PREFIXES_MAX * PREFIX_LENGTH;
    return size;
}

/* The name of an exposed label beside the target's, whose number is own. */
static int name_label(const struct exposition_series *described, size_t index,
                      const struct label *own, size_t own_count, char **at, const char **out)
{
    const char *key = described->labels[index].key;
    char name[PREFIXES_MAX * PREFIX_LENGTH + EXPOSITION_NAME_MAX + 1];
    int prefixes = 0;

    snprintf(name, sizeof name, "%s", key);
    while (has_key(own, own_count, name) ||
           (prefixes > 0 && has_key(described->labels, described->label_count, name))) {
        size_t length = strlen(name);

        if (prefixes++ == PREFIXES_MAX || length + PREFIX_LENGTH >= sizeof name)
            return -E2BIG;
        memmove(name + PREFIX_LENGTH, name, length + 1);
        memcpy(name, prefix, PREFIX_LENGTH);
    }
    *out = put(at, name);
    return 0;
}

static int describe(struct scrape_description *description,
                    const struct exposition_series *described, const struct label *labels,
                    size_t label_count)
{
    char *at = description->text;
    int result = 0;

    description->metric = described->metric;
    description->metric.name = put(&at, described->metric.name);
    description->metric.unit = put(&at, described->metric.unit);
    description->metric.help = put(&at, described->metric.help);
    for (size_t i = 0; i < label_count; i++)
        description->labels[i] = labels[i];
    for (size_t i = 0; i < described->label_count && result == 0; i++) {
        struct label *label = &description->labels[label_count + i];

        result = name_label(described, i, labels, label_count, &at, &label->key);
        if (result == 0)
            label->value = put(&at, described->labels[i].value);
    }
    description->label_count = label_count + described->label_count;
    return result;
}

int scrape_entry_new(struct span text, const struct exposition_series *described,
                     const struct label *labels, size_t label_count, struct scrape_entry **out)
{
    struct scrape_description *description;
    struct scrape_entry *entry;
    int result;

    if (label_count + described->label_count > SERIES_LABELS_MAX)
        return -E2BIG;
    description = calloc(1, sizeof *description + text_size(described));
    entry = calloc(1, sizeof *entry + text.length);
    result = description && entry ? describe(description, described, labels, label_count) : -ENOMEM;
    if (result < 0) {
        free(description);
        free(entry);
        return result;
    }
    memcpy(entry->text, text.at, text.length);
    entry->length = text.length;
    entry->description = description;
    *out = entry;
    return 0;
}

void scrape_entry_free(struct scrape_entry *entry)
{
    free(entry->description);
    free(entry);
}

void scrape_entry_forget_description(struct scrape_entry *entry)
{
    free(entry->description);
    entry->description = NULL;
}

struct label *scrape_labels_copy(const struct label *labels, size_t count)
{
    size_t size = 0;
    struct label *copy;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += strlen(labels[i].key) + strlen(labels[i].value) + 2;
    copy = malloc((count + 1) * sizeof *copy + size);
    if (!copy)
        return NULL;
    at = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i].key = put(&at, labels[i].key);
        copy[i].value = put(&at, labels[i].value);
    }
    return copy;
}
