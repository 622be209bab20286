#include "daemon/config.h"
#include "daemon/daemon.h"

int main(int argc, char **argv)
{
    struct config config;

    switch (config_parse(argc, argv, &config)) {
    case CONFIG_DONE:
        return 0;
    case CONFIG_WRONG:
        return 2;
    case CONFIG_RUN:
        break;
    }
    log_set_level(config.log_level);
    return config.once ? daemon_print_once(&config) : daemon_run(&config);
}
