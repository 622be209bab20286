// node build.mjs OUTDIR: bundles the page into OUTDIR (app.js, worker.js, app.css,
// index.html, favicon.svg).
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { uplotParts } from './uplot_parts.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] && path.resolve(process.argv[2]);
const limit_bytes = 80 * 1024;

if (!outdir) {
    console.error('usage: node build.mjs OUTDIR');
    process.exit(2);
}

await mkdir(outdir, { recursive: true });
const options = {
    absWorkingDir: here,
    outdir,
    bundle: true,
    minify: true,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
};
await build({
    ...options,
    entryPoints: [{ in: 'src/worker.js', out: 'worker' }],
    format: 'iife',
});
// By its content, so that pages of two versions, open at once, do not share a worker. After an
// upgrade an old page that loads its worker again gets the new one: the daemon has no other.
const worker = await readFile(path.join(outdir, 'worker.js'));
const worker_hash = createHash('sha256').update(worker).digest('hex').slice(0, 16);
await build({
    ...options,
    entryPoints: [
        { in: 'src/main.js', out: 'app' },
        { in: 'app.css', out: 'app' },
    ],
    format: 'esm',
    loader: { '.js': 'jsx' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [uplotParts],
    define: { WORKER_URL: JSON.stringify(`/worker.js?v=${worker_hash}`) },
    banner: {
        js: '/* tacho. Holds Preact and its signals (c) Jason Miller and the Preact authors, ' +
            'and uPlot (c) Leon Sorokin, each under the MIT licence. */',
    },
});
for (const name of ['index.html', 'favicon.svg'])
    await copyFile(path.join(here, name), path.join(outdir, name));

let code_bytes = 0;
for (const name of ['app.css', 'app.js', 'favicon.svg', 'index.html', 'worker.js']) {
    const content = await readFile(path.join(outdir, name));
    const packed_bytes = gzipSync(content, { level: 9 }).length;
    code_bytes += packed_bytes;
    console.log(`${name}: ${content.length} bytes, ${packed_bytes} with gzip`);
}
console.log(`together: ${code_bytes} bytes with gzip, of at most ${limit_bytes}`);
if (code_bytes > limit_bytes) {
    console.error('build.mjs: the page has outgrown its budget');
    process.exit(1);
}
