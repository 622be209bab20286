#include "collectors/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

START_TEST(numbers)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"0", 0},
        {"-1", -1},
        {"1500", 1500},
        {"0x0", 0},
        {"0x1303", 0x1303},
        {"0x7fffffffffffffff", INT64_MAX},
        {"9223372036854775807", INT64_MAX},
    };
    static const char *const bad[] = {
        "",     "-",
        "0x",   "0xg",
        "-0x1", "0X1",
        "1 ",   "1\n",
        " 1",   "0x8000000000000000",
        "1.5",  "9223372036854775808",
    };

    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        int64_t number = 77;

        ck_assert_int_eq(sysfs_parse_number(good[index].text, strlen(good[index].text), &number),
                         0);
        ck_assert_int_eq(number, good[index].number);
    }
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        int64_t number = 77;

        ck_assert_msg(sysfs_parse_number(bad[index], strlen(bad[index]), &number) == -EBADMSG, "%s",
                      bad[index]);
        ck_assert_int_eq(number, 77);
    }
}
END_TEST

static void expect_justified(const char *text, size_t length)
{
    int64_t number;

    if (sysfs_parse_number(text, length, &number) == 0)
        ck_assert(length != 2 && number <= 0x13fe);
    else
        ck_assert(length == 0 || length == 2);
}

START_TEST(every_prefix)
{
    each_prefix("0x13fe", expect_justified);
}
END_TEST

START_TEST(attributes_that_are_numbers)
{
    struct folder folder;
    int64_t number = 77;
    int fd;

    folder_make(&folder);
    folder_write(&folder, "number", "0x20\n");
    folder_write(&folder, "text", "up\n");
    folder_write(&folder, "long", "00000000000000000000000000000000000000001\n");
    fd = open(folder.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(sysfs_read_number(fd, "nothing", &number), -ENOENT);
    ck_assert_int_eq(sysfs_read_number(fd, "text", &number), -EBADMSG);
    ck_assert_int_eq(sysfs_read_number(fd, "long", &number), -E2BIG);
    ck_assert_int_eq(number, 77);
    ck_assert_int_eq(sysfs_read_number(fd, "number", &number), 0);
    ck_assert_int_eq(number, 32);
    close(fd);
    folder_remove(&folder);
}
END_TEST

START_TEST(attributes_that_are_strings)
{
    struct folder folder;
    char text[8] = "before";
    int fd;

    folder_make(&folder);
    folder_write(&folder, "padded", "\n a b \n");
    folder_write(&folder, "blank", " \n");
    folder_write(&folder, "long", "12345678");
    fd = open(folder.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(sysfs_read_text(fd, "nothing", text, sizeof text), -ENOENT);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(sysfs_read_text(fd, "padded", text, sizeof text), 0);
    ck_assert_str_eq(text, "a b");
    ck_assert_int_eq(sysfs_read_text(fd, "long", text, sizeof text), -E2BIG);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(sysfs_read_text(fd, "blank", text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    close(fd);
    folder_remove(&folder);
}
END_TEST

START_TEST(the_folder_of_a_device)
{
    char name[PATH_MAX];
    struct folder folder;
    int64_t number;
    int fd;

    folder_make(&folder);
    folder_write(&folder, "block/cciss!c0d0/diskseq", "5\n");
    fd = sysfs_open_device(folder.path, "block", "cciss/c0d0");
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(sysfs_read_number(fd, "diskseq", &number), 0);
    ck_assert_int_eq(number, 5);
    close(fd);
    ck_assert_int_eq(sysfs_open_device(folder.path, "block", "sda"), -ENOENT);
    ck_assert_int_eq(sysfs_open_device(folder.path, "class/net", "cciss!c0d0"), -ENOENT);
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(sysfs_open_device(folder.path, "block", name), -ENAMETOOLONG);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("sysfs", the_last_newline_is_not_in_it, more_than_fits_is_no_part_of_it,
                     errors_are_told, numbers, every_prefix, attributes_that_are_numbers,
                     attributes_that_are_strings, the_folder_of_a_device);
}
