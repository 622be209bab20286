// The colours of app.css, for what is drawn on a canvas.

import { signal } from '@preact/signals';

/** Changes whenever the colours do. */
export const theme = signal(0);

let colours = new Map();

/**
 * @param {string} token as "s1" or "faint"
 * @returns {string} #rrggbb
 */
export function colour(token) {
    if (!colours.has(token)) {
        const style = getComputedStyle(document.documentElement);
        colours.set(token, style.getPropertyValue(`--${token}`).trim());
    }
    return colours.get(token);
}

/**
 * @param {string} token
 * @param {number} opacity 0..1
 * @returns {string} #rrggbbaa
 */
export function tint(token, opacity) {
    return colour(token) + Math.round(opacity * 255).toString(16).padStart(2, '0');
}

function onChange() {
    colours = new Map();
    theme.value++;
}

matchMedia('(prefers-color-scheme: light)').addEventListener('change', onChange);
new MutationObserver(onChange)
    .observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
