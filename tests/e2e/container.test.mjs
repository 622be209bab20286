// In a container with lxcfs some files of /proc tell of the container, all others of the machine
// around it.

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';

import { Fuse, noFuse } from '../support/fuse.mjs';
import { json } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const GIB = 1024 * 1024;  // in kB
const ARC = 'name type data\n' + `size 4 ${3 * GIB * 1024}\n` + `c_min 4 ${GIB * 1024}\n`;

/** 4 of 8 GiB are taken, and the cache of ZFS is 3, of which 2 can be had. */
function machineWithZfs(t) {
    const machine = new Machine();
    t.after(() => machine.remove());
    machine.memory = { MemTotal: 8 * GIB, MemFree: GIB, MemAvailable: 4 * GIB };
    machine.replaced.set('proc/spl/kstat/zfs/arcstats', ARC);
    machine.write();
    return machine;
}

/** What is said to be used, in GiB, and of the cache. */
async function memoryOf(t, procfs) {
    const daemon = await startFor(t, ['-i', '200ms', '--path.procfs', procfs]);
    const read = async (name) => (await json(daemon, `/v1/now?digits=17&name=${name}`)).series;
    const [{ value }] = await until('a tick', async () => {
        const found = await read('tacho_memory_used_bytes');
        return found.length > 0 && found;
    });
    return { used: value / 2 ** 30, arc: (await read('node_zfs_arc_size')).length };
}

test('/v1/info says which files are the container\'s', async (t) => {
    const machine = new Machine();
    t.after(() => machine.remove());
    const lxcfs = (id, name) => `${id} 27 0:50 /proc/${name} ${machine.proc}/${name} ` +
        'rw,nosuid,nodev,relatime - fuse.lxcfs lxcfs rw,user_id=0,group_id=0,allow_other\n';
    const view = async () => {
        const daemon = await startFor(t, machine.args);
        return (await json(daemon, '/v1/info')).host.container_view;
    };
    assert.deepEqual(await view(), []);
    machine.replaced.set('proc/self/mountinfo', '27 1 254:0 / / rw - ext4 /dev/vda1 rw\n' +
        lxcfs(31, 'stat') + lxcfs(32, 'meminfo') + lxcfs(33, 'uptime'));
    machine.write();
    assert.deepEqual(await view(), ['meminfo', 'stat', 'uptime']);
});

test('of the machine\'s own memory the cache of ZFS is not used', async (t) => {
    assert.deepEqual(await memoryOf(t, machineWithZfs(t).proc), { used: 2, arc: 1 });
});

test('of a container\'s memory it is no part', { skip: await noFuse() }, async (t) => {
    const fuse = new Fuse();
    t.after(() => fuse.remove());
    cpSync(machineWithZfs(t).proc, fuse.source, { recursive: true });
    await fuse.mount();
    assert.deepEqual(await memoryOf(t, fuse.place), { used: 4, arc: 0 });
});
