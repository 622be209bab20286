// How a chart counts: the end of its axis, its unit, its numbers as text.

import { fixed, percent, unitOf } from './format.js';

/**
 * @typedef {{unit: string, max: number, axis: function(number): string,
 *     legend: function(number): string}} Measure max: the end of the axis, which begins at 0
 */

const STEPS = [1, 2, 2.5, 5, 10];
/** Memory is bought in such sizes. */
const BYTE_STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const AXIS_STEPS = 4;
/** An axis of less would show noise as mountains. */
const SHARE_LEAST = 0.04;

/** The step of an axis of four that ends at or above a value; NaN for nothing. */
function niceStep(value, steps = STEPS) {
    if (!(value > 0))
        return NaN;
    const least = value / AXIS_STEPS;
    const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
    return power * steps.find((step) => power * step >= least * (1 - 1e-9));
}

/** How many decimals all steps of an axis need. */
function decimalsOf(step) {
    for (let decimals = 0; decimals < 6; decimals++) {
        if (Math.abs(Number(step.toFixed(decimals)) - step) < step * 1e-6)
            return decimals;
    }
    return 6;
}

/** Numbers of about three digits. */
function threeDigits(value) {
    const size = Math.abs(value);
    return fixed(value, size >= 99.95 || size < 0.005 ? 0 : size >= 9.995 ? 1 : 2);
}

/** An axis in a unit of a given size, ending at a multiple of a nice step. */
function axisOf(step, { name, size }) {
    const decimals = decimalsOf(step / size);
    return {
        unit: name,
        max: AXIS_STEPS * step,
        axis: (value) => value === 0 ? '0' : fixed(value / size, decimals),
        legend: (value) => threeDigits(value / size),
    };
}

/** Ratios as percent, from 0 to 100. @returns {Measure} */
export function share() {
    return {
        unit: '%', max: 1,
        axis: (ratio) => `${percent(ratio)}%`,
        legend: (ratio) => percent(ratio, 1),
    };
}

/** Ratios as percent, ending at the highest; several CPUs are more than 100. @returns {Measure} */
export function cpuShare(highest) {
    const step = niceStep(100 * Math.max(SHARE_LEAST, highest || 0));
    const { axis, max } = axisOf(step, { name: '%', size: 1 });
    return {
        unit: '%', max: max / 100,
        axis: (ratio) => `${axis(ratio * 100)}%`,
        legend: (ratio) => percent(ratio, 1),
    };
}

/** Ratios as percent, ending at the highest, or at 100. @returns {Measure} */
export function smallShare(highest) {
    return cpuShare(Math.min(1, highest));
}

/** Sizes, ending at or above the whole. @returns {Measure} */
export function bytes(highest) {
    const unit = unitOf(highest || 1024, 'bytes');
    const step = niceStep(highest / unit.size, BYTE_STEPS) || 1;
    return { ...axisOf(step * unit.size, unit), legend: (value) => fixed(value / unit.size, 1) };
}

/** Rates in steps of a thousand of the unit's name: "B/s", "bit/s". */
const rate = (base, factor = 1) => (highest) => {
    const step = niceStep(highest * factor) || 1;
    const measure = axisOf(step, unitOf(step * AXIS_STEPS, base));
    return {
        ...measure,
        max: measure.max / factor,
        axis: (value) => measure.axis(value * factor),
        legend: (value) => measure.legend(value * factor),
    };
};

/** Bytes a second. @returns {Measure} */
export const byteRate = rate('B/s');

/** Bytes a second shown as bits. @returns {Measure} */
export const bitRate = rate('bit/s', 8);

/** Events a second. @returns {Measure} */
export const perSecond = rate('/s');

/** Plain numbers. @returns {Measure} */
export function count(highest) {
    const step = niceStep(highest) || 1;
    return axisOf(step, unitOf(step * AXIS_STEPS, ''));
}

/** Cycles a second. @returns {Measure} */
export const hertz = rate('Hz');

/** Numbers in a unit that is never scaled. */
export const plain = (name) => (highest) => axisOf(niceStep(highest) || 1, { name, size: 1 });

const TIMES = [{ name: 's', size: 1 }, { name: 'ms', size: 1e-3 }, { name: 'µs', size: 1e-6 }];
const timeUnitOf = (value) => TIMES.find(({ size }) => value >= size) ?? TIMES.at(-1);

/**
 * Times, in the unit that suits the highest; those that would be next to nothing in it say their
 * own.
 * @returns {Measure}
 */
export function seconds(highest) {
    const step = niceStep(highest) || 0.00025;
    const unit = timeUnitOf(step * AXIS_STEPS);
    const measure = axisOf(step, unit);
    const legend = (value) => {
        const own = timeUnitOf(value);
        return value > 0 && value < unit.size / 100 && own !== unit
            ? `${threeDigits(value / own.size)} ${own.name}` : measure.legend(value);
    };
    return { ...measure, legend };
}
