// Waiting with a bound.

import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * Asks again and again until the answer is neither false nor null nor undefined.
 * @template T
 * @param {string} what for the failure's text
 * @param {() => T | Promise<T>} ask
 * @param {{timeout_ms?: number, every_ms?: number}} [bounds]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, { timeout_ms = 20000, every_ms = 20 } = {}) {
    for (const end = Date.now() + timeout_ms; ;) {
        const answer = await ask();
        if (answer !== false && answer !== null && answer !== undefined)
            return answer;
        if (Date.now() > end)
            throw new Error(`${what}: not within ${timeout_ms} ms`);
        await sleep(every_ms);
    }
}

/**
 * The promise's result, or a failure after the bound.
 * @template T
 * @param {string} what
 * @param {Promise<T>} promise
 * @param {number} [timeout_ms]
 * @returns {Promise<T>}
 */
export async function within(what, promise, timeout_ms = 20000) {
    const controller = new AbortController();
    const late = sleep(timeout_ms, undefined, { signal: controller.signal }).then(() => {
        throw new Error(`${what}: not within ${timeout_ms} ms`);
    });
    late.catch(() => {});
    try {
        return await Promise.race([promise, late]);
    } finally {
        controller.abort();
    }
}
