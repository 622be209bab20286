#include "daemon/config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/moment.h"

static const char usage[] =
    "usage: tachod [options]\n"
    "  -l, --listen ADDR:PORT|unix:PATH  where to serve; may be given several times; port 0 picks\n"
    "                                    a free one (127.0.0.1:8224 and [::1]:8224)\n"
    "  -i, --interval DURATION           time between two ticks, 100ms to 60s (1s)\n"
    "      --once                        print one snapshot with rates after one interval as JSON\n"
    "      --path.procfs DIR             where procfs is mounted (/proc)\n"
    "      --path.sysfs DIR              where sysfs is mounted (/sys)\n"
    "      --path.rootfs DIR             where the root file system is mounted (/)\n"
    "      --static-dir DIR              serve the page from a directory, for work on it\n"
    "      --log-level LEVEL             error, warning, info or debug (info)\n"
    "  -V, --version                     print the version\n"
    "  -h, --help                        print this\n";

enum option_code {
    OPTION_ONCE = 256,
    OPTION_PROCFS,
    OPTION_SYSFS,
    OPTION_ROOTFS,
    OPTION_STATIC_DIR,
    OPTION_LOG_LEVEL,
};

static const struct option options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"interval", required_argument, NULL, 'i'},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"path.procfs", required_argument, NULL, OPTION_PROCFS},
    {"path.sysfs", required_argument, NULL, OPTION_SYSFS},
    {"path.rootfs", required_argument, NULL, OPTION_ROOTFS},
    {"static-dir", required_argument, NULL, OPTION_STATIC_DIR},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool wrong(const char *option, const char *value, const char *allowed)
{
    fprintf(stderr, "tachod: %s \"%s\": allowed: %s\n", option, value, allowed);
    return false;
}

/* The grid is made of wall-clock multiples, which 24 hours have to be one of. */
static bool parse_interval(const char *text, struct config *config)
{
    int64_t ms;

    if (duration_parse(text, strlen(text), &ms) < 0 || ms < CONFIG_INTERVAL_MIN_MS ||
        ms > CONFIG_INTERVAL_MAX_MS || 24 * 3600 * 1000 % ms != 0)
        return wrong("--interval", text,
                     "a duration from 100ms to 60s that a day is a multiple of, such as 1s");
    config->interval_ms = ms;
    return true;
}

static bool add_listen(const char *text, struct config *config)
{
    if (config->listen_count == LISTENER_MAX)
        return wrong("--listen", text, "at most 16 addresses");
    config->listen[config->listen_count++] = text;
    return true;
}

static bool take_option(int code, const char *value, struct config *config)
{
    switch (code) {
    case 'l':
        return add_listen(value, config);
    case 'i':
        return parse_interval(value, config);
    case OPTION_ONCE:
        config->once = true;
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
        if (log_parse_level(value, &config->log_level) < 0)
            return wrong("--log-level", value, "error, warning, info, debug");
        return true;
    default:
        return false; /* getopt has told what is wrong */
    }
}

enum config_result config_parse(int argc, char **argv, struct config *out)
{
    int code;

    *out = (struct config){
        .interval_ms = 1000,
        .roots = {.procfs = "/proc", .sysfs = "/sys", .rootfs = "/"},
        .log_level = LOG_LEVEL_INFO,
    };
    while ((code = getopt_long(argc, argv, "l:i:Vh", options, NULL)) != -1) {
        if (code == 'h' || code == 'V') {
            fputs(code == 'h' ? usage : "tachod " TACHO_VERSION "\n", stdout);
            return CONFIG_DONE;
        }
        if (!take_option(code, optarg, out)) {
            fputs("try tachod --help\n", stderr);
            return CONFIG_WRONG;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "tachod: unexpected argument \"%s\"\ntry tachod --help\n", argv[optind]);
        return CONFIG_WRONG;
    }
    if (out->listen_count == 0) {
        out->listen_default = true;
        out->listen[out->listen_count++] = "127.0.0.1:8224";
        out->listen[out->listen_count++] = "[::1]:8224";
    }
    return CONFIG_RUN;
}
