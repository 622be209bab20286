// All sections, in the order of the navigation.

import { computed } from '@preact/signals';
import { isApplication } from '../application.js';
import { frame, revision, store } from '../state.js';
import { absent, applicationSections, known, states } from './applications/index.js';
import { collectors } from './collectors.js';
import { cpu } from './cpu.js';
import { daemon } from './daemon.js';
import { disks } from './disks.js';
import { filesystems } from './filesystems.js';
import { memory } from './memory.js';
import { network } from './network.js';
import { overview } from './overview.js';
import { pressure } from './pressure.js';
import { processes } from './processes.js';
import { sensors } from './sensors.js';
import { sockets } from './sockets.js';
import { dropped, linkRatio, loopDelay, tension } from './vital.js';

const ofHost = [overview, cpu, memory, pressure, disks, filesystems, network, sockets,
    sensors, processes];
/** All that applications tell; which they are is seen by what comes. */
const APPLICATIONS = '{__scope__="application"}';

/** Changes when an application comes, goes, or is down. */
const there = computed(() => {
    frame.value;
    return states(store);
});

/**
 * Those that there are now: applications come and go.
 * @type {import('@preact/signals').ReadonlySignal<import('./types.js').Section[]>}
 */
export const sections = computed(() => {
    revision.value;
    there.value;
    return [...ofHost.filter(({ when }) => !when || when(store)), ...applicationSections(store),
        daemon, collectors];
});

/**
 * @param {string} id
 * @returns {import('./types.js').Section} the first where there is none of that id; an application
 *     that has ended keeps its past for a while
 */
export function sectionOf(id) {
    return [...sections.value, ...ofHost].find((section) => section.id === id) ??
        (isApplication(id) ? known(id, store) ?? absent(id) : ofHost[0]);
}

function quantitiesOf({ badge, tiles = [], cards, after = [] }) {
    return [
        ...badge ? [badge.of] : [],
        ...tiles.flatMap(({ value, scale, parts }) =>
            [value, ...scale ? [scale] : [], ...Object.values(parts)]),
        ...[...cards, ...after].flatMap(({ lines, whole }) =>
            [...Array.isArray(lines) ? lines.map((line) => line.of) : [],
             ...whole ? [whole] : []]),
    ];
}

/**
 * All cards of a section with something to see, those of its members among them.
 * @param {import('./types.js').Section} section
 * @returns {import('./types.js').Card[]}
 */
export function cardsOf({ cards, each, after = [] }) {
    const members = each ? each.members(store) : [];
    return [...cards, ...members.flatMap((member) => each.cards(member, store)), ...after]
        .filter(({ notice, when }) => !notice && (!when || when(store)));
}

/**
 * The series that the page needs.
 * @returns {string[]} selectors, sorted, each once
 */
export function allSelectors() {
    const fixed = [...ofHost, daemon];
    const quantities = [dropped, linkRatio, loopDelay, tension, ...fixed.flatMap(quantitiesOf)];
    return [...new Set([
        APPLICATIONS,
        ...quantities.flatMap((quantity) => quantity.selectors),
        ...fixed.flatMap((section) => section.selectors ?? []),
    ])].sort();
}
