// What collectors read is what the configuration chooses; what it lets them choose from is in force
// from the start on.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { json } from '../support/http.mjs';
import { startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

async function subject(t, document) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-choose-'));
    const file = path.join(folder, 'tachod.json');
    const write = (text) => writeFileSync(file, JSON.stringify({ listen: ['127.0.0.1:0'], ...text }));

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    write(document);
    const daemon = await startFor(t, ['-c', file, '-i', '200ms']);
    await until('three ticks', async () => (await json(daemon, '/v1/info')).seq >= 3 || null);
    return { daemon, write };
}

/** The values of a label of the series that these names have. */
async function values(daemon, pattern, label) {
    const { series } = await json(daemon, '/v1/catalog');

    return [...new Set(series.filter(({ name }) => pattern.test(name)).map(({ labels }) => labels[label]))].sort();
}

test('devices and mounts are chosen by patterns', async (t) => {
    const { daemon } = await subject(t, { select: {
        disk_devices: { exclude: '.' }, mounts: { include: '^/$' },
        network_class_devices: { exclude: '^lo$' }, network_devices: { include: '^lo$' } } });
    await until('the mount', async () => (await json(daemon, '/v1/catalog?name=node_filesystem_*')).series.length || null);

    assert.deepEqual(await values(daemon, /^node_disk_/, 'device'), []);
    assert.deepEqual(await values(daemon, /^node_filesystem_/, 'mountpoint'), ['/']);
    assert.deepEqual(await values(daemon, /^node_network_(receive|transmit)_(bytes|drop)_total$/, 'device'), ['lo']);
    assert.ok(!(await values(daemon, /^node_network_up$/, 'device')).includes('lo'));
    const { collectors } = await json(daemon, '/v1/info');
    for (const name of ['disk', 'filesystem', 'netdev', 'netclass'])
        assert.equal(collectors.find((each) => each.name === name).state, 'running', name);
});

test('a reload says that patterns take a restart, and switches what is off by default', async (t) => {
    const { daemon, write } = await subject(t, { select: { network_devices: { include: '^lo$' } } });
    const state = async (name) => (await json(daemon, '/v1/info')).collectors.find((each) => each.name === name)?.state;

    write({ collectors: { loadavg: false }, select: { network_devices: { include: '.' } },
        textfile: { directory: '/nonexistent' } });
    daemon.child.kill('SIGHUP');
    await until('the reload', () => daemon.stderr.includes(
        'configuration reloaded; what changed of these takes a restart: select.network_devices, textfile.directory') || null);
    assert.equal(await state('loadavg'), 'off');
    assert.deepEqual(await values(daemon, /^node_network_receive_bytes_total$/, 'device'), ['lo']);
});
