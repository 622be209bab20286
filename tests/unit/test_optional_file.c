#include "collectors/optional_file.h"

#include <string.h>

#include "tests/unit/support.h"

static int read_text(struct optional_file *optional, const char *wanted)
{
    const char *text;
    size_t length;
    int result = optional_file_read(optional, &text, &length);

    if (result == 0) {
        ck_assert_uint_eq(length, strlen(wanted));
        ck_assert_mem_eq(text, wanted, length);
    }
    return result;
}

START_TEST(absence_is_asked_for_rarely)
{
    struct folder folder;
    struct optional_file optional;

    folder_make(&folder);
    ck_assert_int_eq(optional_file_open(&optional, folder.path, "file"), 0);
    ck_assert_int_eq(read_text(&optional, ""), -ENOENT);
    folder_write(&folder, "file", "here");
    for (int read = 1; read < OPTIONAL_FILE_RETRY_READS; read++)
        ck_assert_int_eq(read_text(&optional, ""), -ENOENT);
    ck_assert_int_eq(read_text(&optional, "here"), 0);
    ck_assert_int_eq(read_text(&optional, "here"), 0);

    /* What goes is seen at once, and looked for again after as many reads. */
    folder_unlink(&folder, "file");
    for (int read = 0; read < OPTIONAL_FILE_RETRY_READS; read++)
        ck_assert_int_eq(read_text(&optional, ""), -ENOENT);
    folder_write(&folder, "file", "back");
    ck_assert_int_eq(read_text(&optional, "back"), 0);
    optional_file_close(&optional);
    folder_remove(&folder);
}
END_TEST

START_TEST(trouble_is_no_absence)
{
    struct folder folder;
    struct optional_file optional;

    folder_make(&folder);
    folder_write(&folder, "file/below", "");
    ck_assert_int_eq(optional_file_open(&optional, folder.path, "file"), 0);
    ck_assert_int_eq(read_text(&optional, ""), -EISDIR);
    ck_assert(!optional_file_is_absence(-EISDIR));
    folder_unlink(&folder, "file/below");
    optional_file_close(&optional);

    folder_write(&folder, "other", "here");
    ck_assert_int_eq(optional_file_open(&optional, folder.path, "other/file"), 0);
    ck_assert_int_eq(read_text(&optional, ""), -ENOTDIR);
    ck_assert_int_eq(read_text(&optional, ""), -ENOTDIR);
    optional_file_close(&optional);
    folder_remove(&folder);
}
END_TEST

START_TEST(below_net)
{
    struct folder folder;
    struct optional_file optional = {0};

    optional_file_close(&optional);
    folder_make(&folder);
    folder_write(&folder, "1/net/snmp6", "the host's");
    folder_write(&folder, "net/snmp6", "the reader's");
    ck_assert_int_eq(optional_file_open_net(&optional, folder.path, "snmp6"), 0);
    ck_assert_int_eq(read_text(&optional, "the host's"), 0);
    optional_file_close(&optional);
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("optional_file", absence_is_asked_for_rarely, trouble_is_no_absence,
                     below_net);
}
