#include "daemon/fetch.h"

#include <curl/curl.h>
#include <errno.h>

#include "daemon/fetch_own.h"

/* Connections that are kept open for the next fetch. */
#define CONNECTIONS_KEPT 64L
/*
 * Of bodies, as they come or unpacked, whichever is more, until the loop has turned: some 0.3 ms.
 * libcurl would take up to 1.6 MB of each that sends fast enough.
 */
#define BYTES_A_TURN (4 * FETCH_PIECE_BYTES)

/* A socket of libcurl's. */
struct socket_watch {
    ev_io io;
    struct fetcher *fetcher;
};

/* --- those that wait for their turn --- */

static void give_turn(struct fetcher *fetcher)
{
    if (!fetcher->first || ev_is_active(&fetcher->turn))
        return;
    ev_timer_set(&fetcher->turn, 0.0, 0.0);
    ev_timer_start(fetcher->loop->ev, &fetcher->turn);
}

void fetcher_list(struct fetcher *fetcher, struct fetch *fetch)
{
    struct fetch **link = &fetcher->first;

    if (fetch->listed)
        return;
    while (*link)
        link = &(*link)->next;
    *link = fetch;
    fetch->next = NULL;
    fetch->listed = true;
    give_turn(fetcher);
}

void fetcher_unlist(struct fetcher *fetcher, struct fetch *fetch)
{
    struct fetch **link = &fetcher->first;

    if (!fetch->listed)
        return;
    while (*link != fetch)
        link = &(*link)->next;
    *link = fetch->next;
    fetch->listed = false;
}

/* --- the loop's --- */

static void take_ended(struct fetcher *fetcher)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        struct fetch *fetch = NULL;
        CURLcode code = message->data.result;

        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&fetch) !=
                CURLE_OK ||
            !fetch)
            continue;
        curl_multi_remove_handle(fetcher->multi, fetch->easy);
        fetch_receive(fetch, code);
    }
}

static void act(struct fetcher *fetcher, curl_socket_t socket, int events)
{
    struct loop_run run = loop_begin(fetcher->loop, fetcher->callback);
    enum loop_phase former = loop_enter(fetcher->loop, PHASE_SAMPLE);
    int running;

    curl_multi_socket_action(fetcher->multi, socket, events, &running);
    take_ended(fetcher);
    loop_enter(fetcher->loop, former);
    loop_end(&run);
}

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
    struct socket_watch *watch = io->data;

    (void)ev;
    act(watch->fetcher, io->fd,
        (events & EV_READ ? CURL_CSELECT_IN : 0) | (events & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    (void)ev;
    (void)events;
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

bool fetcher_has_room(struct fetcher *fetcher)
{
    uint64_t iteration = loop_iterations(fetcher->loop);

    if (fetcher->iteration != iteration || iteration == 0) {
        fetcher->iteration = iteration;
        fetcher->bytes_left = BYTES_A_TURN;
    }
    return fetcher->bytes_left > 0;
}

void fetcher_use(struct fetcher *fetcher, size_t bytes)
{
    fetcher->bytes_left -= bytes < fetcher->bytes_left ? bytes : fetcher->bytes_left;
}

static void on_turn(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct fetcher *fetcher = timer->data;
    struct loop_run run = loop_begin(fetcher->loop, fetcher->callback);
    enum loop_phase former = loop_enter(fetcher->loop, PHASE_SAMPLE);
    struct fetch *fetch;

    (void)ev;
    (void)events;
    /* Whoever is not at the end joins anew, behind those that wait. */
    while (fetcher_has_room(fetcher) && (fetch = fetcher->first) != NULL) {
        fetcher_unlist(fetcher, fetch);
        fetch_go_on(fetch);
    }
    give_turn(fetcher);
    take_ended(fetcher);
    loop_enter(fetcher->loop, former);
    loop_end(&run);
}

static int on_set_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct fetcher *fetcher = arg;

    (void)multi;
    ev_timer_stop(fetcher->loop->ev, &fetcher->timer);
    if (timeout_ms >= 0) {
        ev_timer_set(&fetcher->timer, (double)timeout_ms / 1000, 0.0);
        ev_timer_start(fetcher->loop->ev, &fetcher->timer);
    }
    return 0;
}

static int on_set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
    struct fetcher *fetcher = arg;
    struct socket_watch *watch = assigned;
    int events = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);

    (void)easy;
    if (watch)
        ev_io_stop(fetcher->loop->ev, &watch->io);
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(fetcher->multi, fd, NULL);
        free(watch);
        return 0;
    }
    if (!watch) {
        watch = calloc(1, sizeof *watch);
        if (!watch)
            return -1;
        watch->fetcher = fetcher;
        watch->io.data = watch;
        curl_multi_assign(fetcher->multi, fd, watch);
    }
    ev_io_init(&watch->io, on_io, fd, events);
    watch->io.data = watch;
    if (events != 0)
        ev_io_start(fetcher->loop->ev, &watch->io);
    return 0;
}

/* --- start and end --- */

int fetcher_new(struct loop *loop, size_t callback, struct fetcher **out)
{
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);

    if (!fetcher || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(fetcher);
        return -ENOMEM;
    }
    fetcher->multi = curl_multi_init();
    if (!fetcher->multi) {
        curl_global_cleanup();
        free(fetcher);
        return -ENOMEM;
    }
    fetcher->loop = loop;
    fetcher->callback = callback;
    ev_init(&fetcher->timer, on_timer);
    ev_init(&fetcher->turn, on_turn);
    fetcher->timer.data = fetcher;
    fetcher->turn.data = fetcher;
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_set_socket);
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_set_timer);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
    *out = fetcher;
    return 0;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    curl_multi_cleanup(fetcher->multi);
    ev_timer_stop(fetcher->loop->ev, &fetcher->timer);
    ev_timer_stop(fetcher->loop->ev, &fetcher->turn);
    free(fetcher);
    curl_global_cleanup();
}
