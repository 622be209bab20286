// Samples that other programs leave in files: shown as they stand, beside the host's own.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ask, json } from '../support/http.mjs';
import { startFor } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

test('what files say is shown, but for what the host itself says', async (t) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-textfile-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const texts = {
        'a.prom': '# TYPE node_reboot_required gauge\nnode_reboot_required 1\nnode_load1 1e9\n',
        'b.prom': 'backup_age_seconds{job="x"} 5 1700000000000\n',
        'c.txt': 'other 1\n',
    };
    for (const [name, text] of Object.entries(texts))
        writeFileSync(path.join(folder, name), text);
    const config = path.join(folder, 'tachod.json');
    writeFileSync(config, JSON.stringify({ textfile: { directory: folder } }));
    const daemon = await startFor(t, ['-c', config, '-i', '200ms']);
    const find = async (name) => (await json(daemon, `/v1/now?name=${name}`)).series;

    const [reboot] = await until('a file', async () => {
        const found = await find('node_reboot_required');
        return found.length > 0 && found;
    });
    assert.equal(reboot.value, 1);
    assert.equal(reboot.kind, 'gauge');
    const scope = async (name) => (await ask(daemon, `/metrics?scope=${name}`)).text;
    assert.match(await scope('host'), /^node_reboot_required 1$/m);
    assert.doesNotMatch(await scope('applications'), /node_reboot_required/);
    assert.deepEqual((await find('node_load1')).map(({ value }) => value < 1e9), [true]);
    assert.deepEqual(await find('backup_age_seconds'), []);
    assert.deepEqual(await find('other'), []);
    assert.equal((await find('node_textfile_scrape_error'))[0].value, 1);
    assert.deepEqual((await find('node_textfile_mtime_seconds')).map(({ labels }) => labels.file),
        [path.join(folder, 'a.prom')]);
    assert.deepEqual((await find('tacho_textfile_error')).map(({ labels }) => labels.file),
        [path.join(folder, 'b.prom')]);
});
