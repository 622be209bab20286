/* The names of the archive's files, which say what is in them. Pure. */
#ifndef TACHO_DAEMON_ARCHIVE_NAME_H
#define TACHO_DAEMON_ARCHIVE_NAME_H

#include "daemon/archive.h"

#define ARCHIVE_NAME_BYTES 80

/* "seconds-257-512-1764363600000-1764363855000", or "minutes-…", "merged-…". */
void archive_name(const struct archive_entry *entry, char out[ARCHIVE_NAME_BYTES]);

/* Fills what the name says; false if it is not one of these, as archive_name writes it. */
bool archive_name_parse(const char *name, struct archive_entry *out);

#endif
