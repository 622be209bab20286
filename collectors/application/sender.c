#include "collectors/application/sender.h"

#include <errno.h>

#include "collectors/system/pid_files.h"

int sender_parse_stat(const char *text, size_t length, uint64_t *out)
{
    struct pid_stat stat;

    if (pid_stat_parse(text, length, &stat) < 0)
        return -EBADMSG;
    if (stat.state == 'Z' || stat.state == 'X' || stat.state == 'x')
        return -ESRCH;
    *out = stat.start_ticks;
    return 0;
}

/* The last of a path's parts that names a unit which has processes. */
static bool find_unit(struct scanner path, struct span *out)
{
    struct span part;
    bool found = false;

    while (scan_part(&path, '/', &part)) {
        if (span_ends_with(part, ".service") && !span_equals(part, ".service")) {
            *out = part;
            found = true;
        } else if (span_ends_with(part, ".scope")) {
            found = false;
        }
    }
    return found;
}

/* "0::/system.slice/x.service", or of cgroup v1 the hierarchy that systemd has for itself. */
bool sender_parse_unit(const char *text, size_t length, struct span *out)
{
    struct scanner rest = scanner_over(text, length);
    struct scanner line;

    while (scan_line(&rest, &line)) {
        struct span number, controllers;

        if (!scan_until(&line, ':', &number) || !scan_until(&line, ':', &controllers))
            continue;
        if ((controllers.length == 0 || span_equals(controllers, "name=systemd")) &&
            find_unit(line, out))
            return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (char_is_digit(c))
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "  sl  local_address ...": a number, then ADDRESS:PORT in hexadecimal. */
static bool scan_port(struct scanner *line, uint16_t *out)
{
    struct span word;
    unsigned port = 0;

    scan_blanks(line);
    if (!scan_word(line, &word) || word.at[word.length - 1] != ':' || !scan_blanks(line) ||
        !scan_word(line, &word) || word.length < 5 || word.at[word.length - 5] != ':')
        return false;
    for (size_t i = word.length - 4; i < word.length; i++) {
        const int digit = hex_digit(word.at[i]);

        if (digit < 0)
            return false;
        port = port << 4 | (unsigned)digit;
    }
    *out = (uint16_t)port;
    return true;
}

void sender_parse_ports(const char *text, size_t length, struct sender_ports *ports)
{
    struct scanner rest = scanner_over(text, length);
    struct scanner line;
    uint16_t port;

    while (scan_line(&rest, &line)) {
        if (scan_port(&line, &port))
            ports->words[port / 64] |= UINT64_C(1) << port % 64;
    }
}
