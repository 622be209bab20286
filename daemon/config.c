#include "daemon/config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_file.h"
#include "daemon/config_scrape.h"
#include "daemon/config_select.h"
#include "daemon/config_show.h"
#include "daemon/datagrams.h"
#include "daemon/moment.h"

static const char usage[] =
    "usage: tachod [options]\n"
    "  -c, --config FILE                 the configuration, JSON with comments; options win over "
    "it\n"
    "                                    (" CONFIG_FILE " if it is there)\n"
    "  -l, --listen ADDR:PORT|unix:PATH  where to serve; may be given several times; port 0 picks\n"
    "                                    a free one (127.0.0.1:8224 and [::1]:8224)\n"
    "  -i, --interval DURATION           time between two ticks, 100ms to 60s (1s)\n"
    "  -d, --data DIR|none               where the history is kept; none: in memory alone\n"
    "                                    ($STATE_DIRECTORY, $XDG_STATE_HOME/tacho or\n"
    "                                    ~/.local/state/tacho)\n"
    "      --once                        print one snapshot with rates after one interval as JSON\n"
    "      --check-config                say what is wrong with the configuration, and end\n"
    "      --print-config                print the configuration as a file that says it, and end\n"
    "      --path.procfs DIR             where procfs is mounted (/proc)\n"
    "      --path.sysfs DIR              where sysfs is mounted (/sys)\n"
    "      --path.rootfs DIR             where the root file system is mounted (/)\n"
    "      --static-dir DIR              serve the page from a directory, for work on it\n"
    "      --log-level LEVEL             error, warning, info or debug (info)\n"
    "  -V, --version                     print the version\n"
    "  -h, --help                        print this\n";

enum option_code {
    OPTION_ONCE = 256,
    OPTION_CHECK_CONFIG,
    OPTION_PRINT_CONFIG,
    OPTION_PROCFS,
    OPTION_SYSFS,
    OPTION_ROOTFS,
    OPTION_STATIC_DIR,
    OPTION_LOG_LEVEL,
};

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"listen", required_argument, NULL, 'l'},
    {"interval", required_argument, NULL, 'i'},
    {"data", required_argument, NULL, 'd'},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
    {"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
    {"path.procfs", required_argument, NULL, OPTION_PROCFS},
    {"path.sysfs", required_argument, NULL, OPTION_SYSFS},
    {"path.rootfs", required_argument, NULL, OPTION_ROOTFS},
    {"static-dir", required_argument, NULL, OPTION_STATIC_DIR},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *const default_listen[] = {"127.0.0.1:8224", "[::1]:8224"};
static const size_t default_listen_count = sizeof default_listen / sizeof *default_listen;

/* What only the start has to know of the command line. */
struct command_line {
    struct config *config;
    bool listens; /* an address was named, in place of all those of the file */
    bool check, print;
};

static bool wrong(const char *option, const char *value, const char *allowed)
{
    fprintf(stderr, "tachod: %s \"%s\": allowed: %s\n", option, value, allowed);
    return false;
}

/* --- values --- */

/* The grid is made of wall-clock multiples, which 24 hours have to be one of. */
int config_parse_interval(const char *text, int64_t *out_ms)
{
    int64_t ms;

    if (duration_parse(text, strlen(text), &ms) < 0 || ms < CONFIG_INTERVAL_MIN_MS ||
        ms > CONFIG_INTERVAL_MAX_MS || 24 * 3600 * 1000 % ms != 0)
        return -EINVAL;
    *out_ms = ms;
    return 0;
}

static int add_text(char **texts, size_t *count, size_t max, const char *text)
{
    char *copy;

    if (*count == max)
        return -E2BIG;
    copy = strdup(text);
    if (!copy)
        return -ENOMEM;
    texts[(*count)++] = copy;
    return 0;
}

static void clear_texts(char **texts, size_t *count)
{
    while (*count > 0)
        free(texts[--*count]);
}

int config_add_listen(struct config *config, const char *spec)
{
    return add_text(config->listen, &config->listen_count, LISTENING_MAX, spec);
}

int config_add_host(struct config *config, const char *name)
{
    return add_text(config->hosts, &config->host_count, CONFIG_HOSTS_MAX, name);
}

int config_add_statsd_listen(struct config *config, const char *spec)
{
    return add_text(config->statsd_listen, &config->statsd_listen_count, CONFIG_STATSD_LISTEN_MAX,
                    spec);
}

int config_set_data(struct config *config, const char *path)
{
    char *copy = *path ? strdup(path) : NULL;

    if (!copy)
        return *path ? -ENOMEM : -EINVAL;
    free(config->data);
    config->data = copy;
    return 0;
}

/* A directory under the one that the environment names; NULL: it names none. */
static char *data_under(const char *variable, const char *below)
{
    const char *base = getenv(variable);
    char *path = NULL;

    if (!base || *base != '/' || asprintf(&path, "%s%s", base, below) < 0)
        return NULL;
    return path;
}

char *config_data_directory(const struct config *config)
{
    char *path;

    if (config->data)
        return strcmp(config->data, "none") == 0 ? NULL : strdup(config->data);
    path = data_under("STATE_DIRECTORY", "");
    if (!path)
        path = data_under("XDG_STATE_HOME", "/tacho");
    return path ? path : data_under("HOME", "/.local/state/tacho");
}

static void config_init(struct config *config, int argc, char **argv)
{
    *config = (struct config){
        .argc = argc,
        .argv = argv,
        .interval_ms = 1000,
        .http_threads = 1,
        .max_connections_per_address = CONFIG_PER_ADDRESS_DEFAULT,
        .roots = {.procfs = "/proc", .sysfs = "/sys", .rootfs = "/"},
        .log_level = LOG_LEVEL_INFO,
        .statsd_max_series = CONFIG_STATSD_SERIES,
    };
    for (size_t i = 0; i < collector_registry_count; i++)
        config->collectors[i].off = collector_registry[i]->off_by_default;
}

void config_finish(struct config *config)
{
    clear_texts(config->listen, &config->listen_count);
    clear_texts(config->hosts, &config->host_count);
    clear_texts(config->statsd_listen, &config->statsd_listen_count);
    while (config->scrape_count > 0)
        scrape_config_finish(&config->scrape[--config->scrape_count]);
    free(config->scrape);
    config->scrape = NULL;
    free(config->data);
    config->data = NULL;
    config_finish_select(config);
}

/* --- the command line --- */

static bool take_listen(const char *text, struct command_line *line)
{
    if (!line->listens)
        clear_texts(line->config->listen, &line->config->listen_count);
    line->listens = true;
    switch (config_add_listen(line->config, text)) {
    case 0:
        return true;
    case -E2BIG:
        return wrong("--listen", text, "at most 16 addresses");
    default:
        return wrong("--listen", text, "what there is memory for");
    }
}

static bool take_option(int code, const char *value, struct command_line *line)
{
    struct config *config = line->config;

    switch (code) {
    case 'c':
        config->file = value;
        return true;
    case 'l':
        return take_listen(value, line);
    case 'i':
        return config_parse_interval(value, &config->interval_ms) == 0 ||
               wrong("--interval", value, CONFIG_INTERVAL_ALLOWED);
    case 'd':
        return config_set_data(config, value) == 0 ||
               wrong("--data", value, "a directory, or none");
    case OPTION_ONCE:
        config->once = true;
        return true;
    case OPTION_CHECK_CONFIG:
        line->check = true;
        return true;
    case OPTION_PRINT_CONFIG:
        line->print = true;
        return true;
    case OPTION_PROCFS:
        config->roots.procfs = value;
        return true;
    case OPTION_SYSFS:
        config->roots.sysfs = value;
        return true;
    case OPTION_ROOTFS:
        config->roots.rootfs = value;
        return true;
    case OPTION_STATIC_DIR:
        config->static_dir = value;
        return true;
    case OPTION_LOG_LEVEL:
        return log_parse_level(value, &config->log_level) == 0 ||
               wrong("--log-level", value, "error, warning, info, debug");
    default:
        return false; /* getopt has told what is wrong */
    }
}

static enum config_result take_command_line(struct command_line *line)
{
    const int argc = line->config->argc;
    char **const argv = line->config->argv;
    int code;

    optind = 0; /* getopt(3): begin anew */
    while ((code = getopt_long(argc, argv, "c:l:i:d:Vh", options, NULL)) != -1) {
        if (code == 'h' || code == 'V') {
            fputs(code == 'h' ? usage : "tachod " TACHO_VERSION "\n", stdout);
            return CONFIG_DONE;
        }
        if (!take_option(code, optarg, line)) {
            fputs("try tachod --help\n", stderr);
            return CONFIG_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "tachod: unexpected argument \"%s\"\ntry tachod --help\n", argv[optind]);
        return CONFIG_WRONG;
    }
    return CONFIG_RUN;
}

/* --- the file, and both together --- */

static int read_file(struct config *config, char error[CONFIG_ERROR_BYTES])
{
    const char *named = config->file;
    int result = config_file_read(named ? named : CONFIG_FILE, config, error);

    return !named && (result == -ENOENT || result == -ENOTDIR) ? 0 : result;
}

static bool is_default_listen(const struct config *config)
{
    for (size_t i = 0; i < default_listen_count; i++) {
        if (i >= config->listen_count || strcmp(config->listen[i], default_listen[i]) != 0)
            return false;
    }
    return config->listen_count == default_listen_count;
}

/* A file that names the default, as --print-config writes it, means the default. */
static int complete_listen(struct config *config, char error[CONFIG_ERROR_BYTES])
{
    bool named = config->listen_count > 0;
    int result = 0;

    for (size_t i = 0; i < default_listen_count && !named && result == 0; i++)
        result = config_add_listen(config, default_listen[i]);
    config->listen_default = is_default_listen(config);
    if (result < 0)
        snprintf(error, CONFIG_ERROR_BYTES, "cannot start: %s", strerror(-result));
    return result;
}

static int complete(struct config *config, char error[CONFIG_ERROR_BYTES])
{
    int result = complete_listen(config, error);

    if (result < 0)
        return result;
    result = config_scrape_complete(config, error);
    if (result == -ENOMEM)
        snprintf(error, CONFIG_ERROR_BYTES, "cannot start: %s", strerror(ENOMEM));
    return result;
}

/* What a start would say of the addresses before it opens them. */
static int check(const struct config *config, char error[CONFIG_ERROR_BYTES])
{
    int result = 0;

    for (size_t i = 0; i < config->listen_count && result == 0; i++)
        result = listening_check(config->listen[i], config->auth_none, error);
    for (size_t i = 0; i < config->statsd_listen_count && result == 0; i++)
        result = datagrams_check(config->statsd_listen[i], config->auth_none, error);
    return result;
}

static enum config_result print(const struct config *config)
{
    char *text = config_show(config);
    bool good = text && printf("%s\n", text) > 0 && fflush(stdout) == 0;

    if (!good)
        log_error("cannot print the configuration: %s", strerror(text ? errno : ENOMEM));
    free(text);
    return good ? CONFIG_DONE : CONFIG_REFUSED;
}

/* The defaults, over them the file that the command line names, and over that the command line. */
static int read_all(const char *file, struct command_line *line, char error[CONFIG_ERROR_BYTES])
{
    struct config *config = line->config;
    int result;

    config->file = file;
    result = read_file(config, error);
    if (result < 0)
        return result;
    line->listens = false;
    if (take_command_line(line) == CONFIG_RUN)
        return complete(config, error);
    /* It was good before, and told now what it lacks. */
    snprintf(error, CONFIG_ERROR_BYTES, "cannot take the command line: %s", strerror(ENOMEM));
    return -ENOMEM;
}

/* The command line is read twice: for the file's name and its own errors, then over the file. */
enum config_result config_parse(int argc, char **argv, struct config *out)
{
    struct command_line line = {.config = out};
    char error[CONFIG_ERROR_BYTES];
    enum config_result result;
    const char *file;

    config_init(out, argc, argv);
    result = take_command_line(&line);
    if (result != CONFIG_RUN)
        return result;
    file = out->file;
    config_finish(out);
    config_init(out, argc, argv);
    if (read_all(file, &line, error) < 0 || ((line.check || line.print) && check(out, error) < 0)) {
        log_error("%s", error);
        return CONFIG_REFUSED;
    }
    if (line.print)
        return print(out);
    return line.check ? CONFIG_DONE : CONFIG_RUN;
}

int config_read_again(const struct config *config, struct config *out,
                      char error[CONFIG_ERROR_BYTES])
{
    struct command_line line = {.config = out};
    int result;

    config_init(out, config->argc, config->argv);
    result = read_all(config->file, &line, error);
    if (result == 0)
        result = check(out, error);
    if (result < 0)
        config_finish(out);
    return result;
}
