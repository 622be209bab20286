/*
 * What udev knows of a device: its database in /run/udev/data, a file for each, which has a letter,
 * a colon and a text in each line. Properties are "E:ID_MODEL=SuperMicro_SSD".
 */
#ifndef TACHO_COLLECTORS_SYSTEM_UDEV_H
#define TACHO_COLLECTORS_SYSTEM_UDEV_H

#include <stddef.h>

#include "collectors/parse.h"

/* More properties are not of a device that we know. */
#define UDEV_PROPERTIES_MAX 4096

typedef void udev_take(void *context, struct span key, struct span value);

/*
 * Gives each property to `take`, in the file's order; the spans are of the text. 0; -EBADMSG
 * without the properties that it does not understand; or -E2BIG behind UDEV_PROPERTIES_MAX.
 */
__attribute__((warn_unused_result)) int udev_parse(const char *text, size_t length, udev_take *take,
                                                   void *context);

#endif
