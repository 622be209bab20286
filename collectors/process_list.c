#include "collectors/process_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/array.h"

struct process_text *process_text_new(const char *text, size_t length)
{
    struct process_text *made = malloc(sizeof *made + length + 1);

    if (made == NULL)
        return NULL;
    atomic_init(&made->references, 1);
    made->length = (uint32_t)length;
    for (size_t i = 0; i < length; i++)
        made->text[i] = text[i] != '\0' ? text[i] : ' ';
    made->text[length] = '\0';
    return made;
}

struct process_text *process_text_hold(struct process_text *text)
{
    if (text != NULL)
        atomic_fetch_add_explicit(&text->references, 1, memory_order_relaxed);
    return text;
}

void process_text_put(struct process_text *text)
{
    if (text != NULL && atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) == 1)
        free(text);
}

struct process_list *process_list_new(size_t capacity)
{
    struct process_list *list = calloc(1, sizeof *list);

    if (list == NULL)
        return NULL;
    atomic_init(&list->references, 1);
    list->entries = calloc(capacity > 0 ? capacity : 1, sizeof *list->entries);
    if (list->entries == NULL) {
        free(list);
        return NULL;
    }
    list->capacity = capacity > 0 ? capacity : 1;
    return list;
}

struct process_list *process_list_hold(struct process_list *list)
{
    atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
    return list;
}

void process_list_put(struct process_list *list)
{
    if (list == NULL || atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < list->count; i++) {
        process_text_put(list->entries[i].command);
        process_text_put(list->entries[i].user);
    }
    free(list->entries);
    free(list);
}

int process_list_add(struct process_list *list, const struct process_entry *entry)
{
    struct process_entry *entries =
        array_reserve(list->entries, &list->capacity, list->count + 1, sizeof *entries);

    if (entries == NULL) {
        process_text_put(entry->command);
        process_text_put(entry->user);
        return -ENOMEM;
    }
    list->entries = entries;
    entries[list->count++] = *entry;
    return 0;
}

size_t process_state_index(char letter)
{
    static const char states[] = PROCESS_STATES;
    const char *found = letter != '\0' ? strchr(states, letter) : NULL;

    return found != NULL ? (size_t)(found - states) : PROCESS_STATE_COUNT - 1;
}
