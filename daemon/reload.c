#include "daemon/reload.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_show.h"
#include "daemon/log.h"

#define CHANGED_BYTES 512

/* One reading. It belongs to the worker too, which may return long after it was given up. */
struct reload_job {
    struct task task;
    const struct config *started;
    struct config *config; /* the answer, if the result is 0; else the error is */
    int result;
    char error[CONFIG_ERROR_BYTES];
    pthread_mutex_t lock; /* guards what follows, and so who has what is above */
    bool answered;
    struct reload *reload; /* who is told; NULL: nobody any more */
};

static void free_config(struct config *config)
{
    if (config)
        config_finish(config);
    free(config);
}

/* --- on a worker --- */

static void on_run(struct task *task)
{
    struct reload_job *job = (struct reload_job *)task;

    job->result = config_read_again(job->started, job->config, job->error);
    pthread_mutex_lock(&job->lock);
    job->answered = true;
    if (job->reload)
        ev_async_send(job->reload->options.ev, &job->reload->answered);
    pthread_mutex_unlock(&job->lock);
}

static void on_free(struct task *task)
{
    struct reload_job *job = (struct reload_job *)task;

    free_config(job->config);
    pthread_mutex_destroy(&job->lock);
    free(job);
}

/* --- on the main loop --- */

static struct reload_job *make_job(struct reload *reload)
{
    struct reload_job *job = calloc(1, sizeof *job);
    struct config *config = calloc(1, sizeof *config);

    if (!job || !config) {
        free(job);
        free(config);
        return NULL;
    }
    task_init(&job->task, on_run, on_free);
    pthread_mutex_init(&job->lock, NULL);
    job->started = reload->options.started;
    job->config = config;
    job->reload = reload;
    return job;
}

static bool has_answered(struct reload_job *job)
{
    bool answered;

    pthread_mutex_lock(&job->lock);
    answered = job->answered;
    pthread_mutex_unlock(&job->lock);
    return answered;
}

static void let_go(struct reload_job *job)
{
    pthread_mutex_lock(&job->lock);
    job->reload = NULL;
    pthread_mutex_unlock(&job->lock);
    task_abandon(&job->task);
}

static void put_in_force(struct reload *reload, struct config *config)
{
    char changed[CHANGED_BYTES];

    reload->options.apply(reload->options.arg, config);
    free_config(reload->config);
    reload->config = config;
    config_list_changed(reload->options.started, config, changed, sizeof changed);
    if (changed[0] == '\0')
        log_info("configuration reloaded");
    else
        log_warning("configuration reloaded; what changed of these takes a restart: %s", changed);
}

static void refuse(const char *why)
{
    log_error("configuration not reloaded: %s", why);
}

/* Each reload begins here and ends in end(), whatever comes of it. */
static void begin(struct reload *reload)
{
    reload->under_way = true;
    reload->again = false;
    if (reload->options.began)
        reload->options.began(reload->options.arg);
}

static void end(struct reload *reload)
{
    ev_timer_stop(reload->options.ev, &reload->deadline);
    reload->under_way = false;
    if (reload->options.ended)
        reload->options.ended(reload->options.arg);
}

/* One call at a time: what does not answer is not asked twice. */
static void start(struct reload *reload)
{
    struct reload_job *job = reload->job ? NULL : make_job(reload);

    begin(reload);
    if (job) {
        reload->job = job;
        ev_timer_set(&reload->deadline, RELOAD_DEADLINE_SECONDS, 0.0);
        ev_timer_start(reload->options.ev, &reload->deadline);
        task_submit(reload->options.tasks, &job->task);
        return;
    }
    refuse(reload->job ? "the file that was to be read before is still not read"
                       : strerror(ENOMEM));
    end(reload);
}

static void on_answered(struct ev_loop *ev, ev_async *async, int events)
{
    struct reload *reload = async->data;
    struct reload_job *job = reload->job;

    (void)ev;
    (void)events;
    if (!job || !has_answered(job))
        return;
    reload->job = NULL;
    if (reload->under_way) {
        if (job->result == 0)
            put_in_force(reload, TAKE(job->config));
        else
            refuse(job->error);
        end(reload);
    }
    let_go(job);
    if (reload->again)
        start(reload);
}

static void on_deadline(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct reload *reload = timer->data;

    (void)ev;
    (void)events;
    refuse("the file was not read within 5 s");
    reload->again = false;
    end(reload);
}

void reload_init(struct reload *reload, const struct reload_options *options)
{
    *reload = (struct reload){.options = *options};
    ev_async_init(&reload->answered, on_answered);
    ev_init(&reload->deadline, on_deadline);
    reload->answered.data = reload;
    reload->deadline.data = reload;
    ev_async_start(options->ev, &reload->answered);
}

void reload_ask(struct reload *reload)
{
    if (reload->under_way)
        reload->again = true;
    else
        start(reload);
}

void reload_finish(struct reload *reload)
{
    ev_async_stop(reload->options.ev, &reload->answered);
    ev_timer_stop(reload->options.ev, &reload->deadline);
    if (reload->job)
        let_go(reload->job);
    free_config(reload->config);
    *reload = (struct reload){0};
}
