// Chromium with the page in it, and what a test wants to know of it.

import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { ask } from '../support/http.mjs';
import { start } from '../support/tachod.mjs';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/**
 * Debian's Chromium, with a fresh profile.
 * @param {string[]} [flags] more of them
 * @param {import('playwright-core').LaunchOptions} [options]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launch(flags = [], options = {}) {
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: [...FLAGS, ...flags], ...options });
}

/**
 * A browser and a daemon for all tests of a file: there when the first of them begins.
 * @returns {{browser: import('playwright-core').Browser,
 *     daemon: import('../support/tachod.mjs').Tachod}}
 */
export function forAll() {
    const there = {};

    // One after the other: what is there is ended, though the next one fails.
    before(async () => {
        there.browser = await launch();
        there.daemon = await start();
    });
    after(async () => {
        await there.browser?.close();
        await there.daemon?.stop();
    });
    return there;
}

/** Runs in the page, before it: complaints become console errors, each shown tick is noted. */
function observe() {
    addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
    });
    window.shown = [];
    new MutationObserver(() => {
        const number = (id) =>
            Number(document.querySelector(`[data-testid="${id}"]`)?.dataset.value);
        window.shown.push({
            seq: Number(document.documentElement.dataset.seq),
            missed: Number(document.documentElement.dataset.missed),
            at_ms: Date.now(),
            cpu: number('tile-cpu'),
            memory: number('tile-memory'),
            load: number('tile-load'),
        });
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-seq'] });
}

/** One tab that shows the page; made by visit(). */
export class Visit {
    /** Errors on the console or thrown, violations of the page's policy among them. */
    complaints = [];
    /** Every address asked for. */
    requests = [];

    constructor(context, page) {
        this.context = context;
        this.page = page;
        page.on('console', (message) => {
            if (message.type() === 'error')
                this.complaints.push(`${message.text()} ${message.location().url}`.trim());
        });
        page.on('pageerror', (error) => this.complaints.push(String(error)));
        page.on('request', (request) => this.requests.push(request.url()));
    }

    /** Waits until the page says that it is in a state. */
    async state(name, timeout_ms = 20000) {
        await this.page.waitForSelector(`html[data-state="${name}"]`, { timeout: timeout_ms });
    }

    /** The ticks that were shown, with the numbers of the tiles. */
    shown() {
        return this.page.evaluate(() => window.shown);
    }

    /** Waits for the tick after the one that is shown. */
    async nextTick() {
        await this.page.evaluate(() => new Promise((resolve) => {
            const root = document.documentElement;
            new MutationObserver((_, observer) => {
                observer.disconnect();
                resolve();
            }).observe(root, { attributes: true, attributeFilter: ['data-seq'] });
        }));
    }

    epoch() {
        return this.page.evaluate(() => document.documentElement.dataset.epoch);
    }

    tile(id) {
        return this.page.locator(`[data-testid="tile-${id}"]`);
    }

    chart(id) {
        return this.page.locator(`[data-testid="chart-${id}"]`);
    }

    /** The value of a tile or the like as a number; NaN is none. */
    async value(locator) {
        return Number(await locator.getAttribute('data-value'));
    }

    /** As if the tab were hidden or seen again: headless Chromium has no window to hide. */
    async setHidden(hidden) {
        await this.page.evaluate((value) => {
            Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
            Object.defineProperty(document, 'visibilityState',
                { configurable: true, get: () => value ? 'hidden' : 'visible' });
            document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
    }

    /** With all tabs of its context. */
    close() {
        return this.context.close();
    }
}

/**
 * Opens the page in one more tab of a context: tabs of one share what a browser's tabs share.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @returns {Promise<Visit>}
 */
export async function openTab(context, url) {
    const page = await context.newPage();
    await page.addInitScript(observe);
    const opened = new Visit(context, page);
    await page.goto(url);
    return opened;
}

/**
 * Opens the page, in a context of its own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {{width?: number, height?: number, ratio?: number, scheme?: 'dark' | 'light'}} [look]
 * @returns {Promise<Visit>}
 */
export async function visit(browser, url, look = {}) {
    const { width = 1440, height = 900, ratio = 1, scheme = 'dark' } = look;
    const context = await browser.newContext({
        viewport: { width, height }, deviceScaleFactor: ratio, colorScheme: scheme });
    return openTab(context, url);
}

/** To how many clients a daemon sends its stream, as of its last tick. */
export async function subscribers(daemon) {
    const name = 'tacho_stream_subscribers';
    return Number((await ask(daemon, `/v1/now?name=${name}&format=value`)).text);
}

/** Times of all CPUs from /proc/stat: busy and all, in clock ticks. */
export function cpuTimes() {
    const [user, nice, system, idle, iowait, irq, softirq, steal] =
        readFileSync('/proc/stat', 'utf8').match(/^cpu +(.*)$/m)[1].split(' ').map(Number);
    const busy = user + nice + system + irq + softirq + steal;  // guest is inside user
    return { busy, all: busy + idle + iowait };
}

/** Used memory by /proc/meminfo, 0..1. */
export function memoryUsed() {
    const text = readFileSync('/proc/meminfo', 'utf8');
    const field = (name) => Number(text.match(new RegExp(`^${name}: +(\\d+)`, 'm'))[1]);
    return 1 - field('MemAvailable') / field('MemTotal');
}

/** Load of the last minute. */
export function load() {
    return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
}
