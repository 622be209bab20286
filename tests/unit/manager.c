#include "tests/unit/manager.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void set_number(const char *name, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, number);
    setenv(name, text, 1);
}

void manager_make(struct manager *manager, int64_t watchdog_us)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    folder_make(&manager->folder);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", manager->folder.path);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(manager->fd, (const struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    if (watchdog_us > 0) {
        set_number("WATCHDOG_USEC", watchdog_us);
        set_number("WATCHDOG_PID", getpid());
    }
}

void manager_remove(struct manager *manager)
{
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    close(manager->fd);
    folder_unlink(&manager->folder, "notify");
    folder_remove(&manager->folder);
}

const char *manager_hear(struct manager *manager)
{
    ssize_t length = recv(manager->fd, manager->text, sizeof manager->text - 1, 0);

    manager->text[length < 0 ? 0 : length] = '\0';
    return manager->text;
}
