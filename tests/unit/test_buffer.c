#include "daemon/buffer.h"

#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/support.h"

START_TEST(what_is_appended_is_there)
{
    struct buffer buffer = {0};

    buffer_append(&buffer, "ab\0c", 4);
    buffer_append_char(&buffer, 'd');
    buffer_append_text(&buffer, "ef");
    buffer_append_text(&buffer, "");
    buffer_append(&buffer, NULL, 0);
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.size, 7);
    ck_assert_mem_eq(buffer.data, "ab\0cdef", 7);
    buffer_finish(&buffer);
    ck_assert_ptr_null(buffer.data);
    ck_assert_uint_eq(buffer.size, 0);
    buffer_append_char(&buffer, 'x');
    ck_assert_uint_eq(buffer.size, 1);
    buffer_finish(&buffer);
    buffer_finish(&buffer);
}
END_TEST

START_TEST(it_grows_and_keeps_what_it_has)
{
    struct buffer buffer = {0};
    char block[777];

    for (size_t i = 0; i < 300; i++) {
        memset(block, (int)(i % 251), sizeof block);
        buffer_append(&buffer, block, i);
    }
    ck_assert(!buffer.failed);
    ck_assert_uint_eq(buffer.size, 300 * 299 / 2);
    ck_assert_uint_ge(buffer.capacity, buffer.size);
    for (size_t i = 0, at = 0; i < 300; at += i++) {
        for (size_t k = 0; k < i; k++)
            ck_assert_int_eq((unsigned char)buffer.data[at + k], (int)(i % 251));
    }
    buffer_finish(&buffer);
}
END_TEST

START_TEST(reserved_room_is_there_to_be_written)
{
    static const size_t sizes[] = {0, 1, 1024, 1025, 5000, 100000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer buffer = {0};
        char *room;

        buffer_append_char(&buffer, 'a');
        room = buffer_reserve(&buffer, sizes[i]);
        ck_assert_ptr_nonnull(room);
        memset(room, 'b', sizes[i]); /* the sanitizer tells if there is less */
        ck_assert_ptr_eq(room, buffer.data + 1);
        ck_assert_uint_eq(buffer.size, 1);
        ck_assert_int_eq(buffer.data[0], 'a');
        buffer_finish(&buffer);
    }
}
END_TEST

START_TEST(without_memory_it_fails_once_and_for_all)
{
    struct buffer buffer = {0};

    buffer_append_text(&buffer, "kept");
    ck_assert_ptr_null(buffer_reserve(&buffer, SIZE_MAX / 4));
    ck_assert(buffer.failed);
    buffer_append_text(&buffer, "not taken");
    ck_assert_ptr_null(buffer_reserve(&buffer, 1));
    ck_assert_uint_eq(buffer.size, 4);
    ck_assert_mem_eq(buffer.data, "kept", 4);
    buffer_finish(&buffer);
    ck_assert(!buffer.failed);
}
END_TEST

START_TEST(a_size_beyond_all_bounds_fails_too)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2 + 2};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer buffer = {0};

        buffer_append_text(&buffer, "kept");
        ck_assert_ptr_null(buffer_reserve(&buffer, sizes[i]));
        ck_assert(buffer.failed);
        buffer_finish(&buffer);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("buffer", what_is_appended_is_there, it_grows_and_keeps_what_it_has,
                     reserved_room_is_there_to_be_written, without_memory_it_fails_once_and_for_all,
                     a_size_beyond_all_bounds_fails_too);
}
