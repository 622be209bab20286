/*
 * Which files of /proc are not the kernel's: in a container lxcfs(1), or another FUSE server, is
 * mounted over some of them and tells of the container. What the others say is the host's.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_CONTAINER_VIEW_H
#define TACHO_COLLECTORS_SYSTEM_CONTAINER_VIEW_H

#include <stddef.h>

/* lxcfs has eleven. */
#define CONTAINER_VIEW_FILES_MAX 16
/* Of a name with its NUL; what is longer is left out. */
#define CONTAINER_VIEW_NAME_BYTES 32

/* The names are relative to procfs, as "pressure/cpu", in the order of their bytes. */
struct container_view {
    size_t count;
    char files[CONTAINER_VIEW_FILES_MAX][CONTAINER_VIEW_NAME_BYTES];
};

/*
 * Of a mountinfo, the files below procfs (a path without a slash at its end) that a path leads to.
 * 0; -EBADMSG or -E2BIG with what could be understood and has room; or -ENOMEM with *out untouched.
 */
__attribute__((warn_unused_result)) int container_view_parse(const char *text, size_t length,
                                                             const char *procfs,
                                                             struct container_view *out);

/*
 * As this process sees procfs: its own mounts, for those of others change nothing of what it reads.
 * Returns as container_view_parse(), or -errno of the file with *out untouched.
 */
__attribute__((warn_unused_result)) int container_view_read(const char *procfs,
                                                            struct container_view *out);

#endif
