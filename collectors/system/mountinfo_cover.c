#include "collectors/system/mountinfo_cover.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"

/* A folder of a mount; the path need not end with NUL. */
struct folder {
    uint64_t parent;
    const char *path;
    size_t length;
};

/* In the text's order, which is that of mounting. */
static int compare_age(const struct mountinfo_row *a, const struct mountinfo_row *b)
{
    return (a->id.at > b->id.at) - (a->id.at < b->id.at);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct mountinfo_row *a = left;
    const struct mountinfo_row *b = right;

    if (a->number != b->number)
        return a->number > b->number ? 1 : -1;
    return compare_age(a, b);
}

static int compare_to_number(const void *key, const void *row)
{
    const uint64_t *number = key;
    const struct mountinfo_row *other = row;

    return (*number > other->number) - (*number < other->number);
}

/* By the folder that they lie on, the last one of it first. */
static int compare_folders(const void *left, const void *right)
{
    const struct mountinfo_row *a = *(struct mountinfo_row *const *)left;
    const struct mountinfo_row *b = *(struct mountinfo_row *const *)right;
    int order;

    if (a->parent != b->parent)
        return a->parent > b->parent ? 1 : -1;
    order = strcmp(a->place, b->place);
    return order != 0 ? order : compare_age(b, a);
}

static int compare_to_folder(const struct folder *folder, const struct mountinfo_row *row)
{
    int order;

    if (folder->parent != row->parent)
        return folder->parent > row->parent ? 1 : -1;
    order = strncmp(folder->path, row->place, folder->length);
    return order != 0 || row->place[folder->length] == '\0' ? order : -1;
}

static struct mountinfo_row *find_number(const struct mountinfo_table *table, uint64_t number)
{
    return bsearch(&number, table->rows, table->count, sizeof *table->rows, compare_to_number);
}

static bool is_root(const struct mountinfo_row *row)
{
    return strcmp(row->place, "/") == 0;
}

/* The first file system of all, of the kernel's own making, is its own parent. */
static struct mountinfo_row *parent_of(const struct mountinfo_table *table,
                                       const struct mountinfo_row *row)
{
    return row->parent == row->number ? NULL : find_number(table, row->parent);
}

/* On the root of what the process's root lies in; what the kernel began with was left for good. */
static bool is_beside_root(const struct mountinfo_table *table, const struct mountinfo_row *row)
{
    const struct mountinfo_row *parent = is_root(row) ? parent_of(table, row) : NULL;

    return parent != NULL && is_root(parent) && parent->parent != parent->number;
}

/* The last that lies on the folder, NULL when nothing does. */
static const struct mountinfo_row *find_on(const struct mountinfo_table *table,
                                           const struct folder *folder)
{
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_to_folder(folder, table->by_folder[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table->count || compare_to_folder(folder, table->by_folder[low]) != 0)
        return NULL;
    return table->by_folder[low];
}

/* Whether another mount lies on this folder and leads away from it. */
static bool is_led_away(const struct mountinfo_table *table, const struct mountinfo_row *row,
                        const struct folder *folder)
{
    const struct mountinfo_row *other = find_on(table, folder);

    return other != NULL && other != row && other->parent != other->number &&
           !is_beside_root(table, other);
}

/* By a mount of the same parent, on its own folder or on one above. */
static bool is_covered_on_the_way(const struct mountinfo_table *table,
                                  const struct mountinfo_row *row)
{
    struct folder folder = {row->parent, row->place, strlen(row->place)};

    if (is_beside_root(table, row))
        return true;
    if (row->parent == row->number)
        return false;
    if (is_led_away(table, row, &folder))
        return true;
    while (folder.length > 1) {
        do {
            folder.length--;
        } while (row->place[folder.length] != '/');
        if (folder.length == 0)
            folder.length = 1;
        if (is_led_away(table, row, &folder))
            return true;
    }
    return false;
}

/* By one that lies on its root. */
static bool is_covered_in_place(const struct mountinfo_table *table,
                                const struct mountinfo_row *row)
{
    const struct folder folder = {row->number, row->place, strlen(row->place)};

    return is_led_away(table, row, &folder);
}

/*
 * What its ancestors say of a mount that is reached by itself, written to all on the way, so that
 * each is walked over once. Parents that go in a circle lead nowhere.
 */
static void inherit(const struct mountinfo_table *table, struct mountinfo_row *row)
{
    struct mountinfo_row *top = row;
    enum mountinfo_reach reach = MOUNTINFO_REACHED;

    for (size_t steps = 0; top != NULL && top->reach == MOUNTINFO_UNKNOWN; steps++) {
        if (steps > table->count)
            break;
        top = parent_of(table, top);
    }
    if (top != NULL)
        reach = top->reach == MOUNTINFO_REACHED ? MOUNTINFO_REACHED : MOUNTINFO_CUT_OFF;
    while (row != NULL && row->reach == MOUNTINFO_UNKNOWN) {
        row->reach = reach;
        row = parent_of(table, row);
    }
}

int mountinfo_cover(struct mountinfo_table *table)
{
    struct mountinfo_row *rows = table->rows;
    struct mountinfo_row **by_folder =
        array_reserve(table->by_folder, &table->folder_capacity, table->count, sizeof(void *));

    if (by_folder == NULL)
        return -ENOMEM;
    table->by_folder = by_folder;
    qsort(rows, table->count, sizeof *rows, compare_numbers);
    for (size_t index = 0; index < table->count; index++)
        by_folder[index] = &rows[index];
    qsort(by_folder, table->count, sizeof(void *), compare_folders);
    for (size_t index = 0; index < table->count; index++)
        rows[index].reach =
            is_covered_on_the_way(table, &rows[index]) ? MOUNTINFO_CUT_OFF : MOUNTINFO_UNKNOWN;
    for (size_t index = 0; index < table->count; index++) {
        inherit(table, &rows[index]);
        rows[index].hidden =
            rows[index].reach == MOUNTINFO_CUT_OFF || is_covered_in_place(table, &rows[index]);
    }
    return 0;
}
