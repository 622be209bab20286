// Prometheus's text format, as node_exporter prints it.

import { nameOf } from './http.mjs';

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES = { n: '\n', '\\': '\\', '"': '"' };

const unescape = (text) => text.replace(/\\(.)/g, (all, c) => ESCAPES[c] ?? all);

/**
 * Samples by series, and what the # lines say by metric.
 * @param {string} text
 * @returns {{samples: Map<string, {name: string, labels: Object<string, string>, value: number}>,
 *     help: Map<string, string>, kind: Map<string, string>}}
 */
export function parseExposition(text) {
    const samples = new Map(), help = new Map(), kind = new Map();

    for (const line of text.split('\n')) {
        const [, what, described, rest] = line.match(/^# (HELP|TYPE) (\S+) (.*)$/) ?? [];
        if (what)
            (what === 'HELP' ? help : kind).set(described, rest);
        const [, name, braces, value] = line.match(/^([a-z_A-Z:0-9]+)(\{.*\})? (\S+)$/) ?? [];
        if (!name)
            continue;
        const labels = Object.fromEntries([...(braces ?? '').matchAll(LABEL)]
            .map(([, key, quoted]) => [key, unescape(quoted)]));
        samples.set(nameOf({ name, labels }), { name, labels, value: Number(value) });
    }
    return { samples, help, kind };
}
