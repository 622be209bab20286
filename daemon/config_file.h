/*
 * The configuration file: JSON with comments. Its keys are a table: config_key.h. Neither sockets
 * nor the ring are touched.
 */
#ifndef TACHO_DAEMON_CONFIG_FILE_H
#define TACHO_DAEMON_CONFIG_FILE_H

#include "daemon/config.h"
#include "daemon/scope.h"

#define CONFIG_FILE_MAX_BYTES (1024 * 1024)

/*
 * Puts what the file says over what config holds; nothing but blanks and comments says nothing. 0
 * or -errno with the error's text, one line: "FILE:LINE:COLUMN: KEY: VALUE: allowed: …". After an
 * error config may hold a part of the file. Files and character devices are read, pipes are not; it
 * never blocks.
 */
int config_file_read(const char *path, struct config *config,
                     char error[CONFIG_ERROR_BYTES]) MUST_CHECK;

/* As config_file_read, of text (which is changed) that stands for a file of this name. */
int config_file_parse(const char *name, char *text, size_t length, struct config *config,
                      char error[CONFIG_ERROR_BYTES]) MUST_CHECK;

#endif
