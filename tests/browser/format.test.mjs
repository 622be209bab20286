// Times, spans and small rates as people say them; what is remembered of names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, clockOf, rangeInWords, rangeName, span, stamp } from '../../static/src/format.js';
import { remembered } from '../../static/src/remembered.js';
import { overview } from '../../static/src/sections/overview.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 1440 * MINUTE_MS;
/** As many series as a daemon may have. */
const SERIES_MOST = 10000;

for (const [ms, words, name] of [
    [MINUTE_MS, '1 minute', '1m'],
    [300 * SECOND_MS, '5 minutes', '5m'],
    [510 * SECOND_MS, '8 minutes 30 seconds', '510s'],
    [51 * SECOND_MS, '51 seconds', '51s'],
    [90 * MINUTE_MS, '1 hour 30 minutes', '90m'],
    [DAY_MS, '1 day', '24h'],
    [7 * DAY_MS, '7 days', '7d'],
]) {
    test(`a range of ${words}`, () => {
        assert.equal(rangeInWords(ms), words);
        assert.equal(rangeName(ms), name);
    });
}

test('a span is never 0 s', () => {
    assert.deepEqual([300, 1500, 9000, 59900, 61000, 3 * DAY_MS, NaN].map(span),
                     ['300 ms', '1.5 s', '9 s', '59 s', '1 min', '3 d', '–']);
});

test('a time of another day has its date', () => {
    const now_ms = Date.now();
    const then = new Date(2026, 1, 3, 4, 5, 6).getTime();
    assert.equal(stamp(now_ms), clock(now_ms));
    assert.equal(stamp(then), '2026-02-03 04:05:06');
    assert.equal(clockOf(now_ms), clock(now_ms));
    assert.equal(clockOf(then), '3 Feb 04:05');
});

test('few drops are not none, and whose they are is said', () => {
    const { detail } = overview.tiles.find(({ id }) => id === 'network');
    const drops = (dropped) => detail({ received: 1e6, sent: 1e6, dropped }).split(' · ').at(-1);
    assert.deepEqual([0, 0.3, 12, NaN].map(drops), ['0 dropped/s',
        '0.3 dropped/s on all interfaces', '12 dropped/s on all interfaces', '– dropped/s']);
});

test('as many names as there are series are remembered, and not ever more', () => {
    let made = 0;
    const make = remembered(() => ({ number: made++ }));
    const first = make('0');
    for (let i = 0; i < 2 * SERIES_MOST; i++)
        make(String(i % SERIES_MOST));
    assert.equal(made, SERIES_MOST, 'each made once');
    assert.equal(make('0'), first);
    for (let i = 0; i < 2 * SERIES_MOST; i++)
        make(`more ${i}`);
    assert.notEqual(make('0'), first, 'the oldest is forgotten');
    assert.equal(make(`more ${2 * SERIES_MOST - 1}`).number, 3 * SERIES_MOST - 1,
                 'the newest is not');
});
