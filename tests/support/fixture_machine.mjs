// tachod on the machine of node_exporter's own tests, set up as node_exporter was when it printed
// e2e-output.txt of it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { configFile, run, startFor } from './tachod.mjs';

/** How node_exporter was run. */
const CHOSEN = {
    select: {
        arp_devices: { exclude: '^nope$' },
        cpu_bugs: { include: '^(cpu_meltdown|spectre_.*|mds)$' },
        cpu_flags: { include: '^(aes|avx.?|constant_tsc)$' },
        hwmon_chips: { include: '(applesmc|asus_nb_wmi|coretemp|hwmon4|ieee80211|nct6779)' },
        network_class_devices: { exclude: 'dmz|int' },
        network_devices: { include: '^lo$' },
    },
};
/** Collectors that its run had off, as they would ask this machine. */
const OFF = ['filesystem', 'timex'];

/** A file that says this, with all other collectors on that there are. */
async function configuration() {
    const { collectors } = JSON.parse((await run(['-c', '/dev/null', '--print-config'])).stdout);

    for (const name of Object.keys(collectors))
        collectors[name] = !OFF.includes(name);
    return configFile({ listen: ['127.0.0.1:0'], collectors, ...CHOSEN });
}

/** A root of that machine: udev's data is where a machine has it. */
function rootfs(t, fixtures) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-rootfs-'));

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(path.join(folder, 'run/udev'), { recursive: true });
    symlinkSync(path.join(fixtures, 'udev/data'), path.join(folder, 'run/udev/data'));
    return folder;
}

/**
 * @param {import('node:test').TestContext} t that it ends with
 * @param {string} fixtures the folder with its proc/, sys/ and udev/
 * @returns {Promise<import('./tachod.mjs').Tachod>} ticking each 200 ms
 */
export async function startFixtureMachine(t, fixtures) {
    return startFor(t, ['-c', await configuration(), '-i', '200ms',
        '--path.procfs', path.join(fixtures, 'proc'), '--path.sysfs', path.join(fixtures, 'sys'),
        '--path.rootfs', rootfs(t, fixtures)]);
}
