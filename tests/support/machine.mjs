// A machine made of text files that a test rewrites: what --path.procfs and --path.sysfs name.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** CPU modes in the order of /proc/stat, in clock ticks (100 a second). */
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest',
    'guest_nice'];
/** Fields of a line of /proc/diskstats behind the name. */
const DISK_FIELDS = ['reads', 'reads_merged', 'sectors_read', 'read_ms', 'writes',
    'writes_merged', 'sectors_written', 'write_ms', 'in_flight', 'io_ms', 'weighted_ms',
    'discards', 'discards_merged', 'sectors_discarded', 'discard_ms', 'flushes', 'flush_ms'];
/** Of an interface; 1 is lo. */
const FIRST_INDEX = 2;

const INTERFACE_HEADING = ['Inter-|   Receive                                                ' +
    '|  Transmit', ' face |bytes    packets errs drop fifo frame compressed multicast' +
    '|bytes    packets errs drop fifo colls carrier compressed'];

/** The averages are never read, and stay at 0. Interrupts stall all tasks or none. */
function pressureLines(resource, totals) {
    return (resource === 'irq' ? ['full'] : ['some', 'full']).map((share) =>
        `${share} avg10=0.00 avg60=0.00 avg300=0.00 total=${totals[share]}`);
}

/** A folder with proc/ and sys/. Change the fields, then write(). */
export class Machine {
    /** @type {Map<number, Object<string, number>>} by CPU number; absent modes are 0 */
    cpus = new Map();
    /** @type {Map<string, Object<string, number>>} by device; absent fields are 0 */
    disks = new Map();
    /**
     * Network interfaces: bytes by name; all are behind a device. Without any there is no file.
     * @type {Map<string, {received: number, sent: number}>}
     */
    interfaces = new Map();
    /**
     * Pressure: microseconds that some and that all tasks have stalled, by resource (cpu, memory,
     * io or irq). A resource that is not in it has no file.
     * @type {Map<string, {some: number, full: number}>}
     */
    pressure = new Map();
    /**
     * Lines of the mount table, as the `line` of a Tmpfs or Fuse of the test; the file systems are
     * asked as those of this machine are. null: there is no table.
     * @type {?string[]}
     */
    mounts = null;
    /** Lines of /proc/vmstat; without any there is no file. */
    vmstat = {};
    /** In kB as the file says it. */
    memory = { MemTotal: 8000000, MemFree: 1000000, MemAvailable: 4000000, Buffers: 1000,
        Cached: 2000000, SwapTotal: 0, SwapFree: 0 };
    /** The other lines of /proc/stat, in order. */
    stat = { intr: 0, ctxt: 0, btime: 1700000000, processes: 1, procs_running: 1,
        procs_blocked: 0 };
    load = '0.10 0.20 0.30';
    /** Instead of what the fields above make, by path below the folder. */
    replaced = new Map();
    #indices = new Map();

    constructor({ cpus = 2, disks = ['sda'], interfaces = [], pressure = [],
        mounts = null } = {}) {
        this.root = mkdtempSync(path.join(os.tmpdir(), 'tachod-machine-'));
        this.proc = path.join(this.root, 'proc');
        this.sys = path.join(this.root, 'sys');
        for (let i = 0; i < cpus; i++)
            this.cpus.set(i, { user: 1000, idle: 1000 });
        disks.forEach((name) => this.disks.set(name, { reads: 1000 }));
        interfaces.forEach((name) => this.interfaces.set(name, { received: 1000, sent: 1000 }));
        pressure.forEach((resource) => this.stall(resource, 0));
        this.mounts = mounts;
        this.write();
    }

    /** What tachod needs to read this machine. */
    get args() {
        return ['--path.procfs', this.proc, '--path.sysfs', this.sys];
    }

    /** Every counter goes on: the CPUs' by `ticks` of a mode, the others' by `ticks` each. */
    advance(ticks = 10, mode = 'idle') {
        for (const cpu of this.cpus.values())
            cpu[mode] = (cpu[mode] ?? 0) + ticks;
        for (const line of ['intr', 'ctxt', 'processes'])
            this.stat[line] += ticks;
        for (const disk of this.disks.values()) {
            for (const field of DISK_FIELDS)
                disk[field] = (disk[field] ?? 0) + (field === 'in_flight' ? 0 : ticks);
        }
        for (const each of this.interfaces.values()) {
            each.received += ticks;
            each.sent += ticks;
        }
    }

    /** Tasks stall for so many microseconds more: some of them, and all for `full` of that. */
    stall(resource, some_us, full_us = 0) {
        const { some, full } = this.pressure.get(resource) ?? { some: 0, full: 0 };

        this.pressure.set(resource, { some: some + some_us, full: full + full_us });
    }

    /** The kernel's number of an interface, which stays whatever others come and go. */
    #index(name) {
        if (!this.#indices.has(name))
            this.#indices.set(name, this.#indices.size + FIRST_INDEX);
        return this.#indices.get(name);
    }

    #files() {
        const lines = (list) => list.map((line) => `${line}\n`).join('');
        const cpu = (modes) => MODES.map((mode) => modes[mode] ?? 0).join(' ');
        const sum = {};

        for (const modes of this.cpus.values())
            MODES.forEach((mode) => { sum[mode] = (sum[mode] ?? 0) + (modes[mode] ?? 0); });
        return {
            'proc/stat': lines([`cpu  ${cpu(sum)}`,
                ...[...this.cpus].map(([number, modes]) => `cpu${number} ${cpu(modes)}`),
                ...Object.entries(this.stat).map(([name, value]) => `${name} ${value}`)]),
            'proc/meminfo': lines(Object.entries(this.memory)
                .map(([name, kib]) => `${`${name}:`.padEnd(16)}${String(kib).padStart(8)} kB`)),
            'proc/loadavg': `${this.load} 1/100 1000\n`,
            'proc/diskstats': lines([...this.disks].map(([name, fields], i) =>
                `   8 ${String(16 * i).padStart(7)} ${name} ` +
                DISK_FIELDS.map((field) => fields[field] ?? 0).join(' '))),
            ...(this.interfaces.size && { 'proc/net/dev': lines([...INTERFACE_HEADING,
                ...[...this.interfaces].map(([name, { received, sent }]) =>
                    `${name.padStart(6)}: ${received} 0 0 0 0 0 0 0 ${sent} 0 0 0 0 0 0 0`)]) }),
            ...Object.fromEntries([...this.interfaces.keys()].map((name) =>
                [`sys/class/net/${name}/ifindex`, `${this.#index(name)}\n`])),
            ...Object.fromEntries([...this.pressure].map(([resource, totals]) =>
                [`proc/pressure/${resource}`, lines(pressureLines(resource, totals))])),
            ...(this.mounts && { 'proc/1/mountinfo': lines(this.mounts) }),
            ...(Object.keys(this.vmstat).length && { 'proc/vmstat': lines(Object
                .entries(this.vmstat).map(([name, value]) => `${name} ${value}`)) }),
        };
    }

    /** Puts all files in place, each by a rename, so that no reader sees half of one. */
    write() {
        const files = { ...this.#files(), ...Object.fromEntries(this.replaced) };

        for (const name of this.disks.keys())
            mkdirSync(path.join(this.sys, 'block', name, 'device'), { recursive: true });
        for (const name of this.interfaces.keys())
            mkdirSync(path.join(this.sys, 'class', 'net', name, 'device'), { recursive: true });
        for (const [name, text] of Object.entries(files)) {
            const place = path.join(this.root, name);
            mkdirSync(path.dirname(place), { recursive: true });
            if (text === null) {
                rmSync(place, { force: true });
                continue;
            }
            writeFileSync(`${place}.new`, text);
            renameSync(`${place}.new`, place);
        }
    }

    remove() {
        rmSync(this.root, { recursive: true, force: true });
    }
}
