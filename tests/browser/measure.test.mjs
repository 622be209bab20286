// Axes end at numbers that people read well, and say them in few digits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitRate, byteRate, bytes, count, cpuShare, perSecond, seconds, share, smallShare } from
    '../../static/src/measure.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** The five labels of an axis, and its unit. */
const labels = ({ axis, max, unit }) =>
    [...[0, 1, 2, 3, 4].map((step) => axis(max * step / 4)), unit].join(' ');

for (const [name, measure, highest, wanted] of [
    ['share', share, 0.3, '0% 25% 50% 75% 100% %'],
    ['smallShare', smallShare, 0.001, '0% 1% 2% 3% 4% %'],
    ['smallShare', smallShare, 0.09, '0% 2.5% 5.0% 7.5% 10.0% %'],
    ['smallShare', smallShare, 1, '0% 25% 50% 75% 100% %'],
    ['smallShare', smallShare, 1.7, '0% 25% 50% 75% 100% %'],
    ['cpuShare', cpuShare, 0.09, '0% 2.5% 5.0% 7.5% 10.0% %'],
    ['cpuShare', cpuShare, 1.7, '0% 50% 100% 150% 200% %'],
    ['bytes', bytes, 31.2 * GIB, '0 8 16 24 32 GiB'],
    ['bytes', bytes, 23.5 * GIB, '0 6 12 18 24 GiB'],
    ['bytes', bytes, 0.9 * GIB, '0 250 500 750 1000 MiB'],
    ['bytes', bytes, 1023 * MIB, '0 300 600 900 1200 MiB'],
    ['bytes', bytes, 1.2 * GIB, '0.0 0.3 0.6 0.9 1.2 GiB'],
    ['bytes', bytes, 0, '0 1 2 3 4 KiB'],
    ['byteRate', byteRate, 72.1e6, '0 20 40 60 80 MB/s'],
    ['byteRate', byteRate, 0, '0 1 2 3 4 B/s'],
    ['bitRate', bitRate, 22.6e6, '0 50 100 150 200 Mbit/s'],
    ['perSecond', perSecond, 12345, '0 5 10 15 20 k/s'],
    ['count', count, 3.1, '0 1 2 3 4 '],
    ['count', count, NaN, '0 1 2 3 4 '],
    ['count', count, 1800, '0.0 0.5 1.0 1.5 2.0 k'],
    ['seconds', seconds, 0.0062, '0 2 4 6 8 ms'],
    ['seconds', seconds, 0.00002, '0 5 10 15 20 µs'],
    ['seconds', seconds, 9, '0.0 2.5 5.0 7.5 10.0 s'],
]) {
    test(`${name} of ${highest}`, () => {
        const made = measure(highest);
        assert.equal(labels(made), wanted.replace(/^0\.0 /, '0 '));
        assert.ok(!(highest > made.max * (1 + 1e-9)) || made.max === 1, `${highest} fits below ${made.max}`);
    });
}

test('values in a legend have about three digits', () => {
    const { legend } = byteRate(72.1e6);
    assert.deepEqual([72.1e6, 8.25e6, 123.4e6, 1e3, 0, NaN].map(legend),
                     ['72.1', '8.25', '123', '0', '0', '–']);
    const delay = seconds(0.8);
    assert.deepEqual([0.5, 0.012, 0.00054, 0.0000023, 0, NaN].map(delay.legend),
                     ['500', '12.0', '0.54', '2.30 µs', '0', '–']);
    assert.deepEqual([2, 0.012, 0.00054, 0].map(seconds(2).legend), ['2.00', '0.01', '540 µs', '0']);
    assert.equal(bytes(31.2 * GIB).legend(19.1 * GIB), '19.1');
    assert.equal(share().legend(0.417), '41.7');
});
