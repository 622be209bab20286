// What a process uses, as the kernel accounts for it.

import { readFileSync, readdirSync } from 'node:fs';

/** The number behind a key of a "Key: value" file of procfs. */
export const field = (path, key) =>
    Number(readFileSync(path, 'utf8').match(new RegExp(`^${key}:\\s+(\\d+)`, 'm'))[1]);

/** CPU time by the scheduler's own clock, which has no 10 ms steps. */
export const cpuSeconds = (pid) => readdirSync(`/proc/${pid}/task`)
    .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);

/** Memory that the process alone has and has written to. */
export const privateKib = (pid) => field(`/proc/${pid}/smaps_rollup`, 'Private_Dirty');
