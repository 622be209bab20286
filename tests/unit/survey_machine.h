/* Rounds of surveys on a machine of text files, see machine.h: answers are there at once. */
#ifndef TACHO_TESTS_UNIT_SURVEY_MACHINE_H
#define TACHO_TESTS_UNIT_SURVEY_MACHINE_H

#include "tests/unit/machine.h"

/*
 * Ticks until the targets are asked, at most an interval, and the one that takes the answers, which
 * gives this: 0, or the trouble that is told with them.
 */
static inline void survey_expect_round(struct machine *machine, int wanted)
{
    uint32_t ticks = machine->sink.sink.interval_ms / 1000;

    while (ticks > 0 && machine_tick(machine) != COLLECTOR_AGAIN)
        ticks--;
    ck_assert_uint_gt(ticks, 0);
    machine_expect_part(machine, wanted);
}

static inline void survey_round(struct machine *machine)
{
    survey_expect_round(machine, 0);
}

#endif
