/*
 * A keyed hash of short texts, so that nobody who does not know the key can make them meet. Two
 * texts of one hash are taken for different ones only where they are compared.
 */
#ifndef TACHO_DAEMON_HASH_H
#define TACHO_DAEMON_HASH_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/scope.h"

#define HASH_ODD UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t hash_mix(uint64_t one, uint64_t other)
{
    __extension__ const unsigned __int128 product = (unsigned __int128)one * other;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A key that nobody else knows. 0 or -EIO. */
static inline MUST_CHECK int hash_make_key(uint64_t *out)
{
    return getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out ? 0 : -EIO;
}

/* Up to seven bytes; its length is told elsewhere. */
static inline uint64_t hash_short(const char *text, size_t length)
{
    uint32_t head, tail;

    if (length == 0)
        return 0;
    if (length < sizeof head)
        return (uint64_t)(unsigned char)text[0] << 16 |
               (uint64_t)(unsigned char)text[length / 2] << 8 | (unsigned char)text[length - 1];
    memcpy(&head, text, sizeof head);
    memcpy(&tail, text + length - sizeof tail, sizeof tail);
    return (uint64_t)head << 32 | tail;
}

/* Eight bytes at a time, of which the last may overlap those before. */
static inline uint64_t hash_bytes(uint64_t seed, const char *text, size_t length)
{
    const char *const end = text + length;
    uint64_t hash = hash_mix(seed ^ length, HASH_ODD), word;

    if (length < sizeof word)
        return hash_mix(hash ^ hash_short(text, length), seed ^ HASH_ODD);
    for (; (size_t)(end - text) > sizeof word; text += sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = hash_mix(hash ^ word, seed ^ HASH_ODD);
    }
    memcpy(&word, end - sizeof word, sizeof word);
    return hash_mix(hash ^ word, seed ^ HASH_ODD);
}

#endif
