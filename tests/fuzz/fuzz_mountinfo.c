#include <errno.h>
#include <string.h>

#include "collectors/roster.h"
#include "collectors/system/container_view.h"
#include "collectors/system/mount_filter.h"
#include "collectors/system/mountinfo.h"
#include "tests/fuzz/harness.h"

static void check_row(const struct mountinfo_row *row, const char *text, size_t size)
{
    must(row->id.at >= text && row->id.at + row->id.length < text + size);
    must(roster_accepts(row->id));
    must(row->mount_point[0] == '/' && strlen(row->mount_point) < size);
    must(strlen(row->fstype) < size && strlen(row->device) < size);
    must(!mount_filter_excludes_point(row->mount_point));
    must(!mount_filter_excludes_type(row->fstype));
    must(!row->hidden && row->reach == MOUNTINFO_REACHED);
}

static void check_view(const char *text, size_t size)
{
    struct container_view view;
    int result = container_view_parse(text, size, "/proc", &view);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(view.count <= CONTAINER_VIEW_FILES_MAX);
    for (size_t index = 0; index < view.count; index++)
        must(strlen(view.files[index]) < CONTAINER_VIEW_NAME_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct mountinfo_table table = {0};
    int result = mountinfo_parse(text, size, "/host", &table);

    must(result == 0 || result == -EBADMSG || result == -E2BIG);
    must(table.count <= MOUNTINFO_ROWS_MAX);
    for (size_t index = 0; index < table.count; index++) {
        check_row(&table.rows[index], text, size);
        for (size_t other = 0; other < index && index < 64; other++)
            must(strcmp(table.rows[index].mount_point, table.rows[other].mount_point) != 0);
    }
    must(table.count == 0 || table.rows[0].first_of_device);
    mountinfo_finish(&table);
    check_view(text, size);
    return 0;
}
