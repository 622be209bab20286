#include "collectors/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/procfs.h"

/* The kernel makes a page or so at once, however much is asked for. */
#define PIECE_BYTES 16384
_Static_assert(PIECE_BYTES > LINES_LINE_MAX, "a line fits into a piece");

struct piece {
    char bytes[PIECE_BYTES];
    size_t length;
};

/* Hands on the whole lines, and keeps what is behind them. */
static int take_lines(struct piece *piece, int (*take)(void *arg, struct scanner line), void *arg)
{
    struct scanner rest = scanner_over(piece->bytes, piece->length);
    struct span line;
    int result = 0;

    while (result == 0 && scan_until(&rest, '\n', &line))
        result =
            line.length <= LINES_LINE_MAX ? take(arg, scanner_over(line.at, line.length)) : -E2BIG;
    piece->length = (size_t)(rest.end - rest.at);
    memmove(piece->bytes, rest.at, piece->length);
    return result == 0 && piece->length > LINES_LINE_MAX ? -E2BIG : result;
}

static int read_pieces(struct piece *piece, int fd, int (*take)(void *arg, struct scanner line),
                       void *arg)
{
    for (;;) {
        ssize_t got = read(fd, piece->bytes + piece->length, PIECE_BYTES - piece->length);
        int result;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        piece->length += (size_t)got;
        result = take_lines(piece, take, arg);
        if (result != 0)
            return result;
    }
    return piece->length > 0 ? take(arg, scanner_over(piece->bytes, piece->length)) : 0;
}

int lines_read(int fd, int (*take)(void *arg, struct scanner line), void *arg)
{
    struct piece *piece = malloc(sizeof *piece);
    int result;

    if (piece == NULL)
        return -ENOMEM;
    piece->length = 0;
    result = read_pieces(piece, fd, take, arg);
    free(piece);
    return result;
}

int lines_read_net(const char *procfs, const char *name,
                   int (*take)(void *arg, struct scanner line), void *arg)
{
    struct procfs_file file;
    int result = procfs_open_net(&file, procfs, name);

    if (result == 0)
        result = lines_read(file.fd, take, arg);
    procfs_close(&file);
    return result;
}
