#include "collectors/system/process_fds.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FOLDER "/proc/self/fd"
/* What a listing has that is no descriptor of others: "." and "..", and its own. */
#define NOT_COUNTED 3

struct fds_listing {
    struct task task;
    uint64_t entries; /* 0: the folder could not be listed */
};

static bool read_count(uint64_t *out)
{
    struct stat folder;

    if (stat(FOLDER, &folder) < 0 || folder.st_size <= 0)
        return false;
    *out = (uint64_t)folder.st_size;
    return true;
}

static void on_list(struct task *task)
{
    struct fds_listing *listing = (struct fds_listing *)task;
    DIR *folder = opendir(FOLDER);

    listing->entries = 0;
    if (folder == NULL)
        return;
    while (readdir(folder) != NULL)
        listing->entries++;
    closedir(folder);
}

static void on_free(struct task *task)
{
    free(task);
}

bool process_fds_are_counted(void)
{
    uint64_t count;

    return read_count(&count);
}

int process_fds_init(struct process_fds *fds, bool listed)
{
    *fds = (struct process_fds){0};
    if (!listed)
        return 0;
    fds->listing = calloc(1, sizeof *fds->listing);
    if (fds->listing == NULL)
        return -ENOMEM;
    task_init(&fds->listing->task, on_list, on_free);
    return 0;
}

void process_fds_ask(struct process_fds *fds, struct task_runner *tasks)
{
    if (fds->listing == NULL)
        fds->known = read_count(&fds->count);
    else if (task_state(&fds->listing->task) == TASK_IDLE)
        task_submit(tasks, &fds->listing->task);
}

bool process_fds_take(struct process_fds *fds, uint64_t *out)
{
    if (fds->listing != NULL && task_is_done(&fds->listing->task)) {
        uint64_t entries = fds->listing->entries;

        task_reset(&fds->listing->task);
        fds->known = entries >= NOT_COUNTED;
        fds->count = fds->known ? entries - NOT_COUNTED : 0;
    }
    if (!fds->known)
        return false;
    fds->known = false;
    *out = fds->count;
    return true;
}

void process_fds_finish(struct process_fds *fds)
{
    if (fds->listing != NULL)
        task_abandon(&fds->listing->task);
    *fds = (struct process_fds){0};
}
