// The tick strip: all that is kept, one mark a tick. It is navigation, data quality and "is it
// alive" in one.

import { computed, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useBox } from './box.js';
import { Over } from './crosshair.js';
import { clockOf, percent, rangeInWords, span, stamp } from './format.js';
import { usePast } from './past.js';
import { DOT_PX, drawGap } from './plot.js';
import { busy, ioPressure, memoryRatio, tension } from './sections/vital.js';
import { frame, live, store } from './state.js';
import { colour, theme } from './theme.js';
import { following, isLong, moment, range, row, source, step, then, travel } from './view.js';

/** From these on a mark is amber and red; the red line of the tiles is where it turns red. */
const WARN = 0.7;
const BAD = 0.85;
const PITCH_PX = 3;
const PAD_PX = 4;
const FAINT = 0.55;
const LEAST_PX = 1;

/** What a dot on the strip stands for, by the tick's flag. */
const EVENTS = { clock_step: 'the clock was set', restart: 'tachod was started again',
    boot: 'the machine was started', slept: 'the machine slept' };

/** All that is kept; of a longer range the range. */
const kept = computed(() => {
    frame.value;
    if (isLong.value)
        return range.value;
    const to_ms = store.ring.last_ms;
    return { from_ms: to_ms - store.window_ms, to_ms };
});

/** Marks of equal width, each at a time of its own: nothing flickers as they move on. */
function marks({ from_ms, to_ms }, width) {
    const span_ms = to_ms - from_ms;
    const { high } = source.peek();
    const { ring } = high;
    const row_ms = store.interval_ms + 2 * ring.half_ms;
    const each_ms = Math.max(row_ms, span_ms / (width / PITCH_PX));
    const read = tension.bind(high);
    const bins = new Map();
    const [from, to] = ring.rows(from_ms, to_ms);
    for (let at = from; at < to; at++) {
        const bin = Math.floor(ring.time(at) / each_ms);
        const value = read(at);
        const known = bins.get(bin);
        if (known === undefined || !(value <= known))
            bins.set(bin, value);
    }
    return { bins, each_ms };
}

function tone(value) {
    return value >= BAD ? 'bad' : value >= WARN ? 'warn' : 'dim';
}

/**
 * The ticks that are events, oldest first.
 * @param {{from_ms: number, to_ms: number}} range
 * @returns {{time_ms: number, what: string}[]}
 */
export function events({ from_ms, to_ms }) {
    const { ring } = source.peek().avg;
    const [from, to] = ring.rows(from_ms, to_ms);
    const found = [];
    // Ticks are numbered from 1 without a hole.
    if (ring === store.ring && ring.end > ring.start && ring.end - ring.start >= store.seq)
        found.push({ time_ms: ring.first_ms, what: 'tachod was started' });
    for (let at = from; at < to; at++) {
        for (const flag of ring.flags(at)) {
            if (EVENTS[flag])
                found.push({ time_ms: ring.time(at), what: EVENTS[flag] });
        }
    }
    return found;
}

function draw(canvas, { width, height, ratio }) {
    const shown = kept.peek();
    const graph = canvas.getContext('2d');
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    graph.scale(ratio, ratio);
    if (!(shown.to_ms > 0))
        return;
    const span_ms = shown.to_ms - shown.from_ms;
    const across = (time_ms) => (time_ms - shown.from_ms) / span_ms * width;
    const { bins, each_ms } = marks(shown, width);
    const wide = Math.max(LEAST_PX, each_ms / span_ms * width - 1);

    for (const gap of source.peek().avg.ring.gaps(shown.from_ms, shown.to_ms)) {
        const left = Math.max(0, across(gap.from_ms));
        drawGap(graph, { left, top: PAD_PX, width: across(gap.to_ms) - left,
                         height: height - 2 * PAD_PX }, gap.suspended);
    }
    for (const [bin, value] of bins) {
        const tall = Math.max(LEAST_PX, Math.min(1, value || 0) * (height - 10));
        // A mark ends where its bin does; that of the present, which is still filling, at the edge.
        const right = Math.min(width, across((bin + 1) * each_ms));
        graph.fillStyle = colour(tone(value));
        graph.globalAlpha = value >= WARN ? 1 : FAINT;
        graph.fillRect(right - wide, height - PAD_PX - tall, wide, tall);
    }
    graph.globalAlpha = 1;
    graph.fillStyle = colour('s3');
    for (const { time_ms } of events(shown)) {
        graph.beginPath();
        graph.arc(across(time_ms), PAD_PX + 1, DOT_PX, 0, 7);
        graph.fill();
    }
}

/** What is known of a moment, in words. */
function story(time_ms) {
    const gap = source.value.avg.ring.gaps(kept.peek().from_ms, kept.peek().to_ms)
        .find(({ from_ms, to_ms }) => time_ms > from_ms && time_ms < to_ms);
    if (row.value < 0 && gap)
        return `${gap.suspended ? 'suspended' : 'no ticks'} for ${span(gap.to_ms - gap.from_ms)}`;
    if (row.value < 0)
        return 'nothing known';
    const event = events(kept.peek()).find((one) => one.time_ms === time_ms);
    const values = [['CPU', busy], ['memory', memoryRatio], ['I/O waits', ioPressure]]
        .map(([name, quantity]) => [name, then(quantity)])
        .filter(([, value]) => value === value)
        .map(([name, value]) => `${name} ${percent(value)} %`);
    return [...event ? [event.what] : [], ...values].join(' · ');
}

const hovered = signal(false);

function Tip() {
    if (!hovered.value || moment.value === null)
        return null;
    const { from_ms, to_ms } = kept.value;
    const at = (moment.value - from_ms) / (to_ms - from_ms);
    const side = at > 0.5 ? { right: `${(1 - at) * 100}%` } : { left: `${at * 100}%` };
    return <div class="tip" style={side}>{clockOf(moment.value)} · {story(moment.value)}</div>;
}

/** The range that the charts show, within all that is kept. */
function Window() {
    const all = kept.value;
    const { from_ms, to_ms } = range.value;
    const part = (time_ms) =>
        Math.min(1, Math.max(0, (time_ms - all.from_ms) / (all.to_ms - all.from_ms)));
    const left = part(from_ms);
    const right = part(to_ms);
    return right > left && right - left < 0.999 && (
        <i class="window" style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />
    );
}

/** The newest mark beats: the element is a new one each tick, and its animation begins anew. */
function Beat() {
    frame.value;
    return live.value && following.value && <i class="beat" key={store.seq} />;
}

const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10,
    Home: -Infinity, End: Infinity };

function onKeyDown(event) {
    if (!(event.key in KEYS) || event.shiftKey)
        return;
    event.preventDefault();
    step(KEYS[event.key]);
}

/** For the keyboard and the ear: the moment, to be moved tick by tick. */
function speech() {
    const { first_ms, last_ms } = source.value.avg.ring;
    const now_ms = moment.value ?? last_ms;
    const text = moment.value === null ? 'now' : `${clockOf(now_ms)}, ${story(now_ms)}`;
    return { 'aria-valuemin': first_ms || 0, 'aria-valuemax': last_ms || 0,
             'aria-valuenow': now_ms || 0, 'aria-valuetext': text };
}

export function Strip() {
    const { ref, box } = useBox();
    const canvas = useRef(null);
    const seen = box.value;
    useLayoutEffect(() => {
        if (seen)
            draw(canvas.current, seen);
    }, [seen, kept.value, source.value, theme.value]);
    usePast(() => [tension, busy, memoryRatio, ioPressure], seen !== null);
    const { from_ms, to_ms } = kept.value;
    const label = following.value || !isLong.value
        ? `moment within the last ${rangeInWords(to_ms - from_ms || store.window_ms)}`
        : `moment between ${stamp(from_ms)} and ${stamp(to_ms)}`;
    return (
        <section class="strip-place" aria-label="Time">
            <div class="strip" ref={ref} data-testid="strip" tabIndex="0" role="slider"
                aria-label={label} {...speech()} onKeyDown={onKeyDown}
                onPointerEnter={() => { hovered.value = true; }}
                onPointerLeave={() => { hovered.value = false; }}>
                <canvas ref={canvas} aria-hidden="true" />
                <Window />
                <Over of={kept} onClick={travel} />
                <Beat />
                <Tip />
            </div>
        </section>
    );
}
