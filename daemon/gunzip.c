#include "daemon/gunzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

/* The largest window, and 16 more for gzip's header and trailer. */
#define WINDOW_BITS (15 + 16)

struct gunzip {
    z_stream inflater;
    bool whole; /* a member has ended and nothing came behind it */
};

int gunzip_new(struct gunzip **out)
{
    struct gunzip *gunzip = calloc(1, sizeof *gunzip);

    if (!gunzip || inflateInit2(&gunzip->inflater, WINDOW_BITS) != Z_OK) {
        free(gunzip);
        return -ENOMEM;
    }
    *out = gunzip;
    return 0;
}

void gunzip_free(struct gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->inflater);
    free(gunzip);
}

void gunzip_begin(struct gunzip *gunzip)
{
    inflateReset(&gunzip->inflater);
    gunzip->whole = false;
}

/* One call of zlib's, which ends where a member does. */
static int inflate_some(struct gunzip *gunzip)
{
    if (gunzip->whole && gunzip->inflater.avail_in > 0) {
        inflateReset(&gunzip->inflater);
        gunzip->whole = false;
    }
    switch (inflate(&gunzip->inflater, Z_NO_FLUSH)) {
    case Z_STREAM_END:
        gunzip->whole = true;
        return 0;
    case Z_OK:
    case Z_BUF_ERROR: /* nothing more to be had of what there is */
        return 0;
    case Z_MEM_ERROR:
        return -ENOMEM;
    default:
        return -EBADMSG;
    }
}

ssize_t gunzip_take(struct gunzip *gunzip, struct span *in, char *out, size_t room)
{
    z_stream *inflater = &gunzip->inflater;
    int result = 0;

    inflater->next_in = (const Bytef *)in->at;
    inflater->avail_in = in->length < UINT_MAX ? (uInt)in->length : UINT_MAX;
    inflater->next_out = (Bytef *)out;
    inflater->avail_out = room < INT_MAX ? (uInt)room : INT_MAX;
    room = inflater->avail_out;
    do
        result = inflate_some(gunzip);
    while (result == 0 && inflater->avail_in > 0 && inflater->avail_out > 0);
    in->length -= (size_t)((const char *)inflater->next_in - in->at);
    in->at = (const char *)inflater->next_in;
    return result < 0 ? result : (ssize_t)(room - inflater->avail_out);
}

bool gunzip_is_whole(const struct gunzip *gunzip)
{
    return gunzip->whole;
}
