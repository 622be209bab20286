#include "collectors/survey_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What may never return leaves workers for the others. */
#define BUSY_MAX (TASK_WORKERS_MAX / 2)

void survey_roots_finish(struct survey_roots *own)
{
    for (size_t index = 0; index < SURVEY_ROOTS; index++)
        free(own->texts[index]);
}

int survey_roots_copy(struct survey_roots *own, const struct collector_roots *roots)
{
    const char *const texts[SURVEY_ROOTS] = {roots->procfs, roots->sysfs, roots->rootfs,
                                             roots->textfiles};

    for (size_t index = 0; index < SURVEY_ROOTS; index++) {
        own->texts[index] = texts[index] != NULL ? strdup(texts[index]) : NULL;
        if (texts[index] != NULL && own->texts[index] == NULL)
            return -ENOMEM;
    }
    own->roots = (struct collector_roots){.procfs = own->texts[0],
                                          .sysfs = own->texts[1],
                                          .rootfs = own->texts[2],
                                          .textfiles = own->texts[3],
                                          .chooser = roots->chooser};
    return 0;
}

static void free_call(struct task *task)
{
    struct survey_call *call = (struct survey_call *)(void *)task;

    findings_finish(&call->findings);
    survey_roots_finish(&call->own);
    free(call->path);
    free(call);
}

static void run_call(struct task *task)
{
    struct survey_call *call = (struct survey_call *)(void *)task;
    struct survey_target *target = &call->target;

    findings_clear(&call->findings);
    target->folder = open(target->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target->folder < 0 && (errno != ENOTDIR || call->form->each)) {
        findings_trouble(&call->findings, -errno); /* unless it has gone */
        return;
    }
    call->form->read(target, &call->findings);
    if (target->folder >= 0)
        close(target->folder);
}

static int fill(struct survey_call *call, const struct collector_roots *roots, const char *path,
                const char *name)
{
    int length = asprintf(&call->path, *name != '\0' ? "%s/%s" : "%s%s", path, name);

    if (length < 0) {
        call->path = NULL;
        return -ENOMEM;
    }
    if (survey_roots_copy(&call->own, roots) < 0)
        return -ENOMEM;
    call->target = (struct survey_target){.roots = call->own.roots,
                                          .name = call->path + length - strlen(name),
                                          .path = call->path,
                                          .folder = -1};
    return 0;
}

struct survey_call *survey_call_new(const struct survey_form *form,
                                    const struct collector_roots *roots, const char *path,
                                    const char *name)
{
    struct survey_call *call = calloc(1, sizeof *call);

    if (call == NULL)
        return NULL;
    call->form = form;
    task_init(&call->task, run_call, free_call);
    call->task.busy_max = BUSY_MAX;
    if (fill(call, roots, path, name) == 0)
        return call;
    free_call(&call->task);
    return NULL;
}
