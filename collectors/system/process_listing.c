#include "collectors/system/process_listing.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "collectors/array.h"
#include "collectors/parse.h"
#include "collectors/process_list.h"

int process_listing_open(struct process_listing *listing, const char *procfs)
{
    struct statfs filesystem;

    *listing = (struct process_listing){.folder = opendir(procfs)};
    if (listing->folder == NULL)
        return -errno;
    listing->on_procfs =
        fstatfs(dirfd(listing->folder), &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC;
    return 0;
}

void process_listing_close(struct process_listing *listing)
{
    if (listing->folder != NULL)
        closedir(listing->folder);
    free(listing->pids);
    *listing = (struct process_listing){0};
}

static int compare(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

static bool parse_pid(const char *name, uint32_t *out)
{
    struct scanner scanner = scanner_over(name, strlen(name));
    uint64_t pid;

    if (!char_is_digit(*name) || !scan_u64(&scanner, &pid) || !scan_is_done(&scanner) || pid == 0 ||
        pid > INT32_MAX)
        return false;
    *out = (uint32_t)pid;
    return true;
}

/* Those with the highest pids are left away: they are known when all have been listed. */
static void order(struct process_listing *listing)
{
    bool ordered = true;

    for (size_t index = 1; index < listing->count && ordered; index++)
        ordered = listing->pids[index - 1] < listing->pids[index];
    if (!ordered)
        qsort(listing->pids, listing->count, sizeof *listing->pids, compare);
    listing->beyond = 0;
    if (listing->count > PROCESS_LIST_MAX) {
        listing->beyond = listing->count - PROCESS_LIST_MAX;
        listing->count = PROCESS_LIST_MAX;
    }
}

static int list(struct process_listing *listing)
{
    const struct dirent *entry;

    listing->count = 0;
    rewinddir(listing->folder);
    while (errno = 0, (entry = readdir(listing->folder)) != NULL) {
        uint32_t pid, *pids;

        if (!parse_pid(entry->d_name, &pid))
            continue;
        pids = array_reserve(listing->pids, &listing->capacity, listing->count + 1, sizeof *pids);
        if (pids == NULL)
            return -ENOMEM;
        listing->pids = pids;
        pids[listing->count++] = pid;
    }
    if (errno != 0)
        return -errno;
    order(listing);
    return 0;
}

int process_listing_read(struct process_listing *listing, uint64_t forks)
{
    struct stat folder;
    int result;

    /* Before they are listed, so that what comes meanwhile counts as new. */
    if (!listing->on_procfs || fstat(dirfd(listing->folder), &folder) < 0)
        forks = 0;
    if (forks != 0 && forks == listing->forks && folder.st_nlink == listing->links &&
        ++listing->age < PROCESS_LISTING_SCANS && !process_listing_hides(listing))
        return 0;
    listing->forks = 0;
    result = list(listing);
    if (result < 0)
        return result;
    listing->forks = forks;
    listing->links = forks != 0 ? folder.st_nlink : 0;
    listing->age = 0;
    return 0;
}

void process_listing_doubt(struct process_listing *listing)
{
    listing->forks = 0;
}

bool process_listing_hides(const struct process_listing *listing)
{
    return listing->count == 0 || listing->pids[0] != 1;
}
