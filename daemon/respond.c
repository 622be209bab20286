#include "daemon/respond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collectors/parse.h"
#include "daemon/http_loop.h"

#define ETAG_BYTES 96
/* Answers that clients have not read yet; beyond it new ones are refused. */
#define UNREAD_MAX_BYTES (32 * 1024 * 1024)

static const char content_security_policy[] =
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

static enum MHD_Result queue(struct request *request, unsigned status, const char *type,
                             struct MHD_Response *response)
{
    enum MHD_Result result;

    if (type)
        MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    if (!MHD_get_response_header(response, "Cache-Control"))
        MHD_add_response_header(response, "Cache-Control", "no-store");
    result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result respond_queue(struct request *request, unsigned status, const char *type,
                              struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(response, "Content-Security-Policy", content_security_policy);
    return queue(request, status, type, response);
}

enum MHD_Result respond_queue_stream(struct request *request, const char *type,
                                     struct MHD_Response *response)
{
    return response ? queue(request, MHD_HTTP_OK, type, response) : MHD_NO;
}

/* An answer's bytes, counted for as long as the client has not read them all. */
struct body {
    struct http_loop *loop;
    char *data;
    size_t size;
};

static void free_body(void *arg)
{
    struct body *body = arg;

    body->loop->unread_bytes -= body->size;
    free(body->data);
    free(body);
}

/* Takes the buffer's memory; NULL without memory. */
static struct MHD_Response *make_response(struct http_loop *loop, struct buffer *buffer)
{
    struct body *body = malloc(sizeof *body);
    struct MHD_Response *response;

    if (!body) {
        buffer_finish(buffer);
        return NULL;
    }
    *body = (struct body){.loop = loop, .data = buffer->data, .size = buffer->size};
    loop->unread_bytes += body->size;
    response = MHD_create_response_from_buffer_with_free_callback_cls(body->size, body->data,
                                                                      free_body, body);
    if (!response)
        free_body(body);
    return response;
}

/* Makes the response of a buffer, or gives what is answered in its place. */
static struct MHD_Response *take_body(struct request *request, struct buffer *body,
                                      enum MHD_Result *refused)
{
    struct problem problem;
    bool crowded = request->loop->unread_bytes > UNREAD_MAX_BYTES;

    if (body->failed || crowded)
        buffer_finish(body);
    if (crowded) {
        problem_set(&problem, MHD_HTTP_SERVICE_UNAVAILABLE, NULL,
                    "answers of %d MiB wait for clients to read them; try again later",
                    UNREAD_MAX_BYTES / 1024 / 1024);
        *refused = respond_problem(request, &problem);
        return NULL;
    }
    if (!body->data) {
        *refused = respond_empty(request, MHD_HTTP_SERVICE_UNAVAILABLE);
        return NULL;
    }
    *refused = MHD_NO;
    return make_response(request->loop, body);
}

enum MHD_Result respond_buffer(struct request *request, unsigned status, const char *type,
                               struct buffer *body)
{
    enum MHD_Result refused;
    struct MHD_Response *response = take_body(request, body, &refused);

    return response ? respond_queue(request, status, type, response) : refused;
}

enum MHD_Result respond_encoded(struct request *request, const char *type, const char *encoding,
                                struct buffer *body)
{
    enum MHD_Result refused;
    struct MHD_Response *response = take_body(request, body, &refused);

    if (!response)
        return refused;
    MHD_add_response_header(response, "Vary", "Accept, Accept-Encoding");
    if (encoding)
        MHD_add_response_header(response, "Content-Encoding", encoding);
    return respond_queue(request, MHD_HTTP_OK, type, response);
}

enum MHD_Result respond_problem(struct request *request, const struct problem *problem)
{
    struct buffer body = {0};
    struct MHD_Response *response;

    problem_encode(problem, &body);
    if (body.failed) {
        buffer_finish(&body);
        return respond_empty(request, problem->status);
    }
    response = MHD_create_response_from_buffer(body.size, body.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        buffer_finish(&body);
    else if (problem->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    return respond_queue(request, problem->status, "application/problem+json", response);
}

enum MHD_Result respond_empty(struct request *request, unsigned status)
{
    return respond_queue(request, status, NULL,
                         MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

/* Takes one element of a comma-separated list, without the blanks around it. */
static bool scan_element(struct scanner *list, struct scanner *out)
{
    const char *start;

    while (scan_blanks(list) || scan_char(list, ','))
        ;
    start = list->at;
    while (!scan_is_done(list) && *list->at != ',')
        list->at++;
    *out = scanner_over(start, (size_t)(list->at - start));
    while (out->end > out->at && char_is_blank(out->end[-1]))
        out->end--;
    return out->end > out->at;
}

static bool letters_equal(struct span span, const char *lower)
{
    return span.length == strlen(lower) && strncasecmp(span.at, lower, span.length) == 0;
}

/* ";q=0", ";q=0.000": explicitly not wanted. */
static bool has_zero_weight(struct scanner parameters)
{
    scan_blanks(&parameters);
    if (!scan_char(&parameters, ';'))
        return false;
    scan_blanks(&parameters);
    if (!scan_literal(&parameters, "q=") && !scan_literal(&parameters, "Q="))
        return false;
    while (scan_char(&parameters, '0') || scan_char(&parameters, '.'))
        ;
    return scan_is_done(&parameters);
}

bool accepts_gzip(const char *header)
{
    struct scanner list = scanner_over(header, strlen(header));
    struct scanner element;
    bool any = false;

    while (scan_element(&list, &element)) {
        struct span name = {element.at, 0};

        while (element.at < element.end && !strchr("; \t", *element.at))
            element.at++;
        name.length = (size_t)(element.at - name.at);
        if (letters_equal(name, "gzip") || letters_equal(name, "x-gzip"))
            return !has_zero_weight(element);
        if (span_equals(name, "*"))
            any = !has_zero_weight(element);
    }
    return any;
}

bool etag_matches(const char *header, const char *etag)
{
    struct scanner list = scanner_over(header, strlen(header));
    struct scanner element;

    while (scan_element(&list, &element)) {
        struct span tag;

        scan_literal(&element, "W/");
        tag = (struct span){element.at, (size_t)(element.end - element.at)};
        if (span_equals(tag, "*") || span_equals(tag, etag))
            return true;
    }
    return false;
}

static const char *header_of(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool respond_takes_gzip(const struct request *request)
{
    const char *encodings = header_of(request, "Accept-Encoding");

    return encodings && accepts_gzip(encodings);
}

static enum MHD_Result respond_file(struct request *request, const struct asset *asset,
                                    const char *static_dir)
{
    struct problem problem;
    struct MHD_Response *response;
    struct stat status;
    int fd = asset_open(asset, static_dir);

    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        if (fd >= 0)
            close(fd);
        problem_set(&problem, MHD_HTTP_NOT_FOUND, NULL,
                    "%s is not in the directory of --static-dir", asset->path);
        return respond_problem(request, &problem);
    }
    response = MHD_create_response_from_fd64((uint64_t)status.st_size, fd);
    if (!response)
        close(fd);
    return respond_queue(request, MHD_HTTP_OK, asset->type, response);
}

enum MHD_Result respond_asset(struct request *request, const struct asset *asset,
                              const char *static_dir)
{
    const char *known = header_of(request, "If-None-Match");
    bool gzip = respond_takes_gzip(request);
    const unsigned char *data = gzip ? asset->gzip : asset->data;
    /*
     * The prototype lacks a const, though nothing is written to a persistent body; the detour by
     * an integer is what -Wcast-qual allows.
     */
    void *body = (void *)(uintptr_t)data; /* NOLINT(performance-no-int-to-ptr) */
    char etag[ETAG_BYTES];
    struct MHD_Response *response;
    unsigned status = MHD_HTTP_OK;
    size_t size = gzip ? asset->gzip_size : asset->size;

    if (static_dir)
        return respond_file(request, asset, static_dir);
    /* Each encoding is a representation of its own, so it has a tag of its own. */
    snprintf(etag, sizeof etag, "%.*s%s\"", (int)strlen(asset->etag) - 1, asset->etag,
             gzip ? "-gzip" : "");
    if (known && etag_matches(known, etag)) {
        status = MHD_HTTP_NOT_MODIFIED;
        size = 0;
    }
    response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "ETag", etag);
    MHD_add_response_header(response, "Vary", "Accept-Encoding");
    MHD_add_response_header(response, "Cache-Control", "no-cache");
    if (gzip && status == MHD_HTTP_OK)
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    return respond_queue(request, status, asset->type, response);
}
