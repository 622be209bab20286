#include "daemon/fetch_body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Unpacked at once; what a thousandfold packed text becomes takes as many turns as it has to. */
#define PIECES_A_TURN 4

void fetch_body_init(struct fetch_body *body, const struct fetch_options *options)
{
    *body = (struct fetch_body){
        .visitor = options->visitor, .arg = options->arg, .max_bytes = options->max_bytes};
}

void fetch_body_finish(struct fetch_body *body)
{
    gunzip_free(body->gunzip);
    buffer_finish(&body->held);
}

void fetch_body_begin(struct fetch_body *body)
{
    body->packed_bytes = body->bytes = 0;
    body->begun = body->packed = body->more = false;
    body->held.size = body->held_at = 0;
    body->error[0] = '\0';
}

void fetch_body_refuse_size(const struct fetch_body *body, char error[FETCH_ERROR_BYTES])
{
    snprintf(error, FETCH_ERROR_BYTES, "the answer is longer than %" PRIu64 " bytes",
             body->max_bytes);
}

static int refuse(struct fetch_body *body, const char *text)
{
    snprintf(body->error, sizeof body->error, "%s", text);
    return -1;
}

static int judge_status(struct fetch_body *body, CURL *easy)
{
    struct curl_header *location;
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
        return 0;
    if (status >= 300 && status < 400 &&
        curl_easy_header(easy, "Location", 0, CURLH_HEADER, -1, &location) == CURLHE_OK)
        snprintf(body->error, sizeof body->error,
                 "HTTP %ld: it redirects to %.200s, which is not followed", status,
                 location->value);
    else
        snprintf(body->error, sizeof body->error, "HTTP %ld", status);
    return -1;
}

static int judge_encoding(struct fetch_body *body, CURL *easy)
{
    struct curl_header *header;

    if (curl_easy_header(easy, "Content-Encoding", 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
        strcasecmp(header->value, "identity") == 0)
        return 0;
    if (header->amount > 1 || strcasecmp(header->value, "gzip") != 0)
        return refuse(body, "its Content-Encoding is not gzip");
    if (!body->gunzip && gunzip_new(&body->gunzip) < 0)
        return refuse(body, strerror(ENOMEM));
    gunzip_begin(body->gunzip);
    body->packed = true;
    return 0;
}

/* The headers are there, all of them. */
static int judge(struct fetch_body *body, CURL *easy)
{
    const char *type = NULL;

    if (judge_status(body, easy) < 0 || judge_encoding(body, easy) < 0)
        return -1;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    body->begun = true;
    body->visitor->head(body->arg, type ? type : "");
    return 0;
}

static int pass_on(struct fetch_body *body, const char *data, size_t size)
{
    body->bytes += size;
    if (body->bytes > body->max_bytes) {
        fetch_body_refuse_size(body, body->error);
        return -1;
    }
    if (size > 0)
        body->visitor->body(body->arg, data, size);
    return 0;
}

/* A turn's part of what is packed; the rest stays. */
static int unpack(struct fetch_body *body, struct span *in)
{
    char piece[FETCH_PIECE_BYTES];

    for (int i = 0; i < PIECES_A_TURN; i++) {
        ssize_t size = gunzip_take(body->gunzip, in, piece, sizeof piece);

        if (size < 0)
            return refuse(body, size == -ENOMEM ? strerror(ENOMEM) : "it is packed wrongly");
        if (pass_on(body, piece, (size_t)size) < 0)
            return -1;
        body->more = (size_t)size == sizeof piece;
        if (!body->more)
            break;
    }
    return 0;
}

int fetch_body_take(struct fetch_body *body, CURL *easy, const char *data, size_t size)
{
    struct span in = {.at = data, .length = size};

    if (!body->begun && judge(body, easy) < 0)
        return -1;
    if (!body->packed)
        return pass_on(body, data, size);
    body->packed_bytes += size;
    if (body->packed_bytes > body->max_bytes) {
        fetch_body_refuse_size(body, body->error);
        return -1;
    }
    if (unpack(body, &in) < 0)
        return -1;
    body->held.size = body->held_at = 0;
    buffer_append(&body->held, in.at, in.length);
    return body->held.failed ? refuse(body, strerror(ENOMEM)) : 0;
}

int fetch_body_go_on(struct fetch_body *body)
{
    struct span in = {.at = body->held.data + body->held_at,
                      .length = body->held.size - body->held_at};
    int result = unpack(body, &in);

    body->held_at = body->held.size - in.length;
    return result;
}

bool fetch_body_holds(const struct fetch_body *body)
{
    return body->more || body->held_at < body->held.size;
}

void fetch_body_end(struct fetch_body *body, CURL *easy)
{
    if (body->error[0] || (!body->begun && judge(body, easy) < 0))
        return;
    if (body->packed && !gunzip_is_whole(body->gunzip))
        (void)!refuse(body, "what is packed ends too early");
}
