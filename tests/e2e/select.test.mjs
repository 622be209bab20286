// Regular expressions in selectors: right, and whatever they are, soon.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ask, json, nameOf } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { assertContiguous, stream } from '../support/sse.mjs';
import { slowness, start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const match = (text) => `match=${encodeURIComponent(text)}`;

/** Each would take from seconds to the end of the world. */
const BOMBS = ['(a+)+$', '(a|aa)+', '(a|a?)+', '((((x*)*)*)*)*', '(.*)*a', '(.*a){20}', '(a*)*b',
    '((a+)+)+', '(?:(?:a|b)*)*c', '([a-z]+)*', '(?i:(A+)+)', '(a?){30}a{30}', '(.*)(.*)(.*)(.*)(.*)[^a]',
    '(?:a{0,9}){0,9}b', '(x+x+)+y', '(?:[[:alpha:]]+)+[[:digit:]]', '(?:\\\\w*\\\\w*)*!', '(((a|b)?c?)*)*d'];

describe('regular expressions', () => {
    let daemon, machine, series;

    before(async () => {
        machine = new Machine({ disks: [...Array.from({ length: 300 }, (_, i) => `disk${i}`),
            'a'.repeat(30) + '_', 'x'.repeat(30), 'sda', 'sdb', 'nvme0n1'] });
        daemon = await start(machine.args);
        await until('ready', async () => (await ask(daemon, '/readyz')).status === 200 || null);
        ({ series } = await json(daemon, '/v1/catalog'));
    });
    after(async () => {
        await daemon?.stop();
        machine?.remove();
    });

    /** The names that a selector finds, and those of which the test says that it has to. */
    async function expect(selector, wanted) {
        const found = await json(daemon, `/v1/catalog?${match(selector)}`);
        assert.deepEqual(found.series.map(nameOf), series.filter(wanted).map(nameOf), selector);
        return found.series.length;
    }

    test('they mean what Prometheus means', async () => {
        const device = ({ labels }) => labels.device ?? '';

        assert.ok(await expect('{__name__=~"node_load.*"}', ({ name }) => /^node_load/.test(name)) === 3);
        assert.ok(await expect('{device=~"sd[ab]"}', (one) => /^sd[ab]$/.test(device(one))) > 0);
        assert.ok(await expect('{device=~"sd"}', () => false) === 0, 'anchored');
        assert.ok(await expect('{device!~".+"}', (one) => device(one) === '') > 0);
        assert.ok(await expect('{device=~""}', (one) => device(one) === '') > 0);
        assert.ok(await expect('{device=~".*"}', () => true) > 5000);
        assert.ok(await expect('{device!~"disk.*|"}', (one) => !/^(disk.*|)$/.test(device(one))) > 0);
        assert.ok(await expect('{device=~`nvme\\d+n\\d`}', (one) => device(one) === 'nvme0n1') > 0);
        assert.ok(await expect('{device=~"nvme\\\\d+n\\\\d"}', (one) => device(one) === 'nvme0n1') > 0);
        assert.ok(await expect('node_disk_reads_completed_total{device=~"(?i:SD).|x+",device!="sdb"}',
            (one) => one.name === 'node_disk_reads_completed_total' &&
            /^(sda|x+)$/.test(device(one))) === 2);
        assert.ok(await expect('{device=~"[[:alpha:]_]{31}"}', (one) => /^a{30}_$/.test(device(one))) > 0);
    });

    test('they select everywhere', async () => {
        const selector = match('{device=~"sd.",__name__!~".*_total"}');
        const { series: [one, ...others] } = await json(daemon, `/v1/now?${selector}`);
        const ids = [one, ...others].map(({ id }) => id);
        assert.ok(ids.length > 0);
        const history = await json(daemon, `/v1/history?${selector}`);
        assert.deepEqual(history.series.map(({ id }) => id), ids);
        const client = await stream(daemon, `?${selector}`);
        await client.count(1);
        assert.deepEqual(client.events[0].data.series.map(({ id }) => id), ids);
        client.close();
    });

    test('a bomb is refused or answered at once, everywhere, and nobody else notices', async () => {
        const witness = await stream(daemon, '?name=node_load1');
        const bound_ms = 300 * slowness();
        let refused = 0;
        await witness.count(2);
        for (const text of BOMBS) {
            for (const path of ['/v1/now?', '/v1/catalog?', '/v1/history?from=-1s&', '/v1/stream?']) {
                const began = performance.now();
                const query = match(`{device=~"${text}"}`);
                const bomb = path === '/v1/stream?' ? stream(daemon, `?${query}`)
                    : ask(daemon, path + query);
                const other = await ask(daemon, '/v1/now?name=node_load1&format=value');
                const took_ms = performance.now() - began;
                const answer = await bomb;
                assert.equal(other.status, 200);
                assert.ok(took_ms < bound_ms, `${text} ${path}: ${took_ms} ms`);
                assert.ok([200, 400].includes(answer.status), `${text}: ${answer.status}`);
                answer.close?.();
                if (answer.status !== 400 || answer.close)
                    continue;
                const problem = answer.json;
                refused++;
                assert.equal(problem.parameter, 'match');
                assert.match(problem.detail, /too expensive/, text);
            }
        }
        assert.ok(refused > 15, `${refused} refused`);
        await witness.next('tick');
        assertContiguous(witness.ticks);
        assert.ok(witness.ticks.every(({ data }) => !data.flags.includes('gap_before')));
        witness.close();
    });

    test('a stream goes on when a series appears that its expression is too expensive for', async () => {
        const client = await stream(daemon, `?${match('node_disk_io_now{device!~"(b|bb)+"}')}`);
        await client.count(1);
        machine.disks.set('b'.repeat(30) + '_', { reads: 1 });
        machine.disks.set('sdz', { reads: 1 });
        machine.write();
        const { data } = await client.next('series');
        assert.deepEqual(data.gone, []);
        assert.deepEqual(data.add.map(({ labels }) => labels.device), ['sdz']);
        await client.count(3);
        assertContiguous(client.ticks);
        client.close();
        const anew = await ask(daemon, `/v1/now?${match('node_disk_io_now{device!~"(b|bb)+"}')}`);
        assert.equal(anew.status, 400);
        assert.match(anew.json.detail, /too expensive: one value took more than 1000 steps/);
    });
});
