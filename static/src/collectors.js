// The table of collectors: what each does, how often, and what that costs. Always of now.

import { useLayoutEffect } from 'preact/hooks';
import { reasonOf } from './absence.js';
import { fixed, interval } from './format.js';
import { compare } from './quantity.js';
import { info, isInfoShown } from './state.js';

/** @typedef {import('./api.js').Collector} Collector */

/** In this order, with what each is called and the colour of its dot. */
const STATES = {
    running: ['running', ''],
    failing: ['failing', 'bad'],
    denied: ['not permitted', 'warn'],
    off: ['switched off', ''],
    absent: ['not on this machine', ''],
};
const HEAD = [['name', 'Collector'], ['why', 'State'], ['every', 'Every'], ['cost', 'Cost']];
const ORDER = Object.keys(STATES);
/** Bars of less than this much of a second would show noise as large. */
const COST_LEAST_US = 10;

/**
 * What it takes of each second of a CPU.
 * @param {Collector} collector
 * @returns {number} µs; NaN is unknown
 */
function costOf({ cost_us, interval_ms }) {
    return (cost_us ?? NaN) / interval_ms * 1000;
}

const costText = (cost) => cost < 9999.5 ? `${fixed(cost, cost < 9.95 ? 1 : 0)} µs/s`
    : `${fixed(cost / 1000, 1)} ms/s`;

/** @returns {Collector[]} those that run first, the most expensive of them at the top */
function sorted(all) {
    const cost = (one) => costOf(one) || 0;
    return [...all].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        cost(b) - cost(a) || compare(a.name, b.name));
}

function Row({ collector, most }) {
    const { name, state, interval_ms } = collector;
    const cost = costOf(collector);
    const isRead = state === 'running' || state === 'failing';
    return (
        <tr data-collector={name} data-state={state}>
            <th scope="row">{name}</th>
            <td class="why"><i class={STATES[state]?.[1]} aria-hidden="true" />
                {reasonOf(collector) || state}</td>
            <td class="every">{isRead && (interval_ms ? interval(interval_ms) : '–')}</td>
            <td class="bar cost" style={{ '--w': isRead && cost > 0 ? cost / most : 0 }}>
                {isRead && (cost >= 0 ? costText(cost) : '–')}</td>
        </tr>
    );
}

function Table({ all }) {
    const costs = all.map(costOf).filter((cost) => cost >= 0);
    const sum = costs.reduce((a, b) => a + b, 0);
    const most = Math.max(COST_LEAST_US, ...costs);
    return (
        <div class="card">
            <table aria-label="Collectors">
                <thead><tr>
                    {HEAD.map(([id, title]) =>
                        <th key={id} scope="col" class={id}>{title}</th>)}
                </tr></thead>
                <tbody>{sorted(all).map((one) =>
                    <Row key={one.name} collector={one} most={most} />)}</tbody>
                {costs.length > 0 && <tfoot><tr>
                    <th scope="row">together</th>
                    <td class="why">{`${fixed(sum / 1e4, 3)} % of one CPU`}</td>
                    <td class="every" />
                    <td class="cost">{costText(sum)}</td>
                </tr></tfoot>}
            </table>
        </div>
    );
}

export function Collectors() {
    useLayoutEffect(() => {
        isInfoShown.value = true;
        return () => { isInfoShown.value = false; };
    }, []);
    const all = info.value?.collectors;
    const counts = ORDER.map((name) =>
        [all?.filter(({ state }) => state === name).length, STATES[name][0]])
        .filter(([count]) => count > 0);
    return (
        <div class="listing collectors" data-testid="collectors">
            <header>
                <h2>Collectors</h2>
                <p>{counts.map((one) => one.join(' ')).join(' · ')}</p>
            </header>
            {all ? <Table all={all} /> : <p class="card absent">waiting for the daemon</p>}
        </div>
    );
}
