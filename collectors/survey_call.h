/*
 * One reading of one target of a survey, by a worker: it owns all that it touches, since it may
 * outlive the collector. For survey.c.
 */
#ifndef TACHO_COLLECTORS_SURVEY_CALL_H
#define TACHO_COLLECTORS_SURVEY_CALL_H

#include "collectors/survey.h"
#include "collectors/task.h"

#define SURVEY_ROOTS 4

/* Roots with strings of their own; all zero is none. */
struct survey_roots {
    struct collector_roots roots;
    char *texts[SURVEY_ROOTS];
};

struct survey_call {
    struct task task; /* the first */
    const struct survey_form *form;
    struct survey_target target;
    struct survey_roots own;
    char *path;
    struct findings findings; /* the worker's while the task is out */
};

/* 0 or -ENOMEM; whatever it returns, survey_roots_finish() is right. */
__attribute__((warn_unused_result)) int survey_roots_copy(struct survey_roots *own,
                                                          const struct collector_roots *roots);
void survey_roots_finish(struct survey_roots *own);

/*
 * A call that has not been submitted, of the entry of this name in the folder at path, or of the
 * folder where the name is empty. NULL without memory. To be given up by task_abandon().
 */
struct survey_call *survey_call_new(const struct survey_form *form,
                                    const struct collector_roots *roots, const char *path,
                                    const char *name);

#endif
