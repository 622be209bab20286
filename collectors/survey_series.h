/*
 * The series of one target of a survey: those that its findings name, kept from one reading to the
 * next. Main loop only. For survey.c.
 */
#ifndef TACHO_COLLECTORS_SURVEY_SERIES_H
#define TACHO_COLLECTORS_SURVEY_SERIES_H

#include "collectors/findings.h"

/* All zero has none. */
struct survey_series {
    struct findings shown;     /* what it was last written with */
    struct sink_series *items; /* one for each of them */
};

/*
 * Writes the findings: series that are new begin, those that are not found any more end. What it
 * keeps of the findings it takes from them, so that afterwards only the trouble is good. 0, or
 * -ENOMEM with the series as they were and without values.
 */
__attribute__((warn_unused_result)) int
survey_series_write(struct survey_series *series, struct findings *findings, struct sink *sink);

/* Ends the series. */
void survey_series_drop(struct survey_series *series, struct sink *sink);

/* Gives up the memory; the series end with the collector's state. */
void survey_series_finish(struct survey_series *series);

#endif
