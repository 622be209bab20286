#include "collectors/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/support.h"

/* What sysfs_read() gives for a file of this text and a buffer of so many bytes. */
static int read_text(const char *text, size_t size, struct span *out)
{
    static char buffer[64];
    struct folder folder;
    char path[128];
    int result;

    ck_assert_uint_lt(size, sizeof buffer);
    memset(buffer, '#', sizeof buffer);
    folder_make(&folder);
    folder_write(&folder, "attribute", text);
    snprintf(path, sizeof path, "%s/attribute", folder.path);
    result = sysfs_read(AT_FDCWD, path, buffer, size, out);
    ck_assert_int_eq(buffer[size], '#');
    folder_remove(&folder);
    return result;
}

START_TEST(the_last_newline_is_not_in_it)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {{"", ""},          {"\n", ""},           {"tsc\n", "tsc"},
                 {"tsc", "tsc"},    {"tsc\n\n", "tsc\n"}, {" a\tb \n", " a\tb "},
                 {"1\n2\n", "1\n2"}};

    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct span span;

        ck_assert_int_eq(read_text(cases[index].text, 63, &span), 0);
        ck_assert_msg(span_equals(span, cases[index].wanted), "%s", cases[index].text);
    }
}
END_TEST

START_TEST(more_than_fits_is_no_part_of_it)
{
    struct span span = {0};

    ck_assert_int_eq(read_text("1234567\n", 9, &span), 0);
    ck_assert(span_equals(span, "1234567"));
    span = (struct span){0};
    ck_assert_int_eq(read_text("1234567\n", 8, &span), -E2BIG);
    ck_assert_int_eq(read_text("1234567890", 8, &span), -E2BIG);
    ck_assert_ptr_null(span.at);
}
END_TEST

START_TEST(errors_are_told)
{
    struct folder folder;
    struct span span = {0};
    char buffer[8];
    char path[128];
    int fd;

    folder_make(&folder);
    folder_write(&folder, "below/it", "5\n");
    fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(sysfs_read(fd, "nothing", buffer, sizeof buffer, &span), -ENOENT);
    ck_assert_int_eq(sysfs_read(fd, "below", buffer, sizeof buffer, &span), -EISDIR);
    snprintf(path, sizeof path, "%s/below/it/no", folder.path);
    ck_assert_int_eq(sysfs_read(AT_FDCWD, path, buffer, sizeof buffer, &span), -ENOTDIR);
    ck_assert_ptr_null(span.at);
    ck_assert_int_eq(sysfs_read(fd, "below/it", buffer, sizeof buffer, &span), 0);
    ck_assert(span_equals(span, "5"));
    close(fd);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sysfs", the_last_newline_is_not_in_it, more_than_fits_is_no_part_of_it,
                     errors_are_told);
}
