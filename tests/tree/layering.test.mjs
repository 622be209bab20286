// The rules of the tree that no compiler checks: which way includes point, which calls are out,
// what must not be committed. Every rule is first shown to fail on a text that breaks it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0').filter((name) => name && existsSync(path.join(root, name)));
const read = (name) => readFileSync(path.join(root, name), 'utf8');
const sources = files.filter((name) => /\.[ch]$/.test(name));

/** The lines of a text, other than those of comments, that a pattern matches. */
const hits = (text, pattern) => text.split('\n')
    .filter((line) => pattern.test(line) && !/^\s*(\*|\/\*|\/\/)/.test(line));

/**
 * Asserts that no file of a set matches the pattern, and that the pattern finds `wrong`.
 * @param {string[]} names @param {RegExp} pattern @param {string} wrong a line that breaks the rule
 */
function forbid(names, pattern, wrong) {
    assert.equal(hits(wrong, pattern).length, 1, `the rule does not see ${wrong}`);
    assert.ok(names.length > 0, 'no file to look at');
    const found = names.flatMap((name) => hits(read(name), pattern).map((line) => `${name}: ${line}`));
    assert.deepEqual(found, []);
}

const model = [...read('daemon/meson.build').split('daemon_model_dep')[0].matchAll(/'([a-z_0-9]+)\.c'/g)]
    .flatMap(([, name]) => [`daemon/${name}.c`, `daemon/${name}.h`])
    .filter((name) => files.includes(name));

test('collectors/ knows nothing of daemon/, loops, HTTP, JSON or curl', () => {
    forbid(sources.filter((name) => name.startsWith('collectors/')),
        /#include\s*[<"](daemon\/|.*\.\.\/daemon|ev\.h|microhttpd\.h|cjson\/|cJSON\.h|curl\/)/,
        '#include "daemon/log.h"');
});

test('the data model and the ring know no loop and no HTTP', () => {
    assert.ok(model.length > 20);
    forbid(model, /#include\s*[<"](ev\.h|microhttpd\.h|cjson\/|daemon\/(http|loop|sampler|self|listen|admission|refusal|request|respond|routes|stream|subscriber|waiters|api|orders)[_a-z]*\.h)/,
        '#include "daemon/http.h"');
});

test('libmicrohttpd stays in the HTTP files', () => {
    const http = /^daemon\/(http_daemon|http_loop|request|respond|routes|stream|subscriber|waiters|orders|api(_[a-z]+)?)\.[ch]$/;
    const doubles = ['tests/unit/test_orders.c', 'tests/unit/test_waiters.c']; /* stand in for two of its functions */
    forbid(sources.filter((name) => !http.test(name) && !doubles.includes(name)), /microhttpd\.h|\bMHD_/, '#include <microhttpd.h>');
});

test('libcurl stays in what fetches, and in what reads URLs', () => {
    forbid(sources.filter((name) => !/^daemon\/(fetch|fetcher|fetch_body|fetch_own|scrape_config)\.[ch]$/.test(name)),
        /curl\/curl\.h|\bCURL|\bcurl_/, '#include <curl/curl.h>');
});

test('calls that the style rules out', () => {
    forbid(sources.filter((name) => /^(collectors|daemon)\//.test(name)),
        /\b(sscanf|strcpy|strcat|sprintf|gets|fgets|atoi|atol|atof|strtok|setlocale|system|popen)\(/,
        '    sscanf(text, "%d", &n);');
});

test('the page builds no markup from strings and runs no inline script', () => {
    forbid(files.filter((name) => /^static\/(src\/.*|index)\.(js|html)$/.test(name)),
        /innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|<script>|\sstyle="|\son[a-z]+="/,
        'element.innerHTML = name;');
});

test('no path of one machine and no registry host is committed', () => {
    const pattern = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', 'regis' + 'try\\.np', 'deb\\.deb' + 'ian', 'npm' + 'js\\.'].join('|'));
    forbid(files.filter((name) => !/\/corpus\//.test(name)), pattern, 'cd /wo' + 'rk/main');
});

test('every collector has a unit test of its name', () => {
    const names = files.filter((name) => /^collectors\/system\/.*\.c$/.test(name))
        .filter((name) => /^const struct collector /m.test(read(name)));
    assert.ok(names.length >= 4);
    assert.deepEqual(names.filter((name) => !files.includes(`tests/unit/test_${path.basename(name)}`)), []);
});

test('collectors/ links with the C library alone', () => {
    const link = (names) => execFileSync('gcc', ['-std=gnu17', '-shared', '-fPIC', '-D_GNU_SOURCE', '-I.',
        '-Wl,-z,defs', '-o', '/dev/null', ...names, '-lm'], { cwd: root, stdio: 'pipe' });
    assert.throws(() => link(['daemon/loop.c']));
    link(files.filter((name) => /^collectors\/.*\.c$/.test(name)));
});

test('every header compiles alone', () => {
    const compile = (args) => execFileSync('gcc', ['-std=gnu17', '-fsyntax-only', '-D_GNU_SOURCE',
        '-DTACHO_VERSION="test"', '-I.', '-I/usr/include/cjson', ...args], { cwd: root, stdio: 'pipe' });
    assert.throws(() => compile(['-include', 'daemon/nothing.h', '-x', 'c', '/dev/null']));
    for (const name of sources.filter((file) => /^(collectors|daemon)\/.*\.h$/.test(file)))
        compile(['-x', 'c', '-include', name, '/dev/null']);
});

test('functions stay short and files readable', () => {
    /** Functions longer than the limit, as "line: length". */
    const long = (text, limit) => {
        const found = [];
        let start = -1;
        text.split('\n').forEach((line, number) => {
            if (line.startsWith('{')) start = number;
            if (line.startsWith('}') && start >= 0) {
                if (number - start > limit) found.push(`${start}: ${number - start}`);
                start = -1;
            }
        });
        return found;
    };
    assert.equal(long(`{\n${'x;\n'.repeat(90)}}`, 80).length, 1);
    for (const name of sources.filter((file) => /^(collectors|daemon|tests)\//.test(file))) {
        assert.deepEqual(long(read(name), 80), [], name);
        assert.ok(read(name).split('\n').length <= 420, `${name} has more than 420 lines`);
    }
});
