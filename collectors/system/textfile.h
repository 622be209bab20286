/*
 * Samples that programs of the machine leave in files: each NAME.prom of the folder that the
 * configuration names, in Prometheus's text format. They are shown as they stand, but for what the
 * host's own series are called; a file of which a line is wrong costs all that it says, as does one
 * whose samples have times, or whose last line is not whole.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_TEXTFILE_H
#define TACHO_COLLECTORS_SYSTEM_TEXTFILE_H

#include "collectors/collector.h"

extern const struct collector textfile_collector;

#define TEXTFILE_FILES_MAX 1024
#define TEXTFILE_BYTES_MAX ((off_t)4 << 20) /* of one file */

#endif
