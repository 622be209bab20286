#include "daemon/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/unit/support.h"

#define BLOCKS 5

/* What gzip makes of a stream; its whole must be a valid one. */
static size_t inflate_all(const char *bytes, size_t size, char *out, size_t room)
{
    z_stream inflater = {.next_in = (Bytef *)(uintptr_t)bytes,
                         .avail_in = (uInt)size,
                         .next_out = (Bytef *)out,
                         .avail_out = (uInt)room};
    size_t length;

    ck_assert_int_eq(inflateInit2(&inflater, 15 + 16), Z_OK);
    ck_assert_int_eq(inflate(&inflater, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(inflater.avail_in, 0);
    length = inflater.total_out;
    inflateEnd(&inflater);
    return length;
}

static void make_blocks(struct gzip *gzip, char plain[BLOCKS][4096], size_t sizes[BLOCKS],
                        struct gzip_block *blocks[BLOCKS])
{
    for (size_t i = 0; i < BLOCKS; i++) {
        sizes[i] = i * 1000;
        for (size_t k = 0; k < sizes[i]; k++)
            plain[i][k] = (char)(i == 4 ? rand() : 'a' + (int)(k % 7 * i));
        blocks[i] = gzip_block_new(gzip, plain[i], (uint32_t)sizes[i]);
        ck_assert_ptr_nonnull(blocks[i]);
    }
}

START_TEST(blocks_in_any_order_are_one_stream)
{
    static const size_t orders[][4] = {{0, 1, 2, 3}, {3, 3, 4, 0}, {4, 2, 1, 4}};
    char plain[BLOCKS][4096];
    size_t sizes[BLOCKS];
    struct gzip_block *blocks[BLOCKS];
    struct gzip *gzip = gzip_new();

    ck_assert_ptr_nonnull(gzip);
    make_blocks(gzip, plain, sizes, blocks);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        char stream[20000], wanted[20000], out[20000];
        size_t size = GZIP_HEADER_BYTES, wanted_size = 0;
        struct gzip_sum sum = {0};

        memcpy(stream, gzip_header, GZIP_HEADER_BYTES);
        for (size_t k = 0; k < 4; k++) {
            const struct gzip_block *block = blocks[orders[i][k]];

            gzip_sum_add(&sum, block);
            memcpy(stream + size, block->data, block->size);
            size += block->size;
            memcpy(wanted + wanted_size, plain[orders[i][k]], sizes[orders[i][k]]);
            wanted_size += sizes[orders[i][k]];
        }
        gzip_end(&sum, stream + size);
        size += GZIP_TRAILER_BYTES;
        ck_assert_uint_eq(inflate_all(stream, size, out, sizeof out), wanted_size);
        ck_assert_mem_eq(out, wanted, wanted_size);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    gzip_free(gzip);
    gzip_free(NULL);
}
END_TEST

START_TEST(an_empty_stream_is_valid)
{
    char stream[GZIP_HEADER_BYTES + GZIP_TRAILER_BYTES], out[1];
    const struct gzip_sum sum = {0};

    memcpy(stream, gzip_header, GZIP_HEADER_BYTES);
    gzip_end(&sum, stream + GZIP_HEADER_BYTES);
    ck_assert_uint_eq(inflate_all(stream, sizeof stream, out, sizeof out), 0);
}
END_TEST

START_TEST(what_repeats_becomes_small)
{
    struct gzip *gzip = gzip_new();
    struct gzip_block *block;
    char text[8000];

    memset(text, 'x', sizeof text);
    block = gzip_block_new(gzip, text, sizeof text);
    ck_assert_ptr_nonnull(block);
    ck_assert_uint_lt(block->size, 100);
    ck_assert_uint_eq(block->length, sizeof text);
    free(block);
    gzip_free(gzip);
}
END_TEST

int main(void)
{
    return RUN_TESTS("gzip", blocks_in_any_order_are_one_stream, an_empty_stream_is_valid,
                     what_repeats_becomes_small);
}
