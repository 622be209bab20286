#include <errno.h>
#include <string.h>

#include "collectors/parse.h"
#include "daemon/api.h"
#include "daemon/process_answer.h"

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

/* "every=10s" as ticks. */
static int parse_every(const struct query *query, uint32_t interval_ms, uint32_t *out,
                       struct problem *problem)
{
    const int64_t longest_ms = (int64_t)interval_ms * SHOWN_MAX_EVERY;
    int64_t every_ms = interval_ms;

    if (query_duration(query, "every", interval_ms, longest_ms, &every_ms, problem) < 0)
        return -EINVAL;
    if (every_ms % interval_ms != 0)
        return problem_set(problem, MHD_HTTP_BAD_REQUEST, "every",
                           "%lld ms is not a multiple of the interval, which is %u ms",
                           (long long)every_ms, interval_ms);
    *out = (uint32_t)(every_ms / interval_ms);
    return 0;
}

static int parse_wish(struct request *request, struct stream_wish *out, struct problem *problem)
{
    static const char *const allowed[] = {SELECT_PARAMETERS, "every",     "values", "format",
                                          "last_event_id",   "processes", NULL};
    static const char *const values[] = {"rate", "raw"};
    static const char *const formats[] = {[FRAME_SSE] = "sse", [FRAME_NDJSON] = "ndjson"};
    const char *epoch = history_epoch(request->loop->follower.history);
    const struct query *query = request->query;
    struct stream_wish wish = {.since = last_position(request, epoch)};
    size_t raw = 0, format = FRAME_SSE;
    uint64_t processes = 0;

    if (query_check(query, allowed, problem) < 0 ||
        parse_every(query, request->loop->options->interval_ms, &wish.rule.every, problem) < 0 ||
        query_choice(query, "values", values, 2, &raw, problem) < 0 ||
        query_choice(query, "format", formats, 2, &format, problem) < 0 ||
        query_number(query, "processes", 1, PROCESS_ANSWER_STREAMED_MAX, &processes, problem) < 0 ||
        select_parse(query, epoch, &wish.select, problem) < 0)
        return -EINVAL;
    wish.rule.raw = raw == 1;
    wish.format = (enum frame_format)format;
    wish.processes = (uint32_t)processes;
    *out = wish;
    return 0;
}

enum MHD_Result api_stream(struct request *request, bool head)
{
    struct stream_wish wish;
    struct problem problem;

    if (parse_wish(request, &wish, &problem) < 0)
        return respond_problem(request, &problem);
    if (head) {
        select_free(wish.select);
        return stream_answer_head(request, wish.format);
    }
    if (stream_join(request->loop->stream, request, &wish, &problem) < 0)
        return respond_problem(request, &problem);
    return MHD_YES;
}
