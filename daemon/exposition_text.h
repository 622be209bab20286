/* The texts of an exposition, escaped and in UTF-8 whatever is given. Pure. */
#ifndef TACHO_DAEMON_EXPOSITION_TEXT_H
#define TACHO_DAEMON_EXPOSITION_TEXT_H

#include "daemon/buffer.h"
#include "daemon/exposition_plan.h"

/* The lines before a family's samples: HELP, where there is one, TYPE, UNIT in OpenMetrics. */
void exposition_text_head(struct buffer *out, const struct exposition_family_plan *family,
                          enum exposition_format format);

/*
 * NAME{labels} and a blank: what stands before a sample's value. The name is the series' own, or of
 * a sparse histogram this family's with the ending.
 */
void exposition_text_sample(struct buffer *out, const struct exposition_member *member,
                            const char *ending, enum exposition_format format);

/* NAME_bucket{labels,le=": what stands before a bound. */
void exposition_text_bucket(struct buffer *out, const struct exposition_member *member,
                            enum exposition_format format);

#endif
