// What of the state is looked at: the section, the range, the moment. Here the user's hand acts.

import { computed, effect, signal } from '@preact/signals';
import { stepOf } from './buckets.js';
import { filled, frame, past, store } from './state.js';
import { NOW } from './store.js';

/** Ranges that people think in. */
const SPANS_MS = [1, 5, 15, 60, 360, 1440, 10080].map((minutes) => minutes * 60000);
const FIRST_SPAN_MS = 5 * 60000;
/** Of the daemon's answers; a step for each pixel where there are fewer of those. */
const POINTS_MOST = 1000;
const POINTS_LEAST = 100;
/** A long range that follows the present is asked for anew each step, but not more often. */
const REFRESH_LEAST_MS = 5000;
/** A range of fewer ticks shows nothing. */
const TICKS_LEAST = 10;
/** A pointer that rests for so long is forgotten: the screen on the wall goes on. */
const POINTER_REST_MS = 30000;

/**
 * @typedef {{section: string, span_ms: number, to_ms: ?number, isDefault?: boolean}} Place to_ms:
 *     null follows the present; isDefault: nobody chose the range
 */

/** @type {import('@preact/signals').Signal<Place>} */
const place = signal(parse(location.hash));

/** The range that followed the present last. */
let followed_ms = place.peek().span_ms;

/** The time under the pointer, and the time that was clicked; null is none. */
const pointed = signal(null);
const pinned = signal(null);

export const section = computed(() => place.value.section);
export const following = computed(() => place.value.to_ms === null);

/** Whether the page was at another place before that it can go back to. */
export const canGoBack = computed(() => {
    place.value;
    return (history.state?.depth ?? 0) > 0;
});

/** Whether what is shown reaches beyond what the page keeps: then the daemon is asked for it. */
export const isLong = computed(() => {
    frame.value;
    const { span_ms, to_ms } = place.value;
    const { window_ms, interval_ms, ring } = store;
    return to_ms === null ? span_ms > window_ms
        : to_ms - span_ms < ring.last_ms - window_ms - interval_ms;
});

/** The width of the plots, in CSS pixels. */
export const plotWidth = signal(POINTS_MOST);

/** The time that each point of a long range stands for. */
const step_ms = computed(() => {
    frame.value;
    // The width counts roughly: who moves the edge of a window would ask at each pixel.
    const points = Math.max(POINTS_LEAST,
                            Math.min(POINTS_MOST, Math.floor(plotWidth.value / 50) * 50));
    return stepOf(place.value.span_ms, points, store.interval_ms);
});

/** Where the range ends. A long one goes on when there is a step more to show. */
const end_ms = computed(() => {
    frame.value;
    const { to_ms } = place.value;
    const { last_ms } = store.ring;
    if (to_ms !== null || !isLong.value)
        return to_ms ?? last_ms;
    const beat_ms = step_ms.value * Math.ceil(REFRESH_LEAST_MS / step_ms.value);
    return Math.floor(last_ms / beat_ms) * beat_ms + step_ms.value;
});

const beats = computed(() => isLong.value ? end_ms.value : frame.value);

/** The range that is shown. */
export const range = computed(() => {
    beats.value;
    const { span_ms } = place.value;
    const to_ms = end_ms.value;
    return { from_ms: to_ms - span_ms, to_ms, span_ms };
});

const epoch = computed(() => {
    frame.value;
    return store.epoch;
});

/** What to ask the daemon for, in whole steps; null if the page has what is shown. */
export const long = computed(() => {
    const { from_ms, to_ms } = range.value;
    const step = step_ms.value;
    if (!isLong.value || !(to_ms > 0))
        return null;
    const what = { epoch: epoch.value, step_ms: step, from_ms: Math.floor(from_ms / step) * step,
                   to_ms: Math.ceil(to_ms / step) * step };
    return { ...what, key: Object.values(what).join() };
});

const LIVE = { avg: store, low: store, high: store };

/** What drawings are made of: the ticks that the page keeps, or history's extremes. */
export const source = computed(() => {
    const { value } = past;
    return isLong.value && value ? value : LIVE;
});

/** Changes when there is something else to draw: with each tick, or each answer of history. */
export const picture = computed(() => {
    const of = source.value;
    return { ...range.value, of, frame: of === LIVE ? frame.value : 0 };
});

/** The ranges to choose from: all that is kept, and those that people think in. */
export const spans = computed(() => {
    frame.value;
    const whole_ms = roundSpan(store.window_ms);
    return [...SPANS_MS.filter((span_ms) => span_ms >= TICKS_LEAST * store.interval_ms &&
                                            span_ms !== whole_ms), whole_ms]
        .sort((a, b) => a - b);
});

/** The row that tiles, legends and meters show: NOW unless a moment or a past range is chosen. */
export const row = computed(() => {
    frame.value;
    const time_ms = pointed.value ?? pinned.value ?? place.value.to_ms;
    return time_ms === null ? NOW : source.value.avg.ring.at(time_ms);
});

/** The moment of that row; null is the present. */
export const asOf = computed(() => {
    const at = row.value;
    if (at === NOW)
        return null;
    return at >= 0 ? source.value.avg.ring.time(at)
        : pointed.value ?? pinned.value ?? place.value.to_ms;
});

/** The moment that is pointed at or pinned, where the crosshair is; null is none. */
export const moment = computed(() =>
    pointed.value === null && pinned.value === null ? null : asOf.value);

/** Whether the moment stays when the pointer goes. */
export const isPinned = computed(() => pinned.value !== null);

/**
 * A quantity's value at the moment that is looked at.
 * @param {import('./quantity.js').Quantity} quantity
 * @returns {number}
 */
export function then(quantity) {
    frame.value;
    return quantity.bind(row.value === NOW ? store : source.value.avg)(row.value);
}

/**
 * Between what a quantity was in the step of the moment that is looked at.
 * @param {import('./quantity.js').Quantity} quantity
 * @returns {?[number, number]} null where there is but one value
 */
export function extremes(quantity) {
    const { low, high } = source.value;
    const least = row.value < 0 || low === high ? NaN : quantity.bind(low)(row.value);
    return least === least ? [least, quantity.bind(high)(row.value)] : null;
}

/** Before the first tick there is no time to point at. */
const isTime = (time_ms) => time_ms === time_ms;

let rest = 0;

/** @param {?number} time_ms under the pointer; null when it has left */
export function point(time_ms) {
    clearTimeout(rest);
    if (!isTime(time_ms))
        return;
    pointed.value = time_ms;
    if (time_ms !== null)
        rest = setTimeout(() => point(null), POINTER_REST_MS);
}

/** @param {?number} time_ms null returns to the present */
export function pin(time_ms) {
    if (!isTime(time_ms))
        return;
    pinned.value = time_ms;
    if (time_ms === null)
        point(null);
}

/** Goes to a moment: it is chosen, and in the range that is shown. */
export function travel(time_ms) {
    const { from_ms, to_ms, span_ms } = range.peek();
    if (!isTime(time_ms))
        return;
    pin(time_ms);
    if (time_ms < from_ms || time_ms > to_ms)
        go({ ...place.peek(), to_ms: Math.round(keep(time_ms + span_ms / 2)) });
}

/** Moves the chosen moment by ticks; beyond the newest is the present. */
export function step(ticks) {
    const { ring } = source.peek().avg;
    if (ring.end === ring.start)
        return;
    const from = row.peek() >= 0 ? row.peek() : ring.end - 1;
    const to = Math.max(ring.start, from + ticks);
    point(null);
    if (to < ring.end - 1)
        travel(ring.time(to));
    else if (following.peek())
        pin(null);
    else
        follow();
}

/** Shows a part of what is shown. */
export function zoom(from_ms, to_ms) {
    const least_ms = TICKS_LEAST * store.interval_ms;
    const middle_ms = (from_ms + to_ms) / 2;
    const span_ms = Math.max(least_ms, to_ms - from_ms);
    if (!isTime(middle_ms))
        return;
    point(null);
    go({ ...place.peek(), span_ms: Math.round(span_ms),
         to_ms: Math.round(keep(middle_ms + span_ms / 2)) });
}

/** Shows the last so many milliseconds, and goes on with them. */
export function follow(span_ms = followed_ms) {
    const known = spans.peek();
    pin(null);
    go({ ...place.peek(), isDefault: false, to_ms: null,
         span_ms: known.includes(span_ms) ? span_ms : nearest(known, span_ms) });
}

/** Holds what is shown still; what arrives is kept all the same. */
export function hold() {
    const { to_ms } = range.peek();
    if (isTime(to_ms))
        go({ ...place.peek(), to_ms: Math.round(keep(to_ms)) });
}

/** Shows what was before or after, by half of the range; after the newest tick is the present. */
export function shift(direction) {
    const { to_ms, span_ms } = range.peek();
    const next_ms = Math.round(to_ms + direction * span_ms / 2);
    if (!isTime(next_ms) || (following.peek() && direction > 0))
        return;
    point(null);
    if (next_ms < store.ring.last_ms)
        go({ ...place.peek(), to_ms: next_ms });
    else if (spans.peek().includes(span_ms))
        follow(span_ms);
    else
        go({ ...place.peek(), to_ms: Math.round(store.ring.last_ms) });
}

/** From a part to what it is a part of. */
export function widen() {
    pin(null);
    if (!following.peek())
        (canGoBack.peek() ? back : follow)();
}

/** To the place before this one. */
export function back() {
    history.back();
}

/** @param {string} id of the section */
export function open(id) {
    go({ ...place.peek(), section: id });
    scrollTo(0, 0);
}

/** @returns {string} what a link to a section points at */
export function href(id) {
    return format({ ...place.value, section: id });
}

/** A range that ends after the newest tick shows less than it could. */
function keep(to_ms) {
    return Math.min(to_ms, store.ring.last_ms);
}

function go(next) {
    const depth = (history.state?.depth ?? 0) + 1;
    history.pushState({ depth }, '', format(next));
    place.value = next;
}

function nearest(known, span_ms) {
    return known.reduce((best, one) =>
        Math.abs(one - span_ms) < Math.abs(best - span_ms) ? one : best);
}

/** All that is kept as whole minutes, or else whole seconds. */
function roundSpan(span_ms) {
    const unit_ms = [3600000, 60000, 10000, 1000].find((unit) => span_ms >= 5 * unit) ?? 1;
    return Math.floor(span_ms / unit_ms) * unit_ms;
}

/** As "#disks@300s", or "#disks@1795537523000+60s" with the end of the range before its length. */
function format({ section: id, span_ms, to_ms }) {
    return `#${id}@${to_ms === null ? '' : `${to_ms}+`}${span_ms / 1000}s`;
}

/** @returns {Place} the overview's last five minutes where the text says nothing else */
function parse(text) {
    const match = /^#([\w/:.%-]*)(?:@(?:(\d{1,15})\+)?([\d.]{1,12})s)?$/.exec(text);
    const span_ms = Math.round(Number(match?.[3]) * 1000);
    return {
        section: match?.[1] || 'overview',
        span_ms: span_ms > 0 ? span_ms : FIRST_SPAN_MS,
        isDefault: !(span_ms > 0),
        to_ms: match?.[2] && span_ms > 0 ? Number(match[2]) : null,
    };
}

addEventListener('popstate', () => {
    place.value = parse(location.hash);
});
addEventListener('keydown', (event) => {
    const isElsewhere = event.target instanceof Element &&
        event.target.closest('dialog, input, select');
    if (event.defaultPrevented || isElsewhere)
        return;
    if (event.shiftKey && /^Arrow(Left|Right)$/.test(event.key)) {
        event.preventDefault();
        shift(event.key === 'ArrowLeft' ? -1 : 1);
    }
    if (event.key !== 'Escape')
        return;
    if (pinned.value !== null)
        pin(null);
    else if (!following.value)
        follow();
});
// A daemon with another interval keeps another time.
effect(() => {
    const { span_ms, to_ms, isDefault } = place.value;
    const known = spans.value.filter((one) => !isDefault || one <= store.window_ms);
    if (to_ms === null && store.ring.end > store.ring.start && !known.includes(span_ms))
        place.value = { ...place.value, span_ms: nearest(known, span_ms) };
});
effect(() => {
    const { span_ms, to_ms } = place.value;
    if (to_ms === null)
        followed_ms = span_ms;
});
// A time before all ticks cannot be kept in view, nor what a clock that was set back made future.
effect(() => {
    frame.value;
    const { first_ms, last_ms } = store.ring;
    // A row that history gave has the time of its slot, a little before that of its tick.
    const isOutside = (time_ms) => filled.value && time_ms !== null &&
        ((time_ms < first_ms && !isLong.value) || time_ms > last_ms + store.interval_ms);
    if (isOutside(pinned.value))
        pin(null);
    if (isOutside(place.value.to_ms)) {
        const next = { ...place.value, to_ms: null };
        history.replaceState(history.state, '', format(next));
        place.value = next;
    }
});
