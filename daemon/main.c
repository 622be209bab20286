#include <time.h>

#include "daemon/config.h"
#include "daemon/daemon.h"

static int exit_status(const struct config *config, enum config_result result)
{
    switch (result) {
    case CONFIG_DONE:
        return 0;
    case CONFIG_WRONG:
        return 2;
    case CONFIG_REFUSED:
        return 1;
    case CONFIG_RUN:
        break;
    }
    log_set_level(config->log_level);
    return config->once ? daemon_print_once(config) : daemon_run(config);
}

int main(int argc, char **argv)
{
    struct config config;
    int status;

    /* Before there are threads: all of them, libmicrohttpd's dates too, share what this sets up. */
    tzset();
    status = exit_status(&config, config_parse(argc, argv, &config));
    config_finish(&config);
    return status;
}
