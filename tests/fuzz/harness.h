/*
 * What each fuzz_*.c defines, under the name that libFuzzer calls. It aborts when something that
 * must hold for every input does not; the sanitizers find the rest. Always returns 0.
 */
#ifndef TACHO_TESTS_FUZZ_HARNESS_H
#define TACHO_TESTS_FUZZ_HARNESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(int condition)
{
    if (!condition)
        abort();
}

#endif
