/* What an exposition's # lines say, and what that makes of a sample. For the parser's own files. */
#ifndef TACHO_COLLECTORS_APPLICATION_EXPOSITION_FAMILY_H
#define TACHO_COLLECTORS_APPLICATION_EXPOSITION_FAMILY_H

#include "collectors/application/exposition.h"

/*
 * Takes a line that begins with '#', other than # EOF. 0, for a mere comment too; -EBADMSG, or
 * -E2BIG for a name that is too long.
 */
__attribute__((warn_unused_result)) int exposition_family_take(struct exposition_family *family,
                                                               enum exposition_format format,
                                                               struct scanner line);

/*
 * All of *out but the name, of a sample by this name. The strings are the family's or constant. A
 * sample of another family is untyped.
 */
void exposition_family_describe(const struct exposition_family *family, struct span name,
                                struct metric *out);

#endif
