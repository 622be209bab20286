/*
 * Unpacks a gzip stream (RFC 1952) in pieces of the caller's size, so that what a few bytes become
 * costs a loop no more than a piece at a time. Several members behind each other are one text.
 * Pure.
 */
#ifndef TACHO_DAEMON_GUNZIP_H
#define TACHO_DAEMON_GUNZIP_H

#include <stddef.h>
#include <sys/types.h>

#include "collectors/parse.h"
#include "daemon/scope.h"

struct gunzip;

/* For one stream at a time. 0 or -ENOMEM. */
int gunzip_new(struct gunzip **out) MUST_CHECK;
void gunzip_free(struct gunzip *gunzip); /* NULL is a no-op */

/* A stream begins. */
void gunzip_begin(struct gunzip *gunzip);

/*
 * Takes from the front of what came and gives how many bytes it made of that, at most room. Less
 * than room: all of it was taken. -EBADMSG for what is no gzip, or -ENOMEM.
 */
ssize_t gunzip_take(struct gunzip *gunzip, struct span *in, char *out, size_t room) MUST_CHECK;

/* Whether the text is whole: the stream may end here. */
bool gunzip_is_whole(const struct gunzip *gunzip);

#endif
