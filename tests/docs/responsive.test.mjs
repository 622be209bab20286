// docs/responsive.md: what it tells people to type moves the number that it speaks of.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { bash, codeBlocks, read } from '../support/bash.mjs';
import { mountPoints, noFuse } from '../support/fuse.mjs';
import { ask } from '../support/http.mjs';
import { slowness, start } from '../support/tachod.mjs';

const [setup, ...blocks] = codeBlocks(read('docs/responsive.md'));

/** What peak printed: the value of the one series whose line has all these parts. */
function peak(text, name, ...labels) {
    const found = text.split('\n').map((line) => line.split(' '))
        .filter((parts) => parts[0] === name && labels.every((label) => parts.includes(label)));

    assert.equal(found.length, 1, `${name} ${labels.join(' ')} in:\n${text}`);
    assert.match(found[0].at(-1), /^\d+(\.\d+)?(e[-+]?\d+)?$/, found[0].join(' '));
    return Number(found[0].at(-1));
}

/** By heading: what has to be seen. The bounds are wide, as others may use this machine. */
const checks = new Map([
    ['Cost nothing at rest', (text) => {
        assert.ok(peak(text, 'tacho_loop_delay_seconds', 'loop=main') < 0.1 * slowness());
        for (const loop of ['main', 'http'])
            assert.ok(peak(text, 'tacho_loop_iterations_total', `loop=${loop}`) < 20, text);
        assert.ok(peak(text, 'tacho_tick_duration_seconds') > 0);
    }],
    ['Measure the delay, from when work was due', (text) => {
        assert.ok(peak(text, 'tacho_tick_lateness_seconds') > 0.3, text);
        assert.ok(peak(text, 'tacho_loop_delay_seconds', 'loop=main') > 0.3, text);
        assert.ok(peak(text, 'tacho_ticks_missed_total') > 0.2, text);
    }],
    ['Know what the loop does with its time', (text) => {
        const serve = peak(text, 'tacho_loop_seconds_total', 'loop=http', 'phase=serve');
        assert.ok(serve > 0.02, text);
        assert.ok(serve > 10 * peak(text, 'tacho_loop_seconds_total', 'loop=main', 'phase=serve'));
        const longest = peak(text, 'tacho_loop_callback_seconds', 'callback=serve', 'loop=http');
        assert.ok(longest > 0 && longest < serve, text);
        assert.ok(peak(text, 'tacho_loop_callback_seconds', 'callback=tick', 'loop=main') <
            0.1 * slowness(), text);
    }],
    ['Never wait on a loop', (text) => {
        assert.ok(peak(text, 'tacho_worker_tasks_stuck') >= 1, text);
        assert.match(text, /^tacho_filesystem_stuck_since_timestamp_seconds .*fstype=fuse/m);
        for (const loop of ['main', 'http'])
            assert.ok(peak(text, 'tacho_loop_delay_seconds', `loop=${loop}`) < 0.1 * slowness());
    }],
    ['Cut long work into slices', (text) => {
        const serve = peak(text, 'tacho_loop_seconds_total', 'loop=http', 'phase=serve');
        const longest = peak(text, 'tacho_loop_callback_seconds', 'callback=waits', 'loop=http');
        assert.ok(longest > 0 && longest < serve, text);
    }],
    ['Bound what a stranger can make grow, and refuse early', (text) => {
        const [bomb, everything] = text.split('\n').slice(0, 2).map((line) => JSON.parse(line));
        assert.equal(bomb.status, 400);
        assert.match(bomb.detail, /too expensive/);
        assert.equal(everything.status, 400);
        assert.ok(peak(text, 'tacho_loop_delay_seconds', 'loop=http') < 0.2 * slowness());
    }],
    ['Do it once, and let the slow ones fall behind alone', (text) => {
        assert.equal(peak(text, 'tacho_stream_subscribers'), 100);
        assert.ok(peak(text, 'tacho_loop_seconds_total', 'loop=http', 'phase=encode') <
            0.01 * slowness(), text);
        assert.ok(peak(text, 'tacho_loop_delay_seconds', 'loop=main') < 0.1 * slowness(), text);
    }],
    ['Look at the neighbours', (text) => {
        assert.ok(peak(text, 'tacho_pressure_ratio', 'resource=cpu') > 0.5, text);
        assert.ok(peak(text, 'tacho_loop_delay_seconds', 'loop=main') > 0);
    }],
]);

describe('the commands of docs/responsive.md', async () => {
    const skips = new Map([
        ['Never wait on a loop', await noFuse()],
        ['Look at the neighbours', existsSync('/proc/pressure/cpu') ? false
            : 'the kernel tells no pressure'],
    ]);
    /* Where mktemp makes what it makes: so that a test that fails leaves no mount. */
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-responsive-'));
    let daemon;

    before(async () => {
        daemon = await start();
        /* Not by asking again and again: the first block is about rest. */
        for (let tick = 0; tick < 4; tick++)
            assert.equal((await ask(daemon, '/v1/now?name=node_load1&wait=30s')).status, 200);
    });
    after(async () => {
        for (const place of mountPoints().filter((each) => each.startsWith(folder)))
            spawnSync('fusermount3', ['-uz', place]);
        spawnSync('rm', ['-rf', '--one-file-system', folder]);
        await daemon?.stop();
    });

    test('each is checked below', () => {
        assert.deepEqual(blocks.map(({ heading }) => heading), [...checks.keys()]);
    });

    for (const { heading, code } of blocks) {
        test(heading, { skip: skips.get(heading) ?? false }, async () => {
            const begun = setup.code.replace('$(pidof -s tachod)', daemon.pid);
            assert.notEqual(begun, setup.code);
            /* What an interactive shell does not do: end at the first command that fails. */
            const { status, stdout, stderr } = await bash(daemon, `${begun}set +e\n${code}`,
                { env: { TMPDIR: folder } });
            assert.equal(stderr, '');
            assert.equal(status, 0);
            checks.get(heading)?.(stdout);
        });
    }
});
