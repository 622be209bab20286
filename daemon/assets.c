#include "daemon/assets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "daemon/scope.h"

const struct asset *asset_find(const char *path)
{
    for (size_t i = 0; i < asset_count; i++) {
        if (strcmp(assets[i].path, path) == 0)
            return &assets[i];
    }
    return NULL;
}

int asset_open(const struct asset *asset, const char *directory)
{
    const char *name = strcmp(asset->path, "/") == 0 ? "index.html" : asset->path + 1;
    AUTO_CLOSE int dir = open(directory, O_DIRECTORY | O_PATH | O_CLOEXEC);
    int fd;

    if (dir < 0)
        return -errno;
    fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
