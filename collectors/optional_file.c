#include "collectors/optional_file.h"

int optional_file_open(struct optional_file *optional, const char *root, const char *path)
{
    int result;

    *optional = (struct optional_file){0};
    result = procfs_open(&optional->file, root, path);
    return result == -ENOMEM ? result : 0;
}

int optional_file_open_net(struct optional_file *optional, const char *procfs, const char *name)
{
    int result;

    *optional = (struct optional_file){0};
    result = procfs_open_net(&optional->file, procfs, name);
    return result == -ENOMEM ? result : 0;
}

int optional_file_read(struct optional_file *optional, const char **text, size_t *length)
{
    int result;

    if (optional->skip > 0) {
        optional->skip--;
        return optional->absence;
    }
    result = procfs_read(&optional->file, text, length);
    if (optional_file_is_absence(result)) {
        optional->absence = result;
        optional->skip = OPTIONAL_FILE_RETRY_READS - 1;
    }
    return result;
}

void optional_file_close(struct optional_file *optional)
{
    procfs_close(&optional->file);
}
