/*
 * Texts that are as long as the machine is busy, as net/udp, which has a line for each socket: read
 * a line at a time in the memory of one piece, so that nothing bounds how many there are. It takes
 * as long as they are many: for workers.
 */
#ifndef TACHO_COLLECTORS_LINES_H
#define TACHO_COLLECTORS_LINES_H

#include "collectors/parse.h"

#define LINES_LINE_MAX 4095 /* bytes, without the newline */

/*
 * Calls take() with each line from here to the end of the file, without its newline, which the last
 * one may lack; the line is good during the call. What take() gives other than 0 ends it, and is
 * given back. Else 0, -errno of read(2), or -E2BIG for a longer line.
 */
__attribute__((warn_unused_result)) int
lines_read(int fd, int (*take)(void *arg, struct scanner line), void *arg);

/* The same of a file below net/, which is found as procfs_open_net() does; or -errno of that. */
__attribute__((warn_unused_result)) int lines_read_net(const char *procfs, const char *name,
                                                       int (*take)(void *arg, struct scanner line),
                                                       void *arg);

#endif
