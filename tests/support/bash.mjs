// Runs what the documents tell people to type.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { within } from './wait.mjs';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The text of a file of the tree. */
export const read = (name) => readFileSync(path.join(root, name), 'utf8');

/**
 * The indented code of a document, block by block, with the heading that each is below.
 * @param {string} markdown
 * @returns {{heading: string, code: string}[]}
 */
export function codeBlocks(markdown) {
    return markdown.split(/^#+ /m).slice(1).flatMap((section) => {
        const [heading] = section.split('\n');
        return [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) =>
            ({ heading, code: block.replace(/^ {4}/gm, '') }));
    });
}

/**
 * Runs commands in bash, with this daemon where they say localhost:8224.
 * @param {{port: number}} daemon
 * @param {string} code
 * @param {{cwd?: string, env?: Object<string, string>, lines?: number, timeout_ms?: number}}
 *     [options] lines: ends it, and what it started, when it has printed so many
 * @returns {Promise<{status: ?number, stdout: string, stderr: string}>}
 */
export function bash(daemon, code, { cwd, env, lines = Infinity, timeout_ms = 60000 } = {}) {
    const child = spawn('bash', ['-euo', 'pipefail', '-c',
        code.replaceAll('localhost:8224', `127.0.0.1:${daemon.port}`)],
    { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const end = () => process.kill(-child.pid, 'SIGKILL');
    let stdout = '', stderr = '';

    child.stderr.on('data', (data) => { stderr += data; });
    child.stdout.on('data', (data) => {
        stdout += data;
        if (stdout.split('\n').length > lines)
            end();
    });
    return within(code, new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status) => resolve({ status, stdout, stderr }));
    }), timeout_ms).catch((error) => {
        if (child.exitCode === null && child.signalCode === null)
            end();
        throw error;
    });
}
