import { delay, interval, size, span } from './format.js';
import { vital } from './overview.js';
import { connection, frame, info, now, store } from './state.js';

const NEEDLE_DEGREES = 75;

function Logo() {
    const busy = Math.min(1, now(vital.busy) || 0);
    const turn = `rotate(${((busy * 2 - 1) * NEEDLE_DEGREES).toFixed(1)} 10 13)`;
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
    const { name, os, cpus, memory_bytes } = facts.host;
    const processors = `${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
    const up = facts.boot_time_ms ? ` · up ${span(store.time_ms - facts.boot_time_ms)}` : '';
    const more = ` · ${os} · ${processors} · ${size(memory_bytes)}${up}`;
    return <div class="host" title={name + more}>{name}<span class="more">{more}</span></div>;
}

/** @returns {[string, string]} what is shown, and the part of it that is worth reading aloud */
function words({ phase, quiet_ms }) {
    if (phase === 'live')
        return [`${interval(store.interval_ms)} · loop ${delay(now(vital.loopDelay))}`, 'live'];
    if (phase === 'stale')
        return [`stale · no tick for ${interval(quiet_ms)}`, 'stale'];
    if (phase === 'disconnected')
        return ['disconnected · retrying', 'disconnected, retrying'];
    return ['connecting', 'connecting'];
}

function State() {
    frame.value;
    const [shown, spoken] = words(connection.value);
    return (
        <div class="live" data-testid="state">
            <span class="dot" aria-hidden="true" />
            <span aria-hidden="true">{shown}</span>
            <span class="spoken" role="status">{spoken}</span>
        </div>
    );
}

/** Name, machine and the state of the connection. */
export function Header() {
    return (
        <header class="top">
            <Logo />
            <Host />
            <State />
        </header>
    );
}
