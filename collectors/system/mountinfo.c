#include "collectors/system/mountinfo.h"

#include <errno.h>
#include <stdlib.h>

#include "collectors/array.h"
#include "collectors/choice.h"
#include "collectors/roster.h"
#include "collectors/system/mount_filter.h"
#include "collectors/system/mountinfo_cover.h"

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/*
 * The character that "\040" stands for; 0 where no escape is. The kernel writes one for blanks,
 * newlines, backslashes and, in sources, "#".
 */
static char escaped_char(const char *at, const char *end)
{
    if (end - at < 4 || at[0] != '\\' || at[1] > '3')
        return 0;
    if (!is_octal(at[1]) || !is_octal(at[2]) || !is_octal(at[3]))
        return 0;
    return (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
}

/* Copies a field, which is no longer than it was with the blank behind it, and moves *out on. */
static const char *copy_field(struct span field, char **out)
{
    const char *copy = *out;
    const char *end = field.at + field.length;

    for (const char *at = field.at; at < end; at++) {
        char c = escaped_char(at, end);

        if (c != 0)
            at += 3;
        *(*out)++ = c != 0 ? c : *at;
    }
    *(*out)++ = '\0';
    return copy;
}

/* Fields are separated by one blank each; a source may be empty. */
static bool scan_field(struct scanner *line, struct span *field)
{
    return scan_until(line, ' ', field);
}

/* Whether "ro" is in the comma-separated list. */
static bool has_readonly(struct span options)
{
    struct scanner scanner = scanner_over(options.at, options.length);
    struct span option;

    while (scan_until(&scanner, ',', &option)) {
        if (span_equals(option, "ro"))
            return true;
    }
    return span_equals((struct span){scanner.at, (size_t)(scanner.end - scanner.at)}, "ro");
}

/* "36 35 98:0 " */
static bool parse_numbers(struct scanner *line, struct mountinfo_row *row)
{
    const char *start = line->at;

    if (!scan_u64(line, &row->number))
        return false;
    row->id = (struct span){start, (size_t)(line->at - start)};
    return roster_accepts(row->id) && scan_char(line, ' ') && scan_u64(line, &row->parent) &&
           scan_char(line, ' ') && scan_u64(line, &row->major) && scan_char(line, ':') &&
           scan_u64(line, &row->minor) && scan_char(line, ' ');
}

/* "shared:7 master:2 - ": none or more fields and what ends them. */
static bool skip_optional(struct scanner *line)
{
    struct span field;

    while (scan_field(line, &field)) {
        if (span_equals(field, "-"))
            return true;
    }
    return false;
}

static const char *seen_from(const char *rootfs, const char *mount_point)
{
    size_t length = strlen(rootfs);
    const char *rest = mount_point + length;

    if (length == 0 || strncmp(mount_point, rootfs, length) != 0)
        return mount_point;
    if (*rest == '\0')
        return "/";
    return *rest == '/' ? rest : mount_point;
}

/* "36 35 98:0 /root /mount\040point rw,noatime master:1 - ext3 /dev/sda1 rw,errors=continue" */
static bool parse_row(struct scanner line, const char *rootfs, char **texts,
                      struct mountinfo_row *row)
{
    struct span root, mount_point, options, fstype, device;
    /* A NUL would end a text early. */
    bool good = memchr(line.at, '\0', (size_t)(line.end - line.at)) == NULL &&
                parse_numbers(&line, row) && scan_field(&line, &root) &&
                scan_field(&line, &mount_point) && scan_field(&line, &options) &&
                skip_optional(&line) && scan_field(&line, &fstype) && scan_field(&line, &device);

    if (!good || mount_point.length == 0 || mount_point.at[0] != '/')
        return false;
    row->place = copy_field(mount_point, texts);
    row->mount_point = seen_from(rootfs, row->place);
    row->fstype = copy_field(fstype, texts);
    row->device = copy_field(device, texts);
    row->mount_readonly = has_readonly(options);
    row->super_readonly = has_readonly((struct span){line.at, (size_t)(line.end - line.at)});
    row->first_of_device = row->elsewhere = row->hidden = false;
    row->reach = MOUNTINFO_UNKNOWN;
    return true;
}

/* Whether a name is taken, for which the default is `otherwise`. */
static bool takes(const struct mountinfo_table *table, enum choice choice, const char *name,
                  bool otherwise)
{
    return table->roots != NULL ? choice_takes(table->roots, choice, name, otherwise) : otherwise;
}

static bool takes_point(const struct mountinfo_table *table, const char *mount_point)
{
    return takes(table, CHOICE_FILESYSTEM_MOUNT, mount_point,
                 !mount_filter_excludes_point(mount_point));
}

/* An autofs is never one: to ask it would mount what it stands for. */
static bool takes_type(const struct mountinfo_table *table, const char *fstype)
{
    return strcmp(fstype, "autofs") != 0 &&
           takes(table, CHOICE_FILESYSTEM_TYPE, fstype, !mount_filter_excludes_type(fstype));
}

/* The table is as good as the text. */
static int parse_rows(const char *text, size_t length, const char *rootfs,
                      struct mountinfo_table *table)
{
    struct scanner scanner = scanner_over(text, length);
    struct scanner line;
    char *texts = table->texts;
    int result = 0;

    while (scan_line(&scanner, &line)) {
        struct mountinfo_row *rows =
            array_reserve(table->rows, &table->capacity, table->count + 1, sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        table->rows = rows;
        if (!parse_row(line, rootfs, &texts, &rows[table->count])) {
            result = -EBADMSG;
            continue;
        }
        /* What lies on an excluded mount point is excluded with it. */
        if (!takes_point(table, rows[table->count].mount_point))
            continue;
        if (table->count == MOUNTINFO_ROWS_MAX)
            return -E2BIG;
        table->count++;
    }
    return result;
}

/* By mount point; among those of one, in the text's order, which is that of mounting. */
static int compare_points(const void *left, const void *right)
{
    const struct mountinfo_row *a = left;
    const struct mountinfo_row *b = right;
    int order = strcmp(a->mount_point, b->mount_point);

    return order != 0 ? order : (a->id.at > b->id.at) - (a->id.at < b->id.at);
}

static int compare_devices(const void *left, const void *right)
{
    const struct mountinfo_row *a = left;
    const struct mountinfo_row *b = right;
    size_t a_length = strlen(a->mount_point);
    size_t b_length = strlen(b->mount_point);

    if (a->major != b->major)
        return a->major > b->major ? 1 : -1;
    if (a->minor != b->minor)
        return a->minor > b->minor ? 1 : -1;
    if (a_length != b_length)
        return a_length > b_length ? 1 : -1;
    return strcmp(a->mount_point, b->mount_point);
}

static void drop_hidden(struct mountinfo_table *table)
{
    size_t kept = 0;

    for (size_t index = 0; index < table->count; index++) {
        if (!table->rows[index].hidden)
            table->rows[kept++] = table->rows[index];
    }
    table->count = kept;
}

/* What is hidden goes, also where an excluded mount hides it. */
static int keep_visible(struct mountinfo_table *table)
{
    struct mountinfo_row *rows = table->rows;
    int result = mountinfo_cover(table);

    if (result < 0)
        return result;
    drop_hidden(table);
    qsort(rows, table->count, sizeof *rows, compare_points);
    for (size_t index = 0; index < table->count; index++)
        rows[index].hidden = !takes_type(table, rows[index].fstype) ||
                             (index + 1 < table->count &&
                              strcmp(rows[index].mount_point, rows[index + 1].mount_point) == 0);
    drop_hidden(table);
    return 0;
}

static void mark_first_of_devices(struct mountinfo_table *table)
{
    struct mountinfo_row *rows = table->rows;

    qsort(rows, table->count, sizeof *rows, compare_devices);
    for (size_t index = 0; index < table->count; index++)
        rows[index].first_of_device = index == 0 || rows[index].major != rows[index - 1].major ||
                                      rows[index].minor != rows[index - 1].minor;
}

int mountinfo_parse(const char *text, size_t length, const char *rootfs,
                    struct mountinfo_table *table)
{
    char *texts = array_reserve(table->texts, &table->text_capacity, length + 1, 1);
    int result;

    table->count = 0;
    if (texts == NULL)
        return -ENOMEM;
    table->texts = texts;
    result = parse_rows(text, length, rootfs, table);
    if (result != -ENOMEM && table->count > 0 && keep_visible(table) < 0)
        result = -ENOMEM;
    if (result == -ENOMEM)
        table->count = 0;
    if (table->count > 0)
        mark_first_of_devices(table);
    return result;
}

bool mountinfo_has(const struct mountinfo_table *table, const struct mountinfo_row *row)
{
    return table->count > 0 &&
           bsearch(row, table->rows, table->count, sizeof *table->rows, compare_devices) != NULL;
}

void mountinfo_finish(struct mountinfo_table *table)
{
    free(table->rows);
    free(table->texts);
    free(table->by_folder);
    *table = (struct mountinfo_table){0};
}
