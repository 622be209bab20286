#include "daemon/respond.h"

#include "tests/unit/support.h"

START_TEST(gzip_is_taken_where_it_is_named)
{
    static const struct {
        const char *header;
        bool accepted;
    } cases[] = {
        {"gzip", true},
        {"GZip", true},
        {"x-gzip", true},
        {"gzip, deflate, br", true},
        {"deflate, br, gzip", true},
        {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
        {"deflate,\t gzip ;q=0.5", true},
        {",, gzip", true},
        {"*", true},
        {"br, *;q=0.1", true},
        {"gzip;q=0.001", true},
        {"gzip;q=1", true},
        {"*;q=0, gzip", true},
        {"", false},
        {"identity", false},
        {"deflate, br", false},
        {"gzip;q=0", false},
        {"gzip;q=0.000", false},
        {"gzip ; q=0.0", false},
        {"gzip;Q=0", false},
        {"gzip; q=0, deflate", false},
        {"gzip;q=0, *", false}, /* the name says more than the star */
        {"*, gzip;q=0", false},
        {"*;q=0", false},
        {"gzipped", false},
        {"xgzip", false},
        {"x gzip", false},
        {"br;gzip", false},
        {"gzi", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(accepts_gzip(cases[i].header) == cases[i].accepted, "\"%s\"",
                      cases[i].header);
}
END_TEST

START_TEST(tags_are_compared_weakly)
{
    static const struct {
        const char *header, *etag;
        bool matches;
    } cases[] = {
        {"\"abc\"", "\"abc\"", true},
        {"W/\"abc\"", "\"abc\"", true},
        {"\"x\", \"abc\"", "\"abc\"", true},
        {"\"x\" ,W/\"abc\" ", "\"abc\"", true},
        {"*", "\"abc\"", true},
        {" * ", "\"abc\"", true},
        {"\"abc-gzip\"", "\"abc-gzip\"", true},
        {"", "\"abc\"", false},
        {"abc", "\"abc\"", false},
        {"\"abc", "\"abc\"", false},
        {"\"abcd\"", "\"abc\"", false},
        {"\"ab\"", "\"abc\"", false},
        {"\"ABC\"", "\"abc\"", false},
        {"\"abc-gzip\"", "\"abc\"", false},
        {"\"*\"", "\"abc\"", false},
        {"w/\"abc\"", "\"abc\"", false}, /* RFC 9110 8.8.3: W is a capital */
        {"\"x\";\"abc\"", "\"abc\"", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(etag_matches(cases[i].header, cases[i].etag) == cases[i].matches,
                      "%s with %s", cases[i].header, cases[i].etag);
}
END_TEST

int main(void)
{
    return RUN_TESTS("respond", gzip_is_taken_where_it_is_named, tags_are_compared_weakly);
}
