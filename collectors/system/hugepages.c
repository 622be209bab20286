#include "collectors/system/hugepages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/parse.h"
#include "collectors/survey.h"
#include "collectors/sysfs.h"

#define NODES "devices/system/node"

#define PAGES(end, text)                                                                           \
    {                                                                                              \
        .name = "tacho_hugepages_" end, .unit = "", .help = (text), .kind = METRIC_GAUGE           \
    }

/* hugetlbpage.rst of the kernel says what they are. */
struct attribute {
    const char *file;
    struct metric machine, node; /* without a name: nodes do not tell */
};

static const struct attribute attributes[] = {
    {"nr_hugepages", PAGES("pool", "Huge pages of this size that there are."),
     PAGES("node_pool", "Huge pages of this size that the NUMA node has.")},
    {"free_hugepages", PAGES("free", "Huge pages of this size that are not in use."),
     PAGES("node_free", "Huge pages of this size of the NUMA node that are not in use.")},
    {"surplus_hugepages",
     PAGES("surplus", "Huge pages of this size beyond those that were asked for."),
     PAGES("node_surplus", "Huge pages of this size of the NUMA node beyond its share.")},
    {"resv_hugepages",
     PAGES("reserved", "Free huge pages of this size that are promised to somebody."),
     {.name = NULL}},
};

/* "hugepages-2048kB" is 2097152. False for another name. */
static bool parse_size(const char *name, uint64_t *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));

    return scan_literal(&scanner, "hugepages-") && scan_u64(&scanner, out) &&
           scan_literal(&scanner, "kB") && scan_is_done(&scanner) &&
           !__builtin_mul_overflow(*out, 1024, out);
}

static bool picks(const struct collector_roots *roots, const char *name)
{
    uint64_t size;

    (void)roots;
    return parse_size(name, &size);
}

/* "node0" */
static bool is_node(const char *name)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    uint64_t number;

    return scan_literal(&scanner, "node") && scan_u64(&scanner, &number) && scan_is_done(&scanner);
}

static void tell_node(const struct survey_target *target, const char *node, const char *size,
                      struct findings *findings)
{
    const struct label labels[] = {{"node", node + strlen("node")}, {"size_bytes", size}};

    for (size_t index = 0; index < sizeof attributes / sizeof attributes[0]; index++) {
        const struct attribute *attribute = &attributes[index];
        char path[PATH_MAX];
        int64_t pages;
        int result;

        if (attribute->node.name == NULL)
            continue;
        snprintf(path, sizeof path, "%s/" NODES "/%s/hugepages/%s/%s", target->roots.sysfs, node,
                 target->name, attribute->file);
        result = sysfs_read_number(AT_FDCWD, path, &pages);
        findings_trouble(findings, result);
        if (result == 0)
            findings_add(findings, &attribute->node, labels, 2, (double)pages);
    }
}

static int select_node(const struct dirent *entry)
{
    return is_node(entry->d_name);
}

/* Of one node the machine's numbers tell already. */
static void tell_nodes(const struct survey_target *target, const char *size,
                       struct findings *findings)
{
    char path[PATH_MAX];
    struct dirent **nodes;
    int count;

    snprintf(path, sizeof path, "%s/" NODES, target->roots.sysfs);
    count = scandir(path, &nodes, select_node, versionsort);
    if (count < 0) {
        findings_trouble(findings, -errno); /* unless the kernel knows no nodes */
        return;
    }
    for (int index = 0; index < count; index++) {
        if (count > 1)
            tell_node(target, nodes[index]->d_name, size, findings);
        free(nodes[index]);
    }
    free(nodes);
}

static void read_pool(const struct survey_target *target, struct findings *findings)
{
    char size[32];
    const struct label label = {"size_bytes", size};
    uint64_t bytes;

    if (!parse_size(target->name, &bytes))
        return;
    snprintf(size, sizeof size, "%" PRIu64, bytes);
    for (size_t index = 0; index < sizeof attributes / sizeof attributes[0]; index++) {
        int64_t pages;
        int result = sysfs_read_number(target->folder, attributes[index].file, &pages);

        findings_trouble(findings, result);
        if (result == 0)
            findings_add(findings, &attributes[index].machine, &label, 1, (double)pages);
    }
    tell_nodes(target, size, findings);
}

static const struct survey_form form = {.collector = "hugepages",
                                        .root = SURVEY_SYSFS,
                                        .folder = "kernel/mm/hugepages",
                                        .each = true,
                                        .picks = picks,
                                        .read = read_pool};

static int open_hugepages(const struct collector_roots *roots, void **state)
{
    return survey_open(&form, roots, state);
}

const struct collector hugepages_collector = {
    .name = "hugepages",
    .interval_ms = 10000,
    .open = open_hugepages,
    .sample = survey_sample,
    .close = survey_close,
};
