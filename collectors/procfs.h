/*
 * A text file of the kernel that is read every tick: its path, a descriptor that stays open on
 * procfs, and a buffer that has grown to the file's size, so that a tick costs one system call
 * and no allocation.
 */
#ifndef TACHO_COLLECTORS_PROCFS_H
#define TACHO_COLLECTORS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>

/* A file above this is not one that we know how to read. */
#define PROCFS_FILE_MAX ((size_t)4 << 20)

/* Caller's memory; the members are procfs.c's. All zero is a closed file. */
struct procfs_file {
    char *path;
    char *buffer;
    size_t capacity;
    int fd;       /* -1: opened by the next read; meaningless while path is NULL */
    bool kept;    /* stays open between reads */
    bool overlay; /* as it was last opened: not the kernel's but of a FUSE server, as lxcfs is */
    /*
     * Set by who opened it: a line may be longer than half a page, as in mountinfo, so that only a
     * read of nothing is the end.
     */
    bool long_lines;
};

/*
 * Opens root/path. 0 or -errno. Whatever it returns, procfs_close() is right; and unless that is
 * -ENOMEM, procfs_read() is too: it tries the path anew, so that a file which is not there yet is
 * found when it comes.
 */
__attribute__((warn_unused_result)) int procfs_open(struct procfs_file *file, const char *root,
                                                    const char *path);

/*
 * As procfs_open(), of a file below net/, which shows the network namespace of the process that
 * reads it. Where procfs is not the one at /proc, it is another's, as of the host around a
 * container, and its first process is asked for; where that has none, net/ itself.
 */
__attribute__((warn_unused_result)) int procfs_open_net(struct procfs_file *file,
                                                        const char *procfs, const char *name);

/*
 * The file's present text, without NUL, in memory of *file that is good until the next call. On
 * procfs the descriptor is kept; elsewhere (folders of text files, lxcfs over /proc) the path is
 * opened each time, so that a file put in its place is seen. 0 or -errno with the outputs
 * untouched: -ENOENT when the file has gone, -E2BIG above PROCFS_FILE_MAX.
 */
__attribute__((warn_unused_result)) int procfs_read(struct procfs_file *file, const char **text,
                                                    size_t *length);

/*
 * Opens root/path and reads it to its end, of what is read once or rarely; its lines may be long.
 * As procfs_open() and procfs_read() return; the text is good until procfs_close(), which is right
 * in any case.
 */
__attribute__((warn_unused_result)) int procfs_read_once(struct procfs_file *file, const char *root,
                                                         const char *path, const char **text,
                                                         size_t *length);

/* Gives up what the file holds; a closed one is a no-op. */
void procfs_close(struct procfs_file *file);

#endif
