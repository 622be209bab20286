/* Texts of any length, a line at a time. */
#include "collectors/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/support.h"

struct taken {
    size_t lines, bytes;
    char last[64];
    int stop_at; /* a line that begins with this ends it */
};

static int take(void *arg, struct scanner line)
{
    struct taken *taken = arg;
    size_t length = (size_t)(line.end - line.at);

    taken->lines++;
    taken->bytes += length;
    snprintf(taken->last, sizeof taken->last, "%.*s", (int)(length < 63 ? length : 63), line.at);
    return length > 0 && *line.at == taken->stop_at ? 7 : 0;
}

static int read_text(const char *text, struct taken *taken)
{
    struct folder folder;
    char path[PATH_MAX];
    int fd, result;

    folder_make(&folder);
    folder_write(&folder, "text", text);
    snprintf(path, sizeof path, "%s/text", folder.path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    result = lines_read(fd, take, taken);
    close(fd);
    folder_remove(&folder);
    return result;
}

/* A text of this many lines of this many characters. */
static char *make(size_t lines, size_t length)
{
    char *text = malloc(lines * (length + 1) + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, 'a', lines * (length + 1));
    for (size_t line = 1; line <= lines; line++)
        text[line * (length + 1) - 1] = '\n';
    text[lines * (length + 1)] = '\0';
    return text;
}

START_TEST(each_line_once)
{
    struct taken taken = {0};

    ck_assert_int_eq(read_text("one\n\nthree\nfour", &taken), 0);
    ck_assert_uint_eq(taken.lines, 4);
    ck_assert_uint_eq(taken.bytes, 12);
    ck_assert_str_eq(taken.last, "four");
    taken = (struct taken){0};
    ck_assert_int_eq(read_text("", &taken), 0);
    ck_assert_uint_eq(taken.lines, 0);
    ck_assert_int_eq(lines_read(-1, take, &taken), -EBADF);
}
END_TEST

START_TEST(pieces_cut_no_line)
{
    for (size_t length = 1; length < 300; length += 37) {
        size_t lines = 100000 / length;
        struct taken taken = {0};
        char *text = make(lines, length);

        ck_assert_int_eq(read_text(text, &taken), 0);
        ck_assert_uint_eq(taken.lines, lines);
        ck_assert_uint_eq(taken.bytes, lines * length);
        free(text);
    }
}
END_TEST

START_TEST(lines_have_a_bound)
{
    struct taken taken = {0};
    char *text = make(9, LINES_LINE_MAX);

    ck_assert_int_eq(read_text(text, &taken), 0);
    ck_assert_uint_eq(taken.lines, 9);
    free(text);
    text = make(1, LINES_LINE_MAX + 1);
    ck_assert_int_eq(read_text(text, &taken), -E2BIG);
    text[LINES_LINE_MAX + 1] = '\0'; /* without its newline */
    ck_assert_int_eq(read_text(text, &taken), -E2BIG);
    free(text);
    text = make(1, 100000);
    ck_assert_int_eq(read_text(text, &taken), -E2BIG);
    ck_assert_uint_eq(taken.lines, 9);
    free(text);
}
END_TEST

START_TEST(it_ends_where_the_taker_says)
{
    struct taken taken = {.stop_at = 'b'};

    ck_assert_int_eq(read_text("a\nb\nc\n", &taken), 7);
    ck_assert_uint_eq(taken.lines, 2);
}
END_TEST

/* The first process's, where procfs is not this machine's own. */
START_TEST(net_is_of_the_first_process)
{
    struct taken taken = {0};
    struct folder folder;

    folder_make(&folder);
    ck_assert_int_eq(lines_read_net(folder.path, "arp", take, &taken), -ENOENT);
    folder_write(&folder, "net/arp", "mine\n");
    ck_assert_int_eq(lines_read_net(folder.path, "arp", take, &taken), 0);
    ck_assert_str_eq(taken.last, "mine");
    folder_write(&folder, "1/net/arp", "its\n");
    ck_assert_int_eq(lines_read_net(folder.path, "arp", take, &taken), 0);
    ck_assert_str_eq(taken.last, "its");
    folder_remove(&folder);
}
END_TEST

int main(void)
{
    return RUN_TESTS("lines", each_line_once, pieces_cut_no_line, lines_have_a_bound,
                     it_ends_where_the_taker_says, net_is_of_the_first_process);
}
