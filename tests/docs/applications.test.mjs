// docs/applications.md: what it tells people to write works as it stands, but for the ports.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { bash, codeBlocks, read, root } from '../support/bash.mjs';
import { json } from '../support/http.mjs';
import { freeDatagramPort, freePort } from '../support/ports.mjs';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const blocks = (heading) => codeBlocks(read('docs/applications.md'))
    .filter((block) => block.heading.startsWith(heading)).map(({ code }) => code);
const [service, scraping, whyDown] = blocks('Asked');
const [listening, client, quantiles] = blocks('Sent');

describe('the services of docs/applications.md', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tacho-guide-'));
    const children = [];
    let daemon, webPort, statsdPort;

    /** As somebody would run it beside their node_modules. */
    function node(name, code) {
        const file = path.join(folder, name);
        writeFileSync(file, code);
        const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'inherit'],
            env: { ...process.env, NODE_PATH: path.join(root, 'tests', 'node_modules') } });
        children.push(child);
        return child;
    }

    const values = async (name) =>
        (await json(daemon, `/v1/now?name=${name}`)).series.map(({ value }) => value);

    before(async () => {
        webPort = await freePort();
        statsdPort = await freeDatagramPort();
        const config = path.join(folder, 'tachod.json');
        writeFileSync(config, JSON.stringify({
            ...JSON.parse(scraping.replace('3000', webPort)),
            ...JSON.parse(listening.replace('8125', statsdPort)) }));
        daemon = await start(['-c', config]);
    });
    after(async () => {
        children.forEach((child) => child.kill('SIGKILL'));
        await daemon?.stop();
        rmSync(folder, { recursive: true, force: true });
    });

    test('a target that is not there yet is told of', async () => {
        await until('down', async () => (await values('up')).includes(0));
        const { stdout } = await bash(daemon, whyDown);
        assert.match(JSON.stringify(JSON.parse(stdout)), /"job":"shop".*"error":"Failed to connect [^"]+"/);
    });

    test('a service that is asked', async () => {
        node('service.cjs', service.replace('3000', webPort));
        await until('up', async () => (await values('up')).includes(1));
        for (let i = 0; i < 5; i++)
            assert.equal(await (await fetch(`http://127.0.0.1:${webPort}/cart`)).text(), 'empty');
        await until('five requests', async () => {
            const { series } = await json(daemon, '/v1/now?name=http_request_duration_seconds_count');
            return series.some(({ labels, value }) => labels.route === '/cart' && value === 5);
        });
    });

    test('a service that sends', async () => {
        const loop = 'setInterval(() => statsd.timing("shop.request", 12.5), 50);\n';
        node('client.cjs', client.replace('8125', statsdPort) + loop);
        await until('values', async () => (await values('shop_errors')).includes(1));
        await until('percentiles', async () => (await values('shop_request_count')).some((n) => n > 1));
        const { stdout } = await bash(daemon, quantiles);
        const found = stdout.trim().split('\n').map((line) => JSON.parse(line));
        assert.equal(found.length, 2, 'with its route and without');
        for (const { p50, p99 } of found)
            assert.ok([p50, p99].every((value) => Math.abs(value / 0.0125 - 1) <= 0.01), stdout);
    });
});
