#include <string.h>

#include "collectors/parse.h"
#include "daemon/api.h"

/* "EPOCH-SEQ" of this ring; 0 for any other text, since a stranger's position means nothing. */
static uint64_t parse_position(const char *text, size_t length, const char *epoch)
{
    struct scanner scanner = scanner_over(text, length);
    uint64_t seq;

    if (!scan_literal(&scanner, epoch) || !scan_char(&scanner, '-') || !scan_u64(&scanner, &seq) ||
        !scan_is_done(&scanner))
        return 0;
    return seq;
}

/* The header wins: a browser that reconnects sends it beside the address it was given first. */
static uint64_t last_position(struct request *request, const char *epoch)
{
    const char *header =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Last-Event-ID");
    const struct parameter *parameter = query_find(request->query, "last_event_id");

    if (header)
        return parse_position(header, strlen(header), epoch);
    return parameter ? parse_position(parameter->value, parameter->length, epoch) : 0;
}

enum MHD_Result api_stream(struct request *request, bool head)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "last_event_id", NULL};
    struct http_loop *loop = request->loop;
    const char *epoch = history_epoch(loop->follower.history);
    struct select *select;
    struct problem problem;

    if (query_check(request->query, allowed, &problem) < 0 ||
        select_parse(request->query, epoch, &select, &problem) < 0)
        return respond_problem(request, &problem);
    if (head) {
        select_free(select);
        return stream_answer_head(request);
    }
    if (stream_join(loop->stream, request, select, last_position(request, epoch), &problem) < 0)
        return respond_problem(request, &problem);
    return MHD_YES;
}
