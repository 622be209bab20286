// The tests' own helpers fail where they have to: else no test could.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { Ledger } from '../support/ledger.mjs';
import { assertContiguous, parseEvent, State } from '../support/sse.mjs';
import { run, start } from '../support/tachod.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-helper-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says that it listens and ends as told. */
function pretend(ending) {
    const program = path.join(folder, 'tachod');
    writeFileSync(program, `#!/bin/sh\ntrap '${ending}' TERM\n` +
        'echo "listening on http://127.0.0.1:1/" >&2\nwhile :; do sleep 0.05; done\n');
    chmodSync(program, 0o755);
    process.env.TACHOD = program;
}

test('a daemon that ends badly fails the test', async () => {
    for (const [ending, message] of [
        ['exit 1', /ended badly \(1\)/],
        ['echo "ERROR: LeakSanitizer: detected memory leaks" >&2; exit 0', /LeakSanitizer/],
        ['echo "x.c:1:2: runtime error: overflow" >&2; exit 0', /runtime error/],
        ['echo "WARNING: ThreadSanitizer: data race" >&2; exit 0', /ThreadSanitizer/],
        ['kill -SEGV $$', /ended badly/]]) {
        pretend(ending);
        const daemon = await start();
        await assert.rejects(daemon.stop(), message, ending);
    }
    pretend('exit 0');
    assert.deepEqual(await (await start()).stop(), { code: 0, signal: null });
});

test('a daemon that does not end fails the test, and is ended', async () => {
    pretend(':');
    const daemon = await start();
    await assert.rejects(daemon.stop(300), /did not end within 300 ms/);
    assert.ok(!daemon.alive);
});

test('a sanitizer\'s complaint in a run that ends by itself fails the test', async () => {
    const program = path.join(folder, 'tachod');
    writeFileSync(program, '#!/bin/sh\necho "x: runtime error: y" >&2\n');
    process.env.TACHOD = program;
    await assert.rejects(run([]), /runtime error/);
});

test('the reader of the stream accepts only what is right', () => {
    assert.throws(() => parseEvent('event: tick'));
    assert.throws(() => parseEvent('event: tick\ndata: {'));
    assert.throws(() => parseEvent('event: tick\nevent: tick\ndata: {}'));
    assert.throws(() => parseEvent('event: tick\ndata: {}\nnonsense'));
    const event = (seq) => ({ data: { seq } });
    assertContiguous([event(3), event(4)]);
    assert.throws(() => assertContiguous([event(3), event(5)]));
    assert.throws(() => assertContiguous([event(3), event(3)]));

    const hello = { event: 'hello', data: { epoch: 'e', seq: 4, interval_ms: 1000,
        series: [{ id: 1 }, { id: 2 }] } };
    const state = new State();
    state.apply(hello);
    assert.throws(() => state.apply({ event: 'tick', data: { seq: 4, v: [[1, 5]] } }), /complete/);
    assert.throws(() => state.apply({ event: 'tick', data: { seq: 4, v: [[1, 5], [3, 5]] } }));
    state.apply({ event: 'tick', data: { seq: 4, v: [[1, 5], [2, null]] } });
    state.apply({ event: 'tick', data: { seq: 5, v: [[2, 7]] } });
    assert.deepEqual([...state.values], [[1, 5], [2, 7]]);
});

test('the ledger of a client that is cut off complains about whatever is wrong', () => {
    const hello = (epoch, seq) => ({ event: 'hello', data: { epoch, seq, interval_ms: 100,
        series: [{ id: 1 }, { id: 2 }] } });
    const tick = (seq, v = [[1, seq], [2, 0]], epoch = 'e') => ({ event: 'tick',
        id: `${epoch}-${seq}`, data: { seq, time_ms: 100 * seq, v } });
    const gap = (from, to) => ({ event: 'gap', data: { from, to, why: 'behind' } });
    const told = (...connections) => {
        const ledger = new Ledger('x', (epoch, seq) => seq > 90 ? undefined : epoch === 'f' ? null
            : new Map([[1, seq], [2, 0]]));
        for (const [at_ms, ...events] of connections) {
            ledger.open(at_ms);
            events.forEach((event) => ledger.take(event));
        }
        return ledger;
    };
    const first = [400, hello('e', 4), tick(4), tick(5, [[1, 5]])];

    const right = told(first, [900, hello('e', 6), tick(6), tick(7), tick(8), tick(9)],
        [2000, gap(10, 18), hello('e', 19), tick(19)], [0, hello('f', 1), tick(1, undefined, 'f')]);
    assert.deepEqual(right.complaints, []);
    const { epochs, resumes, replayed, compared, ticks, gaps, last_id } = right;
    assert.deepEqual({ epochs, resumes, replayed, compared, ticks, last_id }, { epochs: 2,
        resumes: 2, replayed: 1, compared: 7, ticks: 8, last_id: 'f-1' });
    assert.deepEqual(gaps, [{ from: 10, to: 18, why: 'behind', away_ms: 1100 }]);

    for (const [pattern, ...connections] of [
        [/tick 5 behind 5/, first, [0, hello('e', 5), tick(5)]],
        [/tick 7 behind 5/, first, [0, hello('e', 7), tick(7)]],
        [/before the hello/, first, [0, tick(6)]],
        [/f-6/, first, [0, hello('e', 6), tick(6, undefined, 'f')]],
        [/begins behind/, first, [0, gap(7, 8), hello('e', 9), tick(9)]],
        [/is complete/, first, [0, hello('e', 6), tick(6, [[1, 6]])]],
        [/state at e-6: 1 is 5, not 6/, first, [0, hello('e', 6), tick(6, [[1, 5], [2, 0]])]],
        [/2 is null, not 0/, [0, hello('e', 6), tick(6, [[1, 6], [2, null]])]],
        [/what is that/, first, [0, { event: 'tock', data: {} }]]])
        assert.match(told(...connections).complaints[0] ?? '', pattern, String(pattern));
    assert.equal(told([0, hello('e', 91), tick(91)]).compared, 0);
});
