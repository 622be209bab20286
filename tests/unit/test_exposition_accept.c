#include "daemon/exposition_accept.h"

#include <string.h>

#include "tests/unit/support.h"

static void expect(const char *header, enum exposition_format wanted)
{
    ck_assert_msg(exposition_accepted(header) == wanted, "%s", header ? header : "no header");
}

START_TEST(scrapers_get_what_they_like_best)
{
    /* Prometheus before 2.42, 2.42, 3 without and with its binary format. */
    expect("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
           EXPOSITION_TEXT);
    expect("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
           "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
           EXPOSITION_OPENMETRICS);
    expect("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
           "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0."
           "4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
           EXPOSITION_OPENMETRICS);
    expect("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding="
           "delimited;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0."
           "0.4;q=0.5,*/*;q=0.1",
           EXPOSITION_OPENMETRICS);
    /* A browser, curl, VictoriaMetrics, Telegraf. */
    expect("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
           EXPOSITION_TEXT);
    expect("*/*", EXPOSITION_TEXT);
    expect("text/plain;version=0.0.4;q=1,*/*;q=0.1", EXPOSITION_TEXT);
    expect(NULL, EXPOSITION_TEXT);
    expect("", EXPOSITION_TEXT);
}
END_TEST

START_TEST(weights_decide)
{
    static const char *const openmetrics[] = {
        "application/openmetrics-text",
        "Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.001",
        "application/openmetrics-text;q=0.5, text/plain;q=0.5",
        "text/plain;q=0.499,application/openmetrics-text;q=0.5",
        "text/plain;q=0, */*, application/openmetrics-text;q=0.1",
        "text/*;q=0.2, */*, application/openmetrics-text;q=0.3",
        "text/plain;version=1.0.0, */*;q=0.1, application/openmetrics-text;q=0.2",
    };
    static const char *const text[] = {
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=0.000",
        "application/openmetrics-text;q=0.5, text/plain",
        "application/openmetrics-text;q=0.5, */*",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;version=1.0",
        "application/openmetrics-text;q=2",
        "application/openmetrics-text;q=1.001",
        "application/openmetrics-text;q=0.0001",
        "application/openmetrics-text;q=x",
        "application/openmetrics-text;q=",
        "application/openmetrics-texts",
        "application/*",
        "openmetrics",
        ";;;,,,;q=1",
        ",",
    };

    for (size_t i = 0; i < sizeof openmetrics / sizeof *openmetrics; i++)
        expect(openmetrics[i], EXPOSITION_OPENMETRICS);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        expect(text[i], EXPOSITION_TEXT);
}
END_TEST

START_TEST(types)
{
    ck_assert_str_eq(exposition_type_name(EXPOSITION_TEXT),
                     "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_str_eq(exposition_type_name(EXPOSITION_OPENMETRICS),
                     "application/openmetrics-text; version=1.0.0; charset=utf-8");
}
END_TEST

int main(void)
{
    return RUN_TESTS("exposition_accept", scrapers_get_what_they_like_best, weights_decide, types);
}
