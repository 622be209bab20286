// Heat, fans, power, clocks: what of it this machine tells. A virtual one tells nothing.

import { absence } from '../absence.js';
import { fixed } from '../format.js';
import { hertz, plain } from '../measure.js';
import { combine, compare, highest, highestOf, labelValues, lowest, number, perRevision, series,
    total } from '../quantity.js';
import { remembered } from '../remembered.js';
import { has, LINES_MOST, look } from './types.js';

/**
 * @typedef {import('../api.js').Series} Series
 * @typedef {import('../store.js').Store} Store
 */

const TEMPERATURE = 'node_hwmon_temp_celsius';
const FAN = 'node_hwmon_fan_rpm';
const CHIP = 'node_hwmon_chip_names';
const LABEL = 'node_hwmon_sensor_label';
const ZONE = 'node_thermal_zone_temp';
const CHARGE = 'node_power_supply_capacity';
const FREQUENCY = 'node_cpu_scaling_frequency_hertz';
/** Of the processor's own counters of energy, whose rates are watts. */
const ENERGY = /^node_rapl_(.*)_joules_total$/;
const WATTS = [...['package', 'core', 'uncore', 'dram', 'psys']
    .map((part) => `node_rapl_${part}_joules_total`),
'node_hwmon_power_watt', 'node_hwmon_power_average_watt', 'node_power_supply_power_watt'];

const quantity = remembered((key) => series(...JSON.parse(key)));

/** The names that a series may have, the shortest first: the last one is no other's. */
function namesOf({ name, labels }, store) {
    const { chip, sensor, type, zone, index, path, power_supply: supply } = labels;
    const told = (by, wanted) => store.find(by, wanted)[0]?.labels;
    if (chip !== undefined) {
        const short = chip.replace(/^platform_/, '');
        const label = told(LABEL, { chip, sensor })?.label ?? sensor;
        return [`${told(CHIP, { chip })?.chip_name ?? short} ${label}`, `${short} ${label}`,
            `${chip} ${sensor}`];
    }
    const [, part] = ENERGY.exec(name) ?? [];
    return part ? [part, `${part} ${index}`, `${part} ${path}`]
        : supply ? [supply] : [type, `${type} ${zone}`];
}

/** All series of some metrics, each with a name of its own. */
const named = (metrics) => perRevision((store) => {
    const all = metrics.flatMap((metric) => store.find(metric))
        .map((one) => ({ one, names: namesOf(one, store) }));
    const count = new Map();
    for (const name of all.flatMap(({ names }) => [...new Set(names)]))
        count.set(name, (count.get(name) ?? 0) + 1);
    return all.map(({ one, names }) => ({ one,
        label: names.find((name) => count.get(name) === 1) ?? names.at(-1) }))
        .sort((a, b) => compare(a.label, b.label));
});

/** A chart with a line for each series, if there are any. */
function chart(id, title, collector, metrics, measure) {
    const all = named(metrics);
    return {
        id, title, collector, measure, all,
        lines: (store) => all(store).slice(0, LINES_MOST).map(({ one, label }, n) =>
            ({ label, ...look(n), of: quantity(JSON.stringify([one.name, one.labels])) })),
        when: (store) => all(store).length > 0,
    };
}

const cards = [
    chart('temperatures', 'Temperatures', 'hwmon', [TEMPERATURE], plain('°C')),
    chart('thermal-zones', 'Thermal zones', 'thermal_zone', [ZONE], plain('°C')),
    chart('fans', 'Fans', 'hwmon', [FAN], plain('rpm')),
    chart('power', 'Power', 'rapl', WATTS, plain('W')),
    chart('charge', 'Batteries', 'power_supply', [CHARGE], plain('%')),
    {
        id: 'frequency', title: 'CPU frequency', collector: 'cpufreq', when: has(FREQUENCY),
        lines: [
            { label: 'fastest', colour: 's1', of: highest(FREQUENCY) },
            { label: 'mean', colour: 's2', of: combine((sum, count) => sum / count,
                total(FREQUENCY), number(labelValues(FREQUENCY, 'cpu'))) },
            { label: 'slowest', colour: 's3', of: lowest(FREQUENCY) },
        ],
        measure: hertz,
    },
];
const isAny = (store) => cards.some(({ when }) => when(store));

/** @type {import('./types.js').Section} */
export const sensors = {
    id: 'sensors', title: 'Sensors', group: 'System', when: isAny,
    badge: { of: highestOf(highest(TEMPERATURE), highest(ZONE)),
             text: (celsius) => `${fixed(celsius, 0)}°` },
    selectors: [FAN, CHIP, LABEL, CHARGE, ...WATTS],
    notices: [{ id: 'sensors', title: 'Sensors', tone: '',
                notice: (store) => isAny(store) ? '' : absence('hwmon') }],
    cards,
};
