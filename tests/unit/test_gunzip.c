#include "daemon/gunzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "tests/unit/support.h"

#define ROOM (1 << 20)

/* Packs a text as gzip. */
static size_t pack(const char *text, size_t length, char *out)
{
    z_stream deflater = {0};

    ck_assert_int_eq(deflateInit2(&deflater, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    deflater.next_in = (const Bytef *)text;
    deflater.avail_in = (uInt)length;
    deflater.next_out = (Bytef *)out;
    deflater.avail_out = ROOM;
    ck_assert_int_eq(deflate(&deflater, Z_FINISH), Z_STREAM_END);
    length = deflater.total_out;
    deflateEnd(&deflater);
    return length;
}

/* Unpacks what comes in pieces of a size into pieces of another; the length, or -errno. */
static ssize_t unpack(struct gunzip *gunzip, const char *packed, size_t length, size_t piece,
                      size_t room, char *out)
{
    size_t made = 0;

    gunzip_begin(gunzip);
    for (size_t at = 0; at < length; at += piece) {
        struct span in = {packed + at, length - at < piece ? length - at : piece};
        ssize_t size;

        do {
            size = gunzip_take(gunzip, &in, out + made, room);
            if (size < 0)
                return size;
            ck_assert_uint_le((size_t)size, room);
            made += (size_t)size;
        } while ((size_t)size == room);
        ck_assert_uint_eq(in.length, 0);
    }
    return (ssize_t)made;
}

START_TEST(pieces_of_any_size_make_the_same)
{
    static const size_t sizes[] = {1, 7, 4096, ROOM};
    char *text = malloc(ROOM), *packed = malloc(ROOM), *out = malloc(2 * ROOM);
    struct gunzip *gunzip;
    size_t length;

    ck_assert_int_eq(gunzip_new(&gunzip), 0);
    for (size_t i = 0; i < 300000; i++)
        text[i] = (char)('a' + i % 3 + (i / 100) % 20);
    length = pack(text, 300000, packed);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 1; j < 4; j++) {
            ck_assert_int_eq(unpack(gunzip, packed, length, sizes[i], sizes[j] - 1, out), 300000);
            ck_assert_mem_eq(out, text, 300000);
            ck_assert(gunzip_is_whole(gunzip));
        }
    }
    gunzip_free(gunzip);
    free(text);
    free(packed);
    free(out);
}
END_TEST

START_TEST(members_follow_each_other)
{
    char packed[512], out[64];
    struct gunzip *gunzip;
    size_t length = pack("first ", 6, packed);

    ck_assert_int_eq(gunzip_new(&gunzip), 0);
    length += pack("", 0, packed + length);
    length += pack("second", 6, packed + length);
    for (size_t piece = 1; piece <= length; piece++) {
        ck_assert_int_eq(unpack(gunzip, packed, length, piece, 5, out), 12);
        ck_assert_mem_eq(out, "first second", 12);
        ck_assert(gunzip_is_whole(gunzip));
    }
    gunzip_free(gunzip);
}
END_TEST

START_TEST(what_is_cut_or_damaged_is_not_whole)
{
    char packed[512], out[64];
    struct gunzip *gunzip;
    size_t length = pack("some text", 9, packed);

    ck_assert_int_eq(gunzip_new(&gunzip), 0);
    for (size_t cut = 0; cut < length; cut++) {
        ck_assert_int_ge(unpack(gunzip, packed, cut, 64, 64, out), 0);
        ck_assert(!gunzip_is_whole(gunzip));
    }
    memcpy(packed + length, "trailing", 8);
    ck_assert_int_eq(unpack(gunzip, packed, length + 8, 512, 64, out), -EBADMSG);
    packed[length - 8] ^= 1; /* of its checksum */
    ck_assert_int_eq(unpack(gunzip, packed, length, 512, 64, out), -EBADMSG);
    ck_assert_int_eq(unpack(gunzip, "x 1\n", 4, 512, 64, out), -EBADMSG);
    /* And it can be used again. */
    packed[length - 8] ^= 1;
    ck_assert_int_eq(unpack(gunzip, packed, length, 512, 64, out), 9);
    gunzip_free(gunzip);
}
END_TEST

/* A thousandfold: what is made of a piece is no more than was asked for. */
START_TEST(a_bomb_is_taken_in_pieces)
{
    char *text = calloc(1, 8 * ROOM), *packed = malloc(ROOM), out[4096];
    size_t length = pack(text, 8 * ROOM, packed);
    struct span in = {packed, length};
    struct gunzip *gunzip;

    ck_assert_uint_lt(length, 16384);
    ck_assert_int_eq(gunzip_new(&gunzip), 0);
    gunzip_begin(gunzip);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(gunzip_take(gunzip, &in, out, sizeof out), sizeof out);
    }
    ck_assert_uint_gt(in.length, length / 2);
    ck_assert(!gunzip_is_whole(gunzip));
    gunzip_free(gunzip);
    free(text);
    free(packed);
}
END_TEST

int main(void)
{
    return RUN_TESTS("gunzip", pieces_of_any_size_make_the_same, members_follow_each_other,
                     what_is_cut_or_damaged_is_not_whole, a_bomb_is_taken_in_pieces);
}
