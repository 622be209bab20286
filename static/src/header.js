import { useLayoutEffect, useRef } from 'preact/hooks';
import { clockOf, delay, interval, rangeInWords, rangeName, size, span } from './format.js';
import { openFind } from './find.js';
import { loopDelay, strain } from './sections/vital.js';
import { connection, frame, info, now, store } from './state.js';
import { back, canGoBack, follow, following, hold, isPinned, moment, pin, range, shift, spans }
    from './view.js';

const NEEDLE_DEGREES = 75;

function Logo() {
    const part = Math.min(1, now(strain) || 0);
    const turn = `rotate(${((part * 2 - 1) * NEEDLE_DEGREES).toFixed(1)} 10 13)`;
    return (
        <h1 class="logo">
            <svg width="20" height="20" viewBox="0 0 20 20" fill="none"
                stroke-linecap="round" aria-hidden="true">
                <path class="arc" d="M3 15a8.5 8.5 0 1 1 14 0" stroke-width="2" />
                <path class="needle" d="M10 13V5.2" stroke-width="2.2" transform={turn} />
                <circle class="hub" cx="10" cy="13" r="1.8" />
            </svg>
            tacho
        </h1>
    );
}

function Host() {
    const facts = info.value;
    frame.value;
    if (!facts)
        return <div class="host" />;
    const { name, os, cpus, memory_bytes, container_view } = facts.host;
    const processors = `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
    const up = facts.boot_time_ms ? ` · up ${span(store.time_ms - facts.boot_time_ms)}` : '';
    const view = container_view?.length ? ' · container view' : '';
    const more = `${view} · ${os} · ${processors} · ${size(memory_bytes)}${up}`;
    return <div class="host" title={name + more}>{name}<span class="more">{more}</span></div>;
}

/** Buttons where there is room, a list on a phone. */
function Ranges() {
    const { span_ms } = range.value;
    const isLive = following.value;
    return (
        <>
            <div class="seg ranges" role="group" aria-label="Range">
                {spans.value.map((ms) => (
                    <button key={ms} type="button" aria-pressed={isLive && ms === span_ms}
                        title={`the last ${rangeInWords(ms)}`} onClick={() => follow(ms)}>
                        {rangeName(ms)}
                    </button>))}
            </div>
            <select class="chip ranges-list" aria-label="Range" value={isLive ? span_ms : ''}
                onChange={(event) => follow(Number(event.currentTarget.value))}>
                {!isLive && <option value="">past</option>}
                {spans.value.map((ms) =>
                    <option key={ms} value={ms}>{rangeName(ms)}</option>)}
            </select>
        </>
    );
}

function Hold({ button }) {
    const isLive = following.value;
    const label = isLive ? 'Hold still' : 'Follow the present';
    return (
        <div class="seg">
            {canGoBack.value && !isLive &&
                <button type="button" aria-label="Back" title="Back"
                    onClick={back}>←</button>}
            <button type="button" class="step" aria-label="Earlier" title="Earlier (Shift ←)"
                onClick={() => shift(-1)}>‹</button>
            <button type="button" aria-label={label} title={label} data-testid="hold" ref={button}
                onClick={() => isLive ? hold() : follow()}>
                <svg width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">
                    {isLive ? <path d="M1 0h3v11H1zM7 0h3v11H7z" /> : <path d="M1 0l10 5.5L1 11z" />}
                </svg>
            </button>
            <button type="button" class="step" aria-label="Later" title="Later (Shift →)"
                disabled={isLive} onClick={() => shift(1)}>›</button>
        </div>
    );
}

/** The focus goes from the chip, when it vanishes, to the button beside it. */
function useFocusOf(chip, next) {
    const had = chip.current !== null && chip.current === document.activeElement;
    useLayoutEffect(() => {
        if (had && !chip.current)
            next.current.focus();
    });
}

/** The moment or the range that is looked at, if it is not the present; clicking returns to it. */
function Chip({ next }) {
    const chip = useRef(null);
    useFocusOf(chip, next);
    if (moment.value !== null)
        return (
            <button type="button" class="chip" data-testid="moment" ref={chip}
                disabled={!isPinned.value} aria-label={`${clockOf(moment.value)}: return to the present`}
                onClick={() => pin(null)}>
                {clockOf(moment.value)}{isPinned.value && ' ×'}
            </button>);
    if (following.value)
        return null;
    const { from_ms, to_ms } = range.value;
    const text = `${clockOf(from_ms)} – ${clockOf(to_ms)}`;
    return (
        <button type="button" class="chip" data-testid="moment" ref={chip}
            onClick={() => follow()} aria-label={`${text}: return to the present`}>
            <span class="from">{clockOf(from_ms)} – </span>{clockOf(to_ms)} ×
        </button>);
}

/** @returns {[string, string]} what is shown, and the part of it that is worth reading aloud */
function words({ phase, quiet_ms }) {
    if (phase === 'live')
        return [`${interval(store.interval_ms)} · loop ${delay(now(loopDelay))}`, 'live'];
    if (phase === 'stale')
        return [`stale · no tick for ${interval(quiet_ms)}`, 'stale'];
    if (phase === 'disconnected')
        return ['disconnected · retrying', 'disconnected, retrying'];
    return ['connecting', 'connecting'];
}

function State() {
    frame.value;
    const [shown, spoken] = words(connection.value);
    const isPast = moment.value !== null || !following.value;
    return (
        <div class={isPast ? 'live past' : 'live'} data-testid="state">
            <span class="dot" aria-hidden="true" />
            <span aria-hidden="true">{shown}</span>
            <span class="spoken" role="status">{spoken}</span>
        </div>
    );
}

/** Name, machine, what is looked at, and the state of the connection. */
export function Header() {
    const hold = useRef(null);
    return (
        <header class="top">
            <Logo />
            <Host />
            <button type="button" class="search" onClick={openFind}>
                Find a metric or process <kbd>/</kbd>
            </button>
            <Ranges />
            <Hold button={hold} />
            <Chip next={hold} />
            <State />
        </header>
    );
}
