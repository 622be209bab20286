/*
 * The series of one target of a survey: those that its findings name, kept from one reading to the
 * next. Main loop only. For survey.c.
 */
#ifndef TACHO_COLLECTORS_SURVEY_SERIES_H
#define TACHO_COLLECTORS_SURVEY_SERIES_H

#include "collectors/findings.h"

/*
 * Series that a target was not found with any more. They end together when all targets have been
 * read, but for those that another target was found with: chips that change their numbers.
 */
struct survey_ends {
    struct sink_series *items;
    size_t count;
    size_t capacity;
};

/* All zero has none. */
struct survey_series {
    struct findings shown;     /* what it was last written with */
    struct sink_series *items; /* one for each of them */
};

/*
 * Writes the findings: series that are new begin, those that are not found any more are to end.
 * What it keeps of the findings it takes from them, so that afterwards only the trouble is good. 0,
 * or -ENOMEM with the series as they were and without values.
 */
__attribute__((warn_unused_result)) int survey_series_write(struct survey_series *series,
                                                            struct findings *findings,
                                                            struct survey_ends *ends,
                                                            struct sink *sink);

/* All of its series are to end; without memory they do at once. */
void survey_series_drop(struct survey_series *series, struct survey_ends *ends, struct sink *sink);

/* Notes the slots that are in use, one bit each, of at most so many. */
void survey_series_mark(const struct survey_series *series, uint8_t *slots, size_t count);

/* Ends those whose slot is not noted. */
void survey_ends_release(struct survey_ends *ends, const uint8_t *slots, size_t count,
                         struct sink *sink);

/* Gives up the memory. */
void survey_ends_finish(struct survey_ends *ends);

/* Gives up the memory; the series end with the collector's state. */
void survey_series_finish(struct survey_series *series);

#endif
