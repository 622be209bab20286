#include "tests/unit/data_bench.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "daemon/record.h"

void data_bench_make(struct data_bench *bench)
{
    folder_make(&bench->folder);
    ck_assert_int_eq(data_folder_open(bench->folder.path, &bench->data), 0);
}

void data_bench_remove(struct data_bench *bench)
{
    data_folder_close(&bench->data);
    folder_remove(&bench->folder);
}

uint64_t data_bench_size(const struct data_bench *bench, const char *name)
{
    struct stat status;

    ck_assert_int_eq(fstatat(bench->data.fd, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    return (uint64_t)status.st_size;
}

bool data_bench_exists(const struct data_bench *bench, const char *name)
{
    return faccessat(bench->data.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void data_bench_load(const struct data_bench *bench, const char *name, struct data_bench_file *out)
{
    int fd = openat(bench->data.fd, name, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    out->size = data_bench_size(bench, name);
    out->data = malloc(out->size + 1);
    ck_assert_int_eq(read(fd, out->data, out->size + 1), (ssize_t)out->size);
    close(fd);
}

void data_bench_store(const struct data_bench *bench, const char *name, const void *data,
                      size_t size)
{
    int fd;

    /* Some file systems flush at once what replaces the content of a file. */
    unlinkat(bench->data.fd, name, 0);
    fd = openat(bench->data.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
    close(fd);
}

void data_bench_set_version(struct data_bench_file *file, uint32_t version)
{
    struct record_file_head head;

    memcpy(&head, file->data, sizeof head);
    head.version = version;
    head.crc = 0;
    head.crc = (uint32_t)crc32_z(0, (const void *)&head, sizeof head);
    memcpy(file->data, &head, sizeof head);
}

void data_bench_limit(rlim_t size)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        err(EXIT_FAILURE, "RLIMIT_FSIZE");
    limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        err(EXIT_FAILURE, "RLIMIT_FSIZE");
}
