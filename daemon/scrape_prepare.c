#include "daemon/scrape_prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "daemon/resolve.h"

/* Workers that are left for others, who need not wait for name servers. */
#define BUSY_MAX    (TASK_WORKERS_MAX / 2)
#define ERROR_BYTES 160

/* What one call found out. */
struct findings {
    int resolved; /* 0 or -errno, as resolve_host() */
    char addresses[RESOLVE_BYTES];
    int read; /* 0 or -errno */
    char token[SCRAPE_TOKEN_MAX + 1];
    char error[ERROR_BYTES];
};

/* The question and its answer: the worker's while it is out. */
struct errand {
    struct task task;
    char *host; /* NULL: nothing to resolve */
    uint16_t port;
    char *token_file; /* NULL: no token */
    struct findings found;
};

struct scrape_prepare {
    struct task_runner *tasks;
    struct errand *errand; /* NULL: there is nothing to find out */
    bool local;            /* the addresses are known from the start, and stay */
    bool asked;
    int64_t asked_ns; /* CLOCK_MONOTONIC of the last submit, which may wait for a worker */
    bool failed;      /* what the last answer was */
    bool known;       /* addresses and token are good */
    char addresses[RESOLVE_BYTES];
    char token[SCRAPE_TOKEN_MAX + 1];
    char error[ERROR_BYTES];
};

/* --- on a worker --- */

/* What can stand in a header; blanks and newlines around it are none of it. */
static int check_token(char *token, size_t length)
{
    while (length > 0 && strchr(" \t\r\n", token[length - 1]))
        length--;
    token[length] = '\0';
    if (length == 0)
        return -EBADMSG;
    for (size_t i = 0; i < length; i++) {
        if (token[i] <= ' ' || token[i] >= 0x7f)
            return -EBADMSG;
    }
    return 0;
}

static int read_token(const char *path, char token[SCRAPE_TOKEN_MAX + 1])
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t length = 0;
    ssize_t count;

    if (fd < 0)
        return -errno;
    do {
        count = read(fd, token + length, SCRAPE_TOKEN_MAX + 1 - length);
        if (count < 0)
            return -errno;
        length += (size_t)count;
        if (length > SCRAPE_TOKEN_MAX)
            return -E2BIG;
    } while (count > 0);
    return check_token(token, length);
}

static void on_run(struct task *task)
{
    struct errand *errand = (struct errand *)task;
    struct findings *found = &errand->found;
    const char *error = NULL;

    found->resolved = found->read = 0;
    found->error[0] = '\0';
    if (errand->host)
        found->resolved = resolve_host(errand->host, errand->port, found->addresses, &error);
    if (error)
        snprintf(found->error, sizeof found->error, "its name is not resolved: %s", error);
    if (errand->token_file)
        found->read = read_token(errand->token_file, found->token);
    if (found->read == -EBADMSG)
        snprintf(found->error, sizeof found->error, "its token_file holds no token");
    else if (found->read < 0)
        snprintf(found->error, sizeof found->error, "its token_file is not read: %s",
                 strerrordesc_np(-found->read));
}

static void on_free(struct task *task)
{
    struct errand *errand = (struct errand *)task;

    explicit_bzero(errand->found.token, sizeof errand->found.token);
    free(errand->host);
    free(errand->token_file);
    free(errand);
}

/* --- on the main loop --- */

static int make_errand(const struct scrape_config *config, bool local, struct errand **out)
{
    bool named = config->host && !config->numeric && !local;
    struct errand *errand;

    if (!named && !config->token_file)
        return 0;
    errand = calloc(1, sizeof *errand);
    if (!errand)
        return -ENOMEM;
    task_init(&errand->task, on_run, on_free);
    errand->task.busy_max = BUSY_MAX;
    errand->host = named ? strdup(config->host) : NULL;
    errand->port = config->port;
    errand->token_file = config->token_file ? strdup(config->token_file) : NULL;
    if ((named && !errand->host) || (config->token_file && !errand->token_file)) {
        task_abandon(&errand->task);
        return -ENOMEM;
    }
    *out = errand;
    return 0;
}

int scrape_prepare_new(const struct scrape_config *config, struct task_runner *tasks,
                       struct scrape_prepare **out)
{
    struct scrape_prepare *prepare = calloc(1, sizeof *prepare);

    if (!prepare)
        return -ENOMEM;
    prepare->local =
        config->host && resolve_localhost(config->host, config->port, prepare->addresses);
    if (make_errand(config, prepare->local, &prepare->errand) < 0) {
        free(prepare);
        return -ENOMEM;
    }
    prepare->tasks = tasks;
    prepare->known = !prepare->errand;
    *out = prepare;
    return 0;
}

void scrape_prepare_free(struct scrape_prepare *prepare)
{
    if (!prepare)
        return;
    if (prepare->errand)
        task_abandon(&prepare->errand->task);
    explicit_bzero(prepare->token, sizeof prepare->token);
    free(prepare);
}

/* Where it could not be found out whether a name still means the same, it does. */
static void take(struct scrape_prepare *prepare)
{
    const struct findings *found = &prepare->errand->found;
    bool lasting = found->resolved == -EAGAIN && found->read == 0 && prepare->known;

    prepare->failed = found->resolved < 0 || found->read < 0;
    memcpy(prepare->error, found->error, sizeof prepare->error);
    memcpy(prepare->token, found->token, sizeof prepare->token);
    if (lasting)
        return;
    prepare->known = !prepare->failed;
    if (prepare->errand->host)
        memcpy(prepare->addresses, found->addresses, sizeof prepare->addresses);
}

static bool is_due(const struct scrape_prepare *prepare, int64_t now_ns)
{
    return !prepare->asked ||
           now_ns - prepare->asked_ns >= (prepare->failed ? SCRAPE_RETRY_NS : SCRAPE_PREPARE_NS);
}

/* NULL while it is not late: one whose call does not return, or that does not get its turn. */
static const char *say_late(const struct scrape_prepare *prepare, int64_t now_ns)
{
    const struct task *task = &prepare->errand->task;

    if (!task_is_out(task) || now_ns - prepare->asked_ns < TASK_DEADLINE_NS)
        return NULL;
    return task_state(task) == TASK_RUNNING
               ? "its name or token_file is still asked for: no answer"
               : "its name or token_file waits for others, which get no answer";
}

bool scrape_prepare_tend(struct scrape_prepare *prepare, int64_t now_ns, const char **error)
{
    struct task *task = prepare->errand ? &prepare->errand->task : NULL;

    *error = NULL;
    if (task && task_is_done(task)) {
        take(prepare);
        task_reset(task);
    }
    if (task && !task_is_out(task) && is_due(prepare, now_ns)) {
        prepare->asked = true;
        prepare->asked_ns = now_ns;
        task_submit(prepare->tasks, task);
    }
    if (prepare->known)
        return true;
    if (prepare->failed)
        *error = prepare->error;
    else if (task)
        *error = say_late(prepare, now_ns);
    return false;
}

const char *scrape_prepare_addresses(const struct scrape_prepare *prepare)
{
    bool named = prepare->local || (prepare->errand && prepare->errand->host);

    return named ? prepare->addresses : NULL;
}

const char *scrape_prepare_token(const struct scrape_prepare *prepare)
{
    return prepare->errand && prepare->errand->token_file ? prepare->token : NULL;
}
