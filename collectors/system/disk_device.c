#include "collectors/system/disk_device.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "collectors/sysfs.h"

static bool scan_number(struct scanner *scanner)
{
    const char *start = scanner->at;

    while (scanner->at < scanner->end && char_is_digit(*scanner->at))
        scanner->at++;
    return scanner->at != start;
}

/* "sd" and one letter; a disk behind the 26th has two, and node_exporter keeps its partitions. */
static bool scan_lettered_disk(struct scanner *scanner)
{
    static const char *const prefixes[] = {"hd", "sd", "vd", "xvd"};

    for (size_t index = 0; index < sizeof prefixes / sizeof prefixes[0]; index++) {
        struct scanner ahead = *scanner;

        if (!scan_literal(&ahead, prefixes[index]) || scan_is_done(&ahead))
            continue;
        if (*ahead.at < 'a' || *ahead.at > 'z')
            continue;
        ahead.at++;
        *scanner = ahead;
        return true;
    }
    return false;
}

static bool scan_nvme_partition(struct scanner *scanner)
{
    return scan_literal(scanner, "nvme") && scan_number(scanner) && scan_char(scanner, 'n') &&
           scan_number(scanner) && scan_char(scanner, 'p');
}

bool disk_device_is_excluded(struct span name)
{
    struct scanner scanner = scanner_over(name.at, name.length);
    bool matched = scan_literal(&scanner, "ram") || scan_literal(&scanner, "zram") ||
                   scan_literal(&scanner, "loop") || scan_literal(&scanner, "fd") ||
                   scan_lettered_disk(&scanner) || scan_nvme_partition(&scanner);

    return matched && scan_number(&scanner) && scan_is_done(&scanner);
}

/*
 * nvme0c1n1 is the path over controller 1 to the disk that is also there as nvme0n1, which counts
 * what goes over all its paths.
 */
static bool is_nvme_path(const char *name)
{
    struct scanner scanner = scanner_over(name, strlen(name));

    return scan_literal(&scanner, "nvme") && scan_number(&scanner) && scan_char(&scanner, 'c') &&
           scan_number(&scanner) && scan_char(&scanner, 'n') && scan_number(&scanner) &&
           scan_is_done(&scanner);
}

/* 0 where there is none. */
static uint64_t read_sequence(int folder)
{
    int64_t sequence = 0;

    if (sysfs_read_number(folder, "diskseq", &sequence) < 0 || sequence < 0)
        return 0;
    return (uint64_t)sequence;
}

struct disk_device disk_device_inspect(const char *sysfs, const char *name)
{
    int folder = sysfs_open_device(sysfs, "block", name);
    struct disk_device device = {0};

    if (folder < 0)
        return device;
    device.physical = faccessat(folder, "device", F_OK, 0) == 0 && !is_nvme_path(name);
    device.sequence = read_sequence(folder);
    close(folder);
    return device;
}
