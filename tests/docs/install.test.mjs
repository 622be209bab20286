// What `meson install` puts in place is whole: it runs without the tree that it was built in.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { root } from '../support/bash.mjs';
import { ask, json } from '../support/http.mjs';
import { Tachod } from '../support/tachod.mjs';

const build = path.dirname(path.dirname(path.resolve(process.env.TACHOD)));

describe('what is installed', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-install-'));
    const home = mkdtempSync(path.join(os.tmpdir(), 'tachod-install-home-'));
    let files, prefix, program;

    /** Where a file is, by the end of its path. */
    const find = (end) => {
        const found = files.filter((name) => name.endsWith(`/${end}`));
        assert.equal(found.length, 1, `${end} among ${files.join(' ')}`);
        return found[0];
    };

    before(() => {
        execFileSync('meson', ['install', '-C', build, '--no-rebuild', '--destdir', folder],
            { stdio: 'pipe' });
        files = readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name))
            .filter((name) => statSync(name).isFile());
        prefix = JSON.parse(execFileSync('meson', ['introspect', '--buildoptions', build]))
            .find(({ name }) => name === 'prefix').value;
        program = find('tachod');
    });
    after(() => [folder, home].forEach((name) => rmSync(name, { recursive: true, force: true })));

    test('all of it is there, and nothing of the tests', () => {
        assert.match(program, /\/s?bin\/tachod$/);
        for (const end of ['share/man/man8/tachod.8', 'share/man/man7/tachod-api.7', 'share/man/man5/tachod.json.5',
            'share/doc/tacho/LICENSE', 'share/doc/tacho/README.md', 'share/doc/tacho/docs/page.png',
            'share/doc/tacho/docs/responsive.md', 'share/doc/tacho/docs/collectors.md',
            'share/doc/tacho/docs/applications.md'])
            assert.equal(find(end), path.join(folder, prefix, end));
        assert.deepEqual(files.filter((name) => /test|fuzz|bench|\.a$/.test(path.relative(folder, name))), []);
    });

    test('the unit starts what is installed', { skip: !readdirSync(root).includes('systemd') }, () => {
        const unit = readFileSync(find('tachod.service'), 'utf8');
        assert.equal(unit.match(/^ExecStart=(\S+)/m)[1], program.slice(folder.length));
    });

    for (const name of ['tachod-api.7', 'tachod.8', 'tachod.json.5']) {
        test(`mandoc has nothing to say of ${name}`, () => {
            const { status, stdout, stderr } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', find(name)],
                { encoding: 'utf8' });
            assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
        });
    }

    test('the program serves the page, from anywhere', async () => {
        const [version] = execFileSync(program, ['--version'], { encoding: 'utf8', cwd: home }).split('\n');
        const child = spawn(program, ['-c', '/dev/null', '-l', '127.0.0.1:0'],
            { cwd: home, env: { HOME: home }, stdio: ['ignore', 'ignore', 'pipe'] });
        const daemon = new Tachod(child, home);
        try {
            const [, port] = await daemon.logged(/listening on http:\S+:(\d+)\//);
            const page = await ask({ port }, '/');
            assert.equal(page.status, 200);
            const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
            assert.ok(parts.length >= 3, page.text);
            for (const name of parts)
                assert.equal((await ask({ port }, new URL(name, 'http://x/').pathname)).status, 200, name);
            assert.equal(`tachod ${(await json({ port }, '/v1/info')).version}`, version);
        } finally {
            await daemon.stop();
        }
    });
});
