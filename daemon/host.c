#include "daemon/host.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "collectors/parse.h"

#define LABEL_MAX 63

static bool may_be_in_label(char c)
{
    return char_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

static bool is_name(struct span name)
{
    size_t label = 0;

    if (name.length == 0 || name.length >= HOST_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] == '.' ? label == 0 : !may_be_in_label(name.at[i]))
            return false;
        label = name.at[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MAX)
            return false;
    }
    return label > 0;
}

/* The name from the root of the DNS is the same name. */
static struct span without_dot(struct span name)
{
    if (name.length > 0 && name.at[name.length - 1] == '.')
        name.length--;
    return name;
}

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static bool names_equal(struct span name, struct span other)
{
    return name.length == other.length && strncasecmp(name.at, other.at, name.length) == 0;
}

bool host_name_is_valid(const char *name)
{
    return is_name(without_dot(span_of(name)));
}

void host_rules_init(struct host_rules *rules, const char *nodename, const char *const *listed,
                     size_t listed_count)
{
    int label = (int)strcspn(nodename, ".");

    *rules = (struct host_rules){.listed = listed, .listed_count = listed_count};
    if (!host_name_is_valid(nodename))
        return;
    snprintf(rules->own[0], sizeof rules->own[0], "%s", nodename);
    snprintf(rules->own[1], sizeof rules->own[1], "%.*s", label, nodename);
    snprintf(rules->own[2], sizeof rules->own[2], "%.*s.local", label, nodename);
}

static bool is_address(int family, struct span text)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[sizeof(struct in6_addr)];

    if (text.length >= sizeof address || memchr(text.at, '\0', text.length))
        return false;
    memcpy(address, text.at, text.length);
    address[text.length] = '\0';
    return inet_pton(family, address, bytes) == 1;
}

static bool is_localhost(struct span name)
{
    static const char localhost[] = ".localhost";
    const size_t length = sizeof localhost - 1;

    if (names_equal(name, span_of(localhost + 1)))
        return true;
    return name.length > length &&
           strncasecmp(name.at + name.length - length, localhost, length) == 0;
}

static bool is_known(const struct host_rules *rules, struct span name)
{
    if (is_localhost(name))
        return true;
    for (size_t i = 0; i < HOST_OWN_NAMES; i++) {
        if (names_equal(name, without_dot(span_of(rules->own[i]))))
            return true;
    }
    for (size_t i = 0; i < rules->listed_count; i++) {
        if (names_equal(name, without_dot(span_of(rules->listed[i]))))
            return true;
    }
    return false;
}

/* ":8224" to the end, or nothing. */
static bool is_port(struct scanner rest)
{
    uint64_t port;

    if (scan_is_done(&rest))
        return true;
    return scan_char(&rest, ':') && scan_u64(&rest, &port) && scan_is_done(&rest) &&
           port <= UINT16_MAX;
}

bool host_is_allowed(const struct host_rules *rules, const char *header, size_t length)
{
    struct scanner rest = scanner_over(header, length);
    struct span host;

    scan_blanks(&rest);
    while (rest.end > rest.at && char_is_blank(rest.end[-1]))
        rest.end--;
    if (scan_char(&rest, '['))
        return scan_until(&rest, ']', &host) && is_port(rest) && is_address(AF_INET6, host);
    host.at = rest.at;
    while (!scan_is_done(&rest) && *rest.at != ':')
        rest.at++;
    host.length = (size_t)(rest.at - host.at);
    host = without_dot(host);
    return is_name(host) && is_port(rest) && (is_address(AF_INET, host) || is_known(rules, host));
}

void host_gate_init(struct host_gate *gate, const char *nodename, const char *const *listed,
                    size_t listed_count)
{
    pthread_mutex_init(&gate->lock, NULL);
    host_rules_init(&gate->rules, nodename, listed, listed_count);
}

void host_gate_finish(struct host_gate *gate)
{
    pthread_mutex_destroy(&gate->lock);
}

void host_gate_list(struct host_gate *gate, const char *const *listed, size_t listed_count)
{
    pthread_mutex_lock(&gate->lock);
    gate->rules.listed = listed;
    gate->rules.listed_count = listed_count;
    pthread_mutex_unlock(&gate->lock);
}

bool host_gate_allows(struct host_gate *gate, const char *header, size_t length)
{
    bool allowed;

    pthread_mutex_lock(&gate->lock);
    allowed = host_is_allowed(&gate->rules, header, length);
    pthread_mutex_unlock(&gate->lock);
    return allowed;
}
