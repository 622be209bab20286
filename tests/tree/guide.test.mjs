// docs/collectors.md: what it tells people to write compiles as it stands and passes its own tests.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { read, root } from '../support/bash.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-guide-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const guide = read('docs/collectors.md');
/** The files of its steps: the name stands in the paragraph before the text. */
const files = new Map([...guide.matchAll(/((?:.+\n)+)\n```c\n([^]*?)```/g)].map(([, above, code]) =>
    [above.match(/`((?:collectors|tests)\/[a-z_/]+\.[ch])`/)[1], code]));

const WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion',
    '-Wstrict-prototypes', '-Wmissing-prototypes', '-Werror'];

/** The collector, and what reads and scans for all of them. */
const readers = ['collectors/system/threads_max.c', ...readdirSync(path.join(root, 'collectors'))
    .filter((name) => name.endsWith('.c') && name !== 'registry.c').map((name) => `collectors/${name}`)];

/** Links the sources, of the guide or else of the tree, and runs the program. */
function buildAndRun(sources, args = []) {
    const program = path.join(folder, 'program');
    execFileSync('gcc', ['-std=gnu17', '-g', '-D_GNU_SOURCE', '-fsanitize=address,undefined', ...WARNINGS,
        `-I${folder}`, `-I${root}`, '-o', program, ...sources.map((name) => files.has(name)
            ? path.join(folder, name) : path.join(root, name)),
        '-lcheck_pic', '-lsubunit', '-lrt', '-lm', '-pthread'], { stdio: 'pipe' });
    return execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, CK_FORK: 'no' } });
}

for (const [name, code] of files) {
    const place = path.join(folder, name);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, code);
}

test('its files are new ones', () => {
    assert.deepEqual([...files.keys()].map((name) => path.basename(name)),
        ['threads_max.h', 'threads_max.c', 'test_threads_max.c', 'fuzz_threads_max.c']);
    for (const name of files.keys())
        assert.ok(!existsSync(path.join(root, name)), name);
});

test('its collector passes its test', () => {
    const output = buildAndRun([...readers, 'tests/unit/test_threads_max.c', 'tests/unit/machine.c',
        'tests/unit/fake_sink.c', 'tests/unit/fake_runner.c', 'tests/unit/support.c']);
    assert.match(output, /100%: Checks: 3, Failures: 0, Errors: 0/);
});

test('its fuzz harness takes what it says', () => {
    const corpus = path.join(folder, 'corpus');
    mkdirSync(corpus);
    ['256\n', '0', '', '\n', '256 threads\n', '18446744073709551616\n'].forEach((text, i) =>
        writeFileSync(path.join(corpus, `file-${i}`), text));
    buildAndRun([...readers, 'tests/fuzz/fuzz_threads_max.c', 'tests/fuzz/replay.c'], [corpus]);
});

const noFormatter = spawnSync('clang-format', ['--version']).error && 'there is no clang-format';

test('it is formatted as the tree is', { skip: noFormatter ?? false }, () => {
    for (const name of files.keys())
        execFileSync('clang-format', [`--style=file:${path.join(root, '.clang-format')}`, '--dry-run',
            '-Werror', path.join(folder, name)], { stdio: 'pipe' });
});

test('the places that it names are there', () => {
    for (const [name, text] of [['collectors/meson.build', "  'system/"], ['collectors/registry.c', '_collector,'],
        ['tests/unit/meson.build', 'collector_tests = ['], ['tests/fuzz/meson.build', 'fuzz_harnesses = ['],
        ['tests/e2e/node_exporter.test.mjs', 'const ONLY_TACHOD = ['],
        ['tests/e2e/node_exporter.test.mjs', 'const ONLY_EXPORTER = ['],
        ['tests/e2e/fixture.test.mjs', 'const MADE = [']]) {
        assert.ok(guide.includes(`\`${name}\``), name);
        assert.ok(read(name).includes(text), `${name}: ${text}`);
    }
    for (const [, name] of guide.matchAll(/`((?:collectors|tests|man)\/[a-z_./]+\.[a-z.0-9]+)`/g)) {
        assert.ok(files.has(name) || existsSync(path.join(root, name)), name);
    }
});
