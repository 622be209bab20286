#include "tests/unit/fake_runner.h"

static void submit(struct task_runner *runner, struct task *task)
{
    struct fake_runner *fake = (struct fake_runner *)(void *)runner;

    fake->submitted++;
    if (!fake->held || !fake->queued)
        task_begin(task, fake->mono_ns);
    if (!fake->held) {
        task_run(task);
        return;
    }
    task->next = fake->waiting;
    fake->waiting = task;
    fake->waiting_count++;
}

static struct task *take(struct fake_runner *fake)
{
    struct task *task = fake->waiting;

    if (task) {
        fake->waiting = task->next;
        fake->waiting_count--;
    }
    return task;
}

void fake_runner_init(struct fake_runner *fake)
{
    *fake = (struct fake_runner){.runner = {.submit = submit}};
}

void fake_runner_begin(struct fake_runner *fake)
{
    fake->queued = false;
    for (struct task *task = fake->waiting; task; task = task->next)
        task_begin(task, fake->mono_ns);
}

void fake_runner_let_go(struct fake_runner *fake)
{
    struct task *task;

    fake->held = false;
    while ((task = take(fake)) != NULL)
        task_run(task);
}

void fake_runner_answer_last(struct fake_runner *fake)
{
    task_run(take(fake));
}

void fake_runner_finish(struct fake_runner *fake)
{
    struct task *task;

    while ((task = take(fake)) != NULL)
        task_drop(task);
}
