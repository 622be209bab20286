// node build.mjs OUTDIR: bundles the page into OUTDIR (app.js, app.css, index.html, favicon.svg).
import { build } from 'esbuild';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] && path.resolve(process.argv[2]);
const limit_bytes = 80 * 1024;

if (!outdir) {
    console.error('usage: node build.mjs OUTDIR');
    process.exit(2);
}

await mkdir(outdir, { recursive: true });
await build({
    absWorkingDir: here,
    entryPoints: [
        { in: 'src/main.js', out: 'app' },
        { in: 'app.css', out: 'app' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2021',
    loader: { '.js': 'jsx' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    banner: {
        js: '/* tacho. Holds Preact and its signals (c) Jason Miller and the Preact authors, ' +
            'and uPlot (c) Leon Sorokin, each under the MIT licence. */',
    },
    logLevel: 'warning',
});
for (const name of ['index.html', 'favicon.svg'])
    await copyFile(path.join(here, name), path.join(outdir, name));

let code_bytes = 0;
for (const name of ['app.css', 'app.js', 'favicon.svg', 'index.html']) {
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
