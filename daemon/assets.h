/*
 * The page's files, and the description of the interface. They are inside the program (a table that
 * the build writes); with --static-dir those of the page are read from a directory at each request,
 * for work on it.
 */
#ifndef TACHO_DAEMON_ASSETS_H
#define TACHO_DAEMON_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path; /* "/", "/app.js", "/v1/openapi.json" */
    const char *type; /* Content-Type */
    const char *etag; /* quoted, of the content as it is */
    const unsigned char *data;
    size_t size;
    const unsigned char *gzip; /* the same, compressed */
    size_t gzip_size;
};

/* Written by static/embed.py; sorted by path. */
extern const struct asset assets[];
extern const size_t asset_count;

/* NULL if the page has no such file. */
const struct asset *asset_find(const char *path);

/* A descriptor of the asset's file below the directory, or -errno. */
int asset_open(const struct asset *asset, const char *directory);

#endif
