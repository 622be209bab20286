#include "collectors/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/unit/support.h"

/* A file that changes while it is read, if there is one. */
static struct {
    const struct folder *folder; /* NULL: there is none */
    char *text;                  /* of the file */
    size_t by;                   /* it grows by so much after each read … */
    unsigned times;              /* … so often, and is cut to so much then */
    size_t cut;
} changing;

/* The reader has it open, so that another one in its place would not be seen. */
static void write_in_place(const char *text)
{
    char path[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/file", changing.folder->path);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void change(void)
{
    if (changing.times == 0) {
        changing.text[changing.cut] = '\0';
    } else {
        size_t length = strlen(changing.text);

        memset(changing.text + length, 'z', changing.by);
        changing.text[length + changing.by] = '\0';
        changing.times--;
    }
    write_in_place(changing.text);
}

/* Stands before the C library's. */
ssize_t pread(int fd, void *buffer, size_t bytes, off_t offset)
{
    ssize_t got = (ssize_t)syscall(SYS_pread64, fd, buffer, bytes, offset);

    if (changing.folder != NULL && got > 0)
        change();
    return got;
}

static void expect_text(struct procfs_file *file, const char *wanted)
{
    const char *text;
    size_t length;

    ck_assert_int_eq(procfs_read(file, &text, &length), 0);
    ck_assert_uint_eq(length, strlen(wanted));
    ck_assert_mem_eq(text, wanted, length);
}

static void expect_error(struct procfs_file *file, int wanted)
{
    const char *text = "untouched";
    size_t length = 7;

    ck_assert_int_eq(procfs_read(file, &text, &length), wanted);
    ck_assert_str_eq(text, "untouched");
    ck_assert_uint_eq(length, 7);
}

/* Lines of text of this length, newline at the end; the caller frees it. */
static char *long_text(size_t length)
{
    char *text = malloc(length + 1);

    ck_assert_ptr_nonnull(text);
    for (size_t index = 0; index < length; index++)
        text[index] = index % 64 == 63 ? '\n' : (char)('a' + index % 26);
    text[length] = '\0';
    return text;
}

START_TEST(a_replaced_file_is_noticed)
{
    struct folder folder;
    struct procfs_file file;

    folder_make(&folder);
    folder_write(&folder, "stat", "one\n");
    ck_assert_int_eq(procfs_open(&file, folder.path, "stat"), 0);
    expect_text(&file, "one\n");
    expect_text(&file, "one\n");
    folder_write(&folder, "stat", "another\n");
    expect_text(&file, "another\n");
    folder_write(&folder, "stat", "");
    expect_text(&file, "");
    procfs_close(&file);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_may_go_and_come)
{
    struct folder folder;
    struct procfs_file file;

    folder_make(&folder);
    ck_assert_int_eq(procfs_open(&file, folder.path, "spl/stat"), -ENOENT);
    expect_error(&file, -ENOENT);
    folder_write(&folder, "spl/stat", "here\n");
    expect_text(&file, "here\n");
    folder_unlink(&folder, "spl/stat");
    expect_error(&file, -ENOENT);
    folder_write(&folder, "spl/stat", "again\n");
    expect_text(&file, "again\n");
    procfs_close(&file);
    procfs_close(&file);
    folder_remove(&folder);
}
END_TEST

START_TEST(sizes_around_the_buffer_are_whole)
{
    static const size_t sizes[] = {0,    1,    2047, 2048, 2049,  4095,  4096,
                                   4097, 8191, 8192, 8193, 65536, 100000};
    struct folder folder;
    struct procfs_file file;

    folder_make(&folder);
    folder_write(&folder, "file", "");
    ck_assert_int_eq(procfs_open(&file, folder.path, "file"), 0);
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        char *text = long_text(sizes[index]);

        folder_write(&folder, "file", text);
        expect_text(&file, text);
        free(text);
    }
    procfs_close(&file);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_beyond_all_bounds_is_refused)
{
    char *text = long_text(PROCFS_FILE_MAX + 1);
    struct folder folder;
    struct procfs_file file;

    folder_make(&folder);
    folder_write(&folder, "file", text);
    ck_assert_int_eq(procfs_open(&file, folder.path, "file"), 0);
    expect_error(&file, -E2BIG);
    text[PROCFS_FILE_MAX] = '\0';
    folder_write(&folder, "file", text);
    expect_text(&file, text);
    procfs_close(&file);
    folder_remove(&folder);
    free(text);
}
END_TEST

/* A file of 5000 bytes, which takes two reads. */
static void make_changing(const struct folder *folder, struct procfs_file *file)
{
    changing.text = calloc(2, PROCFS_FILE_MAX);
    ck_assert_ptr_nonnull(changing.text);
    memset(changing.text, 'a', 5000);
    folder_write(folder, "file", changing.text);
    ck_assert_int_eq(procfs_open(file, folder->path, "file"), 0);
    changing.folder = folder;
}

static void finish_changing(struct procfs_file *file)
{
    changing.folder = NULL;
    free(changing.text);
    procfs_close(file);
}

START_TEST(a_file_that_changes_between_reads_is_read_to_its_end)
{
    struct folder folder;
    struct procfs_file file;
    const char *text;
    size_t length;

    folder_make(&folder);
    make_changing(&folder, &file);
    changing.by = 3000;
    changing.times = 3;
    changing.cut = 5000 + 3 * 3000;
    ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
    ck_assert_uint_eq(length, 5000 + 3 * 3000);
    ck_assert_mem_eq(text, changing.text, length);

    /* It is shorter than what was read before. */
    changing.cut = 100;
    ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
    ck_assert_uint_ge(length, 100);
    changing.folder = NULL;
    ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
    ck_assert_uint_eq(length, 100);
    finish_changing(&file);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_file_that_never_ends_is_refused)
{
    struct folder folder;
    struct procfs_file file;

    folder_make(&folder);
    make_changing(&folder, &file);
    changing.by = 1 << 18;
    changing.times = UINT_MAX;
    expect_error(&file, -E2BIG);
    finish_changing(&file);
    folder_remove(&folder);
}
END_TEST

START_TEST(a_folder_is_an_error)
{
    struct procfs_file file;

    ck_assert_int_eq(procfs_open(&file, "/", "tmp"), 0);
    expect_error(&file, -EISDIR);
    procfs_close(&file);
}
END_TEST

/* A file of many records and pages: what is read must agree with a plain reading of it. */
START_TEST(a_real_file_of_many_pages_is_whole)
{
    struct procfs_file file;

    if (procfs_open(&file, "/proc", "crypto") == 0) {
        char *wanted = file_text("/proc/crypto");

        expect_text(&file, wanted);
        expect_text(&file, wanted);
        ck_assert(file.kept);
        free(wanted);
    }
    procfs_close(&file);
}
END_TEST

/* Makes a file whose path is at least so long and opens it. */
static int open_deep_file(const struct folder *folder, size_t path_bytes, char *path, size_t size)
{
    size_t used = 0;
    char whole[4096];
    int fd;

    while (used < path_bytes)
        used += (size_t)snprintf(path + used, size - used, "a-folder-of-a-deep-path/");
    snprintf(path + used, size - used, "file");
    folder_write(folder, path, "text");
    snprintf(whole, sizeof whole, "%s/%s", folder->path, path);
    fd = open(whole, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* At this low address, so that its line is among the first. False where that cannot be. */
static bool map_low(uintptr_t address, int fd)
{
    void *wanted = (void *)address;

    return mmap(wanted, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == wanted;
}

/*
 * In /proc/self/maps: less than half a page and then a line that has no room in the rest of it.
 * The first read ends between the two.
 */
START_TEST(long_lines_are_whole)
{
    struct folder folder;
    struct procfs_file file;
    char paths[2][3072];
    const char *text;
    size_t length;
    int fds[2];

    folder_make(&folder);
    fds[0] = open_deep_file(&folder, 1750, paths[0], sizeof paths[0]);
    fds[1] = open_deep_file(&folder, 2600, paths[1], sizeof paths[1]);
    if (map_low(0x10000000, fds[0]) && map_low(0x20000000, fds[1])) {
        ck_assert_int_eq(procfs_open(&file, "/proc", "self/maps"), 0);
        file.long_lines = true;
        ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
        ck_assert_ptr_nonnull(memmem(text, length, paths[1], strlen(paths[1])));
        ck_assert_ptr_nonnull(memmem(text, length, "[stack]", 7));
        procfs_close(&file);
    }
    close(fds[0]);
    close(fds[1]);
    folder_remove(&folder);
}
END_TEST

START_TEST(on_procfs_the_descriptor_stays)
{
    struct procfs_file file;
    const char *text;
    size_t length;
    int fd;

    ck_assert_int_eq(procfs_open(&file, "/proc", "filesystems"), 0);
    fd = file.fd;
    for (int count = 0; count < 3; count++) {
        ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
        ck_assert_uint_gt(length, 0);
        ck_assert_int_eq(text[length - 1], '\n');
        ck_assert_int_eq(file.fd, fd);
    }
    procfs_close(&file);
}
END_TEST

START_TEST(a_kept_descriptor_that_fails_is_opened_anew)
{
    struct procfs_file file;
    const char *text;
    size_t length;
    int dead = open("/", O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(dead, 0);
    ck_assert_int_eq(procfs_open(&file, "/proc", "loadavg"), 0);
    /* A folder in its place, which cannot be read: as the file of a module that was unloaded. */
    ck_assert_int_eq(dup2(dead, file.fd), file.fd);
    close(dead);
    ck_assert_int_eq(procfs_read(&file, &text, &length), 0);
    ck_assert_uint_gt(length, 10);
    procfs_close(&file);
}
END_TEST

int main(void)
{
    return RUN_TESTS("procfs", a_replaced_file_is_noticed, a_file_may_go_and_come,
                     sizes_around_the_buffer_are_whole, a_file_beyond_all_bounds_is_refused,
                     a_file_that_changes_between_reads_is_read_to_its_end,
                     a_file_that_never_ends_is_refused, a_folder_is_an_error,
                     a_real_file_of_many_pages_is_whole, long_lines_are_whole,
                     on_procfs_the_descriptor_stays, a_kept_descriptor_that_fails_is_opened_anew);
}
