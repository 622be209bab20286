// A scripted machine below a daemon: what it does is known tick by tick. And the canvases of the
// page, as numbers.

import assert from 'node:assert/strict';
import { ask } from '../support/http.mjs';
import { Machine } from '../support/machine.mjs';
import { stream } from '../support/sse.mjs';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';

const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;
/** To each disk, reads and writes, a second. */
const REQUESTS = 100;
const PRESSURES = ['cpu', 'memory', 'io'];
/** The files are written so long before a tick reads them, or the script was late. */
const EARLY_MS = 5;

/**
 * What a machine does: parts of the CPUs' time, of the time that a task waits, and that the disk
 * works; bytes a second; milliseconds that a request takes. `each` may say otherwise for single
 * CPUs, by number.
 */
export const QUIET = { user: 0.1, system: 0.05, iowait: 0, io: 0, written: 2e6, read: 1e6,
    disk: 0.05, read_ms: 1, write_ms: 1, received: 1e6, sent: 5e5 };
/** How busy the CPUs are then, how full the memory is. */
export const QUIET_CPU = QUIET.user + QUIET.system;
export const QUIET_MEMORY = 0.25;

/** Lets a machine do this for so long; its files stay as they were until they are written. */
function pass(machine, seconds, load) {
    const ticks = (part) => Math.round(part * seconds * TICKS_PER_SECOND);

    for (const [number, cpu] of machine.cpus) {
        const { user, system, iowait } = { ...load, ...load.each?.[number] };
        for (const [mode, part] of Object.entries({ user, system, iowait,
            idle: 1 - user - system - iowait }))
            cpu[mode] = (cpu[mode] ?? 0) + ticks(part);
    }
    for (const disk of machine.disks.values()) {
        const add = (field, value) => { disk[field] = (disk[field] ?? 0) + Math.round(value); };
        add('sectors_written', load.written * seconds / SECTOR_BYTES);
        add('sectors_read', load.read * seconds / SECTOR_BYTES);
        add('io_ms', load.disk * seconds * 1000);
        add('reads', REQUESTS * seconds);
        add('writes', REQUESTS * seconds);
        add('read_ms', REQUESTS * seconds * load.read_ms);
        add('write_ms', REQUESTS * seconds * load.write_ms);
    }
    for (const each of machine.interfaces.values()) {
        each.received += Math.round(load.received * seconds);
        each.sent += Math.round(load.sent * seconds);
    }
    for (const resource of machine.pressure.keys())
        machine.stall(resource, Math.round((load[resource] ?? 0) * seconds * 1e6));
    for (const line of ['intr', 'ctxt'])
        machine.stat[line] += Math.round(1000 * seconds);
}

/** The machine goes on with every tick, quietly unless it is told otherwise; made by open(). */
export class Scene {
    #planned = [];
    /** What was written for which tick, by its number. */
    #written = new Map();
    #late = '';

    /** @param {function(Machine, number): object} usual what it does, by the number of the tick */
    constructor(machine, daemon, client, usual) {
        this.machine = machine;
        this.daemon = daemon;
        this.client = client;
        this.interval_ms = client.state.interval_ms;
        this.usual = usual;
        this.url = daemon.url;
        this.fed = this.#feed();
    }

    /** The ticks so far: what the stream says of each, with all values by id. */
    get ticks() {
        return this.client.ticks.map(({ data, values }) => ({ ...data, values }));
    }

    /** Lets so many ticks pass. */
    async wait(ticks) {
        await this.client.count(this.client.ticks.length + ticks);
    }

    /**
     * Lets the machine do something else for exactly so many ticks.
     * @param {Partial<typeof QUIET>} load
     * @param {number} count
     * @returns {Promise<{seq: number, time_ms: number, span_s: number}[]>} those ticks; span_s:
     *     since the one before
     */
    async spike(load, count) {
        const ours = { ...QUIET, ...load };
        this.#planned.push(...Array(count).fill(ours));
        const found = await this.client.when('the spike', () => {
            const { ticks } = this;
            const mine = ticks.filter(({ seq }) => this.#written.get(seq) === ours);
            return mine.length === count && mine.map((tick) => ({ ...tick, span_s:
                (tick.time_ms - ticks.find(({ seq }) => seq === tick.seq - 1).time_ms) / 1000 }));
        });
        assert.equal(this.#late, '', 'this machine was too busy for its script');
        return found;
    }

    /** The id of a series. */
    id(name, labels = {}) {
        return [...this.client.state.series].find(([, series]) => series.name === name &&
            Object.entries(labels).every(([key, value]) => series.labels[key] === value))?.[0];
    }

    async close() {
        this.client.close();
        await this.fed;
        if (this.daemon.alive)
            await this.daemon.stop();
        this.machine.remove();
    }

    async #feed() {
        try {
            for (;;) {
                const { data } = this.client.ticks.at(-1);
                const planned = this.#planned.shift();
                const load = planned ?? this.usual(this.machine, data.seq + 1);
                pass(this.machine, this.interval_ms / 1000, load);
                this.machine.write();
                this.#written.set(data.seq + 1, load);
                const written_ms = Date.now();
                await this.client.when('a tick', () => this.client.ticks.at(-1).data.seq > data.seq,
                                       600000);
                const next = this.client.ticks.find(({ data: { seq } }) => seq === data.seq + 1);
                if (planned && next.data.time_ms < written_ms + EARLY_MS)
                    this.#late = `tick ${next.data.seq} came before its files`;
            }
        } catch (error) {
            if (this.client.ended === null)
                throw error;
        }
    }
}

/**
 * A machine of two CPUs, a disk, a network interface, and a daemon that reads it.
 * @param {{interval?: string, machine?: object, args?: string[], start?: object,
 *     usual?: function(Machine, number): object}} [options]
 *     machine: for its constructor; start: for the daemon's start(); usual: for the scene's
 * @returns {Promise<Scene>}
 */
export async function open({ interval = '1s', machine: parts = {}, args = [], start: how,
    usual = () => QUIET } = {}) {
    const machine = new Machine({ interfaces: ['eth0'], pressure: PRESSURES, ...parts });
    machine.memory.MemAvailable = machine.memory.MemTotal * (1 - QUIET_MEMORY);
    for (const name of machine.interfaces.keys())
        machine.replaced.set(`sys/class/net/${name}/speed`, '1000\n');  // Mbit/s
    machine.write();
    const daemon = await start(['-i', interval, ...machine.args, ...args], how);
    await until('ready', async () => (await ask(daemon, '/readyz')).status === 200);
    const client = await stream(daemon);
    await client.count(1);
    return new Scene(machine, daemon, client, usual);
}

/** Notes, at every tick that the page shows, the numbers that are on it then. */
export function record(tab) {
    return tab.page.evaluate(() => {
        const numbers = (selector, key) => Object.fromEntries(
            [...document.querySelectorAll(selector)].map((each) => [key(each), each.dataset]));
        const note = () => {
            const tiles = numbers('.tile', ({ dataset }) => dataset.testid.slice(5));
            const scales = numbers('.tile .scale', (scale) =>
                scale.closest('.tile').dataset.testid.slice(5));
            const lines = numbers('.legend [data-line]', (line) =>
                `${line.closest('.chart').dataset.testid.slice(6)} ${line.dataset.line}`);
            const values = (all, key = 'value') => Object.fromEntries(
                Object.entries(all).map(([name, data]) => [name, Number(data[key])]));
            window.noted.push({
                seq: Number(document.documentElement.dataset.seq),
                title: document.title,
                icon: document.querySelector('link[rel="icon"]').href,
                tiles: values(tiles), scales: values(scales), peaks: values(scales, 'peak'),
                lines: values(lines),
            });
        };
        window.noted = [];
        new MutationObserver(note)
            .observe(document.documentElement, { attributes: true, attributeFilter: ['data-seq'] });
    });
}

/** What was noted so far. */
export function noted(tab) {
    return tab.page.evaluate(() => window.noted);
}

/** Waits until the page has shown a tick. */
export async function untilShown(tab, seq) {
    await tab.page.waitForFunction((least) => document.documentElement.dataset.seq >= least, seq,
                                   { timeout: 30000 });
}

/** Runs in the page: a canvas by its columns, from the bottom up; lengths in device pixels. */
function readColumns({ selector, inset }) {
    const canvas = document.querySelector(`${selector} canvas`);
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const tall = [];
    const colours = [];
    const bottom = height - inset.bottom - 1;
    for (let x = inset.left; x < width - inset.right; x++) {
        let y = bottom;
        while (y >= inset.top && data[4 * (y * width + x) + 3] > 0)
            y--;
        tall.push(bottom - y);
        const middle = 4 * (Math.ceil((y + bottom) / 2) * width + x);
        colours.push([...data.slice(middle, middle + 4)]);
    }
    const strip = document.querySelector('[data-testid="strip"]');
    return { tall, colours, height: height - inset.top - inset.bottom,
             last_ms: Number(strip.getAttribute('aria-valuemax')) };
}

/**
 * What is drawn, by columns from left to right.
 * @typedef {{tall: number[], colours: number[][], height: number, at: function(number): number,
 *     time: function(number): number}} Columns tall: how far colour reaches up from the bottom,
 *     without a hole; colours: RGBA half-way; at: the column of a time; time: of a column's middle
 */

function columns(read, from_ms, span_ms) {
    const width = read.tall.length;
    return { ...read, at: (time_ms) => (time_ms - from_ms) / span_ms * width,
             time: (column) => from_ms + (column + 0.5) / width * span_ms };
}

/**
 * The tick strip; marks end 4 pixels above its edge.
 * @returns {Promise<Columns>}
 */
export async function readStrip(tab, window_ms) {
    const read = await tab.page.evaluate(readColumns, { selector: '[data-testid="strip"]',
        inset: { left: 0, right: 0, top: 0, bottom: 4 } });
    return columns(read, read.last_ms - window_ms, window_ms);
}

/**
 * The plot of a chart that follows the present.
 * @returns {Promise<Columns>}
 */
export async function readChart(tab, id, span_ms) {
    const read = await tab.page.evaluate(readColumns, {
        selector: `[data-testid="chart-${id}"] .plot`,
        inset: { left: 44, right: 0, top: 6, bottom: 19 } });
    return columns(read, read.last_ms - span_ms, span_ms);
}

/** Runs in the page: the pixels of a canvas between two times, as "r,g,b,a". */
function readBetween({ selector, inset, span_ms, from_ms, to_ms }) {
    const canvas = document.querySelector(`${selector} canvas`);
    const last_ms = Number(document.querySelector('[data-testid="strip"]')
        .getAttribute('aria-valuemax'));
    const width = canvas.width - inset.left - inset.right;
    const column = (time_ms) => inset.left + (1 - (last_ms - time_ms) / span_ms) * width;
    const left = Math.ceil(column(from_ms));
    const right = Math.floor(column(to_ms));
    const height = inset.height ?? canvas.height - inset.top - inset.bottom;
    const { data } = canvas.getContext('2d').getImageData(left, inset.top, right - left, height);
    const pixels = [];
    for (let i = 0; i < data.length; i += 4)
        pixels.push(data.slice(i, i + 4).join());
    return { pixels };
}

/**
 * What is drawn between two times, on a drawing that follows the present.
 * @returns {Promise<{pixels: string[]}>} each as "r,g,b,a"
 */
export function readArea(tab, selector, inset, span_ms, from_ms, to_ms) {
    return tab.page.evaluate(readBetween, { selector, inset, span_ms, from_ms, to_ms });
}
