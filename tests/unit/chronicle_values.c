#include "tests/unit/chronicle.h"

/* xorshift64 */
uint64_t chronicle_random(struct chronicle *chronicle, uint64_t n)
{
    chronicle->random ^= chronicle->random << 13;
    chronicle->random ^= chronicle->random >> 7;
    chronicle->random ^= chronicle->random << 17;
    return (chronicle->random >> 11) % n;
}

static bool one_in(struct chronicle *chronicle, uint64_t n)
{
    return chronicle_random(chronicle, n) == 0;
}

static uint64_t odd_word(struct chronicle *chronicle, uint64_t word)
{
    static const uint64_t odd[] = {SAMPLE_ABSENT, SAMPLE_GONE, SAMPLE_NAN, SAMPLE_ABSENT};

    return one_in(chronicle, 12) ? odd[chronicle_random(chronicle, 4)] : word;
}

uint64_t chronicle_word(struct chronicle *chronicle, enum chronicle_series series, uint64_t seq)
{
    double *total = &chronicle->totals[series];
    bool is_slow_tick = seq % 10 == 3 && !one_in(chronicle, 20);

    switch (series) {
    case STEADY_GAUGE:
        return sample_word((double)chronicle_random(chronicle, 1000) - 500);
    case ODD_GAUGE:
        return odd_word(chronicle, one_in(chronicle, 400)
                                       ? sample_word(INFINITY)
                                       : sample_word((double)chronicle_random(chronicle, 99) / 7));
    case STEADY_TOTAL:
        *total += (double)chronicle_random(chronicle, 5000);
        return sample_word(*total);
    case ODD_TOTAL:
        *total = one_in(chronicle, 50) ? 0 : *total + (double)chronicle_random(chronicle, 9);
        return odd_word(chronicle, sample_word(*total));
    case FRACTION_TOTAL:
        *total += (double)chronicle_random(chronicle, 100) / 97;
        return sample_word(*total);
    case SLOW_TOTAL:
        *total += 3;
        return is_slow_tick ? sample_word(*total) : SAMPLE_ABSENT;
    default:
        return is_slow_tick ? sample_word((double)seq) : SAMPLE_ABSENT;
    }
}

void chronicle_histogram(struct chronicle *chronicle, bool odd, struct chronicle_histogram *out)
{
    static const int16_t far_out[] = {HISTOGRAM_ZERO, INT16_MIN + 1, INT16_MAX, 0};

    out->count = (uint32_t)chronicle_random(chronicle, CHRONICLE_MAX_PAIRS + 1);
    for (size_t i = 0; i < out->count; i++)
        out->pairs[i] = (struct histogram_pair){
            .bucket = odd && one_in(chronicle, 30)
                          ? far_out[chronicle_random(chronicle, 4)]
                          : (int16_t)((int)chronicle_random(chronicle, 300) - 200),
            .increment = (uint32_t)chronicle_random(chronicle, one_in(chronicle, 20) ? 1 << 20 : 9),
        };
    if (odd && one_in(chronicle, 6))
        out->count = one_in(chronicle, 2) ? 0 : SEGMENT_NO_PAIRS;
}
