/*
 * Which operating system it is: os-release(5), of etc/ or else of usr/lib/ below the root. A file
 * of a few hundred bytes on the file system that the daemon was started from.
 */
#ifndef TACHO_COLLECTORS_SYSTEM_OS_RELEASE_H
#define TACHO_COLLECTORS_SYSTEM_OS_RELEASE_H

#include "collectors/collector.h"

extern const struct collector os_release_collector;

/* A longer file is -E2BIG; values together never have more. */
#define OS_RELEASE_FILE_MAX 16384

enum os_release_key {
    OS_RELEASE_BUILD_ID,
    OS_RELEASE_ID,
    OS_RELEASE_ID_LIKE,
    OS_RELEASE_IMAGE_ID,
    OS_RELEASE_IMAGE_VERSION,
    OS_RELEASE_NAME,
    OS_RELEASE_PRETTY_NAME,
    OS_RELEASE_VARIANT,
    OS_RELEASE_VARIANT_ID,
    OS_RELEASE_VERSION,
    OS_RELEASE_VERSION_CODENAME,
    OS_RELEASE_VERSION_ID,
    OS_RELEASE_SUPPORT_END, /* a date: 2029-04-30 */
    OS_RELEASE_KEYS,
};

/* Caller's memory. */
struct os_release {
    const char *values[OS_RELEASE_KEYS]; /* in the text, or "": one that is not there is empty */
    char text[OS_RELEASE_FILE_MAX + OS_RELEASE_KEYS];
};

/*
 * Takes the values of the keys above, without their quotes; of two for one key the latter counts.
 * 0; -EBADMSG for a text in which a line is neither empty, nor a comment, nor an assignment with
 * whole quotes, the other lines' values being taken all the same; -E2BIG, with no value, beyond
 * OS_RELEASE_FILE_MAX.
 */
__attribute__((warn_unused_result)) int os_release_parse(const char *text, size_t length,
                                                         struct os_release *out);

/* The same of the file. -errno, with no value, where there is none that can be read. */
__attribute__((warn_unused_result)) int os_release_read(const char *rootfs, struct os_release *out);

/* "12.4.1" is 12.4, and "13-beta" 13. 0, or -EBADMSG, *out untouched, where no number is first. */
__attribute__((warn_unused_result)) int os_release_parse_version(const char *text, double *out);

/* "2029-04-30" is its first second in UTC, as Unix time. 0, or -EBADMSG with *out untouched. */
__attribute__((warn_unused_result)) int os_release_parse_date(const char *text, double *out);

#endif
