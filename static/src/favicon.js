// The needle in the browser's own tab.

import { effect } from '@preact/signals';
import { strain } from './sections/vital.js';
import { live, now } from './state.js';

const STEPS = 12;
const NEEDLE_DEGREES = 75;

function picture(step) {
    const degrees = (step / STEPS * 2 - 1) * NEEDLE_DEGREES;
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">' +
        '<rect width="20" height="20" rx="4.5" fill="#161a20"/>' +
        '<g fill="none" stroke-linecap="round">' +
        '<path d="M4.6 14.4a6.9 6.9 0 1 1 10.8 0" stroke="#a3adba" stroke-width="1.8"/>' +
        `<path d="M10 12.6V6.1" stroke="#ff9e3d" stroke-width="2" transform="rotate(${
            degrees.toFixed(1)} 10 12.6)"/></g>` +
        '<circle cx="10" cy="12.6" r="1.7" fill="#ff9e3d"/></svg>';
}

/** Turns the needle when the strain has moved by a step; the browser draws each picture anew. */
export function moveFavicon() {
    const link = document.querySelector('link[rel="icon"]');
    let shown = -1;
    effect(() => {
        const step = live.value ? Math.round(Math.min(1, now(strain) || 0) * STEPS) : shown;
        if (step === shown)
            return;
        shown = step;
        link.href = `data:image/svg+xml,${encodeURIComponent(picture(step))}`;
    });
}
