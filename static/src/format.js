// Numbers, sizes and times as text. NaN means "no value" and is shown as an en dash.

const NONE = '–';
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P'];
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/**
 * @param {number} value
 * @param {number} decimals
 * @returns {string}
 */
export function fixed(value, decimals) {
    return Number.isFinite(value) ? value.toFixed(decimals) : NONE;
}

/**
 * A ratio as percent, without the sign.
 * @param {number} ratio 0..1
 * @param {number} [decimals]
 * @returns {string}
 */
export function percent(ratio, decimals = 0) {
    return fixed(ratio * 100, ratio >= 0.9995 ? 0 : decimals);
}

/**
 * The unit a value reads best in.
 * @param {number} value
 * @param {string} base 'bytes' scales by 1024, anything else by 1000, as 'B/s'
 * @returns {{name: string, size: number, decimals: number}}
 */
export function unitOf(value, base) {
    const step = base === 'bytes' ? 1024 : 1000;
    let power = 0;
    let scaled = Number.isFinite(value) ? Math.abs(value) : 0;
    // 999.5 and not 1000, so that rounding never shows 1000 of the smaller unit.
    while (scaled >= step - 0.5 && power < DECIMAL.length - 1) {
        scaled /= step;
        power++;
    }
    const name = base === 'bytes' ? BINARY[power] : DECIMAL[power] + base;
    return { name, size: step ** power, decimals: scaled < 9.95 && power > 0 ? 1 : 0 };
}

/**
 * @param {number} bytes
 * @returns {string} as "31.2 GiB"
 */
export function size(bytes) {
    const unit = unitOf(bytes, 'bytes');
    return `${fixed(bytes / unit.size, unit.size > 1 ? 1 : 0)} ${unit.name}`;
}

/**
 * A span as its largest unit.
 * @param {number} ms
 * @returns {string} as "41 d", "300 ms"
 */
export function span(ms) {
    const minutes = ms / 60000;
    if (!Number.isFinite(ms))
        return NONE;
    if (ms < 10000)
        return interval(Math.round(ms));
    if (minutes < 1)
        return `${Math.floor(ms / 1000)} s`;
    if (minutes < 60)
        return `${Math.floor(minutes)} min`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/**
 * @param {number} ms
 * @returns {string} as "1 s", "100 ms"
 */
export function interval(ms) {
    return ms < 1000 ? `${ms} ms` : `${+(ms / 1000).toFixed(1)} s`;
}

const UNITS = [['d', 86400, 'day'], ['h', 3600, 'hour'], ['m', 60, 'minute'],
    ['s', 1, 'second']];

/**
 * A range as a button says it, in the largest unit that it is a whole number of.
 * @param {number} ms
 * @returns {string} as "5m"
 */
export function rangeName(ms) {
    const seconds = Math.round(ms / 1000);
    // One day is said in hours.
    const [short, size] = UNITS.slice(seconds === 86400 ? 1 : 0)
        .find(([, unit]) => seconds % unit === 0);
    return `${seconds / size}${short}`;
}

/**
 * A range as a sentence says it.
 * @param {number} ms
 * @returns {string} as "5 minutes", "8 minutes 30 seconds"
 */
export function rangeInWords(ms) {
    let left = Math.round(ms / 1000);
    const parts = UNITS.map(([, size, word]) => {
        const count = Math.floor(left / size);
        left %= size;
        return count > 0 && `${count} ${word}${count === 1 ? '' : 's'}`;
    });
    return parts.filter(Boolean).join(' ') || '0 seconds';
}

/**
 * A short delay, three digits at most.
 * @param {number} seconds
 * @returns {string} as "0.2 ms"
 */
export function delay(seconds) {
    if (seconds >= 0.9995)
        return `${fixed(seconds, 1)} s`;
    return `${fixed(seconds * 1000, seconds < 0.00995 ? 1 : 0)} ms`;
}

const two = (number) => String(number).padStart(2, '0');

/**
 * @param {number} time_ms Unix milliseconds
 * @returns {string} as "14:31:07", in the browser's zone
 */
export function clock(time_ms) {
    return `${minute(time_ms)}:${two(new Date(time_ms).getSeconds())}`;
}

/**
 * @param {number} time_ms Unix milliseconds
 * @returns {string} as "14:31", in the browser's zone
 */
export function minute(time_ms) {
    const date = new Date(time_ms);
    return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * @param {number} time_ms Unix milliseconds
 * @returns {string} as "3 Nov", in the browser's zone
 */
export function day(time_ms) {
    const date = new Date(time_ms);
    return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

const isToday = (time_ms) =>
    new Date(time_ms).toDateString() === new Date().toDateString();

/**
 * A time that may be some days ago, shortly.
 * @param {number} time_ms Unix milliseconds
 * @returns {string} as "14:31:07", in the browser's zone; "3 Nov 14:31" if not of today
 */
export function clockOf(time_ms) {
    return isToday(time_ms) ? clock(time_ms) : `${day(time_ms)} ${minute(time_ms)}`;
}

/**
 * A time that may be long ago.
 * @param {number} time_ms Unix milliseconds
 * @returns {string} as "14:31:07", in the browser's zone; "2026-11-03 14:31:07" if not of today
 */
export function stamp(time_ms) {
    const date = new Date(time_ms);
    if (isToday(time_ms))
        return clock(time_ms);
    const whole = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
    return `${whole} ${clock(time_ms)}`;
}
