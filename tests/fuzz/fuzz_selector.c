#include <string.h>

#include "daemon/selector.h"
#include "tests/fuzz/harness.h"

static const struct label labels[] = {{"cpu", "0"}, {"mode", "user"}};
static const struct series series = {.name = "node_cpu_total", .labels = labels, .label_count = 2};

static void check_selector(const struct selector *selector)
{
    struct selector opposite = *selector;
    struct pattern_meter meter = pattern_meter_start();

    /* Of a matcher alone either it or its opposite holds. */
    opposite.name = NULL;
    opposite.matcher_count = 1;
    for (size_t index = 0; index < selector->matcher_count; index++) {
        bool matches;

        opposite.matchers[0] = selector->matchers[index];
        must(opposite.matchers[0].key[0] != '\0');
        matches = selector_matches(&opposite, &series, &meter);
        opposite.matchers[0].negated = !opposite.matchers[0].negated;
        must(meter.refused || selector_matches(&opposite, &series, &meter) != matches);
        must(matches || !selector_matches(selector, &series, &meter));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct problem problem = {.status = 0};
    struct selector selector;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (selector_parse(text, size, &selector, &problem) == 0) {
        must(problem.status == 0);
        must(selector.matcher_count <= SELECTOR_MAX_MATCHERS);
        check_selector(&selector);
    } else {
        must(problem.status == 400 && strlen(problem.detail) > 0);
    }
    selector_finish(&selector);
    free(text);
    return 0;
}
